"""Where a block's letters are not written plainly: the few places a search by bytes would miss.

A literal is looked for by the bytes of its usual spellings: both cases, and for letters beyond
ASCII the others of the same alphabets. A place that is spelt otherwise holds a *telling*
character: a mark or an invisible one (`MARK`), or another spelling, ｋ or é, or a character of
several letters, ﬁ or ™ (`EXOTIC`). Blocks without any need no second look, and most have few.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from itertools import groupby
from typing import Final

import numpy as np
import numpy.typing as npt

from pastwatch.matching.expand import (
    bare_forms,
    bridges,
    bridging,
    spellings,
    trailing_characters,
    written,
)
from pastwatch.matching.lanes import Foreign
from pastwatch.matching.patterns import Patterns

Int64s = npt.NDArray[np.int64]
Octets = npt.NDArray[np.uint8]
_ASCII_END: Final = 0x80
_USUAL_END: Final = 0x700  # Greek, Cyrillic, Armenian, Hebrew, Arabic: one or two bytes a letter
_FEW: Final = 96
_EACH: Final = 64
_TOLD: Final = 4000
"""So many characters are told one by one; more are found faster by comparing bytes."""
_LARGE: Final = 1 << 15
"""From so many bytes on a column says something of the one in the next block."""
_NONE: Final = np.zeros(0, np.int64)


@lru_cache(maxsize=4096)
def usual(char: str) -> str:
    """The spellings of a folded character that are looked for by their bytes."""
    end = _ASCII_END if ord(char) < _ASCII_END else _USUAL_END
    return "".join(s for s in spellings(char) if ord(s) < end) or char


def exotic(literals: Iterable[str]) -> set[str]:
    """What else their letters can be written as, and what could hold a piece of them."""
    held = set(literals)
    letters = "".join(sorted(set().union(*held)))
    forms = {form for char in letters for form in bare_forms(char)}
    other = {s for form in forms for s in spellings(form) if s not in usual(form)}
    if len(held) > _EACH:
        # Of so many words nearly every such character could hold a piece.
        return other.union(bridging(letters))
    return other.union(*map(bridges, held))


class Telling:
    """Finds the telling characters of some literals in valid UTF-8."""

    def __init__(self, literals: Iterable[str]) -> None:
        self._exotic = frozenset(exotic(literals)) - _marks()
        self._every = self._exotic | _marks()
        self._runs: list[tuple[bool, bytes, int, int]] | None = None
        self._many = False
        self._dense = False

    @property
    def exotic(self) -> frozenset[str]:
        """The telling characters that are no marks."""
        return self._exotic

    def tells(self, characters: str | None) -> bool:
        """Whether any of these does; true of characters that are not known."""
        return characters is None or not self._every.isdisjoint(characters)

    def few(self, data: memoryview, characters: Foreign | None = None) -> Int64s | None:
        """Where telling characters end, if there are few; None if there are many.

        Where the `characters` beyond ASCII are known, the data need not be searched for them.
        """
        if characters is not None:
            found = characters.ends(self._every)
            return found if len(found) < _FEW else None
        if (
            self._many and len(data) > _LARGE
        ):  # as in the block before; `all` says when that is over
            return None
        _, ends, done = _every_mark().ends(data, cap=_FEW)
        if done:
            _, others, done = _each_of(self._exotic).ends(data, cap=_FEW)
            ends += others
        if len(data) > _LARGE:
            self._many = not done
        return np.array(ends, np.int64) if done else None

    def all(self, octets: Octets) -> tuple[Int64s, Int64s, Int64s]:
        """Where marks begin and end, and where exotic characters end; each in no order.

        Each is told one by one. Where they are very many, which runs of characters are there is one
        search; where each stands is worked out then.
        """
        large = len(octets) > _LARGE
        told = None if self._dense and large else self._one_by_one(octets)
        found = told or self._by_runs(octets)
        if large:
            count = len(found[1]) + len(found[2])
            self._many, self._dense = count >= _FEW, count >= _TOLD
        return found

    def _one_by_one(self, octets: Octets) -> tuple[Int64s, Int64s, Int64s] | None:
        """As `all`; None where they are too many for that."""
        patterns, sizes = _each_mark()
        ids, stops, done = patterns.ends(octets.data, cap=_TOLD)
        if not done:
            return None
        _, others, done = _each_of(self._exotic).ends(octets.data, cap=_TOLD)
        if not done:
            return None
        ends = np.array(stops, np.int64)
        return ends - sizes[ids], ends, np.array(others, np.int64)

    def _by_runs(self, octets: Octets) -> tuple[Int64s, Int64s, Int64s]:
        if self._runs is None:
            self._runs = [
                *((True, *run) for run in _runs(_marks())),
                *((False, *run) for run in _runs(self._exotic)),
            ]
        present, _, _ = _runs_of(self._exotic).ends(octets.data, cap=len(self._runs) + 1)
        starts, ends, others = [_NONE], [_NONE], [_NONE]
        for number in present:
            mark, lead, low, high = self._runs[number]
            stop = _places(octets, lead, low, high) + 1
            if mark:
                starts.append(stop - len(lead) - 1)
                ends.append(stop)
            else:
                others.append(stop)
        return np.concatenate(starts), np.concatenate(ends), np.concatenate(others)


def _places(octets: Octets, lead: bytes, low: int, high: int) -> Int64s:
    """The last bytes of the characters that begin with `lead` and end within these bounds."""
    final, before = octets[1:], octets[:-1]
    last = final == low if low == high else (final - np.uint8(low)) <= high - low
    np.logical_and(last, before == lead[-1], out=last)
    found = np.flatnonzero(last) + 1
    for back, octet in enumerate(reversed(lead[:-1]), start=2):
        found = found[found >= back]
        found = found[octets[found - back] == octet]
    return found


@lru_cache(maxsize=1)
def _marks() -> frozenset[str]:
    return frozenset(trailing_characters())


@lru_cache(maxsize=1)
def _every_mark() -> Patterns:
    """All marks as one class, which queries share: compiling it costs more than many scans."""
    import hyperscan

    return Patterns([written("".join(_marks()), hyperscan=True)], [hyperscan.HS_FLAG_UTF8])


@lru_cache(maxsize=1)
def _each_mark() -> tuple[Patterns, Int64s]:
    """Every mark as a literal, which is found faster than a class of them; and their sizes."""
    coded = sorted(char.encode() for char in _marks())
    sources = [b"".join(b"\\x%02x" % octet for octet in octets) for octets in coded]
    return Patterns(sources, [0] * len(coded)), np.array([len(octets) for octets in coded])


@lru_cache(maxsize=16)
def _each_of(characters: frozenset[str]) -> Patterns:
    runs = _runs(characters) or [(b"\0\0\0", 0, 0)]
    return Patterns(list(map(_source, runs)), [0] * len(runs))


def _source(run: tuple[bytes, int, int]) -> bytes:
    lead, low, high = run
    return b"".join(b"\\x%02x" % octet for octet in lead) + b"[\\x%02x-\\x%02x]" % (low, high)


@lru_cache(maxsize=16)
def _runs_of(others: frozenset[str]) -> Patterns:
    import hyperscan

    sources = list(map(_source, [*_runs(_marks()), *_runs(others)]))
    return Patterns(sources, [hyperscan.HS_FLAG_SINGLEMATCH] * len(sources))


def _runs(characters: Iterable[str]) -> list[tuple[bytes, int, int]]:
    """Characters as runs of the last byte of their UTF-8 form: (bytes before it, first, last)."""
    found = []
    coded = sorted(char.encode() for char in characters)
    for lead, group in groupby(coded, key=lambda octets: octets[:-1]):
        ends = [octets[-1] for octets in group]
        first = last = ends[0]
        for end in ends[1:]:
            if end > last + 1:
                found.append((lead, first, last))
                first = end
            last = end
        found.append((lead, first, last))
    return found
