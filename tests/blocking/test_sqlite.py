"""The file: its mode, what spoils it, and those who share it."""

from __future__ import annotations

import gc
import os
import sqlite3
import stat
import subprocess
import sys
import tempfile
import textwrap
import time
from contextlib import closing
from pathlib import Path

import pytest

from payreq.blocking import block as rules
from payreq.blocking import sqlite_tables
from payreq.blocking.block import Key
from payreq.blocking.coding import VERSION
from payreq.blocking.sqlite import SQLiteStore
from payreq.details import PaymentDetails
from payreq.reasons import Reason

DETAILS = PaymentDetails(reason=Reason.UNKNOWN, status=402)
KEY = Key("https://api.example.com", "export", "alice")


@pytest.fixture
def path(tmp_path):
    return tmp_path / "blocks.db"


@pytest.fixture
def opened(path, monkeypatch):
    monkeypatch.setattr("payreq.blocking.shared.TIMEOUT", 5.0)
    return lambda **options: SQLiteStore(path, **options)


def begin(store, key=KEY):
    now = time.time()
    return store.swap(key, 0, rules.begin(key, DETAILS, now), now)


def aside(path):
    return sorted(other.name for other in path.parent.iterdir() if ".aside-" in other.name)


@pytest.mark.parametrize(
    ("path", "error", "says"),
    [
        (5, TypeError, "path must be that of a file, not int"),
        (None, TypeError, "path must be that of a file, not NoneType"),
        ("", ValueError, "path must name a file in a folder that exists, not ''"),
        (":memory:", ValueError, "path must name a file"),
        ("/", ValueError, "path must name a file"),
        (Path("/nowhere/at/all.db"), ValueError, "not '/nowhere/at/all.db'"),
    ],
)
def test_a_path_that_cannot_do_is_named(path, error, says):
    with pytest.raises(error, match=says):
        SQLiteStore(path)


def test_a_path_that_is_a_folder_is_named(tmp_path):
    with pytest.raises(ValueError, match="path must name a file"):
        SQLiteStore(tmp_path)


def test_a_limit_below_one_is_refused(path):
    with pytest.raises(ValueError, match="limit must be at least 1"):
        SQLiteStore(path, limit=0)


def test_nothing_is_opened_before_it_is_used_and_then_only_for_its_owner(opened, path):
    store = opened()
    assert not path.exists()
    begin(store)
    names = [path.name, f"{path.name}-shm", f"{path.name}-wal"]
    assert sorted(other.name for other in path.parent.iterdir()) == names
    for other in path.parent.iterdir():
        assert stat.S_IMODE(other.stat().st_mode) == 0o600


def test_it_may_be_closed_and_used_again(opened, path):
    store = opened()
    begin(store)
    store.close()
    assert [other.name for other in path.parent.iterdir()] == [path.name]
    begin(store, KEY._replace(feature="chat"))
    other = opened()
    other.refresh(time.time())
    assert len(other.find()) == 2


def test_a_store_that_is_left_closes_its_file(opened, path):
    begin(opened())
    gc.collect()
    assert [other.name for other in path.parent.iterdir()] == [path.name]


def test_its_tables_carry_the_form_of_what_is_stored():
    assert f"payreq_states_{VERSION} " in sqlite_tables._TABLES


def test_the_file_holds_neither_credential_nor_body(opened, path):
    store = opened()
    begin(store)
    store.close()
    with closing(sqlite3.connect(path)) as connection:
        (row,) = connection.execute("SELECT * FROM payreq_states_1").fetchall()
    assert set(row[-1][1:].split('"')) >= {"details", "key", "phase"}
    assert "challenges" not in row[-1]


@pytest.mark.parametrize("junk", [b"this is no database at all" * 500, b"SQLite format 3\0" * 400])
def test_a_file_that_is_no_database_is_set_aside_and_traffic_goes_on(opened, path, caplog, junk):
    path.write_bytes(junk)
    store = opened()
    assert begin(store).phase == "blocked"
    assert store.fault is None
    (name,) = aside(path)
    assert (path.parent / name).read_bytes() == junk
    (record,) = caplog.records
    assert record.name == "payreq"
    assert record.message == (
        f"payreq's store blocks.db cannot serve (SQLITE_NOTADB); it was set aside as {name}, "
        "and begins anew"
    )
    other = opened()
    other.refresh(time.time())
    assert [state.key for state in other.find()] == [KEY]


