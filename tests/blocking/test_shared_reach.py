"""How a command line waits until its copy and the place agree."""

from __future__ import annotations

from sharers import CHAT, EXPORT, NOW, begin


def test_reaching_waits_until_copy_and_place_agree(start, clock):
    one, other = start(), start()
    begin(one)
    assert other.reach(NOW(), 5) is True
    assert other.get(EXPORT) is not None
    assert other.patience == 5.0
    other.line.cut = ConnectionError()
    assert other.reach(NOW(), 5) is False
    assert other.fault == "ConnectionError"


def test_reaching_looks_though_it_is_not_time(start):
    one, other = start(), start()
    begin(one)
    assert not other.behind
    assert other.reach(NOW(), 5)
    assert other.get(EXPORT) is not None


def test_reaching_a_place_that_is_lost_meanwhile_looks_again(start, lose):
    store = start()
    begin(store)
    lose()

    def loses(question):
        store.line.after = lambda question: None
        begin(start(), CHAT)

    store.line.after = loses
    assert store.reach(NOW(), 5)
    assert {state.key for state in start().find()} == {EXPORT, CHAT}


def test_reaching_a_slow_place_succeeds_when_all_is_learned(start, clock):
    one, other = start(), start()
    begin(one)

    def slowly(question):
        clock.now += 3

    other.line.before = slowly
    assert other.reach(NOW(), 5)
    assert len(other.line.asked) == 2


def test_reaching_asks_nothing_more_when_its_time_is_over(crowd, clock):
    _, other = crowd

    def slowly(question):
        clock.now += 2.5

    other.line.before = slowly
    other.line.asked.clear()
    assert not other.reach(NOW(), 5)
    assert len(other.line.asked) == 2


def test_reaching_ends_when_its_time_is_over(crowd, clock):
    _, other = crowd

    def slowly(question):
        clock.now += 3

    other.line.before = slowly
    assert other.reach(NOW(), 5) is False
    assert other.fault is None
