"""Shows the scenes on a terminal as they are played."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.markup import escape
from rich.panel import Panel
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

from payreq.cli.demo.stage import Check, Code, Line, Words

if TYPE_CHECKING:
    from rich.console import Console

    from payreq.cli.demo.stage import Stage


def show_opening(console: Console, stage: Stage) -> None:
    """Say what is about to happen."""
    console.print(
        Panel(
            Text.assemble(
                "A provider of APIs has started on ",
                (stage.provider.url, "bold"),
                ".\nAn app calls it through a guarded httpx client. Every line with a mark is\n"
                "checked as it is printed, against what arrived at the server.",
            ),
            title="payreq demo",
            title_align="left",
        )
    )


def show_title(console: Console, number: int, title: str) -> None:
    """Head a scene."""
    console.print()
    console.print(Rule(f"[bold]{number}  {escape(title)}[/]", align="left", style="dim"))


def show_line(console: Console, line: Line) -> None:
    """Show one line of a scene."""
    match line:
        case Code(text):
            console.print(Text.assemble(("  > ", "dim"), (text, "cyan")))
        case Words(message):
            console.print(
                Panel(
                    Text(message.as_text()),
                    title="what the user reads",
                    title_align="left",
                    border_style="magenta",
                )
            )
        case _:
            console.print(_marked(console, line.claim, holds=line.holds))


def show_tally(console: Console, stage: Stage) -> None:
    """Show what was called, what left, and what was saved."""
    calls, sent = stage.calls, stage.provider.received
    table = Table(box=None, padding=(0, 2), header_style="dim")
    table.add_column("")
    for heading in ("calls", "sent", "saved"):
        table.add_column(heading, justify="right")
    for path, count in calls.items():
        table.add_row(path, f"{count:,}", f"{sent[path]:,}", f"{count - sent[path]:,}")
    total, left = calls.total(), sent.total()
    table.add_row("in all", f"{total:,}", f"{left:,}", f"{total - left:,}", style="bold")
    console.print(table)


def show_ending(console: Console, checks: list[Check]) -> None:
    """Say how many claims hold."""
    failed = sum(not check.holds for check in checks)
    console.print()
    if failed:
        console.print(Text(f"{failed} of {len(checks)} claims do NOT hold.", style="bold red"))
    else:
        console.print(Text(f"All {len(checks)} claims were checked, and hold.", style="bold green"))


def _marked(console: Console, claim: str, *, holds: bool) -> Table:
    plain = console.options.ascii_only
    good, bad = ("ok", "NO") if plain else ("✓", "✗ does NOT hold:")
    row = Table.grid(padding=(0, 1))
    row.add_row(Text(f"  {good if holds else bad}", style="green" if holds else "red"), Text(claim))
    return row
