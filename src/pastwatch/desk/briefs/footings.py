"""What each finding of a case rests on at this moment: a snapshot that a later one is held against."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from pastwatch.archive.grant import packs_bound
from pastwatch.archive.identity import normal_address
from pastwatch.casefile.relations import KeptRelation
from pastwatch.desk.case import CaseWork
from pastwatch.model.assessment import Coverage, Finding, FindingKind
from pastwatch.model.authority import Authority
from pastwatch.model.claim import Claim
from pastwatch.model.edition import Footing, Support, SupportKind
from pastwatch.model.exhibit import Exhibit
from pastwatch.model.plain import to_plain
from pastwatch.model.record import Record
from pastwatch.model.timeline import Entry
from pastwatch.model.track import Tracks

STANDS, STRUCK, UNDONE = "stands", "struck", "undone"
FIGURES = ("held", "in_scope", "readable", "scanned", "matched")
"""The figures of a coverage that say how far was looked; reading on changes none of them."""
_THINGS: dict[str, type[object]] = {
    "claim": Claim,
    "exhibit": Exhibit,
    "track": Tracks,
    "entry": Entry,
}
_IS = "is"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """All that the findings of a case can rest on, read once."""

    judged: Mapping[bytes, str]
    relations: Sequence[KeptRelation]
    things: Sequence[tuple[str, str, str]]
    """Name, state, and the thing itself as text that its records' ids are looked for in."""
    wide: Sequence[Support]
    """What bears on every finding that says how much there is: packs, annexes."""
    every: Sequence[Support]
    """What bears on every finding: the authority."""


def ground_of(case: CaseWork) -> Ground:
    """Read what findings can rest on, as it stands now; nothing is opened for it."""
    judged: dict[bytes, list[str]] = {}
    for one in case.papers.latest_judgements():
        judged.setdefault(one.record_id, []).append(f"{one.reviewer}={one.code}")
    return Ground(
        judged={record_id: "; ".join(sorted(said)) for record_id, said in judged.items()},
        relations=case.papers.relations(undone=True),
        things=[
            (one.name, STRUCK if one.struck else STANDS, json.dumps(to_plain(one.value)))
            for kind, of in _THINGS.items()
            for one in case.papers.entered(kind, of, struck=True)
        ],
        wide=(*_packs(case), *(_authority(case, gate.authority) for gate in case.annexes)),
        every=(_authority(case, case.authority),),
    )


def footing_of(
    case: CaseWork,
    finding: Finding,
    ground: Ground,
    *,
    accounts: Sequence[str],
    version: int,
    coverage: Coverage | None = None,
) -> Footing:
    """What one finding rests on; `coverage` is the present one where it is not that of the finding."""
    cited = list(dict.fromkeys(c.record_id for c in finding.citations))
    found = list(ground.every)
    found += [
        Support(
            kind=SupportKind.JUDGEMENT, name=record_id.hex(), state=ground.judged.get(record_id, "")
        )
        for record_id in cited
    ]
    names = [record_id.hex() for record_id in cited]
    things = [
        (name, state)
        for name, state, text in ground.things
        if any(hexed in text for hexed in names)
    ]
    found += [Support(kind=SupportKind.THING, name=name, state=state) for name, state in things]
    found += _relations(ground.relations, {*names, *(name for name, _ in things)}, accounts)
    if finding.coverage is not None:
        found += _looked(case, coverage or finding.coverage, finding.coverage.queries)
    if finding.coverage is not None or finding.kind is FindingKind.JUDGEMENT:
        found += ground.wide
    return Footing(
        finding_id=finding.finding_id,
        since_version=version,
        supports=tuple(found),
        accounts=tuple(accounts),
    )


def accounts_in(
    case: CaseWork, finding: Finding, records: Mapping[bytes, Record]
) -> tuple[str, ...]:
    """The accounts named in the records that a finding cites, as relations name them."""
    media = {i: source.medium for i, source in case.office.sources().items()}
    named: dict[str, None] = {}
    for cited in finding.citations:
        record = records.get(cited.record_id)
        if record is None:
            continue
        medium = media.get(record.envelope.source_id, "")
        for party in (record.sender, *record.recipients):
            if party is not None and (address := normal_address(party.address)):
                named[f"{medium}:{address}"] = None
    return tuple(named)


def coverage_now(case: CaseWork, finding: Finding) -> Coverage | None:
    """The coverage, as of now, of the searches that a finding of nothing rests on."""
    if finding.coverage is None:
        return None
    asked = set(finding.coverage.queries)
    ids = tuple(s.query_id for s in case.papers.searches() if s.text in asked)
    return case.coverage(ids)


def _relations(
    kept: Sequence[KeptRelation], names: set[str], accounts: Iterable[str]
) -> list[Support]:
    """Relations that join one of these: what is argued of a cited record, or of who speaks in it."""
    own = set(accounts)
    own |= {k.relation.to_id for k in kept if k.relation.kind == _IS and k.relation.from_id in own}
    return [
        Support(
            kind=SupportKind.RELATION,
            name=k.relation.relation_id,
            state=f"{k.relation.kind}, {UNDONE if k.undoing else STANDS}",
        )
        for k in kept
        if {k.relation.from_id, k.relation.to_id} & (names | own)
    ]


def _looked(case: CaseWork, coverage: Coverage, queries: Sequence[str]) -> list[Support]:
    searches = [s for s in case.papers.searches() if s.text in set(queries)]
    return [
        *(
            Support(kind=SupportKind.COVERAGE, name=name, state=str(getattr(coverage, name)))
            for name in FIGURES
        ),
        *(
            Support(
                kind=SupportKind.SEARCH,
                name=s.query_id,
                state=f"{case.papers.count_hits(s.query_id)} hits" if s.ended else "not ended",
            )
            for s in searches
        ),
    ]


def _packs(case: CaseWork) -> list[Support]:
    """What each source holds in scope: packs, records, and a digest of which; a repack keeps it."""
    by_source: dict[str, list[tuple[str, int]]] = {}
    for row in packs_bound(case.office.catalogue, case.authority):
        by_source.setdefault(row.source_id, []).append((row.root, row.records))
    names = {i: source.name for i, source in case.office.sources().items()}
    return [
        Support(
            kind=SupportKind.PACKS,
            name=names.get(source_id, source_id),
            state=f"{len(rows)} {'pack' if len(rows) == 1 else 'packs'} of "
            f"{sum(n for _, n in rows)} records, {_digest(root for root, _ in rows)}",
        )
        for source_id, rows in sorted(by_source.items())
    ]


def _authority(case: CaseWork, authority: Authority) -> Support:
    state = case.office.desk.authority(authority.authority_id).status.value
    over = case.office.clock() >= authority.valid.end_us
    return Support(
        kind=SupportKind.AUTHORITY,
        name=authority.authority_id,
        state="expired" if over and state == "granted" else state,
    )


def _digest(roots: Iterable[str]) -> str:
    return hashlib.sha256("\n".join(sorted(roots)).encode()).hexdigest()[:16]
