"""Blocks of one machine's processes, in a file of SQLite."""

from __future__ import annotations

import logging
import os
import random
import sqlite3
import time
import uuid
import weakref
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any

from payreq.blocking.backend import Pull
from payreq.blocking.shared import SharedStore
from payreq.blocking.sqlite_tables import create, pull, write

if TYPE_CHECKING:
    from collections.abc import Generator

    from payreq.blocking.backend import Pulled, Write, Written

BUSY = 0.04
"""Seconds for which a write waits for those of other processes."""

_SPOILT = frozenset(
    {
        sqlite3.SQLITE_CORRUPT,
        sqlite3.SQLITE_NOTADB,
        sqlite3.SQLITE_READONLY,
        sqlite3.SQLITE_IOERR_SHORT_READ,  # a part of it is missing
    }
)
_INHERITED: list[sqlite3.Connection] = []  # to close one in a child would harm its parent's

_log = logging.getLogger("payreq")


class SQLiteStore(SharedStore):
    """Blocks that the processes of one machine share, and that outlive them, in one file.

    The file is created with mode 0600. One that is corrupt or cannot be written is set aside, under
    a name that says so, with a warning; what it held is forgotten.

    Args:
        path: The file, in a folder that exists, on a disk of this machine: SQLite's locks do not
            hold over a network.
        limit: How many live blocks are held at most. None is dropped to make room: past that,
            refusals are raised without a block.

    Raises:
        TypeError: The path is none.
        ValueError: The path names no file in a folder that exists, or the limit is below 1.

    Example:
        >>> import payreq, tempfile
        >>> guard = payreq.Guard(store=payreq.SQLiteStore(f"{tempfile.mkdtemp()}/blocks.db"))
    """

    def __init__(self, path: str | os.PathLike[str], *, limit: int = 100_000) -> None:
        super().__init__(_Database(_checked(path)), limit)


class _Database:
    """A file, asked by one thread at a time."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = Lock()
        self._open: list[sqlite3.Connection] = []  # one or none
        self._inode = 0
        self._clock = time.time
        self._closing = weakref.finalize(self, _close, self._open)

    def ask(self, question: Pull | Write) -> Pulled | Written:
        """Answer a question; a file that cannot serve is set aside first."""
        with self._lock:
            try:
                return self._answer(question)
            except sqlite3.DatabaseError as error:
                if not self._set_aside(error):
                    if not _is_busy(error):
                        _close(self._open)  # to be looked at anew: its tables may be gone
                    raise
                return self._answer(question)

    def renewed(self) -> _Database:
        """Leave the connection to the parent process."""
        self._closing.detach()
        _INHERITED.extend(self._open)
        return _Database(self._path)

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            _close(self._open)

    def _answer(self, question: Pull | Write) -> Pulled | Written:
        connection = self._connection()
        if isinstance(question, Pull):
            with _transaction(connection, "DEFERRED"):
                return pull(connection, question, self._clock())
        with _transaction(connection, "IMMEDIATE"):
            return write(connection, question, self._clock())

    def _connection(self) -> sqlite3.Connection:
        inode, size = _inode_and_size(self._path)
        if self._inode != inode or size == 0:
            _close(self._open)  # another process has set it aside, or somebody took it away
        if not self._open:
            with suppress(FileExistsError):
                os.close(os.open(self._path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
            self._inode, _ = _inode_and_size(self._path)
            self._open.append(_connected(self._path))
        return self._open[0]

    def _set_aside(self, error: sqlite3.DatabaseError) -> bool:
        """Rename a file that cannot serve; say whether there is hope for another."""
        code = _code(error)
        if not {code, code & 0xFF} & _SPOILT:
            return False
        spoilt = self._inode
        _close(self._open)
        if spoilt != _inode_and_size(self._path)[0]:
            return True  # another process has done so
        aside = f"{self._path}.aside-{uuid.uuid4().hex[:8]}"
        self._path.rename(aside)
        for ending in ("-wal", "-shm"):
            with suppress(OSError):
                Path(f"{self._path}{ending}").rename(f"{aside}{ending}")
        _log.warning(
            "payreq's store %s cannot serve (%s); it was set aside as %s, and begins anew",
            self._path.name,
            getattr(error, "sqlite_errorname", type(error).__name__),
            Path(aside).name,
        )
        return True


def _checked(path: Any) -> Path:
    if not isinstance(path, (str, os.PathLike)):
        raise TypeError(f"path must be that of a file, not {type(path).__name__}")
    file = Path(os.fsdecode(path))
    if file.name == ":memory:" or file.is_dir() or not file.parent.is_dir():
        raise ValueError(f"path must name a file in a folder that exists, not {os.fspath(path)!r}")
    return file.absolute()


def _connected(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, timeout=0, isolation_level=None, check_same_thread=False)
    try:
        # Who waits for the disk to make a new file is a request; a file half made when the
        # machine lost its power is set aside.
        connection.execute("PRAGMA synchronous = OFF")
        _patiently(connection, "PRAGMA journal_mode = WAL")
        with _transaction(connection, "IMMEDIATE"):
            create(connection)
        # From now on a commit outlives the process; the last may be lost with the machine.
        connection.execute("PRAGMA synchronous = NORMAL")
    except BaseException:
        connection.close()
        raise
    return connection


def _inode_and_size(path: Path) -> tuple[int, int]:
    try:
        found = path.stat()
    except FileNotFoundError:
        return 0, 0
    return found.st_ino, found.st_size


@contextmanager
def _transaction(connection: sqlite3.Connection, kind: str) -> Generator[None]:
    _patiently(connection, f"BEGIN {kind}")
    try:
        yield
        _patiently(connection, "COMMIT")
    except BaseException:
        with suppress(sqlite3.Error):
            connection.execute("ROLLBACK")
        raise


def _patiently(connection: sqlite3.Connection, statement: str) -> None:
    """Run a statement, again and again while others write, at moments of chance."""
    until = time.monotonic() + BUSY
    while True:
        try:
            connection.execute(statement)
        except sqlite3.OperationalError as error:
            if not _is_busy(error) or time.monotonic() >= until:
                raise
            time.sleep(random.uniform(0.0005, 0.003))  # noqa: S311  # to spread, not to hide
        else:
            return


def _is_busy(error: sqlite3.DatabaseError) -> bool:
    return _code(error) & 0xFF == sqlite3.SQLITE_BUSY


def _code(error: sqlite3.DatabaseError) -> int:
    """Return what SQLite calls an error; 0: it is of Python's module itself."""
    return getattr(error, "sqlite_errorcode", 0)


def _close(connections: list[sqlite3.Connection]) -> None:
    while connections:
        connections.pop().close()
