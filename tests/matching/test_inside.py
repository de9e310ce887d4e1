"""Text with many marks: what is found there is what the definition says, block after block."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pastwatch.matching import inside, spelt, telling
from pastwatch.matching.compile import compile_query
from pastwatch.matching.matcher import SUBJECT, TEXT, Matcher, PartSpan
from pastwatch.matching.parse import parse
from pastwatch.matching.scanner import BlockScanner, Column

LETTERS = [*"محمدأاهةسلامийеёаткabkKé", "ﬁ", "\u212a", "ｋ", "े", "क", "か", "ᄀ"]
MARKS = ["\u064e", "\u0651", "\u0301", "\u0306", "\u0308", "\u200c", "\u200e", "\u00ad", "\u3099"]
PIECE = st.one_of(
    st.sampled_from(LETTERS),
    st.sampled_from(LETTERS),
    st.sampled_from(MARKS),
    st.sampled_from([" ", "-", "مح", "سلام", "мий", "ab"]),
    st.sampled_from(["م\u064eح\u0651مد", "سلام\u064e", "سَل\u0651ام", "и\u0306", "a\u0301b"]),
    st.sampled_from(["a\u200c\u200cb", "а\u0306б", "e\u0308", "か\u3099", "क\u093c"]),
    st.tuples(st.sampled_from(MARKS), st.integers(2, 30)).map(lambda run: run[0] * run[1]),
)
WRITTEN = st.lists(PIECE, max_size=14).map("".join)
ASKED = st.sampled_from(
    [
        "*محمد*",
        "سلام",
        "*سلا*",
        "*مح*",
        "*ий*",
        "*й*",
        "атака",
        "*аб*",
        "*ab*",
        "ab",
        "*ak*",
        "*क*",
        "*fi*",
        "*أه*",
        "*е*",
        "*か*",
        '"ab мий"',
    ]
)


def column(texts: list[str]) -> Column:
    raw = [text.encode() for text in texts]
    return b"".join(raw), np.array([0, *itertools.accumulate(map(len, raw))], np.int64)


def judged(query: str, subjects: list[str], texts: list[str]) -> list[tuple[int, list[PartSpan]]]:
    """Every record by the exact matcher, without any scan."""
    matcher = Matcher(parse(query))
    spans = [matcher.spans({SUBJECT: s, TEXT: t}) for s, t in zip(subjects, texts, strict=True)]
    return [(row, found) for row, found in enumerate(spans) if found is not None]


@pytest.fixture(params=["told one by one", "found by runs"])
def _small(request: pytest.FixtureRequest) -> Iterator[None]:
    """Bounds so low that a few letters count as many."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(telling, "_FEW", 2)
        patch.setattr(telling, "_LARGE", 8)
        patch.setattr(telling, "_TOLD", 3 if request.param == "found by runs" else 4000)
        patch.setattr(spelt, "_MOST_WINDOWS", 3)
        yield


@pytest.mark.usefixtures("_small")
@settings(max_examples=400, deadline=None)
@given(
    query=ASKED,
    blocks=st.lists(st.lists(st.tuples(WRITTEN, WRITTEN), min_size=1, max_size=5), max_size=3),
)
def test_many_marks_hide_nothing(query: str, blocks: list[list[tuple[str, str]]]) -> None:
    scanner = BlockScanner(compile_query(parse(query)), engine="hyperscan")
    for block in blocks:
        subjects, texts = [s for s, _ in block], [t for _, t in block]
        found = scanner.hits(text=column(texts), subject=column(subjects))
        assert found == judged(query, subjects, texts)


def test_a_word_with_marks_is_found_among_thousands_of_others() -> None:
    other = "مُدَرِّس ".join(["كتاب "] * 3)
    texts = [other * 40 for _ in range(200)]
    texts[7] += "سَلَام"
    texts[9] += "س" + "\u064e" * 300 + "لام"
    texts[11] += "سلام\u064e"
    texts[13] += "سـلام"
    for query in ("سلام", "*سلا*"):
        scanner = BlockScanner(compile_query(parse(query)), engine="hyperscan")
        for _ in range(2):
            rows = [row for row, _ in scanner.hits(text=column(texts))]
            assert rows == [7, 9, 11, 13]


def test_marks_between_other_letters_are_passed_over() -> None:
    octets = np.frombuffer("xبَتy سَل بَ".encode(), np.uint8)
    raw = octets.tobytes()
    starts = np.array([at for at in range(len(raw)) if raw[at : at + 2] == "\u064e".encode()])
    told = inside.inside(["سل"], frozenset())
    assert told is not None
    kept, stops = told.of(octets, starts, starts + 2)
    # The last stands at the end of all, where nothing follows that could tell.
    assert kept.tolist() == starts[1:].tolist()
    assert stops.tolist() == [at + 2 for at in kept.tolist()]


def test_pieces_that_hold_marks_themselves_are_not_told() -> None:
    assert inside.inside(["कि"], frozenset()) is None
    assert inside.inside(["a" * 64], frozenset()) is None
