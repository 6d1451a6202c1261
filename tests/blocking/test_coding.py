from __future__ import annotations

import json
import math
from dataclasses import replace
from decimal import Decimal

import pytest

from payreq.blocking import block as rules
from payreq.blocking.block import Key, State
from payreq.blocking.coding import VERSION, decode, digest, encode
from payreq.details import Challenge, PaymentDetails
from payreq.reasons import Reason

NOW = 1_700_000_000.0
KEY = Key("https://api.example.com", "export \ud800 ✓", "alice")
DETAILS = PaymentDetails(
    reason=Reason.CREDITS_EXHAUSTED,
    status=402,
    message="Top up.",
    balance=Decimal("0.10"),
    billing_url="https://example.com/billing",
    evidence=("code insufficient_credits",),
)


@pytest.fixture
def state():
    return rules.lease(rules.fix(rules.begin(KEY, DETAILS, NOW), NOW), "token", NOW)


@pytest.fixture
def text(state):
    return encode(state, 0)


def changed(text, **members):
    return json.dumps({**json.loads(text), **members})


def test_a_state_comes_back_as_it_was(state, text):
    assert text.isascii()
    assert decode(text, 0, NOW) == state


# Releases run side by side: what one writes, all read.
WRITTEN = (
    '{"v":1,"key":["https://api.example.com","export","alice"],"phase":"lifted","interval":120.0,'
    '"token":null,"by":"8f3a-1c","since":1700000000.333333,"next_check":1700000060.0,'
    '"lapses":1700604800.0,"expires":1700691200.0,"details":{"reason":"quota_exceeded",'
    '"status":429,"limit":"1000"}}'
)
STATE = State(
    key=Key("https://api.example.com", "export", "alice"),
    details=PaymentDetails(reason=Reason.QUOTA_EXCEEDED, status=429, limit=Decimal(1000)),
    phase="lifted",
    since=NOW + 0.333333,
    next_check=NOW + 60,
    interval=120.0,
    lapses=NOW + rules.IDLE,
    expires=NOW + rules.IDLE + rules.AWAITED,
    by="8f3a-1c",
)


def test_a_state_is_written_as_every_release_writes_it():
    assert encode(replace(STATE, since=NOW + 0.3333334), 0) == WRITTEN


def test_a_state_is_read_as_every_release_reads_it():
    assert decode(WRITTEN, 0, NOW + 1) == STATE


def test_times_are_those_of_another_clock(state):
    shifted = decode(encode(state, 3_600), 0, NOW + 3_600)
    assert shifted.next_check == state.next_check + 3_600
    assert decode(encode(state, 3_600), 3_600, NOW) == state


def test_the_short_name_of_a_key_is_the_same_in_every_process_and_tells_keys_apart():
    assert digest(Key("a", "b", "c")) == "e32dd4b8e1fbd865f4421ba4a555b563"
    assert digest(Key("a", "b,c", "d")) != digest(Key("a", "b", "c,d"))


def test_payment_terms_are_not_kept(state):
    terms = Challenge(protocol="x402", raw={"accepts": "what the body said"})
    state = replace(state, details=DETAILS.model_copy(update={"challenges": (terms,)}))
    assert "what the body said" not in encode(state, 0)
    smuggled = json.loads(encode(state, 0))
    smuggled["details"]["challenges"] = [{"protocol": "x402"}]
    assert decode(json.dumps(smuggled), 0, NOW).details.challenges == ()


def test_texts_and_links_are_cleaned_as_those_of_a_server(text):
    details = {
        **json.loads(text)["details"],
        "message": "Pay\u202e here\n now",
        "code": "x" * 5_000,
        "billing_url": "javascript:alert(1)",
        "upgrade_url": "https://user:secret@example.com/",
        "invoice_url": "https://example.com/invoice",
        "evidence": ["a\nb"] * 100,
        "retry_after": 5,
    }
    read = decode(changed(text, details=details), 0, NOW).details
    assert read.message == "Pay here now"
    assert len(read.code) == 1_000
    assert read.billing_url is read.upgrade_url is None
    assert read.invoice_url == "https://example.com/invoice"
    assert read.evidence == ("a b",) * 20
    assert read.retry_after == 5


