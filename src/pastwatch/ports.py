"""The six doors: what a connector, enricher, exporter, export, engine and store must be."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, TypeVar, runtime_checkable

from pastwatch.model.batch import Batch
from pastwatch.model.note import Annotation
from pastwatch.model.record import Record
from pastwatch.model.source import Gap

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

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
class Embedder(Protocol):
    """An enricher that turns texts into unit vectors; two versions' vectors are never compared."""

    name: str
    version: str
    dims: int

    def embed(self, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        """One row a text, in order, as (texts, dims); no text is empty.

        A row of zeros says nothing of its text, as of one in a language it never learnt: it is not
        kept, and the record counts as done.
        """
        ...


@runtime_checkable
class Gatherer(Protocol):
    """An enricher whose values hang on several records: a sketch of each, then all sketches together.

    `enrich` yields at most one annotation a record, of the kind named in `sketch`; `settle` those
    of the kind named in `settles`. Both are kept like any other.
    """

    name: str
    version: str
    sketch: str
    settles: str

    def enrich(self, records: Iterable[Record]) -> Iterator[Annotation]:
        """Yield sketches in record order."""
        ...

    def settle(
        self, sketches: Iterable[tuple[bytes, str]], settled: Iterable[tuple[bytes, str]]
    ) -> Iterator[Annotation]:
        """What follows from all sketches beyond what is settled: both as (record id, value), in order."""
        ...


@runtime_checkable
class Preparing(Protocol):
    """An enricher, embedder or gatherer that is made ready before its first record.

    What takes settings, a library or a model has this: the object registered is light, and the one
    that `setup` gives does the work. Its version says all that changes a value: rules, settings,
    library, the model's identity and hash.
    """

    name: str

    def setup(self, options: Mapping[str, Any]) -> Enricher | Embedder | Gatherer:
        """Made ready; MissingExtra for what is not installed, UsageError for a setting it cannot take.

        Always there: `languages` (ISO 639-1 codes of the case, none for any), `zone_offset_s`,
        `start_us` and `end_us` of the event; and what a person set for this enricher, as text.
        """
        ...


@runtime_checkable
class Exporter(Protocol):
    """Writes a brief in one format from its outline."""

    name: str
    suffix: str

    def export(self, outline: Any) -> bytes:
        """Give the whole file; the same outline gives the same bytes."""
        ...


@runtime_checkable
class Export(Protocol):
    """Writes records of a case, and what was found in them, in a format that others read."""

    name: str

    def write(self, taken: Any, folder: Path) -> Any:
        """Fill a folder that is empty from a `Taken`, and say in an `Exported` what was written.

        The same input gives the same bytes. `taken.records` is gone through once. What the format cannot hold is counted in what comes
        back, never dropped silently.
        """
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
