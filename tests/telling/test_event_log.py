from __future__ import annotations

import json
import logging
import os
import stat
import subprocess
import sys
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import httpx
import pytest

import payreq
from payreq import EventLog
from payreq.telling.events import Event

NOON = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
URL = "https://api.example.com/v1/exports"
NO_CREDIT = {"error": {"code": "insufficient_credits", "message": "No credits are left."}}

WRITER = """
import sys
from datetime import UTC, datetime
from payreq import EventLog
from payreq.telling.events import Event

log = EventLog(sys.argv[1])
event = Event("billing_fixed", None, None, datetime(2026, 11, 24, tzinfo=UTC))
sys.stdin.read()  # until all of them are there
for _ in range(300):
    log(event)
"""


@pytest.fixture
def path(tmp_path):
    return tmp_path / "events.jsonl"


def lines(path):
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


@pytest.fixture
def api():
    """An API that refuses until `paid` is set, behind a client of a guard."""
    answers = {"paid": False}

    def answer(request):
        return httpx.Response(200) if answers["paid"] else httpx.Response(402, json=NO_CREDIT)

    return answers, lambda guard: guard.wrap(httpx.Client(transport=httpx.MockTransport(answer)))


def test_every_event_of_a_guard_is_a_line(path, api):
    answers, wrap = api
    guard = payreq.Guard(
        features={"export": "* /v1/exports"}, account=lambda _: "tenant-7", clock=NOON.timestamp
    )
    EventLog(path).listen(guard)
    client = wrap(guard)
    for _ in range(2):
        with pytest.raises(payreq.CreditsExhausted):
            client.get(URL)
    guard.billing_fixed("export")
    answers["paid"] = True
    client.get(URL)
    written = lines(path)
    assert [(line["event"], line["sent"], line["here"]) for line in written] == [
        ("payment_required", True, True),
        ("blocked", True, True),
        ("refused", False, True),
        ("billing_fixed", None, True),
        ("restored", None, True),
    ]
    assert written[1] == {
        "at": "2026-11-24T12:00:00+00:00",
        "event": "blocked",
        "here": True,
        "reason": "credits_exhausted",
        "provider": None,
        "origin": "https://api.example.com",
        "feature": "export",
        "account": "tenant-7",
        "code": "insufficient_credits",
        "status": 402,
        "request_id": None,
        "sent": True,
        "next_check": "2026-11-24T12:01:00+00:00",
    }


def test_it_listens_to_one_name_alone(path, api):
    _, wrap = api
    guard = payreq.Guard()
    guard.on("blocked", EventLog(path))
    with pytest.raises(payreq.CreditsExhausted):
        wrap(guard).get(URL)
    assert [line["event"] for line in lines(path)] == ["blocked"]


def test_times_are_in_utc_and_words_stay_readable(path, refused):
    there = NOON.astimezone(timezone(timedelta(hours=5)))
    EventLog(str(path))(Event("refused", refused(feature="Größe\n中文"), None, there, here=False))
    (line,) = lines(path)
    assert line["at"] == "2026-11-24T12:00:00+00:00"
    assert line["feature"] == "Größe 中文"
    assert line["here"] is False
    assert "中文" in path.read_text("utf-8")


def test_a_new_file_is_for_its_owner_alone(path):
    before = os.umask(0)
    try:
        EventLog(path)(Event("billing_fixed", None, None, NOON))
    finally:
        os.umask(before)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_file_that_was_moved_away_is_made_anew(path):
    log = EventLog(path)
    log(Event("blocked", None, None, NOON))
    path.rename(path.with_suffix(".old"))
    log(Event("restored", None, None, NOON))
    assert [line["event"] for line in lines(path)] == ["restored"]


def test_lines_of_many_processes_stay_whole(path):
    command = [sys.executable, "-c", WRITER, str(path)]
    writers = [subprocess.Popen(command, stdin=subprocess.PIPE) for _ in range(4)]
    for writer in writers:
        writer.stdin.close()
    assert [writer.wait(60) for writer in writers] == [0, 0, 0, 0]
    assert len(lines(path)) == 4 * 300
    assert {line["event"] for line in lines(path)} == {"billing_fixed"}


@pytest.mark.parametrize("bad", ["missing/events.jsonl", "nul\0.jsonl"])
def test_a_file_that_cannot_be_written_costs_one_warning_and_no_request(tmp_path, caplog, api, bad):
    _, wrap = api
    guard = payreq.Guard()
    EventLog(tmp_path / bad).listen(guard)
    client = wrap(guard)
    with caplog.at_level(logging.WARNING, logger="payreq"):
        for _ in range(3):
            with pytest.raises(payreq.CreditsExhausted):
                client.get(URL)
    told = [record.getMessage() for record in caplog.records if not hasattr(record, "payreq_event")]
    assert len(told) == 1
    assert told[0].startswith("the event log ")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full on this system")
def test_a_full_disk_is_told_once(caplog):
    log = EventLog("/dev/full")
    for _ in range(2):
        log(Event("blocked", None, None, NOON))
    assert "No space left" in caplog.text
    assert len(caplog.records) == 1


def test_half_a_line_is_told_too(path, caplog, monkeypatch):
    class Full:
        def __enter__(self):
            return self

        def __exit__(self, *raised):
            pass

        def write(self, line):
            return len(line) - 1

    monkeypatch.setattr("builtins.open", lambda *args, **options: Full())
    EventLog(path)(Event("blocked", None, None, NOON))
    assert "the disk is full" in caplog.text


def test_what_is_no_path_is_told_at_once():
    with pytest.raises(TypeError):
        EventLog(7)
