"""Contrast: which words, pairs, volumes and silences of the hours before an event are unusual."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from statistics import NormalDist
from typing import Final

import numpy as np
import numpy.typing as npt

from pastwatch.archive.aggregates import Rhythm, Told
from pastwatch.archive.occurrences import Keys, Occurrences
from pastwatch.stages.lookback.contrastmath import (
    ACCOUNTS,
    BETWEEN,
    FEW,
    LEAST_EXPECTED,
    LEAST_RUNS,
    PAIRS,
    PRIOR_COUNT,
    QUIET_ACCOUNTS,
    QUIET_PAIRS,
    TERMS,
    VOICES,
    Between,
    Stream,
    Tally,
    expected,
    lumps,
    peculiar,
    scores,
)
from pastwatch.stages.lookback.volumes import QUIET_SOURCES, SOURCES, SourceHours
from pastwatch.stages.lookback.windows import Frame, apart

Floats = npt.NDArray[np.float64]
Int64s = npt.NDArray[np.int64]

SORTS: Final = (
    *(TERMS, FEW, BETWEEN, PAIRS, ACCOUNTS, SOURCES),
    *(QUIET_PAIRS, QUIET_ACCOUNTS, QUIET_SOURCES),
)
_UP: Final = {TERMS: (TERMS, FEW), PAIRS: (PAIRS,), ACCOUNTS: (ACCOUNTS,)}
_DOWN: Final = {PAIRS: QUIET_PAIRS, ACCOUNTS: QUIET_ACCOUNTS}
_TAIL: Final = 0.8
_ALL: Final = slice(None)
_CHANCE_EXCESS: Final = 0.45  # of a normal deviate beyond its upper fifth


@dataclass(frozen=True, slots=True)
class Asked:
    """What the slice held in the windows before the event, and which pairs and accounts it knows."""

    sources: tuple[str, ...]
    tallies: dict[tuple[str, int], tuple[Keys, Tally]]
    records: dict[int, Int64s]  # by scale, one figure a source
    known: dict[str, Keys]
    between: dict[int, tuple[Keys, Keys, Int64s, Int64s]]  # by scale: pair, word, runs, records

    def meant(self, told: Told) -> tuple[int, int]:
        """The keys of the pair and of the word that something told is about; 0 for none."""
        if told.sort == BETWEEN:
            pairs, terms, _, _ = self.between[told.scale_us]
            return int(pairs[told.key]), int(terms[told.key])
        if told.sort in {TERMS, FEW}:
            return 0, told.key
        return (told.key if told.sort in {PAIRS, QUIET_PAIRS} else 0), 0


@dataclass(frozen=True, slots=True)
class Seen:
    """One sort and scale: the highest score of each window, and what the event's window holds."""

    sort: str
    scale_us: int
    most: Floats
    tried: int
    told: list[tuple[Told, float]]
    start: float = 0.0  # where the tail starts, at least: chance alone makes such a difference
    excess: float = 0.3  # and how far it reaches beyond, at least


def asked_of(held: Occurrences, frame: Frame) -> Asked:
    """What to ask about: the windows before the event, as the slice has them."""
    plain = np.arange(len(held.sources))
    before = held.between(frame.start_us, frame.event_us)
    tallies: dict[tuple[str, int], tuple[Keys, Tally]] = {}
    known: dict[str, Keys] = {}
    for sort in _UP:
        stream = Stream(sort, before, plain)
        for scale_us in frame.scales_us:
            tally = stream.tally(frame.event_us - scale_us, frame.event_us)
            tallies[sort, scale_us] = (stream.keys[tally.items], tally)
    for sort in _DOWN:
        known[sort] = Stream(sort, held, plain).keys
    records = {
        scale_us: np.bincount(
            held.between(frame.event_us - scale_us, frame.event_us).source,
            minlength=len(held.sources),
        )
        for scale_us in frame.scales_us
    }
    talk = Between(before)
    between = {}
    for scale_us in frame.scales_us:
        pair, term, runs, said = talk.tally(frame.event_us - scale_us, frame.event_us)
        between[scale_us] = (talk.pairs[pair], talk.terms[term], runs, said)
    return Asked(held.sources, tallies, records, known, between)


def compare(
    held: Occurrences, *, asked: Asked, frame: Frame, since_us: int | None = None
) -> Rhythm:
    """Hold what was asked to the matched windows of a reference, all corrected together.

    The reference begins at `since_us`, with its first record where that is not given.
    Every window, the event's too, is scored against the weeks before it. The highest score of each
    sort and scale has a tail over the matched windows, by which scores become comparable; p of one
    thing is the share of windows in which anything of any sort and scale was as unusual
    (Westfall & Young 1993 §2.3, the single-step maximum); see `rarity`.
    """
    held = held.between(-(2**62), frame.event_us)
    first = int(held.time_us[0]) if len(held) else frame.event_us
    ends = frame.ends(first if since_us is None else since_us)
    distinct = tuple((scale_us, apart(ends, scale_us)) for scale_us in frame.scales_us)
    if len(ends) < frame.least_windows:
        why = (
            f"{len(ends)} matched windows, {frame.least_windows} are needed: a reference of "
            f"{frame.reference_days()} days would give them"
        )
        untold = tuple((sort, why) for sort in SORTS)
        return Rhythm(windows=len(ends), apart=distinct, tried=(), told=(), untold=untold)
    seen = seen_in(held, ends, asked=asked, frame=frame)
    hours = SourceHours(held, frame)
    return Rhythm(
        windows=len(ends),
        apart=distinct,
        tried=tuple((s.sort, s.scale_us, s.tried) for s in seen),
        told=tuple(sorted(_corrected(seen, dict(distinct)), key=lambda t: -t.score)),
        untold=hours.untold(asked.sources, frame.least_windows, ends),
    )


