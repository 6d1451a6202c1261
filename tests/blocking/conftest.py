from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from fleet import Seconds
from sharers import EXPORT, NOW, Line, begin

from payreq.blocking.block import Key
from payreq.blocking.ledger import Ledger
from payreq.blocking.memory import MemoryStore
from payreq.blocking.sqlite import SQLiteStore
from payreq.details import PaymentDetails
from payreq.reasons import Reason

if TYPE_CHECKING:
    from payreq.blocking.outcomes import Admission


class Clock:
    def __init__(self) -> None:
        self.now = 1_700_000_000.0

    def __call__(self) -> float:
        return self.now


class Desk:
    """A ledger, its clock, and short words for what a guard does with it."""

    def __init__(self, store: Any = None) -> None:
        self.clock = Clock()
        self.store = MemoryStore() if store is None else store
        self.ledger = Ledger(self.store, self.clock)

    @staticmethod
    def key(feature: str = "export", account: str = "alice", host: str = "api.example.com") -> Key:
        return Key(f"https://{host}", feature, account)

    @staticmethod
    def details(**facts: Any) -> PaymentDetails:
        return PaymentDetails(**{"reason": Reason.CREDITS_EXHAUSTED, "status": 402, **facts})

    def refuse(self, admission: Admission, **facts: Any) -> Any:
        return self.ledger.refused(admission, self.details(**facts), default_feature=False)

    def block(self, key: Key | None = None, **facts: Any) -> Any:
        admission = self.ledger.admit(self.key() if key is None else key)
        assert admission.block is None
        return self.refuse(admission, **facts)

    def probe(self, key: Key | None = None, after: float = 60.0) -> Admission:
        self.clock.now += after
        admission = self.ledger.admit(self.key() if key is None else key)
        assert admission.token is not None
        return admission

    def next_check(self, key: Key | None = None) -> float:
        key = self.key() if key is None else key
        block = self.ledger.get(key.feature, account=key.account, origin=key.origin)
        return block.next_check.timestamp() - self.clock.now


@pytest.fixture
def desk() -> Desk:
    return Desk()


@pytest.fixture
def new_desk() -> type[Desk]:
    return Desk


@pytest.fixture
def clock(monkeypatch):
    """The seconds by which a process tells when to look again."""
    ticking = Seconds()
    monkeypatch.setattr("payreq.blocking.shared.monotonic", ticking)
    return ticking


@pytest.fixture
def start(tmp_path, clock):
    """Start a process over the one file."""

    def start(before=None, **options):
        store = SQLiteStore(tmp_path / "blocks.db", **options)
        store.patience = 5.0
        store._backend = store.line = Line(store._backend)
        if before is not None:
            store.line.before = before
        store.refresh(NOW())
        return store

    return start


@pytest.fixture
def lose(tmp_path):
    """Lose the file, as a flush or a restart without persistence loses it."""

    def lose():
        for path in tmp_path.iterdir():
            path.unlink()

    return lose


@pytest.fixture
def crowd(start, monkeypatch):
    """Two processes, one of which has blocked nine accounts; a page holds one of them."""
    monkeypatch.setattr("payreq.blocking.sqlite_tables.PAGE", 1)
    monkeypatch.setattr("payreq.blocking.copy.PAGE", 1)
    one, other = start(), start()
    other.patience = 0.1
    for number in range(9):
        begin(one, EXPORT._replace(account=f"a{number}"))
    return one, other
