"""Grades have a history, 1 has two roots, and a sealed communication answers two questions."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.desk.hypothesiscases import at_the_desk, furnish, looked
from tests.desk.offices import Desk

from pastwatch.desk import hypotheses as act
from pastwatch.desk.grades import (
    grade_item,
    grade_source,
    graded_items,
    graded_sources,
    grades_of_items,
)
from pastwatch.desk.hypotheses_table import what_if
from pastwatch.errors import BadValue, UsageError
from pastwatch.model.claim import Reliability
from pastwatch.model.relation import Relation

SAID = {"authenticity": "the other end holds the same", "handover": "logged throughout"}
TRUE = {"boast": "no sign", "rumour": "saw it", "deception": "knew of no listener"}


@pytest.fixture
def case(desk: Desk, tmp_path: Path) -> Desk:
    furnish(desk, tmp_path)
    with at_the_desk(desk) as work:
        (gates,) = looked(work, "gates")
        (wagon,) = looked(work, "wagon")
        act.add_item(work, "the gates", cites=[gates])
        act.add_item(work, "the wagon", cites=[wagon])
    return desk


def relate(desk: Desk, kind: str, one: str, other: str) -> None:
    with at_the_desk(desk) as work:
        made = Relation(
            relation_id="", kind=kind, from_id=one, to_id=other, maker="ana", reason="r"
        )
        work.papers.relate([made], by="ana", at_us=1)


def test_a_source_keeps_every_grade_it_was_given(case: Desk) -> None:
    with at_the_desk(case) as work:
        grade_source(work, "mail", "b", reason="agrees with the lock book")
    case.clock.pass_days(3)
    with at_the_desk(case, "ben") as work:
        grade_source(work, "mail", "D", reason="two times were wrong")
        (found,) = graded_sources(work)
    assert (found.source, found.reliability, found.judged) == ("mail", Reliability.D, True)
    assert [(g.grade, g.by, g.reason) for g in found.history] == [
        ("B", "ana", "agrees with the lock book"), ("D", "ben", "two times were wrong"),
    ]  # fmt: skip
    assert found.history[0].at_us < found.history[1].at_us


def test_a_communication_is_graded_on_both_questions_after_its_doubts(case: Desk) -> None:
    with at_the_desk(case) as work:
        with pytest.raises(BadValue, match="after its doubts were weighed"):
            grade_item(work, "i1", "2", reason="r")
        with pytest.raises(BadValue, match="under the question"):
            grade_item(work, "i1", "2", reason="r", question="said", weighed=TRUE)
        grade_item(work, "i1", "2", reason="r", question="said", weighed=SAID)
        assert graded_items(work)[0].missing == ("source", "true")
        grade_source(work, "mail", "B", reason="r")
        grade_item(work, "i1", "4", reason="he boasts", weighed={**TRUE, "boast": "often"})
        (found,) = graded_items(work)
    assert (found.grades.shown, found.missing) == ("B2/4", ())
    assert {w.doubt.value for w in found.weighed} == {*SAID, *TRUE}


def test_what_cannot_be_judged_needs_no_weighing(case: Desk) -> None:
    with at_the_desk(case) as work:
        grade_item(work, "i1", "6", reason="nothing to hold it against")
        assert grades_of_items(work)["i1"].shown == "––/6"


def test_one_is_refused_without_two_independent_roots(case: Desk) -> None:
    with at_the_desk(case) as work:
        for roots in ((), ("i2",), ("i2", "i2")):
            with pytest.raises(BadValue, match="two independent roots"):
                grade_item(work, "i1", "1", reason="r", weighed=TRUE, roots=roots)
        grade_item(work, "i1", "1", reason="r", weighed=TRUE, roots=["i2", "the lock book"])
        with pytest.raises(UsageError, match="no item"):
            grade_item(work, "i1", "1", reason="r", weighed=TRUE, roots=["i2", "i9"])


@pytest.mark.parametrize(
    ("kind", "one", "other"),
    [
        ("same root", "i2", "the lock book"),
        ("copies", "the lock book", "i2"),
        ("shares interest", "name:i2", "name:the firm"),
    ],
)
def test_roots_that_are_one_or_of_one_side_do_not_confirm(
    case: Desk, kind: str, one: str, other: str
) -> None:
    relate(case, kind, one, other)
    if kind == "shares interest":
        relate(case, kind, "name:the lock book", other)
    with at_the_desk(case) as work, pytest.raises(BadValue, match="these 2 are one"):
        grade_item(work, "i1", "1", reason="r", weighed=TRUE, roots=["i2", "the lock book"])


def test_only_what_the_case_has_is_graded(case: Desk) -> None:
    with at_the_desk(case) as work:
        for about in ("i9", "y1", "c1"):
            with pytest.raises(UsageError):
                grade_item(work, about, "3", reason="r")
        for digit in ("0", "7", "B"):
            with pytest.raises(UsageError, match="no grade of an item"):
                grade_item(work, "i1", digit, reason="r")
        with pytest.raises(UsageError, match="no grade of a source"):
            grade_source(work, "mail", "G", reason="r")


def test_grades_are_switches_and_what_is_not_graded_stays(case: Desk) -> None:
    with at_the_desk(case) as work:
        act.add_hypothesis(work, "strike")
        act.add_hypothesis(work, "order", argued_by="Ben")
        act.add_hypothesis(work, "", none=True)
        act.rate(work, "i1", {"y1": "C", "y2": "II", "y3": "N"}, reason="r")
        act.rate(work, "i2", {"y1": "I", "y2": "C", "y3": "N"}, reason="r")
        grade_item(work, "i1", "5", reason="r", weighed=TRUE)
        order, trials = what_if(work)
    assert order == (("y1",), ("y2",))
    by_switch = {trial.switch: trial for trial in trials}
    assert by_switch["without 4-5"].left_out == ("i1",)
    assert by_switch["without 4-5"].order == (("y2",), ("y1",))
    assert not by_switch["without 4-5"].same_top
    assert by_switch["without 6"].left_out == by_switch["without F"].left_out == ()
    assert by_switch["without D-F,4-6"].left_out == ("i1",)
