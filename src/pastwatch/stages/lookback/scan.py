"""Scan the blocks of a slice on every core, hits streamed in order, damaged blocks counted."""

from __future__ import annotations

import threading
from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import dataclass, field
from operator import attrgetter
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from pastwatch.archive.block import BlockRef, OpenBlock
from pastwatch.archive.gate import Gate
from pastwatch.archive.opened import Opening
from pastwatch.errors import PackDamaged
from pastwatch.matching.compile import Plan
from pastwatch.matching.matcher import RecordFacts
from pastwatch.matching.scanner import BlockScanner, Hits
from pastwatch.model.query import Regex
from pastwatch.stages.lookback.matches import Matches, Several
from pastwatch.stages.lookback.pace import Stopwatch, Took
from pastwatch.stages.lookback.plan import LookPlan
from pastwatch.stages.lookback.prune import names
from pastwatch.stages.lookback.within import ENVELOPE, Within, facts_of, split

MOST_TOGETHER: Final = 8
TURNS: Final = 8
"""So often at least does every thread hand over what it found."""
WINDOW: Final = 64
"""Blocks that may be scanned beyond one that is slow."""
_FEW: Final = 8
_ONE_BY_ONE: Final = 3
_NO_SPANS: Final = np.zeros((0, 4), np.int64)
AT_ONCE: Final = 1000
MOMENT_S: Final = 0.05
"""So long at most the next blocks are waited for, to keep their hits together with those there."""
FIRST_S: Final = 0.003
"""As `MOMENT_S`, for the first hits of all."""
MOST_AT_ONCE: Final = 16_000
"""Matches from which a batch is handed on, whatever else is ready: twice as many each time."""


Int64s = npt.NDArray[np.int64]


@dataclass(slots=True)
class Figures:
    """How far a look has come."""

    blocks: int = 0
    records: int = 0
    sealed_bytes: int = 0
    decoded_bytes: int = 0
    matched: int = 0
    unreadable_blocks: int = 0
    unreadable_records: int = 0
    timed_out: int = 0
    done: bool = False
    seconds: float = 0.0
    damaged: dict[BlockRef, str] = field(default_factory=dict)
    opened: list[BlockRef] = field(default_factory=list)
    """Every block that was decrypted, also those whose hits nobody waited for; set at the end."""
    took: Took | None = None


@dataclass(frozen=True, slots=True)
class _Scanned:
    ref: BlockRef
    records: int
    matches: Matches | None
    timed_out: int
    decoded_bytes: int = 0
    damage: str = ""


def scan(
    gate: Gate,
    look: LookPlan,
    *,
    engine: Any,
    workers: int,
    digest: str,
    source_names: Mapping[str, str],
    figures: Figures,
    stopwatch: Stopwatch,
    cancel: threading.Event | None = None,
) -> Generator[Several, None, None]:
    """Yield matches in the order of the slice, several blocks' at once where they are ready.

    A slow block holds back what comes after it, but `WINDOW` more are scanned meanwhile. `figures`
    is kept up to date while it runs. A block that does not open is counted as unreadable, with its
    records, and the scan goes on. When `cancel` is set it ends with `EngineError`.
    """
    within, rest = split(look.plan, source_names)
    search = _Search(
        scanner=BlockScanner(rest) if rest else None,
        within=within,
        rows=look.rows if rest is None or _cheap(rest) else {},
        asked=names(rest.query.root) & ENVELOPE if rest else frozenset(),
        source_names=source_names,
    )
    stop = threading.Event()
    begun = stopwatch()
    first: tuple[float, int] | None = None
    finished: set[int] = set()
    handed = threading.Condition()
    waiting: list[Matches] = []
    at_once, given = AT_ONCE, 0.0
    with gate.opening(look.blocks, purpose="look", digest=digest) as opening:

        def task(numbered: tuple[int, Sequence[BlockRef]]) -> list[_Scanned]:
            number, refs = numbered
            done = [_scan_block(opening, ref, search, stop=stop) for ref in refs]
            with handed:
                finished.add(number)
                handed.notify()
            return done

        def soon(number: int) -> bool:
            """Whether a task has ended, or does so before the moment is over."""
            left_s = given + MOMENT_S - stopwatch()
            with handed:
                return number < len(inputs) and handed.wait_for(
                    lambda: number in finished, max(left_s, 0.0)
                )

        size = _together(len(look.blocks), workers)
        inputs = _cut(look.blocks, size)
        try:
            results = engine.map_ordered(
                task, enumerate(inputs), workers=workers, cancel=cancel, queue_depth=WINDOW // size
            )
            for number, scanned in enumerate(results):
                for found in scanned:
                    _count(found, figures, opening)
                    if found.matches:
                        waiting.append(found.matches)
                        given = given or stopwatch() + FIRST_S - MOMENT_S
                first = first or (
                    stopwatch() - begun,
                    sum(found.ref.text_frame_bytes for found in scanned),
                )
                # Keeping hits costs a flush to disk: those of a moment are kept together.
                if waiting and (sum(map(len, waiting)) >= at_once or not soon(number + 1)):
                    ready, waiting = Several(waiting), []
                    at_once = min(2 * at_once, MOST_AT_ONCE)
                    yield ready
                    given = stopwatch()
        finally:
            stop.set()
            opening.end()
            figures.opened = sorted(opening.opened, key=attrgetter("pack_id", "block"))
    figures.seconds = stopwatch() - begun
    figures.done = True
    if first is not None:
        figures.took = Took(
            blocks=figures.blocks,
            sealed_bytes=figures.sealed_bytes,
            decoded_bytes=figures.decoded_bytes,
            first_bytes=first[1],
            first_s=first[0],
            seconds=figures.seconds,
        )


