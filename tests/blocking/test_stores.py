"""The contract of stores, kept by each of ours."""

from __future__ import annotations

from typing import Any

import pytest

import payreq
from payreq.testing import store_contract


@pytest.fixture(autouse=True)
def patient(monkeypatch):
    """It is about what stores do, not about how fast this machine is."""
    monkeypatch.setattr("payreq.blocking.shared.TIMEOUT", 5.0)


TestMemory: Any = store_contract(lambda _: payreq.MemoryStore(), shared=False)
TestSQLite: Any = store_contract(lambda folder: payreq.SQLiteStore(folder / "blocks.db"))


class TestRedis(store_contract(lambda _: None)):
    @pytest.fixture(autouse=True)
    def server(self, redis):
        self.open_store = lambda folder: payreq.RedisStore(redis.url, namespace=str(folder))
