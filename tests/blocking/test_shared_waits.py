"""How long a shared store is waited for, and by whom."""

from __future__ import annotations

from sharers import EXPORT, NOW, begin, change

from payreq.blocking import block as rules
from payreq.blocking.sqlite import SQLiteStore


class Errands:
    """Does at once what is asked, and notes how long it would have been waited for."""

    def __init__(self):
        self.waited = []

    def run(self, act, seconds):
        self.waited.append(seconds)
        return act()


class Taken:
    """A lock that another thread holds for good, and for how long it was waited for."""

    def __init__(self):
        self.waited = []

    def acquire(self, timeout):
        self.waited.append(timeout)
        return False


def test_a_request_waits_for_a_twentieth_of_a_second_and_a_command_line_as_long_as_it_says(
    tmp_path, clock
):
    store = SQLiteStore(tmp_path / "blocks.db")
    store._errands = Errands()
    store.refresh(NOW())
    begin(store)
    change(store, rules.ask)
    assert store._errands.waited == [0.05] * 3
    assert store.reach(NOW(), 7)
    assert store._errands.waited[3:] == [7]
    clock.now += 1
    store.refresh(NOW())
    assert store._errands.waited[4:] == [0.05]
    assert store.get(EXPORT) is not None


def test_a_thread_that_looks_is_waited_for_where_the_copy_is_old_or_somebody_asks(start, clock):
    store = start()
    store._keeping = Taken()
    clock.now += 1.25
    store.refresh(NOW())
    clock.now += 0.01
    store.refresh(NOW())
    store.refresh(NOW(), at_once=True)
    store.fault = "TimeoutError"
    store.refresh(NOW())
    store.refresh(NOW(), at_once=True)
    assert store._keeping.waited == [0, 5.0, 5.0, 0, 5.0]


def test_a_process_that_knows_nothing_takes_a_second_to_learn_and_no_longer(
    start, clock, monkeypatch
):
    monkeypatch.setattr("payreq.blocking.sqlite_tables.PAGE", 1)
    one = start()
    for number in range(20):
        begin(one, EXPORT._replace(account=f"a{number}"))

    newcomer = start()
    newcomer._start()
    newcomer.__dict__.update(_id="", _cursor=0, patience=0.1)

    def slowly(question):
        clock.now += 0.15

    newcomer.line.before = slowly
    asked = len(newcomer.line.asked)
    newcomer.refresh(NOW())
    assert len(newcomer.line.asked) - asked == 7  # 1.05 s
    assert newcomer.behind
    newcomer.refresh(NOW())
    assert len(newcomer.line.asked) - asked == 8  # its second is over: what it may take is 0.1 s
