"""`guard.blocks`: what is off, and the way out by hand."""

from __future__ import annotations

import time
from functools import partial
from typing import TYPE_CHECKING

from payreq.blocking.errands import in_a_thread
from payreq.blocking.scope import ACCOUNT

if TYPE_CHECKING:
    from collections.abc import Iterator

    from payreq.blocking.block import Block
    from payreq.blocking.ledger import Ledger

POLL = 0.1
"""Seconds between two looks of a waiter: a block may be lifted in any thread or process."""


class Blocks:
    """The blocks of a guard, for people and for jobs that wait.

    An account that is left out of `get` and `wait` is that of `payreq.account`, else the only one
    that is blocked; where several are, it must be named, so that no tenant is shown another's.
    """

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    def get(
        self, feature: str, *, account: str | None = None, origin: str | None = None
    ) -> Block | None:
        """Return the block of a feature, or None.

        Args:
            feature: Its name, or that of a default feature: "GET api.example.com/v1/users/{id}".
            account: Whose block.
            origin: Where, such as "https://api.example.com"; left out: the one that began first.

        Raises:
            LookupError: No account is named, and several are blocked.
        """
        return self._ledger.get(feature, account=account or ACCOUNT.get(), origin=origin)

    def active(self) -> list[Block]:
        """Return every block, the one that began first first."""
        return self._ledger.active()

    def recheck(self, feature: str | None = None, *, account: str | None = None) -> int:
        """Let the next request through to see; it never goes beside a probe under way.

        Args:
            feature: Which; left out: every one.
            account: Whose; left out: every one's.

        Returns:
            How many blocks that concerns.
        """
        return self._ledger.recheck(feature, account)

    async def recheck_async(self, feature: str | None = None, *, account: str | None = None) -> int:
        """Do what `recheck` does, while the event loop goes on."""
        return await in_a_thread(partial(self.recheck, feature, account=account))

    def clear(self, feature: str | None = None, *, account: str | None = None) -> int:
        """Let go of blocks at once, without a check and without `restored`.

        Args:
            feature: Which; left out: every one.
            account: Whose; left out: every one's.

        Returns:
            How many blocks there were.
        """
        return self._ledger.clear(feature, account)

    async def clear_async(self, feature: str | None = None, *, account: str | None = None) -> int:
        """Do what `clear` does, while the event loop goes on."""
        return await in_a_thread(partial(self.clear, feature, account=account))

    def wait(
        self, feature: str, *, account: str | None = None, timeout: float | None = None
    ) -> bool:
        """Wait until a request would be let through.

        Where a check is due, one waiter is woken, and its request is the check; if it sends none
        within 30 s, the next is woken.

        Args:
            feature: Which.
            account: Whose.
            timeout: Seconds to wait at most; None: as long as it takes.

        Returns:
            True as soon as it would, False when the time ran out.

        Raises:
            LookupError: No account is named, and several are blocked.
        """
        waiting = _Wait(self._ledger, feature, account, timeout)
        for pause in waiting:
            time.sleep(pause)
        return waiting.ready

    async def wait_async(
        self,
        feature: str,
        *,
        account: str | None = None,
        timeout: float | None = None,  # noqa: ASYNC109  # the twin of `wait`, under either loop
    ) -> bool:
        """Do what `wait` does, under asyncio or trio."""
        from anyio import sleep  # noqa: PLC0415  # comes with httpx; loaded by those who wait

        await self._ledger.refresh_async()
        waiting = _Wait(self._ledger, feature, account, timeout)
        for pause in waiting:
            await sleep(pause)
            await self._ledger.refresh_async()
        return waiting.ready


class _Wait:
    """The pauses of one waiter, shared by sync and async; `ready` once they are over."""

    ready: bool

    def __init__(
        self, ledger: Ledger, feature: str, account: str | None, timeout: float | None
    ) -> None:
        self._ledger = ledger
        self._feature = feature
        self._account = account or ACCOUNT.get()
        self._until = None if timeout is None else time.monotonic() + timeout

    def __iter__(self) -> Iterator[float]:
        account = self._account
        if account is None:
            block = self._ledger.get(self._feature)
            account = None if block is None else block.account
        while True:
            self.ready = self._ledger.ready(self._feature, account)
            left = POLL if self._until is None else self._until - time.monotonic()
            if self.ready or left <= 0:
                return
            yield min(POLL, left)
