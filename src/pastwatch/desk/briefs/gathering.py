"""Gather what a case holds into what a brief is made from; logged as shown like any reading."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from pastwatch.desk.authenticating import checked_lines
from pastwatch.desk.briefs.chapters import chapters_of
from pastwatch.desk.case import CaseWork, sources_told
from pastwatch.desk.caseentries import entries_of_case
from pastwatch.desk.covering import gaps_of
from pastwatch.desk.negative.making import negatives_of
from pastwatch.desk.overview import warnings_of
from pastwatch.errors import UsageError
from pastwatch.ledger.acts import entries_of
from pastwatch.ledger.entry import Act, Entry
from pastwatch.model.assessment import Finding
from pastwatch.model.plain import from_plain
from pastwatch.model.record import Citation
from pastwatch.model.source import Handover, LawfulBasis
from pastwatch.stages.brief.given import (
    Bin,
    BriefInput,
    Chapter,
    CitedRecord,
    Figures,
    ReachNote,
    SearchNote,
    SourceNote,
)
from pastwatch.stages.brief.reader import OpenedRecord
from pastwatch.stages.reconstruct.timeline import rows_of

BINS = 48
_FEW, _PAGE = 1000, 10_000
"""So many records are asked for one by one; of more, every hit of the case is gone through once."""
_OF_A_SOURCE = (Act.SOURCE_ADD, Act.COLLECT_COMMIT, Act.COLLECT_RUN, Act.REPACK)


def gather(case: CaseWork, title: str) -> BriefInput:
    """Everything the brief of a case says, as of now; UsageError where a finding cites what was protected since."""
    office = case.office
    own = list(entries_of_case(case))
    findings = tuple(case.papers.findings())
    _refuse_protected(case, findings)
    # The actual figures must be those of this moment: the record citations open blocks too.
    chapters = chapters_of(case)
    wanted = [c for f in findings for c in f.citations] + _quoted(chapters)
    cited = cited_records(case, wanted)
    coverage = case.coverage()
    return BriefInput(
        title=title,
        event=case.event,
        authority=case.authority,
        archive_id=office.policy.archive_id,
        case_id=case.case_id,
        made_us=office.clock(),
        made_by=office.person,
        ledger_state=f"{office.ledger.size} entries, root {office.ledger.root().hex()[:12]}",
        event_entries=_of(own, Act.CASE_OPEN),
        authority_entries=(
            *_of(own, Act.AUTHORITY),
            *_of(own, Act.GRANT),
            *_annexed(case),
        ),
        sources=_sources(case, cited),
        findings=findings,
        coverage=coverage,
        reach=_reach(case, own),
        timeline=_timeline(case, {c.record.record_id for c in cited}),
        searches=_searches(case, own, readable=coverage.readable),
        cited=cited,
        warnings=_warnings(case),
        notes=_notes(case),
        chapters=chapters,
        negatives=tuple(one.value for one in negatives_of(case)),
    )


def opened_of(case: CaseWork, given: BriefInput) -> list[OpenedRecord]:
    """Every record shown in the case so far but those protected, with what its searches matched."""
    labels = {c.record.record_id: c.label for c in given.cited}
    shut = case.papers.protected_ids()
    shown = case.papers.shown_records(limit=case.papers.count_shown())
    ids = [record_id for record_id in shown if record_id not in shut]
    spans = _spans_of(case, ids)
    index = case.gate.index()
    records = case.show_refs([index.ref(row) for row in rows_of(index, ids).tolist()])
    marks: dict[bytes, list[str]] = {}
    for one in case.papers.latest_judgements():
        marks.setdefault(one.record_id, []).append(f"{one.reviewer}: {one.code}")
    return [
        OpenedRecord(
            record=record,
            source=case.source_name(record.envelope.source_id),
            label=labels.get(record.record_id, ""),
            spans=tuple(sorted(spans.get(record.record_id, ()))),
            marks=tuple(marks.get(record.record_id, ())),
        )
        for record in sorted(records, key=_time)
    ]


def _quoted(chapters: Sequence[Chapter]) -> list[Citation]:
    """What the chapters cite, in order."""
    return [
        c
        for chapter in chapters
        for s in chapter.stretches
        for line in s.lines
        for c in line.citations
    ]


def _spans_of(case: CaseWork, ids: Sequence[bytes]) -> dict[bytes, set[tuple[int, int, int]]]:
    """What the searches of the case matched in these records."""
    found: dict[bytes, set[tuple[int, int, int]]] = {}
    if len(ids) <= _FEW:
        return {i: {s for h in case.papers.hits_of(i) for s in h.hit.spans} for i in ids}
    wanted, at = set(ids), 0
    while page := case.papers.hits(offset=at, limit=_PAGE):
        at += len(page)
        for hit, *_ in page:
            if hit.record_id in wanted:
                found.setdefault(hit.record_id, set()).update(hit.spans)
    return found


def _notes(case: CaseWork) -> tuple[str, ...]:
    shut = case.papers.protected_ids()
    notes = [n for n in case.papers.notes() if n.record_id not in shut]
    return tuple(f"Note on {n.hit_id or 'a record'}: {n.text}" for n in notes)


def _refuse_protected(case: CaseWork, findings: Sequence[Finding]) -> None:
    shut = case.papers.protected_ids()
    for finding in findings:
        if any(cited.record_id in shut for cited in finding.citations):
            raise UsageError(
                f"finding {finding.finding_id} cites a record that was judged protected since",
                hint=f"withdraw it first: 'pastwatch finding retract {finding.finding_id}'",
            )


def _of(entries: Sequence[Entry], *acts: Act) -> tuple[int, ...]:
    return tuple(e.sequence for e in entries if e.act in acts)


def _annexed(case: CaseWork) -> tuple[int, ...]:
    """The entries of the authorities under which evidence was brought to the case."""
    names = {gate.authority.authority_id for gate in case.annexes}
    told = entries_of(case.office.ledger, Act.AUTHORITY, Act.GRANT) if names else ()
    return tuple(e.sequence for e in told if e.authority in names)


def _warnings(case: CaseWork) -> tuple[str, ...]:
    said = [w[0].upper() + w[1:] + "." for w in warnings_of(case.office)]
    if case.authority.self_authorised:
        said.append("Self-authorised: the person who asked is the person who granted.")
    return tuple(said)


def _sources(case: CaseWork, cited: Sequence[CitedRecord]) -> tuple[SourceNote, ...]:
    held: dict[str, Any] = case.gate.facts["sources"]  # type: ignore[assignment]
    chosen = case.authority.scope.source_ids or tuple(held)
    brought = {i: told for gate in case.annexes for i, told in sources_told(gate).items()}
    quoted = {c.record.envelope.source_id for c in cited} - set(chosen)
    entries: dict[str, list[int]] = {}
    for entry in entries_of(case.office.ledger, *_OF_A_SOURCE):
        entries.setdefault(str(entry.outcome.get("source_id")), []).append(entry.sequence)
    return (
        *(_source(case, held[source_id], entries, cited) for source_id in chosen),
        *(_source(case, brought[i], entries, cited) for i in brought if i in quoted),
    )


def _source(
    case: CaseWork,
    plain: dict[str, Any],
    entries: Mapping[str, Sequence[int]],
    cited: Sequence[CitedRecord],
) -> SourceNote:
    source_id = plain["source_id"]
    handover = from_plain(Handover, plain["handover"]) if plain["handover"] else None
    return SourceNote(
        name=plain["name"],
        medium=plain["medium"],
        lawful_basis=LawfulBasis(plain["lawful_basis"]),
        document=plain["document_sha256"] or "no document",
        handover=handover,
        received_us=plain["held_since_us"],
        held_from_us=plain["from_us"],
        held_until_us=plain["until_us"],
        records=plain["records"],
        entries=tuple(entries.get(source_id, ())),
        gaps=tuple(gaps_of(case.office, (source_id,))),
        source_id=source_id,
        checked=checked_lines(
            case, [c.record.record_id for c in cited if c.record.envelope.source_id == source_id]
        ),
    )


def _reach(case: CaseWork, own: list[Entry]) -> ReachNote:
    bound, estimate = case.papers.setting("bound"), case.papers.setting("estimate")
    opened = case.papers.count_opened()
    return ReachNote(
        bound=Figures(packs=bound["packs"], bytes=bound["bytes"], records=bound["records_at_most"]),
        estimate=Figures(
            packs=estimate["packs"],
            blocks=estimate["blocks"],
            records=estimate["records"],
            accounts=estimate["accounts"],
        ),
        actual=Figures(packs=opened.packs, blocks=opened.blocks, records=opened.records),
        exposed=opened.exposed,
        entries=_of(own, Act.LOCATE, Act.GRANT),
    )


def _timeline(case: CaseWork, cited: set[bytes]) -> tuple[Bin, ...]:
    """Records in scope by stretch of time and source; the event is an edge between two stretches."""
    index = case.gate.index()
    span, event_us = case.authority.scope.span, case.event.when.start_us
    width = max((span.end_us - span.start_us) // BINS, 1)
    before = max(-(-(event_us - span.start_us) // width), 0)
    start = event_us - before * width
    edges = np.arange(start, span.end_us + width, width, dtype=np.int64)
    source = np.array([case.source_names[s] for s in index.source] or [""])[index.pack]
    middle = index.earliest_us[index.dated]
    is_cited = np.array([bytes(i) in cited for i in index.record_ids], dtype=bool)[index.dated]
    bins = []
    for name in sorted(set(source.tolist())):
        mine = source[index.dated] == name
        counts, _ = np.histogram(middle[mine], bins=edges)
        marks, _ = np.histogram(middle[mine & is_cited], bins=edges)
        bins += [
            Bin(
                start_us=int(edges[i]),
                end_us=int(edges[i + 1]),
                source=name,
                records=int(counts[i]),
                cited=int(marks[i]),
            )
            for i in range(len(counts))
        ]
    return tuple(bins)


def _searches(case: CaseWork, own: list[Entry], *, readable: int) -> tuple[SearchNote, ...]:
    by_query: dict[str, list[int]] = {}
    for entry in own:
        if "query" in entry.objects:
            by_query.setdefault(entry.objects["query"], []).append(entry.sequence)
    begun = _of(own, Act.CASE_OPEN)  # of a search that was noted and opened nothing after all
    shown = case.papers.count_shown_hits()
    return tuple(
        SearchNote(
            query=s.text,
            at_us=s.at_us,
            by=s.by,
            scanned=readable if s.ended else 0,
            hits=s.hits if s.hits is not None else case.papers.count_hits(s.query_id),
            shown=shown.get(s.query_id, 0),
            blocks_opened=int((s.figures or {}).get("blocks", 0)),
            entries=tuple(by_query.get(s.digest.hex(), begun)),
            estimate_blocks=int(s.plan["blocks"]),
        )
        for s in case.papers.searches()
    )


def cited_records(case: CaseWork, citations: Sequence[Citation]) -> tuple[CitedRecord, ...]:
    """The cited records in the order of their claimed time, each with its proof and what is cited."""
    wanted: dict[bytes, dict[Citation, None]] = {}
    for one in citations:
        wanted.setdefault(one.record_id, {})[one] = None
    refs = {record_id: case.ref_of(record_id) for record_id in wanted}
    records = case.show_refs(list(refs.values()))
    records.sort(key=_time)
    sequences = {row.pack_id: row.sequence for row in case.office.catalogue.packs()}
    made = []
    for number, record in enumerate(records, 1):
        proof = case.gate_of(refs[record.record_id]).prove(refs[record.record_id])
        sequence = sequences[proof.pack_id]
        made.append(
            CitedRecord(
                label=f"r{number}",
                record=record,
                source=case.source_name(record.envelope.source_id),
                proof=proof,
                entry_bytes=next(case.office.ledger.raw(sequence, sequence + 1)),
                quotes=tuple(wanted[record.record_id]),
            )
        )
    return tuple(made)


def _time(record: Any) -> tuple[bool, int]:
    claimed = record.envelope.claimed
    return (claimed is None, claimed.earliest_us if claimed else 0)
