"""Texts become numbers of words: a 64-bit name for every word, word pair and word beginning."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from pastwatch.matching.alphabet import ALONE, CLASS, UNASSIGNED, WORD
from pastwatch.matching.fold import DROPPED, fold_character

Int64s = npt.NDArray[np.int64]
UInt64s = npt.NDArray[np.uint64]
Column = Sequence[str | None] | Any
"""One text a record: a list, or an Arrow array of strings; nothing stands for an empty text."""

STEM_LETTERS: Final = 5
SIGNS: Final = "!?#@$%€£"
"""Each is a word of its own: they tell a question, a cry, a sum, a name."""
_POINTS: Final = 0x110000
_BASE: Final = 0x9E3779B97F4A7C15  # odd, so it has an inverse modulo 2**64
_INVERSE: Final = pow(_BASE, -1, 2**64)
_PAIR: Final = np.uint64(0xC2B2AE3D27D4EB4F)
_SKIPPED: Final = 255


@dataclass(frozen=True, slots=True)
class Words:
    """The words of some records: `names[i]` stands in the record at `rows[i]`, in ascending order.

    `stems` names the first letters of each: of a short word, all of them.
    """

    names: UInt64s
    rows: Int64s
    stems: UInt64s

    def pairs(self) -> tuple[Int64s, UInt64s]:
        """Two words that follow each other in one record: their rows, and a name for both."""
        same = self.rows[1:] == self.rows[:-1]
        first, second = self.names[:-1][same], self.names[1:][same]
        return self.rows[1:][same], mixed(first * _PAIR + second)


class Reader:
    """Reads texts into words; what a code point folds to is looked up once, then kept."""

    def __init__(self) -> None:
        self._folded = np.zeros(_POINTS, dtype=np.uint32)
        self._known = np.zeros(_POINTS, dtype=np.bool_)
        self._class = np.frombuffer(CLASS, dtype=np.uint8).copy()
        self._class[self._class == UNASSIGNED] = ALONE
        self._class[list(DROPPED)] = _SKIPPED
        self._class[[ord(sign) for sign in SIGNS]] = ALONE
        self._powers = np.ones(1, dtype=np.uint64)
        self._inverses = np.ones(1, dtype=np.uint64)

    def words(self, column: Column) -> Words:
        """The words of one column of texts, folded as a query's words are."""
        texts = _arrow(column)
        points = np.frombuffer(_joined(texts).encode("utf-32-le"), dtype=np.uint32)
        lengths = pc.utf8_length(texts).to_numpy(zero_copy_only=False)
        ends = np.cumsum(lengths, dtype=np.int64)
        if not len(points):
            none = np.zeros(0, dtype=np.uint64)
            return Words(none, np.zeros(0, dtype=np.int64), none)
        kinds = self._class[points]
        dropped = kinds == _SKIPPED
        if dropped.any():
            gone = np.concatenate(([0], np.cumsum(dropped)))
            ends = ends - gone[ends]
            points, kinds = points[~dropped], kinds[~dropped]
        return self._cut(self._fold(points), kinds, ends)

    def _cut(
        self, points: npt.NDArray[np.uint32], kinds: npt.NDArray[np.uint8], ends: Int64s
    ) -> Words:
        inside = kinds == WORD
        begins = inside.copy()
        begins[1:] &= ~inside[:-1]
        firsts = np.concatenate(([0], ends[:-1]))
        firsts = firsts[firsts < len(points)]
        begins[firsts] |= inside[firsts]
        begins |= kinds == ALONE
        starts = np.flatnonzero(begins)
        # A word ends where the next one begins, or where a separator stands before that.
        stops = np.append(starts[1:], len(points))
        breaks = np.append(np.flatnonzero(kinds == 0), len(points))
        stops = np.minimum(stops, breaks[np.searchsorted(breaks, starts)])
        rows = np.searchsorted(ends, starts, side="right")
        sums = self._sums(points)
        names = self._named(sums, starts, stops)
        short = np.minimum(stops, starts + STEM_LETTERS)
        return Words(names, rows, self._named(sums, starts, short))

    def _sums(self, points: npt.NDArray[np.uint32]) -> UInt64s:
        if len(self._powers) <= len(points):
            self._powers = _powers_of(_BASE, 2 * len(points))
            self._inverses = _powers_of(_INVERSE, 2 * len(points))
        sums = np.zeros(len(points) + 1, dtype=np.uint64)
        np.cumsum(mixed(points.astype(np.uint64)) * self._powers[: len(points)], out=sums[1:])
        return sums

    def _named(self, sums: UInt64s, starts: Int64s, stops: Int64s) -> UInt64s:
        return mixed((sums[stops] - sums[starts]) * self._inverses[starts])

    def _fold(self, points: npt.NDArray[np.uint32]) -> npt.NDArray[np.uint32]:
        if not self._known[points].all():
            for point in np.unique(points[~self._known[points]]).tolist():
                self._folded[point] = ord((fold_character(chr(point)) or chr(point))[0])
                self._known[point] = True
        return self._folded[points]


def mixed(names: UInt64s) -> UInt64s:
    """The same names with every bit stirred into every other (splitmix64's last step)."""
    out = names ^ (names >> np.uint64(30))
    out *= np.uint64(0xBF58476D1CE4E5B9)
    out ^= out >> np.uint64(27)
    out *= np.uint64(0x94D049BB133111EB)
    out ^= out >> np.uint64(31)
    return out


def pieces(count: int, size: int) -> Iterator[slice]:
    """Slices that cover so many rows, so many at a time."""
    return (slice(start, min(start + size, count)) for start in range(0, count, size))


def _arrow(column: Column) -> Any:
    texts = column if isinstance(column, pa.Array) else pa.array(column, type=pa.large_string())
    texts = texts.cast(pa.large_string())
    return texts.fill_null("") if texts.null_count else texts


def _joined(texts: Any) -> str:
    _, places, octets = texts.buffers()
    bounds = np.frombuffer(places, dtype=np.int64)[texts.offset : texts.offset + len(texts) + 1]
    return bytes(octets[int(bounds[0]) : int(bounds[-1])]).decode() if octets else ""


def _powers_of(base: int, count: int) -> UInt64s:
    powers = np.full(count, base, dtype=np.uint64)
    powers[0] = 1
    return np.cumprod(powers, dtype=np.uint64)
