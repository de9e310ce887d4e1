"""A judgement states its likelihood on the case's scale, or the standard of proof that it meets."""

from __future__ import annotations

from typing import Any

import pytest

from pastwatch.errors import BadValue
from pastwatch.model.assessment import (
    Confidence,
    Coverage,
    Finding,
    FindingKind,
    Likelihood,
    Worded,
    said_of_likelihood,
)
from pastwatch.model.plain import from_plain, to_plain
from pastwatch.model.wording import WordingChoice
from pastwatch.stages.assess.scales import SCALES, scale_named, standards
from pastwatch.stages.assess.wording import lint, lint_text
from pastwatch.stages.assess.wording_stated import UNCHOSEN, choice_of, fits, misfits, stated

JUDGEMENT, OBSERVATION = FindingKind.JUDGEMENT, FindingKind.OBSERVATION
PHIA = WordingChoice(scale="phia", standard="", reason="r")
SECOND = WordingChoice(scale="icd203", standard="", reason="r", row=2)
GROUNDS = WordingChoice(scale="icd203", standard="reasonable grounds to believe", reason="r")
COVERAGE = Coverage(held=1, in_scope=1, readable=1, scanned=1, matched=0, shown=0)


def judged(likelihood: Likelihood | Worded | None) -> Finding:
    return Finding(
        finding_id="f1",
        kind=JUDGEMENT,
        statement="They met.",
        coverage=COVERAGE,
        likelihood=likelihood,
        confidence=Confidence.LOW,
        reasons="one source",
    )


@pytest.mark.parametrize(
    ("words", "choice", "printed"),
    [
        ("likely", UNCHOSEN, "Likelihood: likely (55–80 %, ICD 203)."),
        ("30 %", UNCHOSEN, "Likelihood: unlikely (20–45 %, ICD 203)."),
        ("Probable", SECOND, "Likelihood: probable (55–80 %, ICD 203)."),
        ("97%", SECOND, "Likelihood: nearly certain (95–99 %, ICD 203)."),
        ("likely", PHIA, "Likelihood: likely (55–75 %, PHIA)."),
        ("realistic  possibility", PHIA, "Likelihood: realistic possibility (40–<50 %, PHIA)."),
        ("42,5 per cent", PHIA, "Likelihood: realistic possibility (40–<50 %, PHIA)."),
        (GROUNDS.standard, GROUNDS, "Standard of proof met: reasonable grounds to believe."),
        ("insufficient to judge", PHIA, "The records held are insufficient to judge this."),
        ("insufficient to judge", GROUNDS, "The records held are insufficient to judge this."),
    ],
)
def test_what_is_stated_prints_with_its_band_or_as_a_standard_met(
    words: str, choice: WordingChoice, printed: str
) -> None:
    given = stated(words, choice)
    assert said_of_likelihood(given) == printed
    assert fits(given, choice)
    finding = judged(given)
    assert from_plain(Finding, to_plain(finding)) == finding


@pytest.mark.parametrize(
    ("words", "choice", "why"),
    [
        ("37%", PHIA, "the gap is meant"),
        ("55 %", UNCHOSEN, "on the edge"),
        ("100%", UNCHOSEN, "off the scale"),
        ("realistic possibility", UNCHOSEN, "no likelihood on ICD 203"),
        ("roughly even chance", PHIA, "no likelihood on PHIA"),
        ("probable", UNCHOSEN, "the other row"),
        ("likely", SECOND, "the other row"),
        ("beyond reasonable doubt", PHIA, "on no standard of proof"),
        ("likely", GROUNDS, "takes the place of likelihood"),
        ("clear and convincing", GROUNDS, "takes the place of likelihood"),
        ("51 %", GROUNDS, "no percentage"),
        ("very sure", PHIA, "no likelihood on PHIA"),
    ],
)
def test_what_does_not_belong_to_the_choice_is_refused(
    words: str, choice: WordingChoice, why: str
) -> None:
    with pytest.raises(BadValue, match=why):
        stated(words, choice)


