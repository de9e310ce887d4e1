"""A case chooses its scale and its standard of proof, and its findings are checked as one text."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.desk.hypothesiscases import at_the_desk, furnish, looked
from tests.desk.offices import Desk

from pastwatch.desk.wording import ONE_SCALE, check_findings, check_text, choose, chosen
from pastwatch.errors import BadValue, UsageError
from pastwatch.model.assessment import Worded
from pastwatch.model.wording import WordingChoice


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


def test_a_judgement_is_kept_on_the_scale_that_the_case_chose(case: Desk) -> None:
    judged = {"kind": "judgement", "confidence": "low", "reasons": "one source"}
    with at_the_desk(case) as work:
        (gates,) = looked(work, "gates")
        choose(work, scale="phia", reason="the reader's own")
        with pytest.raises(BadValue, match="the gap is meant"):
            work.finding("They met.", cites=[gates], likelihood="37%", **judged)
        with pytest.raises(BadValue, match="no likelihood on PHIA"):
            work.finding("They met.", cites=[gates], likelihood="roughly even chance", **judged)
        work.finding("They met.", cites=[gates], likelihood="42 %", **judged)
        (kept,) = work.findings()
        assert str(kept.likelihood) == "realistic possibility"
        assert check_findings(work) == []


def test_a_standard_takes_the_place_of_likelihood(case: Desk) -> None:
    judged = {"kind": "judgement", "confidence": "low", "reasons": "one source"}
    grounds = "reasonable grounds to believe"
    with at_the_desk(case) as work:
        (gates,) = looked(work, "gates")
        with pytest.raises(BadValue, match="on no standard of proof"):
            work.finding("They met.", cites=[gates], standard=grounds, **judged)
        choose(work, standard=grounds, reason="an inquiry")
        with pytest.raises(BadValue, match="takes the place of likelihood"):
            work.finding("They met.", cites=[gates], likelihood="likely", **judged)
        with pytest.raises(BadValue, match="one of the two"):
            work.finding("They met.", cites=[gates], likelihood="likely", standard=grounds)
        work.finding("They met.", cites=[gates], standard=grounds, **judged)
        (kept,) = work.findings()
        assert isinstance(kept.likelihood, Worded)
        assert kept.likelihood.is_standard


def test_the_scale_stays_while_judgements_stand_on_it(case: Desk) -> None:
    judged = {"kind": "judgement", "confidence": "low", "reasons": "one source"}
    with at_the_desk(case) as work:
        (gates,) = looked(work, "gates")
        choose(work, row=2, reason="our house's own")
        work.finding("They met.", cites=[gates], likelihood="probable", **judged)
        for other in ({"scale": "phia"}, {"row": 1}, {"standard": "clear and convincing"}):
            with pytest.raises(UsageError, match="f1 is worded otherwise"):
                choose(work, reason="r", **other)
        choose(work, scale="icd203", reason="the same again")
        work.retract("f1", reason="to be judged anew")
        choose(work, standard="clear and convincing", reason="r")
        assert chosen(work).row == 2
        assert choose(work, scale="phia", standard="none", reason="r").standard == ""
        assert chosen(work).row == 1
        with pytest.raises(UsageError, match="rows of terms"):
            choose(work, row=2, reason="r")


def test_a_judgement_of_another_scale_is_flagged_where_it_stands_already(case: Desk) -> None:
    judged = {"kind": "judgement", "confidence": "low", "reasons": "one source"}
    with at_the_desk(case) as work:
        (gates,) = looked(work, "gates")
        work.finding("They met.", cites=[gates], likelihood="likely", **judged)
        late = WordingChoice(scale="phia", standard="", reason="kept before this was refused")
        work.papers.enter("scale", [late], by="ana", at_us=1)
        assert [(one.where, one.advice) for one in check_findings(work)] == [("f1", ONE_SCALE)]


def test_a_text_is_checked_line_by_line() -> None:
    text = "They likely met.\n\nThere is no doubt that they spoke.\nEs gibt keinen Zweifel daran.\n"
    found = [(one.where, one.words) for one in check_text(text)]
    assert found == [("line 3", "There is no doubt"), ("line 4", "")]
    with pytest.raises(UsageError, match="no kind of finding"):
        check_text(text, kind="opinion")
