"""Timing on a noisy machine: what is compared takes turns, and the fastest rounds count."""

from __future__ import annotations

import gc
from random import Random
from statistics import fmean, median
from time import perf_counter
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator, Mapping

Timings = dict[str, list[float]]
"""Seconds for one call, by case and round."""

_Call = TypeVar("_Call")


def take_turns(cases: Mapping[str, Callable[[], object]], *, rounds: int, calls: int) -> Timings:
    """Time each case in each round, one after the other, so that noise meets them all.

    Args:
        cases: What to call, by name.
        rounds: How many rounds; the first is not counted.
        calls: How many calls of each case make a round.
    """
    timings: Timings = {name: [] for name in cases}
    for counted, name, call in _turns(cases, rounds):
        start = perf_counter()
        for _ in range(calls):
            call()
        if counted:
            timings[name].append((perf_counter() - start) / calls)
    return timings


async def take_turns_async(
    cases: Mapping[str, Callable[[], Awaitable[object]]], *, rounds: int, calls: int
) -> Timings:
    """Do the same with what is awaited, under any event loop."""
    timings: Timings = {name: [] for name in cases}
    for counted, name, call in _turns(cases, rounds):
        start = perf_counter()
        for _ in range(calls):
            await call()
        if counted:
            timings[name].append((perf_counter() - start) / calls)
    return timings


def typical(timings: list[float]) -> float:
    """Return the median of the faster half: what a call takes when nothing else runs."""
    ordered = sorted(timings)
    return median(ordered[: max(1, len(ordered) // 2)])


def added(timings: Timings, name: str, bare: str) -> float:
    """Return the seconds that a case takes more than another, in the same round.

    It is the mean of the middle half: what slows a round down slows both, and single rounds that
    were disturbed are left out.
    """
    more = sorted(one - other for one, other in zip(timings[name], timings[bare], strict=True))
    quarter = len(more) // 4
    return fmean(more[quarter : len(more) - quarter])


def _turns(cases: Mapping[str, _Call], rounds: int) -> Iterator[tuple[bool, str, _Call]]:
    """Yield the cases, round by round, and whether the round counts."""
    order = list(cases.items())
    shuffle = Random(1).shuffle
    gc.collect()
    gc.freeze()  # what stands already need not be gone through again after each round
    gc.disable()
    try:
        for number in range(rounds + 1):
            for name, call in order:
                yield number > 0, name, call
            shuffle(order)  # so that none always runs after the same other
            gc.collect()
    finally:
        gc.enable()
        gc.unfreeze()
