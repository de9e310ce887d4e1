"""What is argued in a case stands in the ledger as counts and hashes, and cites exact bytes."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence

from pastwatch.casefile.relations import KeptRelation
from pastwatch.desk.case import CaseWork
from pastwatch.errors import UsageError
from pastwatch.ledger.entry import Act, EntryDraft, Outcome
from pastwatch.model.authority import Act as Allowed
from pastwatch.model.record import PART_TEXT, Citation, Record


def assessed(
    case: CaseWork, outcome: Mapping[str, Outcome], objects: Mapping[str, str] | None = None
) -> None:
    """Put into the ledger that something was argued, kept or struck in the case: no words, no names."""
    entry = EntryDraft(
        act=Act.ASSESS,
        clock_us=case.office.clock(),
        authority=case.authority.authority_id,
        objects=objects or {},
        outcome=outcome,
    )
    case.office.ledger.append([entry], case.office.ring.user().signing)


def argued(
    case: CaseWork, *, what: str, of: Iterable[str], citations: Sequence[Citation] = ()
) -> None:
    """As `assessed`, of relations or things by their names: how many, their hash, how many citations."""
    named = list(of)
    assessed(
        case,
        {"what": what, "things": len(named), "citations": len(citations)},
        {"relations": hashlib.sha256("\n".join(named).encode()).hexdigest()},
    )


def withheld(case: CaseWork) -> set[bytes]:
    """The records judged protected; refused where the case's authority to read does not stand now."""
    case.gate.check(Allowed.READ)
    return case.papers.protected_ids()


def open_relations(
    case: CaseWork, kind: str | None = None, *, of: str | None = None, undone: bool = False
) -> list[KeptRelation]:
    """The relations that stand, but those that join or rest on a record judged protected; in order."""
    shut = withheld(case)
    names = {record_id.hex() for record_id in shut}
    return [
        kept
        for kept in case.papers.relations(kind, of=of, undone=undone)
        if not names & {kept.relation.from_id, kept.relation.to_id}
        and not any(cite.record_id in shut for cite in kept.relation.citations)
    ]


def cited_hit(case: CaseWork, name: str) -> Citation:
    """The citation that a hit (h3) stands for; UsageError in a record that was judged protected."""
    citation = case.papers.hit(name).hit.citation
    if citation.record_id in case.papers.protected_ids():
        raise UsageError(f"{name} stands in a record that was judged protected")
    return citation


def cited_record(case: CaseWork, record_id: bytes) -> Citation:
    """The citation of all the text of a record, which is opened for it and logged as shown."""
    (record,) = case.records([record_id])
    return whole_text(record)


def whole_text(record: Record) -> Citation:
    """The citation of all the text of a record."""
    text = record.text.encode("utf-8", "surrogatepass")
    return Citation(
        record_id=record.record_id,
        part=PART_TEXT,
        start_byte=0,
        end_byte=len(text),
        text_sha256=hashlib.sha256(text).digest(),
    )
