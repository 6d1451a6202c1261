"""Measure what payreq costs: `python benchmarks/run.py`, in an environment with `.[dev]`.

Prints tables in Markdown, as they stand in docs/benchmarks.md, and what is asked of the figures.
Names say what is measured, as in `python benchmarks/run.py storm`; left out, it is everything,
which takes some minutes. Exit status: 0 if everything that is asked holds, else 1.
"""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING

import calls
import growth
import memory
import parsing
import peers
import reading
import refusing
import startup
import storm
import threads
from bar import Bar
from tables import load, machine, of_bars

if TYPE_CHECKING:
    from collections.abc import Callable

    from tables import Measured

MEASUREMENTS: dict[str, Callable[[], Measured]] = {
    "peers": peers.measure,
    "growth": growth.measure,
    "threads": threads.measure,
    "calls": calls.bars,
    "refusing": refusing.measure,
    "parsing": parsing.measure,
    "reading": reading.bars,
    "startup": startup.measure,
    "memory": memory.measure,
    "storm": storm.measure,
}


def main() -> int:
    """Measure, print as it comes, and return the exit status."""
    parser = argparse.ArgumentParser(description="Measure what payreq costs.")
    names = ", ".join(MEASUREMENTS)
    parser.add_argument("names", nargs="*", help=f"what is measured: {names}", metavar="NAME")
    chosen = parser.parse_args().names or list(MEASUREMENTS)
    for name in chosen:
        if name not in MEASUREMENTS:
            parser.error(f"there is no {name!r} to measure; there are {names}")
    print(machine(), flush=True)
    bars: list[Bar] = []
    for name in chosen:
        for measured in MEASUREMENTS[name]():
            if isinstance(measured, Bar):
                bars.append(measured)
            else:
                print("\n".join(measured.lines()), flush=True)
    if bars:
        print("\n".join(of_bars(bars).lines()))
    print(f"\nThe load was {load()} after.")
    return 0 if all(bar.holds for bar in bars) else 1


if __name__ == "__main__":
    sys.exit(main())
