"""Many words at once are found as each of them would be: by patterns, by tokens, and judged."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pastwatch.matching import finder, spelt
from pastwatch.matching.compile import compile_query
from pastwatch.matching.fold import fold_with_map, tokens
from pastwatch.matching.lanes import Lane, foreign
from pastwatch.matching.matcher import PartSpan
from pastwatch.matching.often import ends_of
from pastwatch.matching.parse import parse
from pastwatch.matching.scanner import BlockScanner
from pastwatch.matching.tokenwise import TokenTable

WORDS = [
    "tank",
    "stir",
    "o2",
    "ta",
    "an",
    "fi",
    "office",
    "1",
    "_",
    "the",
    "at",
    "end",
    "then",
    "antidisestablishment",
    "tankstir",
    "k",
]
ASKED = st.lists(st.sampled_from(WORDS), min_size=3, max_size=12, unique=True)
BYTES = st.sampled_from(
    [word.encode() for word in WORDS]
    + [word.upper().encode() for word in WORDS]
    + [b"caf\xc3\xa9", b"\xcc\x81", b"\xff", b"\xe2\x80", b"\xef\xac\x81", b"\xc2\xad"]
    + ["ｔａｎｋ".encode(), "€".encode(), "“the”".encode(), "電".encode(), "\u212a".encode()]
)
GLUE = st.sampled_from([b"", b" ", b" ", b" ", b"\n", b"-", b", ", b"@", b"\x00", b"\xcc\x81"])
RECORD = st.lists(st.tuples(BYTES, GLUE), max_size=10).map(
    lambda pieces: b"".join(word + glue for word, glue in pieces).decode("utf-8", "replace")
)
RECORDS = st.lists(RECORD, min_size=1, max_size=8)
WIDE = ["и", "йод", "вода", "ёлка", "שלום", "سلام", "από"]
WIDE_BYTES = st.sampled_from(
    [word.encode() for word in WIDE]
    + [word.upper().encode() for word in WIDE]
    + ["и\u0306од".encode(), "\u0301".encode(), b"\xd0", "Ë".encode(), "елка".encode(), b"the"]
)
WIDE_RECORDS = st.lists(
    st.lists(st.tuples(WIDE_BYTES, GLUE), max_size=12).map(
        lambda pieces: b"".join(word + glue for word, glue in pieces).decode("utf-8", "replace")
    ),
    min_size=1,
    max_size=8,
)
Answer = list[tuple[int, list[PartSpan]]]


def look(query: str, texts: list[str], engine: str = "hyperscan") -> Answer:
    raw = [text.encode() for text in texts]
    offsets = np.array([0, *itertools.accumulate(map(len, raw))], np.int64)
    return BlockScanner(compile_query(parse(query)), engine=engine).hits(
        text=(b"".join(raw), offsets)
    )


def wanted(texts: list[str], words: list[str]) -> Answer:
    found = []
    for row, text in enumerate(texts):
        folded, starts, ends = fold_with_map(text)
        spans = [
            (0, int(starts[s]), int(ends[e - 1])) for s, e in tokens(folded) if folded[s:e] in words
        ]
        if spans:
            found.append((row, sorted(set(spans))))
    return found


@pytest.mark.parametrize("engine", ["hyperscan", "python"])
@settings(max_examples=150, deadline=None)
@given(words=ASKED, texts=RECORDS)
def test_any_of_many_words_is_found_where_it_is_a_whole_token(
    engine: str, words: list[str], texts: list[str]
) -> None:
    assert look(" OR ".join(words), texts, engine) == wanted(texts, words)


@settings(max_examples=200, deadline=None)
@given(words=ASKED, texts=RECORDS)
def test_words_met_everywhere_are_found_by_tokens_just_the_same(
    words: list[str], texts: list[str]
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(finder, "_CAP", -4 * len(words))
        patch.setattr(finder, "_MANY", 1)
        found = look(" OR ".join(words), texts)
    assert found == wanted(texts, words)


@settings(max_examples=200, deadline=None)
@given(word=st.sampled_from(WIDE), texts=WIDE_RECORDS, cap=st.sampled_from([-4, 1, 3000]))
def test_a_word_of_other_letters_that_is_everywhere_is_found_just_the_same(
    word: str, texts: list[str], cap: int
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(finder, "_CAP", cap)
        found = look(word, texts)
    assert found == look(word, texts, "python")


@settings(max_examples=100, deadline=None)
@given(words=ASKED, texts=RECORDS)
def test_many_words_beside_and_without_another_are_set_algebra(
    words: list[str], texts: list[str]
) -> None:
    several = " OR ".join(words)
    rows = {row for row, _ in wanted(texts, words)}
    also = {row for row, _ in wanted(texts, ["the"])}
    assert {row for row, _ in look(f"the ({several})", texts)} == rows & also
    assert {row for row, _ in look(f"the AND NOT ({several})", texts)} == also - rows


@settings(max_examples=100, deadline=None)
@given(texts=RECORDS, gaps=st.lists(GLUE, min_size=2, max_size=2))
def test_a_phrase_with_any_gap_is_found_by_both_engines(
    texts: list[str], gaps: list[bytes]
) -> None:
    first, second = (gap.decode("utf-8", "replace") for gap in gaps)
    texts = [*texts, f"at{first}the{second}end", "at the at the end the end" + " " * 600 + "end"]
    assert look('"at the end"', texts) == look('"at the end"', texts, "python")
    assert look('"the end"', texts) == look('"the end"', texts, "python")


@given(words=ASKED, text=st.text("aAtTnNkKsir@` _12\x01fi", max_size=80), at=st.integers(0, 80))
def test_a_table_finds_each_token_and_cuts_at_borders(words: list[str], text: str, at: int) -> None:
    table = TokenTable([(n, word.encode()) for n, word in enumerate(words)])
    cut = [text[:at], text[at:]]
    numbers, ends = table.find(memoryview(text.encode()), np.array([at], np.int64))
    spans = [
        (words.index(piece[s:e].lower()), skip + e)
        for skip, piece in ((0, cut[0]), (len(cut[0]), cut[1]))
        for s, e in tokens(piece)
        if piece[s:e].lower() in words
    ]
    assert list(zip(numbers.tolist(), ends.tolist(), strict=True)) == spans


@given(word=st.sampled_from(WORDS), text=st.text("aAtTnNkKhHeE@` _12\x01\x10\x7f", max_size=60))
def test_each_occurrence_is_found_by_comparing_bytes(word: str, text: str) -> None:
    lower = text.lower()
    ends = [at + len(word) for at in range(len(text)) if lower.startswith(word, at)]
    assert ends_of(np.frombuffer(text.encode(), np.uint8), word.encode()).tolist() == ends


@settings(deadline=None)
@given(ASKED, RECORDS)
def test_other_spellings_of_many_words_are_found_by_tokens_as_by_patterns(
    asked: list[str], records: list[str]
) -> None:
    plan = compile_query(parse(" OR ".join(asked)))
    raw = [record.encode() for record in records]
    text = b"".join(raw), np.array([0, *itertools.accumulate(map(len, raw))], np.int64)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(spelt, "_MANY", 1)
        by_tokens = BlockScanner(plan, engine="hyperscan").hits(text=text)
    patterns = BlockScanner(plan, engine="hyperscan").hits(text=text)
    assert by_tokens == patterns
    assert [row for row, _ in patterns] == [
        row for row, record in enumerate(records) if plan.matcher.spans({0: record}) is not None
    ]


@given(st.lists(st.tuples(st.integers(0, 60_000), st.sampled_from("é“ﬁ電😀\u0301а")), max_size=30))
def test_the_places_of_characters_beyond_ascii_are_those_of_the_text(
    put: list[tuple[int, str]],
) -> None:
    chars = ["x"] * 61_000
    for at, char in put:
        chars[at] = char
    text = "".join(chars)
    octets = b"ab\xc3" + text.encode() + b"\xa9"
    sizes = [len(char.encode()) for char in chars]
    ends = list(itertools.accumulate(sizes))
    held = Lane(0, memoryview(octets), 3, np.array([0, ends[40_000], ends[-1]], np.int64))
    found = foreign(held)
    beyond = [(at, char) for at, char in enumerate(chars) if char != "x"]
    if found is None:
        assert len(beyond) > 1
        return
    assert found.characters == "".join(char for _, char in beyond)
    wanted = {"é", "ﬁ", "😀"}
    assert found.ends(wanted).tolist() == [ends[at] for at, char in beyond if char in wanted]
