"""Locks that a fork finds free: in its child, nobody would ever let go of one that was held."""

from __future__ import annotations

import os
from threading import RLock
from weakref import WeakSet

_locks: WeakSet[RLock] = WeakSet()
_forking = RLock()  # one thread at a time: two would wait for each other's locks
_taken: list[RLock] = []


def lock() -> RLock:
    """Return a lock that is taken while its process forks.

    What it guards is then whole in the child, too. It is reentrant, since a signal's handler may
    fork while the thread that it interrupts holds it.
    """
    made = RLock()
    _locks.add(made)
    return made


def _take() -> None:
    _forking.acquire()
    for each in tuple(_locks):
        each.acquire()
        _taken.append(each)


def _release() -> None:
    while _taken:
        _taken.pop().release()
    _forking.release()


# Where there is no fork, there is nothing to register.
getattr(os, "register_at_fork", lambda **_: None)(
    before=_take, after_in_parent=_release, after_in_child=_release
)
