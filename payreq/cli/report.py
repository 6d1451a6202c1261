"""`payreq report`: what an event log tells, counted."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from payreq.cli import plain
from payreq.cli.saved import STANDARD_INPUT, name_of
from payreq.cli.tally import Tally, tally

BAD_INPUT = 2
"""The exit status for a file that is no event log."""


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
        _end(file, error.strerror or str(error))
    if not counted.events:
        _end(file, _why_none(counted))
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


def _end(file: str, error: str) -> NoReturn:
    print(f"payreq: {name_of(file)}: {error}", file=sys.stderr)
    raise typer.Exit(BAD_INPUT)
