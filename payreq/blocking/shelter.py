"""A store whose failures no request meets."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any, TypeVar

from payreq.blocking.memory import MemoryStore
from payreq.blocking.store import StoreFullError

if TYPE_CHECKING:
    from collections.abc import Callable

    from payreq.blocking.store import Store

T = TypeVar("T")
_log = logging.getLogger("payreq")


class Shelter:
    """Holds a store, and gives one that raises up for a `MemoryStore`, with a warning.

    The stores of payreq see to their outages by themselves and come back from them; what raises is
    a store of the user's.

    Args:
        store: The store.
        clock: The time, POSIX seconds.

    Attributes:
        store: The store as of now.
        keeps_up: Whether it learns what other processes wrote when it is asked to.
        spares: Says quickly of an origin and a feature that nothing is held for them, whoever
            asks; a store of the user's, which need not know, is asked by key instead.
    """

    def __init__(self, store: Store, clock: Callable[[], float]) -> None:
        self.store = store
        self.keeps_up = hasattr(type(store), "refresh")
        self.spares = _spares_of(store)
        self._clock = clock

    @property
    def quiet(self) -> bool:
        """Whether nothing is held that a request could meet."""
        try:
            return self.store.quiet
        except Exception:  # a store of the user's must not fail a request
            return self._sheltered(lambda: self.store.quiet)

    @property
    def epoch(self) -> int:
        """A number that grows with each transition."""
        try:
            return self.store.generation
        except Exception:  # a store of the user's must not fail a request
            return self._sheltered(lambda: self.store.generation)

    def refresh(self, *, at_once: bool = False) -> None:
        """Learn what other processes wrote, if it is time, or at once."""
        self._sheltered(lambda: self._refresh(at_once))

    async def refresh_async(self) -> None:
        """Do what `refresh` does, while the event loop goes on."""
        store: Any = self.store
        try:
            if self.keeps_up and store.behind:
                await store.refresh_async(self._clock())
        except Exception as error:  # a store of the user's must not fail a request
            self._give_up(store, error)

    def _refresh(self, at_once: bool) -> None:
        store: Any = self.store
        if self.keeps_up and (at_once or store.behind):
            store.refresh(self._clock(), at_once=at_once)

    def _sheltered(self, act: Callable[[], T]) -> T:
        """Do something with the store; if it fails, do it with one in memory from now on."""
        store = self.store
        try:
            return act()
        except StoreFullError:
            raise
        except Exception as error:  # a store of the user's must not fail a request
            if type(store) is MemoryStore:
                raise
            self._give_up(store, error)
            return act()

    def _give_up(self, store: Store, error: Exception) -> None:
        if self.store is store:
            instead = MemoryStore()
            self.store, self.keeps_up = instead, False
            self.spares = instead.spares
            # The type alone: a store's message may quote the address it failed to reach.
            _log.warning(
                "payreq's store failed (%s); blocks are kept in memory from now on",
                type(error).__name__,
            )


def _spares_of(store: Store) -> Callable[[str, str], bool]:
    """Return what a store's index says of a place; one with a `get` of its own may know more."""
    if isinstance(store, MemoryStore) and type(store).get is MemoryStore.get:
        return store.spares
    return _spares_none


def _spares_none(origin: str, feature: str) -> bool:  # noqa: ARG001  # in the place of one that looks
    return False
