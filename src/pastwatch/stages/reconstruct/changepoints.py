"""When a volume changed: exact segments of Poisson counts, with how unsure each border is."""

from __future__ import annotations

import math
from typing import Final

import numpy as np

from pastwatch.model.network import ChangePoint, ChangePoints
from pastwatch.model.when import DAY_US, HOUR_US, SECOND_US
from pastwatch.stages.reconstruct.change import Subjects
from pastwatch.stages.reconstruct.changerhythm import Floats, Rhythm
from pastwatch.stages.reconstruct.changetest import spells_of
from pastwatch.stages.reconstruct.network import Aggregate
from pastwatch.stages.reconstruct.talk import Int64s

BIN_SIZES_US: Final = (
    *(n * 60 * SECOND_US for n in (1, 2, 5, 10, 20, 30)),
    *(n * HOUR_US for n in (1, 2, 3, 4, 6, 8, 12, 24)),
)
BINS_AT_MOST: Final = 400
DRAWS: Final = 399
SEED: Final = 20_170_401
LEVEL_P: Final = 0.05
_TWO_UNITS: Final = 1.92  # half the 95 % quantile of chi-square with one degree of freedom
_LEAST: Final = 6


def points_of(
    network: Aggregate,
    rhythm: Rhythm,
    subjects: Subjects,
    at: int,
    *,
    held: tuple[int, int],
) -> ChangePoints:
    """The change points of one pair or account, over what its medium holds of the window.

    Spells in equal bins, each weighed by the usual rhythm, are cut where that costs least (optimal
    partitioning, Jackson 2005). A cut has to gain more than the best cut of 95 % of 399 redrawn
    steady series does; `p` is the share of these whose best cut gains as much.
    """
    window = network.window
    since_us, until_us = max(window.since_us, held[0]), min(window.until_us, held[1])
    own = subjects.key == at
    moments = subjects.at_us[own]
    spells = spells_of(
        np.zeros(len(moments), np.int64),
        moments,
        length_us=subjects.spell_us,
        anchor_us=window.event.start_us,
    )
    bin_us = _bin_us(until_us - since_us)
    count = max(1, math.ceil((until_us - since_us) / bin_us))
    inside = (spells.start_us >= since_us) & (spells.start_us < until_us)
    bins = np.bincount((spells.start_us[inside] - since_us) // bin_us, minlength=count)
    edges = np.minimum(since_us + np.arange(count + 1) * bin_us, until_us)
    medium = int(subjects.medium[at])
    exposure = rhythm.many(medium, edges[:-1], edges[1:])
    notes: tuple[str, ...] = ()
    cuts: list[int] = []
    p = 1.0
    if bins.sum() < _LEAST:
        notes = (f"fewer than {_LEAST} spells of talk: no change could show",)
    else:
        p, penalty = steadiness(bins, exposure)
        cuts = segments(bins, exposure, penalty=penalty) if p <= LEVEL_P else []
    return ChangePoints(
        about=subjects.about,
        names=subjects.names(network, at),
        records=len(moments),
        bin_us=bin_us,
        bins=tuple(bins.tolist()),
        since_us=since_us,
        p=p,
        points=tuple(
            _point(bins, exposure, cuts, n, edges=edges, bin_us=bin_us) for n in range(len(cuts))
        ),
        notes=notes,
    )


def segments(bins: Int64s, exposure: Floats, *, penalty: float) -> list[int]:
    """Where a series is cut so that the Poisson cost with the penalty of each cut is least; exact."""
    size = len(bins)
    counts = np.concatenate((np.zeros(1), np.cumsum(bins)))
    weight = np.concatenate((np.zeros(1), np.cumsum(exposure)))
    best = np.full(size + 1, np.inf)
    best[0] = -penalty
    last = np.zeros(size + 1, np.int64)
    for end in range(1, size + 1):
        cost = best[:end] + _cost(counts[end] - counts[:end], weight[end] - weight[:end]) + penalty
        last[end] = int(np.argmin(cost))
        best[end] = cost[last[end]]
    cuts, end = [], size
    while last[end] > 0:
        end = int(last[end])
        cuts.append(end)
    return cuts[::-1]


def steadiness(bins: Int64s, exposure: Floats) -> tuple[float, float]:
    """The share of steady series of as many spells whose best cut gains as much, and what 95 % stay below."""
    total = int(bins.sum())
    rng = np.random.default_rng(SEED)
    drawn = _best_gain(rng.multinomial(total, exposure / exposure.sum(), size=DRAWS), exposure)
    gain = _best_gain(bins[None, :], exposure)[0]
    p = float((1 + (drawn >= gain - 1e-9).sum()) / (1 + DRAWS))
    return p, float(np.quantile(drawn, 1 - LEVEL_P))


def _best_gain(bins: Int64s, exposure: Floats) -> Floats:
    counts = np.cumsum(bins, axis=1).astype(float)
    weight = np.cumsum(exposure)
    left, right = counts[:, :-1], counts[:, -1:] - counts[:, :-1]
    whole = _cost(counts[:, -1], np.full(len(counts), weight[-1]))
    cut = _cost(left, weight[None, :-1]) + _cost(right, weight[-1] - weight[None, :-1])
    return np.asarray(whole - cut.min(axis=1))


def _cost(count: Floats, weight: Floats) -> Floats:
    """Minus the highest log-likelihood of Poisson counts, but for what every cut shares."""
    rate = count / np.maximum(weight, 1e-12)
    return np.asarray(-count * np.log(np.where(count > 0, rate, 1.0)))


def _point(
    bins: Int64s, exposure: Floats, cuts: list[int], number: int, *, edges: Int64s, bin_us: int
) -> ChangePoint:
    """One cut with the borders that cost at most 1.92 more while its neighbours stay."""
    low = cuts[number - 1] if number else 0
    high = cuts[number + 1] if number + 1 < len(cuts) else len(bins)
    counts, weight = np.cumsum(bins[low:high]).astype(float), np.cumsum(exposure[low:high])
    cost = _cost(counts[:-1], weight[:-1]) + _cost(counts[-1] - counts[:-1], weight[-1] - weight[:-1])  # fmt: skip
    likely = np.flatnonzero(cost <= cost.min() + _TWO_UNITS) + low + 1
    cut = cuts[number]
    a_day = DAY_US / HOUR_US
    return ChangePoint(
        at_us=int(edges[cut]),
        earliest_us=int(edges[likely[0]]) - bin_us,
        latest_us=min(int(edges[likely[-1]]) + bin_us, int(edges[-1])),
        rate_before=float(bins[low:cut].sum() / exposure[low:cut].sum() * a_day),
        rate_after=float(bins[cut:high].sum() / exposure[cut:high].sum() * a_day),
    )


def _bin_us(length_us: int) -> int:
    for bin_us in BIN_SIZES_US:
        if length_us <= bin_us * BINS_AT_MOST:
            return bin_us
    return math.ceil(length_us / BINS_AT_MOST / DAY_US) * DAY_US
