"""What a refusal costs: one that the server sends, and one that is refused here.

Beside them stands what an app without a guard does: it gets the 402 and calls `raise_for_status`.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Any

import httpx
import trio
from bar import Bar
from growth import MANY, blocking
from lean import HEADERS, URL, Refusing, sending
from tables import Table, us
from timing import take_turns, take_turns_async, typical

import payreq

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from tables import Measured
    from timing import Timings

ROUNDS, CALLS = 100, 10

BARE = "httpx alone: a 402, and `raise_for_status`"
HERE = "refused here, raised"
BESIDE = f"refused here, raised, beside {MANY:,} blocks"
BACK = "refused here, handed back"
READ = "refused by the server: read, blocked, raised"
CASES = (BARE, HERE, BESIDE, BACK, READ)


def measure() -> Measured:
    """Time refusals under each event loop, and without one."""
    columns: dict[str, Timings] = {
        "sync": _timed(),
        "asyncio": asyncio.run(_timed_async()),
        "trio": trio.run(_timed_async),
    }
    times = {
        column: {case: typical(timings[case]) for case in CASES}
        for column, timings in columns.items()
    }
    yield Table(
        "Refusals",
        "`python benchmarks/run.py refusing`: one call that is refused, over the lean transport; "
        "what is refused here saves the way to the server and back, besides.",
        ("", *columns),
        [(case, *(us(times[column][case]) for column in columns)) for case in CASES],
    )
    for column, of in times.items():
        yield Bar(
            f"a refusal here, of a 402 by httpx alone, {column}",
            of[HERE] / of[BARE],
            1.0,
            f"{us(of[HERE])} of {us(of[BARE])}",
        )


def _guards() -> dict[str, payreq.Guard]:
    beside = payreq.MemoryStore()
    for state in blocking(MANY).changes(0):
        beside.swap(state.key, 0, state, state.since)
    return {
        HERE: payreq.Guard(),
        BESIDE: payreq.Guard(store=beside),
        BACK: payreq.Guard(refusals="return"),
        READ: payreq.Guard(),
    }


def _each_anew(client: Any) -> Callable[[], Any]:
    """Return what sends requests that are built already, each of a feature of its own."""
    requests = iter(
        [
            client.build_request(
                "GET", URL, headers=HEADERS, extensions={"payreq_feature": f"export {number}"}
            )
            for number in range((ROUNDS + 1) * CALLS + 1)
        ]
    )
    return lambda: client.send(next(requests))


def _timed() -> Timings:
    calls: dict[str, Callable[[], object]] = {
        BARE: partial(_checked, sending(httpx.Client(transport=Refusing())))
    }
    for name, guard in _guards().items():
        client = guard.wrap(httpx.Client(transport=Refusing()))
        send = _each_anew(client) if name == READ else sending(client)
        calls[name] = partial(_sent, send)
        calls[name]()  # the server refuses it
    return take_turns(calls, rounds=ROUNDS, calls=CALLS)


async def _timed_async() -> Timings:
    calls: dict[str, Callable[[], Awaitable[object]]] = {
        BARE: partial(_checked_async, sending(httpx.AsyncClient(transport=Refusing())))
    }
    for name, guard in _guards().items():
        client = guard.wrap(httpx.AsyncClient(transport=Refusing()))
        send = _each_anew(client) if name == READ else sending(client)
        calls[name] = partial(_sent_async, send)
        await calls[name]()  # the server refuses it
    return await take_turns_async(calls, rounds=ROUNDS, calls=CALLS)


def _checked(send: Callable[[], httpx.Response]) -> None:
    with suppress(httpx.HTTPStatusError):
        send().raise_for_status()


def _sent(send: Callable[[], Any]) -> None:
    with suppress(payreq.PaymentRequired):
        send()


async def _checked_async(send: Callable[[], Awaitable[httpx.Response]]) -> None:
    with suppress(httpx.HTTPStatusError):
        (await send()).raise_for_status()


async def _sent_async(send: Callable[[], Awaitable[Any]]) -> None:
    with suppress(payreq.PaymentRequired):
        await send()
