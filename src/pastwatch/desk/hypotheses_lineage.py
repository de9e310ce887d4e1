"""The roots that the lineage of a case's claims tells, for items and grades that rest on claims."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from pastwatch.desk.case import CaseWork
from pastwatch.desk.rooting import roots_of_case


@dataclass(frozen=True, slots=True, kw_only=True)
class RootsTold:
    """By claim: the one root it goes back to, and on whose side that root stands, where it is told.

    A claim that adds no root of its own, as in a copy, goes with the first root of its statement. One
    that goes back to several roots, or to none that is told, is in neither.
    """

    roots: Mapping[str, str]
    interests: Mapping[str, str]


def roots_told(case: CaseWork) -> RootsTold:
    """Read the lineage of the claims as their relations stand; opens the reports, logged as shown."""
    roots: dict[str, str] = {}
    interests: dict[str, str] = {}
    for statement in roots_of_case(case, relate=False):
        side = {root.name: root.interest for root in statement.lineage.roots}
        for chain in statement.chains:
            own = chain.roots or tuple(side)[:1]
            if len(own) == 1:
                roots[chain.claim] = own[0]
                if side[own[0]]:
                    interests[chain.claim] = side[own[0]]
    return RootsTold(roots=roots, interests=interests)


def roots_told_of(case: CaseWork, names: Iterable[str]) -> RootsTold:
    """The same where a claim is named; nothing is opened where none is."""
    if any(name[:1] == "c" and name[1:].isdigit() for name in names):
        return roots_told(case)
    return RootsTold(roots={}, interests={})
