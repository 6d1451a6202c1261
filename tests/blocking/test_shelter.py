"""Which store is held, and what is asked of it."""

from __future__ import annotations

import asyncio

import pytest

from payreq.blocking.memory import MemoryStore
from payreq.blocking.shelter import Shelter


class Following(MemoryStore):
    """A store that learns of others, and notes when it is to do so."""

    behind = False

    def __init__(self):
        super().__init__()
        self.asked = []

    def refresh(self, now, *, at_once=False):
        self.asked.append((now, at_once))

    async def refresh_async(self, now, *, at_once=False):
        self.refresh(now, at_once=at_once)


class Failing(MemoryStore):
    @property
    def quiet(self):
        raise OSError

    @quiet.setter
    def quiet(self, value):
        pass


class Own(MemoryStore):
    """A store that knows more than is in its index."""

    def get(self, key):
        return super().get(key)


class HandsOn:
    """A store that hands everything on to another."""

    def __init__(self, store):
        self._store = store

    def __getattr__(self, name):
        return getattr(self._store, name)


@pytest.fixture
def shelter():
    return lambda store: Shelter(store, lambda: 5.0)


def test_a_store_that_learns_of_others_does_so_where_it_is_behind_or_at_once(shelter):
    store = Following()
    held = shelter(store)
    held.refresh()
    asyncio.run(held.refresh_async())
    assert store.asked == []
    held.refresh(at_once=True)
    store.behind = True
    held.refresh()
    asyncio.run(held.refresh_async())
    assert store.asked == [(5.0, True), (5.0, False), (5.0, False)]


def test_a_store_that_learns_of_nobody_is_asked_nothing_and_kept(shelter, caplog):
    store = MemoryStore()
    held = shelter(store)
    held.refresh(at_once=True)
    asyncio.run(held.refresh_async())
    assert held.store is store
    assert caplog.records == []


def test_a_store_in_memory_is_not_given_up_for_a_fault_of_our_own(shelter, caplog):
    store = MemoryStore()
    held = shelter(store)
    with pytest.raises(ZeroDivisionError):
        held._sheltered(lambda: 1 / 0)
    assert held.store is store
    assert caplog.records == []


def test_giving_up_a_store_is_told_by_payreq(shelter, caplog):
    assert shelter(Failing()).quiet
    assert [(record.name, record.levelname) for record in caplog.records] == [("payreq", "WARNING")]


def test_a_store_of_payreqs_says_of_a_place_whether_anything_is_held_there(shelter, desk):
    held, key = shelter(desk.store), desk.key()
    assert held.spares(key.origin, key.feature)
    desk.block(key)
    assert not held.spares(key.origin, key.feature)


@pytest.mark.parametrize("store", [Own(), HandsOn(MemoryStore())])
def test_a_store_of_the_users_spares_no_request_that_it_is_asked_by_key(shelter, desk, store):
    assert not shelter(store).spares(desk.key().origin, desk.key().feature)


def test_what_takes_the_place_of_a_store_given_up_says_so_again(shelter, desk):
    held = shelter(Failing())
    assert held.quiet
    assert held.spares(desk.key().origin, desk.key().feature)
