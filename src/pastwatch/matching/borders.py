"""Whether a word ends at a place of a block: by the characters that stand beside it."""

from __future__ import annotations

from functools import lru_cache
from typing import Final

import numpy as np
import numpy.typing as npt

from pastwatch.matching.alphabet import CLASS, SEPARATOR, WORD
from pastwatch.matching.expand import trails
from pastwatch.matching.fold import fold_character

Int64s = npt.NDArray[np.int64]
Octets = npt.NDArray[np.uint8]
Kinds = npt.NDArray[np.uint8]
APART, JOINED, UNSURE = 0, 1, 2
_ASCII_END: Final = 0x80
_KINDS: Final = np.full(256, APART, np.uint8)
_KINDS[[octet for octet in range(_ASCII_END) if CLASS[octet] == WORD]] = JOINED
_KINDS[_ASCII_END:] = UNSURE
_LONGEST: Final = 4


def after(octets: Octets, places: Int64s, ends: Int64s) -> Kinds:
    """For each place what follows it; its text ends where `ends` says, and nothing does there."""
    kinds = _KINDS[octets[np.minimum(places, len(octets) - 1)]]
    kinds[places >= ends] = APART
    for at in np.flatnonzero(kinds == UNSURE).tolist():
        first = int(places[at])
        kinds[at] = _first(octets[first : first + _LONGEST].tobytes())
    return kinds


def before(octets: Octets, places: Int64s, starts: Int64s) -> Kinds:
    """For each place what stands before it; its text begins where `starts` says."""
    kinds = _KINDS[octets[np.maximum(places - 1, 0)]]
    kinds[places <= starts] = APART
    for at in np.flatnonzero(kinds == UNSURE).tolist():
        last = int(places[at])
        kinds[at] = _last(octets[max(last - _LONGEST, 0) : last].tobytes())
    return kinds


@lru_cache(maxsize=1 << 14)
def _first(octets: bytes) -> int:
    return _kind(octets.decode("utf-8", "ignore")[:1])


@lru_cache(maxsize=1 << 14)
def _last(octets: bytes) -> int:
    return _kind(octets.decode("utf-8", "ignore")[-1:])


def _kind(char: str) -> int:
    """What a character beyond ASCII does to a word beside it, where nothing else can change that."""
    if not char or trails(char):
        return UNSURE
    kinds = {CLASS[ord(folded)] for folded in fold_character(char)}
    if kinds == {SEPARATOR}:
        return APART
    return JOINED if kinds == {WORD} else UNSURE
