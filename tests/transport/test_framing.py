"""Refusals in frames that lie, that end in trailers, that hold parts, that come too early."""

from __future__ import annotations

import socket
import threading

import pytest

import payreq

pytestmark = [
    pytest.mark.anyio,
    # Trio tells of generators that are left before their end: httpx's are, with payreq or without.
    pytest.mark.filterwarnings("ignore:Async generator:ResourceWarning"),
]

JSON = {"Content-Type": "application/json"}
NO_CREDIT = b'{"error": {"code": "insufficient_credits", "message": "No credits are left."}}'
PARTS = (
    b"--batch\r\nContent-Type: application/http\r\n\r\n"
    b"HTTP/1.1 402 Payment Required\r\nContent-Type: application/json\r\n\r\n"
    + NO_CREDIT
    + b"\r\n--batch--\r\n"
)


async def refused(call, method="POST", path="/exports", **options):
    with pytest.raises(payreq.PaymentRequired) as caught:
        await call(method, path, **options)
    return caught.value


@pytest.fixture
async def call(calling, guard):
    return await calling(guard)


async def outcome(call, path, **options):
    """Return the status, or the name of what is raised."""
    try:
        return (await call("POST", path, **options)).status_code
    except call.flavour.HTTPError as error:
        return type(error).__name__


# A length that is not so


@pytest.mark.parametrize("length", [20, 10**18])
async def test_a_refusal_of_another_length_than_it_claims_is_one(call, server, length):
    server.answer("/exports", 402, headers=JSON, body=NO_CREDIT, length=length, cut=True)
    error = await refused(call)
    assert error.response.content == NO_CREDIT[:length]
    assert error.details.truncated is (length > 20)
    assert server.keeps(0)
    assert not (await refused(call)).sent


@pytest.mark.parametrize("length", ["-5", "ten", "5, 6", "9" * 5_000])
async def test_a_length_that_is_none_fails_as_without_payreq_and_frees_the_check(
    calling, guard, server, length
):
    server.answer("/exports", 402, headers=JSON, body=NO_CREDIT)
    server.then("/exports", 402, headers=JSON | {"Content-length": length}, body=[NO_CREDIT])
    call = await calling(guard)
    await refused(call)
    guard.clock.advance(60)
    met = [await outcome(call, "/exports") for call in (call, await calling(None))]
    assert met == ["RemoteProtocolError"] * 2
    wait = guard.blocks.get("export").next_check.timestamp() - guard.clock.now
    assert 5 <= wait <= 10


# Headers without end


async def test_a_flood_of_headers_is_a_refusal(call, server):
    flood = {f"X-Error-{number}": "no credits " * 20 for number in range(250)}
    server.answer("/exports", 402, headers=JSON | flood, body=NO_CREDIT)
    for sent in (True, False):
        error = await refused(call)
        assert (error.sent, error.details.code) == (sent, "insufficient_credits")
        assert len(error.response.headers) > 250


async def test_headers_that_are_too_many_fail_as_without_payreq(calling, guard, server):
    flood = {f"X-Error-{number}": "no credits " * 100 for number in range(250)}
    server.answer("/exports", 402, headers=flood, body=NO_CREDIT)
    met = [
        await outcome(await calling(guard_or_none), "/exports") for guard_or_none in (guard, None)
    ]
    assert met == ["RemoteProtocolError"] * 2
    assert guard.blocks.active() == []


# Trailers


async def test_trailers_change_nothing(call, server):
    chunked = b"%x\r\n%b\r\n0\r\nX-Error-Code: none\r\n\r\n" % (len(NO_CREDIT), NO_CREDIT)
    headers = JSON | {"Transfer-Encoding": "chunked", "Trailer": "X-Error-Code"}
    server.answer("/exports", 402, headers=headers, body=chunked)
    error = await refused(call)
    assert (error.response.content, error.details.truncated) == (NO_CREDIT, False)
    await call("GET", "/reports")
    assert server.keeps(1)


# Parts


async def test_a_refusal_in_parts_is_one(call, server):
    server.answer(
        "/exports",
        402,
        headers={"Content-Type": "multipart/mixed; boundary=batch"},
        body=[PARTS[:40], PARTS[40:]],
    )
    for _ in range(2):
        error = await refused(call)
        assert error.details.status == 402
        assert error.response.content == PARTS
    assert server.count("/exports") == 1


async def test_a_refusal_within_one_part_of_a_good_answer_is_left_to_the_caller(
    call, guard, server
):
    headers = {"Content-Type": "multipart/mixed; boundary=batch"}
    server.answer("/batch", 200, headers=headers, body=[PARTS[:40], PARTS[40:]])
    for _ in range(2):
        assert (await call("POST", "/batch")).content == PARTS
    assert guard.blocks.active() == []
    assert server.count("/batch") == 2


@pytest.fixture
def hasty():
    """An address that refuses an upload after its head, and closes without reading the rest."""
    listener = socket.create_server(("127.0.0.1", 0))
    came = []

    def serve():
        connection, _ = listener.accept()
        with connection, connection.makefile("rb") as source:
            while source.readline().strip():
                pass
            came.append(True)
            connection.sendall(
                b"HTTP/1.1 402 Payment Required\r\nContent-Type: application/json\r\n"
                b"Connection: close\r\nContent-Length: %d\r\n\r\n%b" % (len(NO_CREDIT), NO_CREDIT)
            )
            connection.shutdown(socket.SHUT_WR)
            while source.read(65_536):
                pass

    threading.Thread(target=serve, daemon=True).start()
    yield f"http://127.0.0.1:{listener.getsockname()[1]}", came
    listener.close()


async def test_a_refusal_that_comes_before_the_upload_has_ended_is_one(calling, guard, hasty):
    url, came = hasty
    call = await calling(guard, base_url=url)
    files = {"file": ("video.bin", b"x" * 1_000_000)}
    assert (await refused(call, files=files)).details.code == "insufficient_credits"
    assert not (await refused(call, files=files)).sent
    assert len(came) == 1


# Upgrades


UPGRADE = {
    "Connection": "Upgrade",
    "Upgrade": "websocket",
    "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
}


async def test_a_websocket_that_must_be_paid_for_is_refused_once(call, guard, server):
    server.answer("/chat", 402, headers=JSON, body=NO_CREDIT)
    for sent in (True, False):
        error = await refused(call, "GET", "/chat", headers=UPGRADE)
        assert (error.sent, error.feature) == (sent, "chat")
        assert error.response.content == NO_CREDIT
    assert server.count("/chat") == 1
    assert (await call("GET", "/reports")).status_code == 200
    assert server.keeps(1)
