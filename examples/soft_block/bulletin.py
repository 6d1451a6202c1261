"""Keeps every open tab informed of a state, by a stream for each."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable


class Bulletin:
    """A state that many follow.

    Args:
        state: Returns what holds now. It is asked for each reader, when there may be news.
    """

    def __init__(self, state: Callable[[], str]) -> None:
        self._state = state
        self._closed = False
        self._readers: dict[asyncio.Event, asyncio.AbstractEventLoop] = {}

    def renew(self) -> None:
        """Have every reader look again, from whatever thread."""
        for news, loop in list(self._readers.items()):
            loop.call_soon_threadsafe(news.set)

    def close(self) -> None:
        """End the streams of all readers."""
        self._closed = True
        self.renew()

    async def read(self) -> AsyncIterator[str]:
        """Yield the state as it is now, and again whenever it was renewed."""
        news = asyncio.Event()
        self._readers[news] = asyncio.get_running_loop()
        try:
            while not self._closed:
                yield self._state()
                await news.wait()
                news.clear()
        finally:
            del self._readers[news]
