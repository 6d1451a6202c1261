"""What shared stores do beyond the contract: outages, losses, and who waits for whom."""

from __future__ import annotations

import logging
import threading
import time
from dataclasses import replace

import pytest

from payreq.blocking import block as rules
from payreq.blocking import shared
from payreq.blocking.backend import Pull, Write
from payreq.blocking.block import Key
from payreq.blocking.coding import digest
from payreq.blocking.memory import MemoryStore
from payreq.blocking.sqlite import SQLiteStore
from payreq.blocking.store import StoreFullError
from payreq.details import PaymentDetails
from payreq.reasons import Reason

DETAILS = PaymentDetails(reason=Reason.UNKNOWN, status=402)
EXPORT = Key("https://api.example.com", "export", "alice")
CHAT = EXPORT._replace(feature="chat")


class Line:
    """What lies between a process and the place: it can be cut, be slow, and be listened to."""

    def __init__(self, backend):
        self.backend = backend
        self.cut = None
        self.before = self.after = lambda question: None
        self.asked = []

    def ask(self, question):
        self.asked.append(question)
        if self.cut is not None:
            raise self.cut
        self.before(question)
        answer = self.backend.ask(question)
        self.after(question)
        return answer

    def close(self):
        self.backend.close()


@pytest.fixture
def clock(monkeypatch):
    """The seconds by which a process tells when to look again."""

    class Monotonic:
        now = 1_000.0

        def __call__(self):
            return self.now

    ticking = Monotonic()
    monkeypatch.setattr("payreq.blocking.shared.monotonic", ticking)
    return ticking


@pytest.fixture
def start(tmp_path, clock):
    """Start a process over the one file."""

    def start(before=None, **options):
        store = SQLiteStore(tmp_path / "blocks.db", **options)
        store.patience = 5.0
        store._backend = store.line = Line(store._backend)
        if before is not None:
            store.line.before = before
        store.refresh(NOW())
        return store

    return start


def NOW():  # noqa: N802  # reads like the constant that it nearly is
    return time.time()


def begin(store, key=EXPORT):
    held = store.get(key)
    generation = 0 if held is None else held.generation
    return store.swap(key, generation, rules.begin(key, DETAILS, NOW()), NOW())


def begin_chat(store):
    """Begin a block in a process that has yet to hear of the place."""
    return begin(store, CHAT) or begin(store, CHAT)


def change(store, rule, key=EXPORT):
    held = store.get(key)
    return store.swap(key, held.generation, rule(held, NOW()), NOW())


def catch_up(clock, *stores):
    clock.now += 1
    for _ in range(2):
        for store in stores:
            store.refresh(NOW(), at_once=True)


# Keeping up


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


@pytest.fixture
def crowd(start, monkeypatch):
    """Two processes, one of which has blocked nine accounts; a page holds one of them."""
    monkeypatch.setattr("payreq.blocking.sqlite_tables.PAGE", 1)
    monkeypatch.setattr("payreq.blocking.copy.PAGE", 1)
    one, other = start(), start()
    other.patience = 0.1
    for number in range(9):
        begin(one, EXPORT._replace(account=f"a{number}"))
    return one, other


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
    assert len(newcomer.find()) == 11  # and 5 s are its patience from now on
    for known in (13, 15, 17, 19, 20):
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


# Outages


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


def test_an_answer_that_came_too_late_was_still_our_own(start, clock):
    one, other = start(), start()
    begin(one)
    catch_up(clock, other)

    def loses_the_answer(question):
        raise TimeoutError

    one.line.after = loses_the_answer
    change(one, lambda state, now: rules.lease(state, "ours", now))
    one.line.after = lambda question: None
    catch_up(clock, one, other)
    assert one.get(EXPORT).token == other.get(EXPORT).token == "ours"
    assert change(one, rules.clear) is not None
    catch_up(clock, one, other)
    assert other.get(EXPORT).phase == "cleared"


def test_a_write_that_a_client_repeats_is_written_once_and_is_our_own(start, clock):
    one, other = start(), start()
    begun = begin(one)
    one.line.before = one.line.backend.ask
    assert change(one, lambda state, now: rules.lease(state, "ours", now)).token == "ours"
    assert begun.generation < one.get(EXPORT).generation
    catch_up(clock, other)
    assert other.get(EXPORT).token == "ours"


def test_while_something_is_owed_for_a_key_what_follows_is_owed_too(start, clock):
    one, other = start(), start()
    one.line.cut = ConnectionError()
    begun = begin(one)
    one.line.cut = None
    clock.now += 1
    change(one, rules.ask)
    assert other.get(EXPORT) is None
    catch_up(clock, one, other)
    assert other.get(EXPORT).asked is not None
    assert one.get(EXPORT).turned == begun.turned


