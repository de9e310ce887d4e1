"""The pieces of a whole block at once, made from its columns: what each record is proved by."""

from __future__ import annotations

import itertools
import struct
from collections.abc import Iterable

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from pastwatch.archive import leaves
from pastwatch.archive.columns import octets

Piece = tuple[int, bytes]
_ROLES = tuple(bytes((role,)) for role in range(256))
_U32 = struct.Struct("<I").pack
_U64 = struct.Struct("<Q").pack
_WHEN = np.dtype([("earliest_us", "<i8"), ("latest_us", "<i8"), ("basis", "u1")])


def block_pieces(block: pa.RecordBatch) -> list[list[Piece]]:
    """For each record of a block its pieces, as `leaves.pieces` gives them for one row."""
    senders = zip(_texts(block, "sender_address"), _texts(block, "sender_name"), strict=True)
    contexts = zip(
        block.column("kind").to_pylist(),
        _texts(block, "conversation"),
        _texts(block, "native_id"),
        _texts(block, "reply_to"),
        strict=True,
    )
    of_records = zip(
        senders,
        _recipients(block.column("recipients")),
        _whens(block),
        octets(block.column("subject")),
        contexts,
        octets(block.column("text")),
        _parts(block.column("parts")),
        strict=True,
    )
    made = []
    for (address, name), recipients, when, subject, context, text, parts in of_records:
        kind, conversation, native_id, reply_to = context
        own = [
            (leaves.SENDER, address + name if len(address) + len(name) > _EMPTY else b""),
            (leaves.RECIPIENTS, recipients),
            (leaves.WHEN, when),
            (leaves.SUBJECT, subject),
            (leaves.CONTEXT, _ROLES[kind] + conversation + native_id + reply_to),
        ]
        if len(text) > leaves.CHUNK_BYTES:
            for start, end in leaves.chunks(text):
                own.append((leaves.TEXT, _U64(start) + text[start:end]))
        elif text:
            own.append((leaves.TEXT, _START + text))
        if parts:
            own += parts
        made.append(own)
    return made


_START = _U64(0)
_EMPTY = 8
"""Two empty strings, as the format writes them."""


def _texts(block: pa.RecordBatch, name: str) -> list[bytes]:
    """Each string of a column as the format writes it: its length, then its UTF-8."""
    return _written(block.column(name))


def _written(column: pa.StringArray) -> list[bytes]:
    return [_U32(len(raw)) + raw for raw in octets(column.cast(pa.large_string()))]


def _recipients(column: pa.ListArray) -> Iterable[bytes]:
    flat = column.flatten()
    each = [
        _ROLES[role] + address + name
        for role, address, name in zip(
            flat.field("role").to_pylist(),
            _written(flat.field("address")),
            _written(flat.field("name")),
            strict=True,
        )
    ]
    ends = _ends(column)
    return (b"".join(each[a:b]) for a, b in itertools.pairwise(ends))


def _whens(block: pa.RecordBatch) -> Iterable[bytes]:
    rows = np.zeros(block.num_rows, _WHEN)
    for name in ("earliest_us", "latest_us", "basis"):
        rows[name] = pc.fill_null(block.column(name), 0).to_numpy(zero_copy_only=False)
    raw, size = rows.tobytes(), _WHEN.itemsize
    return (raw[at : at + size] for at in range(0, len(raw), size))


def _parts(column: pa.ListArray) -> list[list[Piece]]:
    ends = _ends(column)
    if not ends[-1]:
        return [[]] * len(column)
    each = [(leaves.PART, leaves.part_content(row)) for row in column.flatten().to_pylist()]
    return [each[a:b] for a, b in itertools.pairwise(ends)]


def _ends(column: pa.ListArray) -> list[int]:
    counts = pc.fill_null(column.value_lengths(), 0).to_numpy(zero_copy_only=False)
    return [0, *np.cumsum(counts).tolist()]
