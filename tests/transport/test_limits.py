from __future__ import annotations

import gzip
import threading

import pytest

import payreq
from payreq.bodies import LIMIT

pytestmark = [
    pytest.mark.anyio,
    # Trio tells of generators that are left before their end: httpx's are, with payreq or without.
    pytest.mark.filterwarnings("ignore:Async generator:ResourceWarning"),
]

JSON = {"Content-Type": "application/json"}
BEGINNING = (
    b'{"error": {"code": "insufficient_credits", "message": "No credits are left."}, "pad": "'
)
NEVER = threading.Event()


async def refused(call, path="/exports"):
    with pytest.raises(payreq.CreditsExhausted) as caught:
        await call("POST", path)
    return caught.value


@pytest.fixture
async def call(calling, guard):
    return await calling(guard)


@pytest.mark.parametrize("status", [402, 403])
async def test_a_refusal_with_an_endless_body_is_raised_without_waiting_for_its_end(
    call, server, status
):
    body = [BEGINNING, b"x" * LIMIT, NEVER]
    server.answer("/exports", status, headers=JSON, body=body)
    error = await refused(call)
    assert len(error.response.content) == LIMIT
    assert error.response.content.startswith(BEGINNING)
    assert error.details.truncated
    assert server.keeps(0)
    assert len((await refused(call)).response.content) == LIMIT


@pytest.mark.parametrize("status", [402, 403])
async def test_a_body_that_drips_is_read_for_two_seconds(call, server, monkeypatch, status):
    times = iter([0.0, 10.0, 11.0, 12.0, 12.1, 13.0])
    monkeypatch.setattr("payreq.transport.monotonic", lambda: next(times))
    body = [BEGINNING, b"x", b"y", NEVER]
    server.answer("/exports", status, headers=JSON, body=body)
    error = await refused(call)
    assert error.response.content == BEGINNING + b"xy"
    assert error.response.elapsed.total_seconds() == 13
    assert error.details.truncated


async def test_a_body_that_drips_and_is_no_refusal_goes_on(call, server, monkeypatch):
    times = iter([0.0, 10.0, 12.1])
    monkeypatch.setattr("payreq.transport.monotonic", lambda: next(times))
    arrived = threading.Event()
    server.answer("/it", 403, body=[b"you may ", arrived, b"not"])
    async with call.stream("GET", "/it") as response:
        arrived.set()
        assert b"".join([chunk async for chunk in call.chunks(response)]) == b"you may not"


async def test_a_bomb_unfolds_no_further_than_the_limit(call, server):
    bomb = gzip.compress(BEGINNING + b"x" * 20_000_000)
    server.answer("/exports", 402, headers=JSON | {"Content-Encoding": "gzip"}, body=bomb)
    error = await refused(call)
    assert error.response.content == BEGINNING + b"x" * (LIMIT - len(BEGINNING))
    server.answer("/it", 403, headers=JSON | {"Content-Encoding": "gzip"}, body=gzip.compress(bomb))
    async with call.stream("GET", "/it") as response:
        raw = b"".join([chunk async for chunk in call.chunks(response)])
    assert gzip.decompress(raw) == bomb


@pytest.mark.parametrize("length", [None, 1_000])
async def test_a_refusal_whose_body_breaks_off_is_a_refusal(call, server, length):
    server.answer("/exports", 402, headers=JSON, body=[BEGINNING], length=length, cut=True)
    error = await refused(call)
    assert error.response.content == BEGINNING
    assert error.details.truncated
    assert server.keeps(0)
    assert not (await refused(call)).sent


async def test_a_402_of_which_nothing_came_is_a_refusal(call, server):
    server.answer("/exports", 402, body=[], length=10, cut=True)
    with pytest.raises(payreq.PaymentRequired) as caught:
        await call("POST", "/exports")
    assert caught.value.reason is payreq.Reason.UNKNOWN


async def test_a_402_that_stalls_is_a_refusal_at_the_read_timeout(calling, guard, library, server):
    server.answer("/exports", 402, headers=JSON, body=[BEGINNING, NEVER])
    call = await calling(guard, timeout=library.Timeout(10, read=0.3))
    assert (await refused(call)).response.content == BEGINNING
    assert server.keeps(0)


async def test_a_refusal_that_is_handed_back_ends_where_it_broke_off(calling, server):
    server.answer("/exports", 402, headers=JSON, body=[BEGINNING], length=1_000, cut=True)
    call = await calling(payreq.Guard(refusals="return"))
    assert (await call("POST", "/exports")).content == BEGINNING


async def test_a_refusal_that_is_observed_breaks_off_as_it_came(calling, server):
    server.answer("/exports", 402, headers=JSON, body=[BEGINNING], length=1_000, cut=True)
    guard = payreq.Guard(refusals="observe")
    call = await calling(guard)
    with pytest.raises(call.flavour.RemoteProtocolError):
        await call("POST", "/exports")
    assert len(guard.blocks.active()) == 1


async def test_a_check_whose_answer_breaks_off_leaves_the_block(call, guard, clock, server):
    server.answer("/exports", 403, headers=JSON, body=BEGINNING + b'"}')
    server.then("/exports", 403, headers=JSON, body=[b'{"er'], length=100, cut=True)
    server.then("/exports", 403, headers=JSON, body=b'{"error": "you may not"}')
    await refused(call)
    clock.advance(60)
    with pytest.raises(call.flavour.RemoteProtocolError):
        await call("POST", "/exports")
    wait = guard.blocks.get("export").next_check.timestamp() - clock.now
    assert 5 <= wait <= 10
    assert not (await refused(call)).sent
    clock.advance(10)
    assert (await call("POST", "/exports")).status_code == 403
    assert guard.blocks.get("export") is None
