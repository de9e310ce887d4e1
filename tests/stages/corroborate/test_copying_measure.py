"""What is measured between two texts holds for any texts: passages are the same words, shares lie in 0 to 1."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pastwatch.stages.corroborate.copying_blocks import by_passages
from pastwatch.stages.corroborate.copying_measure import measure
from pastwatch.stages.corroborate.copying_words import Weights, Words, agencies, stem

WORDS = st.lists(
    st.sampled_from(["ferry", "crane", "mill", "Корсо", "«приказ»", "“open", "212", "U.S.", "шлюз.", "quay!", "über"]),
    max_size=60,
)  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(WORDS, WORDS, WORDS)
def test_passages_are_the_same_words_and_never_overlap(
    common: list[str], before: list[str], after: list[str]
) -> None:
    a = Words(" ".join([*before, *common]))
    b = Words(" ".join([*common, *after]))
    measured = measure(a, b, Weights([a.stems, b.stems]))
    seen_a: set[int] = set()
    seen_b: set[int] = set()
    for passage in measured.passages:
        own = range(passage.a, passage.a + passage.length)
        other = range(passage.b, passage.b + passage.length)
        assert [a.folded[n] for n in own] == [b.folded[n] for n in other]
        assert not seen_a & set(own)
        assert not seen_b & set(other)
        seen_a |= set(own)
        seen_b |= set(other)
    for share in (measured.same_a, measured.same_b, measured.told_a, measured.told_b):
        assert -1e-9 <= share <= 1 + 1e-9


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=120))
def test_bytes_between_words_are_the_words(text: str) -> None:
    words = Words(text)
    raw = text.encode(errors="surrogatepass")
    for at in range(len(words)):
        start, end = words.bytes_between(at, at + 1)
        said = raw[start:end].decode(errors="surrogatepass")
        assert said == text[words.starts[at] : words.ends[at]]
    assert all(a < b for a, b in words.sentences)


@pytest.mark.parametrize("length", [8, 12, 30])
def test_a_shared_passage_of_eight_words_is_never_missed(length: int) -> None:
    shared = [f"shared{n}" for n in range(length)]
    for shift in range(12):
        a = Words(" ".join([*(f"a{n}" for n in range(shift + 9)), *shared, "enda"]))
        b = Words(
            " ".join([*(f"b{n}" for n in range(7)), *shared, *(f"c{n}" for n in range(shift))])
        )
        assert by_passages([a, b]) == [(0, 1)]


def test_forms_of_a_word_share_a_stem() -> None:
    for one, other in (("inspected", "inspection"), ("harbours", "harbour"), ("паромы", "паром")):
        assert stem(one)[:4] == stem(other)[:4]
    assert stem("212") == "212"


def test_agencies_are_whole_names() -> None:
    assert agencies().search("TARNHOLM (AP) - A ferry") is not None
    assert agencies().search("APPLES and RAPTORS") is None
