"""What a guard adds to a request that is answered, beside what other transports add.

Every client sends through the same lean transport; what is around it is all that differs. The
transport of x402 is async alone.
"""

from __future__ import annotations

import asyncio
from functools import partial
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

import httpx
import trio
from bar import Bar
from caches import async_cache, cache
from httpx_retries import RetryTransport
from lean import HEADERS, URL, Lean, sending
from tables import Table, more, us
from timing import added, take_turns, take_turns_async, typical
from x402 import x402Client
from x402.http.clients import x402_httpx_transport

import payreq

if TYPE_CHECKING:
    from collections.abc import Callable

    from tables import Measured
    from timing import Timings

ROUNDS, CALLS = 400, 20

BARE = "httpx alone"
PASSING = "a transport that only passes on"
BY_WRAP = "`guard.wrap(client)`"
BY_HAND = "`PaymentTransport(inner)`"
RETRIES = f"httpx-retries {version('httpx-retries')}"
CACHE = f"hishel {version('hishel')}, where nothing may be kept"
X402 = f"x402 {version('x402')}"


def measure() -> Measured:
    """Time the peers, sync and async."""
    columns: dict[str, Timings] = {
        "transport": take_turns(_transports(), rounds=ROUNDS, calls=CALLS),
        "sync": take_turns(_clients(), rounds=ROUNDS, calls=CALLS),
        "asyncio": asyncio.run(_awaited()),
        "trio": trio.run(_awaited),
    }
    yield Table(
        "Requests that are answered",
        "`python benchmarks/run.py peers`: what each adds to a request over the same lean "
        "transport: to that alone, and to `client.send`, sync and async. Nothing is blocked.",
        ("", *columns),
        [
            (name, *(_cell(timings, name) for timings in columns.values()))
            for name in (BARE, PASSING, BY_WRAP, BY_HAND, RETRIES, CACHE, X402)
        ],
    )
    for column in ("sync", "asyncio", "trio"):
        guard, retries = (added(columns[column], name, BARE) for name in (BY_WRAP, RETRIES))
        yield Bar(
            f"{BY_WRAP} adds, of what httpx-retries adds, {column}",
            guard / retries,
            1.0,
            f"{us(guard)} of {us(retries)}",
        )


def _cell(timings: Timings, name: str) -> str:
    if name not in timings:
        return ""
    return us(typical(timings[name])) if name == BARE else more(added(timings, name, BARE))


def _transports() -> dict[str, Callable[[], Any]]:
    request = httpx.Request("GET", URL, headers=HEADERS)
    inner = {BARE: Lean()} | {name: wrap(Lean()) for name, wrap in _around().items()}
    return {name: partial(each.handle_request, request) for name, each in inner.items()}


def _clients() -> dict[str, Callable[[], Any]]:
    clients = {name: httpx.Client(transport=wrap(Lean())) for name, wrap in _around().items()}
    clients[BARE] = httpx.Client(transport=Lean())
    clients[BY_WRAP] = payreq.wrap(httpx.Client(transport=Lean()))
    return {name: sending(client) for name, client in clients.items()}


async def _awaited() -> Timings:
    transports: dict[str, Any] = {
        BARE: Lean(),
        PASSING: _AsyncPassing(Lean()),
        BY_HAND: payreq.AsyncPaymentTransport(Lean()),
        RETRIES: RetryTransport(Lean()),
        CACHE: await async_cache(Lean()),
        X402: x402_httpx_transport(x402Client(), Lean()),
    }
    clients = {name: httpx.AsyncClient(transport=each) for name, each in transports.items()}
    clients[BY_WRAP] = payreq.wrap(httpx.AsyncClient(transport=Lean()))
    timings = await take_turns_async(
        {name: sending(client) for name, client in clients.items()}, rounds=ROUNDS, calls=CALLS
    )
    for client in clients.values():
        await client.aclose()
    return timings


def _around() -> dict[str, Callable[[Any], Any]]:
    return {
        PASSING: _Passing,
        BY_HAND: payreq.PaymentTransport,
        RETRIES: RetryTransport,
        CACHE: cache,
    }


class _Passing(httpx.BaseTransport):
    """The least that any transport around another can cost."""

    def __init__(self, inner: Any) -> None:
        self._inner = inner

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        answer: httpx.Response = self._inner.handle_request(request)
        return answer


class _AsyncPassing(httpx.AsyncBaseTransport):
    """The same, async."""

    def __init__(self, inner: Any) -> None:
        self._inner = inner

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        answer: httpx.Response = await self._inner.handle_async_request(request)
        return answer
