"""An encrypted SQLite file: opened with a raw key, durable at every commit, failing in our words.

The file's first 16 bytes (SQLCipher's salt, public by design) are derived from the key. So a
wrong key is told from damage without a key anywhere: salt unlike → wrong key; salt alike and a
page that does not authenticate → damage. Every page carries an HMAC, so a changed page is found
when it is read; a whole file put back to an earlier state is not, and the ledger is there for that.
"""

from __future__ import annotations

import contextlib
import hashlib
import hmac
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, Protocol, cast

from pastwatch.errors import (
    BadValue,
    CaseDamaged,
    IntegrityError,
    PastwatchError,
    StorageError,
    WrongKey,
)
from pastwatch.storage import durable

KEY_BYTES = 32
SALT_BYTES = 16
BUSY_S = 20
CACHE_BYTES = 64 * 1024 * 1024  # at most, and only as pages are read
SALT_LABEL = b"pastwatch casefile salt v1"

_NOT_A_DATABASE = 26
_CORRUPT = 11
_BUSY = (5, 6)
_WORDS = {
    3: "permission denied",
    8: "it may not be written",
    10: "the disk reported a read or write error",
    13: "the disk is full",
    14: "it cannot be opened",
    22: "the file system does not allow it",
    23: "permission denied",
}


class Cursor(Protocol):
    """What a statement gives back."""

    @property
    def rowcount(self) -> int:
        """How many rows the statement changed."""
        ...

    @property
    def lastrowid(self) -> int:
        """The number of the row last inserted."""
        ...

    def __iter__(self) -> Iterator[tuple[Any, ...]]: ...

    def fetchone(self) -> tuple[Any, ...] | None:
        """The next row, or None."""
        ...

    def fetchall(self) -> list[tuple[Any, ...]]:
        """The rows that are left."""
        ...


class Connection(Protocol):
    """The part of a database connection that the stores use."""

    def execute(self, sql: str, values: Sequence[Any] = ..., /) -> Cursor:
        """Run one statement."""
        ...

    def executemany(self, sql: str, rows: Iterable[Sequence[Any]], /) -> Cursor:
        """Run one statement for each row."""
        ...

    def interrupt(self) -> None:
        """Stop the statement now running in another thread."""
        ...

    def close(self) -> None:
        """Let go of the file."""
        ...


def open_encrypted(path: Path, key: bytes, *, create: bool) -> Connection:
    """Open an encrypted database, made first (mode 0600) where `create` and it is not there.

    Every connection writes ahead, flushes at each commit, keeps temporary tables in memory and
    overwrites what it deletes. WrongKey when the key does not open it, CaseDamaged when it does
    and the file does not read, StorageError when the disk refuses.
    """
    if len(key) != KEY_BYTES:
        raise BadValue(f"a database key is {KEY_BYTES} bytes")
    if not path.exists():
        if not create:
            raise CaseDamaged(f"{path.name!r} is missing")
        durable.write_new(path, b"")
    salt = hmac.digest(key, SALT_LABEL, hashlib.sha256)[:SALT_BYTES]
    head = _head(path)
    if not head and not create:
        raise CaseDamaged(f"{path.name!r} is empty")
    if 0 < len(head) < SALT_BYTES:  # the library would take a byte or two for a new file
        raise CaseDamaged(f"{path.name!r} is cut short")
    try:
        return _connected(path, key=key, salt=salt)
    except IntegrityError:
        if head == salt:
            raise
        raise WrongKey(
            f"the key does not open {path.name!r}",
            hint="each case and the desk have a key of their own",
        ) from None


@contextlib.contextmanager
def transaction(connection: Connection, *, of: str) -> Iterator[Connection]:
    """One durable change: all of it once the block ends, none of it when the block fails."""
    with reading(of=of):
        connection.execute("BEGIN IMMEDIATE")
        try:
            yield connection
            connection.execute("COMMIT")
        except BaseException:
            # A full disk may have rolled back already; then there is nothing left to roll back.
            with contextlib.suppress(_driver().Error):
                connection.execute("ROLLBACK")
            raise


@contextlib.contextmanager
def reading(*, of: str) -> Iterator[None]:
    """Give the database's failures in our words; `of` names the file."""
    driver = _driver()
    try:
        yield
    except driver.Error as error:
        told = _in_words(error, of=of)
        if told is None:
            raise  # a broken rule of the tables or a bad statement: a bug, not the disk's fault
        raise told from None


def check_pages(connection: Connection, *, of: str) -> None:
    """Read and authenticate every page and every row's place; CaseDamaged names the first fault."""
    with reading(of=of):
        for pragma in ("cipher_integrity_check", "integrity_check(1)"):
            for (fault,) in connection.execute(f"PRAGMA {pragma}"):
                if fault != "ok":
                    raise CaseDamaged(f"{of!r} is damaged: {str(fault).lower()}")


def _connected(path: Path, *, key: bytes, salt: bytes) -> Connection:
    driver = _driver()
    with reading(of=path.name):
        opened = driver.connect(str(path), timeout=BUSY_S, isolation_level=None)
        connection = cast("Connection", opened)
        try:
            # Otherwise the library writes its own lines about bad pages to stderr.
            connection.execute("PRAGMA cipher_log_level = NONE")
            connection.execute(f"PRAGMA key = \"x'{key.hex()}{salt.hex()}'\"")
            connection.execute("PRAGMA temp_store = MEMORY")
            connection.execute("PRAGMA journal_mode = WAL").fetchall()
            connection.execute("PRAGMA synchronous = FULL")
            connection.execute("PRAGMA fullfsync = ON")  # macOS: past the drive's own cache
            connection.execute("PRAGMA secure_delete = ON").fetchall()
            connection.execute("PRAGMA foreign_keys = ON")
            # The index of record ids is in random order: 8 MB (the default) reads pages over.
            connection.execute(f"PRAGMA cache_size = -{CACHE_BYTES // 1024}")
            # So that INSERT OR REPLACE meets the triggers that refuse deletion.
            connection.execute("PRAGMA recursive_triggers = ON")
            connection.execute("SELECT count(*) FROM sqlite_master").fetchall()
        except BaseException:
            connection.close()
            raise
    return connection


def _head(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(SALT_BYTES)
    except OSError as error:
        raise durable.storage_error(error, "open", path) from error


def _in_words(error: Exception, *, of: str) -> PastwatchError | None:
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    if code in (_NOT_A_DATABASE, _CORRUPT):
        return CaseDamaged(f"{of!r} does not read: changed, cut or half written")
    if code in _BUSY:
        return StorageError(
            f"{of!r} is busy in another process", hint="wait for it to finish and try again"
        )
    if code in _WORDS:
        return StorageError(f"cannot use {of!r}: {_WORDS[code]}")
    return None


def _driver() -> Any:
    from sqlcipher3 import dbapi2  # loads a compiled library: only when a case is opened

    return dbapi2
