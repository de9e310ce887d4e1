"""Exact tests for counts: spells, binomial tails, corrected p, an interval of a rate."""

from __future__ import annotations

import math
from typing import Final, NamedTuple

import numpy as np

from pastwatch.model.when import HOUR_US
from pastwatch.stages.reconstruct.changerhythm import Floats
from pastwatch.stages.reconstruct.talk import Int64s

LEVEL_P: Final = 0.05
PAIR_SPELL_US: Final = 6 * HOUR_US
ACCOUNT_SPELL_US: Final = HOUR_US
"""Talk is counted in spells of this length with any talk in them: a burst of records is one."""
_HALVINGS: Final = 60


class Spells(NamedTuple):
    """Spells with talk: whose, and when their first and last record was; in order of both."""

    key: Int64s
    start_us: Int64s
    end_us: Int64s


def spells_of(key: Int64s, at_us: Int64s, *, length_us: int, anchor_us: int) -> Spells:
    """The stretches of one length, laid off from an anchor, in which each key says anything."""
    order = np.lexsort((at_us, key))
    key, at_us = key[order], at_us[order]
    if not len(key):
        return Spells(key, at_us, at_us)
    spell = (at_us - anchor_us) // length_us
    is_first = np.ones(len(key), np.bool_)
    is_first[1:] = (key[1:] != key[:-1]) | (spell[1:] != spell[:-1])
    start = np.flatnonzero(is_first)
    end = np.append(start[1:], len(key)) - 1
    return Spells(key[start], at_us[start], at_us[end])


def log_factorials(most: int) -> Floats:
    """Logarithms of n! for n from 0 to `most`."""
    return np.concatenate((np.zeros(1), np.cumsum(np.log(np.arange(1, most + 1, dtype=float)))))


def binomial_tails(n: Int64s, x: Int64s, p: Floats) -> tuple[Floats, Floats]:
    """P(X ≤ x) and P(X ≥ x) of binomial counts of n trials with chance p each."""
    low, high = np.ones(len(n)), np.ones(len(n))
    if not len(n):
        return low, high
    factorial = log_factorials(int(n.max()))
    both, at = np.unique(np.stack((n.astype(float), p)), axis=1, return_inverse=True)
    at = at.ravel()
    order = np.argsort(at, kind="stable")
    starts = np.append(np.searchsorted(at[order], np.arange(both.shape[1])), len(at))
    for number in range(both.shape[1]):
        own = order[starts[number] : starts[number + 1]]
        chance = _masses(int(both[0, number]), float(both[1, number]), factorial)
        low[own] = np.minimum(np.cumsum(chance), 1)[x[own]]
        high[own] = np.minimum(np.cumsum(chance[::-1])[::-1], 1)[x[own]]
    return low, high


def two_sided(low: Floats, high: Floats) -> Floats:
    """Twice the smaller tail, at most 1."""
    return np.asarray(np.minimum(2 * np.minimum(low, high), 1), float)


def corrected(p: Floats) -> Floats:
    """Each p adjusted for the share of false discoveries (Benjamini & Hochberg 1995)."""
    size = len(p)
    if not size:
        return p
    order = np.argsort(p, kind="stable")[::-1]
    scaled = p[order] * size / np.arange(size, 0, -1)
    adjusted = np.empty(size)
    adjusted[order] = np.minimum(np.minimum.accumulate(scaled), 1)
    return adjusted


def ratio_interval(
    before: int, after: int, *, exposure_before: float, exposure_after: float
) -> tuple[float, float | None]:
    """A 95 % interval of the ratio of two Poisson rates (Clopper & Pearson 1934); open above as None."""
    total = before + after
    factorial = log_factorials(total)
    scale = exposure_before / exposure_after
    low = _solved(total, after, factorial, upper=True) if after else 0.0
    high = _solved(total, after, factorial, upper=False) if before else 1.0
    return low / (1 - low) * scale, None if high >= 1 else high / (1 - high) * scale


def _solved(n: int, x: int, factorial: Floats, *, upper: bool) -> float:
    """The chance at which the tail from x upwards (or downwards) holds 2.5 %."""
    below, above = 0.0, 1.0
    for _ in range(_HALVINGS):
        middle = (below + above) / 2
        chance = _masses(n, middle, factorial)
        tail = chance[x:].sum() if upper else 1 - chance[: x + 1].sum()
        is_low = tail < LEVEL_P / 2 if upper else tail < 1 - LEVEL_P / 2
        below, above = (middle, above) if is_low else (below, middle)
    return (below + above) / 2


def _masses(n: int, p: float, factorial: Floats) -> Floats:
    """The chances of 0 to n hits."""
    x = np.arange(n + 1)
    if p <= 0 or p >= 1:
        return np.asarray(x == (0 if p <= 0 else n), float)
    return np.asarray(
        np.exp(
            factorial[n]
            - factorial[x]
            - factorial[n - x]
            + x * math.log(p)
            + (n - x) * math.log1p(-p)
        )
    )
