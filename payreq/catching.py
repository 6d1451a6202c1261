"""Past what retries or caches: a refusal inside it goes to the catcher around it, and is final."""

from __future__ import annotations

from typing import Any


class Halt(BaseException):  # no error: a signal between two transports of ours
    """Carries a refused response past a transport that may catch any Exception."""

    def __init__(self, response: Any) -> None:
        super().__init__(response)
        self.response = response


class SyncCatcher:
    """Around a transport whose inside is guarded: takes what was sent past it."""

    def __init__(self, around: Any) -> None:
        self.inner = around

    def handle_request(self, request: Any) -> Any:
        """Send a request through the transport."""
        try:
            return self.inner.handle_request(request)
        except Halt as halt:
            return halt.response

    def close(self) -> None:
        """Close the transport inside."""
        self.inner.close()


class AsyncCatcher:
    """The same around an async transport."""

    def __init__(self, around: Any) -> None:
        self.inner = around

    async def handle_async_request(self, request: Any) -> Any:
        """Send a request through the transport."""
        try:
            return await self.inner.handle_async_request(request)
        except Halt as halt:
            return halt.response

    async def aclose(self) -> None:
        """Close the transport inside."""
        await self.inner.aclose()
