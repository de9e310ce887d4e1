"""Two raters, blind: whose ratings may be seen yet, and where they differ."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from pastwatch.model.hypothesis import Rated, Rating

RATERS = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Differing:
    """A cell on which raters differ: what each said first, blind, and whether one says for, one against."""

    item: str
    hypothesis: str
    said: tuple[tuple[str, Rating, str], ...]
    """Rater, rating and reason, in the order they were given."""
    opposed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Blind:
    """How far raters agree on what two or more rated without seeing each other's."""

    cells: int
    alike: int
    differing: tuple[Differing, ...]
    changed_since: int
    """Cells that a rater rated anew after the other's was open."""


def rated_by(ratings: Iterable[Rated], item: str) -> dict[str, set[str]]:
    """Who rated an item, and against which hypotheses."""
    found: dict[str, set[str]] = {}
    for one in ratings:
        if one.item == item:
            found.setdefault(one.rater, set()).add(one.hypothesis)
    return found


def is_open(ratings: Sequence[Rated], item: str, hypotheses: Collection[str]) -> bool:
    """Whether two raters have each rated the item against every hypothesis: then all may see it."""
    whole = [who for who, done in rated_by(ratings, item).items() if done >= set(hypotheses)]
    return len(whole) >= RATERS


def seen_by(
    ratings: Sequence[Rated], person: str, hypotheses: Collection[str]
) -> tuple[list[Rated], dict[str, int]]:
    """The ratings that a person may see, and how many of each item are hidden from them still."""
    opened: dict[str, bool] = {}
    seen: list[Rated] = []
    hidden: dict[str, int] = {}
    for one in ratings:
        if one.item not in opened:
            opened[one.item] = is_open(ratings, one.item, hypotheses)
        if one.rater == person or opened[one.item]:
            seen.append(one)
        else:
            hidden[one.item] = hidden.get(one.item, 0) + 1
    return seen, hidden


def is_sighted(ratings: Sequence[Rated], new: Rated, hypotheses: Collection[str]) -> bool:
    """Whether a new rating is given after another's of the same cell was open, or may have been."""
    others = any(
        (r.item, r.hypothesis) == (new.item, new.hypothesis) and r.rater != new.rater
        for r in ratings
    )
    again = any(
        (r.item, r.hypothesis, r.rater) == (new.item, new.hypothesis, new.rater) for r in ratings
    )
    return others and (again or is_open(ratings, new.item, hypotheses))


def blind(ratings: Iterable[Rated]) -> Blind:
    """How far the first ratings agree, cell by cell; what was given after seeing counts as a change."""
    first: dict[tuple[str, str], dict[str, Rated]] = {}
    changed: set[tuple[str, str, str]] = set()
    for one in ratings:
        if one.sighted:
            changed.add((one.item, one.hypothesis, one.rater))
        else:
            first.setdefault((one.item, one.hypothesis), {})[one.rater] = one
    cells = {cell: said for cell, said in first.items() if len(said) >= RATERS}
    differing = [
        Differing(
            item=item,
            hypothesis=hypothesis,
            said=tuple((r.rater, r.rating, r.reason) for r in said.values()),
            opposed=_opposed({r.rating for r in said.values()}),
        )
        for (item, hypothesis), said in cells.items()
        if len({r.rating for r in said.values()}) > 1
    ]
    return Blind(
        cells=len(cells),
        alike=len(cells) - len(differing),
        differing=tuple(differing),
        changed_since=len(changed),
    )


def _opposed(said: set[Rating]) -> bool:
    return bool(said & {Rating.C, Rating.CC}) and bool(said & {Rating.I, Rating.II})
