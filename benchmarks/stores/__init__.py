"""The contenders: each builds a store from the same parsed columns and answers the same questions."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from benchmarks.questions import Question


class NotInstalled(Exception):
    """A peer that this machine does not have."""


class Store(Protocol):
    """What a peer's file offers.

    `load` reads what it is given and is not timed; `build` makes the store of it in an empty folder
    and is; `opened` gives what answers a question with a count of records, or None where the peer
    has no such question.
    """

    def load(self, columns: Path) -> object:
        """The parsed columns in the form the peer takes them fastest."""
        ...

    def build(self, loaded: object, folder: Path) -> None:
        """The store, durable on disk, in one thread."""
        ...

    def size_bytes(self, folder: Path) -> int:
        """What the store takes on disk."""
        ...

    def opened(self, folder: Path) -> Callable[[Question], int | None]:
        """What answers questions, in one thread."""
        ...


_FILES = {
    "tantivy": ("tantivy_store", "TantivyStore", "index"),
    "SQLite FTS5": ("fts5", "Fts5Store", "index"),
    "chdb tokenbf": ("chdb_store", "TokenbfStore", "filter"),
    "chdb text index": ("chdb_store", "TextStore", "index"),
    "polars over Parquet": ("parquet", "PolarsStore", "scan"),
    "duckdb over Parquet": ("parquet", "DuckdbStore", "scan"),
    "ripgrep over zstd -dc": ("ripgrep", "RipgrepStore", "scan"),
}
NAMES = tuple(_FILES)
FILTER = "chdb tokenbf"
"""The peer that holds the same idea as our word index, in the clear."""
SCANNING = tuple(name for name, (_, _, how) in _FILES.items() if how == "scan")


def named(name: str) -> Store:
    """A peer; NotInstalled where its package or program is missing."""
    file, kind, _ = _FILES[name]
    try:
        store: Store = getattr(importlib.import_module(f"benchmarks.stores.{file}"), kind)()
    except ImportError as missing:
        raise NotInstalled(f"{name} is not installed") from missing
    return store


def folder_bytes(folder: Path) -> int:
    """The bytes of all files in a folder."""
    return sum(p.stat().st_size for p in folder.rglob("*") if p.is_file())
