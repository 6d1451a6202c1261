from __future__ import annotations

import copy
import pickle
from dataclasses import replace
from datetime import UTC, datetime

import pytest

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
