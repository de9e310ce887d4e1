"""What the order of hypotheses hangs on: which item flips its top, and which roots it rests on."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from itertools import combinations

from pastwatch.model.hypothesis import Rating
from pastwatch.stages.assess.hypotheses import (
    Matrix,
    by_root,
    order_of,
    ranks_of,
    scores,
    top_of,
)
from pastwatch.stages.assess.scales_weighing import Weighing, weighing

ROOTS_AT_MOST = 3
"""How many roots at once are taken away to see what the top rests on."""
TRIALS_AT_MOST = 200_000
INSTEAD = (Rating.C, Rating.I, Rating.II)
"""What an item is tried as instead: C stands for all that counts nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Flip:
    """An item without which the top of the order is another."""

    item: str
    top: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Turned:
    """One rating that, given otherwise, makes another top; `instead` lists what it would be."""

    item: str
    hypothesis: str
    instead: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Lean:
    """How much of the lead of the top comes from one root; less than nothing works against it."""

    root: str
    items: tuple[str, ...]
    lead: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Dependence:
    """What the top of the order rests on.

    `lead` is how much more speaks against `runner`, the next one, than against `last`, the worst
    placed of the top: the leans add up to it. `fewest` are the smallest sets of roots without which
    the top is another, and `tried` how many roots at once were taken away to find them.
    """

    top: tuple[str, ...]
    last: str
    runner: str
    lead: float
    leans: tuple[Lean, ...]
    fewest: tuple[tuple[str, ...], ...]
    tried: int


def flips(matrix: Matrix) -> tuple[Flip, ...]:
    """Each single item whose absence makes another top, in the order of the columns."""
    before = top_of(matrix)
    found = []
    for column in matrix.columns:
        ranks = order_of(matrix.without({column.item}))
        if frozenset(ranks[0] if ranks else ()) != before:
            found.append(Flip(item=column.item, top=ranks[0] if ranks else ()))
    return tuple(found)


def turned(matrix: Matrix, by: Weighing | None = None) -> tuple[Turned, ...]:
    """Each single rating that would make another top if it were given otherwise, by all raters."""
    rule = by or weighing()
    before = top_of(matrix)
    found = []
    for column in matrix.columns:
        for at, hypothesis in enumerate(matrix.hypotheses):
            if not matrix.ranked[at]:
                continue
            instead = []
            for sign in INSTEAD:
                points = rule.against[sign]
                if points > column.at_most or points == column.against[at]:
                    continue
                against = (*column.against[:at], points, *column.against[at + 1 :])
                if top_of(matrix.with_column(replace(column, against=against))) != before:
                    instead.append(sign.value)
            if instead:
                found.append(
                    Turned(item=column.item, hypothesis=hypothesis, instead=tuple(instead))
                )
    return tuple(found)


def dependence(matrix: Matrix) -> Dependence | None:
    """What the top rests on; None where all that is ranked is one rank."""
    ranks = order_of(matrix)
    if len(ranks) < 2:  # noqa: PLR2004 - a first and a next
        return None
    score = dict(zip(matrix.hypotheses, scores(matrix), strict=True))
    last = max(ranks[0], key=score.__getitem__)
    runner = min(ranks[1], key=score.__getitem__)
    place = {name: at for at, name in enumerate(matrix.hypotheses)}
    roots = matrix.roots
    leans = [
        Lean(root=root, items=roots[root], lead=against[place[runner]] - against[place[last]])
        for root, against in by_root(matrix).items()
    ]
    fewest, tried = _fewest(matrix)
    return Dependence(
        top=ranks[0],
        last=last,
        runner=runner,
        lead=score[runner] - score[last],
        leans=tuple(sorted((one for one in leans if one.lead), key=lambda one: -one.lead)),
        fewest=fewest,
        tried=tried,
    )


def _fewest(matrix: Matrix) -> tuple[tuple[tuple[str, ...], ...], int]:
    """The smallest sets of roots without which the top is another, and how large sets were tried."""
    before, total = top_of(matrix), scores(matrix)
    telling = {root: against for root, against in by_root(matrix).items() if any(against)}
    tried = 0
    for size in range(1, min(ROOTS_AT_MOST, len(telling)) + 1):
        if math.comb(len(telling), size) > TRIALS_AT_MOST:
            break
        tried, found = size, []
        for taken in combinations(telling, size):
            left = list(total)
            for root in taken:
                left = [a - b for a, b in zip(left, telling[root], strict=True)]
            if frozenset(ranks_of(matrix, left)[0]) != before:
                found.append(taken)
        if found:
            return tuple(found), tried
    return (), tried
