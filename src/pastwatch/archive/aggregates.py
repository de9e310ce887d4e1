"""The baseline act: records are counted under the custodian's key; sums and times leave."""

from __future__ import annotations

import hashlib
import json
import random
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa

from pastwatch.archive.grant import (
    LEAST_GROUP,
    Custody,
    counted_blocks,
    packs_bound,
    refuse_if_over,
)
from pastwatch.archive.occurrences import Gatherer, Occurrences
from pastwatch.archive.scope import time_class, times
from pastwatch.errors import NoAuthority
from pastwatch.ledger.entry import Act, EntryDraft, Outcome
from pastwatch.model.authority import Act as Allowed
from pastwatch.model.authority import Authority
from pastwatch.model.when import DAY_US, HOUR_US, SECOND_US, Span
from pastwatch.sealing import seal

MOST_TOLD = 50
"""Of each sort and scale only so many leave, the most unusual first."""
FEWER = -1
"""Stands for a count below the least group."""
STRETCH_RECORDS = 20_000
"""So many records are held in memory at once where they are examined in order of time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Baseline:
    """Counts of records by source and day; days with fewer than `least` are suppressed.

    `counted` is how many records were counted and not read; `suppressed` of them stand in days
    that are not told.
    """

    days: tuple[tuple[str, int, int], ...]  # (source id, start of the UTC day, records)
    counted: int
    suppressed: int
    least: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What a reference tells of one thing that the case asked about, and of no other.

    `key` is the asker's own; `runs` what the asker counted, `before` what the reference did, −1
    for fewer than the least group. `p` is corrected over everything tried.
    """

    sort: str
    scale_us: int
    key: int
    runs: int
    voices: int
    before: int
    window_runs: int
    trail_runs: int
    ratio: float
    score: float
    p: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Rhythm:
    """All that leaves a count: how many windows there were, and what was told of what was asked.

    `apart` gives for each scale how many of the windows do not overlap; `tried` how many things of
    each sort and scale were compared; `untold` what could not be tested, by sort, and why.
    """

    windows: int
    apart: tuple[tuple[int, int], ...]
    tried: tuple[tuple[str, int, int], ...]
    told: tuple[Told, ...]
    untold: tuple[tuple[str, str], ...] = ()
    counted: int = 0
    least: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertTimes:
    """All that leaves a try of watches on the past: when each would have alerted, to the second.

    Of whom and of what is not said, nor in which source. `sample` is the record ids of some alerts
    of the first watch, chosen at random and sealed to a reader; "" where none were asked for.
    """

    moments_us: tuple[tuple[int, ...], ...]
    examined: int
    left_out: int
    """Records without a usable time: they stand at no moment."""
    sample: bytes
    sampled: int


Measure = Callable[[Occurrences], Rhythm]
Raises = Callable[[str, pa.RecordBatch], Sequence[tuple[int, int]]]
"""Of the next records of a source in order of time: (number of the watch, row) of each alert."""


