"""What a guard adds as features and blocks grow in number: nothing is blocked that is sent.

The blocks are of the same account at the same origin, each by a refusal of its own.
"""

from __future__ import annotations

import asyncio
import re
from contextlib import suppress
from functools import cache, partial
from itertools import count, product
from typing import TYPE_CHECKING, Any, NamedTuple

import httpx
import trio
from bar import Bar
from lean import HEADERS, URL, Lean, Refusing, sending
from tables import Table, more, ms, us
from timing import added, take_turns, take_turns_async, typical

import payreq

if TYPE_CHECKING:
    from collections.abc import Callable

    from tables import Measured
    from timing import Timings

ROUNDS, CALLS = 300, 20
NONE, SOME, MANY = 0, 50, 10_000
NEW_ROUNDS, NEW_CALLS, MAKING_ROUNDS = 30, 10, 5

BARE = "httpx alone"
NAMED = "named by `payreq_feature`"


class Case(NamedTuple):
    """A guard, and how its requests name their feature.

    Attributes:
        features: How many it has patterns for.
        blocks: How many features are blocked.
        named: Whether the request says which feature it is.
    """

    features: int
    blocks: int
    named: bool = False

    def __str__(self) -> str:
        """Return what the case is called."""
        return f"{self.features} {self.blocks} {self.named}"

    @property
    def extensions(self) -> dict[str, Any]:
        """What its requests say."""
        return {"payreq_feature": "reports"} if self.named else {}


def measure() -> Measured:
    """Time the guards under each event loop, and without one."""
    sizes = (NONE, SOME, MANY)
    cases = [Case(*each) for each in product(sizes, sizes)]
    cases += [Case(NONE, blocks, named=True) for blocks in sizes]
    guards = {case: guarding(case.features, blocking(case.blocks)) for case in cases}
    columns: dict[str, Timings] = {
        "sync": _timed(guards),
        "asyncio": asyncio.run(_timed_async(guards)),
        "trio": trio.run(_timed_async, guards),
    }
    adds = {
        column: {case: added(timings, str(case), BARE) for case in cases}
        for column, timings in columns.items()
    }
    yield Table(
        "Features and blocks",
        "`python benchmarks/run.py growth`: what a guarded client adds to a request while other "
        "features of its account are blocked. Patterns are those of `Guard(features=...)`.",
        ("features", "blocks elsewhere", *columns),
        [
            (
                NAMED if case.named else f"{case.features:,}",
                f"{case.blocks:,}",
                *(more(adds[column][case]) for column in columns),
            )
            for case in cases
        ],
    )
    yield _new_paths(sizes)
    for column, by_case in adds.items():
        few, many = by_case[Case(SOME, SOME)], by_case[Case(SOME, MANY)]
        yield Bar(
            f"a guard adds beside {MANY:,} blocks, of beside {SOME}, {column}",
            many / few,
            1.2,
            f"{us(many)} of {us(few)}",
        )


def guarding(features: int, store: payreq.MemoryStore) -> payreq.Guard:
    """Return a guard with so many features."""
    patterns = {f"report {number}": f"GET /v1/reports/{number}/*" for number in range(features)}
    return payreq.Guard(features=patterns, store=store)


@cache
def blocking(blocks: int) -> payreq.MemoryStore:
    """Return a store in which so many features are blocked; guards that block no more share it."""
    store = payreq.MemoryStore()
    with payreq.wrap(httpx.Client(transport=Refusing(), headers=HEADERS), store=store) as client:
        for number in range(blocks):
            with suppress(payreq.PaymentRequired):
                client.get(URL, extensions={"payreq_feature": f"export {number}"})
    return store


def _timed(guards: dict[Case, payreq.Guard]) -> Timings:
    cases = {BARE: sending(httpx.Client(transport=Lean()))} | {
        str(case): sending(guard.wrap(httpx.Client(transport=Lean())), extensions=case.extensions)
        for case, guard in guards.items()
    }
    return take_turns(cases, rounds=ROUNDS, calls=CALLS)


async def _timed_async(guards: dict[Case, payreq.Guard]) -> Timings:
    cases = {BARE: sending(httpx.AsyncClient(transport=Lean()))} | {
        str(case): sending(
            guard.wrap(httpx.AsyncClient(transport=Lean())), extensions=case.extensions
        )
        for case, guard in guards.items()
    }
    return await take_turns_async(cases, rounds=ROUNDS, calls=CALLS)


def _new_paths(sizes: tuple[int, ...]) -> Table:
    """Time what a path costs that was never seen before, and the making of the guard."""
    numbers, store = count(), blocking(1)
    made = take_turns(
        {f"{features}": partial(_made_anew, features, store) for features in sizes},
        rounds=MAKING_ROUNDS,
        calls=1,
    )
    sends: dict[str, Callable[[], Any]] = {BARE: partial(_send_new, _client(None), numbers)}
    for features in sizes:
        sends[f"{features}"] = partial(_send_new, _client(guarding(features, store)), numbers)
    times = take_turns(sends, rounds=NEW_ROUNDS, calls=NEW_CALLS)
    return Table(
        "A path for the first time",
        "The same, where each request goes to a path that was never seen before, which no pattern "
        "matches, while one feature is blocked; and how long the guard takes to be made.",
        ("features", "a request", "making the guard"),
        [
            (
                f"{features:,}",
                more(added(times, str(features), BARE)),
                ms(typical(made[str(features)])),
            )
            for features in sizes
        ],
    )


def _made_anew(features: int, store: payreq.MemoryStore) -> None:
    re.purge()  # it keeps what it compiled
    guarding(features, store)


def _client(guard: payreq.Guard | None) -> httpx.Client:
    client = httpx.Client(transport=Lean(), headers=HEADERS)
    return client if guard is None else guard.wrap(client)


def _send_new(client: httpx.Client, numbers: Any) -> None:
    client.get(f"{URL}/new-{next(numbers)}")