def seen_in(held: Occurrences, ends: Int64s, *, asked: Asked, frame: Frame) -> list[Seen]:
    """The highest score of each sort and scale in every window, and all scores of the event's."""
    lump = lumps(held)
    seen: list[Seen] = []
    for sort in _UP:
        stream = Stream(sort, held, lump)
        for scale_us in frame.scales_us:
            seen += _of_stream(
                stream,
                ends,
                scale_us,
                asked=asked,
                frame=frame,
                lump=dict(zip(held.sources, lump.tolist(), strict=True)),
            )
        if sort == TERMS:
            seen += _between(stream, held, ends, asked=asked, frame=frame)
    hours = SourceHours(held, frame)
    chance = NormalDist().inv_cdf(_TAIL ** (1 / max(len(held.sources), 1)))
    for scale_us in frame.scales_us:
        for sort, most, told in hours.scored(
            ends, scale_us, asked.sources, asked.records[scale_us]
        ):
            seen.append(Seen(sort, scale_us, most, len(told), told, chance, _CHANCE_EXCESS))
    return seen


def _of_stream(
    stream: Stream,
    ends: Int64s,
    scale_us: int,
    *,
    asked: Asked,
    frame: Frame,
    lump: dict[str, int],
) -> Iterator[Seen]:
    sorts = _UP[stream.name]
    down = _DOWN.get(stream.name)
    most = {sort: np.zeros(len(ends)) for sort in (*sorts, *([down] if down else ()))}
    starts = np.append(ends - scale_us, frame.event_us - scale_us)
    for number, (counts, totals) in enumerate(stream.trails(starts, frame.trail_us)):
        if number == len(ends):
            break
        end = int(ends[number])
        tally = stream.tally(end - scale_us, end)
        for sort, chosen, found, _, _ in _louder(stream, tally, counts[:, tally.items], totals):
            most[sort][number] = found[chosen].max(initial=0)
        if down:
            runs = np.zeros(counts.shape[1], np.int64)
            runs[tally.items] = tally.runs
            chosen, found, _, _ = _quieter(runs, counts, totals, tally.by_source)
            most[down][number] = found[chosen].max(initial=0)
    yield from _asked_of_stream(stream, scale_us, counts, totals, most, asked=asked, lump=lump)


def _asked_of_stream(
    stream: Stream,
    scale_us: int,
    counts: npt.NDArray[np.int32],
    totals: Int64s,
    most: dict[str, Floats],
    *,
    asked: Asked,
    lump: dict[str, int],
) -> Iterator[Seen]:
    """The event's window, as it was asked about, against the weeks before it."""
    keys, tally = asked.tallies[stream.name, scale_us]
    by_source = np.zeros(len(totals), np.int64)
    for source, count in zip(asked.sources, tally.by_source.tolist(), strict=False):
        by_source[lump.get(source, 0)] += count
    tally = Tally(tally.items, tally.runs, tally.voices, by_source)

    def columns(of: Keys, runs: Int64s, voices: Int64s, before: Floats, ratio: Floats) -> _Columns:
        return _Columns(
            keys=of,
            runs=runs,
            voices=voices,
            before=before,
            ratio=ratio,
            window_runs=np.full(len(of), by_source.sum()),
            trail_runs=int(totals.sum()),
        )

    held = _of_keys(stream, counts, keys)
    for sort, chosen, found, before, ratio in _louder(stream, tally, held, totals):
        rows = columns(keys, tally.runs, tally.voices, before, ratio)
        told = rows.told(sort, scale_us, found, chosen)
        yield Seen(sort, scale_us, most[sort], len(told), told)
    down = _DOWN.get(stream.name)
    if down:
        known = asked.known[stream.name]
        runs = np.zeros(len(known), np.int64)
        runs[np.searchsorted(known, keys)] = tally.runs
        usual = _of_keys(stream, counts, known)
        chosen, found, before, ratio = _quieter(runs, usual, totals, by_source)
        rows = columns(known, runs, np.ones_like(runs), before, ratio)
        told = rows.told(down, scale_us, found, chosen)
        yield Seen(down, scale_us, most[down], len(told), told)