def test_a_file_that_was_damaged_is_set_aside(opened, path, caplog):
    store = opened()
    for number in range(200):
        begin(store, KEY._replace(account=f"a{number}"))
    store.close()
    content = bytearray(path.read_bytes())
    content[4096:] = b"\xff" * (len(content) - 4096)
    path.write_bytes(content)
    assert begin(opened(), KEY._replace(feature="chat")).phase == "blocked"
    assert len(aside(path)) == 1
    assert "SQLITE_CORRUPT" in caplog.text


def test_what_another_process_set_aside_is_left_to_it(opened, path):
    one, other = opened(), opened()
    begin(one)
    other.refresh(time.time())
    database = other._backend
    path.rename(path.with_name("moved"))
    one.refresh(time.time(), at_once=True)  # it sees that its file is gone, and begins another
    begin(one, KEY._replace(feature="chat"))
    error = sqlite3.DatabaseError("malformed")
    error.sqlite_errorcode = sqlite3.SQLITE_CORRUPT
    assert database._set_aside(error) is True
    assert aside(path) == []
    other.refresh(time.time(), at_once=True)
    assert {state.key.feature for state in other.find()} == {"export", "chat"}


def test_an_error_that_no_other_file_would_cure_is_an_outage(opened, path, monkeypatch):
    monkeypatch.setattr("payreq.blocking.shared.EVERY", 0.0)
    path.parent.chmod(0o700)
    store = opened()
    begin(store)
    holder = sqlite3.connect(path, isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    assert begin(store, KEY._replace(feature="chat")).phase == "blocked"
    assert store.fault == "OperationalError"
    assert aside(path) == []
    holder.execute("COMMIT")
    holder.close()
    store.refresh(time.time())
    assert store.fault is None
    other = opened()
    other.refresh(time.time())
    assert {state.key.feature for state in other.find()} == {"export", "chat"}


def test_a_file_that_others_hold_while_it_is_opened_is_opened_later(opened, path):
    begin(opened())
    store = opened()
    holder = sqlite3.connect(path, isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    store.refresh(time.time())
    assert store.fault == "OperationalError"
    holder.execute("COMMIT")
    holder.close()
    store._retry = 0.0
    store.refresh(time.time(), at_once=True)
    assert store.fault is None
    assert [state.key for state in store.find()] == [KEY]


def test_it_waits_for_others_who_write_for_a_moment(opened, path, monkeypatch):
    monkeypatch.setattr("payreq.blocking.sqlite.BUSY", 5.0)
    store = opened()
    begin(store)
    holder = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    holder.execute("BEGIN IMMEDIATE")

    def let_go(_seconds):
        if holder.in_transaction:
            holder.execute("COMMIT")

    monkeypatch.setattr("payreq.blocking.sqlite.time.sleep", let_go)
    assert begin(store, KEY._replace(feature="chat")).phase == "blocked"
    assert store.fault is None
    holder.close()


READ_ONLY = """
import os, random, sys, time
import payreq
from payreq.blocking import block as rules
from payreq.blocking.block import Key
from payreq.details import PaymentDetails
store = payreq.SQLiteStore(sys.argv[1])
store.patience = 5.0
os.setgid(65534), os.setuid(65534)  # the interpreter's own files may be root's alone
key, now = Key("https://api.example.com", "chat", "alice"), time.time()
details = PaymentDetails(reason="unknown", status=402)
state = rules.begin(key, details, now)
written = store.swap(key, 0, state, now) or store.swap(key, 0, state, now)  # what was, is gone
print(written.phase, store.fault)
"""


@pytest.mark.skipif(os.name != "posix" or os.geteuid() != 0, reason="only root can become nobody")
@pytest.mark.parametrize("folder_mode", [0o777, 0o755])
def test_a_file_that_cannot_be_written_is_set_aside_where_it_can_be(folder_mode, monkeypatch):
    monkeypatch.setattr("payreq.blocking.shared.TIMEOUT", 5.0)
    with tempfile.TemporaryDirectory() as folder:  # those of pytest are its user's alone
        path = Path(folder) / "blocks.db"
        store = SQLiteStore(path)
        begin(store)
        store.close()
        path.chmod(0o444)
        path.parent.chmod(folder_mode)
        ran = subprocess.run(
            [sys.executable, "-c", READ_ONLY, str(path)], stdout=-1, text=True, check=True
        )
        blocked, fault = ran.stdout.split()
        assert blocked == "blocked"
        can_be = folder_mode == 0o777
        assert (fault == "None", bool(aside(path))) == (can_be, can_be)


def test_past_the_limit_what_is_over_goes_and_what_is_live_stays(opened, path):
    store = opened(limit=3)
    now = time.time()
    for number in range(3):
        begin(store, KEY._replace(feature=f"f{number}"))
    for number in range(8):
        key = KEY._replace(account=f"a{number}")
        state = rules.clear(rules.begin(key, DETAILS, now), now + number / 100)
        store.swap(key, 0, state, now)
    other = opened()
    other.refresh(now)
    assert len(other.find()) == 3
    assert len(other.changes(0)) <= 3 + 3 + 1
    assert other.get(KEY._replace(account="a7")).phase == "cleared"
    place = sqlite_tables._place(other._backend._connection())
    assert (place.live, place.past) == (3, len(other.changes(0)) - 3)


FORK = """
import os, sys, time, warnings
warnings.simplefilter("ignore")
import payreq
from payreq.blocking import block as rules, sqlite
from payreq.blocking.block import Key
from payreq.details import PaymentDetails
details = PaymentDetails(reason="unknown", status=402)
store = payreq.SQLiteStore(sys.argv[1])
store.patience = sqlite.BUSY = 10.0

def begin(feature):
    key, now = Key("https://api.example.com", feature, "alice"), time.time()
    for _ in range(3):
        held = store.get(key)
        if store.swap(key, held.generation if held else 0, rules.begin(key, details, now), now):
            return

begin("parent")
before = store.generation
children = []
for number in range(4):
    child = os.fork()
    if child == 0:
        assert store.generation == before and store.find() == []
        begin(f"child {number}")
        assert "parent" in {state.key.feature for state in store.find()}
        os._exit(0 if store.fault is None else 1)
    children.append(child)
begin("parent again")
assert all(os.waitpid(child, 0)[1] == 0 for child in children)
store.refresh(time.time(), at_once=True)
print(sorted(state.key.feature for state in store.find()), store.fault)
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork here")
def test_children_of_a_fork_begin_anew_and_share_the_file(path):
    ran = subprocess.run(
        [sys.executable, "-c", FORK, str(path)], capture_output=True, text=True, check=True
    )
    children = [f"child {number}" for number in range(4)]
    assert ran.stdout == f"{[*children, 'parent', 'parent again']} None\n"


def test_a_connection_is_left_to_the_process_that_opened_it(opened, path, monkeypatch):
    monkeypatch.setattr("payreq.blocking.sqlite._INHERITED", inherited := [])
    store = opened()
    begin(store)
    child = store._backend.renewed()
    assert inherited == store._backend._open
    assert child._open == []
    store.close()


WRITE_FOR_EVER = """
import sys, time
import payreq
from payreq.blocking import block as rules
from payreq.blocking.block import Key
from payreq.details import PaymentDetails
details = PaymentDetails(reason="unknown", status=402)
store = payreq.SQLiteStore(sys.argv[1])
store.patience = 10.0
number = 0
while True:
    key, now = Key("https://api.example.com", f"{sys.argv[2]} {number % 50}", "alice"), time.time()
    held = store.get(key)
    rule = rules.begin(key, details, now)
    store.swap(key, held.generation if held else 0, rule, now)
    while store.fault is not None:  # it waited too long for the other: the file has it not yet
        time.sleep(0.05)
        store.reach(time.time(), 10)
    number += 1
    if number == 20:
        print("ready", flush=True)
"""


def test_a_process_killed_while_it_writes_leaves_a_file_that_can_be_read(opened, path):
    for turn in range(3):
        writers = [
            subprocess.Popen(
                [sys.executable, "-c", textwrap.dedent(WRITE_FOR_EVER), str(path), f"{turn}.{n}"],
                stdout=subprocess.PIPE,
            )
            for n in range(2)
        ]
        for writer in writers:
            assert writer.stdout.readline() == b"ready\n"
        for writer in writers:
            writer.kill()
            writer.wait()
            writer.stdout.close()
    store = opened()
    assert store.reach(time.time(), 10)
    assert len(store.find()) >= 3 * 2 * 20
    checked = sqlite3.connect(path)
    assert checked.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    checked.close()
    assert aside(path) == []
