"""What measurements are printed as: tables in Markdown, and figures that people can read."""

from __future__ import annotations

import os
import platform
from collections.abc import Iterable
from importlib.metadata import version
from textwrap import fill
from typing import TYPE_CHECKING, NamedTuple

from bar import Bar

if TYPE_CHECKING:
    from collections.abc import Iterator

PACKAGES = ("httpx", "pydantic", "tenacity")
"""Whose versions decide on the figures, besides Python's and those that rows name."""
WIDTH = 100


class Table(NamedTuple):
    """Figures that belong together.

    Attributes:
        title: What was measured.
        text: How, in a sentence or two.
        columns: Their headings; that of the first is empty as a rule.
        rows: Cells, as they are printed.
    """

    title: str
    text: str
    columns: tuple[str, ...]
    rows: list[tuple[str, ...]]

    def lines(self) -> Iterator[str]:
        """Yield the lines of a section in Markdown."""
        yield from ("", f"## {self.title}", "", wrapped(self.text), "")
        yield from _drawn(self.columns, self.rows)


Measured = Iterable[Table | Bar]
"""What a measurement yields."""


def of_bars(bars: list[Bar]) -> Table:
    """Return the table of what was asked, and whether it holds."""
    return Table(
        "What must hold",
        "Each figure is measured within one run, and beside what it is compared with. The command "
        "ends with status 1 where one of them is missed.",
        ("", "measured", "at most", "", "behind it"),
        [
            (
                bar.name,
                f"{bar.ratio:.2f}{bar.unit}",
                f"{bar.most:g}{bar.unit}",
                "holds" if bar.holds else "**missed**",
                bar.figures,
            )
            for bar in bars
        ],
    )


def machine() -> str:
    """Return a sentence on what the figures were measured with."""
    cores = len(os.sched_getaffinity(0))
    packages = ", ".join(f"{name} {version(name)}" for name in PACKAGES)
    return wrapped(
        f"Measured on {cores} cores ({platform.machine()}, {platform.system()}), with "
        f"{platform.python_implementation()} {platform.python_version()}, {packages}; the load was "
        f"{load()} before."
    )


def load() -> str:
    """Return how many processes wanted to run lately, ours with them."""
    return f"{os.getloadavg()[0]:.1f}"


def wrapped(text: str) -> str:
    """Return a text in lines as long as those of the pages."""
    return fill(text, WIDTH, break_long_words=False, break_on_hyphens=False)


def us(seconds: float) -> str:
    """Return microseconds."""
    value = 1e6 * seconds
    return f"{value:,.{_digits(value)}f} µs"


def more(seconds: float) -> str:
    """Return microseconds that something adds."""
    return f"+ {us(seconds)}" if seconds > 0 else us(seconds)


def ms(seconds: float) -> str:
    """Return milliseconds."""
    value = 1e3 * seconds
    return f"{value:,.{_digits(value)}f} ms"


def _digits(value: float) -> int:
    """Return how many digits after the point tell something."""
    if abs(value) < 10:  # noqa: PLR2004  # two digits tell enough, save of what is subtracted
        return 2
    return 1 if abs(value) < 100 else 0  # noqa: PLR2004  # likewise


def _drawn(columns: tuple[str, ...], rows: list[tuple[str, ...]]) -> Iterator[str]:
    yield f"| {' | '.join(columns)} |"
    yield f"| --- |{' --- |' * (len(columns) - 1)}"
    for row in rows:
        yield f"| {' | '.join(row)} |"
