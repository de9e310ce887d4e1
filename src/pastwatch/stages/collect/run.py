"""Collect one path into one source: every byte read ends as record, already held, gap or framing."""

from __future__ import annotations

import contextlib
import gc
import hashlib
import secrets
import threading
from collections.abc import Callable, Generator, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from pastwatch.archive.catalogue import RunRow
from pastwatch.archive.columns import text_column
from pastwatch.archive.runs import Container
from pastwatch.archive.writer import Taken, Writer
from pastwatch.errors import SourceError
from pastwatch.model.batch import Batch
from pastwatch.model.source import Gap
from pastwatch.ports import Connector

HEAD_BYTES = 64 * 1024
_YOUNG_OBJECTS = 100_000


@dataclass(slots=True)
class Progress:
    """How far a run is; `total_bytes` is what the paths hold."""

    total_bytes: int
    read_bytes: int = 0
    records: int = 0
    taken: Taken = field(default_factory=Taken)


@dataclass(slots=True)
class Collected:
    """The account of a run: read = record + held + gap + framing bytes, to the byte."""

    read_bytes: int = 0
    gap_bytes: int = 0
    framing: dict[str, int] = field(default_factory=dict)
    gaps: list[Gap] = field(default_factory=list)
    containers: list[Container] = field(default_factory=list)
    taken: Taken = field(default_factory=Taken)
    interrupted: bool = False

    @property
    def framing_bytes(self) -> int:
        """Bytes that carry no communication: separators, brackets, headers of the container."""
        return sum(self.framing.values())

    @property
    def accounted_bytes(self) -> int:
        """The sum of the four counters."""
        held = self.taken.record_bytes + self.taken.held_bytes
        return held + self.gap_bytes + self.framing_bytes

    def row(self, *, run_id: str, source_id: str, ended_us: int) -> RunRow:
        """The account as the catalogue keeps it."""
        return RunRow(
            run_id=run_id,
            source_id=source_id,
            read_bytes=self.read_bytes,
            record_bytes=self.taken.record_bytes,
            held_bytes=self.taken.held_bytes,
            gap_bytes=self.gap_bytes,
            framing_bytes=self.framing_bytes,
            records=self.taken.records,
            already_held=self.taken.already_held,
            ended_us=ended_us,
            sequence=-1,
        )


def new_run_id() -> str:
    """A fresh id for a run."""
    return secrets.token_hex(8)


@dataclass(frozen=True, slots=True)
class Item:
    """A path to read, the name it goes by, and its connector; None where none recognises it."""

    path: Path
    name: str
    connector: Connector | None


def collect(
    items: list[Item],
    writer: Writer,
    *,
    options: Mapping[str, Any],
    clock: Callable[[], int],
    on_progress: Callable[[Progress], None] | None = None,
    cancel: threading.Event | None = None,
) -> Collected:
    """Read the items in order and seal what they hold.

    On cancel, what was committed stands, the rest is not acknowledged, and a later run of the
    same paths takes up where this one stopped: records held already are recognised.
    """
    with _seldom_collected():
        return _collected(
            items, writer, options=options, clock=clock, on_progress=on_progress, cancel=cancel
        )


@contextlib.contextmanager
def _seldom_collected() -> Iterator[None]:
    """Let Python look for cycles once a few batches: it finds none, and took a tenth of a run."""
    before = gc.get_threshold()
    gc.set_threshold(max(before[0], _YOUNG_OBJECTS) if before[0] else 0, *before[1:])
    try:
        yield
    finally:
        gc.set_threshold(*before)


def _collected(
    items: list[Item],
    writer: Writer,
    *,
    options: Mapping[str, Any],
    clock: Callable[[], int],
    on_progress: Callable[[Progress], None] | None,
    cancel: threading.Event | None,
) -> Collected:
    done = Collected(taken=writer.taken)
    progress = Progress(total_bytes=sum(_size(i.path) for i in items), taken=writer.taken)
    for item in items:
        started = progress.read_bytes
        for found in _read(item, options):
            if isinstance(found, Gap):
                gap = replace(found, container=found.container or item.name)
                done.gaps.append(gap)
                done.gap_bytes += gap.bytes
                progress.read_bytes += gap.bytes
            else:
                progress.read_bytes += _take(found, writer, done, clock())
                progress.records += found.columns.num_rows
            if on_progress:
                on_progress(progress)
            if cancel and cancel.is_set():
                done.interrupted = True
                break
        writer.end_container(item.name)
        done.containers.append(_container(item, progress.read_bytes - started))
        if done.interrupted:
            break
    writer.flush()
    done.read_bytes = progress.read_bytes
    return done


