from __future__ import annotations

import sys
import threading
from dataclasses import replace

import pytest

from payreq.blocking import block as rules
from payreq.blocking.block import Key
from payreq.blocking.memory import MemoryStore
from payreq.blocking.store import StoreFullError
from payreq.details import PaymentDetails
from payreq.reasons import Reason

NOW = 1_700_000_000.0
DETAILS = PaymentDetails(reason=Reason.UNKNOWN, status=402)


def key(feature="export", account="alice"):
    return Key("https://api.example.com", feature, account)


def begun(store, of, now=NOW):
    return store.swap(of, 0, rules.begin(of, DETAILS, now), now)


def test_a_write_is_numbered_and_read_back():
    store = MemoryStore()
    one = begun(store, key())
    assert (one.generation, one.turned) == (1, 1)
    assert store.get(key()) is one
    asked = store.swap(key(), 1, rules.ask(one, NOW), NOW)
    assert (asked.generation, asked.turned) == (2, 1)
    over = store.swap(key(), 2, rules.clear(asked, NOW), NOW)
    assert (over.generation, over.turned) == (3, 3)
    assert store.generation == 3


def test_of_two_writes_on_one_reading_the_first_wins():
    store = MemoryStore()
    one = begun(store, key())
    assert begun(store, key()) is None
    assert store.swap(key(), 1, rules.lease(one, "a", NOW), NOW).token == "a"
    assert store.swap(key(), 1, rules.lease(one, "b", NOW), NOW) is None
    assert store.get(key()).token == "a"


def test_changes_tell_what_changed_and_no_more():
    store = MemoryStore()
    for number in range(5):
        begun(store, key(f"f{number}"))
    assert store.changes(5) == []
    store.swap(key("f1"), 2, rules.clear(store.get(key("f1")), NOW), NOW)
    store.swap(key("f0"), 1, rules.ask(store.get(key("f0")), NOW), NOW)
    assert [state.key.feature for state in store.changes(5)] == ["f1", "f0"]
    assert [state.generation for state in store.changes(0)] == [3, 4, 5, 6, 7]


def test_a_block_that_is_written_anew_is_never_out_of_sight():
    store = MemoryStore()
    first = seen = begun(store, key())
    interval, done = sys.getswitchinterval(), threading.Event()
    sys.setswitchinterval(1e-6)

    def rewrite():
        state = first
        for _ in range(20_000):
            state = store.swap(key(), state.generation, state, NOW)
        done.set()

    writer = threading.Thread(target=rewrite)
    try:
        writer.start()
        while not done.is_set() and seen is not None:
            seen = store.get(key())
    finally:
        writer.join()
        sys.setswitchinterval(interval)
    assert seen is not None


def test_find_matches_what_is_given():
    store = MemoryStore()
    for feature in ("export", "chat"):
        for account in ("alice", "bob"):
            begun(store, key(feature, account))
    found = store.find(feature="export", account="bob")
    assert [state.key for state in found] == [key("export", "bob")]
    assert len(store.find(origin="https://api.example.com", account="alice")) == 2
    assert len(store.find(origin="https://api.example.com")) == 4
    assert store.find(origin="https://eu.example.com", account="alice") == []
    assert store.find(origin="https://eu.example.com") == []
    both = store.find(origin="https://api.example.com", feature="chat", account="bob")
    assert [state.key for state in both] == [key("chat", "bob")]
    assert len(store.find(feature="export")) == 2
    assert len(store.find(account="bob")) == 2
    assert len(store.find()) == 4


@pytest.mark.parametrize(
    "asked",
    [
        {},
        {"origin": "https://api.example.com"},
        {"account": "alice"},
        {"origin": "https://api.example.com", "account": "alice"},
    ],
)
def test_whatever_is_asked_for_the_oldest_write_comes_first(asked):
    store = MemoryStore()
    one = begun(store, key("export"))
    begun(store, key("chat"))
    store.swap(key("export"), 1, rules.ask(one, NOW), NOW)
    assert [state.key.feature for state in store.find(**asked)] == ["chat", "export"]


def test_what_is_let_go_of_is_found_no_more_and_leaves_no_index():
    store = MemoryStore()
    one = begun(store, key())
    store.swap(key(), 1, rules.lift(one, NOW), NOW)
    assert store.find(feature="export", account="alice") == store.find() == []
    assert store._index == {}
    assert not store.quiet
    store.swap(key(), 2, rules.restore(store.get(key()), NOW), NOW)
    assert store.quiet


def test_what_nobody_holds_a_block_for_is_spared():
    store = MemoryStore()
    one = begun(store, key())
    here = key().origin
    assert not store.spares(here, "export")
    assert store.spares(here, "chat")
    assert store.spares("https://other.example.com", "export")
    begun(store, key(account="bob"))
    store.swap(key(), 1, rules.clear(one, NOW), NOW)
    assert not store.spares(here, "export")
    store.swap(key(account="bob"), 2, rules.clear(store.get(key(account="bob")), NOW), NOW)
    assert store.spares(here, "export")


def test_what_was_lifted_spares_nobody_until_it_is_proven():
    store = MemoryStore()
    store.swap(key(), 1, rules.lift(begun(store, key()), NOW), NOW)
    assert not store.spares(key().origin, "export")
    store.swap(key(), 2, rules.restore(store.get(key()), NOW), NOW)
    assert store.spares(key().origin, "export")


