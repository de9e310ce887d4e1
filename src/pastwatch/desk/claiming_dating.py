"""A report that states no date is given one by a person, with a reason; its times are read again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from pastwatch.desk.case import CaseWork
from pastwatch.desk.claiming import (
    DATED,
    NAMED,
    READ_ANEW,
    dated_by_hand,
    log_claims,
    moment_of,
    published_of,
    report_named,
)
from pastwatch.errors import UsageError
from pastwatch.model.claim import Claim, TimeSaid
from pastwatch.model.record import Record
from pastwatch.model.relation import Relation
from pastwatch.stages.corroborate.claims_inside import times_in
from pastwatch.stages.corroborate.claims_language import language_of
from pastwatch.stages.corroborate.timessaid import Published

_PERSON = "person"


@dataclass(frozen=True, slots=True, kw_only=True)
class Dated:
    """A date given or taken back, and the claims whose times it changed."""

    relation_id: str
    """By which it is undone."""
    report_id: bytes
    published: Published | None
    claims: tuple[tuple[str, str], ...]
    """Each claim read again: its name before and after."""


def date_report(case: CaseWork, report: str, said: str, *, reason: str) -> Dated:
    """Say when a report that states no date came out; times such as "on Thursday" are then told by it.

    `said` is an ISO date or time; without a zone it is one where the case is. UsageError where the
    report states its date, or a person has given one that still stands.
    """
    if not reason.strip():
        raise UsageError("a date is given for a reason", hint="--reason")
    moment_of(case, said)
    (record,) = case.records([report_named(case, report)])
    if record.envelope.claimed is not None:
        raise UsageError("this report states its date itself", hint="'pastwatch reports read'")
    given = dated_by_hand(case, record.record_id)
    if given is not None:
        raise UsageError(
            f"{given.relation_id} dates this report already",
            hint=f"pastwatch reports undo {given.relation_id} --reason …",
        )
    relation = Relation(
        relation_id="", kind=DATED, from_id=record.record_id.hex(), to_id=NAMED + said.strip(),
        maker=f"{_PERSON} {case.office.person}", reason=reason.strip(),
    )  # fmt: skip
    (name,) = case.papers.relate([relation], by=case.office.person, at_us=case.office.clock())
    return _settle(case, record, name, f"the date {said.strip()} ({name}): {reason.strip()}")


def date_undone(case: CaseWork, relation: Relation, *, reason: str) -> Dated:
    """Read the times of a report again after the date that a person had given it was undone."""
    (record,) = case.records([bytes.fromhex(relation.from_id)])
    name = relation.relation_id
    return _settle(case, record, name, f"no date ({name} undone): {reason.strip()}")


def _settle(case: CaseWork, record: Record, name: str, why: str) -> Dated:
    """Tell the times of a report's claims by its date as it now is; those that change are kept anew."""
    published, office, papers = published_of(case, record), case.office, case.papers
    changed: dict[str, Claim] = {}
    for one in papers.entered("claim", Claim):
        if one.value.report_id == record.record_id:
            times = _times_again(case, record, one.value, published)
            if times != one.value.times:
                changed[one.name] = replace(one.value, times=times)
    reason = f"{READ_ANEW} {why}"
    for old in changed:
        papers.strike("claim", old, by=office.person, reason=reason, at_us=office.clock())
    names: list[str] = []
    if changed:
        names = papers.enter(
            "claim", list(changed.values()), by=office.person, at_us=office.clock()
        )
    after = dict(zip(changed, names, strict=True))
    _carry(case, after)
    log_claims(case, dated=1, claims=len(names), struck=len(names), maker=_PERSON)
    return Dated(
        relation_id=name, report_id=record.record_id, published=published,
        claims=tuple(after.items()),
    )  # fmt: skip


def _times_again(
    case: CaseWork, record: Record, claim: Claim, published: Published | None
) -> tuple[TimeSaid, ...]:
    """The times a claim tells, each by the words it stands in, with the days that it now can mean."""
    raw = record.text.encode("utf-8", "surrogatepass")
    first = min([claim.sentence[0], *(t.start_byte for t in claim.times)])
    last = max([claim.sentence[1], *(t.end_byte for t in claim.times)])
    start, end = (len(raw[:at].decode("utf-8", "surrogatepass")) for at in (first, last))
    told = {
        (t.start_byte, t.end_byte): t
        for t in times_in(
            record.text, start, end, published=published, language=language_of(record.text),
            offset_s=case.event.zone_offset_s,
        )
    }  # fmt: skip
    return tuple(told.get((t.start_byte, t.end_byte), t) for t in claim.times)


def _carry(case: CaseWork, after: Mapping[str, str]) -> None:
    """Let what a person decided on a claim, or undid, hold for the claim that it is kept as now."""
    papers, by = case.papers, case.office.person
    for kept in papers.relations(undone=True):
        old = kept.relation
        ends = after.get(old.from_id, old.from_id), after.get(old.to_id, old.to_id)
        if ends == (old.from_id, old.to_id):
            continue
        if kept.undoing is not None or old.maker.startswith(_PERSON):
            new = replace(old, relation_id="", from_id=ends[0], to_id=ends[1], undone=False)
            (name,) = papers.relate([new], by=kept.by, at_us=case.office.clock())
            if kept.undoing is not None:
                told = kept.undoing
                papers.unrelate(name, by=told.by, reason=told.reason, at_us=case.office.clock())
        if kept.undoing is None:
            reason = f"its claim was {READ_ANEW} another date"
            papers.unrelate(old.relation_id, by=by, reason=reason, at_us=case.office.clock())
