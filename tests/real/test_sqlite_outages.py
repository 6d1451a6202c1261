"""A file of SQLite that goes away, or cannot serve: what requests meet meanwhile and after."""

from __future__ import annotations

import os
import resource
import shutil
import sqlite3
from contextlib import contextmanager
from pathlib import Path

import pytest
from outages import NO_CREDIT, block_two, go_through

from payreq.blocking.sqlite import SQLiteStore


@pytest.fixture
def path(tmp_path):
    return tmp_path / "blocks.db"


@pytest.fixture
def fleet(start_fleet, path):
    return start_fleet(SQLiteStore(path), SQLiteStore(path))


@contextmanager
def held_by_another(fleet, path):
    holder = sqlite3.connect(path, isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    yield
    holder.execute("COMMIT")
    holder.close()


@contextmanager
def full(fleet, path):
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1, limits[1]))  # there is room for one byte
    yield
    resource.setrlimit(resource.RLIMIT_FSIZE, limits)


@contextmanager
def without_its_folder(fleet, path):
    moved = path.parent.with_name(f"{path.parent.name}-moved")
    path.parent.rename(moved)
    yield
    moved.rename(path.parent)


OUTAGES = [held_by_another, full, without_its_folder]


@pytest.mark.parametrize("outage", OUTAGES)
def test_traffic_goes_on_and_afterwards_all_agree_again(fleet, server, path, outage):
    go_through(outage(fleet, path), fleet, server)


def deleted(path):
    path.unlink()


def deleted_with_its_logs(path):
    for file in path.parent.iterdir():
        file.unlink()


def replaced_by_another(path):
    other = path.with_name("other.db")
    sqlite3.connect(other).close()
    other.replace(path)


def overwritten_by_an_empty_one(path):
    path.write_bytes(b"")


def overwritten_by_that_of_another_program(path):
    other = path.with_name("other.db")
    connection = sqlite3.connect(other)
    connection.execute("CREATE TABLE theirs (a)")
    connection.commit()
    connection.close()
    shutil.copyfile(other, path)


def overwritten_by_junk(path):
    path.write_bytes(b"this is no database at all" * 500)


def damaged(path):
    content = bytearray(path.read_bytes())
    content[2048:] = b"\xff" * (len(content) - 2048)
    path.write_bytes(content)


def cut(path):
    os.truncate(path, 5_000)


def without_its_logs(path):
    for ending in ("-wal", "-shm"):
        Path(f"{path}{ending}").unlink()


LOSSES = [
    deleted,
    deleted_with_its_logs,
    replaced_by_another,
    overwritten_by_an_empty_one,
    overwritten_by_that_of_another_program,
    overwritten_by_junk,
    damaged,
    cut,
    without_its_logs,
]


@pytest.mark.parametrize("loss", LOSSES)
def test_whatever_becomes_of_the_file_traffic_goes_on_and_all_agree_again(
    fleet, server, path, start_fleet, loss
):
    block_two(fleet, server)
    near, far = fleet.processes
    loss(path)
    server.answer("/export", 200)
    assert near.guard.blocks.clear("export") == 1
    server.answer("/upload", 402, body=NO_CREDIT)
    assert far.get("upload") == "refused"
    fleet.go_on(3)
    assert near.knows() == far.knows()
    assert near.store.fault is far.store.fault is None
    assert far.get("export") == "200"
    assert near.get("upload") == "refused here"
    assert far.get("chat") in ("refused", "refused here")
    newcomer = start_fleet(SQLiteStore(path)).processes[-1]
    fleet.go_on(2)
    assert newcomer.knows() == near.knows() == far.knows()
    assert newcomer.store.fault is None
