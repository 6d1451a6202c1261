"""Blocks as people read them: who may not do what, where, why, and when it is checked again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.table import Table
from rich.text import Text

from payreq.cli.screen import screen
from payreq.reasons import MEANINGS
from payreq.safety import clean

if TYPE_CHECKING:
    from collections.abc import Sequence

    from payreq.blocking.block import Block

_WHEN = "%Y-%m-%d %H:%M"


def show(blocks: Sequence[Block]) -> None:
    """Show blocks, the one that began first first.

    Args:
        blocks: What to show.
    """
    console = screen()
    if not blocks:
        console.print("nothing is blocked")
        return
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="bold")
    for head in ("feature", "account", "at", "why"):
        table.add_column(head, overflow="fold")
    table.add_column("next check (UTC)", no_wrap=True)
    for block in blocks:
        why = MEANINGS[block.reason].title
        cells = (block.feature, block.account, block.origin.partition("://")[2], why)
        next_check = block.next_check.strftime(_WHEN)
        table.add_row(*(Text(clean(cell)) for cell in cells), Text(next_check))
    console.print(table)
    console.print()
    console.print(Text("one block" if len(blocks) == 1 else f"{len(blocks)} blocks"))