def test_a_wait_that_never_ends_is_none(text):
    details = json.dumps({**json.loads(text)["details"], "retry_after": "inf"})
    endless = text.replace(json.dumps(json.loads(text)["details"], separators=(",", ":")), details)
    assert decode(endless, 0, NOW).details.retry_after is None


def test_nothing_blocks_for_longer_than_a_refusal_may(text):
    far = changed(text, lapses=9e10, expires=9e10, eager_until=9e10, interval=1e9)
    state = decode(far, 0, NOW)
    assert state.lapses == NOW + rules.IDLE
    assert state.expires == NOW + rules.IDLE + rules.AWAITED
    assert state.eager_until == NOW + rules.EAGER_FOR
    assert state.interval == rules.LONGEST_CHECK


def test_the_times_that_people_are_shown_are_such_as_a_refusal_brings_about(text):
    state = decode(changed(text, since=9e10, next_check=9e10), 0, NOW)
    assert (state.since, state.next_check) == (NOW, NOW)
    assert rules.due(replace(state, token=None, leased=-math.inf), NOW)
    latest = NOW + rules.LONGEST_CHECK + rules.SLACK
    assert decode(changed(text, next_check=latest), 0, NOW).next_check == latest


def test_checks_follow_one_another_after_a_second_at_least(text):
    assert decode(changed(text, interval=0), 0, NOW).interval == 1.0


def test_what_comes_near_a_bound_is_read_and_what_passes_it_is_not(text):
    assert decode(text.ljust(32_768), 0, NOW)
    with pytest.raises(ValueError, match="this is no state"):
        decode(text.ljust(32_769), 0, NOW)
    assert len(decode(changed(text, by="x" * 8_192), 0, NOW).by) == 8_192
    with pytest.raises(ValueError, match="this is no state"):
        decode(changed(text, by="x" * 8_193), 0, NOW)
    assert decode(changed(text, since=0, asked=99_999_999_999), 0, NOW).since == 0
    with pytest.raises(ValueError, match="this is no state"):
        decode(changed(text, asked=100_000_000_000), 0, NOW)


@pytest.mark.parametrize("ahead", [1e300, -1e300, 2e9])
def test_a_clock_that_no_calendar_knows_moves_no_time_out_of_it(text, ahead):
    with pytest.raises(ValueError, match="this is no state"):
        decode(text, ahead, NOW)


@pytest.mark.parametrize(
    "members",
    [
        {"v": VERSION + 1},
        {"phase": "hacked"},
        {"phase": ["blocked"]},
        {"key": ["a", "b"]},
        {"key": ["a", "b", 3]},
        {"key": "abc", "since": None},
        {"key": ["https://[", "export", "acme"]},
        {"key": ["a", "b", "c" * 10_000]},
        {"since": "now"},
        {"since": True},
        {"since": -1},
        {"next_check": 1e300},
        {"lapses": None},
        {"expires": float("nan")},
        {"interval": float("inf")},
        {"token": 5},
        {"token": ["a"]},
        {"by": None},
        {"by": {}},
        {"details": None},
        {"details": {"reason": "hacked", "status": 402}},
        {"details": {"reason": "unknown", "status": 402, "balance": "NaN"}},
    ],
)
def test_what_is_no_state_is_refused_without_a_quote(text, members):
    with pytest.raises(ValueError, match=r"^this is no state: \w+$"):
        decode(changed(text, **members), 0, NOW)


@pytest.mark.parametrize("junk", ["", "null", "[]", "{", "[" * 100_000, "x" * 32_769])
def test_junk_is_refused(junk):
    with pytest.raises(ValueError, match="this is no state"):
        decode(junk, 0, NOW)


@pytest.mark.parametrize("name", ["since", "next_check", "lapses", "expires"])
def test_a_state_that_lacks_a_time_is_refused(text, name):
    known = json.loads(text)
    del known[name]
    with pytest.raises(ValueError, match="this is no state"):
        decode(json.dumps(known), 0, NOW)
