"""Envelopes and originals as they are sealed: numbers byte by byte, hashes worked out again."""

import hashlib
import struct

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pastwatch.archive import envelopes, frames, layout, rests
from pastwatch.archive.proving import restore, restore_raw
from pastwatch.errors import PackDamaged

numbers_us = st.integers(-(1 << 50), 1 << 50)
times = st.one_of(
    st.none(),
    st.integers(-(1 << 30), 1 << 31).map(lambda second: second * 1_000_000),
    numbers_us,
)
rows = st.fixed_dictionaries(
    {
        "record_id": st.binary(min_size=16, max_size=16),
        "earliest_us": times,
        "latest_us": times,
        "basis": st.integers(0, 4),
        "held_us": numbers_us,
        "size_bytes": st.integers(0, 1 << 40),
        "kind": st.integers(0, 9),
        "defects": st.integers(0, (1 << 32) - 1),
        "accounts": st.lists(st.integers(0, (1 << 32) - 1), max_size=5),
        "conversation": st.integers(0, (1 << 32) - 1),
        "area": st.one_of(st.none(), st.text(max_size=5)),
    }
)


def envelope_of(held: list[dict[str, object]]) -> pa.RecordBatch:
    return pa.RecordBatch.from_pylist(held, schema=layout.ENVELOPE)


def tokens_of(*tokens: bytes) -> pa.RecordBatch:
    return pa.RecordBatch.from_pylist([{"token": t} for t in tokens], schema=layout.TOKEN_TABLE)


def writable(raw: bytes) -> memoryview:
    return memoryview(bytearray(raw))


@given(st.lists(rows, min_size=1, max_size=40))
def test_envelopes_read_as_they_were_made(held: list[dict[str, object]]) -> None:
    tokens = tokens_of(b"12345678")
    raw = envelopes.sealed(envelope_of(held), tokens)
    assert envelopes.read(writable(raw)) == (envelope_of(held), tokens)


def test_envelopes_of_the_first_packs_read_as_they_stand() -> None:
    row = {"record_id": bytes(16), "basis": 1, "held_us": 7, "size_bytes": 300, "kind": 1}
    own = envelope_of(
        [{**row, "defects": 0, "accounts": [1, 2], "conversation": 3, "earliest_us": 999}]
    )
    raw = writable(frames.batches(own, tokens_of()))
    assert envelopes.read(raw) == (own, tokens_of())


@pytest.mark.parametrize("end", [b"\x01", b"\x02" + bytes(8), bytes(9), bytes(10)])
def test_an_envelope_frame_that_ends_in_anything_else_is_damaged(end: bytes) -> None:
    raw = frames.batches(envelope_of([]), tokens_of())
    with pytest.raises(PackDamaged, match="do not read"):
        envelopes.read(writable(raw + end))


@given(st.integers(0, 400), st.binary(min_size=1, max_size=8))
def test_no_change_of_a_sealed_envelope_does_worse_than_damage(at: int, put: bytes) -> None:
    row = {"record_id": bytes(16), "basis": 1, "held_us": 7, "size_bytes": 300, "kind": 1}
    held = {**row, "defects": 0, "accounts": [1], "conversation": 0, "earliest_us": 5}
    raw = bytearray(envelopes.sealed(envelope_of([held] * 3), tokens_of(b"12345678")))
    raw[at : at + len(put)] = put
    try:
        envelopes.read(memoryview(raw))
    except PackDamaged:
        return


def remainder_of(*originals: tuple[str, bytes, int]) -> tuple[pa.RecordBatch, pa.RecordBatch]:
    """The texts, and what the originals have beyond them, of (text, rest, place)."""
    text = pa.RecordBatch.from_pylist([{"text": t} for t, _, _ in originals], schema=layout.TEXT)
    hashes = [
        hashlib.sha256(rest[:at] + t.encode() + rest[at:] if at >= 0 else rest).digest()
        for t, rest, at in originals
    ]
    columns = [
        pa.array(hashes, pa.binary(32)),
        pa.array([at for _, _, at in originals], pa.int64()),
        pa.array([rest for _, rest, _ in originals], pa.large_binary()),
    ]
    return text, pa.RecordBatch.from_arrays(columns, schema=layout.REMAINDER)


MAILS = (("hello\n", b"From: a\n\n", 9), ("привет", b"Subject: x\n\n=D0", -1), ("", b"", -1))


def test_the_hash_of_an_original_is_worked_out_again_and_not_sealed() -> None:
    text, rest = remainder_of(*MAILS)
    raw = rests.sealed(rest)
    assert not any(digest in raw for digest in rest.column("source_sha256").to_pylist())
    assert len(raw) <= len(frames.batches(rest)) - 24 * len(MAILS)
    read = rests.read(writable(raw), layout.REMAINDER, rests.with_texts(text))
    assert read == rest
    assert restore(text, read, 0, pack_id="p") == b"From: a\n\nhello\n"


def test_hashes_of_the_first_packs_read_as_they_stand() -> None:
    text, rest = remainder_of(*MAILS)
    raw = writable(frames.batches(rest))
    assert rests.read(raw, layout.REMAINDER, rests.with_texts(text)) == rest


def test_an_original_that_is_not_what_was_sealed_is_told_and_the_others_are_given() -> None:
    _, rest = remainder_of(*MAILS)
    other, _ = remainder_of(("hullo\n", b"", -1), *MAILS[1:])
    read = rests.read(writable(rests.sealed(rest)), layout.REMAINDER, rests.with_texts(other))
    with pytest.raises(PackDamaged, match="not what was sealed"):
        restore(other, read, 0, pack_id="p")
    assert restore(other, read, 1, pack_id="p") == MAILS[1][1]


def test_originals_sealed_raw_are_checked_alike() -> None:
    sha = hashlib.sha256(b"an original").digest()
    columns = [pa.array([sha], pa.binary(32)), pa.array([1], pa.uint8())]
    columns.append(pa.array([b"an original"], pa.large_binary()))
    rest = pa.RecordBatch.from_arrays(columns, schema=layout.RAW_REMAINDER)
    raw = rests.sealed(rest)
    assert rests.read(writable(raw), layout.RAW_REMAINDER, rests.whole) == rest
    harmed = raw.replace(b"an original", b"an Original")
    read = rests.read(writable(harmed), layout.RAW_REMAINDER, rests.whole)
    with pytest.raises(PackDamaged, match="not what was sealed"):
        restore_raw(read, 0, pack_id="p")


def test_a_remainder_of_another_width_or_of_more_rows_than_texts_is_damaged() -> None:
    text, rest = remainder_of(*MAILS)
    fewer, _ = remainder_of(*MAILS[:2])
    with pytest.raises(PackDamaged, match="do not read"):
        rests.read(writable(rests.sealed(rest)), layout.REMAINDER, rests.with_texts(fewer))
    odd = rest.schema.set(0, pa.field("x", pa.binary(5), nullable=False))
    columns = [pa.array([b"12345"] * 3, pa.binary(5)), *rest.columns[1:]]
    raw = writable(frames.batches(pa.RecordBatch.from_arrays(columns, schema=odd)))
    with pytest.raises(PackDamaged, match="do not read"):
        rests.read(raw, layout.REMAINDER, rests.with_texts(text))
    with pytest.raises(PackDamaged, match="do not read"):
        rests.read(writable(struct.pack("<I", 40)), layout.REMAINDER, rests.with_texts(text))
