"""What leaves a case beside its records: findings, grades, and actors of those who are named."""

from __future__ import annotations

from collections.abc import Collection

from pastwatch.archive.identity import normal_address
from pastwatch.desk.case import CaseWork
from pastwatch.desk.exporting.choosing import Chosen
from pastwatch.desk.grades import ITEM_GRADE, SOURCE_GRADE
from pastwatch.desk.identifying import actors, as_account
from pastwatch.model.assessment import Finding
from pastwatch.model.grading import ItemGrade, SourceGrade
from pastwatch.model.party import Actor
from pastwatch.model.source import Source


def findings_of(case: CaseWork) -> tuple[Finding, ...]:
    """The findings that stand, but those that cite a record judged protected."""
    shut = case.papers.protected_ids()
    return tuple(
        f for f in case.papers.findings() if not any(c.record_id in shut for c in f.citations)
    )


def sources_of(case: CaseWork, chosen: Chosen) -> tuple[Source, ...]:
    """The sources that the records come from, and no other."""
    index, held = chosen.index, case.office.sources()
    packs = {int(pack) for pack in index.pack[chosen.order[chosen.order >= 0]]}
    ids = {index.source[pack] for pack in packs}
    brought = {b.ref.pack_id for b in chosen.brought}
    ids |= {b.source_id for gate in case.annexes for b in gate.blocks if b.pack_id in brought}
    return tuple(source for source_id, source in held.items() if source_id in ids)


def source_grades_of(case: CaseWork, sources: Collection[Source]) -> tuple[SourceGrade, ...]:
    """The grade that stands of each of these sources."""
    names = {source.name for source in sources}
    last = {g.value.source: g.value for g in case.papers.entered(SOURCE_GRADE, SourceGrade)}
    return tuple(last[name] for name in sorted(names & last.keys()))


def item_grades_of(
    case: CaseWork, chosen: Chosen, findings: Collection[Finding]
) -> tuple[ItemGrade, ...]:
    """The grades that stand of records and findings that leave; not those of claims and exhibits."""
    given = [g.value for g in case.papers.entered(ITEM_GRADE, ItemGrade)]
    if not given:
        return ()
    ids = {chosen.index.record_ids[at].tobytes().hex() for at in chosen.order.tolist() if at >= 0}
    ids |= {one.record_id.hex() for one in chosen.brought} | {f.finding_id for f in findings}
    last = {(g.about, g.question): g for g in given}
    return tuple(g for _, g in sorted(last.items()) if g.about in ids)


def actors_of(case: CaseWork, chosen: Chosen, *, real_names: bool) -> tuple[Actor, ...]:
    """The actors that stand, with those of their accounts that leave under their own names."""
    surveyed = chosen.surveyed
    spelt = surveyed.named | surveyed.others if real_names else surveyed.named
    told = {(medium, address) for medium, address, _ in spelt}
    found = []
    for known in actors(case):
        accounts = tuple(as_account(one.account) for one in known.accounts)
        own = tuple(a for a in accounts if (a.medium, normal_address(a.address)) in told)
        if own and known.basis:
            found.append(
                Actor(actor_id=known.name, label=known.label, accounts=own, basis=known.basis)
            )
    return tuple(found)
