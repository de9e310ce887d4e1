"""The hits of one search in one block, as columns: how they are kept, and read back one by one.

A search that is met everywhere has a hundred hits a block; a row of the file for each would cost
more than finding them. A run is one row: `record_ids`, 16 bytes a hit, and `value`, which is the
width of a number in bytes (4 bytes, little endian, as the next three), how many hashes and spans
there are; then, a column after another, of each hit its row in the block, the part, the start and
the end of what it cites, which hash that has and how many spans the hit has; of each span its
part, start and end; and the hashes. A hit kept before there were runs is one of its own, as JSON.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from pastwatch.errors import CaseDamaged
from pastwatch.model.record import Citation

Int64s = npt.NDArray[np.int64]
ID_BYTES: Final = 16
_HASH_BYTES: Final = 32
_HEAD: Final = 3
_HEAD_BYTES: Final = 4 * _HEAD
_COLUMNS: Final = 6
_SPAN: Final = 3
_WIDTHS: Final = (2, 4, 8)
_MERGED: Final = 1 << 17
"""A piece of more hits is merged with no other."""


class Found(NamedTuple):
    """A hit as one hands it over: the citation, where its record stands, and every span."""

    citation: Citation
    pack_id: bytes
    block: int
    row: int
    spans: tuple[tuple[int, int, int], ...]  # (part, start_byte, end_byte)


@dataclass(frozen=True)
class HitRun:
    """Hits in one block, in order.

    `columns` has six rows: of each hit its record's row in the block; the part, the start and the
    end of what is cited; which of `hashes` that has; and how many of `spans` (part, start, end)
    are the hit's.
    """

    pack_id: bytes
    block: int
    record_ids: bytes
    columns: Int64s
    spans: Int64s
    hashes: bytes

    def __len__(self) -> int:
        return int(self.columns.shape[1])

    def record_id(self, at: int) -> bytes:
        """The id of a hit's record."""
        return record_id_of(self.record_ids, at)

    def row(self, at: int) -> int:
        """A hit's record by its row in the block."""
        return int(self.columns[0, at])

    def citation(self, at: int) -> Citation:
        """What a hit cites."""
        _, part, start, end, which, _ = self.columns[:, at].tolist()
        return Citation(
            record_id=self.record_id(at),
            part=part,
            start_byte=start,
            end_byte=end,
            text_sha256=self.hashes[_HASH_BYTES * which : _HASH_BYTES * (which + 1)],
        )

    def spans_of(self, at: int) -> tuple[tuple[int, int, int], ...]:
        """Every matched place of a hit."""
        found = self.spans[self._ends[at] - self.columns[5, at] : self._ends[at]]
        return tuple((part, start, end) for part, start, end in found.tolist())

    @cached_property
    def _ends(self) -> Int64s:
        return np.cumsum(self.columns[5])

    def kept(self, places: Sequence[int]) -> HitRun:
        """The hits at these places alone, in order."""
        ends, counts = self._ends, self.columns[5]
        spans = [self.spans[ends[at] - counts[at] : ends[at]] for at in places]
        return HitRun(
            self.pack_id,
            self.block,
            b"".join(map(self.record_id, places)),
            self.columns[:, list(places)],
            np.concatenate(spans) if spans else self.spans[:0],
            self.hashes,
        )

    def packed(self) -> bytes:
        """The columns, as they are kept."""
        width = _width((self.columns, self.spans))
        head = np.array((width, len(self.hashes) // _HASH_BYTES, len(self.spans)), "<u4")
        columns = (held.astype(f"<i{width}").tobytes() for held in (self.columns, self.spans.T))
        return b"".join((head.tobytes(), *columns, self.hashes))


def record_id_of(record_ids: bytes, at: int) -> bytes:
    """One of several ids that follow each other."""
    return record_ids[ID_BYTES * at : ID_BYTES * (at + 1)]


def unpacked(pack_id: bytes, block: int, record_ids: bytes, value: bytes | str) -> HitRun:
    """A run as it was kept; CaseDamaged where it does not read."""
    try:
        if isinstance(value, str):
            return _single(pack_id, block, record_ids, json.loads(value))
        count = len(record_ids) // ID_BYTES
        width, hashes, spans = map(int, np.frombuffer(value, "<u4", _HEAD))
        sizes = (_COLUMNS * count, _SPAN * spans)
        at, kind = _HEAD_BYTES + width * sum(sizes), f"<i{width}"
        columns = np.frombuffer(value, kind, sizes[0], _HEAD_BYTES)
        places = np.frombuffer(value, kind, sizes[1], _HEAD_BYTES + width * sizes[0])
    except (ValueError, TypeError):
        raise CaseDamaged("a run of hits does not read") from None
    if width not in _WIDTHS or len(value) != at + _HASH_BYTES * hashes:
        raise CaseDamaged("a run of hits does not read")
    return HitRun(
        pack_id,
        block,
        record_ids,
        columns.reshape(_COLUMNS, count).astype(np.int64),
        places.reshape(_SPAN, spans).T.astype(np.int64),
        value[at:],
    )


def runs_of(found: Sequence[Found]) -> list[HitRun]:
    """Runs of these hits in their order: those that follow each other in one block together."""
    runs: list[list[Found]] = []
    for hit in found:
        if runs and runs[-1][-1][1:3] == hit[1:3]:
            runs[-1].append(hit)
        else:
            runs.append([hit])
    return [_run(run) for run in runs]


def _run(found: Sequence[Found]) -> HitRun:
    hashes = {hit.citation.text_sha256: None for hit in found}
    which = {digest: at for at, digest in enumerate(hashes)}
    rows = [
        (
            *(hit.row, hit.citation.part, hit.citation.start_byte, hit.citation.end_byte),
            *(which[hit.citation.text_sha256], len(hit.spans)),
        )
        for hit in found
    ]
    spans = [span for hit in found for span in hit.spans]
    return HitRun(
        found[0].pack_id,
        found[0].block,
        b"".join(hit.citation.record_id for hit in found),
        np.array(rows, np.int64).T,
        np.array(spans, np.int64).reshape(-1, _SPAN),
        b"".join(hashes),
    )


def _single(pack_id: bytes, block: int, record_id: bytes, value: list[object]) -> HitRun:
    row, part, start, end, digest, spans = value
    if not isinstance(digest, str) or not isinstance(spans, list):
        raise TypeError
    columns = np.array([[row], [part], [start], [end], [0], [len(spans)]], np.int64)
    places = np.array(spans, np.int64).reshape(-1, _SPAN)
    return HitRun(pack_id, block, record_id, columns, places, bytes.fromhex(digest))


def _width(tables: Sequence[Int64s]) -> int:
    """The fewest bytes that hold every number."""
    most = max((int(np.abs(held).max()) for held in tables if held.size), default=0)
    return next(width for width in _WIDTHS if most < 1 << (8 * width - 1))


class RecordsHit:
    """Which records one search has hit, and the number of each hit: 24 bytes a hit, in memory.

    Ids are sorted by their first eight bytes, in pieces of which each is larger than the next two,
    or large: a batch is added without sorting everything again, or holding it twice.
    """

    def __init__(self) -> None:
        self.last = 0
        """The highest number of these hits."""
        self._pieces: list[tuple[_Halves, _Halves, Int64s]] = []

    def add(self, record_ids: bytes, numbers: Int64s) -> None:
        """Note more hits, numbered upwards."""
        if not len(numbers):
            return
        self.last = int(numbers[-1])
        first, rest = _halves(record_ids)
        piece = _sorted(first, rest, numbers)
        while self._pieces and len(self._pieces[-1][2]) <= min(2 * len(piece[2]), _MERGED):
            before = self._pieces.pop()
            piece = _sorted(
                np.concatenate((before[0], piece[0])),
                np.concatenate((before[1], piece[1])),
                np.concatenate((before[2], piece[2])),
            )
        self._pieces.append(piece)

    def may_repeat(self, record_ids: bytes) -> bool:
        """Whether one of these may be noted already, or be there twice; mostly that is not so."""
        first, _ = _halves(record_ids)
        asked = np.sort(first)
        if bool((asked[1:] == asked[:-1]).any()):
            return True
        for held, _, _ in self._pieces:
            at = np.minimum(np.searchsorted(held, asked), len(held) - 1)
            if bool((held[at] == asked).any()):
                return True
        return False

    def record_ids(self) -> bytes:
        """The ids, one after another, in no order."""
        pieces = [np.stack((first, rest), axis=1).tobytes() for first, rest, _ in self._pieces]
        return b"".join(pieces)

    def number(self, record_id: bytes) -> int:
        """The number of the hit on this record, 0 where there is none."""
        first, rest = (half[0] for half in _halves(record_id))
        for held, rests, numbers in self._pieces:
            low, high = np.searchsorted(held, first, "left"), np.searchsorted(held, first, "right")
            for at in range(int(low), int(high)):
                if rests[at] == rest:
                    return int(numbers[at])
        return 0


_Halves = npt.NDArray[np.uint64]


def _halves(record_ids: bytes) -> tuple[_Halves, _Halves]:
    whole = np.frombuffer(record_ids, np.uint64).reshape(-1, 2)
    return np.ascontiguousarray(whole[:, 0]), np.ascontiguousarray(whole[:, 1])


def _sorted(first: _Halves, rest: _Halves, numbers: Int64s) -> tuple[_Halves, _Halves, Int64s]:
    order = np.argsort(first, kind="stable")
    return first[order], rest[order], numbers[order]


def distinct(record_ids: bytes) -> int:
    """How many different ids there are among these."""
    if not record_ids:
        return 0
    first, rest = _halves(record_ids)
    order = np.argsort(first)
    first, rest = first[order], rest[order]
    same = first[1:] == first[:-1]
    if bool((same & (rest[1:] != rest[:-1])).any()):  # some begin alike: sort by all of them
        order = np.lexsort((rest, first))
        first, rest = first[order], rest[order]
        same = (first[1:] == first[:-1]) & (rest[1:] == rest[:-1])
    return 1 + int((~same).sum())
