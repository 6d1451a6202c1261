"""What a shared store does while its place cannot be reached, and what it hands on afterwards."""

from __future__ import annotations

import logging
import threading
import time

import pytest
from sharers import CHAT, DETAILS, EXPORT, NOW, begin, catch_up, change

from payreq.blocking import block as rules
from payreq.blocking.coding import digest
from payreq.blocking.store import StoreFullError


def test_an_outage_is_told_once_and_so_is_its_end(start, clock, caplog):
    caplog.set_level(logging.INFO)
    store = start()
    store.line.cut = ConnectionError("redis://:secret@host is away")
    for _ in range(3):
        clock.now += 1
        store.refresh(NOW())
    assert store.fault == "ConnectionError"
    store.line.cut = None
    for _ in range(3):
        clock.now += 1
        store.refresh(NOW())
    assert store.fault is None
    gone, back = caplog.records
    assert (gone.levelname, back.levelname) == ("WARNING", "INFO")
    assert gone.name == back.name == "payreq"
    assert gone.message.startswith("payreq's store cannot be reached (ConnectionError); until it")
    assert back.message == "payreq's store is back; blocks are shared again"


def test_within_a_second_after_a_failure_nothing_is_tried_and_all_goes_on(start, clock):
    store = start()
    store.line.cut = TimeoutError()
    store.line.asked.clear()
    begun = begin(store)
    assert begun.turned == begun.generation
    change(store, rules.ask)
    begin(store, CHAT)
    store.refresh(NOW(), at_once=True)
    clock.now += 0.99
    assert change(store, rules.clear).phase == "cleared"
    assert len(store.line.asked) == 1
    clock.now += 0.01
    store.refresh(NOW())
    assert len(store.line.asked) == 2


def test_a_slow_store_is_waited_for_no_longer_than_it_may_take(start):
    store, slow = start(), threading.Event()
    store.patience = 0.05
    store.line.before = lambda question: slow.wait(10)
    began = time.perf_counter()
    begin(store)
    for _ in range(100):
        store.refresh(NOW(), at_once=True)
        change(store, rules.ask)
    assert time.perf_counter() - began < 2
    assert store.fault == "TimeoutError"
    slow.set()


def test_what_was_done_during_an_outage_is_handed_on(start, clock):
    one, other = start(), start()
    begin(one, CHAT)
    catch_up(clock, other)
    one.line.cut = ConnectionError()
    begin(one)
    change(one, rules.clear, CHAT)
    assert other.get(EXPORT) is None
    one.line.cut = None
    catch_up(clock, one, other)
    assert [state.key for state in other.find()] == [EXPORT]
    assert other.get(CHAT).phase == "cleared"
    assert not one._owed


def test_a_clear_is_remembered_for_as_long_as_the_outage_lasts(start, clock, monkeypatch):
    one, other = start(), start()
    begin(one)
    catch_up(clock, other)
    one.line.cut = ConnectionError()
    change(one, rules.clear)
    monkeypatch.setattr("payreq.blocking.copy.REMEMBERED_AT_MOST", 1)
    later = NOW() + 7 * rules.REMEMBERED
    one.swap(CHAT, 0, rules.begin(CHAT, DETAILS, later), later)
    one.line.cut = None
    catch_up(clock, one, other)
    assert [state.key for state in other.find()] == [CHAT]


@pytest.mark.parametrize("first", [0, 1])
def test_letting_go_wins_whoever_is_heard_first(start, clock, first):
    stores = start(), start()
    begin(stores[0])
    catch_up(clock, *stores)
    for store in stores:
        store.line.cut = ConnectionError()
    change(stores[0], rules.clear)
    change(stores[1], lambda state, now: rules.extend(state, DETAILS, now))
    for store in stores:
        store.line.cut = None
    catch_up(clock, stores[first], stores[1 - first], stores[first])
    assert [store.get(EXPORT).phase for store in stores] == ["cleared", "cleared"]
    assert not any(store._owed for store in stores)


@pytest.mark.parametrize("first", [0, 1])
def test_a_recheck_is_not_lost(start, clock, first):
    stores = start(), start()
    begin(stores[0])
    catch_up(clock, *stores)
    for store in stores:
        store.line.cut = ConnectionError()
    change(stores[0], rules.fix)
    change(stores[1], lambda state, now: rules.extend(state, DETAILS, now))
    for store in stores:
        store.line.cut = None
    catch_up(clock, stores[first], stores[1 - first], stores[first])
    for store in stores:
        state = store.get(EXPORT)
        assert rules.due(state, NOW())
        assert state.eager_until > NOW() + 500
        assert not store._owed


def test_while_something_is_owed_for_a_key_what_follows_is_owed_too(start, clock):
    one, other = start(), start()
    one.line.cut = ConnectionError()
    begun = begin(one)
    one.line.cut = None
    clock.now += 1
    one.line.asked.clear()
    change(one, rules.ask)
    assert one.line.asked == []
    catch_up(clock, one, other)
    assert other.get(EXPORT).asked is not None
    assert one.get(EXPORT).turned == begun.turned


def test_what_there_is_no_room_for_stays_with_the_process_that_knows_it(start, clock):
    one, other = start(limit=1), start(limit=1)
    begin(one)
    other.line.cut = ConnectionError()
    begin(other, CHAT)
    with pytest.raises(StoreFullError):
        begin(other, EXPORT)
    other.line.cut = None
    catch_up(clock, other, one)
    assert {state.key for state in other.find()} == {EXPORT, CHAT}
    assert {state.key for state in one.find()} == {EXPORT}
    assert other.fault is None
    with pytest.raises(StoreFullError):
        begin(one, CHAT)


def test_what_is_owed_is_handed_on_though_the_place_forgot_it_meanwhile(start, clock):
    one, other = start(), start()
    begin(one)
    begin(one, CHAT)
    one.line.cut = ConnectionError()
    change(one, rules.ask)
    one.line.cut = None
    connection = one._backend.backend._connection()
    connection.execute("DELETE FROM payreq_states_1 WHERE digest = ?", (digest(EXPORT),))
    catch_up(clock, one, other)
    assert other.get(EXPORT).asked is not None
