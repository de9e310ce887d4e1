"""Whether the scores of what arrives lie as they did when a model was learned; no more than that."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from pastwatch.errors import BadValue

LEAST_RECORDS: Final = 500
"""Of fewer records nothing is said."""
MOVED: Final = 0.25
"""A population stability index above this is told to the owner; by custom, below 0.1 is no change."""
_TERMS: Final = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Drift:
    """How far the scores of arriving records lie from those of the records a model was held against.

    `stability` is the population stability index over the bins (the sum of (a − b) · ln(a / b));
    `distance` the largest difference of the two cumulative shares at the bars between them
    (Kolmogorov–Smirnov on binned scores: at most the distance of the scores themselves), and
    `chance_p` how likely a distance as large is where both were drawn alike, by its limit for many
    records. Records that arrive are not independent draws: it is a signal, no proof.
    """

    learned_count: int
    arrived_count: int
    stability: float
    distance: float
    chance_p: float

    @property
    def enough(self) -> bool:
        """Whether there are records enough to say anything."""
        return min(self.learned_count, self.arrived_count) >= LEAST_RECORDS

    @property
    def moved(self) -> bool:
        """Whether the owner is to be told."""
        return self.enough and self.stability > MOVED

    def said(self) -> str:
        """It in one sentence, with its counts, and what it does not say."""
        if not self.enough:
            return (
                f"{self.arrived_count:,} records scored: nothing is said of fewer than "
                f"{LEAST_RECORDS:,}, nor against fewer"
            )
        how = "differently from" if self.moved else "much as"
        return (
            f"the scores of {self.arrived_count:,} arriving records lie {how} those of the "
            f"{self.learned_count:,} the model was held against (stability index "
            f"{self.stability:.2f}, largest distance {self.distance:.2f}); whether it finds more "
            "or less than before is not said by that"
        )


def binned(scores: np.ndarray, bars: Sequence[float]) -> np.ndarray:
    """How many scores lie in each bin: below the first bar, between two, not below the last."""
    places = np.searchsorted(np.asarray(bars, np.float64), scores, side="right")
    return np.bincount(places, minlength=len(bars) + 1)


def drift(learned: Sequence[int], arrived: Sequence[int]) -> Drift:
    """Compare counts over the same bins; half a record is added to each bin, so none is empty."""
    if len(learned) != len(arrived) or not learned:
        raise BadValue("two distributions are compared over the same bins")
    before, now = np.asarray(learned, np.float64), np.asarray(arrived, np.float64)
    share = [(own + 0.5) / (own.sum() + 0.5 * len(own)) for own in (before, now)]
    stability = float(((share[1] - share[0]) * np.log(share[1] / share[0])).sum())
    n, m = float(before.sum()), float(now.sum())
    distance = 0.0
    if n and m:
        distance = float(np.abs(np.cumsum(before) / n - np.cumsum(now) / m).max())
    return Drift(
        learned_count=int(n),
        arrived_count=int(m),
        stability=stability,
        distance=distance,
        chance_p=_kolmogorov(distance * math.sqrt(n * m / (n + m))) if n and m else 1.0,
    )


def _kolmogorov(value: float) -> float:
    """How likely a scaled distance as large is (Kolmogorov's limit; Smirnov 1948)."""
    if value < 0.2:  # noqa: PLR2004 - there it is 1 to twelve digits, and the series slow
        return 1.0
    signs = (1.0, -1.0)
    terms = (signs[k % 2] * math.exp(-2 * ((k + 1) * value) ** 2) for k in range(_TERMS))
    return min(max(2 * sum(terms), 0.0), 1.0)
