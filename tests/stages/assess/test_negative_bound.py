"""The bound of a sample is the exact one, holds as often as it says, and knows a reader who errs."""

from __future__ import annotations

import hashlib
import math
from fractions import Fraction
from functools import cache

import numpy as np
import pytest
from scipy import stats

from pastwatch.desk.stoppingcalls import drawn_order
from pastwatch.errors import BadValue
from pastwatch.stages.assess.negative_bound import (
    READ_AT_MOST,
    at_most,
    fewest_to_read,
    is_ruled_out,
    lower_per_10000,
)
from pastwatch.stages.brief import verifier_negative as verifier
from pastwatch.stages.review.hypergeometric import most_relevant

RUNS = 2100
POPULATION, READ = 240, 60
READERS = ((1, 1), (9, 10), (13, 20))


@cache
def chance(found: int, relevant: int, population: int, read: int, share: Fraction) -> Fraction:
    """P(at most `found` recognised), written down from the definition."""
    total = Fraction(0)
    for drawn in range(min(relevant, read) + 1):
        ways = math.comb(relevant, drawn) * math.comb(population - relevant, read - drawn)
        few = sum(
            (
                math.comb(drawn, k) * share**k * (1 - share) ** (drawn - k)
                for k in range(min(found, drawn) + 1)
            ),
            Fraction(0),
        )
        total += Fraction(ways, math.comb(population, read)) * few
    return total


def optimum(found: int, population: int, read: int, share: Fraction) -> int:
    """The smallest limit that holds at the level whatever is there: the largest K not ruled out."""
    kept = [
        relevant
        for relevant in range(found, population + 1)
        if chance(found, relevant, population, read, share) > Fraction(5, 100)
    ]
    return max(kept)


@pytest.mark.parametrize("share", [(1, 1), (9, 10), (3, 4), (0, 3)])
@pytest.mark.parametrize("population", [1, 2, 7, 12])
def test_it_is_the_largest_count_that_the_sample_does_not_rule_out(
    population: int, share: tuple[int, int]
) -> None:
    for read in range(1, population + 1):
        for found in range(min(read, 3)):
            if found and not share[0]:
                continue
            told = at_most(
                found, population=population, read=read, recognised=share[0], shown=share[1]
            )
            assert told == optimum(found, population, read, Fraction(*share))


def test_with_a_reader_who_passes_over_none_it_is_the_bound_of_the_review() -> None:
    for population, read, found in ((50, 10, 0), (500, 60, 1), (2000, 59, 0), (80, 80, 3)):
        told = at_most(found, population=population, read=read)
        assert told == most_relevant(found, population=population, drawn=read, alpha_p=0.05)


def test_it_never_grows_as_more_is_read_and_none_found() -> None:
    told = [at_most(0, population=100, read=read, recognised=8, shown=10) for read in range(1, 101)]
    assert told == sorted(told, reverse=True)


def test_dividing_by_the_sensitivity_would_say_none_where_one_may_well_be() -> None:
    divided = at_most(0, population=30, read=30) / 0.8
    assert divided == 0
    assert at_most(0, population=30, read=30, recognised=8, shown=10) == 1
    assert chance(0, 1, 30, 30, Fraction(8, 10)) == Fraction(1, 5)  # four times what is allowed


def test_over_many_runs_it_holds_as_often_as_it_says_and_is_no_wider_than_it_must_be() -> None:
    chance_of = np.random.default_rng(20170701)
    held, runs, widest = 0, 0, Fraction(0)
    names = [
        hashlib.sha256(number.to_bytes(4, "big")).digest()[:16] for number in range(POPULATION)
    ]
    for run in range(RUNS):
        planted, share = run % 21, READERS[run % len(READERS)]
        relevant = set(chance_of.choice(POPULATION, planted, replace=False).tolist())
        seed = run.to_bytes(16, "big")
        drawn = drawn_order(range(POPULATION), names, seed)[:READ]
        found = sum(
            1 for one in drawn if one in relevant and chance_of.integers(share[1]) < share[0]
        )
        told = at_most(found, population=POPULATION, read=READ, recognised=share[0], shown=share[1])
        best = optimum_here(found, share)
        widest = max(widest, Fraction(told, best))
        held, runs = held + (told >= planted), runs + 1
    assert runs >= 1000
    assert stats.beta.ppf(0.05, held, runs - held + 1) >= 0.93
    assert widest <= Fraction(11, 10)


