"""An exchange driven by hand, as a transport drives it."""

from __future__ import annotations

import gzip
from datetime import UTC, datetime

import httpx
import pytest

import payreq
from payreq.bodies import Prefix
from payreq.exchange import CALL, Exchange

URL = "https://api.example.com/exports"
NO_CREDIT = b'{"code": "insufficient_credits", "message": "No credits are left."}'


@pytest.fixture(autouse=True)
def call():
    """A call of its own for each test."""
    token = CALL.set(None)
    yield
    CALL.reset(token)


def exchange(guard, url=URL, refusals=None, *, linked=False, epoch=None, **headers):
    request = httpx.Request("POST", url, headers={"authorization": "Bearer sk-test-1", **headers})
    return Exchange(guard, request, refusals, linked=linked, epoch=epoch)


def body(content=NO_CREDIT, *, whole=True):
    prefix = Prefix("")
    prefix.add(content)
    prefix.complete = whole
    return prefix


def unpaid(status=402, **options):
    options.setdefault("headers", {"content-type": "application/json"})
    return httpx.Response(status, **options)


def refuse(guard, **options):
    """Return the refusal of a request that the API refuses."""
    one = exchange(guard, **options)
    assert one.admit() is None
    return one.judge(unpaid(), body())


# Before the request


def test_nobodys_account_is_asked_for_while_nothing_is_blocked():
    asked = []
    guard = payreq.Guard(account=lambda request: asked.append(request) or "acme")
    one = exchange(guard)
    assert one.admit() is None
    assert one.judge(httpx.Response(200), None) is None
    assert asked == []


def test_a_transport_that_observes_lets_pass_what_is_blocked(guard):
    refuse(guard)
    assert exchange(guard).admit() is not None
    assert exchange(guard, refusals="observe").admit() is None


@pytest.mark.parametrize("mode", ["raise", "return"])
def test_what_a_transport_does_with_refusals_goes_before_the_guards_way(clock, mode):
    guard = payreq.Guard(clock=clock, refusals="return" if mode == "raise" else "raise")
    assert refuse(guard, refusals=mode).raises is (mode == "raise")
    assert exchange(guard, refusals=mode).admit().raises is (mode == "raise")
    assert exchange(guard).admit().raises is (mode == "return")


def test_a_refusal_knows_whose_it_is_when_it_was_and_how_the_guard_speaks(clock):
    guard = payreq.Guard(account=lambda _: "acme", clock=clock, locale="de")
    received = refuse(guard)
    here = exchange(guard).admit()
    for refusal in (received, here):
        assert refusal.account == "acme"
        assert refusal.at == datetime.fromtimestamp(clock.now, UTC)
        assert refusal.at.tzinfo is UTC
        assert "Guthaben" in refusal.user_message().body


def test_what_was_sent_earlier_is_of_the_time_when_it_was_sent(guard):
    early = guard.ledger.epoch
    refuse(guard)
    guard.blocks.clear()
    late = exchange(guard, epoch=early)
    assert late.judge(unpaid(), body()).block is None
    assert guard.blocks.active() == []


# What need not be looked at


def test_an_answer_below_400_is_plain_and_its_body_is_left_alone(guard):
    one = exchange(guard)
    for status in (200, 302, 399):
        assert one.is_plain(httpx.Response(status))
        assert not one.wants_body(httpx.Response(status))
    assert not one.is_plain(httpx.Response(400))
    assert one.judge(unpaid(200), body()) is None


def test_a_400_is_read(guard):
    one = exchange(guard)
    assert one.wants_body(unpaid(400))
    assert one.judge(unpaid(400), body()).reason == "credits_exhausted"


def test_an_answer_is_free_unless_a_block_was_met_or_it_may_be_a_refusal(guard, clock):
    assert exchange(guard).is_free(httpx.Response(200))
    assert not exchange(guard).is_free(httpx.Response(400))
    refuse(guard)
    clock.advance(60)
    check = exchange(guard)
    assert check.admit() is None
    assert not check.is_free(httpx.Response(200))
    other = exchange(guard, "https://api.example.com/imports")
    assert other.admit() is None
    assert other.is_free(httpx.Response(200))


# What is read


def test_the_reader_is_told_what_the_request_paid_and_how_much_of_the_body_came(guard):
    terms = {"www-authenticate": 'Payment id="a", realm="b", method="c", intent="charge"'}
    asked = exchange(guard).judge(unpaid(headers=terms), None)
    paid = exchange(guard, authorization="Payment abc").judge(unpaid(headers=terms), None)
    assert (asked.reason, paid.reason) == ("payment_challenge", "payment_failed")
    assert asked.details.truncated is False
    assert asked.details.message is None
    assert exchange(guard).judge(unpaid(), body(whole=False)).details.truncated is True


def test_a_profile_of_the_apps_own_is_asked():
    rule = {"when": [{"at": "/state", "is": ["grounded"]}], "means": "invoice_unpaid"}
    own = {"name": "own", "title": "Own", "hosts": ["api.example.com"], "rules": [rule]}
    guard = payreq.Guard(providers=[own])
    assert exchange(guard).judge(unpaid(403), body(b'{"state": "grounded"}')) is not None


def test_the_app_is_asked_of_refusals_alone():
    asked = []
    guard = payreq.Guard(accept=lambda details: asked.append(details) or True)
    assert exchange(guard).judge(unpaid(404), body(b'{"message": "Not found"}')) is None
    assert asked == []


