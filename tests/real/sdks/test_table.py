from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[3]
ROW = re.compile(r"^\| ([^|]+) \| [^|]+ (\|.*\|)$", re.MULTILINE)


def rows(text):
    """Return the rows of the table by the SDK, without its version."""
    return {name: rest for name, rest in ROW.findall(text) if "→" in rest}


def test_the_table_of_the_page_is_what_the_command_prints():
    command = [sys.executable, ROOT / "benchmarks" / "sdks.py"]
    printed = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    page = (ROOT / "docs" / "sdks.md").read_text(encoding="utf-8")
    assert len(rows(page)) == 12
    assert rows(page) == rows(printed)
