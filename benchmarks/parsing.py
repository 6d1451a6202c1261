"""What `payreq.parse` takes, by kind of body and by size: the bodies that servers send.

No two that are read are the same, so that nothing is known from the time before. The worst that a
hostile server can send is the matter of reading.py.
"""

from __future__ import annotations

import json
from base64 import b64encode
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

import httpx
from tables import Table
from timing import take_turns, typical

import payreq

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tables import Measured
    from timing import Timings

ROUNDS, CALLS = 12, 4
KIB = 1024
SIZES = (0, 1, 4, 16, 64)
"""KiB of the body; 0: as it is, without a filling."""

JSON, HTML, XML, TEXT = "application/json", "text/html", "application/xml", "text/plain"
MORE = '"more": ['
ITEMS = ('{"name": "step", "took": 12, "done": true},', "1]}")

OFFER = (
    '{"scheme": "exact", "network": "eip155:8453", "amount": "10000", "asset": "USDC", '
    '"payTo": "0x0000000000000000000000000000000000000001"}'
)
TERMS = (
    f'{{"x402Version": 2, "resource": {{"url": "https://api.example.com"}}, "accepts": [{OFFER}]}}'
)
PROBLEM = payreq.problem("quota_exceeded", detail="Export {n} is one too many.", limit=30, used=30)
ASKED = b64encode(b'{"amount": "100", "currency": "usd", "recipient": "acct_0123"}').decode()


class Kind(NamedTuple):
    """A kind of answer.

    Attributes:
        status: Its status.
        media: The type of its body.
        start: How its body begins; `{n}` is a number that no other has.
        unit: What fills it up to a size.
        end: How it ends.
        headers: Further headers, with `{n}`, too.
    """

    status: int
    media: str
    start: str
    unit: str
    end: str
    headers: dict[str, str]


def _json(status: int, start: str, media: str = JSON, **headers: str) -> Kind:
    return Kind(status, media, f"{{{start}, {MORE}", *ITEMS, headers)


KINDS = {
    "JSON error, a code": _json(
        402, '"error": {"code": "insufficient_credits", "message": "No credits for export {n}."}'
    ),
    "JSON error of a known provider": _json(
        429, '"error": {"code": "insufficient_quota", "message": "The quota of {n} is used up."}'
    ),
    "problem+json": _json(402, PROBLEM.body.decode()[1:-1], "application/problem+json"),
    "JSON, a sentence alone": _json(
        403, '"message": "Your plan does not include report {n}. Upgrade to Business to see it."'
    ),
    "text, a sentence alone": Kind(
        403,
        TEXT,
        "Your plan does not include report {n}. Upgrade to Business to see it.",
        " Reports are made once a day, in the night, from what was written until then.",
        "",
        {},
    ),
    "HTML page": Kind(
        402,
        HTML,
        "<!doctype html><html><head><title>Payment required</title></head><body><h1>Your trial no. "
        "{n} ended</h1><p>Choose a plan to go on.</p>",
        '<div class="row"><p>Reports are made once a day.</p><a href="/help">Help</a></div>',
        "</body></html>",
        {},
    ),
    "XML": Kind(
        402,
        XML,
        "<?xml version='1.0'?><Error><Code>InsufficientBalance</Code><Message>The balance of {n} "
        "is too low.</Message>",
        "<Step><Name>step</Name><Took>12</Took></Step>",
        "</Error>",
        {},
    ),
    "x402, in a header": _json(402, '"no": {n}', **{"payment-required": TERMS}),
    "x402, in the body": Kind(
        402, JSON, f'{{"x402Version": 1, "no": {{n}}, "accepts": [{OFFER}', f", {OFFER}", "]}", {}
    ),
    "MPP": _json(
        402,
        '"no": {n}',
        **{
            "www-authenticate": f'Payment id="no-{{n}}", realm="api.example.com", method="tempo", '
            f'intent="charge", request="{ASKED}"'
        },
    ),
    "no refusal: a rate limit": _json(
        429,
        '"error": {"code": "rate_limit_exceeded", "message": "Too many requests: {n} a minute"}',
    ),
    "no refusal: a permission": _json(
        403, '"error": {"code": "forbidden", "message": "Key {n} may not read this."}'
    ),
    "no refusal: invalid input": _json(
        400, '"error": {"code": "invalid_request", "message": "Field {n} must be a number."}'
    ),
}


def measure() -> Measured:
    """Time each kind in each size."""
    timings: Timings = {}
    for size in SIZES:
        timings |= take_turns(
            {
                f"{name} {size}": _parsing([_response(kind, n, size) for n in range(_calls())])
                for name, kind in KINDS.items()
            },
            rounds=ROUNDS,
            calls=CALLS,
        )
    yield Table(
        "Reading a refusal",
        "`python benchmarks/run.py parsing`: microseconds that `payreq.parse` takes, by kind of "
        "body: as it is, and filled up to a size with more of what such bodies hold. A plain text "
        "of some KiB is taken for prose, in which nothing is looked for.",
        ("µs", *(f"{size} KiB" if size else "as it is" for size in SIZES)),
        [
            (name, *(f"{1e6 * typical(timings[f'{name} {size}']):,.0f}" for size in SIZES))
            for name in KINDS
        ],
    )


def _calls() -> int:
    return (ROUNDS + 1) * CALLS


def _parsing(responses: list[httpx.Response]) -> Callable[[], object]:
    return partial(_parse_next, iter(responses))


def _parse_next(responses: Iterator[httpx.Response]) -> None:
    payreq.parse(next(responses))


def _response(kind: Kind, number: int, size: int) -> httpx.Response:
    start, end = kind.start.replace("{n}", str(number)), kind.end
    room = max(0, size * KIB - len(start) - len(end)) // len(kind.unit)
    body = start + kind.unit * room + end
    host = "api.openai.com" if "insufficient_quota" in start else "api.example.com"
    return httpx.Response(
        kind.status,
        headers={
            "date": "Wed, 25 Nov 2026 10:00:00 GMT",
            "content-type": kind.media,
            "server": "nginx",
            "x-request-id": "req_0123456789abcdef",
        }
        | {name: _encoded(name, value, number) for name, value in kind.headers.items()},
        content=body.encode(),
        request=httpx.Request("POST", f"https://{host}/v1/exports"),
    )


def _encoded(name: str, value: str, number: int) -> str:
    if name == "payment-required":
        return b64encode(json.dumps(json.loads(value) | {"no": number}).encode()).decode()
    return value.replace("{n}", str(number))
