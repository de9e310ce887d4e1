"""The case index: the same hits as the scan, from fewer records; kept in parts, and never stale."""

from __future__ import annotations

import itertools
import threading
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.archive import worlds
from tests.stages.lookback import slices

from pastwatch.archive.opened import Opening
from pastwatch.archive.tokens import row_hashes, token_hash
from pastwatch.errors import BadQuery, CaseDamaged, PackDamaged
from pastwatch.matching.fold import fold, tokens
from pastwatch.stages.lookback.index import SHARDS, CaseIndex
from pastwatch.stages.lookback.scan import Figures

KEY = bytes(range(16))
WORD = st.sampled_from(slices.WRITTEN)
PIECE = st.one_of(
    WORD,
    WORD,
    WORD.map("subject:{}".format),
    st.lists(WORD, min_size=2, max_size=3).map(lambda words: '"' + " ".join(words) + '"'),
    st.tuples(WORD, st.integers(1, 4), WORD).map("{0[0]} NEAR/{0[1]} {0[2]}".format),
    st.tuples(WORD, WORD).map('"{0[0]} * {0[1]}"'.format),
    WORD.map("{}*".format),
    WORD.map("*{}".format),
    st.sampled_from(["/t.nk/", "/(?i)OFF/", "from:p3", "to:p2", "source:chat", "after:2017-04-20"]),
    st.just("before:2017-05-10"),
)
QUERY = st.recursive(
    PIECE,
    lambda inner: st.one_of(
        st.tuples(inner, inner).map("({0[0]} OR {0[1]})".format),
        st.tuples(inner, inner).map("({0[0]} AND {0[1]})".format),
        inner.map("(NOT {})".format),
    ),
    max_leaves=5,
)


@settings(max_examples=150, deadline=None)
@given(query=QUERY)
def test_scan_is_index(many: slices.Slice, query: str) -> None:
    try:
        plan = many.plan(query, indexed=True)
    except BadQuery:
        return
    assert many.look(query, indexed=True) == many.look(query)
    assert plan.records_at_most <= many.plan(query).records_at_most


def test_some_queries_are_answered_from_fewer_records(many: slices.Slice) -> None:
    for query in ("tanker van", '"officer expert"', "атака احمد", "(van OR blue) -tank stir"):
        narrow, wide = many.plan(query, indexed=True), many.plan(query)
        assert many.look(query)
        assert narrow.records_at_most < wide.records_at_most / 4


@settings(max_examples=200, deadline=None)
@given(
    texts=st.lists(
        st.lists(st.tuples(st.sampled_from(slices.WRITTEN), st.sampled_from(slices.GLUE))).map(
            lambda pairs: "".join(map("".join, pairs))
        ),
        max_size=5,
    )
)
def test_every_token_is_found_under_the_row_it_stands_in(texts: list[str]) -> None:
    octets = [text.encode() for text in texts]
    ends = np.cumsum([0, *map(len, octets)]).astype(np.int64)
    hashes, rows = row_hashes((b"".join(octets), ends), KEY)
    found = set(zip(hashes.tolist(), rows.tolist(), strict=True))
    wanted = {
        (token_hash(folded[start:end], KEY), row)
        for row, folded in enumerate(map(fold, texts))
        for start, end in tokens(folded)
    }
    assert found == wanted


def test_an_index_cut_short_is_gone_on_with(world: worlds.World) -> None:
    world.collect("mail", slices.drafts(700, seed=3))
    found, shelf = slices.of(world), slices.Shelf()
    found.build(shelf, found.gate.blocks[:2])
    found.index = CaseIndex(shelf, slices.GRANT)
    missing = [ref for ref in found.gate.blocks if not found.index.covers(ref)]
    assert list(found.gate.blocks[2:]) == missing
    whole = found.look("the tank")
    assert found.look("the tank", indexed=True) == whole  # half by index, half by the word index
    found.build(shelf, missing)
    found.index = CaseIndex(shelf, slices.GRANT)
    assert all(map(found.index.covers, found.gate.blocks))
    assert found.look("the tank", indexed=True) == whole
    assert sorted(itertools.chain(*shelf.told)) == sorted(found.gate.blocks)


def test_a_cancelled_index_keeps_whole_segments_only(
    world: worlds.World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.collect("mail", slices.drafts(900, seed=4))
    found, shelf, cancel = slices.of(world), slices.Shelf(), threading.Event()
    genuine = Opening.block

    def last(self: Opening, ref: Any, *, reuse: bool = False) -> Any:
        if ref == found.gate.blocks[-1]:
            cancel.set()
        return genuine(self, ref, reuse=reuse)

    monkeypatch.setattr(Opening, "block", last)
    progress = found.build(shelf, workers=1, cancel=cancel)
    assert not progress.done
    found.index = CaseIndex(shelf, slices.GRANT)
    assert not found.index.covers(found.gate.blocks[-1])
    assert found.look("tank van", indexed=True) == found.look("tank van")


def test_a_block_that_does_not_read_is_left_to_the_look(
    world: worlds.World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.collect("mail", slices.drafts(600, seed=5))
    found, shelf = slices.of(world), slices.Shelf()
    lost = found.gate.blocks[0]
    genuine = Opening.block

    def broken(self: Opening, ref: Any, *, reuse: bool = False) -> Any:
        if ref == lost:
            raise PackDamaged("a frame does not open")
        return genuine(self, ref, reuse=reuse)

    monkeypatch.setattr(Opening, "block", broken)
    progress = found.build(shelf)
    assert (progress.done, progress.unreadable_blocks) == (True, 1)
    found.index = CaseIndex(shelf, slices.GRANT)
    assert not found.index.covers(lost)
    figures = Figures()
    found.look("the", indexed=True, figures=figures)
    assert figures.damaged == {lost: "a frame does not open"}


def test_an_index_made_for_another_grant_covers_nothing(many: slices.Slice) -> None:
    shelf = slices.Shelf()
    many.build(shelf, many.gate.blocks[:1])
    assert CaseIndex(shelf, slices.GRANT).covers(many.gate.blocks[0])
    assert not CaseIndex(shelf, b"\x08" * 32).covers(many.gate.blocks[0])


def test_the_ledger_is_told_that_it_opens_to_index(world: worlds.World) -> None:
    world.collect("mail", slices.drafts(300, seed=6))
    found = slices.of(world)
    first = world.ledger.size
    found.build(slices.Shelf())
    entries = list(world.ledger.entries(first))
    assert [e.outcome["purpose"] for e in entries] == ["index", "index"]
    assert entries[1].outcome["records"] == sum(ref.inside for ref in found.gate.blocks)


def test_a_shard_that_was_cut_is_refused(many: slices.Slice) -> None:
    shelf = slices.Shelf()
    many.build(shelf, many.gate.blocks[:1])
    grant, head, shards = shelf.segments[0]
    assert len(shards) == SHARDS
    shelf.segments[0] = (grant, head, [shard[:-1] for shard in shards])
    with pytest.raises(CaseDamaged, match="slice index"):
        CaseIndex(shelf, slices.GRANT).candidates(many.gate.blocks, [("", frozenset(("tank",)))])
