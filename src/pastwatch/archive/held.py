"""Which record ids of a source are held already: the sorted ids beside its packs."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import numpy.typing as npt

from pastwatch.archive.identity import ID_BYTES
from pastwatch.errors import PackDamaged

_ID = np.dtype([("high", ">u8"), ("low", ">u8")])


def sorted_ids(ids: Iterable[bytes]) -> bytes:
    """The `.ids` file of a pack: 16-byte ids in order."""
    return b"".join(sorted(ids))


class Held:
    """The ids held of one source: 16 bytes of memory a record."""

    def __init__(self) -> None:
        self._high = np.zeros(0, dtype=np.uint64)
        self._low = np.zeros(0, dtype=np.uint64)
        self._recent: set[bytes] = set()

    def load(self, files: Iterable[bytes]) -> None:
        """Take in the `.ids` files of the source's packs."""
        parts = []
        for raw in files:
            if len(raw) % ID_BYTES:
                raise PackDamaged("a pack's list of ids is cut short")
            parts.append(np.frombuffer(raw, dtype=_ID))
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
