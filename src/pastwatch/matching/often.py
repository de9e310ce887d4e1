"""Every place of a word that is in every other row: found by comparing bytes, none told one by one."""

from __future__ import annotations

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


def _is_letter(octet: int) -> bool:
    return ord("a") <= octet <= ord("z")
