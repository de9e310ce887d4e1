"""Claims in English: who says what, to whom, through whom and how strongly, and what is no claim."""

from __future__ import annotations

import pytest

from pastwatch.model.claim import Claim
from pastwatch.stages.corroborate.claims import read_claims

ID = b"an invented page"


def claims(text: str, *, language: str = "en") -> tuple[Claim, ...]:
    return read_claims(text, report_id=ID, language=language).claims


def told(text: str) -> list[tuple[str, str, str]]:
    return [(c.who_says, c.stance.value, c.statement) for c in claims(text)]


@pytest.mark.parametrize(
    ("text", "who", "stance", "statement"),
    [
        ("The port said on Monday that the crane fell.", "The port", "asserts", "the crane fell"),
        ("The crane fell, the port said.", "the port", "asserts", "The crane fell"),
        ("“The crane fell,” said Pia Storm.", "Pia Storm", "asserts", "The crane fell"),
        ("“The crane fell,” quipped Pia Storm.", "Pia Storm", "asserts", "The crane fell"),
        ("Storm recalls: “The crane fell at six.”", "Storm", "asserts", "The crane fell at six"),
        ("The crane fell, according to the port.", "the port", "asserts", "The crane fell"),
        ("As the clerk put it, “the crane fell”.", "the clerk", "asserts", "“the crane fell”"),
        ("Storm, the engineer, confirmed the fall.", "Storm, the engineer", "asserts", "the fall"),
        ("The log shows that it fell twice.", "The log", "asserts", "it fell twice"),
        ("She blamed the fall on the wind.", "She", "asserts", "the fall on the wind"),
        ("Storm is convinced that it fell.", "Storm", "asserts", "it fell"),
        ("The guard found no trace of a bomb.", "The guard", "asserts", "no trace of a bomb"),
        ("The union's claim that it fell was mocked.", "The union", "asserts", "it fell"),
        ("Storm denied that it fell.", "Storm", "denies", "it fell"),
        ("Storm denied any part in it.", "Storm", "denies", "any part in it"),
        ("Storm rejected reports that it fell.", "Storm", "denies", "it fell"),
        ("Storm called the report “a fairy tale”.", "Storm", "denies", "the report"),
        ("Storm said it was not true that it fell.", "Storm", "denies", "it fell"),
        ("“That is a lie,” Storm said.", "Storm", "denies", "That"),
        ("The port took back its claim that it fell.", "The port", "denies", "it fell"),
        ("The report was denied by the port.", "the port", "denies", "The report"),
        ("Storm suspects that it fell.", "Storm", "hedges", "it fell"),
        ("Storm said it may have fallen.", "Storm", "hedges", "it may have fallen"),
        ("“We think it fell,” Storm said.", "Storm", "hedges", "We think it fell"),
        ("The crane was reportedly moved.", "", "hedges", "The crane was reportedly moved"),
        ("A boy is feared dead.", "", "hedges", "A boy is feared dead"),
        ("It is alleged that it fell.", "", "hedges", "it fell"),
    ],
)
def test_a_sentence_says_so_much(text: str, who: str, stance: str, statement: str) -> None:
    assert told(text) == [(who, stance, statement)]


@pytest.mark.parametrize(
    "text",
    [
        "The fire claimed the lives of nine people.",
        "The flood claimed its victims.",
        "Storm did not say who had moved it.",
        "Nobody has claimed that it fell.",
        "Neither the port nor the union confirmed the number.",
        "The port refused to say how many had died.",
        "The port declined to comment.",
        "If the port says that it fell, it fell.",
        "Had Storm said that it fell, we would know.",
        "Who said that the crane fell?",
        "“Who moved it?” asked Storm.",
        "The port promised that it would pay.",
        "The port ordered the quay to be cleared.",
        "Storm asked whether the crane had fallen.",
        "The port denied him entry.",
        "Denials flew across the hall.",
        "The pumps were made in Arvika.",
        "The old man rejected the offer.",
    ],
)
def test_a_sentence_that_only_looks_like_it_says_nothing(text: str) -> None:
    assert told(text) == []


