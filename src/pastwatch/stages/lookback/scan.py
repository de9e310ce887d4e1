"""Scan the blocks of a slice on every core, hits streamed in order, damaged blocks counted."""

from __future__ import annotations

import threading
from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from pastwatch.archive.block import BlockRef, OpenBlock
from pastwatch.archive.gate import Gate
from pastwatch.archive.opened import Opening
from pastwatch.errors import PackDamaged
from pastwatch.matching.compile import Plan, asks_facts
from pastwatch.matching.matcher import RecordFacts
from pastwatch.matching.scanner import BlockScanner
from pastwatch.model.query import Regex
from pastwatch.stages.lookback.matches import Match, Matches, Several
from pastwatch.stages.lookback.pace import Stopwatch, Took
from pastwatch.stages.lookback.plan import LookPlan

MOST_TOGETHER: Final = 8
TURNS: Final = 8
"""So often at least does every thread hand over what it found."""
WINDOW: Final = 64
"""Blocks that may be scanned beyond one that is slow."""
_FEW: Final = 8
AT_ONCE: Final = 1000
"""Matches from which a batch is handed on, whatever else is ready."""


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
    matches: Sequence[Match]
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
) -> Generator[Sequence[Match], None, None]:
    """Yield matches in the order of the slice, several blocks' at once where they are ready.

    A slow block holds back what comes after it, but `WINDOW` more are scanned meanwhile. `figures`
    is kept up to date while it runs. A block that does not open is counted as unreadable, with its
    records, and the scan goes on. When `cancel` is set it ends with `EngineError`.
    """
    scanner = BlockScanner(look.plan)
    judged = look.rows if _cheap(look.plan) else {}
    names = source_names if asks_facts(look.plan.query.root) else None
    stop = threading.Event()
    begun = stopwatch()
    first: tuple[float, int] | None = None
    finished: set[int] = set()
    waiting: list[Sequence[Match]] = []
    with gate.opening(look.blocks, purpose="look", digest=digest) as opening:

        def task(numbered: tuple[int, Sequence[BlockRef]]) -> list[_Scanned]:
            number, refs = numbered
            done = [
                _scan_block(opening, r, scanner, names, only=judged.get(r), stop=stop) for r in refs
            ]
            finished.add(number)
            return done

        size = _together(len(look.blocks), workers)
        inputs = enumerate(look.blocks[at : at + size] for at in range(0, len(look.blocks), size))
        try:
            results = engine.map_ordered(
                task, inputs, workers=workers, cancel=cancel, queue_depth=WINDOW // size
            )
            for number, scanned in enumerate(results):
                for found in scanned:
                    _count(found, figures, opening)
                    if found.matches:
                        waiting.append(found.matches)
                first = first or (
                    stopwatch() - begun,
                    sum(found.ref.text_frame_bytes for found in scanned),
                )
                # Keeping hits costs a flush to disk: those already there are kept together.
                if waiting and (number + 1 not in finished or sum(map(len, waiting)) >= AT_ONCE):
                    ready, waiting = Several(waiting), []
                    yield ready
        finally:
            stop.set()
            opening.end()
            figures.opened = sorted(opening.opened)
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
    figures.matched += len(found.matches)
    opening.matched = figures.matched


def _scan_block(
    opening: Opening,
    ref: BlockRef,
    scanner: BlockScanner,
    source_names: Mapping[str, str] | None,
    *,
    only: npt.NDArray[np.int64] | None,
    stop: threading.Event,
) -> _Scanned:
    try:
        block = opening.block(ref, reuse=True)
        return _scan_open(block, scanner, source_names, only=only, stop=stop)
    except PackDamaged as broken:
        return _Scanned(ref, 0, (), 0, damage=str(broken))


def _scan_open(
    block: OpenBlock,
    scanner: BlockScanner,
    source_names: Mapping[str, str] | None,
    *,
    only: npt.NDArray[np.int64] | None,
    stop: threading.Event,
) -> _Scanned:
    timed_out: list[int] = []
    hits = scanner.scan(
        block.lanes,
        len(block.rows),
        facts=None if source_names is None else _facts(block, source_names),
        timed_out=timed_out,
        only=only,
        stop=stop,
    )
    matches = Matches(block, hits) if len(hits) else ()
    decoded = sum(lane.last - lane.first for lane in block.lanes)
    return _Scanned(block.ref, len(block.rows), matches, len(timed_out), decoded)


def _cheap(plan: Plan) -> bool:
    """Whether to judge a record at once costs less than to scan its block for it first."""
    return len(plan.leaves) <= _FEW and not any(isinstance(f.node, Regex) for f in plan.leaves)


def _facts(block: OpenBlock, source_names: Mapping[str, str]) -> Callable[[int], RecordFacts]:
    text, name = block.text, source_names.get(block.ref.source_id, "")
    earliest = block.envelope.column("earliest_us")
    latest = block.envelope.column("latest_us")

    def of(row: int) -> RecordFacts:
        recipients = text.column("recipients")[row].as_py() or ()
        return RecordFacts(
            sender_address=text.column("sender_address")[row].as_py() or "",
            sender_name=text.column("sender_name")[row].as_py() or "",
            recipients=tuple((p["address"] or "", p["name"] or "") for p in recipients),
            source_id=block.ref.source_id,
            source_name=name,
            earliest_us=earliest[row].as_py(),
            latest_us=latest[row].as_py(),
        )

    return of