def _together(blocks: int, workers: int) -> int:
    """How many blocks a thread scans before it hands them over: handing over costs as much as a block."""
    return max(1, min(MOST_TOGETHER, blocks // (workers * TURNS)))


def _cut(blocks: Sequence[BlockRef], size: int) -> list[Sequence[BlockRef]]:
    """What a thread scans before it hands over: little at first, so that a first hit comes soon."""
    found: list[Sequence[BlockRef]] = []
    at = 0
    while at < len(blocks):
        together = min(size, 1 + len(found) // 2)
        found.append(blocks[at : at + together])
        at += together
    return found


def _count(found: _Scanned, figures: Figures, opening: Opening) -> None:
    figures.blocks += 1
    figures.sealed_bytes += found.ref.text_frame_bytes
    if found.damage:
        opening.unreadable(found.ref, found.damage)
        figures.unreadable_blocks += 1
        figures.unreadable_records += found.ref.inside
        figures.damaged[found.ref] = found.damage
        return
    figures.records += found.records
    figures.decoded_bytes += found.decoded_bytes
    figures.timed_out += found.timed_out
    figures.matched += len(found.matches or ())
    opening.matched = figures.matched


@dataclass(frozen=True, slots=True)
class _Search:
    """What is asked of every block: conditions on the envelope first, then the rest of the query."""

    scanner: BlockScanner | None
    within: Within | None
    rows: Mapping[BlockRef, Int64s]
    asked: frozenset[str]
    source_names: Mapping[str, str]

    def hits(self, block: OpenBlock, timed_out: list[int], stop: threading.Event) -> Hits:
        """The matching rows of a block."""
        only, inside = self.rows.get(block.ref), None
        if self.within is not None:
            inside = self.within.rows(block)
            count = int(inside.sum())
            if only is not None:
                only = only[inside[only]]
            elif self.scanner is None or count <= _ONE_BY_ONE:
                only = np.flatnonzero(inside)
            if not count or self.scanner is None:
                return Hits(np.flatnonzero(inside) if only is None else only, _NO_SPANS)
        if self.scanner is None:
            return Hits(np.zeros(0, np.int64), _NO_SPANS)
        return self.scanner.scan(
            block.lanes,
            len(block.rows),
            facts=self._facts(block) if self.asked else None,
            timed_out=timed_out,
            only=only,
            within=inside,
            stop=stop,
        )

    def _facts(self, block: OpenBlock) -> Callable[[int], RecordFacts]:
        return lambda row: facts_of(block, row, self.source_names, self.asked)


def _scan_block(
    opening: Opening, ref: BlockRef, search: _Search, *, stop: threading.Event
) -> _Scanned:
    try:
        block = opening.block(ref, reuse=True)
        timed_out: list[int] = []
        hits = search.hits(block, timed_out, stop)
        matches = Matches.of(block, hits) if len(hits) else None
    except PackDamaged as broken:
        return _Scanned(ref, 0, None, 0, damage=str(broken))
    decoded = sum(lane.last - lane.first for lane in block.lanes)
    return _Scanned(block.ref, len(block.rows), matches, len(timed_out), decoded)


def _cheap(plan: Plan) -> bool:
    """Whether to judge a record at once costs less than to scan its block for it first."""
    return len(plan.leaves) <= _FEW and not any(isinstance(f.node, Regex) for f in plan.leaves)
