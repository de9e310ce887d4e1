"""Chances of drawing without replacement, against counting every draw there is."""

from __future__ import annotations

import itertools
import math
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pastwatch.stages.review.hypergeometric import (
    cdf,
    fewest_drawn,
    least_relevant,
    log_binomial_tail,
    most_relevant,
    none_p,
    pmf,
    pmfs,
    within,
)

SMALL = range(1, 9)


def counted(found: int, *, population: int, relevant: int, drawn: int) -> Fraction:
    """The share of all draws that hold exactly so many of the first `relevant` records."""
    draws = list(itertools.combinations(range(population), drawn))
    return Fraction(sum(sum(one < relevant for one in d) == found for d in draws), len(draws))


def exact(found: int, *, population: int, relevant: int, drawn: int) -> Fraction:
    return Fraction(
        math.comb(relevant, found) * math.comb(population - relevant, drawn - found)
        if 0 <= found <= drawn
        else 0,
        math.comb(population, drawn),
    )


@pytest.mark.parametrize("population", SMALL)
def test_chances_are_those_of_every_draw_there_is(population: int) -> None:
    for relevant, drawn in itertools.product(range(population + 1), repeat=2):
        total = Fraction(0)
        for found in range(drawn + 1):
            share = counted(found, population=population, relevant=relevant, drawn=drawn)
            total += share
            given_p = pmf(found, population=population, relevant=relevant, drawn=drawn)
            assert math.isclose(given_p, share, rel_tol=1e-9, abs_tol=1e-15)
            summed = cdf(found, population=population, relevant=relevant, drawn=drawn)
            assert math.isclose(summed, total, rel_tol=1e-9)
        assert math.isclose(
            none_p(population, relevant, drawn),
            counted(0, population=population, relevant=relevant, drawn=drawn),
            abs_tol=1e-15,
        )


@pytest.mark.parametrize("alpha", [Fraction(1, 20), Fraction(1, 5)])
@pytest.mark.parametrize("population", [7, 20, 31])
def test_both_limits_miss_no_more_often_than_stated_for_every_number_of_relevant_ones(
    population: int, alpha: Fraction
) -> None:
    for drawn in range(0, population + 1, 3):
        most = [
            most_relevant(x, population=population, drawn=drawn, alpha_p=float(alpha))
            for x in range(drawn + 1)
        ]
        least = [
            least_relevant(x, population=population, drawn=drawn, alpha_p=float(alpha))
            for x in range(drawn + 1)
        ]
        for relevant in range(population + 1):
            chances = [
                exact(x, population=population, relevant=relevant, drawn=drawn)
                for x in range(drawn + 1)
            ]
            assert sum(p for p, k in zip(chances, most, strict=True) if relevant > k) <= alpha
            assert sum(p for p, k in zip(chances, least, strict=True) if relevant < k) <= alpha


def test_an_upper_limit_is_the_last_number_that_the_draw_does_not_rule_out() -> None:
    most = most_relevant(1, population=40, drawn=15, alpha_p=0.05)
    assert cdf(1, population=40, relevant=most, drawn=15) > 0.05
    assert cdf(1, population=40, relevant=most + 1, drawn=15) <= 0.05


@given(st.integers(1, 2000), st.data())
def test_the_fewest_drawn_are_enough_and_one_less_is_not(
    population: int, data: st.DataObject
) -> None:
    relevant = data.draw(st.integers(1, population))
    limit = data.draw(st.sampled_from([0.01, 0.05, 0.2]))
    drawn = fewest_drawn(population, relevant, limit_p=limit)
    assert within(none_p(population, relevant, drawn), limit)
    assert drawn == 0 or not within(none_p(population, relevant, drawn - 1), limit)


@given(st.integers(1, 5000), st.data())
def test_chances_made_from_one_another_are_those_made_apart(
    population: int, data: st.DataObject
) -> None:
    relevant = data.draw(st.integers(0, population))
    drawn = data.draw(st.integers(0, population))
    together = pmfs(30, population=population, relevant=relevant, drawn=drawn)
    apart = [pmf(x, population=population, relevant=relevant, drawn=drawn) for x in range(31)]
    assert together == pytest.approx(apart, rel=1e-6, abs=1e-15)


def test_a_chance_that_equals_its_limit_keeps_to_it() -> None:
    assert fewest_drawn(20, 1, limit_p=0.05) == 19


@given(st.integers(1, 60), st.data())
def test_a_binomial_tail_is_the_sum_of_its_terms(trials: int, data: st.DataObject) -> None:
    least = data.draw(st.integers(0, trials))
    chance = Fraction(data.draw(st.integers(1, 99)), 100)
    tail = sum(
        math.comb(trials, x) * chance**x * (1 - chance) ** (trials - x)
        for x in range(least, trials + 1)
    )
    assert math.isclose(
        math.exp(log_binomial_tail(least, trials, float(chance))), tail, rel_tol=1e-9
    )


def test_a_million_records_lose_nothing_to_rounding() -> None:
    exact_p = math.comb(999_000, 3000) / math.comb(1_000_000, 3000)
    assert math.isclose(none_p(1_000_000, 1000, 3000), exact_p, rel_tol=1e-7)
