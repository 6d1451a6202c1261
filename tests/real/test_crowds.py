"""Many calls at once: what is refused hardly leaves, and one request at a time looks again."""

from __future__ import annotations

import logging
import threading
from concurrent.futures import ThreadPoolExecutor

import anyio
import httpx
import httpx2
import pytest

import payreq
from payreq.testing import Clock

PATH = "/v1/exports"
NO_CREDIT = {"error": {"code": "insufficient_credits", "message": "No credits are left."}}
KEY = {"authorization": "Bearer sk-test-0123456789"}


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def guard(clock):
    return payreq.Guard(features={"export": f"* {PATH}"}, clock=clock)


def asked(client, url, **options):
    """Return "sent", "here" or the status."""
    try:
        return client.post(url, **options).status_code
    except payreq.PaymentRequired as refusal:
        return "sent" if refusal.sent else "here"


@pytest.mark.parametrize("library", [httpx, httpx2])
def test_of_5000_calls_of_50_threads_at_most_50_are_sent(server, guard, library):
    server.answer(PATH, 402, body=NO_CREDIT)
    with (
        guard.wrap(library.Client(headers=KEY)) as client,
        ThreadPoolExecutor(50) as pool,
    ):
        outcomes = list(pool.map(lambda _: asked(client, server.url + PATH), range(5_000)))
    assert outcomes.count("sent") == server.count(PATH) <= 50
    assert outcomes.count("here") == 5_000 - server.count(PATH)
    (block,) = guard.blocks.active()
    assert block.refused == outcomes.count("here")


@pytest.mark.parametrize("backend", ["asyncio", "trio"])
def test_of_5000_calls_of_50_tasks_at_most_50_are_sent(server, guard, backend):
    server.answer(PATH, 402, body=NO_CREDIT)
    outcomes = []

    async def crowd():
        async def caller():
            for _ in range(100):
                try:
                    await client.post(server.url + PATH)
                except payreq.PaymentRequired as refusal:
                    outcomes.append(refusal.sent)

        async with (
            guard.wrap(httpx.AsyncClient(headers=KEY)) as client,
            anyio.create_task_group() as tasks,
        ):
            for _ in range(50):
                tasks.start_soon(caller)

    anyio.run(crowd, backend=backend)
    assert len(outcomes) == 5_000
    assert sum(outcomes) == server.count(PATH) <= 50


def test_of_40_threads_at_a_probe_one_is_sent(server, guard, clock):
    server.answer(PATH, 402, body=NO_CREDIT)
    gate = threading.Event()
    with guard.wrap(httpx.Client(headers=KEY)) as client:
        assert asked(client, server.url + PATH) == "sent"
        clock.advance(60)
        server.answer(PATH, 402, body=NO_CREDIT, hold=gate)
        together = threading.Barrier(40)

        def call(_):
            together.wait(10)
            return asked(client, server.url + PATH)

        with ThreadPoolExecutor(40) as pool:
            calls = [pool.submit(call, number) for number in range(40)]
            assert server.gets(PATH, 2)
            # While the probe waits for its answer, everybody else is refused here, at once.
            while sum(each.done() for each in calls) < 39:
                pass
            gate.set()
            outcomes = sorted(each.result(10) for each in calls)
    assert outcomes == 39 * ["here"] + ["sent"]
    assert server.count(PATH) == 2


def test_one_paid_probe_opens_it_for_all(server, guard, clock):
    server.answer(PATH, 402, body=NO_CREDIT)
    with guard.wrap(httpx.Client(headers=KEY)) as client:
        asked(client, server.url + PATH)
        server.answer(PATH, 200)
        assert asked(client, server.url + PATH) == "here"
        clock.advance(60)
        with ThreadPoolExecutor(20) as pool:
            first = list(pool.map(lambda _: asked(client, server.url + PATH), range(20)))
        assert set(first) <= {200, "here"}
        assert 200 in first
        assert asked(client, server.url + PATH) == 200
    assert guard.blocks.active() == []


def test_account_a_is_blocked_and_account_b_served(server, guard):
    server.answer(PATH, 402, body=NO_CREDIT)
    a, b = ({"x-api-key": f"sk-test-{name * 12}"} for name in "ab")
    with guard.wrap(httpx.Client()) as client:
        assert asked(client, server.url + PATH, headers=a) == "sent"
        server.answer(PATH, 200)
        for _ in range(3):
            assert asked(client, server.url + PATH, headers=a) == "here"
            assert asked(client, server.url + PATH, headers=b) == 200


def test_a_declined_card_blocks_nothing(server, guard):
    declined = {"error": {"type": "card_error", "code": "card_declined"}}
    server.answer(PATH, 402, body=declined)
    with guard.wrap(httpx.Client(headers=KEY)) as client:
        for _ in range(3):
            with pytest.raises(payreq.PaymentFailed) as caught:
                client.post(server.url + PATH)
            assert caught.value.sent
            assert not caught.value.restricts_access
    assert server.count(PATH) == 3
    assert guard.blocks.active() == []


def test_who_waits_is_let_through_when_it_is_paid(server, guard):
    server.answer(PATH, 402, body=NO_CREDIT)
    with guard.wrap(httpx.Client(headers=KEY)) as client:
        asked(client, server.url + PATH)
        server.answer(PATH, 200)
        waiting = ThreadPoolExecutor(1).submit(guard.blocks.wait, "export", timeout=10)
        guard.billing_fixed("export")
        assert waiting.result(10)
        assert asked(client, server.url + PATH) == 200


def test_forty_workers_that_learn_of_one_block_warn_once(server, clock, caplog):
    server.answer(PATH, 402, body=NO_CREDIT)
    store = payreq.MemoryStore()
    together = threading.Barrier(40)
    heard = []

    def work(_):
        guard = payreq.Guard(features={"export": f"* {PATH}"}, store=store, clock=clock)
        guard.on("blocked", heard.append)
        with guard.wrap(httpx.Client(headers=KEY, verify=False)) as client:
            together.wait(10)
            return [asked(client, server.url + PATH) for _ in range(5)]

    with caplog.at_level(logging.INFO, logger="payreq"), ThreadPoolExecutor(40) as pool:
        outcomes = [each for worker in pool.map(work, range(40)) for each in worker]
    assert outcomes.count("sent") == server.count(PATH) <= 40
    assert outcomes.count("here") == 200 - server.count(PATH)
    assert [record.levelname for record in caplog.records] == ["WARNING"]
    assert [event.block.feature for event in heard if event.here] == ["export"]
