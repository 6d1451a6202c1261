"""The transports that all clients of a measurement send through, and what they send.

They answer at once, without a network, so that little is measured but what stands around them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import httpx

if TYPE_CHECKING:
    from collections.abc import Callable

URL = "https://api.example.com/v1/reports"
HEADERS = {"Authorization": "Bearer sk-benchmark-0123456789"}

FINE = [("cache-control", "no-store")]  # else caches keep it, and nothing is sent
REFUSED = [("content-type", "application/json")]
REFUSAL = b'{"error": {"code": "insufficient_credits", "message": "No credits are left."}}'


class Lean(httpx.BaseTransport, httpx.AsyncBaseTransport):
    """Answers without a body; sync and async."""

    def handle_request(self, request: httpx.Request) -> httpx.Response:  # noqa: ARG002  # none is looked at
        """Answer."""
        return httpx.Response(200, headers=FINE)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:  # noqa: ARG002  # likewise
        """Answer."""
        return httpx.Response(200, headers=FINE)


class Refusing(httpx.BaseTransport, httpx.AsyncBaseTransport):
    """Refuses; sync and async."""

    def handle_request(self, request: httpx.Request) -> httpx.Response:  # noqa: ARG002  # likewise
        """Answer."""
        return httpx.Response(402, headers=REFUSED, content=REFUSAL)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:  # noqa: ARG002  # likewise
        """Answer."""
        return httpx.Response(402, headers=REFUSED, content=REFUSAL)


def sending(client: Any, **options: Any) -> Callable[[], Any]:
    """Return what sends a request by a client, which is built but once."""
    request = client.build_request("GET", URL, headers=HEADERS, **options)
    return lambda: client.send(request)
