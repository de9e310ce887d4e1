"""Text columns as one buffer and offsets: what tokenising, scanning and proving read."""

from __future__ import annotations

import functools
import itertools
from collections.abc import Iterable, Sequence

import numpy as np
import numpy.typing as npt
import pyarrow as pa

KEPT_BYTES = 31 * 1024 * 1024
MOST_CHARACTERS = 1024
_ASCII = bytes(range(128))
Offsets = npt.NDArray[np.int64]
Column = tuple[memoryview, Offsets]


@functools.cache
def keep_freed_memory() -> None:
    """Have the allocator keep what is freed: batches and blocks come and go by the megabyte.

    Once a block of this size was freed, glibc gives freed memory back to the system only beyond
    twice it; before, it did so after each block, and touching it anew took a tenth of a run.
    Elsewhere this does nothing. Done once a process: a second such block might be cleared.
    """
    bytes(KEPT_BYTES)


def text_column(array: pa.LargeStringArray | pa.LargeBinaryArray) -> Column:
    """The column's buffer and its n + 1 byte offsets into it; no copy."""
    _, offsets, values = array.buffers()
    if offsets is None or not len(array):
        return memoryview(b""), np.zeros(1, dtype=np.int64)
    at = np.frombuffer(offsets, dtype=np.int64)[array.offset : array.offset + len(array) + 1]
    return memoryview(values) if values is not None else memoryview(b""), at


def octets(array: pa.LargeStringArray | pa.LargeBinaryArray) -> list[bytes]:
    """The bytes of each row; a null is an empty one."""
    buffer, at = text_column(array)
    first = int(at[0])
    whole = bytes(buffer[first : int(at[-1])])
    found = [whole[a:b] for a, b in itertools.pairwise((at - first).tolist())]
    for row in np.flatnonzero(array.is_null()) if array.null_count else ():
        found[row] = b""
    return found


def joined(pieces: Sequence[bytes], kind: pa.DataType) -> pa.LargeBinaryArray:
    """The column of these pieces (a large type), each copied once."""
    ends = np.zeros(len(pieces) + 1, np.int64)
    np.cumsum(np.fromiter(map(len, pieces), np.int64, len(pieces)), out=ends[1:])
    buffers = [None, pa.py_buffer(ends), pa.py_buffer(b"".join(pieces))]
    return pa.Array.from_buffers(kind, len(pieces), buffers, null_count=0)


def fixed(pieces: Sequence[bytes], width: int) -> pa.FixedSizeBinaryArray:
    """The column of pieces that are all so many bytes."""
    buffers = [None, pa.py_buffer(b"".join(pieces))]
    return pa.FixedSizeBinaryArray.from_buffers(pa.binary(width), len(pieces), buffers)


def part_texts(parts: pa.ListArray) -> tuple[Column, npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """The text column over all attachments, and for each its record's row and its part number."""
    if not len(parts.values):  # most blocks
        none = np.zeros(0, dtype=np.int64)
        return (memoryview(b""), np.zeros(1, dtype=np.int64)), none, none
    counts = parts.value_lengths().fill_null(0).to_numpy(zero_copy_only=False).astype(np.int64)
    flat = parts.flatten().field("text")
    rows = np.repeat(np.arange(len(parts), dtype=np.int64), counts)
    starts = np.concatenate(([0], np.cumsum(counts)[:-1])) if len(counts) else counts
    numbers = np.arange(len(rows), dtype=np.int64) - np.repeat(starts, counts) + 1
    return text_column(flat), rows, numbers


def foreign_characters(columns: Iterable[Column]) -> str | None:
    """The distinct characters beyond ASCII of some columns, in order; None where they are very many."""
    found: set[str] = set()
    for buffer, at in columns:
        octets = bytes(buffer[int(at[0]) : int(at[-1])])
        if not octets.isascii():
            found.update(octets.translate(None, _ASCII).decode("utf-8", "replace"))
    return "".join(sorted(found)) if len(found) <= MOST_CHARACTERS else None


def is_ascii(column: Column) -> bool:
    """Whether the stretch of the buffer that the rows stand in is plain ASCII."""
    buffer, at = column
    if len(at) < 2:  # noqa: PLR2004 - no row
        return True
    held = np.frombuffer(buffer, dtype=np.uint8)[at[0] : at[-1]]
    return not held.size or int(held.max()) < 128  # noqa: PLR2004 - ASCII


def spread(starts: Offsets, ends: Offsets) -> tuple[Offsets, Offsets]:
    """Every place of the stretches, one after another, and where each stretch ends in that."""
    sizes = ends - starts
    total = np.concatenate(([0], np.cumsum(sizes)))
    return np.arange(total[-1]) + np.repeat(starts - total[:-1], sizes), total
