"""What every store of blocks promises, as tests: payreq's own stores pass them, and so must yours.

They keep to real time, since the places that stores write to have clocks of their own.
"""

from __future__ import annotations

import asyncio
import threading
import time
from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import httpx

from payreq.blocking import block as rules
from payreq.blocking.block import Key
from payreq.details import PaymentDetails
from payreq.exceptions import PaymentRequired
from payreq.extras import missing
from payreq.guard import Guard
from payreq.reasons import Reason
from payreq.testing.canned import response

try:
    import pytest
except ImportError as error:
    raise missing(error, "payreq.testing.store_contract", "testing") from error

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from payreq.blocking.block import State

SEEN_WITHIN = 1.5
"""Seconds within which what one process does holds in the others."""

_DETAILS = PaymentDetails(
    reason=Reason.QUOTA_EXCEEDED,
    status=429,
    provider="examplecorp",
    code="quota_exceeded",
    message="The plan's 1 000 exports are used up: “upgrade”.",
    limit=Decimal(1000),
    retry_after=0.5,
    upgrade_url="https://examplecorp.example/upgrade",
    scope="account",
    evidence=("code quota_exceeded",),
)


def store_contract(open_store: Callable[[Path], Any], *, shared: bool = True) -> type:
    """Return a class of tests for a store; bind it to a name that begins with "Test".

    Args:
        open_store: Opens the store of a place. It gets a folder, of which each test has one of its
            own; stores that are opened with the same folder share their blocks, as those of
            several processes do.
        shared: Whether they do. False leaves out what is promised of stores that share.

    Example:
        >>> import payreq
        >>> from payreq.testing import store_contract
        >>> TestBlocks = store_contract(lambda folder: payreq.SQLiteStore(folder / "blocks.db"))
    """
    kind = SharedStoreContract if shared else StoreContract
    return type("TestStore", (kind,), {"open_store": staticmethod(open_store)})


def _key(feature: str = "export", account: str = "alice") -> Key:
    return Key("https://api.example.com", feature, account)


def _begin(store: Any, key: Key, now: float) -> State:
    written = store.swap(key, 0, rules.begin(key, _DETAILS, now), now)
    assert written is not None
    return written  # type: ignore[no-any-return]  # a store may be anyone's


