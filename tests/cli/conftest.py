from __future__ import annotations

import subprocess
import sys
from typing import NamedTuple

import pytest

from payreq.cli import main


class Ran(NamedTuple):
    code: int
    out: str
    err: str


@pytest.fixture
def run(capsys, monkeypatch):
    """Run the command line in this process, at 80 columns."""
    monkeypatch.setenv("COLUMNS", "80")

    def command(*argv):
        with pytest.raises(SystemExit) as ended:
            main(argv)
        code = ended.value.code
        return Ran(code if isinstance(code, int) else int(bool(code)), *capsys.readouterr())

    return command


@pytest.fixture
def shell():
    """Run the command line in a process of its own."""

    def command(*argv, **options):
        options = {"capture_output": True, "encoding": "utf-8"} | options
        ran = subprocess.run([sys.executable, "-m", "payreq", *argv], check=False, **options)
        return Ran(ran.returncode, ran.stdout, ran.stderr)

    return command
