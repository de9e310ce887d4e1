"""Draws the records that two reviewers judge blind: by strata of rank, each with a known chance."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

Rows = npt.NDArray[np.int64]

CUTS = (0.01, 0.05, 0.2, 1.0)
"""Where the strata end, as shares of the ranking: what is likely relevant is a thin top."""


class Chosen(NamedTuple):
    """A row of the draw, its stratum from the top down, and the chance it had."""

    row: int
    stratum: int
    chance_p: float


def draw_overlap(order: Rows, count: int, *, seed: bytes) -> list[Chosen]:
    """Draw so many rows of a ranking, as evenly over its strata as they hold, in random order.

    The chance of a row is what was drawn of its stratum over what the stratum holds.
    """
    dice = np.random.default_rng(np.frombuffer(seed, dtype=np.uint8).astype(np.uint32))
    ends = [round(len(order) * cut) for cut in CUTS]
    strata = [order[a:b] for a, b in zip([0, *ends[:-1]], ends, strict=True)]
    shares = _shares([len(rows) for rows in strata], count)
    drawn = [
        Chosen(int(row), number, share / len(rows))
        for number, (rows, share) in enumerate(zip(strata, shares, strict=True))
        if share
        for row in dice.choice(rows, size=share, replace=False)
    ]
    return [drawn[int(at)] for at in dice.permutation(len(drawn))]


def _shares(sizes: list[int], count: int) -> list[int]:
    """How many of each stratum: equal parts, and what one lacks from those that have more."""
    shares = [0] * len(sizes)
    left = min(count, sum(sizes))
    while left:
        open_ones = [at for at, size in enumerate(sizes) if shares[at] < size]
        each = max(left // len(open_ones), 1)
        for at in open_ones:
            taken = min(each, sizes[at] - shares[at], left)
            shares[at] += taken
            left -= taken
    return shares
