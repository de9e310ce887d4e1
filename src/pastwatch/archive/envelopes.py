"""The envelopes of a whole pack's blocks: every distinct account and conversation keyed once.

As they are sealed, their whole numbers stand byte by byte: a seventh of what an envelope takes.
"""

from __future__ import annotations

import struct
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from pastwatch.archive import frames, inplace
from pastwatch.archive.byteplanes import from_planes, planes
from pastwatch.archive.columns import spread
from pastwatch.archive.identity import Tokens
from pastwatch.archive.layout import ENVELOPE, TOKEN_TABLE
from pastwatch.errors import PackDamaged

Int64s = npt.NDArray[np.int64]
_MADE = ("size_bytes", "accounts", "conversation")
_TIMES: Final = 2
"""Columns of times are the first of whole numbers: `earliest_us`, `latest_us`."""
_TAIL: Final = struct.Struct("<BQ")
"""Behind the batches: 1 where the numbers stand byte by byte, and what the times were divided by."""


def sealed(envelope: pa.RecordBatch, tokens: pa.RecordBatch) -> bytes:
    """The raw bytes of an envelope frame."""
    raw = bytearray(frames.batches(envelope, tokens))
    numbers = inplace.numbers(memoryview(raw))
    times = [np.frombuffer(raw, "<i8", count, at) for at, count, _ in numbers[:_TIMES]]
    unit = max(1, abs(int(np.gcd.reduce(np.concatenate(times)))))
    for place, (at, count, width) in enumerate(numbers):
        form = f"<i{width}"
        own = np.frombuffer(raw, form, count, at) // (unit if place < _TIMES else 1)
        raw[at : at + count * width] = planes(own, form)
    return bytes(raw) + _TAIL.pack(1, unit)


def read(raw: memoryview) -> tuple[pa.RecordBatch, pa.RecordBatch]:
    """The envelopes and their tokens; numbers byte by byte are put right where they lie.

    The first packs hold them plain. PackDamaged when they do not read.
    """
    tail = raw[frames.extent(raw, 2) :]
    if len(tail):
        if len(tail) != _TAIL.size or tail[0] != 1:
            raise PackDamaged("a frame's columns do not read")
        unit = np.uint64(_TAIL.unpack(tail)[1])
        for place, (at, count, width) in enumerate(inplace.numbers(raw)):
            own = from_planes(raw, at, count, f"<u{width}")
            raw[at : at + count * width] = (own * unit if place < _TIMES else own).tobytes()
    envelope, tokens = frames.read_batches(raw, ENVELOPE, TOKEN_TABLE)
    return envelope, tokens


class Envelopes:
    """Makes envelope batches of any rows of some columns; the tokens are made here, and once."""

    def __init__(self, rows: pa.RecordBatch, sizes: Int64s, known: Tokens) -> None:
        """`sizes` are the bytes of the rows' originals."""
        self._plain = rows.select([n for n in ENVELOPE.names if n not in _MADE])
        self._sizes = sizes
        table: dict[bytes, int] = {}
        self._talk = _conversations(rows.column("conversation"), known, table)
        self._starts, self._accounts = _accounts(rows, known, table)
        self._tokens = np.frombuffer(b"".join(table), "V8")
        self._local = np.zeros(len(table), np.uint32)  # a token's place in the block at hand

    def of(self, chosen: Int64s) -> tuple[pa.RecordBatch, pa.RecordBatch]:
        """The envelopes of these rows, in this order, and the table of their tokens."""
        at, ends = spread(self._starts[chosen], self._starts[chosen + 1])
        flat = self._accounts[at]
        both = np.concatenate((flat, self._talk[chosen]))
        held = np.zeros(len(self._tokens), dtype=bool)
        held[both] = True
        used = np.flatnonzero(held)
        self._local[used] = np.arange(len(used), dtype=np.uint32)
        places = self._local[both]
        made = {
            "size_bytes": pa.array(self._sizes[chosen], pa.int64()),
            "accounts": pa.ListArray.from_arrays(
                pa.array(ends, pa.int32()), pa.array(places[: len(flat)], pa.uint32())
            ),
            "conversation": pa.array(places[len(flat) :], pa.uint32()),
        }
        plain = self._plain.take(pa.array(chosen))
        columns = [made[n] if n in made else plain.column(n) for n in ENVELOPE.names]
        tokens = pa.FixedSizeBinaryArray.from_buffers(
            pa.binary(8), len(used), [None, pa.py_buffer(self._tokens[used].tobytes())]
        )
        return (
            pa.RecordBatch.from_arrays(columns, schema=ENVELOPE),
            pa.RecordBatch.from_arrays([tokens], schema=TOKEN_TABLE),
        )


def _conversations(column: pa.StringArray, known: Tokens, table: dict[bytes, int]) -> Int64s:
    """For each row the place in the table of its conversation's token."""
    coded = pc.fill_null(column, "").dictionary_encode()
    names = known.conversations(coded.dictionary.to_pylist())
    places = [table.setdefault(token, len(table)) for token in names]
    return np.asarray(np.array(places, np.int64)[coded.indices.to_numpy(zero_copy_only=False)])


def _accounts(
    rows: pa.RecordBatch, known: Tokens, table: dict[bytes, int]
) -> tuple[Int64s, Int64s]:
    """(where each row's tokens start, their places in the table): the sender's first, each once."""
    count = rows.num_rows
    recipients = rows.column("recipients")
    listed = pc.fill_null(recipients.value_lengths(), 0).to_numpy(zero_copy_only=False)
    addresses = pa.concat_arrays(
        [rows.column("sender_address"), recipients.flatten().field("address")]
    )
    coded = pc.fill_null(addresses, "").dictionary_encode()
    own = [
        [table.setdefault(token, len(table)) for token in known.of(name)] if name else []
        for name in coded.dictionary.to_pylist()
    ]
    first = np.cumsum([0, *map(len, own)])
    places = np.array([place for held in own for place in held], np.int64)
    owner = np.concatenate((np.arange(count), np.repeat(np.arange(count), listed)))
    order = np.argsort(owner, kind="stable")
    codes = coded.indices.to_numpy(zero_copy_only=False)[order]
    at, _ = spread(first[codes], first[codes + 1])
    row = np.repeat(owner[order], first[codes + 1] - first[codes])
    flat = places[at]
    _, kept = np.unique(row * (len(table) + 1) + flat, return_index=True)
    kept.sort()
    return np.searchsorted(row[kept], np.arange(count + 1)), flat[kept]
