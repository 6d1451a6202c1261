"""What tests of several rooms share: a small HTTP/1.1 server on loopback, and a real Redis."""

from __future__ import annotations

import json
import os
import select
import shutil
import signal
import socket
import subprocess
import threading
import time
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest
from hypothesis import HealthCheck, settings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

# No test is judged by how fast the machine is that runs it.
settings.register_profile("payreq", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("campaign", settings.get_profile("payreq"), max_examples=5_000)
settings.load_profile("payreq")

PATIENCE = 10.0
"""Seconds after which a wait of the server is given up: a test that needs them has failed."""

_GLANCE = 0.01  # seconds after which a wait looks whether the client has gone


@dataclass(frozen=True)
class Answer:
    """What the server sends; to a path that nothing was said of, 200 and an empty object.

    Attributes:
        status: The status; 1xx, 204 and 304 have no body, nor has an answer to HEAD.
        headers: Names and values as they go onto the wire, in latin-1.
        body: Bytes; a dictionary, sent as JSON; or an iterable of chunks, in which a
            `threading.Event` is waited for and a callable is called before what follows is sent.
        length: The Content-Length to claim. Left out: that of a body in one piece, while one in
            chunks is sent chunked.
        cut: Close the connection after the body, whatever length was claimed.
        before: Raw bytes ahead of the status line, such as an interim response.
        hold: What is waited for before anything is sent.
    """

    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes | dict[str, Any] | Iterable[bytes | threading.Event | Callable[[], Any]] = b"{}"
    length: int | None = None
    cut: bool = False
    before: bytes = b""
    hold: threading.Event | None = None


class Received(NamedTuple):
    """A request as it came; names of headers are in lower case."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes


class Server:
    """A threaded HTTP/1.1 server with keep-alive, whose answers a test scripts.

    Attributes:
        url: The base URL.
        received: Every request, in the order in which they came.

    Example:
        server.answer("/exports", 402, body={"code": "insufficient_credits"})
        server.answer("/slow", body=[b"first", event, b"rest"])
        server.answer("/flaky", 503)
        server.then("/flaky", 200)  # from the second request on
    """

    def __init__(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        self.received: list[Received] = []
        self._answers: dict[str, list[Answer]] = {}
        self._connections: set[socket.socket] = set()
        self._changed = threading.Condition()
        threading.Thread(target=self._accept, daemon=True).start()

    def answer(self, path: str, status: int = 200, **answer: Any) -> None:
        """Say how requests for a path are answered; see `Answer`."""
        self._answers[path] = [Answer(status, **answer)]

    def then(self, path: str, status: int = 200, **answer: Any) -> None:
        """Say what follows the answers so far; each is given once, the last one for good."""
        self._answers[path].append(Answer(status, **answer))

    def count(self, path: str) -> int:
        """Say how many requests for a path have come."""
        return sum(request.path == path for request in self.received)

    def gets(self, path: str, requests: int = 1) -> bool:
        """Wait until so many requests for a path have come; False if they do not."""
        with self._changed:
            return self._changed.wait_for(lambda: self.count(path) >= requests, PATIENCE)

    def keeps(self, connections: int) -> bool:
        """Wait until so many connections are open; False if that does not come about."""
        with self._changed:
            return self._changed.wait_for(lambda: len(self._connections) == connections, PATIENCE)

    def close(self) -> None:
        """Stop, and close what is open."""
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)  # wakes `accept` on Linux; macOS refuses
        self._listener.close()
        with self._changed:
            for connection in self._connections:
                with suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        with self._changed:
            self._connections.add(connection)
            self._changed.notify_all()
        with suppress(OSError), connection, connection.makefile("rb") as source:
            while (request := _request(source)) is not None and self._respond(connection, request):
                pass
        with self._changed:
            self._connections.discard(connection)
            self._changed.notify_all()

    def _respond(self, connection: socket.socket, request: Received) -> bool:
        """Answer a request, and say whether the connection stays."""
        with self._changed:
            self.received.append(request)
            self._changed.notify_all()
            scripted = self._answers.get(request.path.partition("?")[0], [Answer()])
            answer = scripted.pop(0) if len(scripted) > 1 else scripted[0]
        body = json.dumps(answer.body).encode() if isinstance(answer.body, dict) else answer.body
        bare = request.method == "HEAD" or answer.status in {204, 304} or answer.status < 200
        chunked = not bare and not isinstance(body, bytes) and answer.length is None
        headers = dict(answer.headers)
        if isinstance(answer.body, dict):
            headers.setdefault("Content-Type", "application/json")
        if chunked:
            headers["Transfer-Encoding"] = "chunked"
        elif answer.length is not None or (isinstance(body, bytes) and answer.status >= 200):
            headers["Content-Length"] = str(len(body) if answer.length is None else answer.length)
        lines = [f"HTTP/1.1 {answer.status} Scripted"]
        lines += [f"{name}: {value}" for name, value in headers.items()]
        head = "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n"
        if answer.hold is not None:
            self._await(answer.hold, connection)
        connection.sendall(answer.before + head)
        if not bare:
            for part in [body] if isinstance(body, bytes) else body:
                if isinstance(part, threading.Event):
                    self._await(part, connection)
                elif callable(part):
                    part()
                else:
                    connection.sendall(b"%x\r\n%b\r\n" % (len(part), part) if chunked else part)
            if chunked and not answer.cut:
                connection.sendall(b"0\r\n\r\n")
        return not answer.cut

    def _await(self, event: threading.Event, connection: socket.socket) -> None:
        """Wait for the test, as long as the client is there."""
        for _ in range(int(PATIENCE / _GLANCE)):
            if event.wait(_GLANCE):
                return
            readable, _, _ = select.select([connection], [], [], 0)
            if readable and not connection.recv(1, socket.MSG_PEEK):
                break
        raise ConnectionAbortedError


def _request(source: Any) -> Received | None:
    """Read a request, None where the connection ends."""
    line = source.readline().decode("latin-1").split()
    if not line:
        return None
    headers = {}
    while field_line := source.readline().decode("latin-1").strip():
        name, _, value = field_line.partition(":")
        headers[name.lower()] = value.strip()
    body = source.read(int(headers.get("content-length", 0)))
    return Received(line[0], line[1], headers, body)


@pytest.fixture
def server() -> Iterator[Server]:
    """A server of the test's own."""
    running = Server()
    yield running
    running.close()


class Redis:
    """A real Redis on loopback, without persistence, that a test may stop, freeze and start again.

    Attributes:
        port: Its port, the same at every start.
        url: "redis://127.0.0.1:…".
    """

    def __init__(self, program: str, folder: Any) -> None:
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = free.getsockname()[1]
        self.url = f"redis://127.0.0.1:{self.port}/0"
        self._program = program
        self._folder = folder
        self._process: subprocess.Popen[bytes] | None = None

    def start(self, *options: str) -> None:
        """Start it, and wait until it answers.

        Args:
            options: As on its command line: "--maxmemory", "2mb".
        """
        place = ["--bind", "127.0.0.1", "--port", str(self.port), "--dir", str(self._folder)]
        self._process = subprocess.Popen(
            [self._program, *place, "--save", "", "--appendonly", "no", *options],
            stdout=subprocess.DEVNULL,
        )
        until = time.monotonic() + PATIENCE
        while not self._answers():
            assert time.monotonic() < until, "redis-server does not answer"
            time.sleep(0.01)

    def kill(self) -> None:
        """End it at once; what it held is lost."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def freeze(self) -> None:
        """Leave it running, but doing nothing."""
        os.kill(self._process.pid, signal.SIGSTOP)

    def thaw(self) -> None:
        """Let it go on."""
        os.kill(self._process.pid, signal.SIGCONT)

    def ask(self, *words: str) -> bytes:
        """Return the first bytes that it answers to a command."""
        with socket.create_connection(("127.0.0.1", self.port), PATIENCE) as connection:
            parts = "".join(f"${len(word)}\r\n{word}\r\n" for word in words)
            connection.sendall(f"*{len(words)}\r\n{parts}".encode())
            return connection.recv(65_536)

    def _answers(self) -> bool:
        try:
            return self.ask("PING").startswith(b"+PONG")
        except OSError:
            return False


@pytest.fixture(scope="session")
def start_redis(tmp_path_factory: Any) -> Iterator[Callable[..., Redis]]:
    """Start a Redis of the test's own; without the program the test is skipped, or fails."""
    started: list[Redis] = []

    def start(*options: str) -> Redis:
        program = shutil.which("redis-server")
        if program is None:
            why = "redis-server is not installed"
            if "redis" in os.environ.get("PAYREQ_REQUIRE", "").split(","):
                pytest.fail(why)
            pytest.skip(why)
        server = Redis(program, tmp_path_factory.mktemp("redis"))
        server.start(*options)
        started.append(server)
        return server

    yield start
    for server in started:
        server.kill()


@pytest.fixture(scope="session")
def redis(start_redis: Callable[..., Redis]) -> Redis:
    """A Redis that all tests share: use a namespace of your own, and leave it running."""
    return start_redis()
