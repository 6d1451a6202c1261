"""Timing on a noisy machine: what is compared takes turns, and the fastest rounds count."""

from __future__ import annotations

import gc
from random import Random
from statistics import median
from time import perf_counter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

Timings = dict[str, list[float]]
"""Seconds for one call, by case and round."""


def take_turns(cases: Mapping[str, Callable[[], object]], *, rounds: int, calls: int) -> Timings:
    """Time each case in each round, one after the other, so that noise meets them all.

    Args:
        cases: What to call, by name.
        rounds: How many rounds; the first is not counted.
        calls: How many calls of each case make a round.
    """
    timings: Timings = {name: [] for name in cases}
    order = list(cases.items())
    shuffle = Random(1).shuffle
    gc.collect()
    gc.disable()
    try:
        for number in range(rounds + 1):
            for name, call in order:
                start = perf_counter()
                for _ in range(calls):
                    call()
                if number:
                    timings[name].append((perf_counter() - start) / calls)
            shuffle(order)  # so that none always runs after the same other
            gc.collect()
    finally:
        gc.enable()
    return timings


def typical(timings: list[float]) -> float:
    """Return the median of the faster half: what a call takes when nothing else runs."""
    ordered = sorted(timings)
    return median(ordered[: max(1, len(ordered) // 2)])
