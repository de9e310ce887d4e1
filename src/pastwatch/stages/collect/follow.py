"""Follow a live source: take what arrives, seal it, and only then tell the source it may forget it.

The order of a seal, and what a crash at each arrow leaves:

packs durable and in the ledger → the run's account, with its gaps, durable and in the ledger →
the source is told. Before the first arrow nothing was told, and all of it is given again. Between
the first and the last it is given again too, and recognised by its ids as already held. A gap met
twice has the same id and counts once.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from pastwatch.archive.columns import text_column
from pastwatch.archive.writer import Writer
from pastwatch.errors import SourceError
from pastwatch.model.batch import Batch
from pastwatch.model.source import Gap
from pastwatch.stages.collect.live.arriving import Arrival, Idle, Live, Trouble
from pastwatch.stages.collect.live.pump import Pump
from pastwatch.stages.collect.run import Collected, new_run_id

SEAL_BYTES = 32 * 1024 * 1024
_LOOK_S = 0.5  # a signal is answered within this
SETTLE_S = 0.25  # so often what arrived is examined by watches, where there are any
WATCHED_SEAL_RECORDS = 2_500  # nothing is examined while a seal goes on: with watches it is short


@dataclass(frozen=True, slots=True, kw_only=True)
class Rhythm:
    """How often to seal and to tell of it: a seal comes with the first of the two that is full."""

    seal_records: int = 10_000
    seal_s: float = 60.0
    health_s: float = 60.0


@dataclass(slots=True)
class Health:
    """How a follower stands: sums since it began, and what waits at this moment."""

    records: int = 0
    held: int = 0
    gaps: int = 0
    opaque: int = 0
    read_bytes: int = 0
    gap_bytes: int = 0
    seals: int = 0
    retries: int = 0
    lag: int | None = None
    waiting: int = 0
    trouble: str = ""
    is_reached: bool = False
    sealed_at_s: float | None = None


@dataclass(slots=True)
class Follower:
    """What the loop needs; `end_run` makes a run's account durable, `ticks` is a steady clock."""

    live: Live
    writer: Writer
    rhythm: Rhythm
    clock: Callable[[], int]
    ticks: Callable[[], float]
    end_run: Callable[[str, Collected], None]
    on_health: Callable[[Health], None]
    on_change: Callable[[Health], None]
    settles: bool = False
    health: Health = field(default_factory=Health)
    _done: Collected = field(default_factory=Collected)
    _marks: list[Any] = field(default_factory=list)
    _open: set[str] = field(default_factory=set)
    _first_s: float | None = None
    _run_id: str = ""
    _changed_s: float = 0.0
    _settled_s: float = 0.0

    def run(self, stop: threading.Event, *, until_idle: bool = False) -> Health:
        """Take and seal until told to stop, or until the source has nothing more.

        What is in hand when it stops is sealed and acknowledged; what is still queued is not, and
        the source gives it again.
        """
        self._begin()
        pump = Pump(self.live)
        try:
            self._loop(pump, stop, until_idle=until_idle)
            pump.stop()
            self._seal()  # before the thread is waited for: a server may keep it waiting
        finally:
            pump.close()
        self._tell()
        return self.health

    def _loop(self, pump: Pump, stop: threading.Event, *, until_idle: bool) -> None:
        told_s = self.ticks()
        while not stop.is_set():
            now_s = self.ticks()
            look_s = SETTLE_S if self.settles else _LOOK_S
            event = pump.next(
                min(self._wait_s(now_s), told_s + self.rhythm.health_s - now_s, look_s)
            )
            if event is not None:
                self._take(event)
            now_s = self.ticks()
            if self._is_due(now_s):
                self._seal()
            elif self.settles and now_s - self._settled_s >= SETTLE_S:
                self._settled_s = now_s
                self.writer.settle()
            if now_s - told_s >= self.rhythm.health_s:
                told_s = now_s
                self._tell()
            elif now_s - self._changed_s >= 1:
                self._change()
            if pump.is_done or (until_idle and isinstance(event, Idle) and not event.behind):
                return

    def _take(self, event: Arrival | Idle | Trouble) -> None:
        if isinstance(event, Trouble):
            self.health.retries += 1
            self.health.trouble, self.health.is_reached = event.reason, False
            self._end_containers()
            self._tell()
            return
        self.health.trouble, self.health.is_reached = "", True
        if isinstance(event, Idle):
            return
        for found in event.found:
            if isinstance(found, Gap):
                self._done.gaps.append(found)
                self._done.gap_bytes += found.bytes
                self._done.read_bytes += found.bytes
            else:
                self._add(found)
        if event.ended:
            self._end_containers()
        self._done.containers.extend(event.read)
        if event.mark is not None:
            self._marks.append(event.mark)
        self.health.waiting = self._waiting
        if self._first_s is None and (event.mark is not None or event.found):
            self._first_s = self.ticks()

    def _add(self, batch: Batch) -> None:
        self.writer.add(batch, clock_us=self.clock())
        self._open.add(batch.container)
        for kind, size_bytes in batch.framing.items():
            self._done.framing[kind] = self._done.framing.get(kind, 0) + size_bytes
            self._done.read_bytes += size_bytes
        at = text_column(batch.columns.column("original"))[1]
        self._done.read_bytes += int(np.diff(at).sum())

    def _end_containers(self) -> None:
        for container in self._open:
            self.writer.end_container(container)
        self._open.clear()

    @property
    def _waiting(self) -> int:
        return self.writer.pending_records + len(self._done.gaps)

    def _wait_s(self, now_s: float) -> float:
        return _LOOK_S if self._first_s is None else self._first_s + self.rhythm.seal_s - now_s

    def _is_due(self, now_s: float) -> bool:
        if self._first_s is None:
            return False
        return (
            now_s - self._first_s >= self.rhythm.seal_s
            or self._waiting >= self.rhythm.seal_records
            or self.writer.pending_bytes >= SEAL_BYTES
        )

    def _seal(self) -> None:
        """Seal what is in hand, in the order this file's first lines give."""
        if self._first_s is None:
            return
        self.writer.flush()
        done, run_id = self._done, self._run_id
        if done.read_bytes or done.gaps:
            self.end_run(run_id, done)
            self.health.seals += 1
            self.health.sealed_at_s = self.ticks()
        self._count(done)
        marks = self._marks
        self._begin()
        try:
            self.live.acknowledge(marks)
        except SourceError as wrong:  # it is given again, and recognised
            self.health.retries += 1
            self.health.trouble = str(wrong)

    def _begin(self) -> None:
        self._run_id = new_run_id()
        self._done = Collected(taken=self.writer.next_run(self._run_id))
        self._marks, self._first_s = [], None
        self.health.waiting = 0

    def _count(self, done: Collected) -> None:
        health, taken = self.health, done.taken
        health.records += taken.records
        health.held += taken.already_held
        health.opaque += taken.opaque
        health.gaps += len(done.gaps)
        health.gap_bytes += done.gap_bytes
        health.read_bytes += done.read_bytes

    def _tell(self) -> None:
        self._change()
        self.on_health(replace(self.health))

    def _change(self) -> None:
        self._changed_s = self.ticks()
        self.health.lag = self.live.lag()
        self.on_change(replace(self.health))
