"""Whole numbers byte by byte: the high bytes of neighbours are alike, and compress."""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

_FEW: Final = 1024
Buffer = bytes | bytearray | memoryview


def planes(values: npt.NDArray[np.integer], form: str) -> bytes:
    """Integers byte by byte: the lowest of each first, in this `form` (as "<u4")."""
    width = np.dtype(form).itemsize
    octets = values.astype(form, copy=False).view(np.uint8).reshape(-1, width)
    return np.ascontiguousarray(octets.T).tobytes()


def from_planes(raw: Buffer, at: int, count: int, form: str) -> npt.NDArray[np.unsignedinteger]:
    """What `planes` wrote, of so many integers."""
    width = np.dtype(form).itemsize
    if count < _FEW:
        octets = np.frombuffer(raw, np.uint8, count * width, at).reshape(width, count)
        few: npt.NDArray[np.unsignedinteger] = octets.T.copy().view(form).reshape(-1)
        return few
    held = np.empty((count, width), np.uint8)
    for number in range(width):  # of many, a third of the time that a transposed copy takes
        held[:, number] = np.frombuffer(raw, np.uint8, count, at + number * count)
    joined: npt.NDArray[np.unsignedinteger] = held.view(form).reshape(-1)
    return joined
