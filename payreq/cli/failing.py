"""How a command ends where it was given what it can do nothing with."""

from __future__ import annotations

import sys
from typing import NoReturn

import typer

BAD_INPUT = 2
"""The exit status."""


def fail(message: str) -> NoReturn:
    """Say in a line what is wrong, and end.

    Args:
        message: What is wrong, and what to do.

    Raises:
        typer.Exit: Always.
    """
    print(f"payreq: {message}", file=sys.stderr)
    raise typer.Exit(BAD_INPUT)
