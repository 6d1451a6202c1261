"""When a shared store looks at what others wrote, how much of it, and who waits for whom."""

from __future__ import annotations

import threading
import time

import pytest
from sharers import EXPORT, NOW, Line, begin, catch_up, change

from payreq.blocking import block as rules
from payreq.blocking import shared
from payreq.blocking.sqlite import SQLiteStore


def test_it_looks_once_a_second_and_at_once_where_somebody_asks(start, clock):
    store = start()
    assert not store.behind
    clock.now += 0.99
    assert not store.behind
    store.refresh(NOW())
    assert len(store.line.asked) == 1
    store.refresh(NOW(), at_once=True)
    assert len(store.line.asked) == 2
    clock.now += 1
    assert store.behind


def test_what_it_asks_is_what_changed(start, clock):
    one, other = start(), start()
    for number in range(20):
        begin(one, EXPORT._replace(account=f"a{number}"))
    catch_up(clock, other)
    begin(one)
    read = []
    other.line.after = read.append
    clock.now += 1
    other.refresh(NOW())
    (pull,) = read
    assert len(other._backend.backend.ask(pull).entries) == 1


def test_a_crowd_is_learned_page_by_page_and_the_rest_with_the_next_request(crowd, clock):
    _, other = crowd

    def slowly(question):
        clock.now += 0.06

    other.line.before = slowly
    clock.now += 1
    for known in (2, 4, 6, 8, 9):
        assert other.behind
        other.refresh(NOW())
        assert len(other.find()) == known
    assert not other.behind


def test_what_a_crowd_owes_is_handed_on_page_by_page(crowd, clock):
    one, other = crowd
    catch_up(clock, other)
    other.line.cut = ConnectionError()
    for number in range(5):
        change(other, rules.clear, EXPORT._replace(account=f"a{number}"))
    other.line.cut = None

    def slowly(question):
        clock.now += 0.06

    other.line.before = slowly
    clock.now += 1
    other.refresh(NOW())
    assert 0 < len(other._owed) < 5
    assert other.behind
    while other.behind:
        other.refresh(NOW())
    catch_up(clock, one)
    assert len(one.find()) == 4


def test_a_process_that_knows_nothing_takes_longer_to_learn(crowd, clock, tmp_path):
    store = SQLiteStore(tmp_path / "blocks.db")
    store._backend = Line(store._backend)

    def slowly(question):
        clock.now += 0.09

    store._backend.before = slowly
    store.patience = 0.1
    store._errands.run(int, 5)
    store.refresh(NOW())
    assert len(store.find()) == 9


def test_of_requests_that_meet_a_copy_which_is_still_empty_one_takes_longer(
    start, clock, monkeypatch
):
    monkeypatch.setattr("payreq.blocking.sqlite_tables.PAGE", 1)
    monkeypatch.setattr("payreq.blocking.shared.FIRST_LOAD", 30.0)
    one = start()
    for number in range(20):
        begin(one, EXPORT._replace(account=f"a{number}"))

    def slowly(question):
        clock.now += 3

    newcomer = start(before=slowly)
    assert len(newcomer.find()) == 10  # and 5 s are its patience from now on
    for known in (12, 14, 16, 18, 20):
        assert newcomer.behind
        newcomer.refresh(NOW())
        assert len(newcomer.find()) == known


def test_a_copy_that_is_nearly_up_to_date_will_do_while_another_thread_looks(start, clock):
    store, looks = start(), threading.Event()
    store.line.before = lambda question: looks.wait(10)
    clock.now += 1
    thread = threading.Thread(target=store.refresh, args=[NOW()])
    thread.start()
    while not store._keeping.locked():
        time.sleep(0.001)
    began = time.perf_counter()
    store.refresh(NOW())
    assert time.perf_counter() - began < 2
    looks.set()
    thread.join()
    assert len(store.line.asked) == 2


def test_an_old_copy_waits_for_the_thread_that_looks(start, clock):
    store, other, looks = start(), start(), threading.Event()
    begin(other)
    store.line.before = lambda question: looks.wait(10)
    clock.now += 60
    thread = threading.Thread(target=store.refresh, args=[NOW()])
    thread.start()
    while not store._keeping.locked():
        time.sleep(0.001)
    threading.Timer(0.05, looks.set).start()
    store.refresh(NOW())
    assert store.get(EXPORT) is not None
    thread.join()
    assert len(store.line.asked) == 2


def test_what_concerns_many_is_handed_on_in_one_question(start, clock):
    one, other = start(), start()
    keys = [EXPORT._replace(feature=f"export {number}") for number in range(20)]
    for key in keys:
        begin(one, key)
    other.refresh(NOW(), at_once=True)
    one.line.asked.clear()
    for key in keys:
        held = one.get(key)
        assert one.owe(key, held.generation, rules.ask(held, NOW()), NOW()).asked is not None
        assert one.owe(key, held.generation, held, NOW()) is None
    assert one.line.asked == []
    assert one.behind
    one.refresh(NOW())
    assert len(one.line.asked) == 2
    catch_up(clock, other)
    assert all(other.get(key).asked is not None for key in keys)


