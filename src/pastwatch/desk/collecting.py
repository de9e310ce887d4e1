"""The act of collecting: a source with a lawful basis, a lock, a run, and its account."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pastwatch import plugins
from pastwatch.archive.catalogue import RunRow
from pastwatch.archive.frames import level_of
from pastwatch.archive.layout import RAW, READY
from pastwatch.desk.office import Office
from pastwatch.desk.sources import admit, sealing
from pastwatch.desk.tapping import Tap
from pastwatch.desk.toml import read_toml
from pastwatch.errors import SourceError, UsageError
from pastwatch.model.plain import from_plain
from pastwatch.model.source import Handover
from pastwatch.stages.collect.items import Item, items_of
from pastwatch.stages.collect.readers import Readers, primed
from pastwatch.stages.collect.run import Collected, Progress, collect

_WHOLE_FILES = "file"


@dataclass(frozen=True, slots=True, kw_only=True)
class CollectReport:
    """What a run did; `accounted` says that every byte read has its place."""

    source: str
    run: RunRow
    collected: Collected
    new_source: bool
    handover_matches: bool | None
    formats: dict[str, int]
    walls: tuple[str, ...]
    tap: Tap | None = None

    @property
    def accounted(self) -> bool:
        """Whether the four counters sum to the bytes read, and these to the sizes of the files."""
        done = self.collected
        return done.accounted_bytes == done.read_bytes and not done.surplus_bytes


def collect_into(
    office: Office,
    path: Path | Sequence[Path],
    *,
    source: str,
    basis: str | None = None,
    document: Path | None = None,
    handover: Path | None = None,
    connector: str | None = None,
    medium: str | None = None,
    mapping: Path | None = None,
    options: Mapping[str, Any] | None = None,
    level: str | None = None,
    depth: str = READY,
    watch: bool = False,
    on_progress: Callable[[Progress], None] | None = None,
    cancel: threading.Event | None = None,
) -> CollectReport:
    """Seal what stands at a path, or at several, into a source, which is registered at its first run.

    With `depth` "raw" mail is sealed unparsed: its text is made when a case opens it. Formats
    without that depth are made ready as ever; `Taken.raw` says how many records are raw.
    With `watch` every watch that was started examines what is new before it is sealed.
    SourceError when the path cannot be read; UsageError for a new source without a basis;
    ArchiveLocked when another process collects from the same source.
    """
    chosen_level = level_of(level or office.settings.level)
    known = connectors_of(connector)
    paths = [path] if isinstance(path, Path) else list(path)
    items = [item for one in paths for item in items_of(one, known, chosen=connector)]
    if depth not in (READY, RAW):
        raise UsageError(f'there is no depth "{depth}"', hint=f"{READY} or {RAW}")
    no_watch_unparsed(depth, watch=watch)
    given = {**read_toml(mapping), **(options or {}), "depth": depth}
    admitted = admit(
        office,
        source,
        basis=basis,
        document=document,
        handover=from_plain(Handover, read_toml(handover)) if handover else None,
        medium=medium or _medium(items),
    )
    workers = office.settings.worker_count if office.settings.isolate else 0
    with Readers(paths, count=workers) as readers:
        readings = readers.read_all(items, given)
        if admitted.is_new:
            readings = primed(readings)
        with sealing(office, admitted, level=chosen_level, watch=watch) as run:
            done = collect(
                readings,
                run.writer,
                total_bytes=sum(item.size_bytes for item in items),
                clock=office.clock,
                on_progress=on_progress,
                cancel=cancel,
            )
            row = run.end(done)
    return CollectReport(
        source=source,
        run=row,
        collected=done,
        new_source=admitted.is_new,
        handover_matches=_handover_matches(admitted.handover, done),
        formats=_formats(items),
        walls=readers.walls,
        tap=run.tap,
    )


def no_watch_unparsed(depth: str, *, watch: bool) -> None:
    """UsageError where records were to be sealed unparsed and examined: there is no text to examine."""
    if watch and depth == RAW:
        raise UsageError(
            "what is sealed unparsed cannot be examined by watches",
            hint="collect at the depth ready, or without watches",
        )


def connectors_of(chosen: str | None) -> dict[str, Any]:
    """The connector chosen, or all that are registered."""
    if chosen is None:
        return plugins.every("connectors")
    return {chosen: plugins.load("connectors", chosen)}


def _formats(items: list[Item]) -> dict[str, int]:
    """How many files went to which connector; "" counts those that none recognises."""
    return dict(Counter(item.connector.name if item.connector else "" for item in items))


def _medium(items: list[Item]) -> str:
    """What carries the records; files sealed whole among others do not count."""
    media = {i.connector.medium for i in items if i.connector}
    if not media:
        raise SourceError("no connector recognises any of these files")
    media = media - {_WHOLE_FILES} or media
    return media.pop() if len(media) == 1 else "mixed"


def _handover_matches(handover: Handover | None, done: Collected) -> bool | None:
    """Whether a file read has the hash stated at handover; None when none was stated."""
    if handover is None or not handover.sha256:
        return None
    return any(c.sha256 == handover.sha256.lower() for c in done.containers)
