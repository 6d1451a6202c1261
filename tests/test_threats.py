"""Every threat that the security page names is met by tests that exist."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[1]

_NAMED = re.compile(r"`(test_\w+)`")
_DEFINED = re.compile(r"^(?:async )?def (test_\w+)", re.MULTILINE)
_ROW = re.compile(r"^\| (?!---)(.+) \| (.+) \| (.+) \|$", re.MULTILINE)


def page():
    return (ROOT / "docs" / "security.md").read_text("utf-8")


def test_every_test_that_the_page_names_exists():
    defined = {
        name
        for path in (ROOT / "tests").rglob("test_*.py")
        for name in _DEFINED.findall(path.read_text("utf-8"))
    }
    named = set(_NAMED.findall(page()))
    assert len(named) > 40
    assert named - defined == set()


def test_every_threat_names_a_test():
    threats = [row for row in _ROW.findall(page()) if row[2] != "Shown by"]
    assert len(threats) > 25
    assert [threat for threat, _, shown in threats if not _NAMED.search(shown)] == []
