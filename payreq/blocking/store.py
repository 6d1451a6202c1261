"""What a store of blocks promises.

A store keeps one `State` a key. The ledger decides what becomes of a state, by pure functions,
and writes it by compare-and-set, so that no lock is ever held between a read and its write. That
is all that one probe among many needs: the probe's slot (a token and the time it was taken) is a
part of the state, and of all who write it against the same generation, one wins.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Awaitable

    from payreq.blocking.block import Key, State


class StoreFullError(Exception):
    """The store holds as many live blocks as it may; none is dropped to make room."""


class Store(Protocol):
    """Where blocks are kept.

    Whoever shares blocks between processes keeps these promises over a copy at hand: `quiet`,
    `generation`, `horizon`, `get`, `find`, `count` and `counted` are asked on a request's way and
    wait for nothing; `swap` may take a round trip. Times in a state are of the caller's clock: a
    store whose processes' clocks differ keeps its own time, and translates. A state is kept until
    its `expires`, and holds neither credential nor body.

    Attributes:
        quiet: True while nothing is held that a request could meet: no state that is "blocked"
            or "lifted".
        generation: The number of the last write known here; it only grows.
        horizon: The highest `turned` of any state that was forgotten; 0 at first. Requests sent
            before it may be late for something that nobody remembers.
    """

    @property
    def quiet(self) -> bool:
        """Whether no request could meet anything."""
        ...

    @property
    def generation(self) -> int:
        """The number of the last write known here."""
        ...

    @property
    def horizon(self) -> int:
        """The highest `turned` that was forgotten."""
        ...

    def get(self, key: Key) -> State | None:
        """Return what is known of a key."""
        ...

    def find(
        self, *, origin: str | None = None, feature: str | None = None, account: str | None = None
    ) -> list[State]:
        """Return the states that are "blocked" and match what is given, oldest write first."""
        ...

    def swap(self, key: Key, generation: int, state: State, now: float) -> State | None:
        """Write a state, if the key's is still the one that was read.

        Args:
            key: Whose state it is.
            generation: The generation of the state that was read; 0: there was none.
            state: The new state. The store numbers it with the next generation, and sets
                `turned` to that number where it is 0.
            now: The time, to forget what has expired.

        Returns:
            The state as written; None when another write came first.

        Raises:
            StoreFullError: The key had no live block, the state is one, and there is no room.
        """
        ...

    def changes(self, cursor: int) -> list[State]:
        """Return the states written after a generation, oldest first: what changed, no more."""
        ...

    def count(self, key: Key) -> None:
        """Count a request that was refused here; nothing if the key has no live block."""
        ...

    def counted(self, key: Key) -> int:
        """Return how many requests a live block has saved."""
        ...


class KeepsUp(Store, Protocol):
    """A store that learns what other processes wrote when it is asked to, as all shared ones do.

    A guard asks such a store before a request that finds it `behind`, so that everything else can
    do without waiting.
    """

    @property
    def behind(self) -> bool:
        """Whether it is time to learn what others wrote."""
        ...

    def refresh(self, now: float, *, at_once: bool = False) -> None:
        """Learn what others wrote.

        Args:
            now: The time.
            at_once: Even if it is not time yet: somebody asks what there is, or lets go of it.
        """
        ...

    def refresh_async(self, now: float, *, at_once: bool = False) -> Awaitable[None]:
        """Do what `refresh` does, while the event loop goes on."""
        ...
