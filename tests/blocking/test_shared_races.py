"""What others write between a look and a write, and answers that come too late or twice."""

from __future__ import annotations

from dataclasses import replace

from sharers import CHAT, DETAILS, EXPORT, NOW, begin, catch_up, change

from payreq.blocking import block as rules
from payreq.blocking.backend import Write
from payreq.blocking.memory import MemoryStore


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


def test_a_write_that_another_thread_was_before_fails_in_an_outage_too(start, clock):
    store = start()
    begun = begin(store)

    def meanwhile(question):
        MemoryStore.swap(store, EXPORT, begun.generation, rules.ask(begun, NOW()), NOW())
        raise ConnectionError

    store.line.before = meanwhile
    assert change(store, rules.clear) is None
    assert store.get(EXPORT).phase == "blocked"


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
