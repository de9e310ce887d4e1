"""The granted token frames of a slice: which blocks may hold which words, opened once and kept."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from pastwatch.archive.peoplewords import Asked, AskedWords
from pastwatch.archive.tokens import all_of, frame_tokens, tells_people
from pastwatch.errors import PackDamaged

KEPT_BYTES: Final = 224 * 1024 * 1024
"""Of what is opened so much stays: the index of some 10 GB of mail. The rest is opened each time."""
_EVERY: Final = 0xFFFF

Frame = tuple[str, int]
"""(pack id, number of the token frame)."""
Hashes = npt.NDArray[np.uint32]
Open = Callable[[str, bytes, int], tuple[bytes, memoryview]]
"""Opens a frame of a pack with its key: the pack's hash key, and the frame."""


class _Kept(NamedTuple):
    """An opened frame: the pack's hash key, whether people are in it, its hashes and their maps."""

    key: bytes
    people: bool
    hashes: Hashes
    maps: npt.NDArray[np.uint16]


class WordIndex:
    """The token frames that a grant reaches; used by one thread at a time."""

    def __init__(self, keys: Mapping[Frame, bytes], open_frame: Open) -> None:
        self._keys, self._open = keys, open_frame
        self._kept: dict[Frame, _Kept] = {}
        self._room = KEPT_BYTES

    def __len__(self) -> int:
        return len(self._keys)

    def __contains__(self, frame: Frame) -> bool:
        return frame in self._keys

    def names(self) -> list[str]:
        """The frames, as an entry of the ledger lists them."""
        return [f"{pack_id}/t{index}" for pack_id, index in self._keys]

    def maps(self, asked: Sequence[Asked]) -> Iterator[tuple[Frame, int]]:
        """Each frame with the map of its blocks that may hold a word of every group.

        Frames of no such block are left out; one that does not read excludes nothing, and no
        block is excluded by who sent or received where the frame does not tell it.
        """
        wanted = AskedWords(asked)
        of, hashes, starts = None, np.zeros(0, np.uint32), np.zeros(0, np.int64)
        for frame in self._keys:
            try:
                kept = self._kept.get(frame) or self._opened(frame)
            except PackDamaged:
                yield frame, _EVERY
                continue
            if of != (kept.key, kept.people):  # the frames of a pack follow each other
                of = kept.key, kept.people
                hashes, starts = wanted.under(kept.key, people=kept.people)
            found = all_of(kept.hashes, kept.maps, hashes, starts)
            if found:
                yield frame, found

    def _opened(self, frame: Frame) -> _Kept:
        key, raw = self._open(frame[0], self._keys[frame], frame[1])
        kept = _Kept(key, tells_people(raw), *frame_tokens(raw))
        if self._room >= len(raw):
            self._room -= len(raw)
            self._kept[frame] = kept
        return kept