def test_no_number_of_a_gap_is_a_term_and_every_number_of_a_band_is_its_own() -> None:
    for key in SCALES:
        scale = scale_named(key)
        choice = WordingChoice(scale=key, standard="", reason="r")
        for tenth in range(1001):
            held = [band for band in scale.bands if band.holds(tenth / 10)]
            if len(held) == 1:
                assert str(stated(f"{tenth / 10} %", choice)) == held[0].term
            else:
                with pytest.raises(BadValue):
                    stated(f"{tenth / 10} %", choice)


def test_no_standard_is_ever_given_a_number() -> None:
    for standard in standards():
        choice = WordingChoice(scale="phia", standard=standard.name, reason="r")
        given = stated(standard.terms[-1], choice)
        assert isinstance(given, Worded)
        assert (given.low_percent, given.high_percent, given.is_standard) == (None, None, True)
        for number in range(101):
            with pytest.raises(BadValue, match="no percentage"):
                stated(f"{number}%", choice)
    with pytest.raises(BadValue, match="has no number"):
        Worded(term="clear and convincing", low_percent=75, high_percent=90)
    with pytest.raises(BadValue, match="has its band"):
        Worded(term="likely", scale="PHIA")


def test_a_finding_kept_before_there_were_other_scales_is_read_as_it_was() -> None:
    plain: dict[str, Any] = to_plain(judged(Likelihood.LIKELY))
    assert plain["likelihood"] == "likely"
    assert from_plain(Finding, plain).likelihood is Likelihood.LIKELY


def test_what_is_worded_otherwise_does_not_fit() -> None:
    on_phia = stated("likely", PHIA)
    findings = [judged(Likelihood.LIKELY), judged(on_phia), judged(Worded(term=GROUNDS.standard))]
    assert [fits(f.likelihood, UNCHOSEN) for f in findings] == [True, False, False]
    assert [fits(f.likelihood, PHIA) for f in findings] == [False, True, False]
    assert [fits(f.likelihood, GROUNDS) for f in findings] == [False, False, True]
    assert not fits(Likelihood.LIKELY, SECOND)
    assert misfits(findings, PHIA) == ("f1", "f1")
    assert fits(Likelihood.INSUFFICIENT, GROUNDS)


def test_a_choice_is_read_back_from_what_was_printed() -> None:
    assert choice_of("PHIA", term="likely").scale == "phia"
    assert choice_of("ICD 203", term="probable").row == 2
    assert choice_of("another").scale == "icd203"


@pytest.mark.parametrize(
    ("statement", "likelihood", "choice", "flagged"),
    [
        ("They likely met.", stated("likely", PHIA), PHIA, []),
        ("They are highly likely to have met.", stated("likely", PHIA), PHIA, ["highly likely"]),
        ("They probably met.", Likelihood.LIKELY, UNCHOSEN, ["probably"]),
        ("They likely met.", Worded(term=GROUNDS.standard), GROUNDS, ["likely"]),
        ("It is clear and convincing.", Worded(term=GROUNDS.standard), GROUNDS, ["clear and convincing"]),
        ("There are reasonable grounds to believe it.", Worded(term=GROUNDS.standard), GROUNDS, []),
        ("It is shown beyond reasonable doubt.", Likelihood.LIKELY, UNCHOSEN, ["beyond reasonable doubt"]),
    ],
)  # fmt: skip
def test_words_are_held_against_what_the_judgement_states(
    statement: str, likelihood: Likelihood | Worded, choice: WordingChoice, flagged: list[str]
) -> None:
    found = lint(statement, kind=JUDGEMENT, likelihood=likelihood, choice=choice)
    assert [remark.words for remark in found] == flagged


def test_a_standard_of_proof_is_met_in_a_judgement_alone() -> None:
    (remark,) = lint("There are reasonable grounds to believe it.", kind=OBSERVATION)
    assert remark.advice.startswith("only a judgement meets a standard")
    quoted = 'The court said that there were "reasonable grounds to believe" it.'
    assert lint(quoted, kind=OBSERVATION) == ()


def test_the_row_that_a_text_keeps_to_can_be_given() -> None:
    text = [("They probably met.", JUDGEMENT)]
    assert [(at, r.words) for at, r in lint_text(text, row=1)] == [(0, "probably")]
    assert lint_text(text, choice=SECOND, row=2) == ()
