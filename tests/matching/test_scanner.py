"""The scan finds what the definition says: against brute force, and against the regex module."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
import regex
from hypothesis import given, settings
from hypothesis import strategies as st

from pastwatch.archive.tokens import blocks_with, build
from pastwatch.errors import BadQuery
from pastwatch.matching.compile import compile_query, required_literal
from pastwatch.matching.fold import fold, fold_with_map, tokens
from pastwatch.matching.matcher import PartSpan, RecordFacts
from pastwatch.matching.parse import parse
from pastwatch.matching.scanner import BlockScanner, Column
from pastwatch.matching.words import split_words

WRITTEN = """
    tank stir o2 Tank STIR ta an k fi ﬁ office oﬃce ſtir tm ™ ½ 1 2 é e\u0301 ё е й и и\u0306 атака
    АТАКА ёлка елка її محمد مُحَمَّد م أحمد احمد ة ه لا ﻻ שלום שָׁלוֹם ם 核 电 核电 東京 か が か\u3099
    ガ ｶﾞ 한 각 가\u11a8 ᄒ\u1161\u11ab कि क़ क\u093c กำ 😀 👍🏽 a\u00adb ab K \u212a İ i ı ß ss _
"""
SYLLABLES = st.sampled_from(WRITTEN.split())
GLUE = st.sampled_from(["", " ", " ", "-", ", ", "\n", "\u0301", "\u200d", "\u00ad", "’", "\ufffd"])
# What sealing makes of bytes that are no UTF-8, and marks with no letter before them.
BROKEN = st.sampled_from(["\ufffd", "ta\ufffdnk", "\u0301", "\u0301tank", "\u0651", " \u0651 tank"])
TEXT = st.lists(
    st.tuples(st.one_of(SYLLABLES, SYLLABLES, SYLLABLES, BROKEN), GLUE), max_size=8
).map(lambda pieces: "".join(word + glue for word, glue in pieces))
ASCII_TEXT = TEXT.map(lambda text: text.encode("ascii", "ignore").decode())
RECORDS = st.one_of(
    st.lists(TEXT, min_size=1, max_size=6),
    st.lists(ASCII_TEXT, min_size=1, max_size=6),
    st.lists(TEXT, min_size=1, max_size=4).map(lambda texts: [*texts, "plain filler " * 60]),
)


def column(texts: list[str]) -> Column:
    raw = [text.encode() for text in texts]
    return b"".join(raw), np.array([0, *itertools.accumulate(map(len, raw))], np.int64)


def look(query: str, texts: list[str], engine: str) -> list[tuple[int, list[PartSpan]]]:
    scanner = BlockScanner(compile_query(parse(query)), engine=engine)
    return scanner.hits(text=column(texts))


def runs_by_brute_force(words: list[str], text: str) -> list[PartSpan]:
    """Fold the record, cut it into tokens, try the words at each of them."""
    folded, starts, ends = fold_with_map(text)
    places = tokens(folded)
    asked = [
        regex.compile(
            "".join({"*": "(?s:.*)", "?": "(?s:.)"}.get(c, regex.escape(c)) for c in word.text)
        )
        for text_word in words
        for word in split_words(text_word)
    ]
    found = []
    for first in range(len(places) - len(asked) + 1):
        these = places[first : first + len(asked)]
        pairs = zip(asked, these, strict=True)
        if all(pattern.fullmatch(folded[s:e]) for pattern, (s, e) in pairs):
            found.append((0, int(starts[these[0][0]]), int(ends[these[-1][1] - 1])))
    return found


def wanted(texts: list[str], words: list[str]) -> list[tuple[int, list[PartSpan]]]:
    found = [(row, runs_by_brute_force(words, text)) for row, text in enumerate(texts)]
    return [(row, spans) for row, spans in found if spans]


WORDS = st.lists(SYLLABLES.filter(lambda w: bool(split_words(w))), min_size=1, max_size=2)


@st.composite
def asked_words(draw: st.DrawFn) -> list[str]:
    words = draw(WORDS)
    wild = draw(st.sampled_from(["{}", "{}", "{}*", "*{}", "*{}*", "{}?", "?{}"]))
    return [wild.format(words[0]), *words[1:]]


@pytest.mark.parametrize("engine", ["hyperscan", "python"])
@settings(max_examples=120, deadline=None)
@given(words=asked_words(), texts=RECORDS)
def test_a_phrase_is_found_as_fold_then_search_finds_it(
    engine: str, words: list[str], texts: list[str]
) -> None:
    query = '"' + " ".join(words) + '"'
    try:
        parse(query)
    except BadQuery:
        return
    assert look(query, texts, engine) == wanted(texts, words)


@pytest.mark.parametrize("engine", ["hyperscan", "python"])
@settings(max_examples=80, deadline=None)
@given(a=SYLLABLES, b=SYLLABLES, c=SYLLABLES, texts=RECORDS)
def test_and_or_and_not_are_set_algebra(
    engine: str, a: str, b: str, c: str, texts: list[str]
) -> None:
    try:
        rows = [{row for row, _ in look(f'"{word}"', texts, engine)} for word in (a, b, c)]
    except BadQuery:
        return
    mixed = {row for row, _ in look(f'("{a}" OR "{b}") AND NOT "{c}"', texts, engine)}
    assert mixed == (rows[0] | rows[1]) - rows[2]
    both = {row for row, _ in look(f'"{a}" "{b}"', texts, engine)}
    assert both == rows[0] & rows[1]
    assert {row for row, _ in look(f'NOT "{a}"', texts, engine)} == set(range(len(texts))) - rows[0]


@settings(max_examples=80, deadline=None)
@given(a=SYLLABLES, b=SYLLABLES, n=st.integers(1, 4), ordered=st.booleans(), texts=RECORDS)
def test_near_counts_words_apart(a: str, b: str, n: int, ordered: bool, texts: list[str]) -> None:
    try:
        query = f'"{a}" {"O" if ordered else ""}NEAR/{n} "{b}"'
        found = look(query, texts, "hyperscan")
    except BadQuery:
        return
    expected = []
    for row, text in enumerate(texts):
        places = tokens(fold(text))
        _, starts, ends = fold_with_map(text)
        first = {int(starts[s]): i for i, (s, _) in enumerate(places)}
        last = {int(ends[e - 1]): i for i, (_, e) in enumerate(places)}
        left, right = runs_by_brute_force([a], text), runs_by_brute_force([b], text)
        kept = set()
        for x, y in itertools.product(left, right):
            forward = 1 <= first[y[1]] - last[x[2]] <= n
            backward = 1 <= first[x[1]] - last[y[2]] <= n
            if forward or (backward and not ordered):
                kept |= {x, y}
        if kept:
            expected.append((row, sorted(kept)))
    if all(_tells_apart(text) for text in texts):
        assert found == expected


def _tells_apart(text: str) -> bool:
    """Whether no two tokens come out of one original character (½ is two tokens)."""
    _, starts, ends = fold_with_map(text)
    places = tokens(fold(text))
    return (
        len({int(starts[s]) for s, _ in places})
        == len(places)
        == len({int(ends[e - 1]) for _, e in places})
    )


PATTERNS = st.sampled_from(
    [r"tank", r"T[a-z]nk", r"\d+", r"\w+k\b", r"^s", r"r$", r"(?i)stir", r"(?:ta|st)\w", r"a.b",
     r"o2|ta", r"\s\w", r"атака", r"(?<=t)an", r"k{1,2}", r"[^a-z ]{2}", r"(?i)КА", r"\bан?",
     r"\.?tank-?", r"ta(?=n)", r"(a)\1", r"(?i)k", r"i$|k$", r"\p{Lu}", r"x*tank",
     r"[\w.]k", r"\d\w", r"\s\S\b"]
)  # fmt: skip


@pytest.mark.parametrize("engine", ["hyperscan", "python"])
@settings(max_examples=100, deadline=None)
@given(pattern=PATTERNS, texts=RECORDS)
def test_a_pattern_finds_what_the_regex_module_finds(
    engine: str, pattern: str, texts: list[str]
) -> None:
    expected = []
    for row, text in enumerate(texts):
        spans = [
            (0, len(text[: m.start()].encode()), len(text[: m.end()].encode()))
            for m in regex.finditer(pattern, text)
        ]
        if spans:
            expected.append((row, spans))
    assert look(f"/{pattern}/", texts, engine) == expected


@settings(max_examples=100, deadline=None)
@given(words=WORDS, texts=RECORDS, more=SYLLABLES)
def test_the_token_index_never_hides_a_hit(words: list[str], texts: list[str], more: str) -> None:
    key = b"0123456789abcdef"
    try:
        plan = compile_query(parse(f'"{" ".join(words)}" OR ({more} AND NOT tank)'))
    except BadQuery:
        return
    scanner = BlockScanner(plan)
    [frame] = build([[column([text])] for text in texts[:16]], key)
    kept = blocks_with(frame, plan.required, key)
    for number, text in enumerate(texts[:16]):
        if scanner.hits(text=column([text])):
            assert kept >> number & 1


def test_a_word_in_every_row_is_still_counted_exactly() -> None:
    texts = ["the the the the the the the the the of the"] * 500 + ["other"] * 20
    assert len(look("the", texts, "hyperscan")) == 500
    assert len(look("the OR other", texts, "hyperscan")) == 520
    assert len(look("the AND of", texts, "hyperscan")) == 500
    assert len(look("the other", texts, "hyperscan")) == 0


@pytest.mark.parametrize("engine", ["hyperscan", "python"])
def test_no_match_runs_across_two_rows(engine: str) -> None:
    assert look("tank", ["ta", "nk", "tank", "x"], engine) == [(2, [(0, 0, 4)])]
    assert look("tata", ["ta", "tatax tata"], engine) == [(1, [(0, 6, 10)])]
    assert look('"o2 tank"', ["o2 ", "tank", "o2 tank"], engine) == [(2, [(0, 0, 7)])]


@pytest.mark.parametrize("engine", ["hyperscan", "python"])
def test_each_part_of_a_record_is_searched_and_named(engine: str) -> None:
    scanner = BlockScanner(
        compile_query(parse("tank AND subject:stir AND from:ann")), engine=engine
    )
    raw, offsets = column(["a tank", "annex", "tank one"])
    found = scanner.hits(
        text=column(["nothing", "tank", "stir"]),
        subject=column(["Stir", "stir tank", "tank"]),
        parts=(raw, offsets, np.array([0, 0, 2], np.int64)),
        facts=lambda row: RecordFacts(sender_name="Ann" if row < 2 else "Bob"),
    )
    assert found == [(0, [(-1, 0, 4), (1, 2, 6)]), (1, [(-1, 0, 4), (-1, 5, 9), (0, 0, 4)])]


def test_a_slice_of_a_longer_buffer_is_scanned_alone() -> None:
    scanner = BlockScanner(compile_query(parse("tank")))
    offsets = np.array([5, 9, 12], np.int64)
    assert scanner.hits(text=(b"tank tankabc tank", offsets)) == [(0, [(0, 0, 4)])]


def test_a_pattern_out_of_time_is_told_and_not_a_hit() -> None:
    plan = compile_query(parse("/(a|aa)+$(?!b)/ OR tank"), regex_timeout_s=0.01)
    late: list[int] = []
    found = BlockScanner(plan).hits(text=column(["a" * 60 + "b", "tank"]), timed_out=late)
    assert [row for row, _ in found] == [1]
    assert late == [0]


@pytest.mark.parametrize(
    ("pattern", "literal"),
    [
        (r"tank\d", "tank"), (r"tanks?", "tank"), (r"a|tank", ""), (r"(?i)tank", ""),
        (r"(?:tank)+x{2}stir", "stir"), (r"\.\.ta", "..ta"), (r"[ab]cd", "cd"), (r"\x41bcd", ""),
        (r"ta{0}nk", "nk"), (r"a+bc*", ""), (r"\Qtank\E", ""), (r"[]a]bc", "bc"),
    ],
)  # fmt: skip
def test_only_what_each_match_holds_is_a_required_literal(pattern: str, literal: str) -> None:
    assert required_literal(pattern) == literal


@pytest.mark.parametrize("query", ["subject:re", "subject:re OR subject:zebra", '"re re*"'])
def test_what_is_everywhere_in_a_block_is_still_found(query: str) -> None:
    subjects = [f"Re: letter {n}" if n % 2 else "letter" for n in range(40)]
    texts = ["re " * 4000 + str(n) for n in range(40)]
    plan = compile_query(parse(query))
    exact = [
        row
        for row in range(40)
        if plan.matcher.spans({-1: subjects[row], 0: texts[row]}) is not None
    ]
    scanner = BlockScanner(plan)
    for _ in range(2):  # the second time it is known to be everywhere
        found = scanner.hits(text=column(texts), subject=column(subjects))
        assert [row for row, _ in found] == exact