def test_what_concerns_many_is_handed_on_in_one_question(start, clock):
    one, other = start(), start()
    keys = [EXPORT._replace(feature=f"export {number}") for number in range(20)]
    for key in keys:
        begin(one, key)
    catch_up(clock, other)
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


def test_reaching_waits_until_copy_and_place_agree(start, clock):
    one, other = start(), start()
    begin(one)
    assert other.reach(NOW(), 5) is True
    assert other.get(EXPORT) is not None
    assert other.patience == 5.0
    other.line.cut = ConnectionError()
    assert other.reach(NOW(), 5) is False
    assert other.fault == "ConnectionError"


def test_reaching_ends_when_its_time_is_over(crowd, clock):
    _, other = crowd

    def slowly(question):
        clock.now += 3

    other.line.before = slowly
    assert other.reach(NOW(), 5) is False
    assert other.fault is None


def test_what_others_did_between_a_look_and_a_write_is_settled(start, clock):
    one, other = start(), start()
    begin(one)
    catch_up(clock, other)
    one.line.cut = ConnectionError()
    change(one, lambda state, now: rules.extend(state, DETAILS, now))
    one.line.cut = None

    def meanwhile(question):
        if isinstance(question, Write):
            one.line.before = lambda question: None
            change(other, rules.clear)

    one.line.before = meanwhile
    catch_up(clock, one)
    assert one.get(EXPORT).phase == "cleared"
    assert not one._owed


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


def test_a_write_that_another_thread_was_before_fails_in_an_outage_too(start, clock):
    store = start()
    begun = begin(store)

    def meanwhile(question):
        MemoryStore.swap(store, EXPORT, begun.generation, rules.ask(begun, NOW()), NOW())
        raise ConnectionError

    store.line.before = meanwhile
    assert change(store, rules.clear) is None
    assert store.get(EXPORT).phase == "blocked"


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


# Losses


@pytest.fixture
def lose(tmp_path):
    """Lose the file, as a flush or a restart without persistence loses it."""

    def lose():
        for path in tmp_path.iterdir():
            path.unlink()

    return lose


def test_what_the_place_lost_is_handed_on_and_looked_at_at_once(start, clock, lose):
    one, other = start(), start()
    begin(one)
    begin_chat(other)
    change(other, rules.clear, CHAT)
    catch_up(clock, one, other)
    turned = [store.get(EXPORT).turned for store in (one, other)]
    assert not rules.due(other.get(EXPORT), NOW())
    lose()
    catch_up(clock, one, other)
    fresh = start()
    assert rules.due(fresh.get(EXPORT), NOW())
    assert fresh.get(CHAT).phase == "cleared"
    for store, before in zip((one, other), turned, strict=True):
        assert rules.due(store.get(EXPORT), NOW())
        assert store.get(EXPORT).turned == before
        assert store.get(CHAT).phase == "cleared"
        assert not store._owed


def test_a_clear_that_was_lost_with_the_place_still_wins(start, clock, lose):
    one, other = start(), start()
    begin(one)
    catch_up(clock, other)
    change(one, rules.clear)
    lose()
    clock.now += 1
    other.refresh(NOW())  # it hands on the block
    sent = other.generation
    catch_up(clock, one, other)
    assert other.get(EXPORT).turned > sent
    assert other.get(EXPORT).phase == one.get(EXPORT).phase == "cleared"


def test_a_write_to_a_place_that_is_gone_learns_so(start, clock, lose):
    store = start()
    begin(store)
    lose()
    assert begin(store, CHAT) is None
    assert begin(store, CHAT) is not None
    assert {state.key for state in start().find()} == {EXPORT, CHAT}


def test_a_place_that_is_lost_again_meanwhile_is_looked_at_again(start, clock, lose):
    store = start()
    begin(store)
    lose()

    def loses(question):
        if isinstance(question, Pull):
            store.line.after = lambda question: None
            other = start()
            begin(other, CHAT)

    store.line.after = loses
    store.refresh(NOW(), at_once=True)
    assert store.behind
    catch_up(clock, store)
    assert {state.key for state in start().find()} == {EXPORT, CHAT}


def test_a_place_that_lost_its_latest_writes_is_believed(start, clock):
    one, other = start(), start()
    begin(one)
    catch_up(clock, other)
    change(one, rules.ask)
    mark = other._known[EXPORT]
    later = mark._replace(generation=mark.generation + 10**9)  # which a failover forgot
    other._known[EXPORT] = later
    assert change(other, lambda state, now: rules.lease(state, "a", now)) is None
    assert other.get(EXPORT).asked is not None
    assert change(other, lambda state, now: rules.lease(state, "a", now)).token == "a"


