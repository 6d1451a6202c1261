"""The command line: `payreq explain`, `blocks`, `report`, `providers`, `schema` and `demo`."""

from __future__ import annotations

import io
import os
import sys
from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


def main(argv: Sequence[str] | None = None) -> None:
    """Run the command line.

    Args:
        argv: The arguments; left out, those of the process.

    Raises:
        SystemExit: Always, with the exit status.
    """
    try:
        import_module("rich")  # what shows a verdict loads more of it, too late to say so

        from payreq.cli.app import app  # noqa: PLC0415  # an extra, which may not be installed
    except ModuleNotFoundError as error:
        if error.name not in {"rich", "typer"}:
            raise
        sys.exit(
            f"payreq: the command line needs {error.name}, which is not installed; "
            "install the extra [cli]: pip install 'payreq[cli]'"
        )
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            # A terminal that knows no "…" shows a question mark rather than a traceback.
            stream.reconfigure(errors="replace")
    if sys.stdin is None:  # closed by who called: nothing can come
        sys.stdin = io.TextIOWrapper(io.BytesIO())
    try:
        try:
            app(None if argv is None else list(argv), prog_name="payreq")
        finally:
            print(end="", flush=True)  # what cannot be written shows now, not after the end
    except OSError as error:
        # What is left goes nowhere, or the interpreter would fail at it again.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1 if isinstance(error, BrokenPipeError) else f"payreq: {error.strerror or error}")
