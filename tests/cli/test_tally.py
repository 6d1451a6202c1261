from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from payreq.cli.tally import NAMED, UNKNOWN, refusals, tally

EVENT = {
    "at": "2026-11-25T14:00:00+00:00",
    "event": "payment_required",
    "here": True,
    "reason": "credits_exhausted",
    "provider": "openai",
    "origin": "https://api.openai.com",
    "feature": "chat",
    "account": "tenant-7",
    "code": "insufficient_quota",
    "status": 429,
    "request_id": "req_1",
    "sent": True,
    "next_check": None,
}


def line(**facts):
    return json.dumps({**EVENT, **facts}).encode() + b"\n"


def test_events_are_counted_by_each_group():
    counted = tally([line(), line(event="refused"), line(event="refused", feature="export")])
    assert counted.events == {"payment_required": 1, "refused": 2}
    assert counted.groups["provider"]["openai"] == {"payment_required": 1, "refused": 2}
    assert counted.groups["feature"]["export"] == {"refused": 1}
    assert counted.groups["account"]["tenant-7"].total() == 3
    assert counted.groups["reason"]["credits_exhausted"].total() == 3
    assert counted.groups["day"]["2026-11-25"].total() == 3
    assert refusals(counted.events) == 3
    assert counted.damaged == 0


def test_a_day_is_one_in_utc():
    counted = tally([line(at="2026-11-25T23:30:00-02:00"), line(at="2026-11-25T08:00:00Z")])
    assert sorted(counted.groups["day"]) == ["2026-11-25", "2026-11-26"]
    assert (counted.first, counted.last) == (
        datetime(2026, 11, 25, 8, tzinfo=UTC),
        datetime(2026, 11, 26, 1, 30, tzinfo=UTC),
    )


@pytest.mark.parametrize(("event", "times"), [("blocked", 1), ("restored", 1), ("refused", 2)])
def test_what_several_processes_tell_of_is_counted_once(event, times):
    assert tally([line(event=event), line(event=event, here=False)]).events[event] == times


@pytest.mark.parametrize(
    ("facts", "provider"),
    [
        ({"provider": None}, "api.openai.com"),
        ({"provider": None, "origin": None}, UNKNOWN),
        ({"provider": None, "origin": "https://[a"}, UNKNOWN),
        ({"provider": 7, "origin": 8}, UNKNOWN),
        ({"provider": "a\x1b[2Jb"}, "a [2Jb"),
    ],
)
def test_an_unknown_provider_is_called_by_its_host(facts, provider):
    assert list(tally([line(**facts)]).groups["provider"]) == [provider]


@pytest.mark.parametrize(
    ("damaged", "why"),
    [
        (line()[:40], "only a part of it"),
        (b"\xff\n", "no JSON"),
        (b"[" * 100_000, "no JSON"),
        (b"[1]\n", "no event"),
        (line(at=None), "no time"),
        (line(at="yesterday"), "no time"),
        (line(at="0001-01-01T00:00:00+12:00"), "no time"),
        (line(event=None), "no name"),
        (line(event="\x00"), "no name"),
    ],
)
def test_a_damaged_line_is_named_and_left_out(damaged, why):
    counted = tally([line(), damaged, b"\n", line()])
    assert counted.events.total() == 2
    assert counted.damaged == 1
    ((number, said),) = counted.named
    assert number == 2
    assert why in said


def test_only_the_first_damaged_lines_are_named():
    counted = tally([b"junk"] * 50)
    assert counted.damaged == 50
    assert [number for number, _ in counted.named] == list(range(1, NAMED + 1))


def test_it_is_plain_data():
    counted = tally([line(), b"junk"])
    told = json.loads(json.dumps(counted.to_dict()))
    assert told["events"] == {"payment_required": 1}
    for group, member in (("provider", "openai"), ("day", "2026-11-25")):
        assert told[f"by_{group}"] == {member: {"payment_required": 1}}
    assert told["first"] == told["last"] == "2026-11-25T14:00:00+00:00"
    assert told["damaged"] == {
        "lines": 1,
        "named": [{"line": 2, "why": "it is no JSON, or only a part of it"}],
    }
    assert tally([]).to_dict()["first"] is None


@given(
    st.lists(st.binary() | st.dictionaries(st.sampled_from(sorted(EVENT)), st.text() | st.none()))
)
def test_no_line_breaks_it(lines):
    data = [line if isinstance(line, bytes) else json.dumps(line).encode() for line in lines]
    counted = tally(data)
    assert counted.events.total() + counted.damaged <= len(data)
