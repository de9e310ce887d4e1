"""Scales are data: bands, gaps that are meant, rows that are not mixed, and standards without a number."""

from __future__ import annotations

import dataclasses

import pytest

from pastwatch.errors import BadValue, UsageError
from pastwatch.model.assessment import LIKELIHOOD_BANDS_PERCENT, FindingKind
from pastwatch.model.wording import WordingChoice
from pastwatch.stages.assess.scales import (
    Standard,
    scale_named,
    standard_named,
    standards,
)
from pastwatch.stages.assess.wording import FIRST_ROW, SECOND_ROW, lint, lint_text

ICD, PHIA = scale_named("icd203"), scale_named("phia")
ON_PHIA = WordingChoice(scale="phia", standard="", reason="r")
JUDGEMENT, OBSERVATION = FindingKind.JUDGEMENT, FindingKind.OBSERVATION


def test_the_file_of_icd_203_says_what_the_model_says() -> None:
    bands = {band.term: (band.low, band.high) for band in ICD.bands}
    assert bands == {term.value: span for term, span in LIKELIHOOD_BANDS_PERCENT.items()}
    assert len(FIRST_ROW) == 8
    assert len(SECOND_ROW) == 10
    assert not set(FIRST_ROW) & set(SECOND_ROW)


@pytest.mark.parametrize(
    ("percent", "term"),
    [
        (3, "almost no chance"),
        (30, "unlikely"),
        (50, "roughly even chance"),
        (97, "almost certain"),
    ],
)
def test_a_number_within_a_band_has_its_term(percent: float, term: str) -> None:
    assert ICD.term_for(percent) == term


def test_the_second_row_has_its_own_terms() -> None:
    assert ICD.term_for(30, row=1) == "improbable"


@pytest.mark.parametrize("percent", [5, 20, 45, 55, 80, 95])
def test_a_number_on_an_edge_of_two_bands_is_refused(percent: float) -> None:
    with pytest.raises(BadValue, match="stands on the edge"):
        ICD.term_for(percent)


@pytest.mark.parametrize("percent", [0, 0.5, 99.5, 100])
def test_a_number_off_the_scale_is_refused(percent: float) -> None:
    with pytest.raises(BadValue, match="off the scale"):
        ICD.term_for(percent)


@pytest.mark.parametrize("percent", [5.5, 7, 22, 37, 50, 52, 77, 93])
def test_a_number_in_a_gap_of_phia_is_refused(percent: float) -> None:
    with pytest.raises(BadValue, match="the gap is meant"):
        PHIA.term_for(percent)


@pytest.mark.parametrize(
    ("percent", "term"),
    [
        (0, "remote chance"),
        (5, "remote chance"),
        (10, "highly unlikely"),
        (35, "unlikely"),
        (40, "realistic possibility"),
        (49.9, "realistic possibility"),
        (55, "likely"),
        (90, "highly likely"),
        (100, "almost certain"),
    ],
)
def test_a_number_in_a_band_of_phia_has_its_term(percent: float, term: str) -> None:
    assert PHIA.term_for(percent) == term


def test_a_standard_of_proof_has_no_number() -> None:
    assert [one.name for one in standards()] == [
        "reasonable grounds to believe",
        "balance of probabilities",
        "clear and convincing",
        "beyond reasonable doubt",
    ]
    fields = {f.name: f.type for f in dataclasses.fields(Standard)}
    assert set(fields) == {"name", "terms", "says"}
    assert not any(c.isdigit() or c == "%" for one in standards() for c in one.says)


def test_a_percentage_beside_a_standard_is_flagged() -> None:
    (remark,) = lint("It is shown on the balance of probabilities, at 51 % or so.", kind=JUDGEMENT)
    assert remark.advice.startswith("a standard of proof is no percentage")
    assert lint("It is shown beyond reasonable doubt.", kind=JUDGEMENT) == ()


def test_an_unknown_scale_or_standard_is_refused_with_those_there_are() -> None:
    with pytest.raises(UsageError) as wrong:
        scale_named("kent")
    assert wrong.value.hint == "icd203, phia"
    with pytest.raises(UsageError) as wrong:
        standard_named("51 %")
    assert "clear and convincing" in str(wrong.value.hint)


def test_each_scale_flags_the_terms_of_the_other() -> None:
    phia = "There is a realistic possibility that they met."
    icd = "There is a roughly even chance that they met."
    assert lint(phia, kind=JUDGEMENT, choice=ON_PHIA) == ()
    assert [r.words for r in lint(icd, kind=JUDGEMENT, choice=ON_PHIA)] == ["roughly even chance"]
    assert [r.words for r in lint(phia, kind=JUDGEMENT)] == ["realistic possibility"]
    assert lint(icd, kind=JUDGEMENT) == ()


def test_a_text_keeps_to_one_row_over_all_its_statements() -> None:
    found = lint_text([("They likely met.", JUDGEMENT), ("They probably spoke.", JUDGEMENT)])
    assert [(at, r.words) for at, r in found] == [(1, "probably")]
    assert lint_text([("They likely met.", JUDGEMENT), ("It is unlikely to end.", JUDGEMENT)]) == ()


def test_a_confidence_in_a_text_comes_with_its_reasons() -> None:
    bare = [("Our confidence is low.", JUDGEMENT), ("The van was red.", OBSERVATION)]
    assert [(at, r.advice) for at, r in lint_text(bare)] == [
        (0, "say what the confidence rests on")
    ]
    for reasoned in (
        [("Our confidence is low: one source alone says so.", JUDGEMENT)],
        [bare[0], ("It rests on one source.", OBSERVATION)],
    ):
        assert lint_text(reasoned) == ()


@pytest.mark.parametrize(
    ("statement", "language"),
    [
        ("Es gibt keinen Zweifel daran, dass der Zug kam.", "German"),
        ("Il n'y a aucun doute que le train est venu.", "French"),
        ("No hay ninguna duda de que el tren vino.", "Spanish"),
        ("Nie ma żadnych wątpliwości, że to był ten pociąg.", "Polish"),
    ],
)
def test_a_language_without_terms_is_said_to_be_unchecked(statement: str, language: str) -> None:
    (remark,) = lint(statement, kind=OBSERVATION)
    assert remark.advice.startswith("not checked")
    assert language in remark.advice


@pytest.mark.parametrize(
    "statement",
    [
        "De la Cruz certainly met Van der Berg.",
        "The van of Maria de los Angeles certainly left.",
        'The paper wrote "es gibt keinen Zweifel daran", and it certainly said so.',
    ],
)
def test_names_and_quotations_do_not_keep_a_sentence_from_being_checked(statement: str) -> None:
    assert [r.words for r in lint(statement, kind=OBSERVATION)] == ["certainly"]


@pytest.mark.parametrize("words", ["without question", "unmistakably", "guaranteed", "zero chance"])
def test_further_absolutes_are_flagged(words: str) -> None:
    assert [r.words for r in lint(f"It was {words} the van.", kind=OBSERVATION)] == [words]


@pytest.mark.parametrize(
    "statement", ["as it stands; y1, then y2, then y3; yes", "Without i1 y1, y2, y3 are first."]
)
def test_names_of_papers_are_words_of_no_language(statement: str) -> None:
    assert lint(statement, kind=OBSERVATION) == ()
