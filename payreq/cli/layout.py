"""Headed sections, lists of pairs and links, as the commands show them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.padding import Padding
from rich.style import Style
from rich.table import Table
from rich.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rich.console import Console, RenderableType

_INDENT = 2


def section(console: Console, title: str, *parts: RenderableType | None) -> None:
    """Show a section, unless nothing stands in it.

    Args:
        console: Where.
        title: Its head.
        parts: What stands in it; None is nothing.
    """
    shown = [part for part in parts if part is not None]
    if shown:
        console.print()
        console.print(Text(title, style="bold"))
        for part in shown:
            console.print(part)


def links(console: Console, title: str, rows: Iterable[tuple[str, str]]) -> None:
    """Show a section of links, each on a line of its own that is never broken: it can be copied.

    Args:
        console: Where.
        title: Its head.
        rows: Labels and URLs.
    """
    for place, (label, url) in enumerate(rows):
        if place == 0:
            console.print()
            console.print(Text(title, style="bold"))
        console.print(Text(f"  {label}", style="dim"))
        console.print(Text.assemble("    ", (url, Style(color="cyan", link=url))), soft_wrap=True)


def pairs(rows: Iterable[tuple[str, str | Text]]) -> Table | None:
    """Return two columns, labels and values, or None where there is no row."""
    table = Table.grid(padding=(0, _INDENT))
    table.add_column(style="dim", no_wrap=True)
    table.add_column(overflow="fold")
    for label, value in rows:
        table.add_row(Text("  " + label), value if isinstance(value, Text) else Text(value))
    return table if table.row_count else None


def numbered(steps: Iterable[str | Text]) -> Table | None:
    """Return what comes one after the other, or None where nothing does."""
    return pairs((f"{number}.", step) for number, step in enumerate(steps, 1))


def indented(text: str | Text) -> Padding:
    """Return a text of a section."""
    return Padding(text if isinstance(text, Text) else Text(text), (0, 0, 0, _INDENT), expand=False)


def words_of(name: str) -> str:
    """Return what people call a member: "Request id" for `request_id`."""
    return name.replace("_", " ").capitalize()
