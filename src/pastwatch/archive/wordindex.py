"""The granted token frames of a slice: which blocks may hold which words, opened once and kept."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Final

import numpy as np
import numpy.typing as npt

from pastwatch.archive.tokens import any_of, frame_tokens
from pastwatch.errors import PackDamaged

KEPT_BYTES: Final = 192 * 1024 * 1024
"""Of what is opened so much stays: the index of some 4 GB of mail. The rest is opened each time."""
_EVERY: Final = 0xFFFF

Frame = tuple[str, int]
"""(pack id, number of the token frame)."""
Hashes = npt.NDArray[np.uint32]
Open = Callable[[str, bytes, int], tuple[bytes, memoryview]]
"""Opens a frame of a pack with its key: the pack's hash key, and the frame."""


class WordIndex:
    """The token frames that a grant reaches; used by one thread at a time."""

    def __init__(self, keys: Mapping[Frame, bytes], open_frame: Open) -> None:
        self._keys, self._open = keys, open_frame
        self._kept: dict[Frame, tuple[bytes, Hashes, npt.NDArray[np.uint16]]] = {}
        self._room = KEPT_BYTES

    def __len__(self) -> int:
        return len(self._keys)

    def __contains__(self, frame: Frame) -> bool:
        return frame in self._keys

    def names(self) -> list[str]:
        """The frames, as an entry of the ledger lists them."""
        return [f"{pack_id}/t{index}" for pack_id, index in self._keys]

    def maps(self, hashes_of: Callable[[bytes], Sequence[Hashes]]) -> Iterator[tuple[Frame, int]]:
        """Each frame with the map of its blocks that may hold a token of every group.

        `hashes_of(key)` gives the groups under a pack's hash key. Frames of no such block are left
        out; one that does not read excludes nothing.
        """
        wanted: dict[bytes, Sequence[Hashes]] = {}
        for frame in self._keys:
            try:
                key, held, maps = self._tokens(frame)
            except PackDamaged:
                yield frame, _EVERY
                continue
            if key not in wanted:
                wanted[key] = hashes_of(key)
            found = _EVERY
            for hashes in wanted[key]:
                found &= any_of(held, maps, hashes)
                if not found:
                    break
            else:
                yield frame, found

    def _tokens(self, frame: Frame) -> tuple[bytes, Hashes, npt.NDArray[np.uint16]]:
        kept = self._kept.get(frame)
        if kept is None:
            key, raw = self._open(frame[0], self._keys[frame], frame[1])
            kept = (key, *frame_tokens(raw))
            if self._room >= len(raw):
                self._room -= len(raw)
                self._kept[frame] = kept
        return kept
