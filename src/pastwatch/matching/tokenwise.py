"""Every place of many whole ASCII words at once: the block's tokens, looked up in a table of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
import numpy.typing as npt

Int64s = npt.NDArray[np.int64]
Octets = npt.NDArray[np.uint8]
Keys = npt.NDArray[np.uint64]
_ASCII_END: Final = 0x80
_CLASSES: Final = bytes(
    octet if octet < _ASCII_END and (chr(octet).isalnum() or octet == ord("_")) else 0
    for octet in bytes(range(256)).lower()
)
"""ASCII letters lower-cased, digits and the underscore; all else is zero."""
_WIDTH: Final = 8
_LONG: Final = 2 * _WIDTH
_MASKS: Final = np.array([(1 << (8 * size)) - 1 for size in range(_WIDTH + 1)], np.uint64)
_FIRST, _LAST = np.uint64(0x9E3779B97F4A7C15), np.uint64(0xC2B2AE3D27D4EB4F)
_BITS: Final = 16
_SHIFT: Final = np.uint64(64 - _BITS)


class TokenTable:
    """Some words, lower-case and in ASCII, by their numbers."""

    def __init__(self, words: Sequence[tuple[int, bytes]]) -> None:
        raw = b"".join(word.ljust(_LONG, b"\0") for _, word in words)
        sizes = np.array([len(word) for _, word in words], np.int64)
        starts = np.cumsum([0, *(max(len(word), _LONG) for _, word in words[:-1])])
        first, last = _halves(np.frombuffer(raw + bytes(_WIDTH), np.uint8), starts, starts + sizes)
        keys = _keys(first, last, sizes)
        order = np.argsort(keys, kind="stable")
        self._keys, self._first, self._last = keys[order], first[order], last[order]
        self._size = sizes[order]
        self._numbers = np.array([number for number, _ in words], np.int64)[order]
        self._text = [words[at][1] for at in order.tolist()]
        self._sizes = np.zeros(int(sizes.max()) + 2, np.bool_)
        self._sizes[sizes] = True
        self._held = np.zeros(1 << _BITS, np.bool_)
        self._held[(keys >> _SHIFT).astype(np.int64)] = True
        self.tells = len(set(self._keys.tolist())) == len(words)
        """Whether no two of the words share a key; else they are to be found by other means."""

    def find(self, data: memoryview, borders: Int64s) -> tuple[Int64s, Int64s]:
        """(number, end) of every whole token that is one of the words.

        A token also ends at a border. Beyond ASCII there is none: what stands beside a token is
        for the caller to look at.
        """
        octets = bytes(data).translate(_CLASSES)
        raw = np.frombuffer(octets + bytes(_WIDTH), np.uint8)
        starts, ends = _tokens(raw[: len(octets)], borders)
        sizes = ends - starts
        kept = self._sizes[np.minimum(sizes, len(self._sizes) - 1)]
        starts, ends = starts[kept], ends[kept]
        first, last = _halves(raw, starts, ends)
        keys = _keys(first, last, sizes[kept])
        near = np.flatnonzero(self._held[(keys >> _SHIFT).view(np.int64)])
        starts, ends = starts[near], ends[near]
        at = np.minimum(np.searchsorted(self._keys, keys[near]), len(self._keys) - 1)
        # Sixteen bytes and fewer are all in the two halves.
        exact = (first[near] == self._first[at]) & (last[near] == self._last[at])
        exact &= ends - starts == self._size[at]
        for place in np.flatnonzero(exact & (self._size[at] > _LONG)).tolist():
            exact[place] = octets[starts[place] : ends[place]] == self._text[at[place]]
        return self._numbers[at[exact]], ends[exact]


def _tokens(raw: Octets, borders: Int64s) -> tuple[Int64s, Int64s]:
    """Where the runs of what is not zero start and end, cut at the borders too."""
    inside = np.zeros(len(raw) + 2, np.bool_)
    np.not_equal(raw, 0, out=inside[1:-1])
    edges = np.flatnonzero(inside[1:] != inside[:-1])
    starts, ends = edges[::2], edges[1::2]
    borders = borders[(borders > 0) & (borders < len(raw))]
    glued = np.unique(borders[inside[borders] & inside[borders + 1]])
    if len(glued):
        starts = np.insert(starts, np.searchsorted(starts, glued), glued)
        ends = np.insert(ends, np.searchsorted(ends, glued), glued)
    return starts, ends


def _halves(raw: Octets, starts: Int64s, ends: Int64s) -> tuple[Keys, Keys]:
    """The first and the last eight bytes of each token, or all of a shorter one twice."""
    eights = np.lib.stride_tricks.as_strided(
        raw[:_WIDTH].view(np.uint64), (len(raw) - _WIDTH + 1,), (1,), writeable=False
    )
    mask = _MASKS[np.minimum(ends - starts, _WIDTH)]
    return eights[starts] & mask, eights[np.maximum(ends - _WIDTH, starts)] & mask


def _keys(first: Keys, last: Keys, sizes: Int64s) -> Keys:
    """A number for each token: of its first eight bytes, its last eight, and its length."""
    key = first * _FIRST + last * _LAST + sizes.astype(np.uint64)
    key ^= key >> np.uint64(32)
    key *= _FIRST
    return key
