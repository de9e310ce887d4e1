"""The record leaves of a whole block in one pass over its columns: what its root is made of.

They are what `leaves.block_leaves` gives over `leaves.pieces`, record by record (a test holds them
so), with no object for each piece.
"""

from __future__ import annotations

import hashlib
import itertools
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from pastwatch.archive import leaves
from pastwatch.archive.columns import octets, text_column

Int64s = npt.NDArray[np.int64]
Octets = npt.NDArray[np.uint8]
Hashes = npt.NDArray[np.void]
_HASH_BYTES = 32
_HASH = np.dtype(f"V{_HASH_BYTES}")
_NODE = np.dtype([("one", "u1"), ("left", _HASH), ("right", _HASH)])
_HEAD_BYTES = 1 + leaves.SALT_BYTES + 1
_START_BYTES = 8
_FIXED = 5  # pieces that every record has: sender, recipients, when, subject, context
_NOBODY = bytes(8)  # two empty strings, as the format writes them
_BINARY = pa.binary()
_NOTHING = pa.scalar(b"", _BINARY)
_EMPTY_FOR_NULL = pc.JoinOptions(null_handling="replace", null_replacement="")
_WHEN = np.dtype([("earliest_us", "<i8"), ("latest_us", "<i8"), ("basis", "u1")])
_sha256 = hashlib.sha256
_join = pc.get_function("binary_join_element_wise").call  # not its wrapper: a fifth of the time


class _Chunks(NamedTuple):
    """The chunks of a column's texts: where each starts in `whole`, and how many a row has."""

    whole: bytes
    starts: list[int]
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
    hashes = np.empty(total, _HASH)
    for kind, contents in enumerate(_contents(block)):
        rows = firsts + kind
        hashes[rows] = _hashed(_heads(heads, rows, kind), contents)
    rows = _spread(firsts + _FIXED, text.counts)
    hashes[rows] = _text_hashes(_heads(heads, rows, leaves.TEXT), text)
    rows = _spread(firsts + _FIXED + text.counts, part_counts)
    if len(rows):
        parts = block.column("parts").flatten().to_pylist()
        own = _heads(heads, rows, leaves.PART)
        hashes[rows] = _hashed(own, map(leaves.part_content, parts))
    return _leaves(block, salts[:count], sources, _roots(hashes, sizes))


def _heads(heads: Octets, rows: Int64s, kind: int) -> Octets:
    """The heads of these pieces, which are of one kind."""
    own = heads.take(rows, axis=0)
    own[:, -1] = kind
    return own


def _contents(block: pa.RecordBatch) -> Iterator[list[bytes]]:
    """The contents of the pieces every record has, a list a kind, in the order of kinds."""
    senders = _binaries(
        _joined(*_written(block.column("sender_address")), *_written(block.column("sender_name")))
    )
    yield [b"" if sender == _NOBODY else sender for sender in senders]
    yield _recipients(block.column("recipients"))
    whens = np.zeros(block.num_rows, _WHEN)
    for name in _WHEN.names or ():
        column = block.column(name)
        column = pc.fill_null(column, 0) if column.null_count else column
        whens[name] = column.to_numpy(zero_copy_only=False)
    yield _rows(whens.view(np.uint8).reshape(-1, _WHEN.itemsize))
    yield octets(block.column("subject"))
    told = [_fixed(block.column("kind").to_numpy(zero_copy_only=False))]
    for name in ("conversation", "native_id", "reply_to"):
        told += _written(block.column(name))
    yield _binaries(_joined(*told))


def _written(column: pa.StringArray) -> tuple[pa.BinaryArray, pa.BinaryArray]:
    """Strings as the format writes them: the length of each, and its UTF-8."""
    raw = column.view(_BINARY)
    lengths = np.diff(_ends(raw)).astype("<u4")
    if raw.null_count:
        lengths[raw.is_null().to_numpy(zero_copy_only=False)] = 0
    return _fixed(lengths), raw


def _recipients(column: pa.ListArray) -> list[bytes]:
    flat = column.flatten()
    each = _joined(
        _fixed(flat.field("role").to_numpy(zero_copy_only=False)),
        *_written(flat.field("address")),
        *_written(flat.field("name")),
    )
    ends = _ends(each)[np.concatenate(([0], np.cumsum(_lengths(column))))]
    buffers = [None, pa.py_buffer(ends), each.buffers()[2]]
    return _binaries(pa.BinaryArray.from_buffers(_BINARY, len(column), buffers))


def _fixed(values: npt.NDArray[np.generic]) -> pa.BinaryArray:
    """A column of the bytes of numbers."""
    count, width = len(values), values.itemsize
    ends = np.arange(count + 1, dtype=np.int32) * np.int32(width)
    buffers = [None, pa.py_buffer(ends), pa.py_buffer(np.ascontiguousarray(values))]
    return pa.BinaryArray.from_buffers(_BINARY, count, buffers)


def _joined(*columns: pa.BinaryArray) -> pa.BinaryArray:
    """The columns' bytes one behind the other, row by row; a null is empty."""
    return _join([*columns, _NOTHING], _EMPTY_FOR_NULL)


