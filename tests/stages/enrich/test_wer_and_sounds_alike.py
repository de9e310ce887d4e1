"""How far two wordings are apart, and which words sound alike across scripts and spellings."""

from __future__ import annotations

import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pastwatch.errors import MissingExtra
from pastwatch.stages.enrich import phonetic
from pastwatch.stages.enrich.wer import NOTHING, edits, errors, total, words_of

WORDS = st.lists(st.sampled_from(["a", "b", "c", "d"]), max_size=7)


def plain(first: list[str], second: list[str]) -> int:
    """The distance by its definition."""
    if not first or not second:
        return len(first) + len(second)
    same = plain(first[1:], second[1:]) + (first[0] != second[0])
    return min(same, plain(first[1:], second) + 1, plain(first, second[1:]) + 1)


@given(WORDS, WORDS)
def test_edits_are_as_few_as_there_can_be(first: list[str], second: list[str]) -> None:
    assert edits(first, second) == edits(second, first) == plain(first, second)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("He said: “No!”", "he said no"),
        ("don't", "dont"),
        ("أَهْلًا", "أهلا"),
        ("кот", "КОТ,"),
        ("ﬁne", "fine"),
        ("a_b", "a b"),
    ],
)
def test_folding_takes_away_what_is_no_word(first: str, second: str) -> None:
    assert words_of(first) == words_of(second)


def test_words_that_no_space_parts_count_by_character() -> None:
    assert words_of("我们 走吧 ok") == ["我", "们", "走", "吧", "ok"]
    assert errors("我们走吧", "我们走").word_ratio == 0.25


def test_errors_add_up_by_length_and_may_exceed_one() -> None:
    short, long = errors("yes", "no no no"), errors("a b c d", "a b c d")
    assert short.word_ratio == 3.0
    assert total([short, long]).word_ratio == 3 / 5
    assert total([]) == NOTHING
    assert errors("", "x").word_ratio is None


@pytest.mark.parametrize(
    ("query", "text", "words"),
    [
        ("sarin", "the sarine gas", "sarine"),
        ("sarin", "it was sar in there", "sar in"),
        ("Халид", "when khaled came", "khaled"),
        ("خالد", "when Khalid came", "khalid"),
        ("Mohammed", "muhamad said", "muhamad"),
        ("Hisham", "and he sham said", "he sham"),
        ("chemical expert", "a kemical expert comes", "kemical expert"),
        ("Юсуф", "Yousef", "yousef"),
    ],
)
def test_a_word_is_found_as_it_sounds(query: str, text: str, words: str) -> None:
    pytest.importorskip("anyascii")
    found = phonetic.alike(query, text)
    assert found is not None
    assert found.words == words
    assert found.likeness_ratio < 1


@pytest.mark.parametrize(
    ("query", "text"),
    [("sarin", "the train is late"), ("bread", "a board of directors"), ("", "x"), ("x", "")],
)
def test_a_word_that_sounds_otherwise_is_not(query: str, text: str) -> None:
    assert phonetic.alike(query, text) is None


@given(st.text(alphabet="abcdefghijklmnopqrstuvwxyz", min_size=1, max_size=12))
def test_a_word_is_most_like_itself(word: str) -> None:
    found = phonetic.alike(word, f"before {word} after")
    assert found == phonetic.Alike(word, 1.0)


def test_other_scripts_without_the_library_name_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "anyascii", None)
    phonetic.key.cache_clear()
    with pytest.raises(MissingExtra) as failure:
        phonetic.alike("Халид", "khaled")
    assert "pastwatch[enrich]" in str(failure.value.hint)