def items_of(
    path: Path, connectors: Mapping[str, Connector], *, chosen: str | None = None
) -> list[Item]:
    """What to read at a path: itself, or the files below it, each with the connector that knows it.

    SourceError when the path cannot be read, or when no connector knows a single file.
    """
    if chosen is not None:
        return _chosen_items(path, connectors[chosen])
    best = _best(path, connectors)
    if best is not None or not path.is_dir():
        if best is None:
            raise SourceError(
                f'no connector recognises "{path.name}"',
                hint=f"name one with --connector: {', '.join(sorted(connectors))}",
            )
        return [Item(path, path.name, best)]
    files = list(_files(path))
    if not files:
        raise SourceError(f'the folder "{path.name}" is empty')
    return [Item(f, f.relative_to(path).as_posix(), _best(f, connectors)) for f in files]


def _chosen_items(path: Path, connector: Connector) -> list[Item]:
    """The path as one item, or each file below a folder that the connector does not read whole."""
    files = [] if connector.recognises(path, _head(path)) or not path.is_dir() else _files(path)
    items = [Item(f, f.relative_to(path).as_posix(), connector) for f in files]
    return items or [Item(path, path.name, connector)]


def probe(items: list[Item], options: Mapping[str, Any]) -> None:
    """Read the first piece of the first item, so that what cannot be read at all says so now."""
    for item in items[:1]:
        with contextlib.closing(_read(item, options)) as found:
            next(found, None)


def _best(path: Path, connectors: Mapping[str, Connector]) -> Connector | None:
    head = _head(path)
    marks = {name: connector.recognises(path, head) for name, connector in connectors.items()}
    name = max(sorted(marks), key=lambda name: marks[name])
    return connectors[name] if marks[name] else None


def _head(path: Path) -> bytes:
    if path.is_dir():
        return b""
    try:
        with path.open("rb") as file:
            return file.read(HEAD_BYTES)
    except FileNotFoundError:
        raise SourceError(f'there is no file or folder "{path.name}"') from None
    except OSError as wrong:
        raise SourceError(f'"{path.name}" cannot be read: {wrong.strerror}') from wrong


def _read(item: Item, options: Mapping[str, Any]) -> Generator[Batch | Gap]:
    """What a connector makes of an item; an item none recognises is one gap."""
    if item.connector is None:
        yield Gap(
            source_id="", reason="not-recognised", bytes=_size(item.path), container=item.name
        )
        return
    yield from item.connector.read(item.path, {**options, "container": item.name})


def _take(batch: Batch, writer: Writer, done: Collected, clock_us: int) -> int:
    writer.add(batch, clock_us=clock_us)
    for kind, count in batch.framing.items():
        done.framing[kind] = done.framing.get(kind, 0) + count
    at = text_column(batch.columns.column("original"))[1]
    return int(np.diff(at).sum()) + sum(batch.framing.values())


def _size(path: Path) -> int:
    if path.is_dir():
        return sum(p.stat().st_size for p in _files(path))
    return path.stat().st_size if path.exists() else 0


def _files(folder: Path) -> Iterator[Path]:
    return (p for p in sorted(folder.rglob("*")) if p.is_file())


def _container(item: Item, read_bytes: int) -> Container:
    """The file's name, size and hash, sealed into the run's manifest."""
    if not item.path.is_file():
        return Container(name=item.name, bytes=read_bytes)
    with item.path.open("rb") as file:
        whole = hashlib.file_digest(file, "sha256")
    return Container(name=item.name, bytes=item.path.stat().st_size, sha256=whole.hexdigest())
