from __future__ import annotations

import copy
import pickle
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from payreq.blocking import block as rules
from payreq.blocking.block import Block, blocks
from payreq.blocking.ledger import Ledger
from payreq.details import PaymentDetails
from payreq.reasons import MEANINGS, Reason


def a_block(**fields):
    details = PaymentDetails(reason=Reason.QUOTA_EXCEEDED, status=429)
    at = datetime(2026, 1, 2, tzinfo=UTC)
    return Block(
        "https://api.example.com", "export", "alice", details.reason, details, at, at, **fields
    )


def test_a_block_asks_its_guard_for_words():
    def words(block, *, locale, audience, tz):
        return block.feature, locale, audience, tz

    block = a_block(_words=words)
    assert block.user_message() == ("export", None, None, None)
    told = block.user_message("de", audience="member", tz=UTC)
    assert told == ("export", "de", "member", UTC)


def test_a_block_out_of_a_pickle_is_equal_but_has_no_words():
    block = a_block(refused=3, _words=lambda *_, **__: "words")
    again = pickle.loads(pickle.dumps(block))
    assert again == block
    assert again.refused == 3
    with pytest.raises(RuntimeError, match=r"guard\.blocks"):
        again.user_message()
    assert replace(again, _words=block._words).user_message() == "words"


def test_a_copy_of_a_block_keeps_its_words():
    block = a_block(_words=lambda *_, **__: "words")
    assert copy.copy(block).user_message() == "words"
    assert copy.deepcopy(block).user_message() == "words"


def test_the_words_do_not_show():
    assert "words" not in repr(a_block(_words=print))


def test_blocks_of_a_ledger_have_its_words(desk):
    ledger = Ledger(desk.store, desk.clock, words=lambda block, **_: block.account)
    desk.block()
    assert ledger.get("export").user_message() == "alice"


@pytest.mark.parametrize("reason", list(Reason))
def test_only_what_restricts_access_blocks(reason):
    details = PaymentDetails(reason=reason, status=402)
    assert blocks(details, default_feature=False) is MEANINGS[reason].restricts_access


@pytest.mark.parametrize("scope", ["account", "feature", None])
@pytest.mark.parametrize("default", [True, False])
def test_any_scope_but_the_request_blocks(scope, default):
    details = PaymentDetails(reason=Reason.UNKNOWN, status=402, scope=scope)
    assert blocks(details, default_feature=default)


KEY = rules.Key("https://api.example.com", "export", "alice")
HELD = rules.begin(KEY, PaymentDetails(reason=Reason.QUOTA_EXCEEDED, status=429), 1_000.0)
CLEARED = rules.clear(HELD, 1_010.0)


def test_of_two_processes_the_one_that_lets_go_wins():
    assert CLEARED.phase == "cleared"
    assert rules.agree(CLEARED, HELD) is CLEARED
    assert rules.agree(HELD, CLEARED) is CLEARED
    lifted = rules.lift(HELD, 1_020.0)
    assert rules.agree(lifted, CLEARED) is CLEARED
    assert rules.agree(rules.fix(HELD, 1_010.0), CLEARED) is CLEARED


def test_of_two_blocks_the_one_that_all_know_stands_with_the_sooner_check():
    asked = rules.fix(HELD, 1_010.0)
    leased = rules.lease(HELD, "theirs", 1_005.0)
    agreed = rules.agree(asked, leased)
    assert (agreed.token, agreed.next_check, agreed.asked) == ("theirs", 1_010.0, 1_010.0)
    assert agreed.eager_until == 1_010.0 + rules.EAGER_FOR
    assert rules.agree(HELD, asked) is asked
    fixed = replace(asked, next_check=HELD.next_check + 5)
    agreed = rules.agree(fixed, HELD)
    assert (agreed.next_check, agreed.eager_until) == (HELD.next_check, asked.eager_until)
    assert rules.agree(rules.ask(HELD, 1_010.0), HELD).next_check == 1_010.0
    assert rules.agree(asked, rules.ask(HELD, 1_020.0)).asked == 1_020.0


@pytest.mark.parametrize("apart", [0.5, 1.0])
def test_times_that_two_clocks_tell_apart_by_a_second_at_most_are_the_same(apart):
    nearly = replace(HELD, next_check=HELD.next_check - apart)
    assert rules.agree(nearly, HELD) is HELD
    fixed = rules.fix(HELD, 1_010.0)
    nearly = replace(fixed, eager_until=fixed.eager_until + apart)
    assert rules.agree(nearly, fixed) is fixed


def test_times_that_are_farther_apart_are_not():
    sooner = replace(HELD, next_check=HELD.next_check - 1.1)
    assert rules.agree(sooner, HELD).next_check == sooner.next_check


def test_what_was_neither_written_nor_met_has_no_number_and_no_count():
    assert (HELD.generation, HELD.turned, a_block().refused) == (0, 0, 0)


def test_a_check_that_is_refused_brings_what_the_server_said_last():
    last = details_of(retry_after=90)
    assert rules.extend(HELD, last, 2_000.0).details is last


