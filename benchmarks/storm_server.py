"""A provider for the storm, in a process of its own: it refuses everything, and counts.

It prints its port once it listens. `GET /count` tells how many requests came since it was last
asked; nothing else is counted out of what arrives.
"""

from __future__ import annotations

import asyncio
import json
import socket
from typing import TYPE_CHECKING, Any

import uvicorn

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

ROUND_TRIP = 0.005
"""Seconds until it answers."""
REFUSAL = {
    "error": {
        "message": "The quota of this account is used up; see its plan and billing.",
        "type": "insufficient_quota",
        "param": None,
        "code": "insufficient_quota",
    }
}


class Provider:
    """An ASGI app."""

    def __init__(self) -> None:
        self._received = 0

    async def __call__(
        self,
        scope: dict[str, Any],
        receive: Callable[[], Awaitable[dict[str, Any]]],
        send: Callable[[dict[str, Any]], Awaitable[None]],
    ) -> None:
        """Answer a request."""
        told: dict[str, Any]
        while (await receive()).get("more_body"):
            pass
        if scope["path"] == "/count":
            status, told = 200, {"received": self._received}
            self._received = 0
        else:
            self._received += 1
            await asyncio.sleep(ROUND_TRIP)
            status, told = 429, REFUSAL
        body = json.dumps(told).encode()
        headers = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(body))]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": body})


def main() -> None:
    """Serve until the process is ended."""
    listening = socket.create_server(("127.0.0.1", 0), backlog=512)
    print(listening.getsockname()[1], flush=True)
    config = uvicorn.Config(Provider(), log_level="critical", lifespan="off", access_log=False)
    uvicorn.Server(config).run(sockets=[listening])


if __name__ == "__main__":
    main()
