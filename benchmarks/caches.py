"""hishel's transports, of 1.x and of 2.x, each over a cache in memory that heeds RFC 9111."""

from __future__ import annotations

import sqlite3
from typing import Any

import anysqlite
import hishel
import hishel.httpx

NEW = hasattr(hishel.httpx, "CacheTransport")
"""Whether it is 2.x."""
_HISHEL: Any = hishel  # one of the two has no such names
_HTTPX: Any = hishel.httpx


def cache(inner: Any) -> Any:
    """Return a sync one around a transport."""
    connection = sqlite3.connect(":memory:", check_same_thread=False)
    if NEW:
        storage = _HISHEL.SqliteStorage(connection=connection)
        return _HTTPX.CacheTransport(inner, storage=storage, rfc=True)
    storage = _HISHEL.SyncSqliteStorage(connection=connection)
    return _HTTPX.SyncCacheTransport(inner, storage=storage)


async def async_cache(inner: Any) -> Any:
    """Return an async one, of the event loop that runs."""
    connection = await anysqlite.connect(":memory:", check_same_thread=False)
    storage = _HISHEL.AsyncSqliteStorage(connection=connection)
    options = {"rfc": True} if NEW else {}
    return _HTTPX.AsyncCacheTransport(inner, storage=storage, **options)
