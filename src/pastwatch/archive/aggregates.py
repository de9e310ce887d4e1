"""The baseline act: records are opened, counted under the custodian's key, and only sums leave."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Sequence
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
from pastwatch.model.when import DAY_US

MOST_TOLD = 50
"""Of each sort and scale only so many leave, the most unusual first."""
FEWER = -1
"""Stands for a count below the least group."""


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


Measure = Callable[[Occurrences], Rhythm]


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
