"""The text columns of a block as a scan meets them: bytes, row bounds, and which part each row is."""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from pastwatch.matching.matcher import SUBJECT, TEXT

Int64s = npt.NDArray[np.int64]
Octets = npt.NDArray[np.uint8]
Buffer = bytes | bytearray | memoryview
Column = tuple[Buffer, Int64s]
"""UTF-8 text of all rows in one buffer, and n + 1 offsets into it."""
PartsColumn = tuple[Buffer, Int64s, Int64s]
"""As `Column`, with the record row of each attachment text, ascending."""
FIRST_PART = 1
_NEAR_BYTES = 8192
_ASCII_END = 0x80
_CHUNK_BYTES = 1024
_WORD_BYTES = 8
_HIGH_BITS = np.uint64(0x8080808080808080)
_HOT_SHARE = 2
_FOREIGN_SHARE = 200
_FOREIGN_LEAST = 1024
_SAMPLED_BYTES = 1 << 14
_STEP = 2039
_DENSE_SHARE = 8
_LEAD = 0xC0


@dataclass(frozen=True, slots=True, eq=False)
class Lane:
    """One column: `buffer[base + offsets[i]:base + offsets[i + 1]]` is its i-th text.

    `part` is that of the subject or the text, or of a record's first attachment: then `rows` and
    `numbers` say of which record and part each text is. Lanes may share one buffer. No character
    beyond ASCII but those of `beyond` stands in it; None where that is not known.
    """

    part: int
    buffer: memoryview
    base: int
    offsets: Int64s
    rows: Int64s | None = None
    numbers: Int64s | None = None
    beyond: str | None = None

    @property
    def first(self) -> int:
        """Where its texts begin in the buffer."""
        return self.base + int(self.offsets[0])

    @property
    def last(self) -> int:
        """Where its texts end in the buffer."""
        return self.base + int(self.offsets[-1])

    @property
    def octets(self) -> Octets:
        """All of its texts, as bytes."""
        first = self.first
        return np.frombuffer(self.buffer, np.uint8, self.last - first, first)

    def records(self, texts: Int64s) -> Int64s:
        """The record rows of these texts."""
        return texts if self.rows is None else self.rows[texts]

    def parts(self, texts: Int64s) -> Int64s:
        """The part numbers of these texts."""
        if self.numbers is None:
            return np.full(len(texts), self.part)
        return self.numbers[texts]

    def text(self, at: int) -> bytes:
        """The bytes of one text."""
        base, offsets = self.base, self.offsets
        return bytes(self.buffer[base + int(offsets[at]) : base + int(offsets[at + 1])])

    def fields(self, row: int) -> list[tuple[int, str]]:
        """The part numbers and texts of one record."""
        if self.rows is None or self.numbers is None:
            return [(self.part, str(self.text(row), "utf-8"))]
        first, end = np.searchsorted(self.rows, (row, row + 1)).tolist()
        return [(int(self.numbers[at]), str(self.text(at), "utf-8")) for at in range(first, end)]

    def piece(self, row: int, part: int) -> int:
        """Where in the buffer a part of a record begins; −1 when the lane does not hold it."""
        if self.rows is None or self.numbers is None:
            return self.base + int(self.offsets[row]) if part == self.part else -1
        found = np.flatnonzero((self.rows == row) & (self.numbers == part))
        return self.base + int(self.offsets[found[0]]) if len(found) else -1


def lane(part: int, column: Column) -> Lane:
    """A column of the subject or of the text."""
    return Lane(part, memoryview(column[0]), 0, np.asarray(column[1], np.int64))


def parts_lane(column: PartsColumn) -> Lane:
    """The column of the attachments; a record's are numbered from 1."""
    buffer, offsets, rows = column
    numbers = np.arange(len(rows)) - np.searchsorted(rows, rows) + FIRST_PART
    return Lane(FIRST_PART, memoryview(buffer), 0, np.asarray(offsets, np.int64), rows, numbers)


def lanes_of(text: Column, subject: Column | None, parts: PartsColumn | None) -> list[Lane]:
    """The lanes of a block, in the order in which a record's parts are named."""
    found = [] if subject is None else [lane(SUBJECT, subject)]
    found.append(lane(TEXT, text))
    if parts is not None and len(parts[2]):
        found.append(parts_lane(parts))
    return found


def stretches(lanes: list[Lane]) -> list[tuple[memoryview, int, list[Lane]]]:
    """What to search at once: (bytes, where they begin in the buffer, the lanes that lie in them).

    Between two lanes of one buffer a few other bytes may lie: a match there is of no lane.
    """
    found: list[tuple[memoryview, int, int, list[Lane]]] = []
    for held in lanes:
        first, last = held.first, held.last
        if first == last:
            continue
        if found:
            buffer, start, end, before = found[-1]
            if buffer is held.buffer and end <= first <= end + _NEAR_BYTES:
                found[-1] = (buffer, start, last, [*before, held])
                continue
        found.append((held.buffer, first, last, [held]))
    return [(buffer[start:end], start, inside) for buffer, start, end, inside in found]


def is_ascii(held: Lane) -> bool:
    """Whether all of its texts are plain ASCII."""
    octets = held.octets
    return not octets.size or int(octets.max()) < _ASCII_END


@dataclass(frozen=True, slots=True, eq=False)
class Foreign:
    """The characters of a lane's texts that are not ASCII, in order, and where each begins."""

    characters: str
    firsts: Int64s

    def ends(self, wanted: AbstractSet[str]) -> Int64s:
        """Where those of the wanted characters end, in the lane's own bytes."""
        told = [(at, len(c.encode())) for at, c in enumerate(self.characters) if c in wanted]
        if not told:
            return self.firsts[:0]
        places, sizes = np.array(told, np.int64).T
        return np.asarray(self.firsts[places] + sizes, np.int64)


def foreign(held: Lane) -> Foreign | None:
    """The characters of its texts that are not ASCII; None where they are many."""
    octets = held.octets
    count = len(octets)
    if count > _SAMPLED_BYTES:
        sample = octets[::_STEP]
        if _DENSE_SHARE * int(np.count_nonzero(sample >= _ASCII_END)) > len(sample):
            return None
    places, found = _beyond(octets)
    if not len(places):
        return NOTHING_FOREIGN
    if len(places) > max(_FOREIGN_LEAST, count // _FOREIGN_SHARE):
        return None
    characters = str(found.tobytes(), "utf-8", "replace")
    firsts = places[found >= _LEAD]
    return Foreign(characters, firsts) if len(firsts) == len(characters) else None


def _beyond(octets: Octets) -> tuple[Int64s, Octets]:
    """Where the bytes stand that are not ASCII, ascending, and these bytes."""
    size = len(octets) & -_CHUNK_BYTES
    if len(octets) >= _SAMPLED_BYTES:
        words = octets[:size].view(np.uint64).reshape(-1, _CHUNK_BYTES // _WORD_BYTES)
        hot = (np.bitwise_or.reduce(words, axis=1) & _HIGH_BITS).nonzero()[0]
        if _HOT_SHARE * len(hot) < len(words):
            # Most chunks are plain: the others are looked at closely, side by side.
            close = np.concatenate((words[hot].ravel().view(np.uint8), octets[size:]))
            at = (close >= _ASCII_END).nonzero()[0]
            firsts = np.append(hot * _CHUNK_BYTES, size)
            return firsts[at // _CHUNK_BYTES] + at % _CHUNK_BYTES, close[at]
    places = (octets >= _ASCII_END).nonzero()[0]
    return places, octets[places]


NOTHING_FOREIGN = Foreign("", np.zeros(0, np.int64))
