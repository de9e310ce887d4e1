"""The token index of a pack: no token of any text is ever missing from its block."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pastwatch.archive.tokens import (
    WordList,
    all_of,
    block_hashes,
    blocks_with,
    build,
    frame,
    frame_tokens,
    lookup,
    token_hash,
)
from pastwatch.errors import PackDamaged
from pastwatch.matching.fold import fold, tokens

KEY = bytes(range(16))
TEXT = st.text(
    st.sampled_from("abZ09_ -.éÉßﬁ™½Йёسأ\u064eם核か\u3099ก\u0301\u00ad😀\n")
    | st.characters(exclude_categories=["Cs"]),
    max_size=60,
) | st.text(st.sampled_from("aB0_ -"), max_size=300)
ROWS = st.lists(TEXT, min_size=1, max_size=6)


def column(texts: list[str]) -> tuple[bytes, np.ndarray[tuple[int], np.dtype[np.int64]]]:
    raw = [text.encode() for text in texts]
    return b"".join(raw), np.array([0, *itertools.accumulate(map(len, raw))], np.int64)


def hashes_of(texts: list[str]) -> set[int]:
    folded = [fold(text) for text in texts]
    return {token_hash(f[s:e], KEY) for f in folded for s, e in tokens(f)}


@settings(deadline=None, max_examples=300)
@given(ROWS)
def test_a_block_holds_exactly_the_hashes_of_its_tokens(texts: list[str]) -> None:
    found = block_hashes([column(texts)], KEY)
    assert found.tolist() == sorted(hashes_of(texts))


@settings(deadline=None)
@given(st.lists(ROWS, min_size=1, max_size=20))
def test_each_token_is_found_in_its_block_and_only_there(blocks: list[list[str]]) -> None:
    frames = build([[column(texts)] for texts in blocks], KEY)
    assert len(frames) == -(-len(blocks) // 16)
    every = sorted(set().union(*map(hashes_of, blocks)))
    for n, texts in enumerate(blocks):
        maps = lookup(frames[n // 16], np.array(every, np.uint32))
        held = hashes_of(texts)
        assert [bool(m >> (n % 16) & 1) for m in maps.tolist()] == [h in held for h in every]


def test_a_large_block_is_hashed_in_pieces_with_the_same_result() -> None:
    words = [f"word{n}x" for n in range(60_000)] + ["a" * 300_000, "é" * 100_000]
    found = set(block_hashes([column([" ".join(words), "tail"])], KEY).tolist())
    assert {
        token_hash(fold(word), KEY) for word in [*words[::997], words[-2], words[-1], "tail"]
    } <= found


def test_another_key_gives_other_hashes() -> None:
    assert token_hash("tank", KEY) != token_hash("tank", KEY[::-1])


def test_the_hash_is_part_of_the_format() -> None:
    assert [token_hash(word, KEY) for word in ("tank", "атака", "核")] == VECTORS


def test_nothing_required_excludes_no_block() -> None:
    [frame] = build([[column(["tank"])], [column(["stir"])]], KEY)
    assert blocks_with(frame, None, KEY) == 0xFFFF
    assert blocks_with(frame, [frozenset({"tank"})], KEY) == 0b01
    assert blocks_with(frame, [frozenset({"tank", "stir"})], KEY) == 0b11
    assert blocks_with(frame, [frozenset({"tank"}), frozenset({"stir"})], KEY) == 0


def test_a_cut_frame_is_damaged() -> None:
    [frame] = build([[column(["tank"])]], KEY)
    with pytest.raises(PackDamaged):
        lookup(frame[:-1], np.array([1], np.uint32))


def test_an_empty_block_has_an_empty_frame() -> None:
    [frame] = build([[column([""])]], KEY)
    assert lookup(frame, np.array([1], np.uint32)).tolist() == [0]


VECTORS = [4196981574, 2214913204, 465889981]


@given(st.lists(st.integers(0, 2**32 - 1), max_size=50, unique=True))
def test_a_frame_of_the_first_packs_reads_as_one_of_today(values: list[int]) -> None:
    hashes = np.array(sorted(values), np.uint32)
    now = frame([hashes, hashes[::2]])
    held, maps = frame_tokens(now)
    assert held.tolist() == sorted(values)
    then = b"".join(
        (
            len(hashes).to_bytes(4, "little"),
            *(bytes(v >> (8 * plane) & 0xFF for v in sorted(values)) for plane in range(4)),
            now[4 + 4 * len(hashes) :],
        )
    )
    old_held, old_maps = frame_tokens(then)
    assert old_held.tolist() == held.tolist()
    assert old_maps.tolist() == maps.tolist() == [3 - 2 * (n % 2) for n in range(len(values))]
    with pytest.raises(PackDamaged):
        frame_tokens(now + b"\0")


@given(st.lists(st.text(max_size=90).filter(lambda word: "\0" not in word), max_size=30))
def test_words_are_hashed_alike_one_by_one_and_all_together(words: list[str]) -> None:
    together = WordList([*words, *map(str, range(9))]).under(KEY)
    assert together[: len(words)].tolist() == [token_hash(word, KEY) for word in words]


@given(st.sets(st.integers(0, 40), max_size=20), st.integers(0, 41))
def test_one_word_is_looked_up_as_several_are(held: set[int], asked: int) -> None:
    hashes = np.array(sorted(held), np.uint32)
    maps = (np.arange(len(hashes)) % 7 + 1).astype(np.uint16)
    one = all_of(hashes, maps, np.array([asked], np.uint32), np.array([0]))
    twice = all_of(hashes, maps, np.array([asked, asked], np.uint32), np.array([0, 1]))
    assert one == twice
    assert bool(one) == (asked in held)
