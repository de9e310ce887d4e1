"""How the order of hypotheses moved from one moment to the next, and which item moved it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from pastwatch.stages.assess.hypotheses import Column, Matrix, order_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """The order at one moment, and what changed it since the one before.

    `by` are the items that each alone brought the change: with any of them as it was before, the
    order would be the old one. Where no item alone did, `together` are those that matter: with any
    of them as it was, the order would be another than it is. Where none is missed because others do
    as much, `by` are those that each would have been enough without the rest.
    """

    label: str
    order: tuple[tuple[str, ...], ...]
    changed: bool
    by: tuple[str, ...] = ()
    together: tuple[str, ...] = ()


def history(matrices: Sequence[tuple[str, Matrix]]) -> tuple[Step, ...]:
    """The orders of several moments in turn, each with the items that changed it."""
    steps: list[Step] = []
    earlier: Matrix | None = None
    for label, matrix in matrices:
        order = order_of(matrix)
        if earlier is None or order == steps[-1].order:
            steps.append(Step(label=label, order=order, changed=False))
        else:
            by, together = _moved(earlier, matrix)
            steps.append(Step(label=label, order=order, changed=True, by=by, together=together))
        earlier = matrix
    return tuple(steps)


def _moved(earlier: Matrix, later: Matrix) -> tuple[tuple[str, ...], tuple[str, ...]]:
    old, new = order_of(earlier), order_of(later)
    before = {column.item: column for column in earlier.columns}
    changed = [c for c in later.columns if c.item not in before or not _same(before[c.item], c)]
    by, together = [], []
    for column in changed:
        was = before.get(column.item)
        back = order_of(later.without({column.item}) if was is None else later.with_column(was))
        if back == old:
            by.append(column.item)
        elif back != new:
            together.append(column.item)
    if by or together:
        return tuple(by), () if by else tuple(together)
    enough = tuple(c.item for c in changed if order_of(_with(earlier, c)) == new)
    return enough, () if enough else tuple(c.item for c in changed)


def _with(matrix: Matrix, column: Column) -> Matrix:
    """The matrix with this column, be its item new or there already."""
    apart = matrix.without({column.item})
    return replace(apart, columns=(*apart.columns, column))


def _same(one: Column, other: Column) -> bool:
    return (one.against, one.weight, one.root) == (other.against, other.weight, other.root)
