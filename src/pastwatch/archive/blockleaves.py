"""The record leaves of a whole block in one pass over its columns: what its root is made of.

They are what `leaves.block_leaves` gives over `leaves.pieces`, record by record (a test holds them
so), with no object for each piece.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from pastwatch.archive import leaves
from pastwatch.archive.columns import octets, text_column

Int64s = npt.NDArray[np.int64]
Octets = npt.NDArray[np.uint8]
_HASH_BYTES = 32
_HEAD_BYTES = 1 + leaves.SALT_BYTES + 1
_START_BYTES = 8
_FIXED = 5  # pieces that every record has: sender, recipients, when, subject, context
_WIDE = pa.large_binary()
_WHEN = np.dtype([("earliest_us", "<i8"), ("latest_us", "<i8"), ("basis", "u1")])
_plain = hashlib.sha256().copy
_node = hashlib.sha256(b"\x01").copy


class _Chunks(NamedTuple):
    """The chunks of a column's texts: where each stands in `whole`, and how many a row has."""

    whole: bytes
    starts: list[int]
    ends: list[int]
    counts: Int64s
    begins: Int64s  # where each row's text does


def block_leaves(block: pa.RecordBatch, seed: bytes, sources: Sequence[bytes]) -> list[bytes]:
    """The record leaves of a block whose columns carry text, envelope and record ids.

    `sources` are the originals' SHA-256.
    """
    count = block.num_rows
    text = _chunks(block.column("text"))
    part_counts = _lengths(block.column("parts"))
    sizes = _FIXED + text.counts + part_counts
    firsts = np.cumsum(sizes) - sizes
    total = int(sizes.sum())
    salts = np.frombuffer(leaves.salts(seed, count + total), np.uint8).reshape(
        -1, leaves.SALT_BYTES
    )
    heads = np.zeros((total, _HEAD_BYTES), np.uint8)
    heads[:, 1:-1] = salts[count:]
    hashes = np.empty((total, _HASH_BYTES), np.uint8)
    for kind, column in enumerate(_contents(block)):
        rows = firsts + kind
        heads[rows, -1] = kind
        messages = octets(_joined(_fixed(heads[rows]), column))
        if kind == leaves.SENDER:  # of no sender stands nothing, not two empty strings
            empty = _HEAD_BYTES + 8
            messages = [m[:_HEAD_BYTES] if len(m) == empty else m for m in messages]
        hashes[rows] = _matrix(_digests(messages))
    rows = _spread(firsts + _FIXED, text.counts)
    heads[rows, -1] = leaves.TEXT
    hashes[rows] = _matrix(_text_digests(heads[rows], text))
    rows = _spread(firsts + _FIXED + text.counts, part_counts)
    heads[rows, -1] = leaves.PART
    parts = block.column("parts").flatten().to_pylist() if len(rows) else ()
    told = zip(heads[rows], map(leaves.part_content, parts), strict=True)
    hashes[rows] = _matrix(_digests(head.tobytes() + content for head, content in told))
    return _leaves(block, salts[:count], sources, _roots(hashes, sizes))


def _contents(block: pa.RecordBatch) -> Iterable[pa.LargeBinaryArray]:
    """The contents of the pieces every record has, a column a kind, in the order of kinds."""
    count = block.num_rows
    yield _joined(*_written(block.column("sender_address")), *_written(block.column("sender_name")))
    yield _recipients(block.column("recipients"))
    whens = np.zeros(count, _WHEN)
    for name in _WHEN.names or ():
        whens[name] = pc.fill_null(block.column(name), 0).to_numpy(zero_copy_only=False)
    yield _fixed(whens)
    yield block.column("subject").cast(_WIDE)
    told = [
        piece
        for name in ("conversation", "native_id", "reply_to")
        for piece in _written(block.column(name))
    ]
    yield _joined(_fixed(block.column("kind").to_numpy(zero_copy_only=False)), *told)


def _written(column: pa.Array) -> tuple[pa.LargeBinaryArray, pa.LargeBinaryArray]:
    """Strings as the format writes them: the length of each, and its UTF-8."""
    lengths = pc.fill_null(pc.binary_length(column), 0).to_numpy(zero_copy_only=False)
    return _fixed(lengths.astype("<u4")), column.cast(_WIDE)


def _recipients(column: pa.ListArray) -> pa.LargeBinaryArray:
    flat = column.flatten()
    each = _joined(
        _fixed(flat.field("role").to_numpy(zero_copy_only=False)),
        *_written(flat.field("address")),
        *_written(flat.field("name")),
    )
    values, at = text_column(each)
    ends = at[np.concatenate(([0], np.cumsum(_lengths(column))))]
    buffers = [None, pa.py_buffer(ends), pa.py_buffer(values)]
    return pa.LargeBinaryArray.from_buffers(_WIDE, len(column), buffers)


