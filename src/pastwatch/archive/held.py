"""Which record ids of a source are held already: the sorted ids beside its packs."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import numpy.typing as npt
import zstandard

from pastwatch.archive.identity import ID_BYTES
from pastwatch.archive.layout import PACK_RECORDS
from pastwatch.errors import PackDamaged

MAGIC = b"PWIDS2\n\0"
LISTED_BYTES = 12
"""Of an id's 16: ids are keyed, and of a thousand million some two agree in these once in 10¹¹ times."""
_FIRST_MAGIC = b"PWIDS1\n\0"
_WHOLE = np.dtype([("high", ">u8"), ("low", ">u4"), ("rest", ">u4")])
_ID = np.dtype([("high", ">u8"), ("low", ">u4")])
_LEVEL = 3


def packed_ids(ids: Iterable[bytes]) -> bytes:
    """The `.ids` file of a pack: the first 12 bytes of its ids in order, as steps, plane by plane.

    Ids are random; that they stand in order saves two bytes of what is kept.
    """
    listed = np.frombuffer(b"".join(sorted(ids)), dtype=_WHOLE)
    steps = np.diff(listed["high"].astype(np.uint64), prepend=np.uint64(0)).astype(">u8")
    upper = steps.view(np.uint8).reshape(-1, 8).T.tobytes()
    lower = np.ascontiguousarray(listed["low"]).tobytes()
    return MAGIC + zstandard.ZstdCompressor(level=_LEVEL).compress(upper) + lower


def listed_ids(file: bytes) -> npt.NDArray[np.void]:
    """What is listed of each id in an `.ids` file, in order; earlier files list whole ids.

    PackDamaged when it does not read.
    """
    if not file.startswith((MAGIC, _FIRST_MAGIC)):
        if len(file) % ID_BYTES:
            raise PackDamaged("a pack's list of ids is cut short")
        return _listed(np.frombuffer(file, dtype=_WHOLE))
    low = np.dtype(">u4" if file.startswith(MAGIC) else ">u8")
    packed, unpacker = file[len(MAGIC) :], zstandard.ZstdDecompressor().decompressobj()
    try:
        size_bytes = zstandard.get_frame_parameters(packed).content_size
        upper = unpacker.decompress(packed) if size_bytes <= 8 * PACK_RECORDS else b""
    except zstandard.ZstdError:
        size_bytes, upper = -1, b""
    lower = unpacker.unused_data
    count, left = divmod(size_bytes, 8)
    if left or len(upper) != size_bytes or len(lower) != count * low.itemsize:
        raise PackDamaged("a pack's list of ids is cut short")
    steps = np.frombuffer(upper, np.uint8).reshape(8, -1).T
    found = np.empty(count, dtype=_ID)
    found["high"] = np.cumsum(np.ascontiguousarray(steps).view(">u8").ravel(), dtype=np.uint64)
    found["low"] = np.frombuffer(lower, low) >> (8 * (low.itemsize - 4))
    return found


def _listed(whole: npt.NDArray[np.void]) -> npt.NDArray[np.void]:
    found = np.empty(len(whole), dtype=_ID)
    for name in ("high", "low"):
        found[name] = whole[name]
    return found


class Held:
    """What is listed of the ids held of one source: 12 bytes of memory a record."""

    def __init__(self) -> None:
        self._high = np.zeros(0, dtype=np.uint64)
        self._low = np.zeros(0, dtype=np.uint32)
        self._recent: set[bytes] = set()

    def load(self, files: Iterable[bytes]) -> None:
        """Take in the `.ids` files of the source's packs."""
        parts = [listed_ids(file) for file in files]
        if parts:
            self._merge(np.concatenate(parts))

    def mark(self, ids: list[bytes]) -> npt.NDArray[np.bool_]:
        """For each id, whether it is held; those that are not are held from now on."""
        probe = np.frombuffer(b"".join(ids), dtype=_WHOLE)
        high = probe["high"].astype(np.uint64)
        low = probe["low"].astype(np.uint32)
        found = np.zeros(len(ids), dtype=bool)
        if len(self._high):
            start = np.searchsorted(self._high, high, side="left")
            inside = np.minimum(start, len(self._high) - 1)
            for row in np.flatnonzero(self._high[inside] == high):
                end = int(np.searchsorted(self._high, high[row], side="right"))
                found[row] = bool((self._low[int(start[row]) : end] == low[row]).any())
        for row in np.flatnonzero(~found):  # one by one: an id may come twice in one call
            listed = ids[row][:LISTED_BYTES]
            found[row] = listed in self._recent
            self._recent.add(listed)
        return found

    def settle(self) -> None:
        """Move what was marked since into the sorted arrays (call after each pack)."""
        if self._recent:
            self._merge(np.frombuffer(b"".join(self._recent), dtype=_ID))
            self._recent.clear()

    def _merge(self, more: npt.NDArray[np.void]) -> None:
        """Put more among those held; a column after the other, so that one alone is there twice."""
        high = more["high"].astype(np.uint64)
        order = np.argsort(high, kind="stable")
        high, low = high[order], more["low"].astype(np.uint32)[order]
        at = np.searchsorted(self._high, high, side="right")
        self._low = np.insert(self._low, at, low)
        self._high = np.insert(self._high, at, high)
