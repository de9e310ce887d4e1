"""The five doors: what a connector, enricher, exporter, engine and object store must be."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Protocol, TypeVar, runtime_checkable

from pastwatch.model.batch import Batch
from pastwatch.model.note import Annotation
from pastwatch.model.record import Record
from pastwatch.model.source import Gap

In = TypeVar("In")
Out = TypeVar("Out")


@runtime_checkable
class Connector(Protocol):
    """Reads one format into batches; every byte ends as record, gap or framing."""

    name: str
    medium: str

    def recognises(self, path: Path, head: bytes) -> int:
        """How surely this is its format: 0 (no) to 100, from the name and the first 64 KiB."""
        ...

    def read(self, path: Path, options: Mapping[str, Any]) -> Iterator[Batch | Gap]:
        """Yield what the file holds, in order; bad input is a gap, never an exception."""
        ...


@runtime_checkable
class Enricher(Protocol):
    """Derives values from records, each with its maker and version."""

    name: str
    version: str

    def enrich(self, records: Iterable[Record]) -> Iterator[Annotation]:
        """Yield annotations in record order."""
        ...


@runtime_checkable
class Exporter(Protocol):
    """Writes a brief in one format from its outline."""

    name: str
    suffix: str

    def export(self, outline: Any) -> bytes:
        """Give the whole file; the same outline gives the same bytes."""
        ...


class Engine(Protocol):
    """Runs a task over many inputs, a bounded number at once."""

    name: str

    def map_unordered(
        self,
        task: Callable[[In], Out],
        inputs: Iterable[In],
        *,
        workers: int,
        cancel: threading.Event | None = None,
    ) -> Iterator[Out]:
        """Yield results as they complete; the first failure cancels the rest and is raised."""
        ...


class ObjectStore(Protocol):
    """Keeps immutable bytes by name."""

    def put_new(self, key: str, chunks: Iterable[bytes]) -> None:
        """Store durably under a name not yet taken."""
        ...

    def get(self, key: str) -> bytes:
        """The whole object."""
        ...

    def get_range(self, key: str, start: int, length: int) -> bytes:
        """A stretch of the object."""
        ...

    def list(self, prefix: str) -> Iterator[str]:
        """Names below a prefix, sorted."""
        ...

    def delete(self, key: str) -> None:
        """Remove durably."""
        ...
