from __future__ import annotations

import gzip
import threading
import zlib
from importlib import import_module

import anyio
import pytest

import payreq

pytestmark = [
    pytest.mark.anyio,
    # Trio tells of generators that are left before their end: httpx's are, with payreq or without.
    pytest.mark.filterwarnings("ignore:Async generator:ResourceWarning"),
]

TEXT = b'{"error": "you may not", "pad": "' + b"abc" * 40_000 + b'"}'
JSON = {"Content-Type": "application/json"}


def parts(data, size=5_000):
    return [data[start : start + size] for start in range(0, len(data), size)]


def coded(name, data):
    return {"headers": JSON | {"Content-Encoding": name}, "body": data}


def compressor(*modules):
    """Of the first that is installed; without one, what is sent is no such coding at all."""
    for name in modules:
        try:
            return import_module(name).compress
        except ImportError:
            continue
    return bytes


brotli = compressor("brotli", "brotlicffi")
zstd = compressor("compression.zstd", "backports.zstd", "zstandard")

ANSWERS = {
    "200": {"status": 200, "headers": JSON, "body": TEXT},
    "201-chunked": {"status": 201, "body": parts(TEXT)},
    "204": {"status": 204},
    "304": {"status": 304, "headers": {"ETag": '"x"'}},
    "a-redirect": {"status": 302, "headers": {"Location": "/elsewhere"}},
    "400": {"status": 400, "headers": JSON, "body": b'{"error": "name is missing"}'},
    "401-empty": {"status": 401, "body": b""},
    "403": {"status": 403, "headers": JSON, "body": TEXT},
    "403-chunked": {"status": 403, "headers": JSON, "body": parts(TEXT)},
    "403-gzip": {"status": 403} | coded("gzip", gzip.compress(TEXT)),
    "403-gzip-chunked": {"status": 403} | coded("gzip", parts(gzip.compress(TEXT), 20)),
    "403-deflate": {"status": 403} | coded("deflate", zlib.compress(TEXT)),
    "403-br": {"status": 403} | coded("br", brotli(TEXT)),
    "403-zstd": {"status": 403} | coded("zstd", zstd(TEXT)),
    "403-in-two-codings": {"status": 403} | coded("gzip, br", brotli(gzip.compress(TEXT))),
    "403-in-no-such-coding": {"status": 403} | coded("nonsense", TEXT),
    "404-as-an-image": {"status": 404, "headers": {"Content-Type": "image/png"}, "body": TEXT},
    "429": {"status": 429, "headers": JSON | {"Retry-After": "1"}, "body": b'{"error": "slow"}'},
    "500": {"status": 500, "headers": JSON, "body": TEXT},
    "200-after-early-hints": {"before": b"HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n"},
}


async def observed(call, method, path, way):
    """What a caller sees of an answer, as far as it may not differ."""
    async with call.stream(method, path, follow_redirects=True) as response:
        chunks = [chunk async for chunk in call.chunks(response, way)]
    return {
        "status": response.status_code,
        "headers": response.headers.multi_items(),
        "reason": response.reason_phrase,
        "version": response.http_version,
        "body": b"".join(chunks),
        "downloaded": response.num_bytes_downloaded,
        "history": [earlier.status_code for earlier in response.history],
        "url": str(response.url),
        "timed": response.elapsed.total_seconds() >= 0,
        "closed": response.is_closed,
    }


@pytest.mark.parametrize("method", ["GET", "HEAD"])
async def test_what_is_no_refusal_is_as_without_payreq(calling, guard, server, method):
    for name, answer in ANSWERS.items():
        server.answer(f"/{name}", **answer)
    bare, guarded = await calling(None), await calling(guard)
    for way in ("raw", "bytes"):
        for name in ANSWERS:
            seen = await observed(guarded, method, f"/{name}", way)
            assert seen == await observed(bare, method, f"/{name}", way), name
    assert server.keeps(2)  # each has kept its connection for the next request
    assert guard.blocks.active() == []


async def test_a_large_answer_that_is_no_refusal_streams_through_whole(calling, guard, server):
    server.answer("/it", 403, headers={"Content-Type": "text/plain"}, body=b"x" * 3_000_000)
    call = await calling(guard)
    size = 0
    async with call.stream("GET", "/it") as response:
        async for chunk in call.chunks(response):
            size += len(chunk)
    assert size == 3_000_000


