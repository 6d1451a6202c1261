"""A fleet in one process: guards over stores of their own that share a place, as processes do."""

from __future__ import annotations

import asyncio
import logging
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import httpx

import payreq

if TYPE_CHECKING:
    from collections.abc import Iterator

ACCOUNT = "alice"
PATIENCE = 10.0
"""Seconds for which a place that works is waited for, however slow the machine is."""


class Seconds:
    """The seconds by which stores tell when to look again; a test lets them pass."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


class Process:
    """One of a fleet: a guard, its client and its store, whose questions to the place are counted.

    Args:
        store: A `SQLiteStore` or a `RedisStore`.
        url: The API's.
        awaits: Whether its client is async, under an event loop of its own.

    Attributes:
        asked: How many questions there were.
        vain: How many of them had no answer, or none in time.
    """

    def __init__(self, store: Any, url: str, *, awaits: bool = False) -> None:
        self.store = store
        self.asked = self.vain = 0
        features = {name: f"GET /{name}" for name in ("chat", "export", "upload")}
        self.guard = payreq.Guard(store=store, features=features, account=lambda _: ACCOUNT)
        self.runner = asyncio.Runner() if awaits else None
        library: Any = httpx.AsyncClient if awaits else httpx.Client
        self.client = self.guard.wrap(library(base_url=url, timeout=60))
        self.wait(PATIENCE)
        self._listen()

    def wait(self, seconds: float) -> None:
        """Say how long it waits for the place."""
        self.store.patience = seconds

    def get(self, feature: str) -> str:
        """Send a request; return "200", "refused" by the API, or "refused here"."""
        try:
            response = self.client.get(f"/{feature}")
            if self.runner is not None:
                response = self.runner.run(_awaited(response))
        except payreq.PaymentRequired as refusal:
            return "refused" if refusal.sent else "refused here"
        return str(response.status_code)

    def knows(self) -> dict[str, str]:
        """Return what it knows of each feature: the phase of its state."""
        return {state.key.feature: state.phase for state in self.store.changes(0)}

    def close(self) -> None:
        """Close client, loop and store."""
        if self.runner is None:
            self.client.close()
        else:
            self.runner.run(self.client.aclose())
            client = getattr(self.store, "_async_client", None)
            if client is not None:
                self.runner.run(client.aclose())
            self.runner.close()
        self.store.close()

    def _listen(self) -> None:
        """Count every question, whichever way it takes."""
        ask, ask_awaiting = self.store._ask, getattr(self.store, "_ask_awaiting", None)

        def counted(question: Any) -> Any:
            with self._count():
                return ask(question)

        async def counted_awaiting(question: Any) -> Any:
            with self._count():
                return await ask_awaiting(question)

        self.store._ask, self.store._ask_awaiting = counted, counted_awaiting

    @contextmanager
    def _count(self) -> Iterator[None]:
        self.asked += 1
        try:
            yield
        except BaseException:
            self.vain += 1
            raise


class Fleet:
    """Processes that share a place, and the time that passes for them.

    Args:
        processes: Its processes; the first writes before the outage.
        seconds: Their time.
        caplog: What they log.
    """

    def __init__(self, processes: list[Process], seconds: Seconds, caplog: Any) -> None:
        self.processes = processes
        self._seconds = seconds
        self._caplog = caplog
        caplog.set_level(logging.INFO, "payreq")

    def wait(self, seconds: float) -> None:
        """Say how long its processes wait for the place."""
        for process in self.processes:
            process.wait(seconds)

    def go_on(self, seconds: int = 1) -> None:
        """Let seconds pass, in each of which every process sends healthy requests.

        None fails, and of those of a second one at most waits for the place in vain.
        """
        for _ in range(seconds):
            self._seconds.now += 1
            for process in self.processes:
                before = process.vain
                assert [process.get("free") for _ in range(20)] == ["200"] * 20
                assert process.vain - before <= 1

    def told(self) -> list[str]:
        """Return what was said of the store: levels, the oldest first."""
        return [
            record.levelname
            for record in self._caplog.records
            if record.message.startswith("payreq's store")
        ]


async def _awaited(response: Any) -> Any:
    return await response