def _between(
    words: Stream, held: Occurrences, ends: Int64s, *, asked: Asked, frame: Frame
) -> Iterator[Seen]:
    """What two keep saying to each other, against how often everybody says it."""
    talk = Between(held)
    for scale_us in frame.scales_us:
        most = np.zeros(len(ends))
        starts = np.append(ends - scale_us, frame.event_us - scale_us)
        _, terms, runs, records = asked.between[scale_us]
        found = before = np.zeros(len(runs))
        spread = 0
        for number, (counts, totals) in enumerate(words.trails(starts, frame.trail_us)):
            spread = int(totals.sum())
            if number < len(ends):
                end = int(ends[number])
                _, term, own, said = talk.tally(end - scale_us, end)
                usual = counts[:, term].sum(axis=0).astype(np.float64)
                most[number] = peculiar(own, said, usual, spread).max(initial=0)
            else:
                before = _of_keys(words, counts, terms).sum(axis=0).astype(np.float64)
                found = peculiar(runs, records, before, spread)
        columns = _Columns(
            keys=np.arange(len(runs), dtype=np.uint64),
            runs=runs,
            voices=np.full(len(runs), 2),
            before=before,
            ratio=records / max(spread, 1),
            window_runs=records,
            trail_runs=spread,
        )
        told = columns.told(BETWEEN, scale_us, found, np.ones(len(runs), bool))
        yield Seen(BETWEEN, scale_us, most, len(told), told)


def _louder(
    stream: Stream, tally: Tally, counts: npt.NDArray[np.int32], totals: Int64s
) -> Iterator[tuple[str, npt.NDArray[np.bool_], Floats, Floats, Floats]]:
    before, ratio = expected(counts, totals, tally.by_source)
    found = scores(tally.runs, before, ratio, prior=PRIOR_COUNT[stream.name])
    often = tally.runs >= LEAST_RUNS[stream.name]
    if stream.name == TERMS:
        yield TERMS, often & (tally.voices >= VOICES), found, before, ratio
        yield FEW, often & (tally.voices < VOICES), found, before, ratio
    else:
        yield stream.name, often, found, before, ratio


def _quieter(
    runs: Int64s, counts: npt.NDArray[np.int32], totals: Int64s, by_source: Int64s
) -> tuple[npt.NDArray[np.bool_], Floats, Floats, Floats]:
    before, ratio = expected(counts, totals, by_source)
    usual = (before * ratio >= LEAST_EXPECTED) & (runs < before * ratio)
    return usual, -scores(runs, before, ratio, prior=0.5), before, ratio


def _of_keys(stream: Stream, counts: npt.NDArray[np.int32], keys: Keys) -> npt.NDArray[np.int32]:
    places = stream.places(keys)
    found = counts[:, np.maximum(places, 0)].copy()
    found[:, places < 0] = 0
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class _Columns:
    """What is told of the things of one sort and scale, a row a thing."""

    keys: Keys
    runs: Int64s
    voices: Int64s
    before: Floats
    ratio: Floats
    window_runs: Int64s
    trail_runs: int

    def told(
        self, sort: str, scale_us: int, found: Floats, chosen: npt.NDArray[np.bool_]
    ) -> list[tuple[Told, float]]:
        """The rows chosen, each with its score; not yet corrected."""
        return [
            (
                Told(
                    sort=sort,
                    scale_us=scale_us,
                    key=int(self.keys[at]),
                    runs=int(self.runs[at]),
                    voices=int(self.voices[at]),
                    before=int(self.before[at]),
                    window_runs=int(self.window_runs[at]),
                    trail_runs=self.trail_runs,
                    ratio=float(self.ratio[at]),
                    score=0.0,
                    p=1.0,
                ),
                float(found[at]),
            )
            for at in np.flatnonzero(chosen).tolist()
        ]


def tails(seen: Sequence[Seen], chosen: Int64s | slice = _ALL) -> list[tuple[float, float]]:
    """Where the upper fifth of each sort and scale begins over these windows, and its mean excess."""
    found = []
    for one in seen:
        most = one.most[chosen]
        start = max(float(np.quantile(most, _TAIL)), one.start)
        over = most[most > start] - start
        found.append((start, max(float(over.mean()) if len(over) else 0.0, one.excess)))
    return found


def _corrected(seen: Sequence[Seen], distinct: dict[int, int]) -> Iterator[Told]:
    """Scores on one scale, and p over the highest of every window."""
    scales = tails(seen)
    highest = np.max(
        [(one.most - start) / excess for one, (start, excess) in zip(seen, scales, strict=True)],
        axis=0,
    )
    for one, (start, excess) in zip(seen, scales, strict=True):
        for told, score in one.told:
            own = (score - start) / excess
            yield replace(told, score=own, p=rarity(highest, own, distinct[one.scale_us]))


def rarity(highest: Floats, own: float, distinct: int) -> float:
    """How rare a window is in which something stands as far out, from the highest of B windows.

    (1 + b) / (1 + B), with windows that overlap taken for as many as do not: of 600 windows of
    which 120 stand apart, 30 that reach as far count as 6 of 120.
    """
    share = np.count_nonzero(highest >= own - 1e-9) / len(highest)
    return float((1 + share * distinct) / (1 + distinct))
