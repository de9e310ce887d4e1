"""Which rows of a block may match a plan, and which do: the scan that lookback and watch share."""

from __future__ import annotations

import threading
from collections.abc import Callable
from collections.abc import Set as AbstractSet
from importlib.util import find_spec
from typing import Final, assert_never

import numpy as np
import numpy.typing as npt

from pastwatch.matching.compile import Leaf, Plan
from pastwatch.matching.engines import HyperscanRower, PythonRower, Rower
from pastwatch.matching.matcher import NO_FACTS, SUBJECT, TEXT, PartSpan, RecordFacts
from pastwatch.model.query import And, Field, Near, Node, Not, Or, Phrase, Regex, Term

_NONE: Final[AbstractSet[Node]] = frozenset()
Buffer = bytes | bytearray | memoryview
Int64s = npt.NDArray[np.int64]
Rows = npt.NDArray[np.bool_]
Column = tuple[Buffer, Int64s]
"""UTF-8 text of all rows in one buffer, and n + 1 offsets into it."""
PartsColumn = tuple[Buffer, Int64s, Int64s]
"""As `Column`, with the record row of each attachment text, ascending."""


class BlockScanner:
    """Finds the rows that may match a plan: some too many, never one too few.

    Build one a process and share it between threads; pattern databases are made at first use and
    do not pickle. `engine` is hyperscan, python, or None for hyperscan where it is installed.
    """

    def __init__(self, plan: Plan, *, engine: str | None = None) -> None:
        self.plan = plan
        name = engine or ("hyperscan" if find_spec("hyperscan") else "python")
        make: Callable[[tuple[Leaf, ...]], Rower] = (
            HyperscanRower if name == "hyperscan" else PythonRower
        )
        self._rower = make(plan.leaves)

    def candidates(
        self,
        text: Column,
        *,
        subject: Column | None = None,
        parts: PartsColumn | None = None,
        ascii_only: bool,
    ) -> Int64s:
        """The rows that may match, ascending."""
        by_node = self._by_node(text, subject, parts, ascii_only=ascii_only)
        return self._rows(by_node, len(text[1]) - 1)

    def _rows(self, by_node: dict[Node, Rows], count: int) -> Int64s:
        return np.flatnonzero(_combined(self.plan.query.root, by_node, count))

    def _by_node(
        self,
        text: Column,
        subject: Column | None,
        parts: PartsColumn | None,
        *,
        ascii_only: bool,
    ) -> dict[Node, Rows]:
        """For each thing looked for the rows that may hold it, in any part."""
        masks = self._masks(text, ascii_only=ascii_only)
        for leaf, mask in zip(self.plan.leaves, masks, strict=True):
            if leaf.subject_only:
                mask[:] = False
        if subject is not None:
            for mask, more in zip(masks, self._masks(subject, ascii_only=ascii_only), strict=True):
                np.logical_or(mask, more, out=mask)
        if parts is not None and len(parts[2]):
            of_parts = self._masks((parts[0], parts[1]), ascii_only=ascii_only)
            for leaf, mask, more in zip(self.plan.leaves, masks, of_parts, strict=True):
                if not leaf.subject_only:
                    mask[parts[2][more]] = True
        return {leaf.node: mask for leaf, mask in zip(self.plan.leaves, masks, strict=True)}

    def _masks(self, column: Column, *, ascii_only: bool) -> list[Rows]:
        if not self.plan.leaves:
            return []
        block = memoryview(column[0])
        return self._rower.rows(block, np.asarray(column[1], np.int64), ascii_only=ascii_only)

    def hits(
        self,
        *,
        text: Column,
        subject: Column | None = None,
        parts: PartsColumn | None = None,
        facts: Callable[[int], RecordFacts] | None = None,
        ascii_only: bool,
        timed_out: list[int] | None = None,
        only: Int64s | None = None,
        stop: threading.Event | None = None,
    ) -> list[tuple[int, list[PartSpan]]]:
        """Every matching row of the block with its spans, ascending.

        `only`, where it is given, are the rows that may match: the block is not scanned for them.
        `facts(row)` is asked for candidates only. Rows in which a pattern ran out of time are
        added to `timed_out`: count them as unreadable. Once `stop` is set the answer is cut short
        at a record, and nobody should be waiting for it.
        """
        by_node: dict[Node, Rows] = {}
        rows = only
        if rows is None:
            by_node = self._by_node(text, subject, parts, ascii_only=ascii_only)
            rows = self._rows(by_node, len(text[1]) - 1)
        if not len(rows):
            return []
        held = np.stack(list(by_node.values()))[:, rows].T.tolist() if len(by_node) > 1 else None
        nodes = list(by_node)
        found: list[tuple[int, list[PartSpan]]] = []
        judge = self.plan.matcher.judge
        sheets = _Fields(text, subject, parts)
        for at, row in enumerate(rows.tolist()):
            if stop is not None and stop.is_set():
                break
            absent = (
                {n for n, may in zip(nodes, held[at], strict=True) if not may} if held else _NONE
            )
            known = facts(row) if facts else NO_FACTS
            verdict = judge(sheets.of(row), known, absent=absent)
            if verdict.spans is not None:
                found.append((row, verdict.spans))
            if verdict.timed_out and timed_out is not None:
                timed_out.append(row)
        return found


class _Fields:
    """The parts of one row at a time, cut out of a block's columns."""

    def __init__(self, text: Column, subject: Column | None, parts: PartsColumn | None) -> None:
        self._columns = [(TEXT, memoryview(text[0]), text[1].tolist())]
        if subject is not None:
            self._columns.insert(0, (SUBJECT, memoryview(subject[0]), subject[1].tolist()))
        self._parts = parts

    def of(self, row: int) -> dict[int, str | bytes]:
        fields: dict[int, str | bytes] = {
            part: str(buffer[offsets[row] : offsets[row + 1]], "utf-8")
            for part, buffer, offsets in self._columns
        }
        if self._parts is not None:
            buffer, offsets, rows = self._parts
            first, end = np.searchsorted(rows, [row, row + 1]).tolist()
            for number, at in enumerate(range(first, end), start=1):
                fields[number] = str(memoryview(buffer)[offsets[at] : offsets[at + 1]], "utf-8")
        return fields


def hits(
    plan: Plan,
    *,
    text: Column,
    subject: Column | None = None,
    parts: PartsColumn | None = None,
    facts: Callable[[int], RecordFacts] | None = None,
    ascii_only: bool,
    timed_out: list[int] | None = None,
    engine: str | None = None,
) -> list[tuple[int, list[PartSpan]]]:
    """As `BlockScanner.hits`, for one block alone; over many blocks keep one scanner."""
    return BlockScanner(plan, engine=engine).hits(
        text=text,
        subject=subject,
        parts=parts,
        facts=facts,
        ascii_only=ascii_only,
        timed_out=timed_out,
    )


def _combined(node: Node, masks: dict[Node, Rows], count: int) -> Rows:
    match node:
        case Term() | Phrase() | Regex():
            return masks[node]
        case And():
            return np.asarray(_stacked(node.nodes, masks, count).all(axis=0), np.bool_)
        case Or():
            return np.asarray(_stacked(node.nodes, masks, count).any(axis=0), np.bool_)
        case Near():
            return _combined(node.left, masks, count) & _combined(node.right, masks, count)
        case Field() if node in masks:
            return masks[node]
        case Field() | Not():
            return np.ones(count, np.bool_)
        case _:
            assert_never(node)


def _stacked(nodes: tuple[Node, ...], masks: dict[Node, Rows], count: int) -> Rows:
    return np.stack([_combined(inner, masks, count) for inner in nodes])
