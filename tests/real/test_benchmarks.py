"""The benchmarks run, with next to nothing to measure; what they print is what the page holds."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

TINY = """
import growth
growth.MANY, growth.ROUNDS, growth.CALLS = 60, 1, 1
growth.NEW_ROUNDS, growth.NEW_CALLS, growth.MAKING_ROUNDS = 1, 1, 1

import memory, parsing, peers, refusing, startup, storm, threads
for module in (parsing, peers, refusing, startup, threads):
    module.ROUNDS = module.CALLS = module.FIRST_ROUNDS = module.EACH = 1
memory.BLOCKS = memory.REFUSALS = memory.CLIENTS = 2
storm.CALLS, storm.CALLS_ALONE, storm.CALLS_UNAWARE, storm.AT_ONCE = 20, 6, 10, 5

import run
sys.argv = ["run.py", *(name for name in run.MEASUREMENTS if name not in ("calls", "reading"))]
run.main()
"""
"""The two left out have been in a run since long, and take long with any numbers."""


def headings(text):
    """Return the headings of sections that have a table, each with the table's columns."""
    return re.findall(r"^## (.+)$[^#|]*?^\| (.*) \|$", text, re.MULTILINE)


def rows(text, title):
    """Return the cells of a section's table."""
    section = text.partition(f"## {title}\n")[2].partition("\n## ")[0]
    lines = [line for line in section.splitlines() if line.startswith("| ")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[2:]]


@pytest.mark.timeout(300)
def test_every_measurement_runs_and_the_page_holds_its_tables():
    code = f"import sys; sys.path.insert(0, {str(ROOT / 'benchmarks')!r})\n{TINY}"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (ran.returncode, ran.stderr) == (0, "")
    assert ran.stdout.startswith("Measured on ")
    page = (ROOT / "docs" / "benchmarks.md").read_text(encoding="utf-8")
    assert headings(page) == headings(ran.stdout)

    storm = rows(ran.stdout, "A storm")
    alone = [row for row in storm if not row[0].startswith("…")]
    guarded = [row for row in storm if row[0].startswith("…")]
    assert [int(row[2]) for row in alone] == [6, 36, 36, 36, 66, 6, 18, 108]
    assert max(int(row[2]) for row in guarded) <= 5
    assert [row[3] for row in guarded if "payreq." in row[0]] == ["0.0 s"] * 4