def sweep(store, now):
    assert store.swap(key("nothing is written"), 1, rules.begin(key(), DETAILS, now), now) is None


def test_a_store_is_quiet_as_soon_as_all_it_held_is_forgotten():
    store = MemoryStore()
    one = begun(store, key())
    sweep(store, one.expires - 1)
    assert not store.quiet
    sweep(store, one.expires + 1)
    assert store.quiet


def test_a_store_is_not_quiet_while_it_holds_another_block():
    store = MemoryStore()
    one = begun(store, key())
    begun(store, key("chat"), NOW + 60)
    sweep(store, one.expires)
    assert [state.key for state in store.find()] == [key("chat")]
    assert not store.quiet


def test_a_store_is_not_quiet_while_a_block_is_lifted():
    store = MemoryStore()
    one = begun(store, key())
    lifted = begun(store, key("chat"))
    store.swap(key("chat"), lifted.generation, rules.lift(lifted, one.expires - 1), one.expires - 1)
    sweep(store, one.expires)
    assert store.find() == []
    assert not store.quiet


def test_counts_belong_to_live_blocks():
    store = MemoryStore()
    store.count(key())
    assert store.counted(key()) == 0
    one = begun(store, key())
    store.count(key())
    assert store.counted(key()) == 1
    store.swap(key(), 1, rules.clear(one, NOW), NOW)
    assert store.counted(key()) == 0
    assert store._counts == {}


def test_what_expired_is_forgotten_and_makes_room():
    store = MemoryStore(limit=1)
    one = begun(store, key())
    store.count(key())
    with pytest.raises(StoreFullError, match="1"):
        begun(store, key("chat"))
    assert begun(store, key("chat"), one.expires).phase == "blocked"
    assert store.get(key()) is None
    assert store.counted(key()) == 0
    assert store.horizon == one.turned


def test_what_is_over_is_forgotten_after_a_while_and_bounded(monkeypatch):
    monkeypatch.setattr("payreq.blocking.memory.REMEMBERED_AT_MOST", 2)
    store = MemoryStore()
    for number in range(4):
        of = key(f"f{number}")
        store.swap(of, 2 * number + 1, rules.clear(begun(store, of), NOW), NOW)
    assert [state.key.feature for state in store.changes(0)] == ["f2", "f3"]
    assert store.horizon == 4
    begun(store, key(), NOW + rules.REMEMBERED)
    assert [state.key for state in store.changes(0)] == [key()]
    assert store.horizon == 8


def test_what_is_over_is_forgotten_beside_blocks_that_hold(monkeypatch):
    monkeypatch.setattr("payreq.blocking.memory.REMEMBERED_AT_MOST", 2)
    store = MemoryStore()
    begun(store, key())
    for number in range(3):
        of = key(f"f{number}")
        over = rules.clear(begun(store, of), NOW)
        store.swap(of, store.get(of).generation, over, NOW)
    assert [state.key.feature for state in store.changes(0)] == ["export", "f1", "f2"]
    begun(store, key("chat"), NOW + rules.REMEMBERED)
    assert [state.key.feature for state in store.changes(0)] == ["export", "chat"]


def test_it_is_quiet_once_what_held_expired_even_if_nothing_is_written():
    store = MemoryStore()
    one = begun(store, key())
    late = one.expires - 10
    two = begun(store, key("chat"), late)

    def expire() -> None:
        assert store.swap(key("other"), 99, one, one.expires) is None

    expire()
    assert not store.quiet
    lifted = store.swap(key("chat"), 2, rules.lift(two, late), late)
    begun(store, key(), late)
    store.swap(key(), 4, replace(store.get(key()), expires=late), late)
    expire()
    assert [store.get(key()), store.get(key("chat"))] == [None, lifted]
    assert not store.quiet
    assert store.swap(key("other"), 99, one, lifted.expires) is None
    assert store.quiet


def test_it_is_quiet_when_the_last_that_was_lifted_is_proven():
    store = MemoryStore()
    for feature in ("export", "chat"):
        of = key(feature)
        begun(store, of)
        store.swap(of, store.get(of).generation, rules.lift(store.get(of), NOW), NOW)
    for feature, quiet in (("export", False), ("chat", True)):
        lifted = store.get(key(feature))
        store.swap(key(feature), lifted.generation, rules.restore(lifted, NOW), NOW)
        assert store.quiet is quiet


def test_a_full_store_still_takes_what_is_over_and_what_it_holds():
    store = MemoryStore(limit=1)
    one = begun(store, key())
    asked = store.swap(key(), 1, rules.ask(one, NOW), NOW)
    assert store.swap(key(), 2, replace(rules.clear(asked, NOW)), NOW).phase == "cleared"
    assert begun(store, key("chat")).phase == "blocked"


def test_a_full_store_still_takes_the_proof_of_what_was_lifted():
    store = MemoryStore(limit=1)
    lifted = store.swap(key(), 1, rules.lift(begun(store, key()), NOW), NOW)
    begun(store, key("chat"))
    assert store.swap(key(), 2, rules.restore(lifted, NOW), NOW).phase == "restored"


def test_a_limit_below_one_is_refused():
    with pytest.raises(ValueError, match="limit must be at least 1, not 0"):
        MemoryStore(limit=0)
