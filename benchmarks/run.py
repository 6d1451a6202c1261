"""Measure what payreq costs: `python benchmarks/run.py`, in an environment with `.[dev]`.

Prints ratios, each measured within this run, and of reading the times themselves. Exit status: 0
if every bar holds, else 1.
"""

from __future__ import annotations

import sys
from itertools import chain

import calls
import reading
import startup


def main() -> int:
    """Measure everything, print it, and return the exit status."""
    missed = 0
    for bar in chain(calls.bars(), reading.bars(), startup.bars()):
        missed += not bar.holds
        verdict = "holds" if bar.holds else "MISSED"
        figure = f"{bar.ratio:6.2f}{bar.unit}  (at most {bar.most}{bar.unit})"
        print(f"{bar.name:57} {figure:30}  {verdict:6}  {bar.figures}")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
