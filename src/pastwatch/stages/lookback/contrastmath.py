"""How unusual a window is: each compared with the weeks before it, and all with one another."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from pastwatch.archive.occurrences import Keys, Occurrences
from pastwatch.model.when import HOUR_US

Int64s = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

PRIOR_COUNT: Final = {"terms": 0.5, "pairs": 2.0, "accounts": 0.5}
"""Runs added to what went before: who writes to whom changes more than which words are said."""
LEAST_RUNS: Final = {"terms": 2, "pairs": 3, "accounts": 3}
"""What is said once, or two who talk twice, is no rhythm of its own."""
LEAST_EXPECTED: Final = 3.0
VOICES: Final = 3
"""What fewer accounts than this say is kept apart and flagged."""
_OWN_SOURCES: Final = 8
"""The rate of so many sources is held apart, the largest first; the rest are taken as one."""
_LONG_AGO: Final = np.int64(-(2**62))

LEAST_TALKS: Final = 3
"""What two keep saying to each other is said in at least so many runs."""
TERMS, FEW, PAIRS, ACCOUNTS = "terms", "terms-of-few", "pairs", "accounts"
BETWEEN = "terms-between"
QUIET_PAIRS, QUIET_ACCOUNTS = "quiet-pairs", "quiet-accounts"
RUN_GAP_US: Final = {TERMS: 6 * HOUR_US, PAIRS: 6 * HOUR_US, ACCOUNTS: HOUR_US}
"""Repeats after a shorter quiet than this belong to one run, and a run counts once."""


@dataclass(frozen=True, slots=True)
class Tally:
    """What one window holds of a stream: runs and voices of each item, runs of each source."""

    items: Int64s
    runs: Int64s
    voices: Int64s
    by_source: Int64s


class Stream:
    """Occurrences of one sort (words, pairs or accounts) in order of time."""

    def __init__(self, name: str, held: Occurrences, lump: Int64s) -> None:
        self.name, self.gap_us = name, RUN_GAP_US[name]
        self._lumps = int(lump.max(initial=0)) + 1
        record, key = _columns(name, held)
        self.time_us = held.time_us[record]
        self.keys, item = np.unique(key, return_inverse=True)
        self.item = item.astype(np.int64)
        self.source = lump[held.source[record]]
        voices, voice = np.unique(held.speaker, return_inverse=True)
        self._voice_count = max(len(voices), 1)
        spoken = self.item * self._voice_count + voice[record]
        self.spoken = spoken if name == TERMS else self.item
        self.previous_us = _previous(self.time_us, self.spoken)
        first = self.previous_us < self.time_us - self.gap_us
        self._first = (self.time_us[first], self.item[first], self.source[first])

    def tally(self, start_us: int, end_us: int) -> Tally:
        """The runs of a window; what went on before it counts in it as one run."""
        low, high = np.searchsorted(self.time_us, (start_us, end_us))
        own = slice(int(low), int(high))
        before = np.maximum(self.time_us[own] - self.gap_us, start_us)
        kept = np.flatnonzero(self.previous_us[own] < before) + int(low)
        items, runs = np.unique(self.item[kept], return_counts=True)
        voices = np.ones(len(items), np.int64)
        if self.name == TERMS:
            said = np.sort(self.spoken[kept])  # distinct below: unique() alone hashes, at thrice it
            said = said[np.append(True, said[1:] != said[:-1])] if len(said) else said
            _, voices = np.unique(said // self._voice_count, return_counts=True)
        by_source = np.bincount(self.source[kept], minlength=self._lumps)
        return Tally(items, runs, voices, by_source)

    def trails(
        self, starts_us: Int64s, trail_us: int
    ) -> Iterator[tuple[npt.NDArray[np.int32], Int64s]]:
        """For each window, by its start in order, the runs of the time before.

        By source and item, and by source; the first array is the same one each time, changed in
        place.
        """
        time_us, item, source = self._first
        counts = np.zeros((self._lumps, max(len(self.keys), 1)), np.int32)
        low = high = 0
        for start in starts_us.tolist():
            to, since = (int(n) for n in np.searchsorted(time_us, (start, start - trail_us)))
            np.add.at(counts, (source[high:to], item[high:to]), 1)
            np.subtract.at(counts, (source[low:since], item[low:since]), 1)
            low, high = since, to
            yield counts, np.bincount(source[low:high], minlength=self._lumps)

    def places(self, keys: Keys) -> Int64s:
        """Where these keys stand among the items, −1 for those that do not occur."""
        if not len(self.keys):
            return np.full(len(keys), -1, np.int64)
        at = np.minimum(np.searchsorted(self.keys, keys), len(self.keys) - 1)
        return np.where(self.keys[at] == keys, at, -1)


def scores(
    runs: npt.NDArray[Any], before: npt.NDArray[Any], ratio: Floats, *, prior: float
) -> Floats:
    """How far a count is from what went before, in standard deviations, signed.

    The root of the likelihood ratio of two Poisson counts whose exposures have this ratio
    (McCullagh & Nelder 1989 §2.3), `prior` runs added to what went before.
    """
    past = before + prior
    share = ratio / (1 + ratio)
    total = runs + past
    with np.errstate(divide="ignore", invalid="ignore"):
        now = np.where(runs > 0, runs * np.log(runs / (total * share)), 0.0)
        then = past * np.log(past / (total * (1 - share)))
    root = np.sqrt(np.maximum(2 * (now + then), 0))
    signed: Floats = np.where(runs > total * share, root, -root)
    return signed


def expected(
    counts: npt.NDArray[np.int32], totals: Int64s, by_source: Int64s
) -> tuple[Floats, Floats]:
    """For some items, given by source: their runs in the time before, and the ratio of exposures.

    The ratio is what keeps each source's shares: a window with more of the radio in it is held to
    more of the radio's words.
    """
    rate = np.zeros(len(totals))
    np.divide(by_source, totals, out=rate, where=totals > 0)
    before = counts.sum(axis=0).astype(np.float64)
    overall = by_source.sum() / max(int(totals.sum()), 1)
    ratio = np.full(len(before), overall)
    np.divide(rate @ counts, before, out=ratio, where=before > 0)
    return before, np.maximum(ratio, 1e-9)


class Between:
    """Which words two accounts say to each other, whoever of them, in order of time."""

    def __init__(self, held: Occurrences) -> None:
        first = np.searchsorted(held.term_record, held.pair_record)
        count = np.searchsorted(held.term_record, held.pair_record, side="right") - first
        # For each pair of a record, every word of the record.
        place = np.repeat(first - np.cumsum(count) + count, count) + np.arange(int(count.sum()))
        self.pairs, pair = np.unique(held.pair, return_inverse=True)
        self.terms, term = np.unique(held.term, return_inverse=True)
        self._said = held.time_us[held.pair_record]
        self._pair = pair.astype(np.int64)
        self.time_us = np.repeat(self._said, count)
        self.item = np.repeat(self._pair, count) * max(len(self.terms), 1) + term[place]
        self.previous_us = _previous(self.time_us, self.item)

    def tally(self, start_us: int, end_us: int) -> tuple[Int64s, Int64s, Int64s, Int64s]:
        """What is said in enough runs of a window: pair, word, runs, records of the pair."""
        low, high = (int(n) for n in np.searchsorted(self.time_us, (start_us, end_us)))
        own = slice(low, high)
        before = np.maximum(self.time_us[own] - RUN_GAP_US[PAIRS], start_us)
        items = np.sort(self.item[own][self.previous_us[own] < before])
        bounds = np.flatnonzero(np.append(True, items[1:] != items[:-1])) if len(items) else items
        runs = np.diff(np.append(bounds, len(items)))
        often = runs >= LEAST_TALKS
        pair, term = np.divmod(items[bounds[often]], max(len(self.terms), 1))
        said = slice(*(int(n) for n in np.searchsorted(self._said, (start_us, end_us))))
        records = np.bincount(self._pair[said], minlength=len(self.pairs))
        return pair, term, runs[often], records[pair]


def peculiar(runs: Int64s, records: Int64s, before: Floats, total: int) -> Floats:
    """How far what two keep saying is from what everybody says, in standard deviations, signed.

    The root of the deviance of a Poisson count whose mean is the pair's records times the word's
    share of all talk in the weeks before.
    """
    expect = np.maximum(records * (before + 0.5) / (total + 1), 1e-9)
    root = np.sqrt(np.maximum(2 * (runs * np.log(runs / expect) - runs + expect), 0))
    signed: Floats = np.where(runs > expect, root, -root)
    return signed


def lumps(held: Occurrences) -> Int64s:
    """For each source its place by size; the ninth and all smaller ones are taken as one."""
    size = np.bincount(held.source, minlength=len(held.sources))
    place = np.empty(len(size), np.int64)
    place[np.argsort(-size, kind="stable")] = np.arange(len(size))
    lumped: Int64s = np.minimum(place, _OWN_SOURCES)
    return lumped


def _columns(name: str, held: Occurrences) -> tuple[Int64s, Keys]:
    if name == TERMS:
        return held.term_record, held.term
    if name == PAIRS:
        return held.pair_record, held.pair
    record = np.flatnonzero(held.speaker)
    return record, held.speaker[record]


def _previous(time_us: Int64s, spoken: Int64s) -> Int64s:
    """When the same was said last before, long ago where it was not."""
    previous = np.full(len(time_us), _LONG_AGO)
    order = np.argsort(spoken, kind="stable")
    same = spoken[order[1:]] == spoken[order[:-1]]
    previous[order[1:][same]] = time_us[order[:-1][same]]
    return previous