def test_what_the_place_forgot_is_let_go_of(start, clock, tmp_path):
    store = start()
    begin(store)
    begin(store, CHAT)
    change(store, rules.lift)
    store._known[EXPORT] = store._known[EXPORT]._replace(generation=1)
    connection = store._backend.backend._connection()
    connection.execute("DELETE FROM payreq_states_1 WHERE digest = ?", (digest(EXPORT),))
    assert change(store, rules.restore) is None
    assert store.get(EXPORT) is None
    assert store.horizon > 0


def test_who_slept_while_something_was_forgotten_takes_older_answers_for_late(start, clock):
    one, other = start(), start()
    begin(one)
    catch_up(clock, other)
    sent = other.generation
    begin(one, CHAT)
    change(one, rules.clear, CHAT)
    connection = one._backend.backend._connection()
    connection.execute("UPDATE payreq_states_1 SET expires = 0 WHERE live = 0")
    change(one, rules.ask)
    catch_up(clock, other)
    assert other.horizon >= sent


# What cannot be trusted


def test_a_place_that_promises_more_and_more_keeps_nobody(start, clock):
    store = start()
    begin(store)
    real = store.line.ask
    store.line.ask = lambda question: real(question)._replace(more=True)
    clock.now += 1
    store.refresh(NOW())
    assert len(store.line.asked) <= 4
    assert store.fault is None


def spoil(store, key, text, name=None):
    connection = store._backend.backend._connection()
    connection.execute(
        "UPDATE payreq_states_1 SET text = ?, digest = ?, generation = generation + 1000000"
        " WHERE digest = ?",
        (text, name or digest(key), digest(key)),
    )


def test_an_entry_that_cannot_be_read_is_left_out_and_can_be_written_over(start, clock, caplog):
    one, other = start(), start()
    begin(one)
    begin(one, CHAT)
    spoil(one, EXPORT, "junk")
    catch_up(clock, other)
    assert [state.key for state in other.find()] == [CHAT]
    assert begin(other) is None
    assert begin(other).phase == "blocked"
    catch_up(clock, one)
    assert one.get(EXPORT).phase == "blocked"
    assert [record.message for record in caplog.records] == [
        "payreq's store holds what is no block; it is left out"
    ]


def test_an_entry_under_the_name_of_another_is_left_out(start, clock, caplog):
    one, other = start(), start()
    begin(one)
    entry = one._entry(one.get(EXPORT), turns=False)
    spoil(one, EXPORT, entry.text, digest(CHAT))
    catch_up(clock, other)
    assert other.find() == []
    assert len(caplog.records) == 1


def test_what_expired_over_there_is_written_over_before_it_is_forgotten(start, clock):
    one, other = start(), start()
    begin(one, CHAT)
    catch_up(clock, other)
    short = replace(rules.begin(EXPORT, DETAILS, NOW()), expires=NOW() + 1_000)
    one.swap(EXPORT, 0, short, NOW())
    later = NOW() + 2_000  # by a clock that runs ahead of the place's for a moment
    assert other.swap(EXPORT, 0, rules.begin(EXPORT, DETAILS, later), later) is None
    assert other.get(EXPORT) is None
    assert other.swap(EXPORT, 0, rules.begin(EXPORT, DETAILS, later), later) is not None


def test_a_write_that_others_followed_before_it_was_known_stands_before_theirs(start, clock):
    one, other = start(), start()
    begin(one)
    catch_up(clock, other)

    def follow(question):
        if isinstance(question, Write):
            one.line.after = lambda question: None
            other.refresh(NOW(), at_once=True)
            change(other, rules.clear)
            one._learn(one._pull(), one.line.backend.ask(one._pull()), NOW())

    one.line.after = follow
    leased = change(one, lambda state, now: rules.lease(state, "a", now))
    assert leased.token == "a"
    assert one.get(EXPORT).phase == "cleared"
    assert leased.generation < one.get(EXPORT).turned


def test_a_change_that_came_while_it_was_handed_on_is_handed_on_after_it(start, clock):
    one, other = start(), start()
    one.line.cut = ConnectionError()
    begin(one)
    one.line.cut = None
    clock.now += 1

    def meanwhile(question):
        if isinstance(question, Write):
            one.line.before = lambda question: None
            change(one, rules.ask)

    one.line.before = meanwhile
    catch_up(clock, one, other)
    assert other.get(EXPORT).asked is not None
