"""Frames, blocks and packs as bytes: round trips, and a named damage for whatever does not read."""

from __future__ import annotations

import itertools
import random
import struct
from dataclasses import replace

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.archive import worlds
from tests.archive.vectors.make_vectors import SOURCE_ID, rows_of

from pastwatch.archive import frames, layout
from pastwatch.archive.block import cut
from pastwatch.archive.held import listed_ids
from pastwatch.archive.identity import SourceKeys, Tokens
from pastwatch.archive.layout import block_bounds
from pastwatch.archive.pack import Frame, footer_bytes, header_bytes, read_pack
from pastwatch.archive.packing import seal_pack
from pastwatch.errors import PackDamaged
from pastwatch.sealing import seal
from pastwatch.sealing.casekey import AgeIdentity


@given(st.binary(max_size=5000), st.binary(max_size=40), st.booleans())
def test_a_frame_gives_back_what_went_in(raw: bytes, extra: bytes, has_prefix: bool) -> None:
    prefix = b"some text that is known already " * 30 if has_prefix else None
    plain = frames.encode(raw, level=3, extra=extra, prefix=prefix)
    found_extra, found = frames.decode(plain, prefix=prefix)
    assert (found_extra, bytes(found)) == (extra, raw)
    assert frames.raw_size(memoryview(plain)) == len(raw)


def test_what_does_not_shrink_is_stored() -> None:
    noise = random.Random(1).randbytes(500)  # noqa: S311 - noise, not secrets
    plain = frames.encode(noise, level=1)
    assert (plain[0], len(plain)) == (frames.STORED, frames.HEAD_BYTES + 500)
    assert frames.encode(b"a" * 500, level=1)[0] == frames.ZSTD


def test_a_prefix_is_needed_where_one_was_used() -> None:
    known = b"the very text that stands in both " * 40
    plain = frames.encode(known + b"and more", level=3, prefix=known)
    assert frames.needs_prefix(memoryview(plain))
    assert not frames.needs_prefix(memoryview(frames.encode(b"x", level=3)))
    with pytest.raises(PackDamaged):
        frames.decode(plain)
    assert bytes(frames.decode(plain, prefix=known)[1]) == known + b"and more"


def test_a_kept_buffer_may_be_larger() -> None:
    kept = bytearray(b"\xff" * 100)
    extra, raw = frames.decode_kept(memoryview(frames.encode(b"short", level=1)), memoryview(kept))
    assert raw.obj is kept
    assert extra == b""
    assert bytes(kept[:6]) == b"short\xff"


@pytest.mark.parametrize("cut_at", range(0, 60, 3))
def test_a_frame_cut_short_is_a_damage(cut_at: int) -> None:
    plain = frames.encode(b"many words, many words, many words " * 20, level=1, extra=b"e" * 20)
    assert len(plain) > 60
    with pytest.raises(PackDamaged):
        frames.decode(plain[:cut_at])


@pytest.mark.parametrize(
    "head",
    [
        struct.pack("<BBHIQ", 9, 1, 0, 0, 4),
        struct.pack("<BBHIQ", 0, 2, 0, 0, 4),
        struct.pack("<BBHIQ", 0, 1, 0, 99, 4),
        struct.pack("<BBHIQ", 0, 1, 0, 0, 5),
        struct.pack("<BBHIQ", 1, 1, 0, 0, 1 << 40),
    ],
)
def test_a_head_that_makes_no_sense_is_a_damage(head: bytes) -> None:
    with pytest.raises(PackDamaged, match="head does not read"):
        frames.decode(head + b"rest")


def test_columns_come_back_and_their_damage_is_named() -> None:
    batch = layout.batch_of(worlds.drafts(20))
    raw = frames.batches(batch, batch.slice(3, 4))
    first, second = frames.read_batches(raw, layout.BATCH, layout.BATCH)
    assert first.equals(batch)
    assert second.equals(batch.slice(3, 4))
    for spoilt in (raw[:2], raw[:40], b"\x10\0\0\0" + bytes(16)):
        with pytest.raises(PackDamaged):
            frames.read_batches(spoilt, layout.BATCH, layout.BATCH)