class StoreContract:
    """What is promised of each store."""

    open_store: Callable[[Path], Any]

    def test_an_empty_store_is_quiet(self, tmp_path: Path) -> None:
        """Nothing is held that a request could meet."""
        store = self.open_store(tmp_path)
        assert store.quiet
        assert store.get(_key()) is None
        assert store.find() == []
        assert store.changes(store.generation) == []

    def test_a_write_is_numbered_and_read_back(self, tmp_path: Path) -> None:
        """The number of a write is the store's, and `turned` is set to it where it is 0."""
        store, now = self.open_store(tmp_path), time.time()
        begun = _begin(store, _key(), now)
        assert begun.turned == begun.generation == store.generation > 0
        assert store.get(_key()) == begun
        asked = store.swap(_key(), begun.generation, rules.ask(begun, now), now)
        assert asked.generation > begun.generation
        assert asked.turned == begun.turned
        cleared = store.swap(_key(), asked.generation, rules.clear(asked, now), now)
        assert cleared.turned == cleared.generation > asked.generation

    def test_of_two_writes_on_one_reading_the_first_wins(self, tmp_path: Path) -> None:
        """That is what makes one probe of many."""
        store, now = self.open_store(tmp_path), time.time()
        begun = _begin(store, _key(), now)
        assert store.swap(_key(), 0, rules.begin(_key(), _DETAILS, now), now) is None
        assert store.swap(_key(), begun.generation, rules.lease(begun, "a", now), now)
        assert store.swap(_key(), begun.generation, rules.lease(begun, "b", now), now) is None
        assert store.get(_key()).token == "a"  # noqa: S105  # no secret

    def test_of_many_threads_one_takes_the_probe(self, tmp_path: Path) -> None:
        """No two writes on one reading succeed, however close they come."""
        store, now = self.open_store(tmp_path), time.time()
        begun = _begin(store, _key(), now)
        won: list[Any] = []

        def take(token: str) -> None:
            won.append(store.swap(_key(), begun.generation, rules.lease(begun, token, now), now))

        threads = [threading.Thread(target=take, args=(f"t{n}",)) for n in range(10)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len([written for written in won if written is not None]) == 1

    def test_blocks_are_found_by_what_is_given(self, tmp_path: Path) -> None:
        """Of an origin, a feature, an account, or of all."""
        store, now = self.open_store(tmp_path), time.time()
        for feature in ("export", "chat"):
            for account in ("alice", "bob"):
                _begin(store, _key(feature, account), now)
        assert len(store.find()) == 4  # noqa: PLR2004  # two features of two accounts
        assert {state.key for state in store.find(account="bob")} == {
            _key("export", "bob"),
            _key("chat", "bob"),
        }
        (found,) = store.find(origin="https://api.example.com", feature="chat", account="alice")
        assert found.key == _key("chat", "alice")
        assert store.find(origin="https://eu.example.com") == []

    def test_it_is_quiet_again_once_a_block_is_proven_gone(self, tmp_path: Path) -> None:
        """A block that is lifted, yet unproven, can still be met."""
        store, now = self.open_store(tmp_path), time.time()
        begun = _begin(store, _key(), now)
        assert not store.quiet
        lifted = store.swap(_key(), begun.generation, rules.lift(begun, now), now)
        assert not store.quiet
        assert store.find() == []
        assert store.swap(_key(), lifted.generation, rules.restore(lifted, now), now)
        assert store.quiet
        assert store.get(_key()).phase == "restored"

    def test_changes_are_what_changed_and_no_more(self, tmp_path: Path) -> None:
        """The cost of keeping up grows with what changed, not with what is blocked."""
        store, now = self.open_store(tmp_path), time.time()
        first, second, _ = (_begin(store, _key(name), now) for name in ("a", "b", "c"))
        cursor = store.generation
        assert store.changes(cursor) == []
        store.swap(_key("b"), second.generation, rules.ask(second, now), now)
        store.swap(_key("a"), first.generation, rules.clear(first, now), now)
        assert [state.key.feature for state in store.changes(cursor)] == ["b", "a"]

    def test_requests_that_were_saved_are_counted_while_a_block_lives(self, tmp_path: Path) -> None:
        """The count ends with the block."""
        store, now = self.open_store(tmp_path), time.time()
        store.count(_key())
        assert store.counted(_key()) == 0
        begun = _begin(store, _key(), now)
        store.count(_key())
        store.count(_key())
        assert store.counted(_key()) == 2  # noqa: PLR2004  # twice
        store.swap(_key(), begun.generation, rules.clear(begun, now), now)
        assert store.counted(_key()) == 0

    def test_what_expired_is_forgotten(self, tmp_path: Path) -> None:
        """Answers that are older than what is forgotten are known to be late all the same."""
        store, now = self.open_store(tmp_path), time.time()
        short = replace(rules.begin(_key(), _DETAILS, now), expires=now + 0.3)
        begun = store.swap(_key(), 0, short, now)

        def forgotten() -> bool:
            _begin(store, _key(f"other {time.monotonic()}"), time.time())
            return store.get(_key()) is None

        _wait_for(forgotten, 5)
        assert store.horizon >= begun.turned
        assert _begin(store, _key(), time.time()).turned > begun.turned

    def test_a_guard_blocks_checks_and_lets_go(self, tmp_path: Path) -> None:
        """A refusal blocks, a check that succeeds restores."""
        api = _Api()
        guard, client = _sync(self.open_store(tmp_path), api)
        assert not _passes(client)
        assert not _passes(client)
        assert len(api.requests) == 1
        assert guard.blocks.recheck("export") == 1
        api.paid = True
        assert _passes(client)
        assert guard.blocks.active() == []

    def test_an_async_guard_does_the_same(self, tmp_path: Path) -> None:
        """Whatever the store waits for."""
        api = _Api()

        async def act() -> None:
            guard, client = _async(self.open_store(tmp_path), api)
            async with client:
                assert not await _passes_async(client)
                assert not await _passes_async(client)
                assert len(api.requests) == 1
                assert await guard.billing_fixed_async("export") == 1
                api.paid = True
                assert await _passes_async(client)
                assert guard.blocks.active() == []

        asyncio.run(act())


class SharedStoreContract(StoreContract):
    """What is promised besides where processes share a store."""

    def test_others_learn_what_one_writes_as_it_was(self, tmp_path: Path) -> None:
        """Details, times and phase; the numbers are each process's own."""
        one, other, now = self.open_store(tmp_path), self.open_store(tmp_path), time.time()
        begun = _begin(one, _key("export “✓”"), now)
        asked = one.swap(begun.key, begun.generation, rules.fix(begun, now), now)
        leased = one.swap(begun.key, asked.generation, rules.lease(asked, "token", now), now)
        other.refresh(now, at_once=True)
        learned = other.get(begun.key)
        for name in ("details", "phase", "interval", "token"):
            assert getattr(learned, name) == getattr(leased, name)
        for name in ("since", "next_check", "lapses", "asked", "eager_until", "leased"):
            assert getattr(learned, name) == pytest.approx(getattr(leased, name), abs=0.5)

    def test_who_has_not_learned_yet_writes_nothing_over(self, tmp_path: Path) -> None:
        """A write on a reading that is out of date fails, and what stands there is learned."""
        one, other, now = self.open_store(tmp_path), self.open_store(tmp_path), time.time()
        begun = _begin(one, _key(), now)
        assert other.swap(_key(), 0, rules.begin(_key(), _DETAILS, now), now) is None
        held = other.get(_key())
        assert held is not None
        assert other.swap(_key(), held.generation, rules.clear(held, now), now)
        assert one.swap(_key(), begun.generation, rules.lease(begun, "a", now), now) is None
        assert one.get(_key()).phase == "cleared"

    def test_requests_from_before_a_turn_are_known_to_be_late(self, tmp_path: Path) -> None:
        """The numbers of each process put what it sent before what it learned later."""
        one, other, now = self.open_store(tmp_path), self.open_store(tmp_path), time.time()
        begun = _begin(one, _key(), now)
        sent = other.generation
        other.refresh(now, at_once=True)
        assert other.get(_key()).turned > sent
        sent = other.generation
        one.swap(_key(), begun.generation, rules.ask(begun, now), now)
        other.refresh(now, at_once=True)
        assert other.get(_key()).turned <= sent

    def test_a_store_that_is_opened_later_knows_all(self, tmp_path: Path) -> None:
        """A command-line tool starts anew each time."""
        one, now = self.open_store(tmp_path), time.time()
        for number in range(700):
            _begin(one, _key(f"feature {number}"), now)
        later = self.open_store(tmp_path)
        while later.behind:
            later.refresh(now)
        assert len(later.find()) == 700  # noqa: PLR2004  # as many as were begun

    def test_a_block_is_seen_and_a_clear_reaches_everyone(self, tmp_path: Path) -> None:
        """Within 1.5 s, whoever does it."""
        api = _Api()
        (one, first), (other, second) = (_sync(self.open_store(tmp_path), api) for _ in range(2))
        heard: list[tuple[str, bool]] = []
        for guard in (one, other):
            guard.on("blocked", lambda event: heard.append((event.name, event.here)))
        assert _passes(second, "/free")
        assert not _passes(first)
        sent = len(api.requests)
        time.sleep(SEEN_WITHIN)
        assert not _passes(second)
        assert len(api.requests) == sent
        assert sorted(heard) == [("blocked", False), ("blocked", True)]
        assert other.blocks.clear() == 1
        api.paid = True
        time.sleep(SEEN_WITHIN)
        assert _passes(first)

    def test_one_probe_goes_out_among_all(self, tmp_path: Path) -> None:
        """A check that is due is sent by one, and what it finds holds for all."""
        api = _Api()
        pairs = [_sync(self.open_store(tmp_path), api) for _ in range(3)]
        assert not _passes(pairs[0][1])
        time.sleep(SEEN_WITHIN)
        assert all(guard.blocks.active() for guard, _ in pairs)
        assert pairs[1][0].billing_fixed() == 1
        sent = len(api.requests)
        api.answering.clear()
        passed: list[bool] = []
        threads = [
            threading.Thread(target=lambda client=client: passed.append(_passes(client)))
            for _, client in pairs
            for _ in range(3)
        ]
        for thread in threads:
            thread.start()
        _wait_for(lambda: len(passed) == len(threads) - 1, 10)
        api.paid = True
        api.answering.set()
        for thread in threads:
            thread.join()
        assert passed == [False] * (len(threads) - 1) + [True]
        assert len(api.requests) == sent + 1

    def test_async_clients_learn_of_it_too(self, tmp_path: Path) -> None:
        """While the event loop goes on."""
        api = _Api()

        async def act() -> None:
            _, client = _sync(self.open_store(tmp_path), api)
            other, second = _async(self.open_store(tmp_path), api)
            assert await _passes_async(second, "/free")
            assert not _passes(client)
            await asyncio.sleep(SEEN_WITHIN)
            assert not await _passes_async(second)
            assert await other.blocks.clear_async("export") == 1
            api.paid = True
            assert await other.blocks.wait_async("export", timeout=0)
            assert await _passes_async(second)
            await second.aclose()

        asyncio.run(act())


class _Api:
    """An API whose export is refused until it is paid for."""

    def __init__(self) -> None:
        self.requests: list[httpx.URL] = []
        self.paid = False
        self.answering = threading.Event()
        self.answering.set()

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request.url)
        self.answering.wait(10)
        if self.paid or request.url.path != "/export":
            return httpx.Response(200)
        return response("plan_upgrade_required")


def _guard(store: Any) -> Guard:
    return Guard(store=store, features={"export": "GET /export"}, account=lambda _: "alice")


def _sync(store: Any, api: _Api) -> tuple[Guard, httpx.Client]:
    guard = _guard(store)
    client = httpx.Client(base_url="https://api.example.com", transport=httpx.MockTransport(api))
    return guard, guard.wrap(client)


def _async(store: Any, api: _Api) -> tuple[Guard, httpx.AsyncClient]:
    guard = _guard(store)
    transport = httpx.MockTransport(api)
    client = httpx.AsyncClient(base_url="https://api.example.com", transport=transport)
    return guard, guard.wrap(client)


def _passes(client: httpx.Client, path: str = "/export") -> bool:
    try:
        client.get(path)
    except PaymentRequired:
        return False
    return True


async def _passes_async(client: httpx.AsyncClient, path: str = "/export") -> bool:
    try:
        await client.get(path)
    except PaymentRequired:
        return False
    return True


def _wait_for(condition: Callable[[], Any], seconds: float) -> None:
    until = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < until, f"not within {seconds} s"
        time.sleep(0.02)
