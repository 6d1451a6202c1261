"""What payreq asks for: the lowest releases, and no extra that needs another."""

from __future__ import annotations

import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
EXTRAS = PROJECT["optional-dependencies"]
DEVELOPING = {"all", "dev", "docs"}

BROUGHT = {
    "cli": {"rich", "typer"},
    "httpx2": {"httpx2"},
    "i18n": {"babel"},
    "opentelemetry": {"opentelemetry"},
    "redis": {"redis"},
    "sentry": {"sentry_sdk"},
    "starlette": {"starlette"},
    "testing": {"hypothesis", "pytest"},
}
"""The packages that an extra brings, as they are imported."""

GUARDED = """
import payreq, {library}
client = payreq.wrap({library}.Client(
    transport={library}.MockTransport(lambda request: {library}.Response(402))
))
try:
    client.get("https://api.example.com/")
except payreq.PaymentRequired as refusal:
    assert isinstance(refusal, {library}.HTTPStatusError)
    assert refusal.user_message("de").title
else:
    raise AssertionError("it was not refused")
"""

USED = {
    "cli": "import payreq.cli.app",
    "httpx2": GUARDED.format(library="httpx2"),
    "i18n": GUARDED.format(library="httpx") + "import sys; assert sys.modules['babel']",
    "opentelemetry": "import payreq.integrations.opentelemetry",
    "redis": "import payreq, redis",
    "sentry": "import payreq.integrations.sentry",
    "starlette": "import payreq.integrations.starlette",
    "testing": "import payreq.testing.plugin, payreq.testing.strategies",
}
"""What each extra is there for."""


def without(packages):
    """Return code after which packages cannot be imported, installed as they may be."""
    return f"import sys; sys.modules.update(dict.fromkeys({sorted(packages)!r}))\n"


def test_the_lowest_releases_are_those_that_the_project_names():
    asked = [*PROJECT["dependencies"]]
    asked += [each for extra in EXTRAS.keys() - DEVELOPING for each in EXTRAS[extra]]
    lines = (ROOT / "tests" / "lowest.txt").read_text("utf-8").splitlines()
    pinned = [line for line in lines if not line.startswith("#")]
    assert pinned == sorted(set(pinned), key=lambda each: each.partition("==")[0])
    assert set(pinned) == {each.replace(">=", "==") for each in asked}


def test_everything_is_asked_for_with_a_lowest_release_and_no_highest():
    asked = [each for extra in EXTRAS.values() for each in extra]
    for each in [*PROJECT["dependencies"], *asked]:
        named, marker, _ = each.partition(";")
        assert named.startswith("payreq[") or (">=" in named and "<" not in named), each + marker


def test_every_extra_is_known_here():
    assert BROUGHT.keys() == USED.keys() == EXTRAS.keys() - DEVELOPING


@pytest.mark.parametrize("extra", sorted(USED))
def test_an_extra_works_without_the_others(extra, run):
    others = set().union(*BROUGHT.values()) - BROUGHT[extra]
    others |= {"httpx"} if extra == "httpx2" else set()
    run(sys.executable, "-c", without(others) + USED[extra])


def test_no_extra_is_needed(run):
    code = without(set().union(*BROUGHT.values())) + GUARDED.format(library="httpx")
    run(sys.executable, "-c", code)


def test_the_python_releases_that_are_named_are_those_that_it_asks_for():
    named = [each.rpartition(" ")[2] for each in PROJECT["classifiers"] if ":: 3." in each]
    assert named[0] == PROJECT["requires-python"].removeprefix(">=")
    assert [f"3.{minor}" for minor in range(11, 11 + len(named))] == named