@given(st.lists(st.integers(0, 700_000), max_size=600))
def test_blocks_are_whole_ordered_and_within_their_limits(sizes: list[int]) -> None:
    bounds = block_bounds(sizes)
    assert bounds[0] == 0
    assert bounds[-1] == len(sizes)
    for start, end in itertools.pairwise(bounds):
        assert 1 <= end - start <= layout.BLOCK_RECORDS
        assert end - start == 1 or sum(sizes[start:end]) <= layout.BLOCK_TEXT_BYTES
        full = end - start == layout.BLOCK_RECORDS
        assert full or end == len(sizes) or sum(sizes[start : end + 1]) > layout.BLOCK_TEXT_BYTES


def sealed(count: int, *, level: int = 1) -> bytes:
    keys = SourceKeys.derive(b"i" * 32, b"a" * 32, SOURCE_ID)
    pack = seal_pack(
        rows_of(worlds.drafts(count)),
        source_id=SOURCE_ID,
        account_tokens=Tokens(keys.account_key),
        recipients=[AgeIdentity.make().recipient],
        level=level,
    )
    raw = b"".join(pack.chunks)
    assert pack.pack_bytes == len(raw)
    assert pack.records == count
    assert pack.text_bytes == sum(len(d.text.encode()) for d in worlds.drafts(count))
    assert pack.original_bytes == sum(len(d.original) for d in worlds.drafts(count))
    assert len(listed_ids(pack.ids)) == count
    return raw


def test_two_packs_of_the_same_records_share_no_frame(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(layout, "BLOCK_RECORDS", 8)
    one, other = (read_pack(sealed(40), name="x") for _ in range(2))
    assert one.pack_id != other.pack_id
    hashes = [{f.sha256 for section in pack.frames for f in section} for pack in (one, other)]
    assert not hashes[0] & hashes[1]
    assert len(hashes[0]) == 5 + 1 + 5 + 5
    assert not set(one.commitments) & set(other.commitments)
    assert one.root != other.root, "salts differ, so that equal records cannot be told"


def test_frames_that_do_not_stand_one_behind_the_other_are_a_damage() -> None:
    header = header_bytes(pack_id="00", source_id="s", commitments=[b"c"] * 4, fold_version=1)
    at = len(header)
    good = [[Frame(at + n, 1, bytes(32))] for n in range(4)]
    raw = header + b"abcd" + footer_bytes(good, [bytes(32)], at=at + 4)
    assert read_pack(raw, name="x").block_count == 1
    for wrong in (
        Frame(at, 2, bytes(32)),
        Frame(at + 1, 1, bytes(32)),
        Frame(at, 1 << 62, bytes(32)),
    ):
        frames_now = [[wrong], *good[1:]]
        raw = header + b"abcd" + footer_bytes(frames_now, [bytes(32)], at=at + 4)
        with pytest.raises(PackDamaged, match="its footer is cut or changed"):
            read_pack(raw, name="x")


@given(st.lists(st.integers(0, 29), unique=True, max_size=30))
def test_a_cut_keeps_its_rows_and_their_tokens_alone(chosen: list[int]) -> None:
    rows = sorted(chosen)
    draw = random.Random(len(rows))  # noqa: S311 - test data, not keys
    accounts = [draw.sample(range(20), draw.randrange(4)) for _ in range(30)]
    talks = [draw.randrange(20, 26) for _ in range(30)]
    table = [bytes((n,)) * 8 for n in range(26)]
    envelope = pa.RecordBatch.from_arrays(
        [pa.array(accounts, pa.list_(pa.uint32())), pa.array(talks, pa.uint32())],
        schema=pa.schema(
            [layout.ENVELOPE.field("accounts"), layout.ENVELOPE.field("conversation")]
        ),
    )
    tokens = pa.RecordBatch.from_arrays([pa.array(table, pa.binary(8))], schema=layout.TOKEN_TABLE)
    kept, left = cut(envelope, tokens, pa.array(rows, pa.int64()).to_numpy())
    found = left.column("token").to_pylist()
    named = [[found[i] for i in row] for row in kept.column("accounts").to_pylist()]
    assert named == [[table[i] for i in accounts[row]] for row in rows]
    talked = [found[i] for i in kept.column("conversation").to_pylist()]
    assert talked == [table[talks[row]] for row in rows]
    assert set(found) == {t for own in named for t in own} | set(talked)
    assert seal.TAG_BYTES == 16


def test_drafts_become_columns_and_nothing_is_dropped() -> None:
    drafts = [replace(d, position=n) for n, d in enumerate(worlds.drafts(9))]
    batch = layout.batch_of(drafts)
    assert batch.schema == layout.BATCH
    assert batch.column("position").to_pylist() == list(range(9))
    assert batch.column("original").to_pylist() == [d.original for d in drafts]
