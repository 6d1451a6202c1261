"""Tasks of asyncio and trio that share a guard, in their own task groups and nurseries."""

from __future__ import annotations

import asyncio
import threading
from contextlib import asynccontextmanager

import anyio.lowlevel
import httpx
import pytest
import trio

import payreq
from payreq.testing import Clock

PATH = "/v1/exports"
NO_CREDIT = {"error": {"code": "insufficient_credits", "message": "No credits are left."}}
NEVER = threading.Event()
# Trio tells of generators that are left before their end: httpx's are, with payreq or without.
ORDINARY = pytest.mark.filterwarnings("ignore:Async generator:ResourceWarning")


@asynccontextmanager
async def nursery():
    """A nursery in trio, a task group in asyncio, each the loop's own."""
    if _in_trio():
        async with trio.open_nursery() as tasks:
            yield tasks.start_soon
    else:
        async with asyncio.TaskGroup() as tasks:
            yield lambda act, *args: tasks.create_task(act(*args))


def _in_trio():
    try:
        trio.lowlevel.current_task()
    except RuntimeError:
        return False
    return True


@pytest.fixture(params=["asyncio", "trio"])
def backend(request):
    return request.param


@pytest.fixture
def guard():
    return payreq.Guard(features={"export": f"* {PATH}"}, clock=Clock())


@pytest.fixture
def client(server, guard):
    @asynccontextmanager
    async def make(**options):
        transport = httpx.AsyncHTTPTransport(verify=False, **options)
        headers = {"authorization": "Bearer sk-test-0123456789"}
        async with httpx.AsyncClient(
            base_url=server.url, transport=transport, headers=headers, timeout=10
        ) as plain:
            yield guard.wrap(plain)

    return make


async def asked(client, **options):
    try:
        return (await client.post(PATH, **options)).status_code
    except payreq.PaymentRequired as refusal:
        return "sent" if refusal.sent else "here"


def test_of_40_tasks_at_a_probe_one_is_sent(server, guard, client, backend):
    server.answer(PATH, 402, body=NO_CREDIT)
    outcomes = []

    async def crowd():
        async def call():
            outcomes.append(await asked(shared))

        async with client() as shared:
            await asked(shared)
            guard.clock.advance(60)
            async with nursery() as start:
                for _ in range(40):
                    start(call)

    anyio.run(crowd, backend=backend)
    assert (outcomes.count("sent"), outcomes.count("here")) == (1, 39)
    assert server.count(PATH) == 2


def test_a_task_that_calls_again_and_again_lets_others_go_on(server, guard, client, backend):
    server.answer(PATH, 402, body=NO_CREDIT)
    turns = []

    async def others():
        while True:
            turns.append(len(turns))
            await anyio.lowlevel.checkpoint()

    async def crowd():
        async with client() as shared, anyio.create_task_group() as tasks:
            await asked(shared)
            tasks.start_soon(others)
            for _ in range(50):
                await asked(shared)
            tasks.cancel_scope.cancel()

    anyio.run(crowd, backend=backend)
    assert len(turns) >= 49
    assert server.count(PATH) == 1


def test_a_refusal_ends_its_siblings_and_is_found_in_their_group(server, guard, client, backend):
    server.answer(PATH, 402, body=NO_CREDIT)

    async def crowd():
        async with client() as shared, nursery() as start:
            start(anyio.sleep_forever)
            start(shared.post, PATH)

    with pytest.raises(BaseExceptionGroup) as caught:
        anyio.run(crowd, backend=backend)
    assert isinstance(payreq.detect(caught.value), payreq.CreditsExhausted)
    assert guard.blocks.get("export") is not None


@ORDINARY
def test_a_probe_that_a_failing_sibling_cancels_frees_its_slot(server, guard, client, backend):
    server.answer(PATH, 402, body=NO_CREDIT)

    async def crowd():
        async with client() as shared:
            await asked(shared)
            guard.clock.advance(60)
            server.answer(PATH, 402, body=[b"{", NEVER])
            with pytest.raises(BaseExceptionGroup):  # noqa: PT012  # the group is what is tried
                async with nursery() as start:
                    start(shared.post, PATH)
                    await anyio.to_thread.run_sync(server.gets, PATH, 2)
                    raise KeyError
            server.answer(PATH, 402, body=NO_CREDIT)
            first = await asked(shared)
            guard.clock.advance(10)
            return first, await asked(shared)

    assert anyio.run(crowd, backend=backend) == ("here", "sent")


@ORDINARY
def test_wherever_a_check_is_cancelled_the_next_one_goes_over_the_same_pool(
    server, guard, client, backend
):
    server.answer(PATH, 402, body=[b'{"error": ', b'{"code": "insufficient_credits"}}'])

    async def crowd():
        async with client(limits=httpx.Limits(max_connections=1)) as shared:
            await asked(shared)
            for passes in range(60):
                guard.clock.advance(900)
                async with anyio.create_task_group() as tasks:
                    tasks.start_soon(asked, shared)
                    for _ in range(passes):
                        await anyio.lowlevel.checkpoint()
                    tasks.cancel_scope.cancel()
                assert [state.token for state in guard.ledger.store.find()] == [None]
            guard.clock.advance(900)
            return await asked(shared)

    assert anyio.run(crowd, backend=backend) == "sent"


def test_of_ten_tasks_that_wait_one_is_woken_for_a_check(server, guard, client, backend):
    server.answer(PATH, 402, body=NO_CREDIT)
    woken = []

    async def crowd():
        async def wait():
            woken.append(await guard.blocks.wait_async("export", timeout=0))

        async with client() as shared:
            await asked(shared)
            guard.blocks.recheck("export")
            async with nursery() as start:
                for _ in range(10):
                    start(wait)

    anyio.run(crowd, backend=backend)
    assert sorted(woken) == 9 * [False] + [True]


def test_names_of_a_task_are_its_own(server, guard, client, backend):
    server.answer(PATH, 402, body=NO_CREDIT)
    outcomes = {}

    async def crowd():
        async def call(tenant):
            with payreq.account(tenant):
                await anyio.lowlevel.checkpoint()
                outcomes[tenant] = [await asked(shared), await asked(shared)]

        async with client() as shared, nursery() as start:
            for number in range(20):
                start(call, f"tenant-{number}")

    anyio.run(crowd, backend=backend)
    assert list(outcomes.values()) == 20 * [["sent", "here"]]
    assert len(guard.blocks.active()) == 20
