"""Text columns as one buffer and offsets: what tokenising, scanning and proving read."""

from __future__ import annotations

import itertools

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

Offsets = npt.NDArray[np.int64]
Column = tuple[memoryview, Offsets]


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


def part_texts(parts: pa.ListArray) -> tuple[Column, npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """The text column over all attachments, and for each its record's row and its part number."""
    if not len(parts.values):  # most blocks
        none = np.zeros(0, dtype=np.int64)
        return (memoryview(b""), np.zeros(1, dtype=np.int64)), none, none
    counts = pc.fill_null(parts.value_lengths(), 0).to_numpy(zero_copy_only=False).astype(np.int64)
    flat = parts.flatten().field("text")
    rows = np.repeat(np.arange(len(parts), dtype=np.int64), counts)
    starts = np.concatenate(([0], np.cumsum(counts)[:-1])) if len(counts) else counts
    numbers = np.arange(len(rows), dtype=np.int64) - np.repeat(starts, counts) + 1
    return text_column(flat), rows, numbers


def is_ascii(column: Column) -> bool:
    """Whether the stretch of the buffer that the rows stand in is plain ASCII."""
    buffer, at = column
    if len(at) < 2:  # noqa: PLR2004 - no row
        return True
    held = np.frombuffer(buffer, dtype=np.uint8)[at[0] : at[-1]]
    return not held.size or int(held.max()) < 128  # noqa: PLR2004 - ASCII
