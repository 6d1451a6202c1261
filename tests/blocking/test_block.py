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
    assert rules.agree(CLEARED, HELD) is CLEARED
    assert rules.agree(HELD, CLEARED) is CLEARED
    lifted = rules.lift(HELD, 1_020.0)
    assert rules.agree(lifted, CLEARED) is CLEARED


def test_of_two_blocks_the_one_that_all_know_stands_with_the_sooner_check():
    asked = rules.fix(HELD, 1_010.0)
    leased = rules.lease(HELD, "theirs", 1_005.0)
    agreed = rules.agree(asked, leased)
    assert (agreed.token, agreed.next_check, agreed.asked) == ("theirs", 1_010.0, 1_010.0)
    assert agreed.eager_until == 1_010.0 + rules.EAGER_FOR
    assert rules.agree(HELD, asked) is asked
    fixed = replace(asked, next_check=HELD.next_check + 5)
    assert rules.agree(fixed, HELD).next_check == HELD.next_check
    assert rules.agree(asked, rules.ask(HELD, 1_020.0)).asked == 1_020.0


def test_times_that_two_clocks_tell_apart_by_less_than_a_second_are_the_same():
    nearly = replace(HELD, next_check=HELD.next_check - 0.5, eager_until=HELD.eager_until)
    assert rules.agree(nearly, HELD) is HELD
