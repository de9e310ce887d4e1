"""Collect one path into one source: every byte read ends as record, already held, gap or framing."""

from __future__ import annotations

import contextlib
import gc
import hashlib
import os
import secrets
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

from pastwatch.archive.catalogue import RunRow
from pastwatch.archive.runs import Container
from pastwatch.archive.writer import Taken, Writer
from pastwatch.model.batch import Batch
from pastwatch.model.source import Gap
from pastwatch.stages.collect.account import Sums, left_out, size_of
from pastwatch.stages.collect.items import Item
from pastwatch.stages.collect.readers import Readings

_YOUNG_OBJECTS = 300_000
_AT_ONCE_BYTES = 256 * 1024  # of a file that is hashed without a buffer


@dataclass(slots=True)
class Progress:
    """How far a run is; `total_bytes` is what the paths hold."""

    total_bytes: int
    read_bytes: int = 0
    records: int = 0
    taken: Taken = field(default_factory=Taken)


@dataclass(slots=True)
class Collected:
    """The account of a run: read = record + held + gap + framing bytes, to the byte.

    What is packed inside another file counts once in each layer. `surplus_bytes` is what readers
    gave beyond the size of their files: 0, unless a reader is broken or a file shrank meanwhile.
    """

    read_bytes: int = 0
    gap_bytes: int = 0
    framing: dict[str, int] = field(default_factory=dict)
    gaps: list[Gap] = field(default_factory=list)
    containers: list[Container] = field(default_factory=list)
    taken: Taken = field(default_factory=Taken)
    surplus_bytes: int = 0
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


def collect(
    readings: Readings,
    writer: Writer,
    *,
    total_bytes: int,
    clock: Callable[[], int],
    on_progress: Callable[[Progress], None] | None = None,
    cancel: threading.Event | None = None,
) -> Collected:
    """Seal what is read of each item, in order.

    On cancel, what was committed stands, the rest is not acknowledged, and a later run of the
    same paths takes up where this one stopped: records held already are recognised.
    """
    with _seldom_collected():
        return _collected(
            readings,
            writer,
            total_bytes=total_bytes,
            clock=clock,
            on_progress=on_progress,
            cancel=cancel,
        )


@contextlib.contextmanager
def _seldom_collected() -> Iterator[None]:
    """Let Python look for cycles once a few batches: it finds none, and took a tenth of a run.

    What stands already is not looked through again and again.
    """
    before = gc.get_threshold()
    gc.set_threshold(max(before[0], _YOUNG_OBJECTS) if before[0] else 0, *before[1:])
    is_ours = not gc.get_freeze_count()
    if is_ours:
        gc.freeze()
    try:
        yield
    finally:
        if is_ours:
            gc.unfreeze()
        gc.set_threshold(*before)


def _collected(
    readings: Readings,
    writer: Writer,
    *,
    total_bytes: int,
    clock: Callable[[], int],
    on_progress: Callable[[Progress], None] | None,
    cancel: threading.Event | None,
) -> Collected:
    account = _Account(writer, total_bytes, clock)
    done = account.done
    for item, pieces in readings:
        sums = item.sums()
        for piece in pieces:
            account.seal(piece, item, sums)
            if on_progress:
                on_progress(account.progress)
            if cancel and cancel.is_set():
                done.interrupted = True
                break
        else:
            account.settle(item, sums)
        for container in (item.name, *sums.containers):
            writer.end_container(container)
        done.containers.append(_container(item, sums.outer_bytes))
        if done.interrupted:
            break
    writer.flush()
    done.read_bytes = account.progress.read_bytes
    return done


class _Account:
    """What was done so far, and the writer it goes to."""

    def __init__(self, writer: Writer, total_bytes: int, clock: Callable[[], int]) -> None:
        self._writer, self._clock = writer, clock
        self.done = Collected(taken=writer.taken)
        self.progress = Progress(total_bytes=total_bytes, taken=writer.taken)

    def seal(self, piece: Batch | Gap, item: Item, sums: Sums) -> None:
        """Count a piece, and seal what records it holds."""
        sums.add(piece, container=item.name)
        self.progress.read_bytes += size_of(piece)
        done = self.done
        if isinstance(piece, Gap):
            gap = replace(piece, container=piece.container or item.name)
            done.gaps.append(gap)
            done.gap_bytes += gap.bytes
            return
        self.progress.records += piece.columns.num_rows
        self._writer.add(piece, clock_us=self._clock())
        for kind, count in piece.framing.items():
            done.framing[kind] = done.framing.get(kind, 0) + count

    def settle(self, item: Item, sums: Sums) -> None:
        """What a reader left out of its account is a gap; what it told too much is counted."""
        self.done.surplus_bytes += max(sums.outer_bytes - item.size_bytes, 0)
        for gap in left_out(sums, item.name, item.size_bytes):
            self.seal(gap, item, sums)


def _container(item: Item, read_bytes: int) -> Container:
    """The file's name, size and hash, sealed into the run's manifest."""
    if item.reason or not item.path.is_file():
        return Container(name=item.name, bytes=read_bytes)
    try:
        size_bytes, sha256 = _hashed(item.path)
    except OSError:
        return Container(name=item.name, bytes=read_bytes)
    return Container(name=item.name, bytes=size_bytes, sha256=sha256)


def _hashed(path: Path) -> tuple[int, str]:
    with path.open("rb") as file:
        start = file.read(_AT_ONCE_BYTES)
        whole = hashlib.sha256(start)
        if len(start) == _AT_ONCE_BYTES:
            file.seek(0)
            whole = hashlib.file_digest(file, "sha256")
        return os.fstat(file.fileno()).st_size, whole.hexdigest()
