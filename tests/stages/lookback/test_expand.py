"""Suggestions come from the slice's own words, each with why, and a person's choice is one query."""

from __future__ import annotations

import numpy as np
import pytest

from pastwatch.errors import UsageError
from pastwatch.matching.fold import fold
from pastwatch.matching.parse import parse
from pastwatch.model.query import Or, Regex
from pastwatch.stages.lookback.expand import (
    chosen,
    expanded,
    nearest_words,
    suggestions,
)
from pastwatch.stages.lookback.glossary import LANGUAGES, forms, meanings, rows

pytest.importorskip("anyascii", reason="the library for other scripts is not installed")
pytest.importorskip("rapidfuzz", reason="the library for spellings is not installed")

COUNTS = {
    "weapon": 9, "weapons": 4, "سلاح": 3, "السلاح": 2, "оружия": 5, "оружие": 1, "arme": 1,
    "武器": 2, "wagon": 7, "table": 50, "نشق": 1, "weapno": 1,
}  # fmt: skip


def words(term: str, **given: object) -> dict[str, tuple[str, ...]]:
    return {s.word: s.rules for s in suggestions(term, COUNTS, **given)}  # type: ignore[arg-type]


def test_only_words_of_the_slice_are_suggested_each_with_why() -> None:
    found = words("weapon")
    assert set(found) <= set(COUNTS)
    assert found["سلاح"] == found["السلاح"] or "glossary, ar" in found["السلاح"]
    assert "glossary, ru" in found["оружия"]
    assert "glossary, zh" in found["武器"]
    assert found["weapno"] == ("spelling",)
    assert "table" not in found
    assert "weapon" not in found


def test_what_is_near_by_meaning_names_its_model() -> None:
    found = words("weapon", near=[("table", 0.5), ("gone", 0.4), ("arme", 0.9)], model="toy 1")
    assert found["table"] == ("meaning, toy 1",)
    assert found["arme"] == ("glossary, fr", "meaning, toy 1")
    assert "gone" not in found


def test_each_script_has_its_own_nearest_words() -> None:
    listed = ["a", "b", "c", "ж", "س"]
    vectors = np.array([[1, 0], [1, 0], [1, 0], [0.6, 0.8], [0, 0]], np.float32)
    near = nearest_words(listed, vectors, np.array([1, 0], np.float32), each=2)
    assert [word for word, _ in near] == ["a", "b", "ж"]
    assert near[0][1] == pytest.approx(1.0)


def test_what_is_taken_becomes_a_query_that_parses() -> None:
    offered = suggestions("weapon", COUNTS)
    query = expanded("weapon", chosen(offered, ["سلاح", "武器", "Weapno"]))
    assert query == 'weapon OR سلاح OR "武器" OR weapno'
    assert isinstance(parse(query).root, Or)
    with pytest.raises(UsageError, match="1 of the words taken were not suggested"):
        chosen(offered, ["سلاح", "table"])
    with pytest.raises(UsageError, match="nothing was taken"):
        expanded("weapon", [])


def test_a_phone_number_is_suggested_as_a_pattern() -> None:
    (offered,) = suggestions("+44 20 7946 0018", COUNTS)
    assert offered.rules == ("phone number",)
    query = expanded("+44 20 7946 0018", chosen([offered], [offered.word]))
    assert isinstance(parse(query).root, Regex)


def test_the_glossary_is_whole_and_without_repeats() -> None:
    table = rows()
    assert len(table) >= 200
    for row in table:
        assert {meaning.language for meaning in row} == set(LANGUAGES)
        assert all(meaning.word == meaning.word.strip() and meaning.word for meaning in row)
    english = [meaning.word for row in table for meaning in row if meaning.language == "en"]
    assert len(english) == len(set(english))


def test_a_term_is_found_in_the_glossary_from_any_of_its_languages() -> None:
    assert ("ru", "эксперт") in meanings("expert")
    assert ("en", "expert") in meanings("خبير")
    assert ("en", "expert") in meanings("Эксперт")
    assert meanings("zeppelin") == ()
    spelt, stem = forms(next(m for m in meanings("chemical") if m.language == "ru"))
    assert fold("химический") in spelt
    assert fold("химического").startswith(stem)
