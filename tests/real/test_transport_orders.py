"""Which order of transports is right, counted at a server: the table of docs/retrying.md."""

from __future__ import annotations

import re
from pathlib import Path

import httpx
import pytest
from hishel import SqliteStorage
from hishel.httpx import CacheTransport
from httpx_retries import RetryTransport

import payreq
from payreq.testing import Clock

PAGE = Path(__file__).parents[2] / "docs" / "retrying.md"
PATH = "/v1/exports"
OUT_OF_QUOTA = {"error": {"type": "insufficient_quota", "code": "insufficient_quota"}}


class Parts:
    """What a client is put together of, under the names of the table."""

    def __init__(self, folder):
        self.clock = Clock()
        self.guard = payreq.Guard(clock=self.clock)
        self._folder = folder

    def wrapped(self, transport):
        return self.guard.wrap(httpx.Client(transport=transport))

    def payment(self, inner):
        return payreq.PaymentTransport(inner, guard=self.guard)

    def cache(self, inner):
        storage = SqliteStorage(database_path=self._folder / "cache.db")
        return CacheTransport(inner, storage=storage, rfc=True)


ORDERS = {
    "httpx.Client(transport=RetryTransport())": lambda parts: httpx.Client(
        transport=RetryTransport(httpx.HTTPTransport())
    ),
    "guard.wrap(httpx.Client(transport=RetryTransport()))": lambda parts: parts.wrapped(
        RetryTransport(httpx.HTTPTransport())
    ),
    "RetryTransport(PaymentTransport(…))": lambda parts: httpx.Client(
        transport=RetryTransport(parts.payment(httpx.HTTPTransport()))
    ),
    "PaymentTransport(RetryTransport(…))": lambda parts: httpx.Client(
        transport=parts.payment(RetryTransport(httpx.HTTPTransport()))
    ),
    "httpx.Client(transport=CacheTransport(…))": lambda parts: httpx.Client(
        transport=parts.cache(httpx.HTTPTransport())
    ),
    "guard.wrap(httpx.Client(transport=CacheTransport(…)))": lambda parts: parts.wrapped(
        parts.cache(httpx.HTTPTransport())
    ),
    "CacheTransport(PaymentTransport(…))": lambda parts: httpx.Client(
        transport=parts.cache(parts.payment(httpx.HTTPTransport()))
    ),
    "PaymentTransport(CacheTransport(…))": lambda parts: httpx.Client(
        transport=parts.payment(parts.cache(httpx.HTTPTransport()))
    ),
}


def rows():
    """Return the table of the page: what an order comes to, by its name."""
    text = PAGE.read_text("utf-8")
    found = re.findall(r"^\| `([^`]+)` \| (\d+) \| (\d+) \| (yes|no) \|", text, re.MULTILINE)
    return {order: (int(refused), int(busy), back) for order, refused, busy, back in found}


@pytest.mark.parametrize("order", ORDERS)
def test_the_table_says_what_is_so(server, slept, tmp_path, order):
    parts = Parts(tmp_path)

    def ask(path):
        try:
            return client.get(server.url + path).status_code
        except payreq.PaymentRequired as refusal:
            return refusal.details.status

    with ORDERS[order](parts) as client:
        server.answer("/busy", 503)
        server.then("/busy", 503)
        server.then("/busy", 200)
        ask("/busy")
        server.answer(PATH, 429, headers={"cache-control": "max-age=600"}, body=OUT_OF_QUOTA)
        assert ask(PATH) == 429
        sent = server.count(PATH)
        server.answer(PATH, 200)
        parts.clock.advance(60)
        back = "yes" if ask(PATH) == 200 else "no"
    assert (sent, server.count("/busy"), back) == rows()[order]


def test_the_table_has_every_order_and_no_other():
    assert list(rows()) == list(ORDERS)
