"""A provider on loopback: a real HTTP server whose owner wants to be paid."""

from __future__ import annotations

import json
from base64 import b64encode
from collections import Counter
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import TYPE_CHECKING, NamedTuple, Self

from payreq import Reason, problem

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from types import TracebackType

JSON = {"Content-Type": "application/json"}

X402_TERMS = {
    "x402Version": 2,
    "resource": {"url": "/articles/42", "description": "One article"},
    "accepts": [
        {
            "scheme": "exact",
            "network": "eip155:84532",
            "amount": "10000",
            "asset": "0x0000000000000000000000000000000000000402",
            "payTo": "0x0000000000000000000000000000000000000042",
            "maxTimeoutSeconds": 60,
        }
    ],
}


class Answer(NamedTuple):
    """What the provider answers."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class Provider:
    """The server; enter it to start it.

    Attributes:
        paid: What the customer has paid for: "export", "chat".
        received: How many requests arrived, by path.
    """

    def __init__(self) -> None:
        self.paid: set[str] = set()
        self.received: Counter[str] = Counter()
        self._answers: dict[str, Callable[[], Answer]] = {
            "/v1/exports": self._export,
            "/v1/chat": self._chat,
            "/v1/search": self._search,
            "/v1/charges": _charge,
            "/articles/42": _article,
        }
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._thread = Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def answer(self, path: str) -> Answer:
        """Count a request and answer it."""
        self.received[path] += 1
        return self._answers.get(path, _fine)()

    def _export(self) -> Answer:
        """Refuse by the standard for it, RFC 9457."""
        if "export" in self.paid:
            return _fine()
        made = problem(
            Reason.PLAN_UPGRADE_REQUIRED,
            detail="Data export is part of the Pro plan.",
            plan="free",
            required_plan="pro",
        )
        return Answer(made.status, made.headers, made.body)

    def _chat(self) -> Answer:
        """Refuse as the large model APIs do: with the status of a rate limit."""
        if "chat" in self.paid:
            return _fine()
        error = {
            "type": "insufficient_quota",
            "code": "insufficient_quota",
            "message": "Your credits are used up. Add credits to go on.",
        }
        return Answer(429, JSON, _json({"error": error}))

    def _search(self) -> Answer:
        """Ask to wait, once."""
        if self.received["/v1/search"] > 1:
            return _fine()
        error = {"code": "rate_limit_exceeded", "message": "Too many requests in this minute."}
        return Answer(429, {**JSON, "Retry-After": "1"}, _json({"error": error}))


def _charge() -> Answer:
    error = {"type": "card_error", "code": "card_declined", "message": "The card was declined."}
    return Answer(402, JSON, _json({"error": error}))


def _article() -> Answer:
    terms = b64encode(_json(X402_TERMS)).decode()
    return Answer(402, {**JSON, "PAYMENT-REQUIRED": terms}, b"{}")


def _fine() -> Answer:
    return Answer(200, JSON, b'{"ok": true}')


def _json(value: object) -> bytes:
    return json.dumps(value).encode()


def _handler(provider: Provider) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def do_GET(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            answer = provider.answer(self.path)
            self.send_response(answer.status)
            for name, value in answer.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(answer.body)))
            self.end_headers()
            self.wfile.write(answer.body)

        do_POST = do_GET  # noqa: N815  # the name that http.server calls

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # as declared
            """Stay silent: the demo itself tells what happens."""

    return Handler
