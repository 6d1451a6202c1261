"""How tasks of an event loop meet a shared store: one looks, the others wait for it or go on."""

from __future__ import annotations

import threading

import anyio
import pytest
import trio
from sharers import EXPORT, NOW, Line, begin
from trio.testing import MockClock

from payreq.blocking.sqlite import SQLiteStore

GLANCES = 0.01
"""Seconds by which a task may notice late what another has done."""


class Awaited(SQLiteStore):
    """A store whose place is asked under the event loop, and takes its time to answer."""

    takes = 0.0
    awaited = 0

    def _asker(self):
        return self._ask_awaiting

    async def _ask_awaiting(self, question):
        self.awaited += 1
        await anyio.sleep(self.takes)
        return self._backend.ask(question)


@pytest.fixture
def place(tmp_path):
    """A file in which another process has written a block."""
    path = tmp_path / "blocks.db"
    other = SQLiteStore(path)
    other.patience = 5.0
    other.refresh(NOW())
    begin(other)
    return path


@pytest.fixture
def store(place):
    store = Awaited(place)
    store.patience = 0.1
    store._backend = store.line = Line(store._backend)
    return store


@pytest.fixture
def run(monkeypatch):
    """Run tasks in a time of their own, which passes at once where all of them wait."""

    def run(act):
        monkeypatch.setattr("payreq.blocking.shared.monotonic", trio.current_time)
        trio.run(act, clock=MockClock(autojump_threshold=0))

    return run


async def waits(store, **options):
    """Refresh, and return the seconds for which the task waited."""
    began = trio.current_time()
    await store.refresh_async(NOW(), **options)
    return trio.current_time() - began


async def wait_together(store, tasks, **options):
    """Refresh in so many tasks; return the seconds for which they waited, in their order."""
    waited = []

    async def one():
        waited.append(await waits(store, **options))

    async with anyio.create_task_group() as group:
        for _ in range(tasks):
            group.start_soon(one)
    return waited


def test_a_task_looks_once_a_second_and_at_once_where_somebody_asks(store, run):
    async def act():
        await store.refresh_async(NOW())
        assert store.get(EXPORT) is not None
        await store.refresh_async(NOW())
        assert store.awaited == 1
        await store.refresh_async(NOW(), at_once=True)
        assert store.awaited == 2
        await anyio.sleep(1)
        await store.refresh_async(NOW())
        assert store.awaited == 3

    run(act)
    assert store.fault is None


def test_what_a_task_asks_is_what_changed_since(store, run):
    async def act():
        for _ in range(2):
            await store.refresh_async(NOW(), at_once=True)

    run(act)
    first, second = store.line.asked
    assert (first.id, first.cursor) == ("", 0)
    assert second.id != ""
    assert second.cursor > 0


def test_tasks_with_an_old_copy_wait_for_the_one_that_looks(store, run):
    store.takes = 0.05

    async def act():
        assert max(await wait_together(store, 5)) < 0.05 + GLANCES
        assert store.get(EXPORT) is not None

    run(act)
    assert store.awaited == 1


def test_a_copy_that_is_nearly_up_to_date_will_do_while_another_task_looks(store, run):
    async def act():
        await store.refresh_async(NOW())
        await anyio.sleep(1)
        store.takes = 0.05
        *others, looked = await wait_together(store, 5)
        assert others == [0] * 4
        assert looked == pytest.approx(0.05)

    run(act)
    assert store.awaited == 2


def test_a_look_that_never_ends_is_waited_for_as_long_as_a_request_may_take(store, run):
    store._keeping.acquire()

    async def act():
        assert await waits(store) == pytest.approx(0.1, abs=GLANCES)
        assert await waits(store, at_once=True) == pytest.approx(0.1, abs=GLANCES)

    run(act)
    assert store.awaited == 0


def test_who_asks_at_once_waits_for_a_look_though_the_copy_is_fresh(store, run):
    async def act():
        await store.refresh_async(NOW())
        store._keeping.acquire()
        assert await waits(store) == 0
        assert await waits(store, at_once=True) == pytest.approx(0.1, abs=GLANCES)

    run(act)


def test_in_an_outage_no_task_waits_nor_asks(store, run):
    store.line.cut = ConnectionError()

    async def act():
        await store.refresh_async(NOW())
        assert await waits(store, at_once=True) == 0
        store._keeping.acquire()
        assert await waits(store, at_once=True) == 0

    run(act)
    assert store.fault == "ConnectionError"
    assert store.awaited == 1


def test_tasks_that_waited_for_a_look_which_failed_do_not_repeat_it(store, run):
    store.line.cut = ConnectionError()
    store.takes = 0.05

    async def act():
        assert max(await wait_together(store, 5, at_once=True)) < 0.05 + GLANCES

    run(act)
    assert store.fault == "ConnectionError"
    assert store.awaited == 1


def test_a_place_that_hangs_is_an_outage_after_as_long_as_a_request_may_wait(store, run):
    store.takes = 60

    async def act():
        assert await waits(store) == pytest.approx(0.1)

    run(act)
    assert store.fault == "TimeoutError"


def test_a_task_that_is_cancelled_while_it_looks_leaves_the_look_to_others(store, run):
    store.takes = 0.05

    async def act():
        with anyio.move_on_after(0.01) as scope:
            await store.refresh_async(NOW())
        assert scope.cancelled_caught
        assert store.fault is None
        await anyio.sleep(1)
        await store.refresh_async(NOW())
        assert store.get(EXPORT) is not None

    run(act)


def test_where_the_place_cannot_be_awaited_a_thread_looks(place):
    store, threads = SQLiteStore(place), []
    store.patience = 5.0
    refresh = store.refresh

    def noted(*args, **options):
        threads.append(threading.current_thread())
        refresh(*args, **options)

    store.refresh = noted

    async def act():
        await store.refresh_async(NOW())
        assert store.get(EXPORT) is not None
        store._backend = line = Line(store._backend)
        await store.refresh_async(NOW())
        assert line.asked == []
        await store.refresh_async(NOW(), at_once=True)
        assert len(line.asked) == 1

    trio.run(act)
    assert threading.main_thread() not in threads
    assert store.fault is None
