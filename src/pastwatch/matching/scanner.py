"""Which rows of a block match a plan, and where: the scan that lookback and watch share."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Final

import numpy as np
import numpy.typing as npt

from pastwatch.matching.compile import Plan
from pastwatch.matching.engines import PythonFinder
from pastwatch.matching.finder import Finder, Found, nothing_found
from pastwatch.matching.lanes import Column, Lane, PartsColumn, lanes_of
from pastwatch.matching.matcher import NO_FACTS, PartSpan, RecordFacts
from pastwatch.matching.settle import Known, Settled
from pastwatch.model.query import Node

__all__ = ["BlockScanner", "Column", "Hits", "PartsColumn", "hits"]

_NONE: Final[AbstractSet[Node]] = frozenset()
Int64s = npt.NDArray[np.int64]
Rows = npt.NDArray[np.bool_]
_KEPT: Final = 4096


@dataclass(frozen=True, slots=True)
class Hits:
    """The matching rows of a block, ascending, and in their order (row, part, start, end)."""

    rows: Int64s
    spans: Int64s

    def __len__(self) -> int:
        return len(self.rows)

    def __iter__(self) -> Iterator[tuple[int, list[PartSpan]]]:
        """Each row with its spans."""
        ends = np.searchsorted(self.spans[:, 0], self.rows, side="right").tolist()
        places = list(map(tuple, self.spans[:, 1:].tolist()))
        first = 0
        for row, end in zip(self.rows.tolist(), ends, strict=True):
            yield row, places[first:end]
            first = end


_NOTHING: Final = Hits(np.zeros(0, np.int64), np.zeros((0, 4), np.int64))


class BlockScanner:
    """Finds the rows that match a plan.

    Build one a process and share it between threads; pattern databases are made at first use and
    do not pickle. `engine` is hyperscan, python, or None for hyperscan where it is installed.
    """

    def __init__(self, plan: Plan, *, engine: str | None = None) -> None:
        self.plan = plan
        name = engine or ("hyperscan" if find_spec("hyperscan") else "python")
        make = Finder if name == "hyperscan" else PythonFinder
        self._finder = make(plan.leaves)
        self._places = {leaf.node: number for number, leaf in enumerate(plan.leaves)}
        self._known: Known = {}
        self._left: dict[bytes, tuple[AbstractSet[Node], Node]] = {}
        self._without_leaves = bool(self._settled(nothing_found(len(self._places), 1)).may[0])

    def scan(
        self,
        lanes: Sequence[Lane],
        count: int,
        *,
        facts: Callable[[int], RecordFacts] | None = None,
        timed_out: list[int] | None = None,
        only: Int64s | None = None,
        within: Rows | None = None,
        stop: threading.Event | None = None,
    ) -> Hits:
        """The matching rows of a block of so many records, and where they match.

        `only`, where it is given, are the rows that may match: the block is not scanned for them.
        `within` are flags of the rows that may, of a block that is scanned.
        `facts(row)` is asked for rows alone that only the exact matcher can judge. Rows in which a
        pattern ran out of time are added to `timed_out`: count them as unreadable. Once `stop` is
        set the answer is cut short at a record, and nobody should be waiting for it.
        """
        if only is not None:
            return self._judged(only, None, lanes, facts, timed_out, stop)
        found = self._finder.find(lanes, count)
        if found is None:
            if not self._without_leaves:
                return _NOTHING
            found = nothing_found(len(self._places), count)
        settled = self._settled(found)
        if within is not None:
            settled.keep(within)
        rows, spans = settled.sure()
        unsure = np.flatnonzero(settled.unsure)
        if not len(unsure):
            return Hits(rows, spans) if len(rows) else _NOTHING
        held = found.maybe[:, unsure] if len(self._places) > 1 else None
        more = self._judged(unsure, held, lanes, facts, timed_out, stop)
        if not len(rows):
            return more
        both = np.concatenate((spans, more.spans))
        order = np.argsort(both[:, 0], kind="stable")
        return Hits(np.sort(np.concatenate((rows, more.rows))), both[order])

    def _settled(self, found: Found) -> Settled:
        return Settled(self.plan.query.root, self._places, found, known=self._known)

    def _judged(  # noqa: PLR0917 - one call, under the names of `scan`
        self,
        rows: Int64s,
        maybe: Rows | None,
        lanes: Sequence[Lane],
        facts: Callable[[int], RecordFacts] | None,
        timed_out: list[int] | None,
        stop: threading.Event | None,
    ) -> Hits:
        """What the exact matcher says of these rows; `maybe` says which leaves each may hold."""
        # Most rows hold the same few leaves as others: what is left of the query for them is kept.
        held = list(map(bytes, np.packbits(maybe.T, axis=1))) if maybe is not None else None
        kept: list[int] = []
        spans: list[tuple[int, int, int, int]] = []
        judge = self.plan.matcher.judge
        for at, row in enumerate(rows.tolist()):
            if stop is not None and stop.is_set():
                break
            absent, root = self._left_of(held[at]) if held else (_NONE, None)
            fields = {part: text for lane in lanes for part, text in lane.fields(row)}
            verdict = judge(fields, facts(row) if facts else NO_FACTS, absent=absent, root=root)
            if verdict.spans is not None:
                kept.append(row)
                spans += [(row, *span) for span in verdict.spans]
            if verdict.timed_out and timed_out is not None:
                timed_out.append(row)
        if not kept:
            return _NOTHING
        return Hits(np.array(kept), np.array(spans, np.int64).reshape(-1, 4))

    def _left_of(self, held: bytes) -> tuple[AbstractSet[Node], Node]:
        """The leaves that a row does not hold, and the query without them; a bit for each leaf."""
        left = self._left.get(held)
        if left is None:
            bits = np.unpackbits(np.frombuffer(held, np.uint8)).tolist()
            absent = frozenset(n for n, may in zip(self._places, bits, strict=False) if not may)
            left = absent, self.plan.matcher.without(absent)
            if len(self._left) > _KEPT:
                self._left.clear()  # another thread makes anew what it misses
            self._left[held] = left
        return left

    def hits(
        self,
        *,
        text: Column,
        subject: Column | None = None,
        parts: PartsColumn | None = None,
        facts: Callable[[int], RecordFacts] | None = None,
        timed_out: list[int] | None = None,
        only: Int64s | None = None,
        stop: threading.Event | None = None,
    ) -> list[tuple[int, list[PartSpan]]]:
        """As `scan`, over columns that stand in buffers of their own."""
        lanes = lanes_of(text, subject, parts)
        count = len(text[1]) - 1
        found = self.scan(lanes, count, facts=facts, timed_out=timed_out, only=only, stop=stop)
        return list(found)


def hits(
    plan: Plan,
    *,
    text: Column,
    subject: Column | None = None,
    parts: PartsColumn | None = None,
    facts: Callable[[int], RecordFacts] | None = None,
    timed_out: list[int] | None = None,
    engine: str | None = None,
) -> list[tuple[int, list[PartSpan]]]:
    """As `BlockScanner.hits`, for one block alone; over many blocks keep one scanner."""
    return BlockScanner(plan, engine=engine).hits(
        text=text, subject=subject, parts=parts, facts=facts, timed_out=timed_out
    )
