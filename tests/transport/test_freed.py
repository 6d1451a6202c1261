from __future__ import annotations

import threading

import anyio
import pytest

import payreq

pytestmark = [
    pytest.mark.anyio,
    # Trio tells of generators that are left before their end: httpx's are, with payreq or without.
    pytest.mark.filterwarnings("ignore:Async generator:ResourceWarning"),
]

NO_CREDIT = {"code": "insufficient_credits"}
NEVER = threading.Event()
CANCELLABLE = ["asyncio", "trio"]


@pytest.fixture
async def call(calling, guard):
    return await calling(guard)


async def refused(call):
    with pytest.raises(payreq.CreditsExhausted) as caught:
        await call("POST", "/exports")
    return caught.value


async def is_freed(call, guard):
    """Say whether the check is over, its block stands, and the next check comes soon."""
    wait = guard.blocks.get("export").next_check.timestamp() - guard.clock.now
    here = await refused(call)
    guard.clock.advance(10)
    again = await refused(call)
    return 5 <= wait <= 10 and (here.sent, again.sent) == (False, True)


class Faulty:
    """A transport that fails on demand."""

    def __init__(self, inner):
        self.inner = inner
        self.error = None

    def handle_request(self, request):
        if self.error is not None:
            raise self.error
        return self.inner.handle_request(request)

    async def handle_async_request(self, request):
        if self.error is not None:
            raise self.error
        return await self.inner.handle_async_request(request)

    def __enter__(self):
        return self

    def __exit__(self, *exc_info):
        self.inner.close()

    async def __aenter__(self):
        return self

    async def __aexit__(self, *exc_info):
        await self.inner.aclose()


@pytest.mark.parametrize("error", ["ConnectError", "ReadTimeout", "KeyboardInterrupt"])
async def test_a_check_that_fails_frees_its_slot(calling, transports, guard, server, error):
    server.answer("/exports", 402, body=NO_CREDIT)
    inner = Faulty(transports.plain())
    call = await calling(guard, inner=inner)
    await refused(call)
    guard.clock.advance(60)
    made = getattr(call.flavour, error, None)
    inner.error = KeyboardInterrupt() if made is None else made("no")
    with pytest.raises(type(inner.error)) as caught:
        await call("POST", "/exports")
    assert caught.value is inner.error
    inner.error = None
    assert await is_freed(call, guard)
    assert server.count("/exports") == 2


async def test_a_request_that_fails_blocks_nothing(calling, transports, guard, server):
    inner = Faulty(transports.plain())
    call = await calling(guard, inner=inner)
    inner.error = call.flavour.ConnectError("no")
    with pytest.raises(call.flavour.ConnectError):
        await call("POST", "/exports")
    inner.error = None
    assert (await call("POST", "/exports")).status_code == 200
    assert guard.blocks.active() == []


async def test_a_check_that_times_out_frees_its_slot(calling, guard, library, server):
    server.answer("/exports", 402, body=NO_CREDIT)
    server.then("/exports", hold=NEVER)
    server.then("/exports", 402, body=NO_CREDIT)
    call = await calling(guard)
    await refused(call)
    guard.clock.advance(60)
    with pytest.raises(library.ReadTimeout):
        await call("POST", "/exports", timeout=library.Timeout(10, read=0.05))
    assert server.keeps(0)
    assert await is_freed(call, guard)


@pytest.mark.parametrize("kind", CANCELLABLE)
@pytest.mark.parametrize("moment", ["sent", "read"])
async def test_a_check_that_is_cancelled_frees_all_that_it_held(call, guard, server, moment):
    reached = threading.Event()
    server.answer("/exports", 402, body=NO_CREDIT)
    if moment == "sent":
        server.then("/exports", hold=NEVER)
    else:
        server.then("/exports", 403, body=[b"{", reached.set, NEVER])
    server.then("/exports", 402, body=NO_CREDIT)
    await refused(call)
    guard.clock.advance(60)
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(call, "POST", "/exports")
        if moment == "sent":
            assert await anyio.to_thread.run_sync(server.gets, "/exports", 2)
        else:
            assert await anyio.to_thread.run_sync(reached.wait, 10)
        await anyio.wait_all_tasks_blocked()
        assert not (await refused(call)).sent  # one check at a time
        tasks.cancel_scope.cancel()
    assert server.keeps(0)
    assert await is_freed(call, guard)


@pytest.mark.parametrize("kind", CANCELLABLE)
async def test_the_pool_serves_on_after_cancellations(calling, transports, library, server):
    server.answer("/it", 403, body=[b"{", NEVER])
    inner = transports.plain(limits=library.Limits(max_connections=1))
    call = await calling(payreq.Guard(), inner=inner, timeout=5)
    for nth in range(1, 4):
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(call, "GET", "/it")
            assert await anyio.to_thread.run_sync(server.gets, "/it", nth)
            await anyio.wait_all_tasks_blocked()
            tasks.cancel_scope.cancel()
    assert (await call("GET", "/other")).status_code == 200


async def test_an_interrupt_while_a_body_is_read_closes_it(calling, transports, guard, server):
    server.answer("/exports", 403, body=[b"{", NEVER])
    inner = Interrupted(transports.plain())
    call = await calling(guard, inner=inner)
    with pytest.raises(KeyboardInterrupt):
        await call("POST", "/exports")
    assert server.keeps(0)


class Interrupted(Faulty):
    """A transport whose bodies are interrupted after their first chunk."""

    def handle_request(self, request):
        response = super().handle_request(request)
        self.stream = response.stream = Interrupting(response.stream)
        return response

    async def handle_async_request(self, request):
        response = await super().handle_async_request(request)
        self.stream = response.stream = Interrupting(response.stream)
        return response


class Interrupting:
    """Holds on to what it reads, so that nothing is closed by being forgotten."""

    def __init__(self, stream):
        self.stream = stream

    def __iter__(self):
        self.chunks = iter(self.stream)
        yield next(self.chunks)
        raise KeyboardInterrupt

    def __aiter__(self):
        return InterruptingIterator(aiter(self.stream))

    def close(self):
        self.stream.close()

    async def aclose(self):
        await self.stream.aclose()


class InterruptingIterator:
    """No generator, since what iterates over a stream need be none."""

    def __init__(self, chunks):
        self.chunks = chunks

    async def __anext__(self):
        if self.chunks is None:
            raise KeyboardInterrupt
        chunks, self.chunks = self.chunks, None
        return await anext(chunks)

    def __aiter__(self):
        return self


@pytest.mark.parametrize("refusals", ["raise", "return"])
async def test_a_listener_that_is_interrupted_leaves_nothing_open(calling, server, refusals):
    guard = payreq.Guard(refusals=refusals)

    def interrupt(event):
        raise KeyboardInterrupt

    guard.on("payment_required", interrupt)
    server.answer("/exports", 402, body=[b"x" * 70_000, NEVER])
    call = await calling(guard)
    with pytest.raises(KeyboardInterrupt):
        await call("POST", "/exports")
    assert server.keeps(0)


@pytest.mark.parametrize("kind", CANCELLABLE)
async def test_a_cancelled_listener_leaves_nothing_open(call, guard, server):
    async def linger(event):
        await anyio.sleep_forever()

    guard.on("payment_required", linger)
    server.answer("/exports", 402, body=[b"x" * 70_000, NEVER])
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(call, "POST", "/exports")
        assert await anyio.to_thread.run_sync(server.gets, "/exports")
        await anyio.wait_all_tasks_blocked()
        tasks.cancel_scope.cancel()
    assert server.keeps(0)