def test_while_it_looks_others_need_not(start, clock):
    store, behind = start(), []
    store.line.before = lambda question: behind.append(store.behind)
    clock.now += 1
    store.refresh(NOW())
    assert behind == [False]


def test_a_second_passes_between_the_end_of_a_look_and_the_next(start, clock):
    store = start()
    store.patience = 0.1

    def slowly(question):
        clock.now += 3

    store.line.before = slowly
    store.refresh(NOW(), at_once=True)
    assert not store.behind
    clock.now += 1
    assert store.behind


def test_a_look_is_no_longer_for_coming_soon_after_the_first(crowd, clock):
    one, other = crowd
    catch_up(clock, other)
    clock.now = 0.0
    newcomer = other
    newcomer._start()
    newcomer.refresh(NOW())  # it learns at once that nothing is new
    for number in range(9):
        change(one, rules.ask, EXPORT._replace(account=f"a{number}"))

    def slowly(question):
        clock.now += 0.05

    newcomer.line.before = slowly
    newcomer.line.asked.clear()
    newcomer.refresh(NOW(), at_once=True)
    assert len(newcomer.line.asked) == 2  # 0.1 s, which is its patience
    assert newcomer.behind


def test_debts_that_take_their_time_are_handed_on_page_by_page(crowd, clock):
    one, other = crowd
    catch_up(clock, other)
    for number in range(5):
        key = EXPORT._replace(account=f"a{number}")
        other.owe(key, other.get(key).generation, rules.ask(other.get(key), NOW()), NOW())

    def slowly(question):
        clock.now += 0.05

    other.line.before = slowly
    for owed in (4, 3, 2, 1, 0):
        assert other.behind
        other.refresh(NOW())
        assert len(other._owed) == owed
    assert not other.behind
    catch_up(clock, one)
    assert one.get(EXPORT._replace(account="a4")).asked is not None


def test_debts_are_handed_on_in_one_look_where_the_place_is_quick(crowd, clock):
    _, other = crowd
    catch_up(clock, other)
    for number in range(5):
        key = EXPORT._replace(account=f"a{number}")
        other.owe(key, other.get(key).generation, rules.ask(other.get(key), NOW()), NOW())
    other.refresh(NOW())
    assert not other._owed
    assert not other.behind


def test_a_write_asks_once_though_it_is_time_to_look(start, clock):
    store = start()
    begin(store)
    store.line.asked.clear()
    clock.now += 1
    change(store, rules.ask)
    assert len(store.line.asked) == 1


def test_a_process_that_writes_before_it_looked_reckons_by_the_clock_of_the_place(start, tmp_path):
    one = start()
    newcomer = SQLiteStore(tmp_path / "blocks.db")
    newcomer.patience = 5.0
    newcomer._backend._clock = lambda: NOW() - 1_000
    begun = begin(newcomer)
    one.refresh(NOW(), at_once=True)
    assert one.get(EXPORT).expires == pytest.approx(begun.expires - 1_000, abs=10)


def test_what_expired_is_not_there_to_be_changed(start):
    store = start()
    begun = begin(store)
    store.line.asked.clear()
    later = begun.expires + 1
    assert store.swap(EXPORT, begun.generation, begun, later) is None
    assert store.line.asked == []


def test_what_was_changed_here_meanwhile_is_not_asked_about(start):
    store = start()
    begun = begin(store)
    change(store, rules.ask)
    store.line.asked.clear()
    assert store.swap(EXPORT, begun.generation, rules.clear(begun, NOW()), NOW()) is None
    assert store.line.asked == []
    assert store.get(EXPORT).phase == "blocked"


def test_others_hear_whether_a_write_is_a_turn_or_a_change_within_one(start, clock):
    one, other = start(), start()
    begin(one)
    catch_up(clock, other)
    turned = other.get(EXPORT).turned
    change(one, rules.ask)
    catch_up(clock, other)
    assert other.get(EXPORT).asked is not None
    assert other.get(EXPORT).turned == turned
    change(one, rules.clear)
    catch_up(clock, other)
    assert other.get(EXPORT).turned > turned


def test_a_place_that_takes_long_to_answer_is_not_one_whose_clock_is_ahead(start, clock):
    clock.now = 7.0
    store = start()

    def slowly(question):
        clock.now += 3

    store.line.before = slowly
    store.line.backend._clock = lambda: NOW() + clock.now - 7
    store.refresh(NOW(), at_once=True)
    assert store._ahead == 0


def test_closing_lets_go_of_the_place(start):
    store = start()
    store.close()
    assert store.line.closed


def test_the_child_of_a_fork_knows_nothing_and_learns_it_anew(start, clock):
    store = start()
    begin(store)
    generation, line = store.generation, store.line
    line.renewed = lambda: line
    for other in tuple(shared._STORES):
        if other is not store:
            shared._STORES.discard(other)
    shared._renew_all()
    assert store.find() == []
    assert store.generation == generation
    assert store.behind
    store.refresh(NOW())
    assert [state.key for state in store.find()] == [EXPORT]
    assert store.get(EXPORT).turned > generation
