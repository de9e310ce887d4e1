"""Copies are written otherwise in named ways, and each way once."""

from __future__ import annotations

from pastwatch.stages.assess.negative_wording import AS_WRITTEN, HEARD, as_heard, variants


def test_wording_is_varied_by_letters_accents_and_endings() -> None:
    told = dict(variants("the café closes", language="en"))
    assert told == {
        AS_WRITTEN: "the café closes",
        "two letters changed places": "the café cloess",
        "without accents": "the cafe closes",
        "another ending": "the café close",
    }


def test_what_is_heard_is_written_down_without_capitals_and_signs() -> None:
    assert as_heard("Cut it -- NOW, Ben!") == "cut it now ben"
    assert variants("No. Go.", language="en", heard=True) == [(HEARD, "no go")]


def test_marks_that_belong_to_a_letter_stay_with_it() -> None:
    assert as_heard("हिन्दी!") == "हिन्दी"


def test_short_words_and_other_languages_are_left_as_they_are() -> None:
    assert variants("он идёт", language="ru") == [
        (AS_WRITTEN, "он идёт"),
        ("without accents", "он идет"),
    ]
