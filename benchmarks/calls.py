"""What a guard adds to a call: refused or not, beside other blocks, beside a retrying transport.

Nothing here leaves the process: every client sends through the same kind of MockTransport.
"""

from __future__ import annotations

from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING

import httpx
from bar import Bar
from httpx_retries import RetryTransport
from timing import take_turns, typical

import payreq

if TYPE_CHECKING:
    from collections.abc import Iterator

ROUNDS, CALLS = 200, 50
OTHERS = 50

FINE = "https://api.example.com/v1/reports"
REFUSED = "https://api.example.com/v1/exports"
HEADERS = {"Authorization": "Bearer sk-benchmark-0123456789"}


def bars() -> Iterator[Bar]:
    """Time the calls and yield what is asked of them."""
    bare = _client(_transport())
    beside = _guarded()
    for number in range(OTHERS):
        _refused(beside, f"{REFUSED}/{number}")
    blocked = _guarded()
    _refused(blocked, REFUSED)

    timings = take_turns(
        {
            "bare": lambda: bare.get(FINE),
            "beside": lambda: beside.get(FINE),
            "blocked": lambda: _refused(blocked, REFUSED),
        },
        rounds=ROUNDS,
        calls=CALLS,
    )
    us = {name: 1e6 * typical(rounds) for name, rounds in timings.items()}
    adds = {name: time - us["bare"] for name, time in us.items()}
    yield _beside_a_retrying_transport()
    yield Bar(
        f"a guard adds beside {OTHERS} blocks, of a client.get",
        adds["beside"] / us["bare"],
        0.1,
        f"{adds['beside']:.1f} of {us['bare']:.1f} us",
    )
    yield Bar(
        "a refusal here takes, of a client.get",
        us["blocked"] / us["bare"],
        1.0,
        f"{us['blocked']:.1f} of {us['bare']:.1f} us",
    )


def _beside_a_retrying_transport() -> Bar:
    """Compare what each adds, on requests and answers so lean that little else is measured."""
    clients = {
        "bare": _client(_Lean()),
        "retrying": _client(RetryTransport(_Lean())),
        "guarded": payreq.Guard().wrap(_client(_Lean())),
    }
    sends = {
        name: partial(client.send, client.build_request("GET", FINE))
        for name, client in clients.items()
    }
    us = {
        name: 1e6 * typical(rounds)
        for name, rounds in take_turns(sends, rounds=2 * ROUNDS, calls=CALLS).items()
    }
    guard, retries = us["guarded"] - us["bare"], us["retrying"] - us["bare"]
    return Bar(
        "a guard adds, of what httpx-retries adds",
        guard / retries,
        0.5,
        f"{guard:.1f} of {retries:.1f} us",
    )


class _Lean(httpx.BaseTransport):
    """Answers without a body, at once."""

    def handle_request(self, request: httpx.Request) -> httpx.Response:  # noqa: ARG002  # none is looked at
        return httpx.Response(200)


def _client(transport: httpx.BaseTransport) -> httpx.Client:
    return httpx.Client(transport=transport, headers=HEADERS)


def _guarded() -> httpx.Client:
    guard = payreq.Guard(
        features={f"export {number}": f"GET /v1/exports/{number}" for number in range(OTHERS)}
    )
    return guard.wrap(_client(_transport()))


def _transport() -> httpx.MockTransport:
    return httpx.MockTransport(_answer)


def _answer(request: httpx.Request) -> httpx.Response:
    if request.url.path.startswith("/v1/exports"):
        return httpx.Response(402, json={"error": {"code": "insufficient_credits"}})
    return httpx.Response(200, json={"ok": True})


def _refused(client: httpx.Client, url: str) -> None:
    with suppress(payreq.PaymentRequired):
        client.get(url)
