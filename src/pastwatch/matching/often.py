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


def ends_of(octets: Octets, word: bytes) -> Int64s:
    """Where each occurrence of a lower-case ASCII word ends, in either case, ascending."""
    size = len(word)
    if len(octets) < size:
        return np.zeros(0, np.int64)
    order = sorted(range(size), key=lambda at: _RARE_FIRST.find(word[at]))
    lead = order[0]
    window = octets[lead : len(octets) - size + 1 + lead]
    held = window == word[lead]
    if _is_letter(word[lead]):
        np.logical_or(held, window == word[lead] - _LOWER, out=held)
    starts = np.flatnonzero(held)
    for at in order[1:]:
        if not len(starts):
            break
        found = octets[starts + at]
        if _is_letter(word[at]):
            found |= np.uint8(_LOWER)
        starts = starts[found == word[at]]
    return starts + size


def _is_letter(octet: int) -> bool:
    return ord("a") <= octet <= ord("z")
