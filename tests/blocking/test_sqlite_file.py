"""How the file is asked: one connection for as long as it serves, and what becomes of errors."""

from __future__ import annotations

import gc
import os
import re
import sqlite3
import subprocess
import sys
from contextlib import closing

import pytest

from payreq.blocking import sqlite
from payreq.blocking.backend import Pull, Write

ALL = Pull("", 0)
NOTHING = Write("", [], 10)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "blocks.db"


@pytest.fixture
def database(path):
    database = sqlite._Database(path)
    database.ask(ALL)
    yield database
    database.close()


class Time:
    """A time that passes by sleeping alone, twenty milliseconds at once."""

    def __init__(self):
        self.slept = []

    def monotonic(self):
        return 0.02 * len(self.slept)

    def time(self):
        return 1_700_000_000.0

    def sleep(self, seconds):
        self.slept.append(seconds)


@pytest.fixture
def passing(monkeypatch):
    passing = Time()
    monkeypatch.setattr(sqlite, "time", passing)
    return passing


def fail(monkeypatch, *codes):
    """Let questions meet errors of these codes, one each; return the errors."""
    errors = []
    for code in codes:
        errors.append(sqlite3.DatabaseError("it fails"))
        if code is not None:
            errors[-1].sqlite_errorcode = code
    left = list(errors)
    real = sqlite.pull

    def pull(*arguments):
        if left:
            raise left.pop(0)
        return real(*arguments)

    monkeypatch.setattr(sqlite, "pull", pull)
    return errors


def is_closed(connection):
    try:
        connection.execute("SELECT 1")
    except sqlite3.ProgrammingError:
        return True
    return False


def aside(path):
    return [other.name for other in path.parent.iterdir() if ".aside-" in other.name]


def test_a_connection_serves_as_long_as_its_file(database):
    (connection,) = database._open
    database.ask(ALL)
    database.ask(NOTHING)
    assert database._open == [connection]


def test_sqlite_itself_waits_for_nobody(database):
    (connection,) = database._open
    assert connection.execute("PRAGMA busy_timeout").fetchone() == (0,)


def test_a_new_file_is_made_without_the_disk_and_then_kept_safe(path, monkeypatch):
    made, safe = sqlite.create, []

    def create(connection):
        safe.extend(connection.execute("PRAGMA synchronous").fetchone())
        made(connection)

    monkeypatch.setattr(sqlite, "create", create)
    with closing(sqlite._connected(path)) as connection:
        safe.extend(connection.execute("PRAGMA synchronous").fetchone())
    off, normal = 0, 1
    assert safe == [off, normal]


def test_a_connection_that_could_not_be_prepared_is_closed(path, monkeypatch):
    tried = []

    def create(connection):
        tried.append(connection)
        raise sqlite3.OperationalError

    monkeypatch.setattr(sqlite, "create", create)
    with pytest.raises(sqlite3.OperationalError):
        sqlite._connected(path)
    assert all(map(is_closed, tried))


def test_a_file_in_the_place_of_another_is_opened_anew(database, path, tmp_path):
    (connection,) = database._open
    instead = sqlite._Database(tmp_path / "other.db")
    place = instead.ask(NOTHING).id
    instead.close()
    for ending in ("", "-wal", "-shm"):
        (tmp_path / f"blocks.db{ending}").rename(tmp_path / f"aside{ending}")
    (tmp_path / "other.db").rename(path)
    assert database.ask(ALL).id == place
    assert is_closed(connection)


def test_a_file_that_was_emptied_is_opened_anew(database, path):
    (connection,) = database._open
    os.truncate(path, 0)
    assert database.ask(ALL).id == ""
    assert is_closed(connection)
    os.truncate(path, 1)  # and what is no database is set aside
    assert database.ask(ALL).id == ""
    assert len(aside(path)) == 1


