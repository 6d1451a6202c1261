"""The soak: a fleet under kills and restarts, and the verdict on it."""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys
from pathlib import Path

import pytest

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"
PAIR = "export", "alice"


@pytest.fixture
def soak_verdict(monkeypatch):
    """The module that judges; benchmarks are scripts, not a package."""
    spec = importlib.util.spec_from_file_location("soak_verdict", BENCHMARKS / "soak_verdict.py")
    module = importlib.util.module_from_spec(spec)
    monkeypatch.setitem(sys.modules, "soak_verdict", module)  # where dataclasses look for it
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def verdict(soak_verdict):
    """Judge workers' journals: tuples of when, what, whether the store was away, and more."""

    def verdict(*workers, paid=((0.0, False), (10.0, True)), outages=(), deaths=None):
        story = soak_verdict.Story(
            paid={PAIR: list(paid)}, outages=list(outages), deaths=deaths or {}
        )
        journals = {
            f"worker {number}": [
                json.dumps([at, what, *PAIR, away, *more]) + "\n" for at, what, away, *more in lines
            ]
            for number, lines in enumerate(workers)
        }
        return soak_verdict.judge(journals, story)

    return verdict


def request(start, outcome, next_check=None, away=False):
    return [(start, "start", False), (start + 0.1, "end", away, outcome, next_check)]


CLEARED = [(11.0, "cleared", False, 1)]


def test_a_fleet_keeps_its_promises_while_processes_are_killed_and_redis_restarts(redis):
    ran = subprocess.run(
        [sys.executable, BENCHMARKS / "soak.py", "--seconds", "10", "--processes", "3"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (ran.returncode, ran.stderr) == (0, ""), ran.stdout
    assert ran.stdout.endswith("every promise was kept\n")
    figures = dict(line.strip().split("  ", 1) for line in ran.stdout.splitlines() if "  " in line)
    assert figures["healthy requests that failed"].strip() == "0"
    assert "refused here" in figures


def test_refusals_of_what_is_unpaid_or_was_just_paid_are_fine(verdict):
    found = verdict(
        [*request(5, "refused", 60), *request(6, "refused here", 60)],
        [*request(10.5, "refused here", 60), *CLEARED],
        request(12.4, "refused here", 60),
        request(13.0, "200"),
    )
    assert found.broken == []
    assert found.counts["200"] == 1
    assert found.after_clear == pytest.approx(1.4)


@pytest.mark.parametrize(
    ("workers", "facts", "says"),
    [
        ([request(5, "ReadTimeout")], {}, "ReadTimeout of"),
        ([request(5, "500")], {}, "500 of"),
        ([request(5, "refused here", 60)], {"paid": ()}, "was never unpaid"),
        ([CLEARED, request(12.6, "refused here", 60)], {}, "1.60 s after it was let go of"),
        ([request(11.6, "200"), request(13.3, "refused here", 60)], {}, "after it was let go of"),
        ([request(22, "refused here", 20)], {}, "2.00 s after its next check"),
        ([request(12, "refused here", 5)], {}, "2.00 s after its next check"),
        (
            [[(11.0, "start", False)], request(60, "refused here", 5)],
            {"deaths": {"worker 0": 11.5}},
            "after its next check",
        ),
        (
            [CLEARED, request(15.1, "refused here", 60)],
            {"outages": [(11.5, 12.5)]},
            "s after it was let go of",
        ),
        (
            [
                [(11.0, "cleared", True, 1), *request(13, "200")],
                request(14.6, "refused here", 60),
            ],
            {},
            "3.60 s after it was let go of",
        ),
    ],
)
def test_a_broken_promise_is_told(verdict, workers, facts, says):
    found = verdict(*workers, **facts)
    assert [says in line for line in found.broken] == [True]


@pytest.mark.parametrize(
    ("workers", "facts"),
    [
        # Whoever could not reach the store cannot have heard of it, nor just after.
        ([CLEARED, request(13, "refused here", 60, away=True)], {}),
        ([CLEARED, [*request(12, "200", away=True), *request(13.5, "refused here", 60)]], {}),
        ([CLEARED, request(14.0, "refused here", 60)], {"outages": [(11.5, 12.5)]}),
        # It was unpaid again.
        (
            [CLEARED, request(15, "refused here", 60)],
            {"paid": [(0.0, False), (10.0, True), (14.0, False)]},
        ),
        # A probe is under way, or its process was killed and its lease goes on.
        ([[(19.9, "start", False)], request(25, "refused here", 20)], {}),
        (
            [[(19.9, "start", False)], request(45, "refused here", 20)],
            {"deaths": {"worker 0": 20.0}},
        ),
        # It was lost with its process, before anybody else heard of it, and with the store.
        (
            [CLEARED, request(20, "refused here", 60)],
            {"outages": [(11.5, 12.5)], "deaths": {"worker 0": 12.0}},
        ),
    ],
)
def test_what_nobody_promised_is_not_asked(verdict, workers, facts):
    assert verdict(*workers, **facts).broken == []


def test_a_line_that_was_cut_short_is_left_out(soak_verdict):
    whole = json.dumps([1.0, "start", *PAIR, False]) + "\n"
    story = soak_verdict.Story(deaths={"worker": 2.0})
    found = soak_verdict.judge({"worker": [whole, whole[:9]]}, story)
    assert found.counts["killed"] == 1
