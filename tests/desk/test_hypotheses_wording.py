"""A case chooses its scale and its standard of proof, and its findings are checked as one text."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.desk.hypothesiscases import at_the_desk, furnish, looked
from tests.desk.offices import Desk

from pastwatch.desk.wording import check_findings, check_text, choose, chosen
from pastwatch.errors import BadValue, UsageError


@pytest.fixture
def case(desk: Desk, tmp_path: Path) -> Desk:
    furnish(desk, tmp_path)
    return desk


def test_a_case_is_on_the_default_scale_until_it_chooses(case: Desk) -> None:
    with at_the_desk(case) as work:
        assert (chosen(work).scale, chosen(work).standard) == ("icd203", "")
        choose(work, scale="phia", reason="the reader's own")
        made = choose(work, standard="clear and convincing", reason="a civil matter")
    assert (made.scale, made.standard, made.by) == ("phia", "clear and convincing", "ana")


def test_what_is_chosen_exists_and_has_a_reason(case: Desk) -> None:
    with at_the_desk(case) as work:
        with pytest.raises(UsageError, match="no scale and no standard"):
            choose(work, reason="r")
        with pytest.raises(UsageError, match="no standard of proof"):
            choose(work, standard="51 %", reason="r")
        with pytest.raises(BadValue, match="gives its reason"):
            choose(work, scale="phia", reason=" ")


def test_findings_are_checked_as_one_text_on_the_cases_scale(case: Desk) -> None:
    with at_the_desk(case) as work:
        (gates,) = looked(work, "gates")
        judged = {"kind": "judgement", "confidence": "low", "reasons": "one source"}
        work.finding("They likely met.", cites=[gates], likelihood="likely", **judged)
        work.finding("They probably spoke.", cites=[gates], likelihood="likely", **judged)
        work.finding("Our confidence is low.", cites=[gates])
        found = {(one.where, one.words) for one in check_findings(work)}
        assert found == {("f2", "probably"), ("f3", "confidence")}
        choose(work, scale="phia", reason="r")
        assert {(one.where, one.words) for one in check_findings(work)} == {("f3", "confidence")}


def test_a_text_is_checked_line_by_line() -> None:
    text = "They likely met.\n\nThere is no doubt that they spoke.\nEs gibt keinen Zweifel daran.\n"
    found = [(one.where, one.words) for one in check_text(text)]
    assert found == [("line 3", "There is no doubt"), ("line 4", "")]
    with pytest.raises(UsageError, match="no kind of finding"):
        check_text(text, kind="opinion")
