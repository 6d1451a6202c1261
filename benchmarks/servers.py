"""What benchmarks talk to on loopback: a provider that knows who has paid, and a Redis."""

from __future__ import annotations

import json
import shutil
import subprocess
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

REDIS = shutil.which("redis-server")

Pair = tuple[str, str]
"""A feature and an account."""


class Provider:
    """An API that refuses accounts the features that they have not paid for.

    Attributes:
        url: Its base URL.
        unpaid: What is refused now.
    """

    def __init__(self, check_after: tuple[int, int]) -> None:
        self.unpaid: set[Pair] = set()
        self._server = _Server(("127.0.0.1", 0), _handler(self.unpaid, check_after))
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self) -> None:
        """Stop it."""
        self._server.shutdown()
        self._server.server_close()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def handle_error(self, *_: Any) -> None:
        """Say nothing of clients that were killed."""


def _handler(unpaid: set[Pair], check_after: tuple[int, int]) -> Callable[..., Any]:
    random = Random(1)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = -1
        disable_nagle_algorithm = True

        def do_GET(self) -> None:
            refused = (self.path[1:], self.headers["x-account"]) in unpaid
            content = json.dumps({"code": "insufficient_credits"} if refused else {}).encode()
            self.send_response(402 if refused else 200)
            if refused:
                self.send_header("Retry-After", str(random.randint(*check_after)))
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: Any) -> None:
            """Be quiet."""

    return Handler


class Redis:
    """A Redis on a socket in a folder, without persistence: what it held is lost when it is killed.

    Attributes:
        url: Where it is found.
    """

    def __init__(self, folder: str) -> None:
        self._folder = folder
        self._socket = Path(folder) / "redis.sock"
        self._process: subprocess.Popen[bytes] | None = None
        self.url = f"unix://{self._socket}"

    def start(self) -> None:
        """Start it, and wait until it listens."""
        assert REDIS is not None
        self._socket.unlink(missing_ok=True)
        place = ["--port", "0", "--unixsocket", str(self._socket), "--dir", self._folder]
        self._process = subprocess.Popen([REDIS, *place, "--save", ""], stdout=subprocess.DEVNULL)
        while not self._socket.exists():
            time.sleep(0.01)

    def kill(self) -> None:
        """End it at once."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
