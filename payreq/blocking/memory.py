"""Blocks of one process, in memory."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import replace
from typing import TYPE_CHECKING

from payreq.blocking.store import StoreFullError
from payreq.forking import lock

if TYPE_CHECKING:
    from collections.abc import Iterable

    from payreq.blocking.block import Key, State

REMEMBERED_AT_MOST = 10_000
"""How many blocks that are lifted or over are remembered; the oldest are forgotten first."""


class MemoryStore:
    """The default store: one for each guard and process.

    Args:
        limit: How many live blocks are held at most. None is dropped to make room: past that,
            refusals are raised without a block.

    Raises:
        ValueError: The limit is below 1.
    """

    def __init__(self, limit: int = 100_000) -> None:
        if limit < 1:
            raise ValueError(f"limit must be at least 1, not {limit!r}")
        self.limit = limit
        self.quiet = True
        self.generation = 0
        self.horizon = 0
        # A key is in one of the two; each is in the order of its writes.
        self._live: OrderedDict[Key, State] = OrderedDict()
        self._past: dict[Key, State] = {}
        self._lifted = 0
        self._counts: dict[Key, int] = {}
        self._index: dict[tuple[str, str, str], dict[Key, None]] = {}
        self._lock = lock()

    def get(self, key: Key) -> State | None:
        """Return what is known of a key."""
        return self._live.get(key) or self._past.get(key)

    def spares(self, origin: str, feature: str) -> bool:
        """Say whether no request to an origin for a feature meets anything, whoever sends it."""
        return ("place", origin, feature) not in self._index and not self._lifted

    def find(
        self, *, origin: str | None = None, feature: str | None = None, account: str | None = None
    ) -> list[State]:
        """Return the states that are "blocked" and match what is given, oldest write first."""
        with self._lock:
            states: Iterable[State]
            if account is not None and (origin is not None or feature is not None):
                shelf = (
                    ("origin", origin, account)
                    if origin is not None
                    else ("feature", feature, account)
                )
                keys = self._index.get(shelf, ())  # type: ignore[arg-type]  # one of the two is a string
                # A shelf is in the order of the first writes.
                states = sorted((self._live[key] for key in keys), key=_generation)
            else:
                states = list(self._live.values())
        return [
            state
            for state in states
            if (origin is None or state.key.origin == origin)
            and (feature is None or state.key.feature == feature)
            and (account is None or state.key.account == account)
        ]

    def swap(self, key: Key, generation: int, state: State, now: float) -> State | None:
        """Write a state, if the key's is still the one that was read.

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
        with self._lock:
            return self._swap(key, generation, state, now)

    def changes(self, cursor: int) -> list[State]:
        """Return the states written after a generation, oldest first."""
        found: list[State] = []
        with self._lock:
            for states in (self._live, self._past):
                for state in reversed(states.values()):
                    if state.generation <= cursor:
                        break
                    found.append(state)
        return sorted(found, key=_generation)

    def count(self, key: Key) -> None:
        """Count a request that was refused here; nothing if the key has no live block."""
        with self._lock:
            if key in self._live:
                self._counts[key] = self._counts.get(key, 0) + 1

    def counted(self, key: Key) -> int:
        """Return how many requests a live block has saved."""
        return self._counts.get(key, 0)

    def _swap(self, key: Key, generation: int, state: State, now: float) -> State | None:
        if not self._is_latest(key, generation, now):
            return None
        new = state.phase == "blocked" and key not in self._live
        if new and len(self._live) >= self.limit:
            raise StoreFullError(f"{self.limit} blocks are held, the limit")
        return self._write(state)

    def _is_latest(self, key: Key, generation: int, now: float) -> bool:
        """Say whether what was read of a key is what it has now; 0: nothing."""
        self._sweep(now)
        held = self.get(key)
        return generation == (held.generation if held else 0)

    def _write(self, state: State) -> State:
        """Number a state, and put it in the place of what is held of its key."""
        self.generation += 1
        written = replace(state, generation=self.generation, turned=state.turned or self.generation)
        if state.key in self._live and state.phase == "blocked":
            # In one step: requests look without a lock, and must not slip by between two.
            self._live[state.key] = written
            self._live.move_to_end(state.key)
            return written
        held = self.get(state.key)
        if held is not None:
            self._take(held)
        self._put(written)
        return written

    def _put(self, state: State) -> None:
        key = state.key
        if state.phase == "blocked":
            self._live[key] = state
            for shelf in _shelves(key):
                self._index.setdefault(shelf, {})[key] = None
        else:
            self._past[key] = state
            self._counts.pop(key, None)
            self._lifted += state.phase == "lifted"
        self.quiet = not self._live and not self._lifted

    def _take(self, state: State) -> None:
        key = state.key
        if state.phase == "blocked":
            del self._live[key]
            for shelf in _shelves(key):
                keys = self._index[shelf]
                del keys[key]
                if not keys:
                    del self._index[shelf]
        else:
            del self._past[key]
            self._lifted -= state.phase == "lifted"

    def _sweep(self, now: float) -> None:
        """Forget what expired, as far as it is the oldest, and what is past in excess."""
        for states in (self._live, self._past):
            while states:
                oldest = next(iter(states.values()))
                if now < oldest.expires and not (states is self._past and self._is_crowded()):
                    break
                self._forget(oldest)

    def _is_crowded(self) -> bool:
        return len(self._past) >= REMEMBERED_AT_MOST

    def _forget(self, state: State) -> None:
        self._take(state)
        self._counts.pop(state.key, None)
        self.quiet = not self._live and not self._lifted
        self.horizon = max(self.horizon, state.turned)


def _shelves(key: Key) -> tuple[tuple[str, str, str], ...]:
    return (
        ("origin", key.origin, key.account),
        ("feature", key.feature, key.account),
        ("place", key.origin, key.feature),
    )


def _generation(state: State) -> int:
    return state.generation
