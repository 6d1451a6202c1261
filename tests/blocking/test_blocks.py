from __future__ import annotations

import asyncio
import threading
import time

import pytest
import trio

from payreq.blocking import block as rules
from payreq.blocking.blocks import POLL, Blocks
from payreq.blocking.memory import MemoryStore
from payreq.blocking.scope import account


@pytest.fixture
def blocks(desk):
    return Blocks(desk.ledger)


@pytest.fixture(autouse=True)
def short_polls(monkeypatch):
    monkeypatch.setattr("payreq.blocking.blocks.POLL", 0.005)


def test_get_active_recheck_and_clear(desk, blocks):
    assert blocks.get("export") is None
    assert blocks.active() == []
    desk.block()
    assert blocks.get("export") == desk.ledger.get("export")
    assert blocks.get("export", origin="https://eu.example.com") is None
    assert blocks.get("chat") is None
    assert blocks.active() == [blocks.get("export")]
    assert blocks.recheck("export", account="bob") == blocks.recheck("chat") == 0
    assert blocks.recheck("export") == 1
    assert desk.ledger.admit(desk.key()).token is not None
    assert blocks.clear("chat") == blocks.clear(account="bob") == 0
    assert blocks.clear() == 1
    assert blocks.active() == []


def test_the_async_twins_do_the_same(desk, blocks):
    async def act():
        desk.block()
        assert await blocks.recheck_async("export", account="alice") == 1
        assert await blocks.recheck_async() == 1
        assert await blocks.recheck_async("chat") == 0
        assert await blocks.recheck_async(account="bob") == 0
        assert await blocks.clear_async("chat") == 0
        assert await blocks.clear_async(account="bob") == 0
        assert await blocks.clear_async(account="alice") == 1

    asyncio.run(act())
    trio.run(act)


def test_get_takes_the_account_of_the_context(desk, blocks):
    desk.block()
    desk.block(desk.key(account="bob"))
    with pytest.raises(LookupError):
        blocks.get("export")
    with account("bob"):
        assert blocks.get("export").account == "bob"
        assert blocks.get("export", account="alice").account == "alice"
    with account("carol"):
        assert blocks.get("export") is None


def test_waiting_for_what_is_open_is_over_at_once(desk, blocks):
    assert blocks.wait("export") is True
    assert blocks.wait("export", account="alice", timeout=0) is True
    desk.block()
    assert blocks.wait("chat", account="alice", timeout=0) is True


def test_waiting_without_an_account_takes_the_only_one(desk, blocks):
    desk.block()
    assert blocks.wait("export", timeout=0) is False
    assert blocks.wait("export", account="bob", timeout=0) is True
    desk.block(desk.key("chat", account="bob"))
    assert blocks.wait("export", timeout=0) is False
    desk.block(desk.key(account="bob"))
    with pytest.raises(LookupError):
        blocks.wait("export", timeout=0)
    with account("carol"):
        assert blocks.wait("export", timeout=0) is True
    with account("bob"):
        assert blocks.wait("export", timeout=0) is False


def test_waiting_ends_in_real_time_whatever_the_clock_says(desk, blocks):
    desk.block()
    began = time.monotonic()
    assert blocks.wait("export", timeout=0.05) is False
    assert 0.04 <= time.monotonic() - began < 5


def test_a_waiter_looks_ten_times_a_second(desk, blocks, monkeypatch):
    pauses = []

    def sleep(pause):
        pauses.append(pause)
        if len(pauses) == 3:
            blocks.clear()

    monkeypatch.setattr("payreq.blocking.blocks.POLL", POLL)
    monkeypatch.setattr("payreq.blocking.blocks.time.sleep", sleep)
    desk.block()
    assert blocks.wait("export", timeout=5) is True
    assert pauses == [0.1, 0.1, 0.1]


def test_who_waits_for_the_only_account_does_not_wait_for_those_that_come_later(
    desk, blocks, monkeypatch
):
    def sleep(_pause):
        desk.block(desk.key(account="bob"))
        blocks.clear(account="alice")

    monkeypatch.setattr("payreq.blocking.blocks.time.sleep", sleep)
    desk.block()
    assert blocks.wait("export", timeout=5) is True


