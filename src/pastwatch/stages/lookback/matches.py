"""What a look found: hits as columns, of which a `Match` is made when somebody wants to see it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import overload

import numpy as np
import numpy.typing as npt

from pastwatch.archive.block import OpenBlock, RecordRef
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

    def __init__(self, block: OpenBlock, hits: Hits) -> None:
        self._pack_id, self._block = block.ref.pack_id, block.ref.block
        ids = block.ids()
        rows = hits.rows
        self._ids = [ids[row] for row in rows.tolist()]
        self._rows = block.rows[rows]
        self._spans = hits.spans
        self._bounds = np.searchsorted(hits.spans[:, 0], np.append(rows, _PARTS))
        part, start, end = _chosen(rows, hits.spans, self._bounds)
        cited = _cited(block.lanes, rows, part, start, end)
        digests = {text: hashlib.sha256(text).digest() for text in set(cited)}
        self._cited = list(
            zip(
                part.tolist(),
                start.tolist(),
                (start + np.array(list(map(len, cited)), np.int64)).tolist(),
                map(digests.__getitem__, cited),
                strict=True,
            )
        )

    def __len__(self) -> int:
        return len(self._ids)

    @overload
    def __getitem__(self, at: int) -> Match: ...
    @overload
    def __getitem__(self, at: slice) -> Sequence[Match]: ...
    def __getitem__(self, at: int | slice) -> Match | Sequence[Match]:
        """One match, or several."""
        if isinstance(at, slice):
            return [self[n] for n in range(*at.indices(len(self)))]
        at = range(len(self))[at]
        part, start, end, digest = self._cited[at]
        citation = Citation(
            record_id=self._ids[at], part=part, start_byte=start, end_byte=end, text_sha256=digest
        )
        spans = self._spans[self._bounds[at] : self._bounds[at + 1], 1:].tolist()
        ref = RecordRef(self._pack_id, self._block, int(self._rows[at]))
        return Match(ref, citation, tuple(map(tuple, spans)))

    def __iter__(self) -> Iterator[Match]:
        places = list(map(tuple, self._spans[:, 1:].tolist()))
        bounds, pack_id, block = self._bounds.tolist(), self._pack_id, self._block
        for at, (record_id, row) in enumerate(zip(self._ids, self._rows.tolist(), strict=True)):
            part, start, end, digest = self._cited[at]
            yield Match(
                RecordRef(pack_id, block, row),
                Citation(
                    record_id=record_id,
                    part=part,
                    start_byte=start,
                    end_byte=end,
                    text_sha256=digest,
                ),
                tuple(places[bounds[at] : bounds[at + 1]]),
            )


class Several(Sequence[Match]):
    """The matches of several blocks, one after another."""

    def __init__(self, blocks: Sequence[Sequence[Match]]) -> None:
        self._blocks = blocks

    def __len__(self) -> int:
        return sum(map(len, self._blocks))

    @overload
    def __getitem__(self, at: int) -> Match: ...
    @overload
    def __getitem__(self, at: slice) -> Sequence[Match]: ...
    def __getitem__(self, at: int | slice) -> Match | Sequence[Match]:
        """One match, or several."""
        return list(self)[at]

    def __iter__(self) -> Iterator[Match]:
        return chain.from_iterable(self._blocks)


def _chosen(rows: Int64s, spans: Int64s, bounds: Int64s) -> tuple[Int64s, Int64s, Int64s]:
    """(part, start, end) of what each row cites; the end is −1 for all of its text."""
    if not len(spans):
        none = np.zeros(len(rows), np.int64)
        return none + PART_TEXT, none, none - 1
    places = spans[:, 0] * _PARTS + spans[:, 1] + 1
    wanted = rows * _PARTS + PART_TEXT + 1
    at = np.minimum(np.searchsorted(places, wanted), len(spans) - 1)
    firsts = np.minimum(bounds[:-1], len(spans) - 1)
    at = np.where(places[at] == wanted, at, firsts)
    part, start, end = spans[at, 1], spans[at, 2], spans[at, 3]
    empty = bounds[1:] == bounds[:-1]
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
