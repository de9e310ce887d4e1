"""Which record ids of a source are held already: the sorted ids beside its packs."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import numpy.typing as npt
import zstandard

from pastwatch.archive.identity import ID_BYTES
from pastwatch.archive.layout import PACK_RECORDS
from pastwatch.errors import PackDamaged

MAGIC = b"PWIDS1\n\0"
_ID = np.dtype([("high", ">u8"), ("low", ">u8")])
_LEVEL = 3


def packed_ids(ids: Iterable[bytes]) -> bytes:
    """The `.ids` file of a pack: its 16-byte ids in order, as steps, plane by plane.

    Ids are random; that they stand in order is all there is to save, two bytes of sixteen.
    """
    listed = np.frombuffer(b"".join(sorted(ids)), dtype=_ID)
    steps = np.diff(listed["high"].astype(np.uint64), prepend=np.uint64(0)).astype(">u8")
    upper = steps.view(np.uint8).reshape(-1, 8).T.tobytes()
    lower = np.ascontiguousarray(listed["low"]).tobytes()
    return MAGIC + zstandard.ZstdCompressor(level=_LEVEL).compress(upper) + lower


def listed_ids(file: bytes) -> npt.NDArray[np.void]:
    """The ids of an `.ids` file; the first packs have them there as they are.

    PackDamaged when it does not read.
    """
    if not file.startswith(MAGIC):
        if len(file) % ID_BYTES:
            raise PackDamaged("a pack's list of ids is cut short")
        return np.frombuffer(file, dtype=_ID)
    packed, unpacker = file[len(MAGIC) :], zstandard.ZstdDecompressor().decompressobj()
    try:
        size_bytes = zstandard.get_frame_parameters(packed).content_size
        upper = unpacker.decompress(packed) if size_bytes <= 8 * PACK_RECORDS else b""
    except zstandard.ZstdError:
        size_bytes, upper = -1, b""
    lower = unpacker.unused_data
    if not len(upper) == len(lower) == size_bytes or size_bytes % 8:
        raise PackDamaged("a pack's list of ids is cut short")
    steps = np.frombuffer(upper, np.uint8).reshape(8, -1).T
    found = np.empty(len(lower) // 8, dtype=_ID)
    found["high"] = np.cumsum(np.ascontiguousarray(steps).view(">u8").ravel(), dtype=np.uint64)
    found["low"] = np.frombuffer(lower, ">u8")
    return found


class Held:
    """The ids held of one source: 16 bytes of memory a record."""

    def __init__(self) -> None:
        self._high = np.zeros(0, dtype=np.uint64)
        self._low = np.zeros(0, dtype=np.uint64)
        self._recent: set[bytes] = set()

    def load(self, files: Iterable[bytes]) -> None:
        """Take in the `.ids` files of the source's packs."""
        parts = [listed_ids(file) for file in files]
        if parts:
            self._merge(np.concatenate(parts))

    def mark(self, ids: list[bytes]) -> npt.NDArray[np.bool_]:
        """For each id, whether it is held; those that are not are held from now on."""
        probe = np.frombuffer(b"".join(ids), dtype=_ID)
        high = probe["high"].astype(np.uint64)
        low = probe["low"].astype(np.uint64)
        found = np.zeros(len(ids), dtype=bool)
        if len(self._high):
            start = np.searchsorted(self._high, high, side="left")
            inside = np.minimum(start, len(self._high) - 1)
            for row in np.flatnonzero(self._high[inside] == high):
                end = int(np.searchsorted(self._high, high[row], side="right"))
                found[row] = bool((self._low[int(start[row]) : end] == low[row]).any())
        for row in np.flatnonzero(~found):  # one by one: an id may come twice in one call
            if ids[row] in self._recent:
                found[row] = True
            else:
                self._recent.add(ids[row])
        return found

    def settle(self) -> None:
        """Move what was marked since into the sorted arrays (call after each pack)."""
        if self._recent:
            self._merge(np.frombuffer(b"".join(self._recent), dtype=_ID))
            self._recent.clear()

    def _merge(self, more: npt.NDArray[np.void]) -> None:
        high = np.concatenate((self._high, more["high"].astype(np.uint64)))
        low = np.concatenate((self._low, more["low"].astype(np.uint64)))
        order = np.argsort(high, kind="stable")
        self._high, self._low = high[order], low[order]
