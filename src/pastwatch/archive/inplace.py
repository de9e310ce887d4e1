"""Columns of a frame read where they lie: a scan needs two or three, and Arrow would build all.

What `frames.batches` wrote is a length and an Arrow IPC message: a flatbuffer (Message, in it a
RecordBatch: rows, nodes, buffers) and the body its buffers lie in. Nothing is copied, and nothing
is read beyond the frame, whatever it states.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from pastwatch.archive.columns import part_texts, text_column
from pastwatch.archive.frames import read_characters
from pastwatch.archive.layout import ENVELOPE, TEXT
from pastwatch.errors import PackDamaged
from pastwatch.matching.lanes import FIRST_PART, Lane
from pastwatch.matching.matcher import SUBJECT
from pastwatch.matching.matcher import TEXT as BODY

Int64s = npt.NDArray[np.int64]
_U32: Final = struct.Struct("<I")
_I32: Final = struct.Struct("<i")
_U16: Final = struct.Struct("<H")
_I64: Final = struct.Struct("<q")
_LED: Final = 4  # bytes of the length before the message
_CONTINUED: Final = 0xFFFFFFFF
_PREFIX: Final = 8  # continuation and size of the flatbuffer
# Where a flatbuffer's vtable names a field: 4 + 2 × its number (Arrow's Message.fbs).
_HEADER, _ROWS, _NODES, _BUFFERS, _COMPRESSION = 8, 4, 6, 8, 10
_ID_BYTES: Final = 16
_OFFSET_BYTES: Final = 4  # of a list; the large columns have 8
_WIDE_BITS: Final = 32


@dataclass(frozen=True, slots=True)
class _Batch:
    """Rows, (length, nulls) of each node, (offset, size) of each buffer, where the body begins."""

    rows: int
    nodes: list[int]
    buffers: list[int]
    body: int


def _places(schema: pa.Schema) -> dict[str, tuple[int, int]]:
    """For each column, `list.field` for those inside, its first node and first buffer."""
    found: dict[str, tuple[int, int]] = {}
    node = buffer = 0

    def walk(name: str, kind: pa.DataType) -> None:
        nonlocal node, buffer
        found[name] = (node, buffer)
        node += 1
        if pa.types.is_list(kind):
            buffer += 2
            walk(f"{name}.", kind.value_type)
        elif pa.types.is_struct(kind):
            buffer += 1
            for number in range(kind.num_fields):
                walk(name + kind.field(number).name, kind.field(number).type)
        else:
            variable = pa.types.is_string(kind) or pa.types.is_large_string(kind)
            buffer += 3 if variable else 2

    for field in schema:
        walk(field.name, field.type)
    return found


def _wide_numbers(schema: pa.Schema) -> list[tuple[int, int]]:
    """The buffers of wide whole numbers, each with the bytes of one."""
    found: list[tuple[int, int]] = []
    places = _places(schema)
    for field in schema:
        kind, name = field.type, field.name
        if pa.types.is_list(kind) and _is_wide(kind.value_type):
            found.append((places[name][1] + 1, _OFFSET_BYTES))
            kind, name = kind.value_type, f"{name}."
        if _is_wide(kind):
            found.append((places[name][1] + 1, kind.bit_width // 8))
    return found


def _is_wide(kind: pa.DataType) -> bool:
    return bool(pa.types.is_integer(kind)) and kind.bit_width >= _WIDE_BITS


_TEXT: Final = _places(TEXT)
_ENVELOPE: Final = _places(ENVELOPE)
_NUMBERS: Final = _wide_numbers(ENVELOPE)
_NO_ROWS: Final = np.zeros(1, np.int64)


def text_lanes(raw: memoryview) -> tuple[int, list[Lane]]:
    """(rows, lanes) of a text frame: subject, text and, where there are any, attachments."""
    try:
        batch = _read(raw)
        lanes = [
            _lane(raw, batch, "subject", SUBJECT, batch.rows),
            _lane(raw, batch, "text", BODY, batch.rows),
        ]
        node, buffer = _TEXT["parts"]
        inside = batch.nodes[2 * _TEXT["parts."][0]]
        if inside:
            counts = _counts(raw, batch, buffer, nulls=bool(batch.nodes[2 * node + 1]))
            if int(counts.sum()) != inside:
                raise PackDamaged("a frame's columns do not read")
            rows = np.repeat(np.arange(batch.rows), counts)
            starts = np.cumsum(counts) - counts
            numbers = np.arange(inside) - np.repeat(starts, counts) + FIRST_PART
            held = _lane(raw, batch, "parts.text", FIRST_PART, inside)
            lanes.append(replace(held, rows=rows, numbers=numbers))
    except (struct.error, ValueError, IndexError):
        raise PackDamaged("a frame's columns do not read") from None
    told = read_characters(raw)
    return batch.rows, [replace(held, beyond=told) for held in lanes] if told is not None else lanes


def arrow_lanes(text: pa.RecordBatch) -> list[Lane]:
    """The same lanes of columns that Arrow holds already."""
    lanes = [
        Lane(part, buffer, 0, offsets)
        for part, (buffer, offsets) in (
            (SUBJECT, text_column(text.column("subject"))),
            (BODY, text_column(text.column("text"))),
        )
    ]
    (buffer, offsets), rows, numbers = part_texts(text.column("parts"))
    if len(rows):
        lanes.append(Lane(FIRST_PART, buffer, 0, offsets, rows, numbers))
    return lanes


def width(raw: memoryview) -> int:
    """The bytes of a value of a frame's first column, whose values are all as wide."""
    try:
        batch = _read(raw)
        size = batch.buffers[3]
    except (struct.error, ValueError, IndexError):
        raise PackDamaged("a frame's columns do not read") from None
    return size // batch.rows if batch.rows else 0


