"""Blocks that processes share: a copy at hand, kept up with the place where all of them write.

Requests meet the copy. Once a second at most it learns what others wrote; what is written here goes
to the place first, by compare-and-set, and is then put into the copy. While the place cannot be
reached, the copy is all there is: what is written to it is owed, and handed on afterwards.

Why writes do not await: they are rare (a block begins, a probe goes out or comes back), they decide
what becomes of the request at hand, and a cancelled task must free its slot all the same. So they
take a step of `TIMEOUT` at most, under an event loop, too. What is awaited is what comes back every
second, and what may concern many blocks.
"""

from __future__ import annotations

import logging
import os
import weakref
from functools import partial
from math import inf
from threading import Lock
from time import monotonic
from typing import TYPE_CHECKING, Any

from payreq.blocking.copy import Copy
from payreq.blocking.errands import Errands, in_a_thread

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Generator

    from payreq.blocking.backend import Backend, Pull, Pulled, Write, Written
    from payreq.blocking.block import Key, State

TIMEOUT = 0.05
"""Seconds that are waited for an answer, at most once in EVERY: it is a request that waits."""
EVERY = 1.0
"""Seconds between two looks at what others wrote; also from a failure to the next attempt."""
STALE = 1.25
"""Seconds after which a copy is too old to go by while another is bringing it up to date."""
FIRST_LOAD = 1.0
"""Seconds that a process which knows nothing yet takes to learn what is blocked, at most."""
GLANCE = 0.002
"""Seconds between two looks of a task whether another has brought the copy up to date."""

_log = logging.getLogger("payreq")
_STORES: weakref.WeakSet[SharedStore] = weakref.WeakSet()


