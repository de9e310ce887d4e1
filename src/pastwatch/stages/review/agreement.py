"""How far two blind reviewers agree: the table, agreement on either answer, then κ and AC1."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

DRAWS = 2000
"""Bootstrap samples of conversations."""
LEVEL = 0.95


class Pair(NamedTuple):
    """A record of the overlap with both answers, relevant or not, and its chance of being drawn."""

    first: bool
    second: bool
    chance_p: float
    conversation: int


class Table(NamedTuple):
    """How the answers fell: counted, or weighted to stand for all that could have been drawn."""

    both: float
    first_only: float
    second_only: float
    neither: float


class Figure(NamedTuple):
    """An estimate and its interval; None where nothing bears on it."""

    value: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreement:
    """The table as counted, then what it says of everything that could have been drawn.

    Positive agreement: of the answers "relevant", the share the other gave too, 2a/(2a+b+c);
    negative agreement likewise (Cicchetti & Feinstein 1990). `kappa`: Cohen 1960. `ac1`: Gwet 2008.
    """

    counts: Table
    weighted: Table
    conversations: int
    positive: Figure
    negative: Figure
    kappa: Figure
    ac1: Figure

    @property
    def pairs(self) -> int:
        """How many records both have settled."""
        return int(sum(self.counts))


def agreement(pairs: Sequence[Pair], *, seed: int = 0) -> Agreement:
    """Weigh each pair by one over its chance, and resample whole conversations for the intervals.

    Percentiles of 2,000 samples; the strata of the draw are not held fixed, which can only widen
    them. Without a single disagreement a percentile interval would be a point: then the two
    specific agreements have the exact binomial bound over conversations, κ and AC1 none.
    """
    cells = np.zeros((len(pairs), 4))
    for at, pair in enumerate(pairs):
        cells[at, 2 * (not pair.first) + (not pair.second)] = 1
    weighted = cells / np.array([[pair.chance_p] for pair in pairs]) if pairs else cells
    talks = np.unique([pair.conversation for pair in pairs], return_inverse=True)[1]
    talk_count = int(talks.max()) + 1 if pairs else 0
    sums = np.zeros((talk_count, 4))
    np.add.at(sums, talks, weighted)
    total = weighted.sum(axis=0)
    samples = _resampled(sums, seed=seed)
    alike = not (total[1] or total[2])

    def figure(of: Callable[[Floats], Floats], *, bearing: int | None = None) -> Figure:
        value = float(of(total[None, :])[0])
        if np.isnan(value):
            return Figure(None, None, None)
        if alike:
            bound = None if bearing is None else ((1 - LEVEL) / 2) ** (1 / bearing)
            return Figure(value, bound, None if bound is None else 1.0)
        drawn = of(samples)
        drawn = drawn[~np.isnan(drawn)]
        if not len(drawn):
            return Figure(value, None, None)
        low, high = np.quantile(drawn, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
        return Figure(value, float(low), float(high))

    return Agreement(
        counts=Table(*(float(n) for n in cells.sum(axis=0))),
        weighted=Table(*(float(n) for n in total)),
        conversations=talk_count,
        positive=figure(_positive, bearing=int((sums[:, 0] > 0).sum())),
        negative=figure(_negative, bearing=int((sums[:, 3] > 0).sum())),
        kappa=figure(_kappa),
        ac1=figure(_ac1),
    )


def _resampled(sums: Floats, *, seed: int) -> Floats:
    """The table of each bootstrap sample of conversations."""
    talk_count = len(sums)
    if not talk_count:
        return np.zeros((0, 4))
    dice = np.random.default_rng(seed)
    times = dice.multinomial(talk_count, np.full(talk_count, 1 / talk_count), size=DRAWS)
    return np.asarray(times @ sums, dtype=np.float64)


def _ratio(part: Floats, whole: Floats) -> Floats:
    """A ratio by rows; NaN where there is nothing to divide by."""
    out = np.full(len(whole), np.nan)
    np.divide(part, whole, out=out, where=whole > 0)
    return out


def _positive(tables: Floats) -> Floats:
    twice = 2 * tables[:, 0]
    return _ratio(twice, twice + tables[:, 1] + tables[:, 2])


def _negative(tables: Floats) -> Floats:
    twice = 2 * tables[:, 3]
    return _ratio(twice, twice + tables[:, 1] + tables[:, 2])


def _kappa(tables: Floats) -> Floats:
    first, second, same = _margins(tables)
    expected = first * second + (1 - first) * (1 - second)
    return _ratio(same - expected, 1 - expected)


def _ac1(tables: Floats) -> Floats:
    first, second, same = _margins(tables)
    relevant = (first + second) / 2
    expected = 2 * relevant * (1 - relevant)
    return _ratio(same - expected, 1 - expected)


def _margins(tables: Floats) -> tuple[Floats, Floats, Floats]:
    """The share each called relevant, and the share answered alike."""
    total = tables.sum(axis=1)
    first = _ratio(tables[:, 0] + tables[:, 1], total)
    second = _ratio(tables[:, 0] + tables[:, 2], total)
    return first, second, _ratio(tables[:, 0] + tables[:, 3], total)