def _ends(column: pa.BinaryArray) -> npt.NDArray[np.int32]:
    """Where each row starts in the column's bytes, and where the last one ends."""
    offsets = column.buffers()[1]
    if offsets is None or not len(column):
        return np.zeros(1, np.int32)
    return np.frombuffer(offsets, np.int32)[column.offset : column.offset + len(column) + 1]


def _binaries(column: pa.BinaryArray) -> list[bytes]:
    """The bytes of each row of a column without nulls."""
    at = _ends(column)
    first, last = int(at[0]), int(at[-1])
    if first == last:
        return [b""] * len(column)
    whole = column.buffers()[2].slice(first, last - first).to_pybytes()
    places = (at - first).tolist()
    return [whole[start:end] for start, end in itertools.pairwise(places)]


def _lengths(column: pa.ListArray) -> Int64s:
    found = column.value_lengths()
    found = pc.fill_null(found, 0) if found.null_count else found
    return np.asarray(found.to_numpy(zero_copy_only=False), np.int64)


def _chunks(column: pa.LargeStringArray) -> _Chunks:
    """Where the texts are cut into pieces, as `leaves.chunks` cuts each."""
    buffer, at = text_column(column)
    whole = bytes(buffer[int(at[0]) : int(at[-1])])
    places = at - at[0]
    starts: list[int] = []
    ends = [0]
    size, line_end = leaves.CHUNK_BYTES, whole.rfind
    start = 0
    for stop in places[1:].tolist():
        while stop - start > size:
            starts.append(start)
            end = line_end(b"\n", start, start + size) + 1
            if not end:
                end = start + size
                while whole[end] & 0xC0 == 0x80:  # noqa: PLR2004 - a UTF-8 continuation byte
                    end -= 1
            start = end
        if start < stop:
            starts.append(start)
        ends.append(len(starts))
        start = stop
    return _Chunks(whole, starts, np.diff(ends), places[:-1])


def _text_hashes(heads: Octets, text: _Chunks) -> Hashes:
    """The hashes of the texts' pieces: each chunk's head, its start in its text, its bytes."""
    before = np.empty((len(heads), _HEAD_BYTES + _START_BYTES), np.uint8)
    before[:, :_HEAD_BYTES] = heads
    starts = np.array(text.starts, np.int64) - np.repeat(text.begins, text.counts)
    before[:, _HEAD_BYTES:] = starts.astype("<u8").view(np.uint8).reshape(-1, _START_BYTES)
    whole = text.whole
    ends = [*text.starts[1:], len(whole)]  # chunks stand without a gap
    chunks = (whole[start:end] for start, end in zip(text.starts, ends, strict=False))
    return _hashed(before, chunks)


def _leaves(
    block: pa.RecordBatch, salts: Octets, sources: Sequence[bytes], roots: Hashes
) -> list[bytes]:
    ids = block.column("record_id")
    held = np.frombuffer(ids.buffers()[1], np.uint8).reshape(-1, ids.type.byte_width)
    told = np.concatenate(
        (
            np.zeros((len(roots), 1), np.uint8),
            salts,
            held[ids.offset : ids.offset + len(ids)],
            _octets_of(_column(sources)),
            _octets_of(roots),
        ),
        axis=1,
    )
    return [_sha256(leaf).digest() for leaf in _rows(told)]


def _roots(hashes: Hashes, counts: Int64s) -> Hashes:
    """The root (RFC 6962 §2.1) over each run of so many hashes, all of them a row at a time."""
    while len(hashes) > len(counts):
        place = _spread(np.zeros(len(counts), np.int64), counts)
        is_left = place & 1 == 0
        has_right = place + 1 < np.repeat(counts, counts)
        at = np.flatnonzero(is_left & has_right)
        nodes = np.empty(len(at), _NODE)
        nodes["one"] = 1
        nodes["left"], nodes["right"] = hashes.take(at), hashes.take(at + 1)
        hashes = hashes[is_left]
        hashes[has_right[is_left]] = _column([_sha256(node).digest() for node in _each(nodes)])
        counts = (counts + 1) // 2
    return hashes


def _spread(firsts: Int64s, counts: Int64s) -> Int64s:
    """Every place of the runs that begin at `firsts`, one after another."""
    total = int(counts.sum())
    before: Int64s = np.cumsum(counts) - counts
    return np.asarray(np.arange(total) + np.repeat(firsts - before, counts))


def _hashed(heads: Octets, contents: Iterable[bytes]) -> Hashes:
    """The hash of each head with its content behind it."""
    told = zip(_rows(heads), contents, strict=True)
    return _column([_sha256(head + content).digest() for head, content in told])


def _rows(table: Octets) -> list[bytes]:
    """The bytes of each row."""
    rows: list[bytes] = np.ascontiguousarray(table).view(f"V{table.shape[1]}").ravel().tolist()
    return rows


def _each(values: npt.NDArray[np.void]) -> list[bytes]:
    """The bytes of each value."""
    found: list[bytes] = values.view(f"V{values.itemsize}").tolist()
    return found


def _column(hashes: Sequence[bytes]) -> Hashes:
    return np.frombuffer(b"".join(hashes), _HASH)


def _octets_of(hashes: Hashes) -> Octets:
    return hashes.view(np.uint8).reshape(-1, _HASH_BYTES)
