"""The most that a random sample does not rule out, exactly, where its reader may pass over some."""

from __future__ import annotations

import math
from functools import lru_cache
from typing import Final

from pastwatch.errors import BadValue

LEVEL_PERCENT: Final = 95
SCALE: Final = 10_000
"""A reader's lower limit is kept as a whole number of ten-thousandths, so that anybody can check it."""

READ_AT_MOST: Final = 2_500
"""So many conversations a sample holds at most: of more, whoever checks a brief would wait too long."""


@lru_cache(maxsize=4096)
def at_most(
    found: int,
    *,
    population: int,
    read: int,
    recognised: int = 1,
    shown: int = 1,
    level_percent: int = LEVEL_PERCENT,
) -> int:
    """The one-sided exact upper limit on how many of a population count, `found` of `read` being so.

    The largest K with P(at most `found` are recognised | K) > 1 − level. H of the K are drawn, by
    the hypergeometric distribution, and each is recognised with the chance s = recognised / shown:
    the hypergeometric distribution, thinned. Dividing the limit of a perfect reader by s is what
    this comes to where the limit is large. It is not used: it takes the number recognisable for
    s·K, which it only is on average, and so is too low for few. Where all were read it says 0
    whatever the reader passes over; this does not. Whole numbers throughout, nothing is rounded.
    """
    _check(found, population=population, read=read, recognised=recognised, shown=shown)
    low, high = found, population
    while low < high:
        middle = (low + high + 1) // 2
        if is_ruled_out(
            middle,
            found,
            population=population,
            read=read,
            recognised=recognised,
            shown=shown,
            level_percent=level_percent,
        ):
            high = middle - 1
        else:
            low = middle
    return low


def is_ruled_out(
    relevant: int,
    found: int,
    *,
    population: int,
    read: int,
    recognised: int = 1,
    shown: int = 1,
    level_percent: int = LEVEL_PERCENT,
) -> bool:
    """Whether so many relevant ones would give at most `found` with a chance of 1 − level or less."""
    missed = shown - recognised
    least = max(0, read - (population - relevant))
    most = min(read, relevant)
    term = math.comb(relevant, least) * math.comb(population - relevant, read - least)
    total = 0  # of C(population, read) * shown**most
    for drawn in range(least, most + 1):
        if not missed and drawn > found:
            break
        total += term * _few(found, drawn, recognised, missed) * shown ** (most - drawn)
        below = (drawn + 1) * (population - relevant - read + drawn + 1)
        term = term * (relevant - drawn) * (read - drawn) // below
    ways = math.comb(population, read) * shown**most
    return bool(total * 100 <= (100 - level_percent) * ways)


def fewest_to_read(
    wished: int, *, population: int, recognised: int = 1, shown: int = 1
) -> int | None:
    """The fewest to read so that, none being found, at most `wished` could remain; None if none do."""
    if wished >= population:
        return 0

    def leaves(read: int) -> int:
        return at_most(0, population=population, read=read, recognised=recognised, shown=shown)

    low, high = 1, population
    if leaves(high) > wished:
        return None
    while low < high:
        middle = (low + high) // 2
        if leaves(middle) <= wished:
            high = middle
        else:
            low = middle + 1
    return low


@lru_cache(maxsize=4096)
def lower_per_10000(found: int, tried: int, *, level_percent: int = LEVEL_PERCENT) -> int:
    """The lower end of a share, one-sided, in ten-thousandths, rounded down (Clopper & Pearson 1934)."""
    if not 0 <= found <= tried:
        raise BadValue("no more are found than were tried")
    low, high = 0, SCALE
    while low < high and found:
        middle = (low + high + 1) // 2
        ways = sum(
            math.comb(tried, k) * middle**k * (SCALE - middle) ** (tried - k)
            for k in range(found, tried + 1)
        )
        if ways * 100 <= (100 - level_percent) * SCALE**tried:
            low = middle
        else:
            high = middle - 1
    return low if found else 0


def _few(found: int, drawn: int, recognised: int, missed: int) -> int:
    """In how many ways at most `found` of those drawn are recognised; of shown**drawn."""
    if drawn <= found:
        return int((recognised + missed) ** drawn)
    return sum(
        math.comb(drawn, k) * recognised**k * missed ** (drawn - k) for k in range(found + 1)
    )


def _check(found: int, *, population: int, read: int, recognised: int, shown: int) -> None:
    if not 0 <= found <= read <= population:
        raise BadValue("a sample finds no more than was read, and reads no more than there is")
    if not 0 <= recognised <= shown or not shown:
        raise BadValue("a reader recognises no more than was shown")