@cache
def optimum_here(found: int, share: tuple[int, int]) -> int:
    """As `optimum`, by another library's chances."""
    drawn = np.arange(READ + 1)
    few = stats.binom.cdf(found, drawn, share[0] / share[1])
    kept = [
        relevant
        for relevant in range(found, POPULATION + 1)
        if (stats.hypergeom.pmf(drawn, POPULATION, relevant, READ) * few).sum() > 0.05
    ]
    return max(kept)


@pytest.mark.parametrize("planted", [1, 4, 7, 12, 20])
def test_it_holds_at_its_level_for_each_number_planted(planted: int) -> None:
    """The chance that it misses, summed over all that can be found: no simulation, no luck."""
    for share in READERS:
        fails = [
            found
            for found in range(planted + 1)
            if at_most(found, population=POPULATION, read=READ, recognised=share[0], shown=share[1])
            < planted
        ]
        if fails:
            missed = chance(max(fails), planted, POPULATION, READ, Fraction(*share))
            assert missed <= Fraction(5, 100)


def test_the_fewest_to_read_is_enough_and_one_less_is_not() -> None:
    for share in READERS:
        read = fewest_to_read(12, population=200, recognised=share[0], shown=share[1])
        assert read is not None
        limits = [
            at_most(0, population=200, read=n, recognised=share[0], shown=share[1])
            for n in (read, read - 1)
        ]
        assert limits[0] <= 12 < limits[1]
    assert fewest_to_read(0, population=20, recognised=1, shown=2) is None
    assert fewest_to_read(20, population=20) == 0


@pytest.mark.parametrize(("found", "tried"), [(0, 5), (1, 1), (4, 5), (38, 40), (50, 50)])
def test_the_lower_limit_of_a_share_is_that_of_clopper_and_pearson_rounded_down(
    found: int, tried: int
) -> None:
    exact = stats.beta.ppf(0.05, found, tried - found + 1) if found else 0.0
    assert lower_per_10000(found, tried) == math.floor(exact * 10_000)
    assert verifier.is_lower(lower_per_10000(found, tried), found, tried)
    assert not verifier.is_lower(lower_per_10000(found, tried) + 1, found, tried)


def test_the_verifier_comes_to_the_same_by_another_way() -> None:
    for read, share in ((30, (1, 1)), (30, (7, 8)), (90, (6215, 10_000)), (90, (0, 4))):
        sampled = {"population": 90, "read": read, "found": 0, "level_percent": 95}
        told = at_most(0, population=90, read=read, recognised=share[0], shown=share[1])
        assert verifier.is_most(told, sampled, share)
        assert not verifier.is_most(told - 1, sampled, share)
        assert not verifier.is_most(told + 1, sampled, share)


def test_the_largest_sample_there_may_be_is_one_that_the_verifier_works_out() -> None:
    assert READ_AT_MOST <= verifier.LONGEST
    assert 2 * 4 * (READ_AT_MOST + 1) ** 2 < verifier.MOST_WORK, "two of the largest in one brief"
    told = at_most(0, population=20_000, read=READ_AT_MOST, recognised=9, shown=10)
    sampled = {"population": 20_000, "read": READ_AT_MOST, "found": 0, "level_percent": 95}
    assert verifier.is_most(told, sampled, (9, 10))


def test_a_sample_that_finds_more_than_it_read_is_none() -> None:
    with pytest.raises(BadValue):
        at_most(3, population=10, read=2)
    with pytest.raises(BadValue):
        at_most(0, population=10, read=2, recognised=5, shown=4)


def test_a_count_that_the_sample_cannot_have_missed_is_ruled_out() -> None:
    assert is_ruled_out(10, 0, population=10, read=1)
    assert not is_ruled_out(10, 0, population=10, read=1, recognised=0)
