"""The tables of `SQLiteStore`, and its two questions as statements within one transaction."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, NamedTuple

from payreq.blocking.backend import PAGE, SWEPT_AT_ONCE, Entry, Pulled, Verdict, Written

if TYPE_CHECKING:
    import sqlite3

    from payreq.blocking.backend import Pull, Write

# The number in the names is the `VERSION` of what is stored.
_TABLES = """
CREATE TABLE IF NOT EXISTS payreq_states_1 (
    digest TEXT PRIMARY KEY, generation INTEGER NOT NULL, turned INTEGER NOT NULL,
    live INTEGER NOT NULL, expires REAL NOT NULL, text TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS payreq_written_1 ON payreq_states_1 (generation);
CREATE INDEX IF NOT EXISTS payreq_expires_1 ON payreq_states_1 (live, expires);
CREATE TABLE IF NOT EXISTS payreq_place_1 (
    one INTEGER PRIMARY KEY CHECK (one = 1), id TEXT NOT NULL, generation INTEGER NOT NULL,
    horizon INTEGER NOT NULL, live INTEGER NOT NULL, past INTEGER NOT NULL
)
"""
_PLACE = "SELECT id, generation, horizon, live, past FROM payreq_place_1"
_PUT_PLACE = "REPLACE INTO payreq_place_1 VALUES (1, ?, ?, ?, ?, ?)"
_WRITTEN_AFTER = """
SELECT digest, generation, turned, live, expires, text FROM payreq_states_1
WHERE generation > ? ORDER BY generation LIMIT ?
"""
_HELD = """
SELECT digest, generation, turned, live, expires, text FROM payreq_states_1 WHERE digest = ?
"""
_PUT = "REPLACE INTO payreq_states_1 VALUES (?, ?, ?, ?, ?, ?)"
_FORGET_EXPIRED = """
DELETE FROM payreq_states_1 WHERE digest IN (
    SELECT digest FROM payreq_states_1 WHERE live IN (0, 1) AND expires <= ? LIMIT ?
) RETURNING generation, live
"""
_FORGET_PAST = """
DELETE FROM payreq_states_1 WHERE digest IN (
    SELECT digest FROM payreq_states_1 WHERE live = 0 ORDER BY expires LIMIT ?
) RETURNING generation, live
"""


class _Place(NamedTuple):
    """What is known of the whole."""

    id: str = ""
    generation: int = 0
    horizon: int = 0
    live: int = 0
    past: int = 0


def create(connection: sqlite3.Connection) -> None:
    """Create the tables, where they are not there."""
    for statement in _TABLES.split(";"):
        connection.execute(statement)


def pull(connection: sqlite3.Connection, question: Pull, now: float) -> Pulled:
    """Return what was written after a generation."""
    place = _place(connection)
    cursor = question.cursor if place.id == question.id else 0
    rows = connection.execute(_WRITTEN_AFTER, (cursor, PAGE + 1)).fetchall()
    entries = [_entry(row) for row in rows[:PAGE]]
    more = len(rows) > PAGE
    reached = entries[-1].generation if more else place.generation
    return Pulled(place.id, now, reached, place.horizon, entries, more)


def write(connection: sqlite3.Connection, question: Write, now: float) -> Written:
    """Write each entry whose generation is still the one that was read."""
    place = _place(connection)
    if place.id != question.id:
        return Written(place.id, now, ())
    place = place._replace(id=place.id or uuid.uuid4().hex)
    place = _swept(connection, place, question.limit, now)
    verdicts: list[Verdict] = []
    for entry in question.entries:
        row = connection.execute(_HELD, (entry.digest,)).fetchone()
        held = None if row is None else _entry(row)
        was_live = held is not None and held.live
        if (held.generation if held else 0) != entry.generation:
            verdicts.append(Verdict("conflict", held))
        elif entry.live and not was_live and place.live >= question.limit:
            verdicts.append(Verdict("full"))
        else:
            number = max(place.generation + 1, int(now * 1_000_000))
            written = entry._replace(generation=number, turned=entry.turned or number)
            connection.execute(_PUT, written)
            live = place.live + entry.live - was_live
            past = place.past + (not entry.live) - (held is not None and not was_live)
            place = place._replace(generation=number, live=live, past=past)
            verdicts.append(Verdict("written", written))
    connection.execute(_PUT_PLACE, place)
    return Written(place.id, now, verdicts)


def _swept(connection: sqlite3.Connection, place: _Place, limit: int, now: float) -> _Place:
    """Forget what expired, and what is past in excess."""
    gone = connection.execute(_FORGET_EXPIRED, (now, SWEPT_AT_ONCE)).fetchall()
    excess = place.past - limit
    if excess > 0:
        gone += connection.execute(_FORGET_PAST, (min(excess, SWEPT_AT_ONCE),)).fetchall()
    if not gone:
        return place
    live = sum(live for _, live in gone)
    return place._replace(
        horizon=max(place.horizon, *(generation for generation, _ in gone)),
        live=place.live - live,
        past=place.past - (len(gone) - live),
    )


def _place(connection: sqlite3.Connection) -> _Place:
    row = connection.execute(_PLACE).fetchone()
    return _Place() if row is None else _Place(*row)


def _entry(row: tuple[str, int, int, int, float, str]) -> Entry:
    digest, generation, turned, live, expires, text = row
    return Entry(digest, generation, turned, bool(live), expires, text)