def test_a_waiter_learns_what_others_did_while_the_event_loop_goes_on(new_desk):
    class Store(MemoryStore):
        behind = False
        learnt = 0

        def refresh(self, now, *, at_once=False):
            raise AssertionError("the event loop waits")

        async def refresh_async(self, now, *, at_once=False):
            self.learnt += 1
            self.behind = False

    desk = new_desk(Store())
    blocks = Blocks(desk.ledger)
    desk.block()

    def wait(**how):
        desk.store.behind, desk.store.learnt = True, 0
        return blocks.wait_async("export", account="alice", **how)

    async def pay_later():
        await asyncio.sleep(0.02)
        desk.store.behind = True
        await asyncio.sleep(0.02)
        desk.store.behind = False
        desk.ledger._change(desk.key(), lambda state: rules.clear(state, desk.clock()))

    async def act():
        assert await wait(timeout=0) is False
        assert desk.store.learnt == 1
        waiting, _ = await asyncio.gather(wait(timeout=5), pay_later())
        assert waiting is True
        assert desk.store.learnt == 2

    asyncio.run(act())


def test_waiting_ends_when_the_block_is_cleared(desk, blocks):
    desk.block()
    timer = threading.Timer(0.02, blocks.clear)
    timer.start()
    assert blocks.wait("export", timeout=10) is True
    timer.join()


def test_a_due_probe_wakes_one_waiter_for_each_lease(desk, blocks):
    desk.block()
    desk.clock.now += 60
    assert blocks.wait("export", timeout=0) is True
    assert blocks.wait("export", timeout=0) is False
    assert desk.ledger.admit(desk.key()).token is not None
    desk.clock.now += 29
    assert blocks.wait("export", timeout=0) is False
    desk.clock.now += 1
    assert blocks.wait("export", timeout=0) is True


def test_a_refused_probe_wakes_the_next_when_it_is_due_again(desk, blocks):
    desk.block()
    desk.ledger.fixed()
    assert blocks.wait("export", timeout=0) is True
    desk.refuse(desk.probe(after=0))
    assert blocks.wait("export", timeout=0) is False
    desk.clock.now += 10
    assert blocks.wait("export", timeout=0) is True


def test_a_feature_of_two_origins_is_open_when_both_are(desk, blocks):
    desk.block()
    desk.clock.now += 30
    desk.block(desk.key(host="eu.example.com"))
    desk.clock.now += 30
    assert blocks.wait("export", account="alice", timeout=0) is False
    desk.clock.now += 30
    assert blocks.wait("export", account="alice", timeout=0) is True


def test_of_many_threads_one_is_woken_to_probe(desk, blocks):
    desk.block()
    desk.clock.now += 60
    ready = []
    threads = [
        threading.Thread(target=lambda: ready.append(blocks.wait("export", timeout=0.03)))
        for _ in range(20)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(ready) == [False] * 19 + [True]


def test_tasks_of_asyncio_and_trio_wait(desk, blocks):
    desk.block()

    async def one(found: list[bool]) -> None:
        assert await blocks.wait_async("chat", timeout=0) is True
        assert await blocks.wait_async("export", account="bob", timeout=0) is True
        found.append(await blocks.wait_async("export", timeout=0.03))

    async def under_asyncio() -> list[bool]:
        found: list[bool] = []
        await asyncio.gather(*(one(found) for _ in range(5)))
        return found

    async def under_trio() -> list[bool]:
        found: list[bool] = []
        async with trio.open_nursery() as nursery:
            for _ in range(5):
                nursery.start_soon(one, found)
        return found

    assert asyncio.run(under_asyncio()) == [False] * 5
    desk.clock.now += 60
    assert sorted(asyncio.run(under_asyncio())) == [False] * 4 + [True]
    desk.clock.now += 30
    assert sorted(trio.run(under_trio)) == [False] * 4 + [True]
    blocks.clear()
    assert trio.run(under_trio) == [True] * 5
