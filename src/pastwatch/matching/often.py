"""Every place of a word that is in every other row: found by comparing bytes, none told one by one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
import numpy.typing as npt

Int64s = npt.NDArray[np.int64]
Octets = npt.NDArray[np.uint8]
_RARE_FIRST: Final = b"zqxj0123456789_kvbpygfwmucldrhsnioate"
"""Characters of words, the rarer the earlier: the rarest of a word is looked for first."""
_LOWER: Final = 0x20
_TOGETHER: Final = 4


def ends_of(octets: Octets, word: bytes) -> Int64s:
    """Where each occurrence of a lower-case ASCII word ends, in either case, ascending."""
    size = len(word)
    if len(octets) < size:
        return np.zeros(0, np.int64)
    count = len(octets) - size + 1
    order = sorted(range(size), key=lambda at: _RARE_FIRST.find(word[at]))
    low = octets | np.uint8(_LOWER)
    held = low[order[0] : order[0] + count] == word[order[0]] | _LOWER
    for at in order[1:_TOGETHER]:
        held &= low[at : at + count] == word[at] | _LOWER
    starts = np.flatnonzero(held)
    # The bit that tells the cases apart tells other characters apart too, and not all were held.
    for at in order:
        if not len(starts):
            break
        found = octets[starts + at]
        if _is_letter(word[at]):
            if at in order[:_TOGETHER]:
                continue
            found |= np.uint8(_LOWER)
        starts = starts[found == word[at]]
    return starts + size


def starts_of(octets: Octets, letters: Sequence[npt.NDArray[np.uint16]]) -> Int64s:
    """Where each spelling of a word begins whose letters take two bytes each, ascending.

    `letters` holds for each letter the numbers that its spellings make. A first byte of a letter is
    none of a second, so that no place lies between two letters.
    """
    size = 2 * len(letters)
    if len(octets) < size or not size:
        return np.zeros(0, np.int64)
    pairs: npt.NDArray[np.uint16] = octets[:-1].astype(np.uint16) << np.uint16(8)
    pairs |= octets[1:]
    count = len(octets) - size + 1
    first = min(range(len(letters)), key=lambda at: len(letters[at]))
    starts = np.flatnonzero(_among(pairs[2 * first : 2 * first + count], letters[first]))
    for at, letter in enumerate(letters):
        if at != first:
            starts = starts[_among(pairs[starts + 2 * at], letter)]
    return starts


def _among(pairs: npt.NDArray[np.uint16], letter: npt.NDArray[np.uint16]) -> npt.NDArray[np.bool_]:
    held: npt.NDArray[np.bool_] = pairs == letter[0]
    for spelling in letter[1:]:
        held |= pairs == spelling
    return held


def _is_letter(octet: int) -> bool:
    return ord("a") <= octet <= ord("z")
