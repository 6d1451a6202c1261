"""How much eight threads get through one client, with a guard and without one."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import TYPE_CHECKING, Any

import httpx
from bar import Bar
from growth import MANY, SOME, blocking, guarding
from lean import Lean, sending
from tables import Table
from timing import take_turns, typical

import payreq

if TYPE_CHECKING:
    from collections.abc import Callable

    from tables import Measured

THREADS, EACH, ROUNDS = 8, 100, 40

BARE = "httpx alone"
QUIET = "guarded, nothing blocked"
BESIDE = f"guarded, {SOME} features, {MANY:,} blocks elsewhere"


def measure() -> Measured:
    """Time rounds in which every thread sends its share."""
    clients = {name: httpx.Client(transport=Lean()) for name in (BARE, QUIET, BESIDE)}
    payreq.wrap(clients[QUIET])
    guarding(SOME, blocking(MANY)).wrap(clients[BESIDE])
    with ThreadPoolExecutor(THREADS) as pool:
        timings = take_turns(
            {
                name: partial(_all_at_once, pool, sending(client))
                for name, client in clients.items()
            },
            rounds=ROUNDS,
            calls=1,
        )
    rates = {name: THREADS * EACH / typical(rounds) for name, rounds in timings.items()}
    yield Table(
        "Threads",
        f"`python benchmarks/run.py threads`: {THREADS} threads send through one client over the "
        "lean transport, as fast as they can.",
        ("", "requests a second", "of httpx alone"),
        [(name, f"{rate:,.0f}", f"{rate / rates[BARE]:.0%}") for name, rate in rates.items()],
    )
    yield Bar(
        f"{THREADS} threads: httpx alone, of guarded",
        rates[BARE] / rates[QUIET],
        1.1,
        f"{rates[BARE]:,.0f} of {rates[QUIET]:,.0f} requests a second",
    )


def _all_at_once(pool: ThreadPoolExecutor, send: Callable[[], Any]) -> None:
    for done in [pool.submit(_send_many, send) for _ in range(THREADS)]:
        done.result()


def _send_many(send: Callable[[], Any]) -> None:
    for _ in range(EACH):
        send()
