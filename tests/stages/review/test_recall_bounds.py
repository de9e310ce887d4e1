"""What may be said of recall holds at its stated rate, at every time it may be looked at."""

from __future__ import annotations

import itertools
import math
from fractions import Fraction

import pytest

from pastwatch.errors import BadValue
from pastwatch.stages.review.recall import (
    Bound,
    Rests,
    control_lower,
    pilot_lower,
    rest_lower,
    units_of,
)
from pastwatch.stages.review.stopping import Goal, Unit

LOOSE = Goal.of(0.6, 0.25)


def bound(
    rests_on: Rests,
    *,
    found: int,
    lower: float,
    talks: int = 0,
    left: int = 99,
    unit: Unit = Unit.RECORD,
) -> Bound:
    return Bound(
        rests_on=rests_on,
        unit=unit,
        found=found,
        lower_ratio=lower,
        goal=Goal(),
        conversations_found=talks,
        conversations_left=left,
    )


@pytest.mark.parametrize("relevant", range(9))
def test_the_limit_from_the_rest_is_ever_above_the_truth_no_more_often_than_stated(
    relevant: int,
) -> None:
    found, population = 6, 9
    wrong = orders = 0
    for places in itertools.combinations(range(population), relevant):
        orders += 1
        for drawn in range(population + 1):
            seen = sum(place < drawn for place in places)
            lower = rest_lower(found, drawn=drawn, relevant=seen, population=population, goal=LOOSE)
            if lower > (found + seen) / (found + relevant) + 1e-12:
                wrong += 1
                break
    assert Fraction(wrong, orders) <= LOOSE.alpha


@pytest.mark.parametrize("total", range(1, 9))
def test_the_limit_from_a_pilot_is_above_the_truth_no_more_often_than_stated(total: int) -> None:
    population, drawn = 12, 5
    for found in range(total + 1):
        wrong = Fraction(0)
        for seen in range(min(total, drawn) + 1):
            chance = Fraction(
                math.comb(total, seen) * math.comb(population - total, drawn - seen),
                math.comb(population, drawn),
            )
            lower = pilot_lower(
                found, drawn=drawn, relevant=seen, population=population, goal=LOOSE
            )
            wrong += chance * (lower > found / total + 1e-12)
        assert wrong <= LOOSE.alpha


@pytest.mark.parametrize(("total", "relevant"), [(6, 3), (9, 4), (10, 6), (11, 11)])
def test_the_limit_from_a_control_sample_is_ever_above_the_truth_no_more_often_than_stated(
    total: int, relevant: int
) -> None:
    limits = [control_lower(j, relevant=relevant, goal=LOOSE) for j in range(relevant + 1)]
    wrong = orders = 0
    for ranks in itertools.combinations(range(1, total + 1), relevant):
        orders += 1
        wrong += any(limits[j + 1] > rank / total + 1e-12 for j, rank in enumerate(ranks))
    assert Fraction(wrong, orders) <= LOOSE.alpha
    assert limits == sorted(limits)
    assert limits[0] == 0


def test_no_more_control_units_can_be_reached_than_there_are() -> None:
    with pytest.raises(BadValue):
        control_lower(4, relevant=3, goal=Goal())


def test_a_rest_read_whole_says_the_recall_that_is_true() -> None:
    assert rest_lower(9, drawn=20, relevant=1, population=20, goal=Goal()) == 1.0
    assert pilot_lower(5, drawn=20, relevant=10, population=20, goal=Goal()) == 0.5


def test_a_limit_for_conversations_follows_from_the_records_that_may_be_missed() -> None:
    said = bound(Rests.REST, found=95, lower=0.95, talks=10)
    assert said.conversations_ratio == pytest.approx(10 / 15)  # five records, five talks at most
    few = bound(Rests.REST, found=95, lower=0.95, talks=10, left=2)
    assert few.conversations_ratio == pytest.approx(10 / 12)  # no more can be missed than are left
    assert bound(Rests.REST, found=95, lower=0.0, talks=10).conversations_ratio is None
    by_talks = bound(Rests.REST, found=95, lower=0.9, talks=95, unit=Unit.CONVERSATION)
    assert by_talks.conversations_ratio is None


def test_the_line_names_whose_relevance_it_is_and_never_rounds_a_limit_up() -> None:
    line = bound(Rests.CONTROL, found=1200, lower=0.94999, talks=800).line()
    assert "1,200 relevant records found" in line
    assert "recall of what this reader calls relevant" in line
    assert "at least 94.9 %" in line
    assert "95 % sure" in line
    assert "nothing can be said" in bound(Rests.NOTHING, found=1, lower=0.0).line()
    assert "1 relevant record found" in bound(Rests.NOTHING, found=1, lower=0.0).line()
    assert "every record is decided" in bound(Rests.WHOLE, found=4, lower=1.0).line()


def test_a_conversation_is_found_with_one_record_and_left_while_none_of_it_is() -> None:
    talks = [0, 0, 1, 1, 2, 2, 3]
    calls = {0: True, 2: False, 4: False, 5: False}
    records = units_of(Unit.RECORD, calls=calls, conversation=talks, outside=frozenset({6}))
    assert (records.found, records.left) == (1, (1, 3))
    counted = units_of(Unit.CONVERSATION, calls=calls, conversation=talks, outside=frozenset({6}))
    assert (counted.found, counted.left) == (1, (1,))