@pytest.mark.parametrize(
    ("text", "who", "via"),
    [
        ("Storm told her that it fell, the Post reported.", "Storm", ("the Post",)),
        ("The Post, citing two men, wrote that it fell.", "two men", ("The Post",)),
        ("It fell, the Post said, citing two men.", "two men", ("the Post",)),
        ("Guards cited by the Post say it fell.", "Guards", ("the Post",)),
        ("Ash claims it fell, according to a Post report.", "Ash", ("a Post report",)),
        ("The clerk said she had heard from Ash that it fell.", "Ash", ("The clerk",)),
        ("“My father said ‘the crane fell’,” Ash said.", "My father", ("Ash",)),
        ("The Post quoted Ash as saying that it fell.", "Ash", ("The Post",)),
    ],
)
def test_words_that_came_through_others_go_back_to_who_said_them(
    text: str, who: str, via: tuple[str, ...]
) -> None:
    (claim,) = claims(text)
    assert (claim.who_says, claim.via, claim.stance.value) == (who, via, "attributes")


def test_parties_who_deny_together_deny_one_by_one() -> None:
    found = told("The army, the police and the port have all denied any part in the raid.")
    assert [who for who, _, _ in found] == ["The army", "the police", "the port"]
    assert {(stance, what) for _, stance, what in found} == {("denies", "any part in the raid")}


def test_one_against_another_are_two_claims() -> None:
    text = (
        "Karvia says the shells came from the east, whereas Tolland says they came from the west."
    )
    assert [(who, what) for who, _, what in told(text)] == [
        ("Karvia", "the shells came from the east"),
        ("Tolland", "they came from the west"),
    ]


def test_every_sentence_of_a_quotation_has_its_own_stance() -> None:
    found = told("“We know the crane fell. And we suspect they had help,” an officer said.")
    assert [stance for _, stance, _ in found] == ["asserts", "hedges"]


def test_he_and_the_official_are_who_spoke_before() -> None:
    text = (
        "A senior harbour official told the Post that the crane fell. He said it was old. "
        "The official also said that nobody was hurt. “It was empty.”"
    )
    found = claims(text)
    assert {c.who_says for c in found} == {"A senior harbour official"}
    assert [c.cue for c in found] == ["told", "He said", "The official also said", ""]
    assert found[0].to_whom == "the Post"
    assert all(c.unnamed for c in found)


def test_a_headline_in_the_sentence_is_no_part_of_it() -> None:
    text = "CRANE FALLS AT QUAY The port says it fell on Sunday."
    assert told(text) == [("The port", "asserts", "it fell on Sunday")]


def test_spans_are_bytes_of_the_statement() -> None:
    text = "“Nous étions là, šíř 🚢,” the façade’s owner said. She denied she’d left — at 6."
    raw = text.encode()
    for claim in claims(text):
        cited = claim.citation
        assert raw[cited.start_byte : cited.end_byte].decode() == claim.statement
        assert claim.sentence[0] <= cited.start_byte < cited.end_byte <= claim.sentence[1]


def test_figures_and_times_stand_where_they_are_said() -> None:
    text = "The port told the Post on Monday that at least 14 had died last week."
    raw = text.encode()
    (claim,) = claims(text)
    assert [raw[f.start_byte : f.end_byte].decode() for f in claim.figures] == ["at least 14"]
    assert [t.text for t in claim.times] == ["on Monday", "last week"]
    assert all(raw[t.start_byte : t.end_byte].decode() == t.text for t in claim.times)
    assert all(t.earliest_us is None for t in claim.times), "an undated report resolves none"


def test_a_language_without_lists_is_not_checked() -> None:
    assert read_claims("Die Werft sagte, der Kran fiel.", report_id=ID, language="de") == (
        (),
        *_unread(),
    )


def _unread() -> tuple[object, str]:
    reading = read_claims("Die Werft sagte, der Kran fiel.", report_id=ID, language="de")
    return reading.stretches, "und"
