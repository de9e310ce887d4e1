"""Many queries over one block: each record is judged by those alone whose words all stand in it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from pastwatch.archive.columns import joined, text_column
from pastwatch.archive.rowwords import Words
from pastwatch.archive.tokens import row_hashes
from pastwatch.matching.compile import Plan
from pastwatch.matching.engines import PythonFinder
from pastwatch.matching.finder import Finder, nothing_found
from pastwatch.matching.lanes import Lane
from pastwatch.matching.matcher import RecordFacts, Sheet
from pastwatch.matching.settle import Known, Settled
from pastwatch.model.query import Node

Hashes = npt.NDArray[np.uint32]
Int64s = npt.NDArray[np.int64]
_CELL_BITS: Final = 20
_CELL_SHIFT: Final = np.uint32(32 - _CELL_BITS)


@dataclass(slots=True)
class Met:
    """What one query made of a block: the records it matches, the time it took, patterns given up."""

    rows: list[int]
    seconds: float = 0.0
    timed_out: int = 0
    judged: int = 0


@dataclass(frozen=True, slots=True)
class _Wanted:
    """The words that queries require, under one key: each hash with its group, sorted by hash."""

    hashes: Hashes
    groups: Int64s
    cells: npt.NDArray[np.bool_]  # by the high bits of a hash: whether any such is wanted


class Many:
    """The plans of a set of queries; `examine` finds for each the records that a scan finds."""

    def __init__(self, plans: Sequence[Plan], *, engine: str | None = None) -> None:
        self.plans = tuple(plans)
        self._engine = engine
        groups = [(n, words) for n, plan in enumerate(plans) for words in plan.required or ()]
        self._group_plan = np.array([number for number, _ in groups], np.int64)
        self._group_words = [" ".join(sorted(words)).encode() for _, words in groups]
        self._needed = np.bincount(self._group_plan, minlength=len(self.plans))
        self._wanted: tuple[bytes, _Wanted] | None = None
        self._free = [n for n, plan in enumerate(self.plans) if not plan.required]
        self._finder: Finder | PythonFinder | None = None
        self._places: dict[Node, int] = {}

    def examine(
        self,
        lanes: Sequence[Lane],
        count: int,
        *,
        words: Words,
        key: bytes,
        facts: Callable[[int], RecordFacts],
        without: frozenset[int] = frozenset(),
    ) -> dict[int, Met]:
        """By the number of a query what it met in a block of `count` records.

        `words` are all words of the block under `key`, of every lane. Queries whose numbers stand
        in `without` are passed over; one that no record called for is not in the answer.
        """
        found: dict[int, Met] = {}
        row, sheet = -1, None
        for at, number in self._called(lanes, count, words, key):
            if number in without:
                continue
            if at != row or sheet is None:
                row = at
                fields = {part: text for lane in lanes for part, text in lane.fields(row)}
                sheet = Sheet(fields, facts(row), placed=False)
            met = found.setdefault(number, Met([]))
            begun = time.thread_time()
            verdict = self.plans[number].matcher.judge_sheet(sheet)
            met.seconds += time.thread_time() - begun
            met.judged += 1
            met.timed_out += verdict.timed_out
            if verdict.spans is not None:
                met.rows.append(row)
        return found

    def _called(
        self, lanes: Sequence[Lane], count: int, words: Words, key: bytes
    ) -> Iterator[tuple[int, int]]:
        """(record, query) where the query may match the record, in order of records."""
        pairs = np.concatenate((self._by_words(words, key), self._by_pattern(lanes, count)))
        pairs = pairs[np.lexsort((pairs[:, 1], pairs[:, 0]))]
        yield from zip(pairs[:, 0].tolist(), pairs[:, 1].tolist(), strict=True)

    def _by_words(self, words: Words, key: bytes) -> Int64s:
        """(record, query) of the queries all of whose required words stand in the record."""
        wanted = self._under(key)
        hashes, rows = words
        likely = np.flatnonzero(wanted.cells[hashes >> _CELL_SHIFT])
        if not len(likely):
            return np.zeros((0, 2), np.int64)
        held = hashes[likely]
        first = np.searchsorted(wanted.hashes, held)
        each = np.searchsorted(wanted.hashes, held, side="right") - first
        begin = np.repeat(first, each)
        inner = np.arange(int(each.sum())) - np.repeat(np.cumsum(each) - each, each)
        width = max(len(self._group_plan), 1)
        both = np.unique(np.repeat(rows[likely], each) * width + wanted.groups[begin + inner])
        plans = max(len(self.plans), 1)
        pairs, met = np.unique(
            both // width * plans + self._group_plan[both % width], return_counts=True
        )
        whole = pairs[met == self._needed[pairs % plans]]
        return np.stack((whole // plans, whole % plans), axis=1)

    def _under(self, key: bytes) -> _Wanted:
        if self._wanted is None or self._wanted[0] != key:
            column = text_column(joined(self._group_words, pa.large_binary()))
            hashes, groups = row_hashes(column, key)
            order = np.argsort(hashes, kind="stable")
            cells = np.zeros(1 << _CELL_BITS, np.bool_)
            cells[hashes >> _CELL_SHIFT] = True
            self._wanted = key, _Wanted(hashes[order], groups[order], cells)
        return self._wanted[1]

    def _by_pattern(self, lanes: Sequence[Lane], count: int) -> Int64s:
        """(record, query) of the queries that require no word: one pass over the block for all."""
        if not self._free:
            return np.zeros((0, 2), np.int64)
        if self._finder is None:
            leaves = {leaf.node: leaf for n in self._free for leaf in self.plans[n].leaves}
            name = self._engine or ("hyperscan" if find_spec("hyperscan") else "python")
            make = Finder if name == "hyperscan" else PythonFinder
            self._finder = make(tuple(leaves.values()))
            self._places = {node: number for number, node in enumerate(leaves)}
        found = self._finder.find(lanes, count) or nothing_found(len(self._places), count)
        known: Known = {}
        pairs = [np.zeros((0, 2), np.int64)]
        for number in self._free:
            settled = Settled(self.plans[number].query.root, self._places, found, known=known)
            may = np.flatnonzero(settled.may)
            pairs.append(np.stack((may, np.full(len(may), number)), axis=1))
        return np.concatenate(pairs)


def words_in(lanes: Sequence[Lane], key: bytes) -> Words:
    """Every word of a block under a key, with the record it stands in."""
    found = [(lane, *row_hashes((lane.buffer, lane.offsets + lane.base), key)) for lane in lanes]
    hashes = np.concatenate([np.zeros(0, np.uint32), *(held for _, held, _ in found)])
    rows = np.concatenate([np.zeros(0, np.int64), *(lane.records(at) for lane, _, at in found)])
    return hashes, rows
