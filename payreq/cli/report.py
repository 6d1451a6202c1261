"""`payreq report`: what an event log tells, counted."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from payreq.cli import plain
from payreq.cli.failing import fail
from payreq.cli.saved import STANDARD_INPUT, name_of
from payreq.cli.tally import Tally, tally


def report(
    file: Annotated[
        str, typer.Argument(metavar="FILE | -", help="What a payreq.EventLog has written.")
    ],
    *,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON, for programs.")] = False,
) -> None:
    """Count refusals by provider, account, feature, reason and day.

    A damaged line is told and left out. Exit status: 0, or 2 for a file that is no event log.
    """
    try:
        counted = _counted(file)
    except OSError as error:
        fail(f"{name_of(file)}: {error.strerror or error}")
    if not counted.events:
        fail(f"{name_of(file)}: {_why_none(counted)}")
    if as_json:
        plain.show(counted.to_dict())
        return
    from payreq.cli import chart  # noqa: PLC0415  # rich, which --json does without

    chart.show(counted, name_of(file))


def _counted(file: str) -> Tally:
    if file == STANDARD_INPUT:
        return tally(sys.stdin.buffer)
    with Path(file).open("rb") as lines:
        return tally(lines)


def _why_none(counted: Tally) -> str:
    if not counted.damaged:
        return "it is empty: no event has been written yet"
    line, why = counted.named[0]
    return f"this is no event log; of line {line}: {why}"
