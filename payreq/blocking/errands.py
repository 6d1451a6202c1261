"""Work that may hang, done by a thread of its own, so that nobody waits longer than he will."""

from __future__ import annotations

import weakref
from concurrent.futures import Future
from math import inf
from queue import SimpleQueue
from threading import Lock, Thread
from time import monotonic
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

LOST = 10.0
"""Seconds after which a thread that hangs is left to itself, and another takes its place."""
LOST_AT_MOST = 5
"""Threads left to themselves at a time: in an outage that lasts, they must not add up."""

T = TypeVar("T")


class Errands:
    """One thread that runs what is asked, in the order in which it was asked.

    Time-outs of a client's own would not do: they bound each read of a socket, not the look-up of
    a host, the connections that a pool opens, nor the retries of a client that the user made. The
    thread is a daemon, so that what hangs does not keep a process from ending. It is started by
    the first errand, and ends with its owner.
    """

    def __init__(self) -> None:
        self._lock = Lock()
        self._hand: _Hand | None = None
        self._lost: list[_Hand] = []

    def run(self, act: Callable[[], T], seconds: float) -> T:
        """Have something done, and return what it returns.

        Args:
            act: What to do.
            seconds: How long to wait at most, for what is done before it as well.

        Raises:
            TimeoutError: It took longer; if it had not begun, it is not done.
            Exception: What the errand itself raised.
        """
        future: Future[T] = Future()
        self._free_hand().queue.put((future, act))
        try:
            return future.result(seconds)
        except TimeoutError:
            future.cancel()
            raise

    def _free_hand(self) -> _Hand:
        with self._lock:
            hand = self._hand
            if hand is None or (monotonic() - hand.since > LOST and self._may_lose()):
                if hand is not None:
                    hand.queue.put(None)
                    self._lost.append(hand)
                hand = self._hand = _Hand()
                weakref.finalize(self, hand.queue.put, None).atexit = False
                Thread(target=hand.serve, name="payreq store", daemon=True).start()
            return hand

    def _may_lose(self) -> bool:
        self._lost = [hand for hand in self._lost if hand.since < inf]
        return len(self._lost) < LOST_AT_MOST


async def in_a_thread(act: Callable[[], T]) -> T:
    """Do what may take a while in a thread, under asyncio or trio, while the event loop goes on."""
    from anyio import to_thread  # noqa: PLC0415  # comes with httpx; loaded by async code

    return await to_thread.run_sync(act)


class _Hand:
    """A thread's queue, and since when it has been at what it does."""

    def __init__(self) -> None:
        self.queue: SimpleQueue[tuple[Future[Any], Callable[[], Any]] | None] = SimpleQueue()
        self.since = inf

    def serve(self) -> None:
        """Run errands until there is None."""
        while (errand := self.queue.get()) is not None:
            future, act = errand
            if future.set_running_or_notify_cancel():
                self.since = monotonic()
                try:
                    future.set_result(act())
                except BaseException as error:  # whoever asked for it is told
                    future.set_exception(error)
                self.since = inf
            del errand, future, act  # nothing is kept alive while there is nothing to do
