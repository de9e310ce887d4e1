"""What follows for a query from what was found of its leaves: rows that match, that may, and spans."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, assert_never

import numpy as np
import numpy.typing as npt

from pastwatch.matching.finder import Found
from pastwatch.model.query import And, Field, Near, Node, Not, Or, Phrase, Regex, Term

Flags = npt.NDArray[np.bool_]
Int64s = npt.NDArray[np.int64]
Known = dict[tuple[int, bool], list[int] | None]
_A_FEW: Final = 16


class Settled:
    """A query over the rows of one block; `places` says which number each of its leaves has."""

    def __init__(
        self,
        root: Node,
        places: Mapping[Node, int],
        found: Found,
        *,
        known: Known,
    ) -> None:
        """`known` is kept from block to block: the numbers of the leaves of a part of the query."""
        self._root, self._places, self._found = root, places, found
        self._known = known
        self._count = found.maybe.shape[1]
        self.may = self._rows(root, found.maybe)
        """Rows that may match."""
        self.unsure = self.may & self._unsure(root)
        """Rows of them that only the exact matcher can judge."""

    def keep(self, rows: Flags) -> None:
        """Rule out all rows but these."""
        self.may = self.may & rows
        self.unsure = self.unsure & rows

    def sure(self) -> tuple[Int64s, Int64s]:
        """The rows that certainly match, ascending, and their (row, part, start, end) in order."""
        found = self._found
        rows = self.may & ~self.unsure
        if not len(found.spans) or not rows.any():
            return np.flatnonzero(rows), np.zeros((0, 4), np.int64)
        if self._place(self._root) is not None:
            if len(found.maybe) == 1 and rows.sum() == found.maybe.sum():
                return np.flatnonzero(rows), _in_order(found.spans[:, 1:])
            return np.flatnonzero(rows), _in_order(found.spans[rows[found.spans[:, 1]], 1:])
        taken = np.zeros_like(found.maybe)
        self._take(self._root, rows, taken)
        spans = found.spans[taken[found.spans[:, 0], found.spans[:, 1]], 1:]
        return np.flatnonzero(rows), _once(_in_order(spans))

    def _every(self) -> Flags:
        return np.ones(self._count, np.bool_)

    def _numbers(self, node: And | Or) -> list[int] | None:
        """The numbers of what is joined, where all of it is leaves."""
        if (id(node), True) not in self._known:
            numbers = [n for part in node.nodes if (n := self._place(part)) is not None]
            every = len(numbers) == len(node.nodes)
            self._known[id(node), True] = numbers if every else None
        return self._known[id(node), True]

    def _place(self, node: Node) -> int | None:
        """The number of a leaf; what a node of a thousand others is equal to is asked only once."""
        if (id(node), False) not in self._known:
            number = self._places.get(node)
            self._known[id(node), False] = None if number is None else [number]
        known = self._known[id(node), False]
        return known[0] if known else None

    def _rows(self, node: Node, held: Flags) -> Flags:
        """The rows that may match a part of the query, if its leaves may be in these."""
        place = self._place(node)
        if place is not None:
            return np.asarray(held[place], np.bool_)
        match node:
            case Term() | Phrase() | Regex() | Field():
                return self._every()
            case Not():
                return ~self._certain(node.node)
            case Near():
                return self._rows(node.left, held) & self._rows(node.right, held)
            case And() | Or():
                join = np.logical_and if isinstance(node, And) else np.logical_or
                numbers = self._numbers(node)
                if numbers is not None:
                    return np.asarray(join.reduce(held[numbers], axis=0), np.bool_)
                return np.asarray(join.reduce([self._rows(n, held) for n in node.nodes]), np.bool_)
            case _:
                assert_never(node)

    def _certain(self, node: Node) -> Flags:
        """The rows that certainly match."""
        return self._rows(node, self._found.maybe) & ~self._unsure(node)

    def _unsure(self, node: Node) -> Flags:
        """The rows in which some leaf of it is not certain, or that more than its leaves decides."""
        place = self._place(node)
        if place is not None:
            return np.asarray(self._found.open[place], np.bool_)
        match node:
            case Term() | Phrase() | Regex() | Field() | Near():
                return self._every()
            case Not():
                return self._unsure(node.node)
            case And() | Or():
                numbers = self._numbers(node)
                if numbers is not None:
                    return np.asarray(self._found.open[numbers].any(axis=0), np.bool_)
                every = [self._unsure(inner) for inner in node.nodes]
                return np.asarray(np.logical_or.reduce(every), np.bool_)
            case _:
                assert_never(node)

    def _take(self, node: Node, rows: Flags, taken: Flags) -> None:
        """Set for each leaf the rows in which its places are part of the answer."""
        place = self._place(node)
        if place is not None:
            taken[place] |= rows
            return
        match node:
            case And() | Or():
                numbers = self._numbers(node)
                if numbers is not None and isinstance(node, Or):
                    taken[numbers] |= rows
                    return
                for inner in node.nodes:
                    self._take(inner, rows & self._rows(inner, self._found.maybe), taken)
            case _:
                pass  # what is negated, near or known by the envelope alone has no place of its own


def _in_order(spans: Int64s) -> Int64s:
    """(row, part, start, end) in that order."""
    if len(spans) < _A_FEW:
        return spans[np.lexsort((spans[:, 3], spans[:, 2], spans[:, 1], spans[:, 0]))]
    part = spans[:, 1] - spans[:, 1].min()
    place = (spans[:, 0] * (int(part.max()) + 1) + part) * (int(spans[:, 2].max()) + 1)
    place += spans[:, 2]
    step = np.diff(place)
    if (step > 0).all():
        return spans
    if (step == 0).any():
        return spans[np.lexsort((spans[:, 3], place))]
    return spans[np.argsort(place, kind="stable")]


def _once(spans: Int64s) -> Int64s:
    """Each of these, which are in order, once."""
    kept = np.ones(len(spans), np.bool_)
    kept[1:] = (spans[1:] != spans[:-1]).any(axis=1)
    return spans[kept]
