"""The terminal, or what stands in for one."""

from __future__ import annotations

from rich.console import Console

WIDTH = 80


def screen() -> Console:
    """Return a console of 80 columns at most, without colours where nobody would see them."""
    console = Console(highlight=False, soft_wrap=False)
    console.width = min(console.width, WIDTH)
    return console
