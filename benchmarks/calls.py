"""What a guard adds to a call: refused or not, beside other blocks, beside a retrying transport.

What it adds to a transport is told in microseconds: what the transport inside takes is taken off.

Nothing here leaves the process: every client sends through the same kind of MockTransport.
"""

from __future__ import annotations

from contextlib import suppress
from functools import partial
from itertools import cycle
from typing import TYPE_CHECKING, Any

import httpx
from bar import Bar
from httpx_retries import RetryTransport
from timing import take_turns, typical

import payreq
from payreq.blocking import block as rules
from payreq.details import PaymentDetails

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

ROUNDS, CALLS = 200, 50
OTHERS = 50
BLOCKS = 10_000

FINE = "https://api.example.com/v1/reports"
REFUSED = "https://api.example.com/v1/exports"
COMMON = {"Accept": "*/*", "Accept-Encoding": "gzip", "Connection": "keep-alive", "User-Agent": "x"}
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
    yield from _over_a_transport()
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


def _over_a_transport() -> Iterator[Bar]:
    """Compare transports with and without a guard, on requests and answers made beforehand.

    It is the guard's own work with its code at hand: between calls that do more, it takes some
    three times as long, as the processor has to fetch the code anew.
    """
    guards = {
        "no block": _features(),
        f"{BLOCKS:,} blocks, of other origins": _blocked(
            lambda n: _request(f"https://api{n}.example.com/v1/reports")
        ),
        f"{BLOCKS:,} blocks, of other features": _blocked(lambda n: _request(feature=f"other {n}")),
        f"{BLOCKS:,} blocks, of other accounts": _blocked(
            lambda n: _request(key=f"sk-benchmark-other-{n}")
        ),
    }
    for kind, bare, guarded, sending in (
        ("", _Ready(), payreq.PaymentTransport, _sending),
        (", async", _AsyncReady(), payreq.AsyncPaymentTransport, _sending_async),
    ):
        cases = {name: sending(guarded(bare, guard=guard)) for name, guard in guards.items()}
        timings = take_turns({"bare": sending(bare), **cases}, rounds=ROUNDS // 4, calls=20 * CALLS)
        us = {name: 1e6 * typical(rounds) for name, rounds in timings.items()}
        for name in guards:
            yield Bar(
                f"a guard adds{kind}, {name}",
                us[name] - us["bare"],
                0.5 if name == "no block" else 3.0,
                f"{us[name]:.2f} - {us['bare']:.2f} us",
                " us",
            )


def _features() -> payreq.Guard:
    return payreq.Guard(
        features={f"export {number}": f"GET /v1/exports/{number}" for number in range(OTHERS)}
    )


def _blocked(request: Callable[[int], httpx.Request]) -> payreq.Guard:
    """Return a guard that holds a block for every request of a number."""
    guard = _features()
    details = PaymentDetails(reason=payreq.Reason.CREDITS_EXHAUSTED, status=402)
    now = guard.clock()
    for number in range(BLOCKS):
        # Written straight into the store: refusals, one by one, would take half a minute.
        key, _ = guard.scoper.key(request(number))
        guard.ledger.store.swap(key, 0, rules.begin(key, details, now), now)
    return guard


def _request(
    url: str = FINE, *, key: str = "sk-benchmark-0123456789", feature: str | None = None
) -> httpx.Request:
    """Return a request as an `httpx.Client` makes it."""
    extensions = {"payreq_feature": feature} if feature else {}
    headers = {**COMMON, "Authorization": f"Bearer {key}"}
    return httpx.Request("GET", url, headers=headers, extensions=extensions)


def _requests() -> Iterator[httpx.Request]:
    return cycle([_request() for _ in range(CALLS)])


def _sending(transport: Any) -> Callable[[], object]:
    requests = _requests()
    return lambda: transport.handle_request(next(requests))


def _sending_async(transport: Any) -> Callable[[], object]:
    """Return what drives a coroutine that waits for nothing to its end, without an event loop."""
    requests = _requests()

    def send() -> None:
        with suppress(StopIteration):
            transport.handle_async_request(next(requests)).send(None)

    return send


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


class _Ready(httpx.BaseTransport):
    """Answers with what it has ready, so that nothing but the guard's own work is measured."""

    answer = httpx.Response(200)

    def handle_request(self, request: httpx.Request) -> httpx.Response:  # noqa: ARG002  # none is looked at
        return self.answer


class _AsyncReady(httpx.AsyncBaseTransport):
    """The same for an async client."""

    answer = httpx.Response(200)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:  # noqa: ARG002  # none is looked at
        return self.answer


def _client(transport: httpx.BaseTransport) -> httpx.Client:
    return httpx.Client(transport=transport, headers=HEADERS)


def _guarded() -> httpx.Client:
    return _features().wrap(_client(_transport()))


def _transport() -> httpx.MockTransport:
    return httpx.MockTransport(_answer)


def _answer(request: httpx.Request) -> httpx.Response:
    if request.url.path.startswith("/v1/exports"):
        return httpx.Response(402, json={"error": {"code": "insufficient_credits"}})
    return httpx.Response(200, json={"ok": True})


def _refused(client: httpx.Client, url: str) -> None:
    with suppress(payreq.PaymentRequired):
        client.get(url)