def _fixed(values: npt.NDArray[np.generic]) -> pa.LargeBinaryArray:
    """A column of the bytes of rows of one width."""
    count = len(values)
    width = values.nbytes // count if count else 0
    ends = np.arange(count + 1, dtype=np.int64) * width
    buffers = [None, pa.py_buffer(ends), pa.py_buffer(np.ascontiguousarray(values))]
    return pa.LargeBinaryArray.from_buffers(_WIDE, count, buffers)


def _joined(*columns: pa.LargeBinaryArray) -> pa.LargeBinaryArray:
    """The columns' bytes one behind the other, row by row; a null is empty."""
    return pc.binary_join_element_wise(
        *columns, pa.scalar(b"", _WIDE), null_handling="replace", null_replacement=""
    )


def _lengths(column: pa.ListArray) -> Int64s:
    found = pc.fill_null(column.value_lengths(), 0).to_numpy(zero_copy_only=False)
    return np.asarray(found, np.int64)


def _chunks(column: pa.LargeStringArray) -> _Chunks:
    """Where the texts are cut into pieces, as `leaves.chunks` cuts each."""
    buffer, at = text_column(column)
    whole = bytes(buffer[int(at[0]) : int(at[-1])])
    bounds = (at - at[0]).tolist()
    starts: list[int] = []
    ends: list[int] = []
    counts: list[int] = []
    begin = 0
    for stop in bounds[1:]:
        had, start = len(starts), begin
        while start < stop:
            end = start + leaves.CHUNK_BYTES
            if end >= stop:
                end = stop
            else:
                line = whole.rfind(b"\n", start, end)
                if line >= 0:
                    end = line + 1
                else:
                    while whole[end] & 0xC0 == 0x80:  # noqa: PLR2004 - a UTF-8 continuation byte
                        end -= 1
            starts.append(start)
            ends.append(end)
            start = end
        counts.append(len(starts) - had)
        begin = stop
    return _Chunks(whole, starts, ends, np.array(counts, np.int64), np.array(bounds[:-1], np.int64))


def _text_digests(heads: Octets, text: _Chunks) -> list[bytes]:
    """The hashes of the texts' pieces: each chunk's head, its start in its text, its bytes."""
    width = _HEAD_BYTES + _START_BYTES
    before = np.empty((len(heads), width), np.uint8)
    before[:, :_HEAD_BYTES] = heads
    starts = np.array(text.starts, np.int64) - np.repeat(text.begins, text.counts)
    before[:, _HEAD_BYTES:] = starts.astype("<u8").view(np.uint8).reshape(-1, _START_BYTES)
    told, whole, found = before.tobytes(), text.whole, []
    places = zip(range(0, len(told), width), text.starts, text.ends, strict=True)
    for at, start, end in places:
        sha = _plain()
        sha.update(told[at : at + width])
        sha.update(whole[start:end])
        found.append(sha.digest())
    return found


def _leaves(
    block: pa.RecordBatch, salts: Octets, sources: Sequence[bytes], roots: Octets
) -> list[bytes]:
    ids = octets(block.column("record_id").cast(_WIDE))
    told = np.concatenate(
        (np.zeros((len(roots), 1), np.uint8), salts, _matrix(ids, 16), _matrix(sources), roots),
        axis=1,
    )
    raw, width = told.tobytes(), told.shape[1]
    return _digests(raw[at : at + width] for at in range(0, len(raw), width))


def _roots(hashes: Octets, counts: Int64s) -> Octets:
    """The root (RFC 6962 §2.1) over each run of so many hashes, all of them a row at a time."""
    while len(hashes) > len(counts):
        place = np.arange(len(hashes)) - np.repeat(np.cumsum(counts) - counts, counts)
        is_left = place & 1 == 0
        has_right = place + 1 < np.repeat(counts, counts)
        raw, found = hashes.tobytes(), []
        for at in (np.flatnonzero(is_left & has_right) * _HASH_BYTES).tolist():
            sha = _node()
            sha.update(raw[at : at + 2 * _HASH_BYTES])
            found.append(sha.digest())
        hashes = hashes[is_left]
        hashes[has_right[is_left]] = _matrix(found)
        counts = (counts + 1) // 2
    return hashes


def _spread(firsts: Int64s, counts: Int64s) -> Int64s:
    """Every place of the runs that begin at `firsts`, one after another."""
    total = int(counts.sum())
    before: Int64s = np.cumsum(counts) - counts
    return np.asarray(np.arange(total) + np.repeat(firsts - before, counts))


def _digests(messages: Iterable[bytes]) -> list[bytes]:
    found = []
    for message in messages:
        sha = _plain()  # a copied context: two thirds of the time a new one takes
        sha.update(message)
        found.append(sha.digest())
    return found


def _matrix(hashes: Sequence[bytes], width: int = _HASH_BYTES) -> Octets:
    return np.frombuffer(b"".join(hashes), np.uint8).reshape(-1, width)
