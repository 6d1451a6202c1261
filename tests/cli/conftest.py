from __future__ import annotations

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
