from __future__ import annotations

import io
import json
import sys
from datetime import date, timedelta

import httpx
import pytest

import payreq

FIRST = date(2026, 11, 1)


def line(event="payment_required", day=0, **facts):
    told = {
        "at": f"{FIRST + timedelta(day)}T12:00:00+00:00",
        "event": event,
        "here": True,
        "provider": "openai",
        "feature": "chat",
        "account": "tenant-7",
        "reason": "credits_exhausted",
    }
    return json.dumps({**told, **facts})


@pytest.fixture
def report(run, tmp_path):
    def command(*lines, options=()):
        file = tmp_path / "events.jsonl"
        file.write_text("".join(f"{each}\n" for each in lines), encoding="utf-8")
        return run("report", str(file), *options)

    return command


def test_refusals_are_counted_and_drawn(report):
    here = [line("refused", day=2)] * 9
    ran = report(line(), line("blocked"), *here, line("restored", day=2))
    assert (ran.code, ran.err) == (0, "")
    assert "10 refusals: 1 received, 9 refused here" in ran.out
    assert "1 November 2026 to 3 November 2026; 1 block, 1 restored" in ran.out
    rows = [row.rstrip() for row in ran.out.splitlines()]
    days = rows.index("By day, in UTC") + 1
    assert rows[days : days + 3] == [
        f"  2026-11-01  {'█' * 6} 1",
        "  2026-11-02  0",
        f"  2026-11-03  {'░' * 54} 9",
    ]
    for group, member in (
        ("provider", "openai"),
        ("account", "tenant-7"),
        ("feature", "chat"),
        ("reason", "credits_exhausted"),
    ):
        head, row = ran.out.split(f"By {group}")[1].splitlines()[:2]
        assert head.split() == ["received", "here", "blocks", "restored"]
        assert row.split() == [member, "1", "9", "1", "1"]


def test_what_an_event_log_writes_is_read(run, tmp_path):
    guard = payreq.Guard(features={"export": "POST /v1/exports"})
    payreq.EventLog(tmp_path / "events.jsonl").listen(guard)
    problem = payreq.problem("trial_expired")
    answers = httpx.MockTransport(lambda request: httpx.Response(402, content=problem.body))
    client = guard.wrap(httpx.Client(transport=answers))
    for _ in range(3):
        with pytest.raises(payreq.TrialExpired):
            client.post("https://api.example.com/v1/exports")
    told = json.loads(run("report", str(tmp_path / "events.jsonl"), "--json").out)
    counts = {"payment_required": 1, "blocked": 1, "refused": 2}
    assert told["by_reason"] == {"trial_expired": counts}
    assert told["by_feature"] == {"export": counts}
    assert told["by_provider"] == {"api.example.com": counts}
    assert told["damaged"]["lines"] == 0


def test_it_fits_on_80_columns_without_colour(report):
    names = {"feature": "GET api.example.com/v1/" + "{id}/" * 40, "provider": "p" * 90}
    ran = report(*[line("refused", account=f"t{n}" * 30, **names) for n in range(40)], line())
    assert max(map(len, ran.out.splitlines())) <= 80
    assert "\x1b" not in ran.out


def test_the_last_days_are_drawn_and_the_others_counted(report):
    ran = report(*(line(day=day) for day in range(40)))
    assert "and 9 days before these" in ran.out
    assert "2026-11-09" not in ran.out
    assert "2026-11-10" in ran.out


def test_a_long_pause_is_no_long_chart(report):
    ran = report(line(), line(day=4000))
    assert len(ran.out.splitlines()) < 80


def test_those_refused_most_are_listed(report):
    lines = [line(account=f"tenant-{n:02}") for n in range(30) for _ in range(n + 1)]
    ran = report(*lines)
    assert "and 15 more: see --json" in ran.out
    assert "tenant-29" in ran.out
    assert "tenant-14" not in ran.out


def test_events_that_are_no_refusals_are_drawn_as_none(report):
    assert "  2026-11-01  0\n" in report(line("billing_fixed")).out


def test_a_damaged_line_is_named_and_not_fatal(report):
    ran = report(line(), line()[:30], line())
    assert ran.code == 0
    assert "Damaged lines, left out\n  line 2" in ran.out
    assert "in all" not in ran.out
    assert "in all" in report(line(), *["junk"] * 21).out


def test_json_is_for_programs(report):
    ran = report(line(), "junk", options=["--json"])
    told = json.loads(ran.out)
    assert ran.code == 0
    assert told["by_account"] == {"tenant-7": {"payment_required": 1}}
    assert told["damaged"]["lines"] == 1


@pytest.mark.parametrize(
    ("lines", "says"),
    [
        ((), "it is empty"),
        (("",), "it is empty"),
        (("junk", "more"), "this is no event log; of line 1: it is no JSON"),
        (("{}",), "the event has no time"),
    ],
)
def test_what_is_no_event_log_is_bad_input(report, lines, says):
    for options in ((), ("--json",)):
        ran = report(*lines, options=options)
        assert (ran.code, ran.out) == (2, "")
        assert says in ran.err
        assert len(ran.err.splitlines()) == 1


def test_a_file_that_cannot_be_read_is_bad_input(run, tmp_path):
    ran = run("report", str(tmp_path / "none.jsonl"))
    assert (ran.code, ran.out) == (2, "")
    assert "none.jsonl: No such file" in ran.err
    assert "Is a directory" in run("report", str(tmp_path)).err


def test_standard_input_is_read(run, monkeypatch):
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(line().encode())))
    ran = run("report", "-")
    assert ran.code == 0
    assert "Events of standard input" in ran.out


def test_a_name_that_looks_like_markup_is_shown_as_it_is(run, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "[red]a[").write_text(line(), encoding="utf-8")
    ran = run("report", "[red]a[")
    assert ran.code == 0
    assert "Events of [red]a[" in ran.out