def numbers(raw: memoryview) -> list[tuple[int, int, int]]:
    """(at, count, width) of each buffer of an envelope frame that holds wide whole numbers.

    Those are the values of columns of 4 or 8 bytes, and the offsets and values of a list of them.
    """
    found = []
    try:
        batch = _read(raw)
        for buffer, wide in _NUMBERS:
            at, size = batch.buffers[2 * buffer : 2 * buffer + 2]
            if batch.body + at + size > len(raw):
                raise PackDamaged("a frame's columns do not read")
            found.append((batch.body + at, size // wide, wide))
    except (struct.error, ValueError, IndexError):
        raise PackDamaged("a frame's columns do not read") from None
    return found


def record_ids(raw: memoryview) -> list[bytes]:
    """The record ids of an envelope frame, a row each."""
    try:
        batch = _read(raw)
        at, size = batch.buffers[2 * _ENVELOPE["record_id"][1] + 2 :][:2]
    except (struct.error, ValueError, IndexError):
        raise PackDamaged("a frame's columns do not read") from None
    start, wanted = batch.body + at, _ID_BYTES * batch.rows
    if size < wanted or start + wanted > len(raw):
        raise PackDamaged("a frame's columns do not read")
    return list(struct.unpack_from(f"{_ID_BYTES}s" * batch.rows, raw, start))


def _lane(raw: memoryview, batch: _Batch, name: str, part: int, rows: int) -> Lane:
    _, buffer = _TEXT[name]
    at, size = batch.buffers[2 * buffer + 2 : 2 * buffer + 4]
    values_at, values = batch.buffers[2 * buffer + 4 : 2 * buffer + 6]
    if not size:
        return Lane(part, raw, 0, _NO_ROWS if not rows else np.zeros(rows + 1, np.int64))
    offsets = np.frombuffer(raw, np.int64, rows + 1, batch.body + at)
    base = batch.body + values_at
    first, last = int(offsets[0]), int(offsets[-1])
    if not 0 <= first <= last <= values or base + values > len(raw):
        raise PackDamaged("a frame's columns do not read")
    return Lane(part, raw, base, offsets)


def _counts(raw: memoryview, batch: _Batch, buffer: int, *, nulls: bool) -> Int64s:
    """How many attachments each record has."""
    valid_at, valid_size = batch.buffers[2 * buffer : 2 * buffer + 2]
    at = batch.buffers[2 * buffer + 2]
    counts = np.diff(np.frombuffer(raw, np.int32, batch.rows + 1, batch.body + at))
    if nulls and valid_size:
        bits = np.frombuffer(raw, np.uint8, (batch.rows + 7) // 8, batch.body + valid_at)
        valid = np.unpackbits(bits, count=batch.rows, bitorder="little").astype(np.bool_)
        counts = np.where(valid, counts, 0)
    if len(counts) and int(counts.min()) < 0:
        raise PackDamaged("a frame's columns do not read")
    return counts.astype(np.int64)


def _read(raw: memoryview) -> _Batch:
    """The table of contents of a frame's first batch."""
    try:
        (marker,) = _U32.unpack_from(raw, _LED)
        (size,) = _I32.unpack_from(raw, _LED + 4)
        start = _LED + _PREFIX
        meta = raw[start : start + size]
        if marker != _CONTINUED or size <= 0:
            raise PackDamaged("a frame's columns do not read")
        root = _U32.unpack_from(meta)[0]
        at = _field(meta, root, _HEADER)
        table = at + _U32.unpack_from(meta, at)[0]
        if _field(meta, table, _COMPRESSION, absent=0):
            raise PackDamaged("a frame's columns do not read")
        rows_at = _field(meta, table, _ROWS, absent=0)
        rows = _I64.unpack_from(meta, rows_at)[0] if rows_at else 0
        nodes = _vector(meta, _field(meta, table, _NODES))
        buffers = _vector(meta, _field(meta, table, _BUFFERS))
    except (struct.error, ValueError):
        raise PackDamaged("a frame's columns do not read") from None
    if rows < 0 or min(buffers, default=0) < 0:
        raise PackDamaged("a frame's columns do not read")
    return _Batch(rows, nodes, buffers, start + size)


def _field(meta: memoryview, table: int, entry: int, *, absent: int | None = None) -> int:
    """Where a table's field stands."""
    vtable = table - _I32.unpack_from(meta, table)[0]
    size = _U16.unpack_from(meta, vtable)[0]
    moved = _U16.unpack_from(meta, vtable + entry)[0] if entry < size else 0
    if moved:
        return int(table + moved)
    if absent is None:
        raise ValueError
    return absent


def _vector(meta: memoryview, at: int) -> list[int]:
    """A vector of pairs of 64-bit numbers, flat."""
    start = at + _U32.unpack_from(meta, at)[0]
    (count,) = _U32.unpack_from(meta, start)
    found: list[int] = np.frombuffer(meta, "<i8", 2 * count, start + 4).tolist()
    return found
