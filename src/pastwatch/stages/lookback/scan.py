"""Scan the blocks of a slice on every core, hits streamed in order, damaged blocks counted."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from pastwatch.archive.block import BlockRef, OpenBlock, RecordRef
from pastwatch.archive.columns import Column, is_ascii, part_texts, text_column
from pastwatch.archive.gate import Gate
from pastwatch.archive.opened import Opening
from pastwatch.errors import PackDamaged
from pastwatch.matching.matcher import PartSpan, RecordFacts
from pastwatch.matching.scanner import BlockScanner
from pastwatch.model.record import PART_SUBJECT, PART_TEXT, Citation
from pastwatch.stages.lookback.plan import LookPlan


@dataclass(frozen=True, slots=True)
class Match:
    """A record that matched: where it stands, what is cited, and every matched place."""

    ref: RecordRef
    citation: Citation
    spans: tuple[PartSpan, ...]


@dataclass(slots=True)
class Figures:
    """How far a look has come."""

    blocks: int = 0
    records: int = 0
    sealed_bytes: int = 0
    matched: int = 0
    unreadable_blocks: int = 0
    unreadable_records: int = 0
    timed_out: int = 0
    done: bool = False
    damaged: dict[BlockRef, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Scanned:
    ref: BlockRef
    records: int
    matches: tuple[Match, ...]
    timed_out: int
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
    cancel: threading.Event | None = None,
) -> Iterator[tuple[Match, ...]]:
    """Yield the matches of each block that has any, in the order of the slice.

    `figures` is kept up to date while it runs. A block that does not open is counted as
    unreadable, with its records, and the scan goes on.
    """
    scanner = BlockScanner(look.plan)
    with gate.opening(look.blocks, purpose="look", digest=digest) as opening:

        def task(ref: BlockRef) -> _Scanned:
            return _scan_block(opening, ref, scanner, source_names)

        for found in engine.map_ordered(task, look.blocks, workers=workers, cancel=cancel):
            figures.blocks += 1
            figures.sealed_bytes += found.ref.text_frame_bytes
            if found.damage:
                opening.unreadable(found.ref, found.damage)
                figures.unreadable_blocks += 1
                figures.unreadable_records += found.ref.inside
                figures.damaged[found.ref] = found.damage
                continue
            figures.records += found.records
            figures.timed_out += found.timed_out
            figures.matched += len(found.matches)
            opening.matched = figures.matched
            if found.matches:
                yield found.matches
    figures.done = not (cancel and cancel.is_set())


def _scan_block(
    opening: Opening, ref: BlockRef, scanner: BlockScanner, source_names: Mapping[str, str]
) -> _Scanned:
    try:
        block = opening.block(ref, reuse=True)
    except PackDamaged as broken:
        return _Scanned(ref, 0, (), 0, str(broken))
    subject = text_column(block.text.column("subject"))
    text = text_column(block.text.column("text"))
    parts, rows, numbers = part_texts(block.text.column("parts"))
    timed_out: list[int] = []
    hits = scanner.hits(
        text=text,
        subject=subject,
        parts=(*parts, rows),
        facts=_facts(block, source_names),
        ascii_only=is_ascii(subject) and is_ascii(text) and is_ascii(parts),
        timed_out=timed_out,
    )
    part_place = {(int(r), int(n)): i for i, (r, n) in enumerate(zip(rows, numbers, strict=True))}

    def piece(row: int, part: int) -> bytes:
        column, at = (subject, row) if part == PART_SUBJECT else (text, row)
        if part > PART_TEXT:
            column, at = parts, part_place[row, part]
        return _cell(column, at)

    matches = tuple(
        Match(block.record_ref(row), _citation(block, row, spans, piece), tuple(spans))
        for row, spans in hits
    )
    return _Scanned(ref, len(block.rows), matches, len(timed_out))


def _citation(
    block: OpenBlock, row: int, spans: list[PartSpan], piece: Callable[[int, int], bytes]
) -> Citation:
    """What a hit cites: its first place in the text, else its first place, else the whole text."""
    chosen = next((s for s in spans if s[0] == PART_TEXT), spans[0] if spans else None)
    part, start, end = chosen or (PART_TEXT, 0, len(piece(row, PART_TEXT)))
    cited = piece(row, part)[start:end]
    return Citation(
        record_id=block.record_id(row),
        part=part,
        start_byte=start,
        end_byte=end,
        text_sha256=hashlib.sha256(cited).digest(),
    )


def _cell(column: Column, at: int) -> bytes:
    buffer, offsets = column
    return bytes(buffer[int(offsets[at]) : int(offsets[at + 1])])


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
