"""Shows what an event log tells: days as bars, then who was refused what, and why."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta
from typing import TYPE_CHECKING

from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from payreq.cli.layout import indented, pairs, section
from payreq.cli.screen import screen
from payreq.cli.tally import GROUPS, refusals
from payreq.safety import clean

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from payreq.cli.tally import Tally

DAYS = 31
"""So many days are drawn, the last ones."""

MEMBERS = 15
"""So many providers, accounts… are listed, those refused most."""

RECEIVED, HERE = "█", "░"
"""What a bar is made of: refusals of the API, and those that needed no request."""

_BAR = 54  # columns of the longest bar
_NAME = 40  # columns of a name
_COLUMNS = (
    ("received", "payment_required"),
    ("here", "refused"),
    ("blocks", "blocked"),
    ("restored", "restored"),
)


def show(counted: Tally, name: str) -> None:
    """Show what was counted.

    Args:
        counted: The counts; there is at least one event.
        name: What the log is called.
    """
    console = screen()
    console.print(
        Panel(
            Text.assemble((_total(counted.events), "bold"), "\n", (_span(counted), "dim")),
            title=Text(clean(f"Events of {name}", 60)),
            title_align="left",
            border_style="blue",
        )
    )
    legend = Text.assemble((RECEIVED, "red"), " received  ", (HERE, "yellow"), " refused here")
    section(console, "By day, in UTC", pairs(_bars(counted)), _earlier(counted), indented(legend))
    for group in GROUPS[:-1]:
        members = counted.groups[group]
        console.print("", _table(f"By {group}", members), sep="\n")
        if len(members) > MEMBERS:
            console.print(f"  and {len(members) - MEMBERS:,} more: see --json", style="dim")
    section(console, "Damaged lines, left out", pairs(_damaged(counted)))


def _total(events: Counter[str]) -> str:
    received, here = events["payment_required"], events["refused"]
    return f"{_many(received + here, 'refusal')}: {received:,} received, {here:,} refused here"


def _span(counted: Tally) -> str:
    began = _many(counted.events["blocked"], "block")
    restored = counted.events["restored"]
    span = " to ".join(dict.fromkeys(map(_day, filter(None, (counted.first, counted.last)))))
    return f"{span}; {began}, {restored:,} restored"


def _bars(counted: Tally) -> Iterator[tuple[str, Text]]:
    days = counted.groups["day"]
    last = date.fromisoformat(max(days))
    first = max(date.fromisoformat(min(days)), last - timedelta(DAYS - 1))
    shown = [(first + timedelta(day)).isoformat() for day in range((last - first).days + 1)]
    longest = max(1, *(refusals(days.get(day, Counter())) for day in shown))
    for day in shown:
        counts = days.get(day, Counter[str]())
        received = RECEIVED * _length(counts["payment_required"], longest)
        here = HERE * _length(counts["refused"], longest)
        count = f"{refusals(counts):,}"
        bar = Text.assemble((received, "red"), (here, "yellow"))
        yield day, Text.assemble(bar, " ", count) if bar else Text(count, style="dim")


def _length(count: int, longest: int) -> int:
    """Return the columns of a part of a bar; what is there at all can be seen."""
    return max(int(count > 0), _BAR * count // longest)


def _earlier(counted: Tally) -> Text | None:
    more = len(counted.groups["day"]) - DAYS
    return Text(f"  and {_many(more, 'day')} before these", style="dim") if more > 0 else None


def _table(title: str, members: dict[str, Counter[str]]) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False, header_style="dim")
    table.add_column(Text(title, style="bold not dim"), width=_NAME, overflow="fold")
    for head, _ in _COLUMNS:
        table.add_column(head, justify="right", width=len("restored"))
    for member in _ranked(members)[:MEMBERS]:
        counts = (f"{members[member][event]:,}" for _, event in _COLUMNS)
        table.add_row(indented(member), *counts)
    return table


def _ranked(members: dict[str, Counter[str]]) -> list[str]:
    return sorted(members, key=lambda member: (-refusals(members[member]), member))


def _damaged(counted: Tally) -> Iterator[tuple[str, str]]:
    for line, why in counted.named:
        yield f"line {line}", why
    if counted.damaged > len(counted.named):
        yield "in all", f"{counted.damaged:,} lines"


def _many(count: int, name: str) -> str:
    return f"{count:,} {name}{'' if count == 1 else 's'}"


def _day(moment: datetime) -> str:
    return f"{moment.day} {moment:%B %Y}"
