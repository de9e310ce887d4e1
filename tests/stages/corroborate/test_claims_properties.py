"""Whatever a report holds, claims stand inside it, byte for byte, and reading it takes no longer than it is long."""

from __future__ import annotations

import hashlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pastwatch.stages.corroborate.claims import read_claims
from pastwatch.stages.corroborate.sentences import Sort, stretches_of
from pastwatch.stages.corroborate.timessaid import Published

ID = b"an invented page"
PIECES = (
    "The port", " said", " that", " denied", ", according to", " “", "” ", '"', "‘", "’", " the crane fell",
    " he", " told", " reportedly", " was", " reported to", ".", "?", ",", ";", ":", "—", "\n\n", "\n", " and",
    " 14", " at least", " dozens", " last week", " on Monday", " April 31", " in 99999", " 🚢", "\u202e", "\u200b",
    " قال الميناء إن", " نفى", "،", " Порт заявил, что", " «", "» ", " selon", " a déclaré que", " no evidence",
    " Russia's claim that", " citing", " quoted", " as saying", " if", " who", " it is", " believed", " Z", "'s", "\0",
)  # fmt: skip
SOUP = st.lists(st.sampled_from(PIECES), max_size=60).map("".join)
LANGUAGES = st.sampled_from(["en", "ar", "ru", "fr"])


def check(text: str, language: str) -> None:
    raw = text.encode("utf-8", "surrogatepass")
    published = Published(1_500_000_000_000_000, 7200)
    for claim in read_claims(text, report_id=ID, language=language, published=published).claims:
        cited = claim.citation
        said = raw[cited.start_byte : cited.end_byte]
        assert said.decode("utf-8", "surrogatepass") == claim.statement
        assert hashlib.sha256(said).digest() == cited.text_sha256
        assert claim.sentence[0] <= cited.start_byte < cited.end_byte <= claim.sentence[1]
        spans = [(f.start_byte, f.end_byte, f.text) for f in claim.figures]
        spans += [(t.start_byte, t.end_byte, t.text) for t in claim.times]
        for start, end, words in spans:
            assert raw[start:end].decode("utf-8", "surrogatepass") == words
        assert all(
            cited.start_byte <= f.start_byte < f.end_byte <= cited.end_byte for f in claim.figures
        )


@given(SOUP, LANGUAGES)
@settings(max_examples=300, deadline=None)
def test_claims_of_a_soup_of_sayings_stand_in_it(text: str, language: str) -> None:
    check(text, language)


@given(st.text(max_size=400), LANGUAGES)
@settings(max_examples=150, deadline=None)
def test_claims_of_any_text_stand_in_it(text: str, language: str) -> None:
    check(text, language)


@pytest.mark.parametrize("language", ["en", "ar", "ru", "fr"])
@pytest.mark.parametrize(
    "piece",
    [
        "said that ", "“", '"', "“a” ", '"a" ', "he said, ", ", according to ", "1,", "a. ", "(", "and ",
        "who said ", "citing ", "no evidence ", "\u202e\u0635 ", "🚢", "' ", "x", "Monday ", "12 to ", "\n", "\n\n ",
        "and the port denied ", "قال ", "заявил, что ", "selon ", ": ", "« ",
    ],
)  # fmt: skip
def test_a_million_letters_of_one_thing_are_read(piece: str, language: str) -> None:
    check(piece * (1_000_000 // len(piece) // 4), language)


def test_thousands_of_quotations_in_one_line_are_cut() -> None:
    text = "“It fell,” Storm said. " * 5000
    found = read_claims(text, report_id=ID, language="en").claims
    assert len(found) == 5000
    assert sum(s.sort is Sort.SENTENCE for s in stretches_of(text)) == 5000
