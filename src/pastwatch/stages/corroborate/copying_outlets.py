"""Which outlets take from which, how much of what each prints, and which one gathers from many."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from typing import NamedTuple

from pastwatch.stages.corroborate.copying import Article, Copy, Direction

_GATHERS_FROM = 3
_GATHERED_RATIO = 0.5
_LARGEST_RATIO = 0.6


class Outlet(NamedTuple):
    """What an outlet prints, and how much of it stands in others' earlier reports."""

    outlet: str
    reports: int
    taken: int
    """Reports that take from another's."""
    open: int
    """Reports that share a text with another's where it is not told who had it first."""
    given: int
    """Reports of others that take from its."""
    sources: tuple[tuple[str, int], ...]
    """Whom it takes from and how many reports, most first."""
    is_aggregator: bool
    """Most of it is taken, from three others or more, from none of them chiefly."""


def takings_of(articles: Sequence[Article], copies: Sequence[Copy]) -> dict[bytes, Copy]:
    """The one report each is nearest to of those it takes from: the most shared, then the earliest."""
    best: dict[bytes, Copy] = {}
    for copy in copies:
        if copy.direction in {Direction.UNKNOWN, Direction.COMMON}:
            continue
        if copy.taker.outlet == copy.giver.outlet:
            continue
        held = best.get(copy.taker.report_id)
        if held is None or _rank(copy) > _rank(held):
            best[copy.taker.report_id] = copy
    known = {a.report_id for a in articles}
    return {taker: copy for taker, copy in best.items() if taker in known}


def _rank(copy: Copy) -> tuple[float, int, str]:
    when = copy.giver.published
    return round(copy.told, 2), -(when.earliest_us if when else 1 << 62), copy.giver.outlet


def outlets_of(
    articles: Sequence[Article], takings: dict[bytes, Copy], copies: Sequence[Copy] = ()
) -> list[Outlet]:
    """A line an outlet, those that take most first."""
    printed = Counter(a.outlet for a in articles)
    taken: defaultdict[str, Counter[str]] = defaultdict(Counter)
    given: Counter[str] = Counter()
    for copy in takings.values():
        taken[copy.taker.outlet][copy.giver.outlet] += 1
        given[copy.giver.outlet] += 1
    shared: defaultdict[str, set[bytes]] = defaultdict(set)
    for copy in copies:
        if copy.direction in {Direction.UNKNOWN, Direction.COMMON}:
            for one in (copy.taker, copy.giver):
                if one.report_id not in takings and copy.taker.outlet != copy.giver.outlet:
                    shared[one.outlet].add(one.report_id)
    lines = []
    for outlet, reports in printed.items():
        sources = taken[outlet].most_common()
        whole = sum(n for _, n in sources)
        gathers = (
            whole >= _GATHERED_RATIO * reports
            and len(sources) >= _GATHERS_FROM
            and sources[0][1] <= _LARGEST_RATIO * whole
        )
        lines.append(
            Outlet(
                outlet, reports, whole, len(shared[outlet]), given[outlet], tuple(sources), gathers
            )
        )
    return sorted(lines, key=lambda line: (-line.taken / line.reports, line.outlet))
