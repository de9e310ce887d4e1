"""The rhythm of a medium over the hours of a week, and how much of it lies in a stretch of time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from pastwatch.model.when import DAY_US, HOUR_US, SECOND_US
from pastwatch.stages.reconstruct.network import Aggregate
from pastwatch.stages.reconstruct.talk import Int64s, Talk

Floats = npt.NDArray[np.float64]

EVERY: Final = -1
"""Stands for all media together."""
WEEK_H: Final = 168
_WEEKS_AT_LEAST: Final = 2
_RECORDS_AT_LEAST: Final = 200
_RECORDS_FOR_EACH_HOUR: Final = 20 * WEEK_H
_SMOOTH_RATIO: Final = 0.1
_MONDAY_H: Final = 72  # 1970-01-01 was a Thursday: three days into a week from Monday


@dataclass(frozen=True)
class Rhythm:
    """Relative rates of the hours of a week by medium, in the zone of the case; flat where unknown."""

    rates: dict[int, Floats]  # by place of the medium: 168 rates, mean 1
    zone_offset_s: int
    told: str

    def exposure(self, medium: int, start_us: int, end_us: int) -> float:
        """Hours of the stretch, each weighed by its usual share of talk."""
        return float(self.many(medium, np.array([start_us]), np.array([end_us]))[0])

    def many(self, medium: int, start_us: Int64s, end_us: Int64s) -> Floats:
        """The exposure of each of many stretches."""
        rate = self.rates.get(medium)
        hours = (np.maximum(end_us, start_us) - start_us) / HOUR_US
        if rate is None:
            return np.asarray(hours)
        passed = np.concatenate((np.zeros(1), np.cumsum(rate)))
        return np.asarray(self._until(passed, rate, end_us) - self._until(passed, rate, start_us))

    def _until(self, passed: Floats, rate: Floats, at_us: Int64s) -> Floats:
        local = (at_us + self.zone_offset_s * SECOND_US) / HOUR_US + _MONDAY_H
        weeks, inside = np.divmod(local, WEEK_H)
        hour = inside.astype(np.int64)
        return np.asarray(weeks * passed[-1] + passed[hour] + (inside - hour) * rate[hour])


def rhythm_of(network: Aggregate, *, zone_offset_s: int) -> Rhythm:
    """The rhythm before the event, of each medium with two weeks or more of it; else flat, and said."""
    talk, window = network.talk, network.window
    rates = {}
    flat = []
    for medium, name in [(EVERY, ""), *enumerate(talk.media)]:
        at_us = _times_before(network, medium)
        if not len(at_us):
            continue
        start_us = max(window.since_us, int(at_us[0]))
        weeks = int((window.event.start_us - start_us) // (7 * DAY_US))
        # Whole weeks only, so that every hour of the week is held equally often.
        own = at_us[at_us >= window.event.start_us - weeks * 7 * DAY_US]
        if weeks < _WEEKS_AT_LEAST or len(own) < _RECORDS_AT_LEAST:
            flat += [name] * bool(name)
            continue
        rates[medium] = _shape((own // SECOND_US + zone_offset_s) // 3600 + _MONDAY_H)
    told = "hours of the week, by medium, from before the event"
    if flat:
        told += f"; flat for {', '.join(flat)}: less than two weeks or "
        told += f"{_RECORDS_AT_LEAST} records are held before the event"
    return Rhythm(rates, zone_offset_s, told if rates else told.partition("; ")[2])


def _shape(hour: Int64s) -> Floats:
    """Rates of the hours of a week; from few records those of the hours of a day times those of days."""
    counts = np.bincount(hour % WEEK_H, minlength=WEEK_H).astype(float)
    if len(hour) < _RECORDS_FOR_EACH_HOUR:
        table = counts.reshape(7, 24)
        counts = np.outer(table.sum(axis=1), table.sum(axis=0)).ravel() / len(hour)
    mean = counts.mean()
    return np.asarray((counts + _SMOOTH_RATIO * mean) / (mean * (1 + _SMOOTH_RATIO)))


def _times_before(network: Aggregate, medium: int) -> Int64s:
    talk: Talk = network.talk
    rows = network.rows
    of_medium = (talk.medium[rows] == medium) | (medium == EVERY)
    own = rows[of_medium & talk.dated[rows]]
    at_us = talk.earliest_us[own]
    return np.asarray(at_us[at_us < network.window.event.start_us])