def test_what_could_not_be_judged_is_said_in_words(guard, monkeypatch, caplog):
    monkeypatch.setattr(payreq.reading, "read", lambda *_, **__: 1 / 0)
    assert exchange(guard).judge(unpaid(), body()) is None
    assert exchange(guard).judge(unpaid(), body()) is None
    (record,) = caplog.records
    assert record.getMessage() == (
        "a response could not be judged (ZeroDivisionError); it passes untouched"
    )


# What becomes of blocks


def test_an_answer_that_was_read_and_is_no_refusal_lifts_the_block(guard, clock):
    refuse(guard)
    clock.advance(60)
    check = exchange(guard)
    check.admit()
    assert check.judge(unpaid(404), body(b"{}")) is None
    assert guard.blocks.active() == []


def test_an_answer_that_broke_off_tells_nothing(guard, clock, caplog):
    refuse(guard)
    clock.advance(60)
    check = exchange(guard)
    check.admit()
    broken = body(b"{", whole=False)
    broken.error = httpx.ReadError("gone")
    assert check.judge(unpaid(404), broken) is None
    assert guard.blocks.active() != []
    assert caplog.records == []


def test_a_body_that_broke_off_is_the_callers_to_meet_unless_it_told_enough(guard):
    for refusals, met in (("observe", True), ("return", False)):
        broken = body(whole=False)
        broken.error = httpx.ReadError("gone")
        assert exchange(guard, refusals=refusals).judge(unpaid(), broken) is not None
        assert (broken.error is not None) is met


def test_a_model_that_is_refused_blocks_a_path_only_where_the_app_named_it(guard):
    content = NO_CREDIT.replace(b"}", b', "feature": "large-model"}')
    named = exchange(guard).judge(unpaid(), body(content))
    folded = exchange(guard, "https://api.example.com/imports").judge(unpaid(), body(content))
    assert named.details.feature == folded.details.feature == "large-model"
    assert named.block is not None
    assert folded.block is None


def test_what_a_cache_answered_is_not_given_again(clock):
    store = payreq.MemoryStore()
    guard, other = (payreq.Guard(store=store, clock=clock) for _ in range(2))
    stale = unpaid(extensions={"from_cache": True})
    assert exchange(guard).judge(stale, body(NO_CREDIT + b" ")).block is None
    refuse(other)
    again = exchange(guard)
    assert again.admit() is not None
    assert again.replay().content.startswith(b'{"type"')


def test_what_is_given_again_is_whole_and_belongs_to_no_connection(guard):
    packed = gzip.compress(NO_CREDIT)
    sent = {
        "connection": "close",
        "content-encoding": "gzip",
        "content-length": str(len(packed)),
        "content-type": "application/json",
        "set-cookie": "a=b",
        "x-request-id": "r-1",
    }
    exchange(guard).judge(unpaid(headers=sent), body())
    again = exchange(guard)
    again.admit()
    replay = again.replay()
    assert (replay.status, replay.content) == (402, NO_CREDIT)
    assert replay.headers["content-length"] == str(len(NO_CREDIT))
    assert replay.headers["x-request-id"] == "r-1"
    assert replay.headers["x-should-retry"] == "false"
    assert not {"connection", "content-encoding", "set-cookie"} & replay.headers.keys()


# What one call has been refused


def test_a_call_remembers_each_refusal_and_passes_where_it_met_one(guard):
    for url in (URL, "https://other.example.com/exports"):
        one = exchange(guard, url, linked=True)
        one.admit()
        assert one.judge(unpaid(), body()) is not None
    assert [key.origin for key in CALL.get()] == [
        "https://api.example.com",
        "https://other.example.com",
    ]
    assert exchange(guard).admit() is None
    CALL.set(None)
    assert exchange(guard).admit() is not None


def paid(guard, url=URL):
    """Return the exchange of a call that goes on with a receipt where its key was."""
    return exchange(guard, url, linked=True, authorization="L402 token:preimage")


def test_a_receipt_in_place_of_the_key_lifts_all_that_its_call_met_at_the_origin(guard):
    for path in ("exports", "imports"):
        refuse(guard, url=f"https://api.example.com/{path}", linked=True)
    refuse(guard, url="https://other.example.com/exports", linked=True)
    again = paid(guard)
    assert again.admit() is None
    assert not again.is_free(httpx.Response(200))
    assert again.judge(httpx.Response(200), None) is None
    assert [block.origin for block in guard.blocks.active()] == ["https://other.example.com"]


@pytest.mark.parametrize("cached", [True, False])
def test_an_answer_that_tells_nothing_lifts_nothing_that_its_call_met(guard, cached, caplog):
    refuse(guard, linked=True)
    again = paid(guard)
    again.admit()
    broken = None if cached else body(b"{", whole=False)
    if broken is not None:
        broken.error = httpx.ReadError("gone")
    status = 200 if cached else 404
    assert again.judge(unpaid(status, extensions={"from_cache": cached}), broken) is None
    assert len(guard.blocks.active()) == 1
    assert caplog.records == []


def test_without_a_send_around_it_nothing_is_remembered(guard):
    refuse(guard)
    assert CALL.get() is None


# What listeners hear


def test_news_are_made_only_where_somebody_hears_them(guard):
    one = exchange(guard)
    one.judge(unpaid(), body())
    assert [event.name for event in one.news] == ["blocked"]  # which is logged
    guard.on("payment_required", print)
    other = exchange(guard, "https://api.example.com/imports")
    other.judge(unpaid(), body())
    assert [event.name for event in other.news] == ["payment_required", "blocked"]
