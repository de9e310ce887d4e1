"""Exact chances of drawing without replacement from a finite number of records, some relevant."""

from __future__ import annotations

import math
from typing import Final

_ROUNDING: Final = 1 + 1e-9
"""Log-gamma is good to about 1e-10 here: a chance that equals its limit is not lost to rounding."""


_TINY: Final = 1e-250


def within(chance_p: float, limit_p: float) -> bool:
    """Whether a computed chance keeps to its limit, to nine digits."""
    return chance_p <= limit_p * _ROUNDING


def log_choose(of: int, some: int) -> float:
    """The logarithm of the binomial coefficient; minus infinity where there is no such choice."""
    if some < 0 or some > of:
        return -math.inf
    return math.lgamma(of + 1) - math.lgamma(some + 1) - math.lgamma(of - some + 1)


def none_p(population: int, relevant: int, drawn: int) -> float:
    """The chance that none of so many relevant records is among those drawn."""
    if drawn + relevant > population:
        return 0.0
    few, many = sorted((relevant, drawn))
    if few <= 64:  # noqa: PLR2004 - a short product is exact to the last digits
        product = 1.0
        for i in range(few):
            product *= (population - many - i) / (population - i)
        return product
    return math.exp(log_choose(population - relevant, drawn) - log_choose(population, drawn))


def pmf(found: int, *, population: int, relevant: int, drawn: int) -> float:
    """The chance that exactly `found` of the relevant records are among those drawn."""
    if found == 0:
        return none_p(population, relevant, drawn)
    log_p = log_choose(relevant, found) + log_choose(population - relevant, drawn - found)
    return math.exp(log_p - log_choose(population, drawn)) if log_p > -math.inf else 0.0


def pmfs(most: int, *, population: int, relevant: int, drawn: int) -> list[float]:
    """The chances of 0, 1, … `most` among those drawn, each from the one before it."""
    first = none_p(population, relevant, drawn)
    if first < _TINY:  # the next would be made of what was lost to rounding
        return [
            pmf(x, population=population, relevant=relevant, drawn=drawn) for x in range(most + 1)
        ]
    chances = [first]
    others = population - relevant - drawn
    for x in range(most):
        chances.append(chances[-1] * (relevant - x) * (drawn - x) / ((x + 1) * (others + x + 1)))
    return chances


def cdf(found: int, *, population: int, relevant: int, drawn: int) -> float:
    """The chance of at most `found` among those drawn."""
    least = max(0, drawn + relevant - population)
    most = min(found, relevant, drawn)
    if found >= min(relevant, drawn):
        return 1.0
    return math.fsum(
        pmf(x, population=population, relevant=relevant, drawn=drawn)
        for x in range(least, most + 1)
    )


def most_relevant(found: int, *, population: int, drawn: int, alpha_p: float) -> int:
    """The exact one-sided upper bound: the most relevant records that the draw does not rule out.

    The largest K with P(at most `found` | K) > alpha; over all draws, K above it has a chance of
    alpha at most, whatever K is.
    """
    low, high = found, population - (drawn - found)
    while low < high:
        middle = (low + high + 1) // 2
        if within(cdf(found, population=population, relevant=middle, drawn=drawn), alpha_p):
            high = middle - 1
        else:
            low = middle
    return low


def least_relevant(found: int, *, population: int, drawn: int, alpha_p: float) -> int:
    """The exact one-sided lower bound: the fewest relevant records the draw does not rule out."""
    low, high = found, population - (drawn - found)
    while low < high:
        middle = (low + high) // 2
        above = 1 - cdf(found - 1, population=population, relevant=middle, drawn=drawn)
        if found and within(above, alpha_p):
            low = middle + 1
        else:
            high = middle
    return low


def fewest_drawn(population: int, relevant: int, *, limit_p: float) -> int:
    """The fewest to draw so that the chance of meeting none of `relevant` records is kept down."""
    if relevant > population:
        return 0
    low, high = 0, population - relevant + 1
    while low < high:
        middle = (low + high) // 2
        if within(none_p(population, relevant, middle), limit_p):
            high = middle
        else:
            low = middle + 1
    return low


def log_binomial_tail(least: int, trials: int, chance_p: float) -> float:
    """The logarithm of the chance of at least so many successes in independent trials."""
    if least <= 0:
        return 0.0
    if least > trials or chance_p <= 0:
        return -math.inf
    if chance_p >= 1:
        return 0.0
    log_p, log_q = math.log(chance_p), math.log1p(-chance_p)
    terms = [
        log_choose(trials, x) + x * log_p + (trials - x) * log_q for x in range(least, trials + 1)
    ]
    top = max(terms)
    return top + math.log(math.fsum(math.exp(t - top) for t in terms))