def test_who_waits_for_a_writer_does_so_for_a_moment_and_at_moments_of_chance(
    database, path, passing
):
    (connection,) = database._open
    with closing(sqlite3.connect(path, isolation_level=None)) as writer:
        writer.execute("BEGIN IMMEDIATE")
        with pytest.raises(sqlite3.OperationalError, match="locked"):
            database.ask(NOTHING)
        writer.execute("ROLLBACK")
    assert len(passing.slept) == 2  # 0.04 s
    assert all(0.0005 <= slept <= 0.003 for slept in passing.slept)
    assert database.ask(NOTHING).id
    assert database._open == [connection]


def test_what_is_wrong_otherwise_is_not_waited_for(database, passing):
    (connection,) = database._open
    with pytest.raises(sqlite3.OperationalError, match="syntax"):
        sqlite._patiently(connection, "NO STATEMENT")
    assert passing.slept == []


def test_tables_that_are_gone_are_made_anew_with_the_next_question(database, path):
    (connection,) = database._open
    with closing(sqlite3.connect(path)) as other:
        other.execute("DROP TABLE payreq_place_1")
    with pytest.raises(sqlite3.OperationalError, match="no such table"):
        database.ask(ALL)
    assert is_closed(connection)
    assert database.ask(ALL).entries == []


@pytest.mark.parametrize("code", [None, sqlite3.SQLITE_INTERRUPT, sqlite3.SQLITE_IOERR])
def test_an_error_that_another_file_would_not_cure_is_raised_at_once(
    database, path, monkeypatch, code
):
    error, _ = fail(monkeypatch, code, code)
    with pytest.raises(sqlite3.DatabaseError) as raised:
        database.ask(ALL)
    assert raised.value is error
    assert aside(path) == []


@pytest.mark.parametrize(
    "code",
    [
        sqlite3.SQLITE_CORRUPT,
        sqlite3.SQLITE_CORRUPT_INDEX,
        sqlite3.SQLITE_READONLY_DBMOVED,
        sqlite3.SQLITE_IOERR_SHORT_READ,
    ],
)
def test_a_spoilt_file_is_set_aside_whichever_way_it_is_spoilt(database, path, monkeypatch, code):
    fail(monkeypatch, code)
    assert database.ask(ALL).entries == []
    (name,) = aside(path)
    assert re.fullmatch(r"blocks\.db\.aside-[0-9a-f]{8}", name)


def test_a_question_that_was_broken_off_leaves_no_transaction_behind(database, monkeypatch):
    (connection,) = database._open
    real = sqlite.write

    def broken_off(*arguments):
        real(*arguments)
        raise KeyboardInterrupt

    monkeypatch.setattr(sqlite, "write", broken_off)
    with pytest.raises(KeyboardInterrupt):
        database.ask(NOTHING)
    assert database.ask(ALL).id == ""
    assert database._open == [connection]


def test_an_error_that_ended_the_transaction_is_the_one_that_is_raised(database, monkeypatch):
    def ended(connection, *_):
        connection.execute("ROLLBACK")
        raise sqlite3.DatabaseError("the disk is full")

    monkeypatch.setattr(sqlite, "pull", ended)
    with pytest.raises(sqlite3.DatabaseError, match="the disk is full"):
        database.ask(ALL)


def test_a_database_that_is_left_closes_its_file_and_one_that_was_inherited_does_not(
    path, monkeypatch
):
    monkeypatch.setattr(sqlite, "_INHERITED", inherited := [])
    databases = [sqlite._Database(path) for _ in range(2)]
    for database in databases:
        database.ask(ALL)
    left = databases[0]._open[0]
    databases[1].renewed()
    del database, databases
    gc.collect()
    assert is_closed(left)
    (connection,) = inherited
    assert not is_closed(connection)
    connection.close()


UNLOCK = """
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1], timeout=0)
try:
    print(*connection.execute("PRAGMA journal_mode = DELETE").fetchone())
except sqlite3.OperationalError as error:
    print(error)
connection.close()
"""


def test_another_store_of_the_process_leaves_the_locks_of_the_first(database, path):
    other = sqlite._Database(path)
    other.ask(ALL)
    ran = subprocess.run(
        [sys.executable, "-c", UNLOCK, path], capture_output=True, text=True, check=True
    )
    assert ran.stdout == "database is locked\n"
    other.close()