def test_a_block_ends_after_a_week_and_is_remembered_for_a_day_and_less_once_it_is_over():
    week, day = 7 * 86_400, 86_400
    assert (HELD.since, HELD.lapses) == (1_000.0, 1_000.0 + week)
    assert HELD.expires == 1_000.0 + week + day
    extended = rules.extend(HELD, HELD.details, 2_000.0)
    assert (extended.since, extended.lapses) == (1_000.0, 2_000.0 + week)
    assert extended.expires == 2_000.0 + week + day
    lifted = rules.lift(HELD, 2_000.0)
    assert (lifted.phase, lifted.expires) == ("lifted", 2_000.0 + day)
    assert lifted.turned == rules.clear(HELD, 2_000.0).turned == 0  # the store's number is to come
    assert rules.restore(lifted, 2_000.0).expires == 2_900.0
    assert rules.clear(HELD, 2_000.0).expires == 2_900.0


@pytest.mark.parametrize(
    ("retryable", "after", "holds"),
    [
        (True, 20, 20),
        (True, 0.5, 0.5),
        (True, 0, rules.IDLE),
        (True, -1, rules.IDLE),
        (True, None, rules.IDLE),
        (True, rules.IDLE + 1, rules.IDLE),
        (False, 20, rules.IDLE),
        (None, 20, rules.IDLE),
    ],
)
def test_only_a_transient_refusal_says_how_long_it_holds(retryable, after, holds):
    details = details_of(retryable=retryable, retry_after=after)
    begun = rules.begin(KEY, details, 1_000.0)
    assert begun.lapses == 1_000.0 + holds
    assert rules.holds(begun, begun.lapses - 0.1)
    assert not rules.holds(begun, begun.lapses)


def details_of(**facts):
    return PaymentDetails(reason=Reason.QUOTA_EXCEEDED, status=429, **facts)


def test_a_short_retry_after_is_heeded():
    assert rules.begin(KEY, details_of(retry_after=0.5), 1_000.0).next_check == 1_000.5


def test_a_check_that_is_too_far_ahead_was_set_by_another_clock():
    check = HELD.next_check
    assert not rules.due(HELD, check - 960)
    assert rules.due(HELD, check - 960.1)


def test_a_lease_lasts_thirty_seconds_in_either_direction_of_the_clock():
    leased = rules.lease(HELD, "token", 5_000.0)
    called = rules.call(HELD, 5_000.0)
    assert called.called == 5_000.0
    for now, under_way in ((4_970, False), (4_971, True), (5_029, True), (5_030, False)):
        assert rules.under_way(leased, now) is under_way
        assert (rules.call(called, now) is None) is under_way


def probed(asked, now, **state):
    """A block whose probe left at 5,000 and is refused now."""
    state = replace(rules.lease(HELD, "token", 5_000.0), asked=asked, **state)
    return rules.extend(rules.call(state, 5_000.0), HELD.details, now)


@pytest.mark.parametrize(
    ("asked", "again"), [(4_990.0, False), (5_000.0, False), (5_001.0, True), (5_002.0, True)]
)
def test_a_check_that_was_asked_for_while_one_was_under_way_comes_ten_seconds_later(asked, again):
    extended = probed(asked, 5_002.0)
    # The one under way had not been asked for, so it doubles as any other.
    assert extended.interval == (120.0 if again else 60.0)
    assert extended.next_check == 5_002.0 + (10.0 if again else 60.0)
    assert extended.asked == (asked if again else None)


def test_what_was_asked_for_before_the_clock_was_set_back_is_asked_for_no_more():
    extended = probed(5_003.0, 5_002.0)
    assert (extended.interval, extended.next_check, extended.asked) == (60.0, 5_062.0, None)


def test_what_is_asked_for_is_no_second_check_where_no_probe_was_under_way():
    asked = replace(HELD, asked=5_001.0)
    extended = rules.extend(asked, HELD.details, 5_002.0)
    assert (extended.interval, extended.next_check) == (60.0, 5_062.0)


@pytest.mark.parametrize(
    ("until", "eager"), [(5_002.0, False), (5_002.1, True), (5_602.0, True), (5_602.1, False)]
)
def test_checks_come_often_for_ten_minutes_once_it_was_paid(until, eager):
    extended = probed(4_990.0, 5_002.0, eager_until=until)
    assert extended.next_check == 5_002.0 + (10.0 if eager else 60.0)
    assert extended.asked == (4_990.0 if eager else None)
    assert rules.fix(HELD, 5_000.0).eager_until == 5_600.0


@pytest.mark.parametrize(
    "end",
    [
        lambda state: rules.extend(state, HELD.details, 5_002.0),
        lambda state: rules.retain(state, 5_002.0),
        lambda state: rules.lift(state, 5_002.0),
        lambda state: rules.clear(state, 5_002.0),
    ],
)
def test_what_becomes_of_a_probe_frees_its_slot_and_wakes_the_next(end):
    ended = end(rules.call(rules.lease(HELD, "token", 5_000.0), 5_000.0))
    assert ended.token is None
    assert not rules.under_way(replace(ended, token="another"), 5_002.0)
    assert rules.call(ended, 5_002.0) is not None


def test_a_check_that_decided_nothing_is_repeated_after_five_to_ten_seconds():
    waits = [
        rules.retain(replace(HELD, key=KEY._replace(account=f"a{n}")), 0.0).next_check
        for n in range(200)
    ]
    assert 5.0 <= min(waits) < 5.2
    assert 9.8 < max(waits) < 10.0


def test_a_name_that_no_encoding_knows_is_spread_too():
    state = replace(HELD, key=KEY._replace(feature="\ud800"))
    assert 5.0 <= rules.retain(state, 0.0).next_check <= 10.0
