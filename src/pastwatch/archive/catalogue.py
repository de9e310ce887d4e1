"""The catalogue: what stands in the archive, a row a pack, readable with no key and no content."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, TypeVar

from pastwatch.errors import IntegrityError, StorageError

_SCHEMA = """
CREATE TABLE IF NOT EXISTS sources (
  source_id TEXT PRIMARY KEY, name TEXT UNIQUE NOT NULL, plain TEXT NOT NULL, sequence INTEGER NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS packs (
  pack_id TEXT PRIMARY KEY, source_id TEXT NOT NULL, time_class TEXT NOT NULL,
  start_us INTEGER, end_us INTEGER, records INTEGER NOT NULL, blocks INTEGER NOT NULL,
  text_bytes INTEGER NOT NULL, original_bytes INTEGER NOT NULL, pack_bytes INTEGER NOT NULL,
  text_frame_bytes INTEGER NOT NULL,
  sha256 TEXT NOT NULL, root TEXT NOT NULL, ids_sha256 TEXT NOT NULL, keys_sha256 TEXT NOT NULL,
  run_id TEXT NOT NULL, defects INTEGER NOT NULL, opaque INTEGER NOT NULL, sequence INTEGER NOT NULL
) STRICT;
CREATE INDEX IF NOT EXISTS packs_by_time ON packs (source_id, start_us, end_us);
CREATE TABLE IF NOT EXISTS runs (
  run_id TEXT PRIMARY KEY, source_id TEXT NOT NULL, read_bytes INTEGER NOT NULL,
  record_bytes INTEGER NOT NULL, held_bytes INTEGER NOT NULL, gap_bytes INTEGER NOT NULL,
  framing_bytes INTEGER NOT NULL, records INTEGER NOT NULL, already_held INTEGER NOT NULL,
  ended_us INTEGER NOT NULL, sequence INTEGER NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS gaps (
  gap_id TEXT PRIMARY KEY, run_id TEXT NOT NULL, source_id TEXT NOT NULL, reason TEXT NOT NULL,
  bytes INTEGER NOT NULL, lost INTEGER, container TEXT NOT NULL, at INTEGER
) STRICT;
CREATE TABLE IF NOT EXISTS ended (authority_id TEXT PRIMARY KEY, sequence INTEGER NOT NULL) STRICT;
"""
_BUSY_MS = 20_000
_REACHED = "((time_class='dated' AND start_us < ? AND end_us > ?) OR (time_class<>'dated' AND ?))"
R = TypeVar("R")


@dataclass(frozen=True, slots=True, kw_only=True)
class PackRow:
    """What the catalogue says of a pack; times rounded outwards to the hour, None when undated."""

    pack_id: str
    source_id: str
    time_class: str
    start_us: int | None
    end_us: int | None
    records: int
    blocks: int
    text_bytes: int
    original_bytes: int
    pack_bytes: int
    text_frame_bytes: int
    sha256: str
    root: str
    ids_sha256: str
    keys_sha256: str
    run_id: str
    defects: int
    opaque: int
    sequence: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RunRow:
    """The account of one collecting run: the last four byte counts sum to the first."""

    run_id: str
    source_id: str
    read_bytes: int
    record_bytes: int
    held_bytes: int
    gap_bytes: int
    framing_bytes: int
    records: int
    already_held: int
    ended_us: int
    sequence: int


@dataclass(frozen=True, slots=True, kw_only=True)
class GapRow:
    """A gap as the catalogue keeps it; `container` is a keyed token, not a name."""

    gap_id: str
    run_id: str
    source_id: str
    reason: str
    bytes: int
    lost: int | None
    container: str
    at: int | None


class Catalogue:
    """SQLite in WAL mode with synchronous=FULL on every connection; a view of the ledger."""

    def __init__(self, path: Path) -> None:
        self._path = path
        with _told(path):
            self._db = sqlite3.connect(path, timeout=_BUSY_MS / 1000, isolation_level=None)
            self._db.execute("PRAGMA journal_mode=WAL")
            self._db.execute("PRAGMA synchronous=FULL")
            self._db.executescript(_SCHEMA)

    @contextmanager
    def changing(self) -> Iterator[None]:
        """One durable transaction."""
        with _told(self._path):
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield
                self._db.execute("COMMIT")
            except BaseException:
                if self._db.in_transaction:
                    self._db.execute("ROLLBACK")
                raise

    def add_source(self, source_id: str, *, name: str, plain: str, sequence: int) -> None:
        """Name a source; the same source again changes nothing."""
        self._db.execute(
            "INSERT OR IGNORE INTO sources VALUES (?,?,?,?)", (source_id, name, plain, sequence)
        )

    def add_pack(self, row: PackRow) -> None:
        """A committed pack."""
        self._insert("packs", PackRow, row)

    def drop_pack(self, pack_id: str) -> None:
        """Forget a pack that another one replaced."""
        self._db.execute("DELETE FROM packs WHERE pack_id=?", (pack_id,))

    def add_run(self, row: RunRow, gaps: Sequence[GapRow]) -> None:
        """The end of a run, with the gaps not known before."""
        self._insert("runs", RunRow, row)
        for gap in gaps:
            self._insert("gaps", GapRow, gap)

    def end_authority(self, authority_id: str, *, sequence: int) -> None:
        """Note that an authority was revoked."""
        self._db.execute("INSERT OR IGNORE INTO ended VALUES (?,?)", (authority_id, sequence))

    def ended(self, authority_id: str) -> bool:
        """Whether an authority was revoked."""
        return bool(self._rows("SELECT 1 FROM ended WHERE authority_id=?", (authority_id,)))

    def sources(self) -> list[tuple[str, str, str]]:
        """(source id, name, the source as JSON), by name."""
        return self._rows("SELECT source_id, name, plain FROM sources ORDER BY name")

    def packs(self, source_id: str | None = None) -> list[PackRow]:
        """The packs, oldest commit first."""
        where = " WHERE source_id=?" if source_id else ""
        return self._read("packs", PackRow, where + " ORDER BY sequence, pack_id", source_id)

    def reaching(self, start_us: int, end_us: int, *, undated: bool) -> list[PackRow]:
        """The packs that may hold a record of the span; the rest is certain not to."""
        names = _names(PackRow)
        found = self._rows(
            f"SELECT {', '.join(names)} FROM packs WHERE {_REACHED} "  # noqa: S608 - own names
            "ORDER BY sequence, pack_id",
            (end_us, start_us, undated),
        )
        return [PackRow(**dict(zip(names, row, strict=True))) for row in found]

    def totals(
        self, start_us: int, end_us: int, *, undated: bool, source_ids: Sequence[str] = ()
    ) -> tuple[int, int, int]:
        """(packs, bytes, records) of the packs that `reaching` gives, of these sources or of all."""
        marks = ",".join("?" * len(source_ids))
        of_sources = f" AND source_id IN ({marks})" if source_ids else ""
        (found,) = self._rows(
            "SELECT count(*), coalesce(sum(pack_bytes), 0), coalesce(sum(records), 0) FROM packs "  # noqa: S608 - own names
            f"WHERE {_REACHED}{of_sources}",
            (end_us, start_us, undated, *source_ids),
        )
        packs, size_bytes, records = map(int, found)
        return packs, size_bytes, records

    def held(self) -> tuple[int, int]:
        """(records, bytes of originals) of the whole archive."""
        query = "SELECT coalesce(sum(records), 0), coalesce(sum(original_bytes), 0) FROM packs"
        (found,) = self._rows(query)
        return int(found[0]), int(found[1])

    def runs(self) -> list[RunRow]:
        """The runs, in order."""
        return self._read("runs", RunRow, " ORDER BY sequence", None)

    def gaps(self) -> list[GapRow]:
        """All gaps, by run."""
        return self._read("gaps", GapRow, " ORDER BY run_id, gap_id", None)

    def forget_packs(self) -> None:
        """Empty the packs table, before it is made anew from the ledger."""
        self._db.execute("DELETE FROM packs")

    def problems(self) -> list[str]:
        """What SQLite itself finds wrong."""
        found = self._rows("PRAGMA integrity_check")
        return [] if found == [("ok",)] else ["the catalogue is damaged"]

    def close(self) -> None:
        """Let go of the file."""
        self._db.close()

    def _insert(self, table: str, kind: type, row: object) -> None:
        names = _names(kind)
        marks = ",".join("?" * len(names))
        self._db.execute(
            f"INSERT OR IGNORE INTO {table} ({', '.join(names)}) VALUES ({marks})",  # noqa: S608
            [getattr(row, name) for name in names],
        )

    def _read(self, table: str, kind: type[R], tail: str, source_id: str | None) -> list[R]:
        names = _names(kind)
        query = f"SELECT {', '.join(names)} FROM {table}{tail}"  # noqa: S608 - own names
        rows = self._rows(query, (source_id,) if source_id else ())
        return [kind(**dict(zip(names, row, strict=True))) for row in rows]

    def _rows(self, query: str, given: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        with _told(self._path):
            return self._db.execute(query, tuple(given)).fetchall()


def _names(kind: type) -> list[str]:
    return [f.name for f in fields(kind)]


@contextmanager
def _told(path: Path) -> Iterator[None]:
    """SQLite's failures in our words."""
    try:
        yield
    except sqlite3.DatabaseError as wrong:
        if isinstance(wrong, sqlite3.OperationalError):
            full = "full" in str(wrong)
            words = "the disk is full" if full else "it cannot be read or written now"
            raise StorageError(f"{path.name}: {words}") from wrong
        raise IntegrityError(
            f"{path.name} is damaged", hint="'pastwatch repair' makes it anew from the ledger"
        ) from wrong
