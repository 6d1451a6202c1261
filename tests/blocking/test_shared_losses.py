"""What a place has lost or forgotten, and what it holds that cannot be trusted."""

from __future__ import annotations

from sharers import CHAT, EXPORT, NOW, begin, begin_chat, catch_up, change

from payreq.blocking import block as rules
from payreq.blocking.backend import Pull
from payreq.blocking.coding import digest


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


def spoil(store, key, text, name=None):
    connection = store._backend.backend._connection()
    connection.execute(
        "UPDATE payreq_states_1 SET text = ?, digest = ?, generation = generation + 1000000"
        " WHERE digest = ?",
        (text, name or digest(key), digest(key)),
    )


def test_a_place_that_promises_more_and_more_keeps_nobody(start, clock):
    store = start()
    begin(store)
    real = store.line.ask
    store.line.ask = lambda question: real(question)._replace(more=True)
    clock.now += 1
    store.refresh(NOW())
    assert len(store.line.asked) <= 4
    assert store.fault is None


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
    assert [f"{record.name}: {record.message}" for record in caplog.records] == [
        "payreq: payreq's store holds what is no block; it is left out"
    ]


def test_an_entry_under_the_name_of_another_is_left_out(start, clock, caplog):
    one, other = start(), start()
    begin(one)
    entry = one._entry(one.get(EXPORT), turns=False)
    spoil(one, EXPORT, entry.text, digest(CHAT))
    catch_up(clock, other)
    assert other.find() == []
    assert len(caplog.records) == 1
