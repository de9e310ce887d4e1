"""How much each source holds hour by hour, against its own week; louder and quieter than usual."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import numpy as np
import numpy.typing as npt

from pastwatch.archive.aggregates import Told
from pastwatch.archive.occurrences import Occurrences
from pastwatch.model.when import HOUR_US
from pastwatch.stages.lookback.windows import Frame, weekend

Floats = npt.NDArray[np.float64]
Int64s = npt.NDArray[np.int64]

SOURCES: Final = "volumes"
QUIET_SOURCES: Final = "silences"
_HOURS: Final = 24
_LEAST_SPREAD: Final = 1.0
_LEAST_EXPECTED: Final = 3.0


class SourceHours:
    """Records by source and hour, counted back from the event."""

    def __init__(self, held: Occurrences, frame: Frame) -> None:
        self._frame = frame
        self.sources = held.sources
        hour = (held.time_us - frame.event_us) // HOUR_US
        self._first = int(hour.min(initial=-1))
        width = -self._first
        counts = np.zeros((len(held.sources), width), np.float64)
        kept = hour < 0
        np.add.at(counts, (held.source[kept], hour[kept] - self._first), 1)
        self._counts = counts
        at_us = frame.event_us + np.arange(self._first, 0, dtype=np.int64) * HOUR_US + HOUR_US // 2
        sort = weekend(at_us, frame.zone_offset_s) * _HOURS
        self._code = sort + np.arange(self._first, 0) % _HOURS
        self._week = np.zeros((width, 2 * _HOURS))
        self._week[np.arange(width), self._code] = 1
        self._since = [self._begins(own) for own in counts]

    def _begins(self, own: Floats) -> int:
        held = np.flatnonzero(own)
        return int(held[0]) if len(held) else len(own)

    def _expected(self, start: int, end: int) -> Floats:
        """What each source holds in these hours by the weeks before them; NaN when not held then."""
        trail = int(self._frame.trail_us // HOUR_US)
        since = start - trail
        if since < 0:
            return np.full(len(self.sources), np.nan)
        own = self._counts[:, since:start] @ self._week[since:start]
        often = self._week[since:start].sum(axis=0)
        mean = own / np.maximum(often, 1)
        found: Floats = mean[:, self._code[start:end]].sum(axis=1)
        # A source that begins within the weeks before has no rhythm yet.
        found[[begin > since for begin in self._since]] = np.nan
        return found

    def scored(
        self, ends: Int64s, scale_us: int, asked: tuple[str, ...], records: Int64s
    ) -> Iterator[tuple[str, Floats, list[tuple[Told, float]]]]:
        """Louder, then quieter: the highest score of each window, and those of the event's."""
        size = int(scale_us // HOUR_US)
        last = ((ends - self._frame.event_us) // HOUR_US - self._first).tolist()
        expect = np.stack([self._expected(end - size, end) for end in last])
        runs = np.stack([self._counts[:, end - size : end].sum(axis=1) for end in last])
        found = _deviations(runs, expect)
        valid = ~np.isnan(found)
        squares = np.where(valid, found**2, 0.0).sum(axis=0)
        spread = np.sqrt(squares / np.maximum(valid.sum(axis=0), 1))
        spread = np.maximum(spread, _LEAST_SPREAD)
        width = -self._first
        own_expect = self._expected(width - size, width)
        own_runs = np.zeros(len(self.sources))
        for source, number in zip(asked, records.tolist(), strict=True):
            if source in self.sources:
                own_runs[self.sources.index(source)] = number
        own = _deviations(own_runs, own_expect) / spread
        known = np.array([source in asked for source in self.sources], bool)
        known &= (valid.sum(axis=0) >= self._frame.least_windows) & ~np.isnan(own)
        for sort, sign in ((SOURCES, 1.0), (QUIET_SOURCES, -1.0)):
            # What is hardly expected cannot fall silent.
            least = 0.0 if sort == SOURCES else _LEAST_EXPECTED
            counts = valid & known[None, :] & (expect >= least)
            most = np.where(counts, sign * found / spread, 0.0).max(axis=1, initial=0)
            told = []
            for at in np.flatnonzero(known & (own_expect >= least)).tolist():
                one = Told(
                    sort=sort,
                    scale_us=scale_us,
                    key=asked.index(self.sources[at]),
                    runs=int(own_runs[at]),
                    voices=0,
                    before=round(float(own_expect[at])),
                    window_runs=int(own_runs.sum()),
                    trail_runs=0,
                    ratio=1.0,
                    score=0.0,
                    p=1.0,
                )
                told.append((one, sign * float(own[at])))
            yield sort, most, told

    def untold(
        self, asked: tuple[str, ...], least: int, ends: Int64s
    ) -> tuple[tuple[str, str], ...]:
        """The sources whose own rhythm cannot be told, by id, and why."""
        longest = int(self._frame.longest_us // HOUR_US)
        trail = int(self._frame.trail_us // HOUR_US)
        last = (ends - self._frame.event_us) // HOUR_US - self._first
        found = []
        for source in asked:
            if source not in self.sources:
                found.append((source, "the reference holds nothing of it"))
                continue
            begin = self._since[self.sources.index(source)]
            windows = int(np.count_nonzero(last - longest - trail >= begin))
            if windows < least:
                found.append(
                    (source, f"held too short a time: {windows} matched windows, {least} needed")
                )
        return tuple(found)


def _deviations(runs: Floats, expect: Floats) -> Floats:
    """Deviations on a scale where a count's spread does not grow with it (Anscombe 1948)."""
    scored: Floats = 2 * (np.sqrt(runs + 0.375) - np.sqrt(expect + 0.375))
    return scored