class SharedStore(Copy):
    """A store that processes share over a backend; see `payreq.SQLiteStore`, `payreq.RedisStore`.

    Args:
        backend: The place where it is kept.
        limit: How many live blocks are held at most.

    Attributes:
        fault: What keeps the place from being reached, the name of an error; None: nothing.
        patience: Seconds that are waited for an answer.

    Raises:
        ValueError: The limit is below 1.
    """

    def __init__(self, backend: Backend, limit: int) -> None:
        super().__init__(limit)
        self.patience = TIMEOUT
        self._backend = backend
        self._start()
        _STORES.add(self)

    def _start(self) -> None:
        self.fault: str | None = None
        self._errands = Errands()
        self._keeping = Lock()  # held by whoever brings the copy up to date
        self._due = self._retry = 0.0
        self._fresh = -inf
        self._loads_until = 0.0  # until when its first requests may wait; 0: there was none

    @property
    def behind(self) -> bool:
        """Whether it is time to learn what others wrote."""
        return monotonic() >= self._due

    def refresh(self, now: float, *, at_once: bool = False) -> None:
        """Learn what others wrote, and hand on what is owed; a failure is noted, not raised.

        Args:
            now: The time, POSIX seconds.
            at_once: Even if it is not time yet; after a failure it never is.
        """
        if not self._may_ask() or not self._keeping.acquire(timeout=self._waits(at_once)):
            return
        try:
            if at_once or self.behind:
                steps = self._catching_up(now)
                question = next(steps)
                while True:
                    question = steps.send(self._ask(question))
        except StopIteration:
            pass
        except Exception as error:  # an outage of the store must not fail a request
            self._failed(error)
        finally:
            self._keeping.release()

    async def refresh_async(self, now: float, *, at_once: bool = False) -> None:
        """Do what `refresh` does, while the event loop goes on.

        Args:
            now: The time, POSIX seconds.
            at_once: Even if it is not time yet; after a failure it never is.
        """
        ask = self._asker()
        if ask is None:
            await in_a_thread(partial(self.refresh, now, at_once=at_once))
            return
        import anyio  # noqa: PLC0415  # comes with httpx; loaded by async clients

        until = monotonic() + self._waits(at_once)
        while not self._keeping.acquire(blocking=False):
            if not self._may_ask() or monotonic() >= until:
                return
            await anyio.sleep(GLANCE)
        try:
            if self._may_ask() and (at_once or self.behind):
                steps = self._catching_up(now)
                question = next(steps)
                while True:
                    with anyio.fail_after(self.patience):
                        answer = await ask(question)
                    question = steps.send(answer)
        except StopIteration:
            pass
        except Exception as error:  # an outage of the store must not fail a request
            self._failed(error)
        finally:
            self._keeping.release()

    def reach(self, now: float, seconds: float) -> bool:
        """Wait until copy and place agree, as a command line does that starts anew.

        Args:
            now: The time, POSIX seconds.
            seconds: How long, at most.

        Returns:
            Whether they do; if not, `fault` may say why.
        """
        until = monotonic() + seconds
        patience, self.patience = self.patience, seconds
        try:
            self.refresh(now, at_once=True)
            while self.behind and monotonic() < until:
                self.refresh(now)
        finally:
            self.patience = patience
        return self.fault is None and not self.behind

    def swap(self, key: Key, generation: int, state: State, now: float) -> State | None:
        """Write a state, if the key's is still the one that was read: here, and for all.

        Args:
            key: Whose state it is.
            generation: The generation of the state that was read; 0: there was none.
            state: The new state.
            now: The time, POSIX seconds.

        Returns:
            The state as written, numbered; None when another write came first.

        Raises:
            StoreFullError: There is no room for another live block.
        """
        if self._fresh < 0:
            self.refresh(now)
        with self._lock:
            if not self._is_latest(key, generation, now):
                return None
            entry = self._entry(state, turns=state.turned == 0)
            alone = key in self._owed or not self._may_ask()
            question = self._write_of([entry])
        if not alone:
            try:
                answer: Any = self._ask(question)
            except Exception as error:  # an outage of the store must not fail a request
                self._failed(error)
            else:
                if answer.verdicts:
                    return self._swapped(state, entry, answer, now)
                self.refresh(now, at_once=True)  # what it held is gone: see what there is
                return None
        return self._swap_alone(key, generation, state, now)

    def owe(self, key: Key, generation: int, state: State, now: float) -> State | None:
        """Write a state as `swap` does, but here alone; the next refresh hands it on.

        It is for what concerns many keys and may meet what others wrote: many go in one question.
        """
        written = self._swap_alone(key, generation, state, now)
        self._due = 0.0
        return written

    def close(self) -> None:
        """Let go of connections that it opened; when it is used again, it opens others."""
        self._backend.close()

    def _may_ask(self) -> bool:
        return monotonic() >= self._retry

    def _waits(self, at_once: bool) -> float:
        """Return how long to wait for a thread that is bringing the copy up to date."""
        stale = monotonic() - self._fresh > STALE
        return self.patience if at_once or (stale and self.fault is None) else 0

    def _asker(self) -> Callable[[Pull | Write], Awaitable[Pulled | Written]] | None:
        """Return what asks the place under the running event loop; None: a thread does."""
        return None

    def _ask(self, question: Pull | Write) -> Pulled | Written:
        return self._errands.run(partial(self._backend.ask, question), self.patience)

    def _failed(self, error: Exception) -> None:
        self._retry = self._due = monotonic() + EVERY
        told, self.fault = self.fault, type(error).__name__
        if told is None:
            # The type alone: a store's message may quote the address it failed to reach.
            _log.warning(
                "payreq's store cannot be reached (%s); until it can, blocks are those of this "
                "process alone",
                self.fault,
            )

    def _catching_up(self, now: float) -> Generator[Pull | Write, Any, None]:
        """Ask what is to be asked: shared by sync and async."""
        began = monotonic()
        self._loads_until = self._loads_until or began + FIRST_LOAD
        until = max(began + self.patience, self._loads_until if self._fresh < 0 else 0.0)
        self._due = began + EVERY
        more = True
        while more:
            pull = self._pull()
            more = self._learn(pull, (yield pull), now + monotonic() - began)
            if more and monotonic() >= until:
                self._due = 0.0  # the next request goes on with it
                return
        self._fresh = began
        while batch := self._debts(now):
            write = self._write_of([entry for _, entry in batch])
            settled = self._settle(batch, (yield write), now)
            if not settled or (self._owed and monotonic() >= until):
                self._due = 0.0
                return
        self._due = monotonic() + EVERY
        if self.fault is not None:
            self.fault = None
            _log.info("payreq's store is back; blocks are shared again")

    def _renew(self) -> None:
        """Begin anew in the child of a fork: threads, locks and connections are its parent's."""
        generation = self.generation
        super().__init__(self.limit)
        self.generation = self.horizon = generation
        self._backend = self._backend.renewed()
        self._start()


def _renew_all() -> None:
    for store in tuple(_STORES):
        store._renew()  # noqa: SLF001  # nobody else may


# Where there is no fork, there is nothing to register.
getattr(os, "register_at_fork", lambda **_: None)(after_in_child=_renew_all)
