"""Which marks of a text could stand inside a piece that is looked for: by the letters around them."""

from __future__ import annotations

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from itertools import pairwise
from typing import Final

import numpy as np
import numpy.typing as npt

from pastwatch.matching.expand import bare_forms, trails
from pastwatch.matching.telling import usual

Int64s = npt.NDArray[np.int64]
Octets = npt.NDArray[np.uint8]
_PAIRS: Final = 1 << 16
_BYTE: Final = 8
_BITS: Final = 63
_AT_END: Final = np.uint64(1 << _BITS)
_ANY: Final = np.uint64((1 << (_BITS + 1)) - 1)


class Inside:
    """Tells the marks that may matter to some pieces.

    A piece that is spelt as usual but for its marks has one of them between two of its letters; or
    after its last, where that could be another letter with it. Each place between two letters has
    a bit, and each pair of bytes the places that it may stand before, or after.
    """

    def __init__(self, pieces: Sequence[str], exotic: AbstractSet[str]) -> None:
        self._before = np.zeros(_PAIRS, np.uint64)
        self._after = np.full(_PAIRS, _AT_END, np.uint64)
        bit = 0
        for piece in pieces:
            for letter, following in pairwise(piece):
                for spelling in _spelt(letter):
                    self._before[_last(spelling)] |= np.uint64(1 << bit)
                for spelling in _spelt(following):
                    self._after[_first(spelling)] |= np.uint64(1 << bit)
                bit += 1
            if bare_forms(piece[-1]) != (piece[-1],):
                for spelling in _spelt(piece[-1]):
                    self._before[_last(spelling)] |= _AT_END
        for other in exotic:
            self._before[_last(other)] = self._after[_first(other)] = _ANY

    def of(self, octets: Octets, starts: Int64s, stops: Int64s) -> tuple[Int64s, Int64s]:
        """Of marks, given in order by where they begin and end, those that may stand in a piece."""
        leads = np.ones(len(starts), np.bool_)
        leads[1:] = starts[1:] != stops[:-1]
        firsts = np.flatnonzero(leads)
        begins, ends = starts[firsts], stops[np.append(firsts[1:] - 1, len(stops) - 1)]
        last, pad = len(octets) - 1, np.uint16(_BYTE)
        left = octets[np.maximum(begins - 2, 0)].astype(np.uint16) << pad
        left |= octets[np.maximum(begins - 1, 0)]
        right = octets[np.minimum(ends, last)].astype(np.uint16) << pad
        right |= octets[np.minimum(ends + 1, last)]
        kept = (self._before[left] & self._after[right]) != 0
        # At either end of all there is no pair of bytes to go by.
        kept |= (begins <= 1) | (ends >= last)
        every = kept[np.cumsum(leads) - 1]
        return starts[every], stops[every]


def inside(pieces: Sequence[str], exotic: AbstractSet[str]) -> Inside | None:
    """What tells the marks inside these pieces; None where they are too many, or hold marks."""
    if sum(map(len, pieces)) > _BITS or any(not piece for piece in pieces):
        return None
    if any(trails(char) for piece in pieces for char in piece):
        return None
    return Inside(pieces, exotic)


def _spelt(letter: str) -> set[str]:
    return {spelling for form in bare_forms(letter) for spelling in usual(form)}


def _first(char: str) -> npt.NDArray[np.int64]:
    """The pairs of bytes that a character may begin with, or with what follows it."""
    octets = char.encode()
    if len(octets) == 1:
        return np.arange(octets[0] << _BYTE, (octets[0] + 1) << _BYTE)
    return np.array([octets[0] << _BYTE | octets[1]])


def _last(char: str) -> npt.NDArray[np.int64]:
    """The pairs of bytes that a character may end with, or with what stands before it."""
    octets = char.encode()
    if len(octets) == 1:
        return np.arange(0, _PAIRS, 1 << _BYTE) + octets[0]
    return np.array([octets[-2] << _BYTE | octets[-1]])
