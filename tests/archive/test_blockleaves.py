"""The leaves made in one pass over a block are those made piece by piece."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pastwatch.archive import leaves
from pastwatch.archive.blockleaves import block_leaves
from pastwatch.archive.columns import octets
from pastwatch.archive.gathered import Gathered
from pastwatch.archive.layout import BATCH, batch_of
from pastwatch.model.party import Party, Role
from pastwatch.model.record import Draft, Part
from pastwatch.model.when import Basis, When

SEED = bytes(range(32))
WORDS = st.text(st.sampled_from("ab é核\n<@>"), max_size=6)
NAMES = st.text(st.sampled_from("ab é"), min_size=1, max_size=6)
PARTIES = st.builds(Party, address=NAMES, name=WORDS, role=st.sampled_from(list(Role)))
LONG = st.text(st.sampled_from("aé核\n"), min_size=1, max_size=9).flatmap(
    lambda piece: st.integers(300, 5000).map(lambda size: (piece * size)[:size])
)
DRAFTS = st.builds(
    Draft,
    original=st.binary(max_size=9),
    text=WORDS | LONG,
    claimed=st.none()
    | st.builds(
        lambda at, width: When(earliest_us=at, latest_us=at + width, basis=Basis.HEADER),
        st.integers(0, 10**15),
        st.integers(0, 10**9),
    ),
    sender=st.none() | PARTIES,
    recipients=st.lists(PARTIES, max_size=3).map(tuple),
    conversation=WORDS,
    native_id=WORDS,
    reply_to=WORDS,
    subject=WORDS,
    parts=st.lists(
        st.builds(
            Part,
            name=WORDS,
            media_type=WORDS,
            size_bytes=st.integers(0, 9),
            sha256=st.binary(min_size=32, max_size=32),
            text=WORDS,
        ),
        max_size=2,
    ).map(tuple),
)


def identified(drafts: Sequence[Draft]) -> pa.RecordBatch:
    """The drafts as rows with ids and hashes, as a writer holds them."""
    ids = [hashlib.md5(b"%d" % n, usedforsecurity=False).digest() for n in range(len(drafts))]
    hashes = [hashlib.sha256(d.original).digest() for d in drafts]
    rows = batch_of(drafts)
    added = [pa.array(ids, pa.binary(16)), pa.array(hashes, pa.binary(32))]
    return pa.RecordBatch.from_arrays(
        [*rows.columns, *added], names=[*BATCH.names, "record_id", "source_sha256"]
    )


def one_by_one(block: pa.RecordBatch) -> list[bytes]:
    """The leaves by the words of the format."""
    rows = block.to_pylist()
    pieces = [leaves.pieces(row, row["text"].encode()) for row in rows]
    ids, sources = [r["record_id"] for r in rows], [r["source_sha256"] for r in rows]
    return leaves.block_leaves(SEED, ids, sources, pieces)


@settings(deadline=None, max_examples=60)
@given(st.lists(DRAFTS, min_size=1, max_size=7), st.integers(0, 3))
def test_leaves_in_one_pass_are_leaves_one_by_one(drafts: list[Draft], skipped: int) -> None:
    block = identified(drafts).slice(min(skipped, len(drafts) - 1))
    sources = block.column("source_sha256").to_pylist()
    assert block_leaves(block, SEED, sources) == one_by_one(block)


@pytest.mark.parametrize("size", [0, 1, 1023, 1024, 1025, 2048, 4096])
@pytest.mark.parametrize("fill", ["x", "é", "核", "\n", "xxxxxxx\n"])
def test_texts_about_a_chunk_long_are_cut_alike(fill: str, size: int) -> None:
    drafts = [Draft(original=b"", text=(fill * size)[: size + more]) for more in (0, 1, 2)]
    block = identified(drafts)
    sources = block.column("source_sha256").to_pylist()
    assert block_leaves(block, SEED, sources) == one_by_one(block)


@settings(deadline=None, max_examples=60)
@given(st.lists(st.lists(DRAFTS, min_size=1, max_size=4), min_size=1, max_size=4), st.randoms())
def test_rows_gathered_from_batches_are_the_rows_joined(
    runs: list[list[Draft]], dice: random.Random
) -> None:
    batches = [identified(drafts).slice(n % 2 * (len(drafts) > 1)) for n, drafts in enumerate(runs)]
    whole, held = pa.concat_batches(batches), Gathered(batches)
    chosen = np.array(dice.sample(range(whole.num_rows), dice.randint(1, whole.num_rows)))
    wanted = whole.take(pa.array(chosen))
    texts = held.octets("text", chosen)
    assert texts == octets(wanted.column("text"))
    assert held.octets("original", chosen) == octets(wanted.column("original"))
    assert held.sizes("original")[chosen].tolist() == list(
        map(len, held.octets("original", chosen))
    )
    block = held.block(chosen, texts)
    block.validate(full=True)
    for name in block.schema.names:
        assert block.column(name).equals(wanted.column(name)), name