def count_baseline(authority: Authority, custody: Custody) -> Baseline:
    """Count the records in scope by source and day under the custodian's identity.

    Only these aggregates leave; no key goes into any case. Logged before the first envelope.
    """
    _announce(authority, custody, frames="envelope")
    counts: dict[tuple[str, int], int] = {}
    for block in counted_blocks(authority, custody, text=False):
        dated = time_class(block.envelope) == 0
        days, held = np.unique(times(block.envelope)[0][dated] // DAY_US, return_counts=True)
        for day, count in zip(days.tolist(), held.tolist(), strict=True):
            key = (block.source_id, day * DAY_US)
            counts[key] = counts.get(key, 0) + count
    told = {key: n for key, n in counts.items() if n >= LEAST_GROUP}
    return Baseline(
        days=tuple((source, day, n) for (source, day), n in sorted(told.items())),
        counted=sum(counts.values()),
        suppressed=sum(counts.values()) - sum(told.values()),
        least=LEAST_GROUP,
    )


def count_rhythm(
    authority: Authority,
    custody: Custody,
    *,
    key: bytes,
    measure: Measure,
    withheld: Collection[bytes] = (),
) -> Rhythm:
    """Count words, pairs and volumes of the records in scope, and give only what `measure` tells.

    `measure` gets columns of hashes under `key`, no text and no address. Records whose ids are in
    `withheld`, and all of protected accounts, are not counted. What leaves is cut to the most
    unusual, and a count below the least group to "fewer". Logged before the first frame is opened.
    """
    _announce(authority, custody, frames="text")
    gatherer = Gatherer(key)
    kept_out = frozenset(withheld)
    for block in counted_blocks(authority, custody, text=True):
        kept = time_class(block.envelope) == 0
        if kept_out:
            ids = block.envelope.column("record_id").to_pylist()
            kept &= np.array([i not in kept_out for i in ids], bool)
        rows = np.flatnonzero(kept)
        if block.text is not None:
            text = block.text.take(pa.array(rows))
            gatherer.add(block.source_id, times(block.envelope)[0][rows], text)
    held = gatherer.done()
    rhythm = measure(held)
    return replace(
        rhythm,
        told=tuple(_suppressed(t) for t in _most(rhythm.told)),
        counted=len(held),
        least=LEAST_GROUP,
    )


def count_alerts(
    authority: Authority,
    custody: Custody,
    *,
    raises: Raises,
    watches: int,
    source_ids: Sequence[str],
    spans: Sequence[Span],
    sample: int,
    seed: int,
    reader: str,
) -> AlertTimes:
    """Examine the records in scope, source by source in order of time, and give when alerts came.

    `raises` gets text and moments, and keeps none of it. Alerts outside `spans` are not told:
    what comes before only fills the baselines of rhythms. `reader` is the age recipient of the
    sample. These times and counts are exempt from the least group: nobody stands in them.
    """
    _announce(authority, custody, frames="text")
    found: list[list[tuple[int, bytes]]] = [[] for _ in range(watches)]
    examined = left_out = 0
    for source_id in source_ids:
        own = replace(authority, scope=replace(authority.scope, source_ids=(source_id,)))
        hours, undated = _hours(own, custody)
        left_out += undated
        for stretch in _stretches(hours, own.scope.span):
            rows = _in_order(own, custody, stretch)
            if rows is None:
                continue
            examined += rows.num_rows
            moments, ids = times(rows)[0], rows.column("record_id")
            for number, row in raises(source_id, rows):
                at_us = int(moments[row]) // SECOND_US * SECOND_US
                if any(span.start_us <= at_us < span.end_us for span in spans):
                    found[number].append((at_us, ids[row].as_py()))
    chosen = _chosen(found[0], spans[0], sample, seed)
    sealed = seal.wrap(json.dumps(chosen).encode(), recipients=[reader]) if chosen else b""
    return AlertTimes(
        moments_us=tuple(tuple(sorted(at_us for at_us, _ in own)) for own in found),
        examined=examined,
        left_out=left_out,
        sample=sealed,
        sampled=len(chosen),
    )


def _hours(authority: Authority, custody: Custody) -> tuple[Counter[int], int]:
    """How many records of a scope stand in each hour, and how many of no usable time are in it."""
    hours: Counter[int] = Counter()
    undated = 0
    for block in counted_blocks(authority, custody, text=False):
        dated = time_class(block.envelope) == 0
        undated += int((~dated).sum())
        held, counts = np.unique(times(block.envelope)[0][dated] // HOUR_US, return_counts=True)
        hours.update(dict(zip(held.tolist(), counts.tolist(), strict=True)))
    return hours, undated


def _stretches(hours: Counter[int], span: Span) -> Iterator[Span]:
    """The span in stretches of whole hours that hold about so many records, in order."""
    start_us, held = span.start_us, 0
    for hour in sorted(hours):
        cut_us = hour * HOUR_US
        if held and held + hours[hour] > STRETCH_RECORDS and cut_us > start_us:
            yield Span(start_us=start_us, end_us=min(cut_us, span.end_us))
            start_us, held = cut_us, 0
        held += hours[hour]
    if start_us < span.end_us:
        yield Span(start_us=start_us, end_us=span.end_us)


def _in_order(authority: Authority, custody: Custody, stretch: Span) -> pa.RecordBatch | None:
    """The texts of a stretch with their ids and moments, in order of time; None where it is empty."""
    scope = replace(authority.scope, span=stretch, undated=False)
    held = []
    for block in counted_blocks(replace(authority, scope=scope), custody, text=True):
        earliest_us = times(block.envelope)[0]
        kept = (time_class(block.envelope) == 0) & (earliest_us >= stretch.start_us)
        rows = pa.array(np.flatnonzero(kept & (earliest_us < stretch.end_us)))
        if block.text is not None and len(rows):
            envelope, text = block.envelope.take(rows), block.text.take(rows)
            names = ("record_id", "earliest_us", "latest_us", "defects")
            columns = [*text.columns, *(envelope.column(name) for name in names)]
            held.append(pa.RecordBatch.from_arrays(columns, names=[*text.schema.names, *names]))
    if not held:
        return None
    table = pa.Table.from_batches(held)
    order = [("earliest_us", "ascending"), ("record_id", "ascending")]
    (rows,) = table.sort_by(order).combine_chunks().to_batches()
    return rows


def _chosen(found: Sequence[tuple[int, bytes]], span: Span, sample: int, seed: int) -> list[str]:
    """The ids of some alerts of a span, drawn alike, in an order that says nothing."""
    inside = sorted(own.hex() for at_us, own in found if span.start_us <= at_us < span.end_us)
    draw = random.Random(seed)  # noqa: S311 - a stated seed, so that the draw can be repeated
    return draw.sample(inside, min(sample, len(inside)))


def _announce(authority: Authority, custody: Custody, *, frames: str) -> None:
    """Refuse what is not allowed, else write the act down, durably, before anything is opened."""
    if Allowed.BASELINE not in authority.acts:
        raise NoAuthority(f'authority {authority.authority_id} does not allow "baseline"')
    refuse_if_over(authority, custody.ledger, custody.clock_us)
    rows = packs_bound(custody.catalogue, authority)
    digest = hashlib.sha256("\n".join(sorted(r.pack_id for r in rows)).encode()).hexdigest()
    outcome: dict[str, Outcome] = {
        "packs": len(rows),
        f"{frames}_frames": sum(r.blocks for r in rows),
    }
    entry = EntryDraft(
        act=Act.BASELINE,
        clock_us=custody.clock_us,
        authority=authority.authority_id,
        objects={"packs": digest},
        outcome=outcome,
    )
    custody.ledger.append([entry], custody.custodian.signing)


def _most(told: Sequence[Told]) -> list[Told]:
    """The most unusual of each sort and scale."""
    kept: list[Told] = []
    counts: dict[tuple[str, int], int] = {}
    for one in sorted(told, key=lambda t: (-t.score, t.sort, t.scale_us, t.key)):
        place = (one.sort, one.scale_us)
        counts[place] = counts.get(place, 0) + 1
        if counts[place] <= MOST_TOLD:
            kept.append(one)
    return kept


def _suppressed(told: Told) -> Told:
    """Of a small group only that it is small, and how unusual its window is, in halves."""
    if told.before >= LEAST_GROUP:
        return told
    ratio = told.window_runs / max(told.trail_runs, 1) if told.trail_runs else 1.0
    return replace(told, before=FEWER, ratio=ratio, score=round(2 * told.score) / 2)
