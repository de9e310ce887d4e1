"""Grades are read as switches, and roots are counted by what joins them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pastwatch.errors import UsageError
from pastwatch.model.claim import Reliability
from pastwatch.model.grading import Credibility
from pastwatch.stages.assess.grading import (
    Grades,
    dropped,
    groups_of,
    independent,
    read_drop,
)


def test_a_switch_is_read_as_letters_and_digits() -> None:
    drop = read_drop("d-f, 4-6")
    assert drop.letters == {Reliability.D, Reliability.E, Reliability.F}
    assert drop.digits == set(Credibility) - {1, 2, 3}
    assert read_drop("6").digits == {Credibility.NOT_JUDGED}


@pytest.mark.parametrize("text", ["", "G", "4-9", "0", "worst", "4-x"])
def test_what_names_no_grades_is_refused(text: str) -> None:
    with pytest.raises(UsageError):
        read_drop(text)


def test_not_judged_is_not_dropped_with_what_is_poor() -> None:
    graded = {
        "i1": Grades(reliability=Reliability.E, true=Credibility.POSSIBLY_TRUE),
        "i2": Grades(reliability=Reliability.F, true=Credibility.NOT_JUDGED),
        "i3": Grades(),
        "i4": Grades(reliability=Reliability.B, said=Credibility.DOUBTFUL, sealed=True),
    }
    assert dropped(graded, read_drop("D-E,4-5")) == ("i1", "i4")
    assert dropped(graded, read_drop("F,6")) == ("i2",)
    assert dropped(graded, read_drop("D-F,4-6")) == ("i1", "i2", "i4")


def test_a_grade_of_two_questions_shows_both() -> None:
    assert Grades(reliability=Reliability.B, true=Credibility.DOUBTFUL).shown == "B4"
    both = Grades(
        reliability=Reliability.B, said=Credibility.PROBABLY_TRUE, true=Credibility.DOUBTFUL
    )
    assert both.shown == "B2/4"
    assert Grades(sealed=True).shown == "––/–"


NAMES = [f"r{n}" for n in range(6)]
PAIRS = st.lists(st.tuples(st.sampled_from(NAMES), st.sampled_from(NAMES)), max_size=8)


@given(PAIRS)
def test_groups_are_the_connected_parts(pairs: list[tuple[str, str]]) -> None:
    reach = {name: {name} for name in NAMES}
    for _ in NAMES:
        for one, other in pairs:
            both = reach[one] | reach[other]
            for name in both:
                reach[name] |= both
    found = groups_of(NAMES, pairs)
    for one in NAMES:
        for other in NAMES:
            assert (found[one] == found[other]) == (other in reach[one])
    assert len(independent(NAMES, joined=pairs)) == len({frozenset(r) for r in reach.values()})


def test_roots_of_one_side_are_not_independent() -> None:
    assert len(independent(["a", "b", "c"], interest={"a": "firm", "b": "firm"})) == 2
