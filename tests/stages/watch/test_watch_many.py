"""Many queries at once find in a block exactly what each of them finds alone."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from pastwatch.matching.compile import compile_query
from pastwatch.matching.lanes import Column, Lane, lanes_of
from pastwatch.matching.matcher import RecordFacts
from pastwatch.matching.parse import parse
from pastwatch.matching.scanner import BlockScanner
from pastwatch.stages.watch.many import Many, Met, words_in

KEY = b"k" * 16
WORDS = (
    "bridge", "Bridge", "мост", "МОСТ", "торт", "cake", "van", "vans", "جسر", "key", "Straße",
    "STRASSE", "naïve", "naive", "東京", "x1", "re-entry", "ﬁre", "fire", "e\u0301t\u00e9",
)  # fmt: skip
TERMS = st.sampled_from(WORDS)
QUERIES = st.one_of(
    TERMS,
    st.tuples(TERMS, TERMS).map(" AND ".join),
    st.tuples(TERMS, TERMS).map(" OR ".join),
    st.tuples(TERMS, TERMS).map(lambda two: f"{two[0]} NOT {two[1]}"),
    st.tuples(TERMS, TERMS).map(lambda two: f"{two[0]} NEAR/2 {two[1]}"),
    st.tuples(TERMS, TERMS).map(lambda two: f'"{two[0]} {two[1]}"'),
    TERMS.map(lambda word: f"{word[:2]}*"),
    TERMS.map(lambda word: f"/{word[:3]}/"),
    TERMS.map(lambda word: f"from:ana AND {word}"),
    TERMS.map(lambda word: f"subject:{word}"),
    st.just("from:ben"),
)
TEXTS = st.lists(st.one_of(TERMS, st.text(max_size=6)), max_size=8).map(" ".join)


def column(texts: list[str]) -> Column:
    raw = [text.encode() for text in texts]
    offsets = np.array([0, *itertools.accumulate(map(len, raw))], np.int64)
    return b"".join(raw), offsets


def facts(row: int) -> RecordFacts:
    return RecordFacts(sender_address="ana@x" if row % 2 else "ben@x")


def block(texts: list[str], subjects: list[str]) -> list[Lane]:
    return lanes_of(column(texts), column(subjects), None)


def met(queries: list[str], texts: list[str], subjects: list[str], **more: Any) -> dict[int, Met]:
    lanes = block(texts, subjects)
    key = more.pop("key", KEY)
    return Many([compile_query(parse(query)) for query in queries]).examine(
        lanes, len(texts), words=words_in(lanes, key), key=key, facts=facts, **more
    )


@given(
    queries=st.lists(QUERIES, min_size=1, max_size=14),
    texts=st.lists(TEXTS, min_size=1, max_size=6),
    data=st.data(),
)
@settings(max_examples=300, deadline=None)
def test_each_query_finds_what_a_scan_for_it_finds(
    queries: list[str], texts: list[str], data: st.DataObject
) -> None:
    subjects = [data.draw(TEXTS) for _ in texts]
    found = {n: one.rows for n, one in met(queries, texts, subjects).items() if one.rows}
    lanes = block(texts, subjects)
    alone = {}
    for number, query in enumerate(queries):
        scanner = BlockScanner(compile_query(parse(query)))
        hits = scanner.scan(lanes, len(texts), facts=facts)
        if len(hits):
            alone[number] = hits.rows.tolist()
    assert found == alone


def test_a_query_passed_over_finds_nothing_and_others_go_on() -> None:
    queries = ["bridge", "van", "br*", "v*"]
    found = met(queries, ["the bridge", "a van"], ["", ""], without=frozenset({0, 3}))
    assert {n: one.rows for n, one in found.items() if one.rows} == {1: [1], 2: [0]}


def test_another_key_gives_the_same_answer() -> None:
    lanes = block(["the bridge", "a van"], ["", ""])
    watches = Many([compile_query(parse("bridge OR van"))])
    for key in (KEY, b"o" * 16, KEY):
        found = watches.examine(lanes, 2, words=words_in(lanes, key), key=key, facts=facts)
        assert found[0].rows == [0, 1]


def test_a_block_without_a_word_is_met_by_patterns_alone() -> None:
    assert list(met(["bridge", "/--/"], [" -- "], [""])) == [1]


def test_a_record_is_judged_by_no_query_whose_words_it_lacks() -> None:
    found = met(["bridge AND van", "bridge"], ["the bridge", "a van", "van bridge"], [""] * 3)
    assert found[0].judged == 1
    assert found[1].judged == 2


def test_no_query_meets_nothing() -> None:
    assert met([], ["the bridge"], [""]) == {}
