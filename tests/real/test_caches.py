"""hishel's cache, around payreq and inside it: what is refused is never kept."""

from __future__ import annotations

import asyncio

import httpx
import httpx2
import pytest
from hishel import AsyncSqliteStorage, SqliteStorage
from hishel import httpx as cache_of_httpx
from hishel import httpx2 as cache_of_httpx2

import payreq
from payreq.testing import Clock

PATH = "/v1/exports"
FRESH = {"cache-control": "max-age=600"}
NO_CREDIT = {"error": {"code": "insufficient_credits", "message": "No credits are left."}}
CACHES = {httpx: cache_of_httpx, httpx2: cache_of_httpx2}


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def guard(clock):
    return payreq.Guard(features={"export": f"* {PATH}"}, clock=clock)


def wrapped(library, cached, guard):
    return guard.wrap(library.Client(transport=cached(library.HTTPTransport())))


def around(library, cached, guard):
    kind = payreq.PaymentTransport if library is httpx else payreq.httpx2.PaymentTransport
    return library.Client(transport=cached(kind(library.HTTPTransport(), guard=guard)))


def inside(library, cached, guard):
    kind = payreq.PaymentTransport if library is httpx else payreq.httpx2.PaymentTransport
    return library.Client(transport=kind(cached(library.HTTPTransport()), guard=guard))


@pytest.fixture(params=[httpx, httpx2], ids=lambda library: library.__name__)
def client_of(request, guard, tmp_path):
    """Make a client whose cache follows RFC 9111, so that it keeps whatever says it is fresh."""
    library = request.param

    def cached(transport):
        storage = SqliteStorage(database_path=tmp_path / "cache.db")
        return CACHES[library].CacheTransport(transport, storage=storage, rfc=True)

    opened = []

    def make(order):
        opened.append(order(library, cached, guard))
        return opened[-1]

    yield make
    for client in opened:
        client.close()


def refused(client, url):
    with pytest.raises(payreq.CreditsExhausted) as caught:
        client.get(url)
    return caught.value


@pytest.mark.parametrize("order", [wrapped, around])
@pytest.mark.parametrize("refusals", ["raise", "return"])
def test_a_refusal_is_never_kept(server, guard, client_of, order, refusals):
    guard.refusals = refusals
    server.answer(PATH, 402, headers=FRESH, body=NO_CREDIT)
    client, url = client_of(order), server.url + PATH

    def ask():
        try:
            return client.get(url).status_code
        except payreq.CreditsExhausted as refusal:
            return refusal.details.status

    assert [ask(), ask()] == [402, 402]
    assert server.count(PATH) == 1
    server.answer(PATH, 200)
    guard.clock.advance(60)
    assert ask() == 200
    assert guard.blocks.active() == []


@pytest.mark.parametrize("order", [wrapped, around])
def test_what_is_kept_is_given_while_its_feature_is_blocked(server, guard, client_of, order):
    server.answer("/v1/prices", 200, headers=FRESH)
    client = client_of(order)
    with payreq.feature("one"):
        client.get(f"{server.url}/v1/prices")
        server.answer(PATH, 402, body=NO_CREDIT)
        refused(client, server.url + PATH)
        assert client.get(f"{server.url}/v1/prices").status_code == 200
    assert server.count("/v1/prices") == 1


def test_a_cache_inside_payreq_keeps_a_refusal_and_it_counts_for_nothing(
    server, guard, clock, client_of
):
    server.answer(PATH, 402, headers=FRESH, body=NO_CREDIT)
    client, url = client_of(inside), server.url + PATH
    assert refused(client, url).block is not None
    server.answer(PATH, 200)
    clock.advance(60)
    assert refused(client, url).sent  # the cache said so, and it is paid by now
    assert 5 <= guard.blocks.get("export").next_check.timestamp() - clock.now <= 10
    assert server.count(PATH) == 1


@pytest.mark.parametrize("library", [httpx, httpx2])
def test_an_async_client_is_no_different(server, guard, clock, tmp_path, library):
    server.answer(PATH, 402, headers=FRESH, body=NO_CREDIT)
    url = server.url + PATH

    async def run():
        transport = CACHES[library].AsyncCacheTransport(
            library.AsyncHTTPTransport(),
            storage=AsyncSqliteStorage(database_path=tmp_path / "cache.db"),
            rfc=True,
        )
        async with guard.wrap(library.AsyncClient(transport=transport)) as client:
            for _ in range(2):
                with pytest.raises(payreq.CreditsExhausted):
                    await client.get(url)
            server.answer(PATH, 200)
            clock.advance(60)
            return await client.get(url)

    assert asyncio.run(run()).status_code == 200
    assert server.count(PATH) == 2
