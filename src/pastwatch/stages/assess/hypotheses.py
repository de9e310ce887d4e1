"""Hold items against hypotheses: weighted inconsistencies, one root once, as an order with ties.

The order says what speaks against which hypothesis. It is no probability, and nothing here turns it
into one, nor into a word of likelihood (Heuer 1999, chapter 8).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from pastwatch.errors import UsageError
from pastwatch.model.hypothesis import (
    EvidenceItem,
    Hypothesis,
    HypothesisSort,
    Rated,
    Rating,
)
from pastwatch.stages.assess.diagnostic import steps_apart, worth_of
from pastwatch.stages.assess.scales_weighing import Weighing, weighing

LEAST_HYPOTHESES = 3
_SAME = 1e-9  # sums of the same weights in another order


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One item against every hypothesis, in the order of the matrix.

    `against` is what each rating counts before the weight, the mean of the raters; `at_most` caps it
    (a finding of nothing). `rated` are the ratings by hypothesis, then by rater.
    """

    item: str
    root: str
    weight: float
    against: tuple[float, ...]
    steps: float
    at_most: float
    rated: tuple[tuple[tuple[str, Rating], ...], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Matrix:
    """Hypotheses in rows, items in columns; `ranked` leaves out "none of these"."""

    hypotheses: tuple[str, ...]
    ranked: tuple[bool, ...]
    columns: tuple[Column, ...]
    tie_within: float

    def without(self, items: Collection[str]) -> Matrix:
        """The matrix as if these items had never been there."""
        return replace(self, columns=tuple(c for c in self.columns if c.item not in items))

    def with_column(self, column: Column) -> Matrix:
        """The matrix with another column for the item that the column names."""
        return replace(
            self, columns=tuple(column if c.item == column.item else c for c in self.columns)
        )

    @property
    def roots(self) -> dict[str, tuple[str, ...]]:
        """The items of each root, roots in the order of their first item."""
        found: dict[str, list[str]] = {}
        for column in self.columns:
            found.setdefault(column.root, []).append(column.item)
        return {root: tuple(items) for root, items in found.items()}


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """A hypothesis in the order: its rank, and the weighted sum of what speaks against it.

    Rank 0 stands apart: "none of these" forbids nothing, so that nothing can speak against it.
    """

    hypothesis: str
    rank: int
    against: float
    inconsistent: int
    very_inconsistent: int


def check_set(hypotheses: Iterable[Hypothesis]) -> None:
    """UsageError unless they are three or more, with none-of-these and one that a person argues."""
    given = [one.sort for one in hypotheses]
    if len(given) < LEAST_HYPOTHESES:
        raise UsageError(
            f"{len(given)} of at least {LEAST_HYPOTHESES} hypotheses: nothing is held against them yet",
            hint="add what else could explain it: 'pastwatch hypotheses add'",
        )
    if HypothesisSort.NONE not in given:
        raise UsageError(
            "no hypothesis says that it is none of these, or cannot be told",
            hint="'pastwatch hypotheses add --none'",
        )
    if HypothesisSort.ARGUED not in given:
        raise UsageError(
            "no hypothesis is argued for by a named person",
            hint="'pastwatch hypotheses add … --argued-by NAME'",
        )


def matrix_of(
    hypotheses: Mapping[str, Hypothesis],
    items: Mapping[str, EvidenceItem],
    ratings: Iterable[Rated],
    *,
    roots: Mapping[str, str] | None = None,
    by: Weighing | None = None,
) -> Matrix:
    """The matrix of what was rated; a rater's last rating of a cell counts.

    `roots` names the root of items by item, over what the items say themselves; an item of no root
    is a root of its own.
    """
    rule = by or weighing()
    names = tuple(hypotheses)
    cells: dict[tuple[str, str], dict[str, Rating]] = {}
    for one in ratings:
        if one.item in items and one.hypothesis in hypotheses:
            cells.setdefault((one.item, one.hypothesis), {})[one.rater] = one.rating
    ranked = tuple(hypotheses[name].sort is not HypothesisSort.NONE for name in names)
    columns = tuple(
        _column(
            item,
            value,
            [cells.get((item, name), {}) for name in names],
            ranked=ranked,
            root=(roots or {}).get(item) or value.root or item,
            rule=rule,
        )
        for item, value in items.items()
    )
    return Matrix(hypotheses=names, ranked=ranked, columns=columns, tie_within=rule.tie_within)


def _column(
    name: str,
    item: EvidenceItem,
    cells: Sequence[Mapping[str, Rating]],
    *,
    ranked: Sequence[bool],
    root: str,
    rule: Weighing,
) -> Column:
    most = (
        rule.against[Rating.II]
        if item.unfound is None
        else worth_of(item.unfound, rule).against_at_most
    )
    against = tuple(min(_mean([rule.against[r] for r in c.values()]) or 0.0, most) for c in cells)
    floor = rule.step[Rating.II] if most >= rule.against[Rating.II] else rule.step[Rating.I]
    stands = [
        _mean([max(rule.step[r], floor) for r in c.values() if r in rule.step]) for c in cells
    ]
    told = [stand for stand, counts in zip(stands, ranked, strict=True) if counts]
    return Column(
        item=name,
        root=root,
        weight=rule.weight_of(item.credibility, item.relevance),
        against=against,
        steps=steps_apart(told) if most else 0.0,
        at_most=most,
        rated=tuple(tuple(c.items()) for c in cells),
    )


def _mean(values: Sequence[float]) -> float | None:
    return sum(values) / len(values) if values else None


def by_root(matrix: Matrix) -> dict[str, tuple[float, ...]]:
    """What each root speaks against each hypothesis: the most that any item of it does."""
    found: dict[str, tuple[float, ...]] = {}
    for column in matrix.columns:
        own = tuple(column.weight * one for one in column.against)
        other = found.get(column.root)
        found[column.root] = own if other is None else tuple(map(max, own, other))
    return found


def scores(matrix: Matrix) -> tuple[float, ...]:
    """The weighted sum of inconsistencies of each hypothesis, one root once."""
    total = [0.0] * len(matrix.hypotheses)
    for against in by_root(matrix).values():
        for at, one in enumerate(against):
            total[at] += one
    return tuple(total)


def ranks_of(matrix: Matrix, against: Sequence[float]) -> tuple[tuple[str, ...], ...]:
    """The hypotheses by the least that speaks against them; a rank holds all within the tolerance.

    A rank begins at its least score and reaches as far as the tolerance from there.
    """
    pairs = zip(matrix.hypotheses, against, matrix.ranked, strict=True)
    order = sorted(((score, name) for name, score, ranked in pairs if ranked), key=lambda p: p[0])
    ranks: list[list[str]] = []
    first = 0.0
    for score, name in order:
        if not ranks or score - first > matrix.tie_within + _SAME:
            ranks.append([])
            first = score
        ranks[-1].append(name)
    place = {name: at for at, name in enumerate(matrix.hypotheses)}
    return tuple(tuple(sorted(rank, key=place.__getitem__)) for rank in ranks)


def order_of(matrix: Matrix) -> tuple[tuple[str, ...], ...]:
    """The ranks as the matrix stands, the fewest inconsistencies first."""
    return ranks_of(matrix, scores(matrix))


def top_of(matrix: Matrix) -> frozenset[str]:
    """The hypotheses of the first rank."""
    ranks = order_of(matrix)
    return frozenset(ranks[0]) if ranks else frozenset()


def standings(matrix: Matrix) -> tuple[Standing, ...]:
    """Every hypothesis with its rank and what speaks against it, first ranks first, none-of-these last."""
    against = dict(zip(matrix.hypotheses, scores(matrix), strict=True))
    counted = {name: _signs(matrix, at) for at, name in enumerate(matrix.hypotheses)}
    ranked = [
        (number, name)
        for number, rank in enumerate(order_of(matrix), 1)
        for name in sorted(rank, key=lambda n: against[n])
    ]
    apart = [(0, n) for n, r in zip(matrix.hypotheses, matrix.ranked, strict=True) if not r]
    return tuple(
        Standing(
            hypothesis=name,
            rank=number,
            against=round(against[name], 6),
            inconsistent=counted[name][0],
            very_inconsistent=counted[name][1],
        )
        for number, name in ranked + apart
    )


def _signs(matrix: Matrix, at: int) -> tuple[int, int]:
    """How many items were rated I, and how many II, by any rater, and count."""
    mild = strong = 0
    for column in matrix.columns:
        said = {rating for _, rating in column.rated[at]} if column.rated else set()
        if Rating.II in said and column.at_most:
            strong += 1
        elif Rating.I in said and column.at_most:
            mild += 1
    return mild, strong


def most_diagnostic(matrix: Matrix) -> tuple[Column, ...]:
    """The columns, those that tell the hypotheses furthest apart first, then the heavier."""
    return tuple(sorted(matrix.columns, key=lambda c: (-c.steps, -c.weight)))
