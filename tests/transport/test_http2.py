"""Refusals over HTTP/2, where many streams share a connection."""

from __future__ import annotations

import socket
import threading
from contextlib import suppress

import anyio
import pytest
from h2.config import H2Configuration
from h2.connection import H2Connection
from h2.events import RequestReceived, StreamEnded

import payreq

pytestmark = [
    pytest.mark.anyio,
    # Trio tells of generators that are left before their end: httpx's are, with payreq or without.
    pytest.mark.filterwarnings("ignore:Async generator:ResourceWarning"),
]

BEGINNING = b'{"error": {"code": "insufficient_credits", "message": "No credits left."}, "pad": "'

ANSWERS = {
    "/exports": ("402", [("x-request-id", "req_7")], BEGINNING + b'"}', True),
    "/endless": ("402", [], BEGINNING, False),
    "/flood": ("402", [(f"x-error-{n}", "no credits " * 20) for n in range(210)], b"{}", True),
    "/trailers": ("402", [("trailer", "grpc-status")], BEGINNING + b'"}', True),
}
"""Paths that must be paid for: status, headers, body, and whether the stream ends."""


class Server:
    """A small HTTP/2 server over one thread a connection, which notes the paths that came."""

    def __init__(self):
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self.listener.getsockname()[1]}"
        self.received = []
        self.connections = []
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        with suppress(OSError):
            while True:
                self.connections.append(self.listener.accept()[0])
                threading.Thread(
                    target=self.serve, args=(self.connections[-1],), daemon=True
                ).start()

    def serve(self, connection):
        http = H2Connection(H2Configuration(client_side=False))
        http.initiate_connection()
        paths = {}
        with suppress(OSError), connection:
            connection.sendall(http.data_to_send())
            while data := connection.recv(65_536):
                for event in http.receive_data(data):
                    if isinstance(event, RequestReceived):
                        paths[event.stream_id] = dict(event.headers)[b":path"].decode()
                    elif isinstance(event, StreamEnded):
                        self.respond(http, event.stream_id, paths[event.stream_id])
                connection.sendall(http.data_to_send())

    def respond(self, http, stream, path):
        self.received.append(path)
        status, headers, body, ends = ANSWERS.get(path, ("200", [], b"{}", True))
        named = [(":status", status), ("content-type", "application/json"), *headers]
        http.send_headers(stream, named)
        trailing = any(name == "trailer" for name, _ in headers)
        http.send_data(stream, body, end_stream=ends and not trailing)
        if trailing:
            http.send_headers(stream, [("grpc-status", "8")], end_stream=True)

    def close(self):
        self.listener.close()
        for connection in self.connections:
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)


@pytest.fixture
def served():
    """A server that speaks HTTP/2 at once, without TLS ("prior knowledge": RFC 9113, 3.3)."""
    running = Server()
    yield running
    running.close()


@pytest.fixture
async def call(calling, transports, guard, served):
    inner = transports.plain(http1=False, http2=True)
    return await calling(guard, inner=inner, base_url=served.url)


async def refused(call, path):
    with pytest.raises(payreq.CreditsExhausted) as caught:
        await call("POST", path, content=b"{}")
    return caught.value


async def test_a_refusal_is_raised_once_and_then_without_a_request(call, served):
    first, second = await refused(call, "/exports"), await refused(call, "/exports")
    assert (first.sent, second.sent) == (True, False)
    assert first.response.http_version == "HTTP/2"
    assert first.details.request_id == "req_7"
    assert (await call("GET", "/reports")).json() == {}
    assert served.received == ["/exports", "/reports"]


async def test_a_refusal_without_an_end_leaves_its_stream_and_keeps_the_connection(
    call, served, monkeypatch
):
    monkeypatch.setattr("payreq.bodies.RAW_LIMIT", 1)
    assert (await refused(call, "/endless")).response.content == BEGINNING
    assert (await call("GET", "/reports")).status_code == 200
    assert len(served.connections) == 1


async def test_a_flood_of_headers_is_a_refusal(call):
    with pytest.raises(payreq.PaymentRequired) as caught:
        await call("POST", "/flood")
    error = caught.value
    assert len(error.response.headers) > 200


async def test_trailers_change_nothing(call):
    assert (await refused(call, "/trailers")).response.content == BEGINNING + b'"}'
    assert (await call("GET", "/reports")).status_code == 200


@pytest.mark.parametrize("kind", ["asyncio", "trio"])
async def test_a_refusal_beside_others_on_one_connection_leaves_them_alone(call, served):
    answers = []

    async def report():
        answers.append((await call("GET", "/reports")).status_code)

    async def export():
        try:
            await call("POST", "/exports")
        except payreq.CreditsExhausted as refusal:
            answers.append(refusal.sent)

    await report()
    async with anyio.create_task_group() as tasks:
        for _ in range(10):
            tasks.start_soon(report)
            tasks.start_soon(export)
    assert answers.count(200) == 11
    assert answers.count(True) == served.received.count("/exports")
    assert answers.count(True) + answers.count(False) == 10
    assert len(served.connections) == 1
