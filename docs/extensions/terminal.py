"""Runs `payreq` while the pages are built, so that what they show is what it prints."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from docutils import nodes
from sphinx.util.docutils import SphinxDirective

if TYPE_CHECKING:
    from sphinx.application import Sphinx

CAPTURES = Path(__file__).parents[1] / "captures"

_COLUMNS = "80"


class Terminal(SphinxDirective):
    """`{terminal} explain no-credits.txt`: the command, run among the captures, and its output."""

    required_arguments = 1
    final_argument_whitespace = True

    def run(self) -> list[nodes.Node]:
        """Return the command and what it prints."""
        command = self.arguments[0]
        ran = subprocess.run(  # noqa: S603  # a command of the page itself
            [sys.executable, "-m", "payreq", *command.split()],
            check=False,
            capture_output=True,
            cwd=CAPTURES,
            encoding="utf-8",
            env={**os.environ, "COLUMNS": _COLUMNS, "NO_COLOR": "1", "PYTHONIOENCODING": "utf-8"},
        )
        lines = [line.rstrip() for line in (ran.stdout + ran.stderr).splitlines()]
        text = "\n".join([f"$ payreq {command}", *lines])
        return [nodes.literal_block(text, text, language="text", classes=["terminal"])]


def setup(app: Sphinx) -> dict[str, bool]:
    """Make the directive known."""
    app.add_directive("terminal", Terminal)
    return {"parallel_read_safe": True}