@pytest.mark.parametrize(
    "answer",
    [
        (200, {"Content-Type": "text/event-stream"}, b"data: hello\n\n"),
        (200, JSON, b"{"),
        (404, {"Content-Type": "application/octet-stream"}, b"\0"),
        (403, {"Content-Type": "text/plain"}, b"x" * 65_536),
        (500, JSON, b"{"),
    ],
)
async def test_what_need_not_be_read_stays_unread(calling, guard, server, answer):
    status, headers, first = answer
    arrived = threading.Event()
    server.answer("/it", status, headers=headers, body=[first, arrived, b"the rest"])
    call = await calling(guard)
    async with call.stream("GET", "/it") as response:
        arrived.set()
        body = b"".join([chunk async for chunk in call.chunks(response)])
    assert body == first + b"the rest"


async def test_a_response_may_be_left_before_its_end(calling, guard, server):
    never = threading.Event()
    server.answer("/it", 403, body=[b"x" * 70_000, b"y" * 10, never])
    call = await calling(guard)
    async with call.stream("GET", "/it") as response:
        assert await anext(call.chunks(response))
    assert server.keeps(0)


async def test_a_response_may_be_left_unread(calling, guard, server):
    never = threading.Event()
    server.answer("/it", 403, body=[b"x" * 70_000, never])
    call = await calling(guard)
    async with call.stream("GET", "/it"):
        pass
    assert server.keeps(0)


@pytest.mark.parametrize("kind", ["asyncio", "trio"])
async def test_a_response_may_be_closed_while_another_task_reads_it(calling, guard, server):
    never = threading.Event()
    server.answer("/it", 403, body=[b"x" * 70_000, never])
    call = await calling(guard)
    ended = []

    async def read(response):
        try:
            async for _ in response.aiter_raw():
                pass
        except Exception as error:
            ended.append(error)

    async with anyio.create_task_group() as tasks, call.stream("GET", "/it") as response:
        tasks.start_soon(read, response)
        await anyio.wait_all_tasks_blocked()
        await response.aclose()
    assert len(ended) == 1
    assert server.keeps(0)


@pytest.mark.parametrize("sent", [3, 70_000])
@pytest.mark.parametrize("claimed", [None, 100_000])
async def test_a_body_that_breaks_off_does_so_at_the_same_byte(
    calling, guard, server, sent, claimed
):
    server.answer("/it", 403, body=[b"x" * sent], length=claimed, cut=True)
    met = []
    for call in (await calling(None), await calling(guard)):
        got = b""
        async with call.stream("GET", "/it") as response:
            chunks = call.chunks(response)
            with pytest.raises(call.flavour.RemoteProtocolError) as caught:  # noqa: PT012  # the loop counts what came before
                async for chunk in chunks:
                    got += chunk
        met.append((len(got), str(caught.value), caught.value.request.url))
    assert met[0] == met[1]
    assert met[0][0] == sent
    assert server.keeps(0)


async def test_a_body_that_stalls_meets_the_read_timeout_of_the_client(
    calling, guard, library, server
):
    never = threading.Event()
    server.answer("/it", 403, body=[b"abc", never])
    call = await calling(guard, timeout=library.Timeout(10, read=0.3))
    async with call.stream("GET", "/it") as response:
        chunks = call.chunks(response)
        assert await anext(chunks) == b"abc"
        with pytest.raises(library.ReadTimeout):
            await anext(chunks)
    assert server.keeps(0)


async def test_an_upgraded_connection_is_not_read(calling, guard, server):
    server.answer("/exports", 402, body={})
    server.then("/exports", 101, headers={"Upgrade": "websocket", "Connection": "Upgrade"})
    call = await calling(guard)
    with pytest.raises(payreq.PaymentRequired):
        await call("GET", "/exports")
    guard.blocks.recheck()  # so that the upgrade is looked at, too: it lifts the block
    upgrade = {"Connection": "Upgrade", "Upgrade": "websocket"}
    async with call.stream("GET", "/exports", headers=upgrade) as response:
        assert response.status_code == 101
        assert response.extensions["network_stream"] is not None
    assert guard.blocks.active() == []
