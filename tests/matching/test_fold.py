"""Folding version 1, pinned: what counts as the same letter, and where its bytes are."""

from __future__ import annotations

import itertools
import json
import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pastwatch.matching.alphabet import CLASS, UNASSIGNED
from pastwatch.matching.expand import _TABLE, _inverse, trailing_characters, trails
from pastwatch.matching.fold import FOLD_VERSION, fold, fold_character, fold_with_map, tokens

ALPHABET = st.one_of(
    st.sampled_from("aAéÉſßİıﬁ™½ŞøžК йЙиёЁїі'’-_ .\n\u0301\u0306\u0308\u0327\u00ad\u200d\ufe0f"),
    st.sampled_from("ابتأإآٱىيیةهـکكلامحمد\u064b\u064e\u0651\u0670\ufefb\ufdf2٣"),
    st.sampled_from("שלוםמן\u05b8\u05c1\u05f3かカガｶﾞゃ\u3099東京核한각ᄒᆨ\u1161"),
    st.sampled_from("कि\u093cक़กำ่😀👍🏽🇺🇦\U000e0100𝐀"),
    st.characters(exclude_categories=["Cs"]),
)
TEXTS = st.text(ALPHABET, max_size=40)


@given(TEXTS)
def test_folding_twice_is_folding_once(text: str) -> None:
    assert fold(fold(text)) == fold(text)


def test_every_single_character_folds_to_something_stable() -> None:
    for cp in range(0x110000):
        if CLASS[cp] != UNASSIGNED and not 0xD800 <= cp < 0xE000:
            folded = fold_character(chr(cp))
            assert fold(folded) == folded


def test_folding_is_turned_round_for_every_character_that_folds() -> None:
    singles: dict[str, str] = {}
    several = {}
    for cp in range(0x110000):
        char = chr(cp)
        if CLASS[cp] == UNASSIGNED or 0xD800 <= cp < 0xE000 or fold_character(char) == char:
            continue
        folded = fold_character(char)
        if len(folded) == 1:
            singles[folded] = singles.get(folded, "") + char
        elif folded:
            several[char] = folded
    if os.environ.get("PASTWATCH_GOLDEN") == "write":
        table = json.dumps(
            {"singles": singles, "several": several}, indent=0, separators=(",", ":")
        )
        _TABLE.write_text(table + "\n")
    assert _inverse() == (singles, several)


def test_every_character_that_trails_is_among_those_listed() -> None:
    every = [chr(cp) for cp in range(0x110000) if not 0xD800 <= cp < 0xE000]
    assert trailing_characters() == "".join(filter(trails, every))


@given(TEXTS)
def test_the_map_covers_the_original_bytes_in_order(text: str) -> None:
    folded, starts, ends = fold_with_map(text)
    size = len(text.encode())
    assert folded == fold(text)
    assert len(folded) == len(starts) == len(ends)
    assert all(0 <= s < e <= size for s, e in zip(starts, ends, strict=True))
    assert all(a <= b for a, b in itertools.pairwise(starts))
    for start, end in zip(starts, ends, strict=True):
        text.encode()[start:end].decode()


@given(TEXTS)
def test_tokens_stand_in_order_and_never_overlap(text: str) -> None:
    folded = fold(text)
    at = 0
    for start, end in tokens(folded):
        assert at <= start < end <= len(folded)
        at = end


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("АТАКА", "атака"),
        ("ещё", "еще"),
        ("STRASSE", "straße"),
        ("İstanbul", "ISTANBUL"),
        ("ışık", "IŞIK"),
        ("café", "cafe\u0301"),
        ("مُحَمَّد", "محمد"),
        ("أحمد", "احمد"),
        ("مـحـمد", "محمد"),
        ("مدرسة", "مدرسه"),
        ("على", "علي"),
        ("ایران", "ايران"),
        ("שָׁלוֹם", "שלום"),
        ("ﬁne", "fine"),
        ("２０１２", "2012"),
        ("٢٠١٢", "2012"),
        ("ｶﾞ", "ガ"),
        ("soft\u00adhyphen", "softhyphen"),
    ],
)
def test_these_spellings_are_one_word(one: str, other: str) -> None:
    assert fold(one) == fold(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [("мой", "мои"), ("її", "іі"), ("か", "が"), ("कि", "क"), ("ว่า", "วา"), ("ø", "o")],
)
def test_these_stay_different_letters(one: str, other: str) -> None:
    assert fold(one) != fold(other)


def test_a_letter_and_its_breve_are_short_i_however_written() -> None:
    assert fold("и\u0306") == fold("Й") == "й"


def test_the_version_is_one_until_a_rule_changes() -> None:
    assert FOLD_VERSION == 1


def test_scripts_without_spaces_give_a_token_a_character() -> None:
    assert len(tokens(fold("核电站 東京タ"))) == 6
    assert tokens("don't e-mail") == [(0, 3), (4, 5), (6, 7), (8, 12)]
