"""Findings are worded on one scale, without false certainty."""

import pytest

from pastwatch.model.assessment import FindingKind, Likelihood
from pastwatch.stages.assess.wording import FIRST_ROW, SECOND_ROW, lint, lint_reasons

JUDGEMENT, OBSERVATION = FindingKind.JUDGEMENT, FindingKind.OBSERVATION


def words(statement: str, kind: FindingKind = JUDGEMENT) -> list[str]:
    return [r.words for r in lint(statement, kind=kind)]


@pytest.mark.parametrize("term", sorted({*FIRST_ROW, *SECOND_ROW}))
def test_a_likelihood_is_flagged_in_what_is_no_judgement(term: str) -> None:
    statement = f"It is {term} that they met."
    assert words(statement, OBSERVATION) == [term]
    assert words(statement) == []


@pytest.mark.parametrize(
    ("statement", "flagged"),
    [
        ("There is no doubt that they met.", "There is no doubt"),
        ("They certainly met.", "certainly"),
        ("This proves that they met.", "proves"),
        ("It is undeniable that they met.", "undeniable"),
        ("They undoubtedly met.", "undoubtedly"),
        ("It is certain that they met.", "It is certain"),
        ("They must have met.", "must have"),
        ("Without a doubt they met.", "Without a doubt"),
        ("It was beyond any doubt a meeting.", "beyond any doubt"),
    ],
)
def test_an_absolute_is_flagged_with_what_to_say_instead(statement: str, flagged: str) -> None:
    remarks = lint(statement, kind=OBSERVATION)
    assert [r.words for r in remarks] == [flagged]
    assert remarks[0].position == statement.index(flagged)
    assert remarks[0].advice


@pytest.mark.parametrize(
    "statement",
    [
        "It leaves no room for doubt.",
        "This removes all doubt.",
        "It cannot be doubted that they met.",
        "Nobody can doubt it.",
        "That they met is not in doubt.",
        "There is little doubt that they met.",
        "It is beyond dispute that they met.",
        "There can be no question that they met.",
        "It is clear that they met.",
        "Clearly they met.",
        "They met. Clearly they spoke.",
        "They are sure that it was them.",
        "It was inevitable that they met.",
        "We know that they met.",
        "It is established that they met.",
        "It could not have been anybody else.",
        "Nobody else could have done it.",
        "There is no other possibility.",
        "It is incontestable.",
    ],
)
def test_other_words_of_false_certainty_are_flagged(statement: str) -> None:
    assert len(words(statement, OBSERVATION)) == 1


@pytest.mark.parametrize(
    "statement",
    [
        "The page was impossible to read.",
        "They must have the key by noon.",
        "The hold proved to be empty.",
        "A proof of delivery is attached.",
        "He wrote clearly and in blue ink.",
        "The date is doubtful.",
        "A certain Ben is named.",
    ],
)
def test_words_that_claim_no_certainty_pass(statement: str) -> None:
    assert words(statement, OBSERVATION) == []


def test_the_end_of_the_scale_is_no_absolute() -> None:
    assert words("They almost certainly met.") == []
    assert words("That they met is nearly certain.") == []


@pytest.mark.parametrize(
    "statement",
    [
        'The minister said there was "no doubt" about it.',
        "The report states: “this proves it, without a doubt”.",
        "According to the agency it was «undeniable».",
    ],
)
def test_an_absolute_may_be_quoted_with_its_speaker(statement: str) -> None:
    assert words(statement, FindingKind.REPORTED_CLAIM) == []


def test_an_absolute_quoted_without_a_speaker_is_flagged() -> None:
    (remark,) = lint('It was "beyond any doubt" the depot.', kind=OBSERVATION)
    assert remark.advice == "say in the same sentence whose words these are"


def test_an_attribution_outside_quotation_marks_does_not_excuse() -> None:
    assert words("The minister said there was no doubt about it.", OBSERVATION) == [
        "there was no doubt"
    ]


def test_an_attribution_in_another_sentence_does_not_excuse() -> None:
    statement = 'The minister said little. It was "no doubt" the depot.'
    assert words(statement, OBSERVATION) == ["no doubt"]


def test_likelihood_and_confidence_in_one_sentence_are_flagged() -> None:
    assert words("We judge with high confidence that they likely met.") == ["high confidence"]
    assert words("They likely met. Our confidence is low.") == []


def test_two_rows_of_terms_are_not_mixed() -> None:
    assert words("They likely met. They probably spoke.") == ["probably"]


def test_a_term_of_another_scale_is_flagged() -> None:
    assert words("There is a realistic possibility that they met.") == ["realistic possibility"]


def test_a_term_that_is_not_the_one_given_is_flagged() -> None:
    (remark,) = lint("They very likely met.", kind=JUDGEMENT, likelihood=Likelihood.LIKELY)
    assert remark.advice == 'the judgement is given as "likely"'
    assert lint("They likely met.", kind=JUDGEMENT, likelihood=Likelihood.LIKELY) == ()


def test_a_finding_of_nothing_does_not_say_that_nothing_was() -> None:
    assert words("There was no third party.", FindingKind.NEGATIVE) == ["There was no"]
    assert words("No record of a third party was found.", FindingKind.NEGATIVE) == []


def test_reasons_hold_no_likelihood() -> None:
    assert [r.words for r in lint_reasons("the source is probably honest")] == ["probably"]
    assert lint_reasons("two sources agree") == ()


def test_another_script_is_said_to_be_unchecked() -> None:
    (remark,) = lint("لا شك في ذلك", kind=OBSERVATION)
    assert remark.advice.startswith("not checked")


@pytest.mark.parametrize(
    "statement",
    [
        "One found nothing and the other suspects: neither proves the other wrong.",
        "This does not prove that they met.",
        "It doesn't prove it, and no proof of it is held.",
    ],
)
def test_to_deny_a_proof_claims_nothing(statement: str) -> None:
    assert words(statement, OBSERVATION) == []


def test_what_not_only_proves_is_flagged() -> None:
    assert words("It not only proves that they met.", OBSERVATION) == ["proves"]


def test_a_quotation_within_a_quotation_is_its_speakers() -> None:
    statement = "The paper wrote “officials said “no doubt” and that it proves much”."
    assert words(statement, OBSERVATION) == []
