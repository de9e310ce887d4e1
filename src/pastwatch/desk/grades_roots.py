"""The roots by which an item may be graded 1: those its lineage counts, or those that are named."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import combinations

from pastwatch.desk.case import CaseWork
from pastwatch.desk.hypotheses import items_of
from pastwatch.desk.hypotheses_lineage import RootsTold, roots_told_of
from pastwatch.desk.rooting import Rooted, roots_of_case
from pastwatch.errors import BadValue
from pastwatch.model.hypothesis import EvidenceItem

_INDEPENDENT = 2


def counted_roots(case: CaseWork, about: str) -> tuple[str, ...]:
    """The roots that the lineage counts for a claim, or an item that rests on claims; none of others.

    BadValue where fewer than two of them are independent, in one of the statements it rests on: then
    nothing confirms it. Opens the reports of the case, logged as shown.
    """
    claims = _claims_of(case, about)
    if not claims:
        return ()
    stated = [
        one for one in roots_of_case(case, relate=False) if set(claims) & set(one.lineage.claims)
    ]
    if not stated:
        return ()
    least = min(one.independent_at_least for one in stated)
    if least < _INDEPENDENT:
        raise BadValue(
            f"credibility 1 needs two independent roots or more: the lineage of {about} counts {least}",
            hint="grade it 2, or name another root that stands apart with --roots",
        )
    return _names(stated)


def told_of(case: CaseWork, roots: Sequence[str]) -> RootsTold:
    """What the lineage tells of the roots named, and of the claims that items among them rest on."""
    items = _items(case, roots)
    told = roots_told_of(case, [*roots, *(name for one in items.values() for name in one.rests_on)])
    interests = dict(told.interests)
    for name, one in items.items():
        for claim in one.rests_on:
            if claim in told.interests:
                interests.setdefault(name, told.interests[claim])
    return RootsTold(roots=told.roots, interests=interests)


def links_of(case: CaseWork, roots: Sequence[str], told: RootsTold) -> list[tuple[str, str]]:
    """What goes back to one root among the roots named: by lineage, by what items say, by one record."""
    links = [(claim, f"root {root}") for claim, root in told.roots.items()]
    items = _items(case, roots)
    for name, one in items.items():
        if one.root:
            links.append((name, f"root {one.root}"))
        links += [(name, other) for other in one.rests_on if len(one.rests_on) == 1]
        if not one.rests_on:
            records = {c.record_id.hex() for c in one.citations}
            links += [(name, record) for record in records if len(records) == 1]
    for (a, one), (b, other) in combinations(items.items(), 2):
        shared = {c.record_id for c in one.citations} & {c.record_id for c in other.citations}
        # Claims of one report may have different roots; its bare words have not.
        if shared and not (_told(one, told) and _told(other, told)):
            links.append((a, b))
    return links


def _items(case: CaseWork, roots: Sequence[str]) -> dict[str, EvidenceItem]:
    named = {one.name: one.value for one in items_of(case)}
    return {root: named[root] for root in roots if root in named}


def _told(item: EvidenceItem, told: RootsTold) -> bool:
    return any(name in told.roots for name in item.rests_on)


def _claims_of(case: CaseWork, about: str) -> tuple[str, ...]:
    if about[:1] == "c":
        return (about,)
    items: Mapping[str, EvidenceItem] = _items(case, [about])
    return tuple(name for one in items.values() for name in one.rests_on if name[:1] == "c")


def _names(stated: Sequence[Rooted]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(root.name for one in stated for root in one.lineage.roots))
