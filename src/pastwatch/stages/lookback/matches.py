"""What a look found: hits as columns, of which a `Match` is made when somebody wants to see it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from itertools import chain
from typing import overload

import numpy as np
import numpy.typing as npt

from pastwatch.archive.block import OpenBlock, RecordRef
from pastwatch.casefile.hitruns import HitRun
from pastwatch.matching.lanes import Lane
from pastwatch.matching.matcher import PartSpan
from pastwatch.matching.scanner import Hits
from pastwatch.model.record import PART_TEXT, Citation

Int64s = npt.NDArray[np.int64]
_PARTS = 1 << 20


@dataclass(frozen=True, slots=True)
class Match:
    """A record that matched: where it stands, what is cited, and every matched place."""

    ref: RecordRef
    citation: Citation
    spans: tuple[PartSpan, ...]


class Matches(Sequence[Match]):
    """The matches of one block, in order.

    What is cited is read at once, while the block is open: the first place in the text, or else
    the first place, or else the whole text.
    """

    __slots__ = ("pack_id", "run")

    def __init__(self, pack_id: str, run: HitRun) -> None:
        self.pack_id, self.run = pack_id, run

    @classmethod
    def of(cls, block: OpenBlock, hits: Hits) -> Matches:
        """What was found in an open block."""
        ids = block.ids()
        rows = hits.rows
        bounds = np.full(len(rows) + 1, len(hits.spans))
        bounds[:-1] = np.searchsorted(hits.spans[:, 0], rows)
        part, start, end = _chosen(rows, hits.spans, bounds)
        cited = _cited(block.lanes, rows, part, start, end)
        which: dict[bytes, int] = {}
        places = [which.setdefault(text, len(which)) for text in cited]
        hashes = b"".join(hashlib.sha256(text).digest() for text in which)
        columns = np.empty((6, len(rows)), np.int64)
        columns[0], columns[1], columns[2] = block.rows[rows], part, start
        columns[3] = start + np.fromiter(map(len, cited), np.int64, len(cited))
        columns[4], columns[5] = places, bounds[1:] - bounds[:-1]
        record_ids = b"".join([ids[row] for row in rows.tolist()])
        pack_id = block.ref.pack_id
        octets = bytes.fromhex(pack_id)
        return cls(
            pack_id,
            HitRun(octets, block.ref.block, record_ids, columns, hits.spans[:, 1:], hashes),
        )

    def __len__(self) -> int:
        return len(self.run)

    @overload
    def __getitem__(self, at: int) -> Match: ...
    @overload
    def __getitem__(self, at: slice) -> Sequence[Match]: ...
    def __getitem__(self, at: int | slice) -> Match | Sequence[Match]:
        """One match, or several."""
        if isinstance(at, slice):
            return [self[n] for n in range(*at.indices(len(self)))]
        at = range(len(self))[at]
        ref = RecordRef(self.pack_id, self.run.block, self.run.row(at))
        return Match(ref, self.run.citation(at), self.run.spans_of(at))

    def but(self, withheld: AbstractSet[bytes]) -> Matches:
        """Those in other records than these."""
        kept = [n for n in range(len(self)) if self.run.record_id(n) not in withheld]
        return self if len(kept) == len(self) else Matches(self.pack_id, self.run.kept(kept))


class Several(Sequence[Match]):
    """The matches of several blocks, one after another."""

    def __init__(self, blocks: Sequence[Matches]) -> None:
        self.blocks = blocks

    def __len__(self) -> int:
        return sum(map(len, self.blocks))

    @overload
    def __getitem__(self, at: int) -> Match: ...
    @overload
    def __getitem__(self, at: slice) -> Sequence[Match]: ...
    def __getitem__(self, at: int | slice) -> Match | Sequence[Match]:
        """One match, or several."""
        return list(self)[at]

    def __iter__(self) -> Iterator[Match]:
        return chain.from_iterable(self.blocks)


def _chosen(rows: Int64s, spans: Int64s, bounds: Int64s) -> tuple[Int64s, Int64s, Int64s]:
    """(part, start, end) of what each row cites; the end is −1 for all of its text."""
    if not len(spans):
        none = np.zeros(len(rows), np.int64)
        return none + PART_TEXT, none, none - 1
    empty = bounds[1:] == bounds[:-1]
    if not empty.any() and not (spans[:, 1] - PART_TEXT).any():
        at = bounds[:-1]
        return spans[at, 1], spans[at, 2], spans[at, 3]
    places = spans[:, 0] * _PARTS + spans[:, 1] + 1
    wanted = rows * _PARTS + PART_TEXT + 1
    at = np.minimum(np.searchsorted(places, wanted), len(spans) - 1)
    firsts = np.minimum(bounds[:-1], len(spans) - 1)
    at = np.where(places[at] == wanted, at, firsts)
    part, start, end = spans[at, 1], spans[at, 2], spans[at, 3]
    return (
        np.where(empty, PART_TEXT, part),
        np.where(empty, 0, start),
        np.where(empty, -1, end),
    )


def _cited(
    lanes: Sequence[Lane], rows: Int64s, parts: Int64s, starts: Int64s, ends: Int64s
) -> list[bytes]:
    """The bytes that each row cites."""
    found: list[bytes] = [b""] * len(rows)
    for lane in lanes:
        mine = np.flatnonzero(parts == lane.part if lane.rows is None else parts >= lane.part)
        if not len(mine):
            continue
        texts = rows[mine]
        if lane.rows is not None and lane.numbers is not None:
            # An attachment's texts follow each other, numbered from the lane's own part.
            texts = np.searchsorted(lane.rows, texts) + parts[mine] - lane.part
        begin = lane.base + lane.offsets[texts]
        stop = np.where(ends[mine] < 0, lane.base + lane.offsets[texts + 1], begin + ends[mine])
        begin = begin + starts[mine]
        buffer = lane.buffer
        for at, first, last in zip(mine.tolist(), begin.tolist(), stop.tolist(), strict=True):
            found[at] = bytes(buffer[first:last])
    return found
