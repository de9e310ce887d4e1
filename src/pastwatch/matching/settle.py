"""What follows for a query from what was found of its leaves: rows that match, that may, and spans."""

from __future__ import annotations

from collections.abc import Mapping
from typing import assert_never

import numpy as np
import numpy.typing as npt

from pastwatch.matching.finder import Found
from pastwatch.model.query import And, Field, Near, Node, Not, Or, Phrase, Regex, Term

Flags = npt.NDArray[np.bool_]
Int64s = npt.NDArray[np.int64]


class Settled:
    """A query over the rows of one block; `places` says which number each of its leaves has."""

    def __init__(
        self,
        root: Node,
        places: Mapping[Node, int],
        found: Found,
        *,
        known: dict[int, list[int] | None],
    ) -> None:
        """`known` is kept from block to block: what the leaves of a part of the query are numbered."""
        self._root, self._places, self._found = root, places, found
        self._known = known
        self._count = found.maybe.shape[1]
        self.may = self._rows(root, found.maybe)
        """Rows that may match."""
        self.unsure = self.may & self._unsure(root)
        """Rows of them that only the exact matcher can judge."""

    def sure(self) -> tuple[Int64s, Int64s]:
        """The rows that certainly match, ascending, and their (row, part, start, end) in order."""
        found = self._found
        rows = self.may & ~self.unsure
        if not len(found.spans) or not rows.any():
            return np.flatnonzero(rows), np.zeros((0, 4), np.int64)
        if self._root in self._places:
            spans = found.spans[rows[found.spans[:, 1]], 1:]
        else:
            taken = np.zeros_like(found.maybe)
            self._take(self._root, rows, taken)
            spans = np.unique(found.spans[taken[found.spans[:, 0], found.spans[:, 1]], 1:], axis=0)
            return np.flatnonzero(rows), spans
        order = np.lexsort((spans[:, 2], spans[:, 1], spans[:, 0]))
        return np.flatnonzero(rows), spans[order]

    def _every(self) -> Flags:
        return np.ones(self._count, np.bool_)

    def _numbers(self, node: And | Or) -> list[int] | None:
        """The numbers of what is joined, where all of it is leaves."""
        if id(node) not in self._known:
            inner = node.nodes
            every = all(part in self._places for part in inner)
            self._known[id(node)] = [self._places[part] for part in inner] if every else None
        return self._known[id(node)]

    def _rows(self, node: Node, held: Flags) -> Flags:
        """The rows that may match a part of the query, if its leaves may be in these."""
        match node:
            case Term() | Phrase() | Regex() | Field():
                return held[self._places[node]] if node in self._places else self._every()
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
        match node:
            case Term() | Phrase() | Regex() | Field() if node in self._places:
                held: Flags = self._found.open[self._places[node]]
                return held
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
        match node:
            case Term() | Phrase() | Regex() | Field():
                if node in self._places:
                    taken[self._places[node]] |= rows
            case And() | Or():
                numbers = self._numbers(node)
                if numbers is not None and isinstance(node, Or):
                    taken[numbers] |= rows
                    return
                for inner in node.nodes:
                    self._take(inner, rows & self._rows(inner, self._found.maybe), taken)
            case Not() | Near():
                pass
            case _:
                assert_never(node)
