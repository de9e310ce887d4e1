"""A finding of nothing counts only as far as the looking would have found something."""

from __future__ import annotations

from math import comb
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.stages.assess.matrices import THREE

from pastwatch.model.hypothesis import EvidenceItem, Rated, Rating, Unfound
from pastwatch.stages.assess.diagnostic import lower_limit, worth_of
from pastwatch.stages.assess.hypotheses import matrix_of

FULL: dict[str, Any] = {"covered_count": 1000, "of_count": 1000}


def test_a_search_not_rehearsed_tells_nothing() -> None:
    worth = worth_of(Unfound(**FULL))
    assert not worth.diagnostic
    assert worth.found_p is None
    assert "not rehearsed" in worth.why


def test_low_coverage_tells_nothing_however_well_the_search_finds() -> None:
    worth = worth_of(
        Unfound(covered_count=700, of_count=1000, rehearsed_count=500, found_count=500)
    )
    assert not worth.diagnostic
    assert worth.found_p == pytest.approx(0.7 * 0.05 ** (1 / 500))
    assert "looked at 700 of 1,000" in worth.why


def test_between_the_two_levels_it_is_inconsistent_at_most() -> None:
    worth = worth_of(Unfound(**FULL, rehearsed_count=100, found_count=95))
    assert worth.against_at_most == 1.0
    assert "counts as I at most" in worth.why
    assert worth_of(Unfound(**FULL, rehearsed_count=200, found_count=200)).against_at_most == 2.0


def test_what_could_stand_where_nothing_is_held_gets_no_number() -> None:
    worth = worth_of(
        Unfound(**FULL, rehearsed_count=200, found_count=200, elsewhere=("the back rooms",))
    )
    assert worth.found_p is None
    assert worth.why.endswith("the back rooms")


def test_twenty_of_twenty_are_not_taken_for_all() -> None:
    # 0.05 ** (1/20): the exact lower limit where everything was found.
    assert lower_limit(20, 20, level_p=0.95) == pytest.approx(0.05 ** (1 / 20))
    assert lower_limit(0, 20, level_p=0.95) == 0.0


@given(st.integers(1, 60).flatmap(lambda n: st.tuples(st.integers(1, n), st.just(n))))
def test_the_lower_limit_is_the_share_at_which_so_many_are_just_found(
    given: tuple[int, int],
) -> None:
    found, tried = given
    share = lower_limit(found, tried, level_p=0.95)
    tail = sum(
        comb(tried, k) * share**k * (1 - share) ** (tried - k) for k in range(found, tried + 1)
    )
    assert tail == pytest.approx(0.05, abs=1e-9)


@pytest.mark.parametrize(
    ("found", "against", "steps"), [(0, 0.0, 0.0), (95, 1.0, 2.0), (200, 2.0, 3.0)]
)
def test_the_rule_stands_over_the_raters(found: int, against: float, steps: float) -> None:
    rehearsed = 200 if found == 200 else 100
    item = EvidenceItem(
        title="nothing was found",
        rests_on=("f1",),
        unfound=Unfound(**FULL, rehearsed_count=rehearsed, found_count=found),
    )
    signs = {"y1": Rating.II, "y2": Rating.C, "y3": Rating.N}
    ratings = [
        Rated(item="i1", hypothesis=h, rating=r, rater="ana", reason="r") for h, r in signs.items()
    ]
    (column,) = matrix_of(THREE, {"i1": item}, ratings).columns
    assert (column.against[0], column.steps) == (against, steps)
