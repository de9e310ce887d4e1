"""A case at work: look, show, mark, note, find, and say over what coverage."""

from __future__ import annotations

import enum
import hashlib
import secrets
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TypeVar, cast

from pastwatch import plugins
from pastwatch.archive.block import RecordRef
from pastwatch.archive.gate import Gate
from pastwatch.casefile.searches import Found, OpenedBlock, PlacedHit
from pastwatch.casefile.store import CaseStore
from pastwatch.desk.covering import coverage_of_case
from pastwatch.desk.office import Office
from pastwatch.desk.opencase import case_identity, case_papers, grant_file
from pastwatch.errors import BadValue, NoSuchRecord, UsageError
from pastwatch.matching.compile import compile_query
from pastwatch.matching.parse import parse
from pastwatch.model.assessment import Confidence, Coverage, Finding, FindingKind, Likelihood
from pastwatch.model.authority import Authority, Event
from pastwatch.model.case import Case
from pastwatch.model.note import Code, Judgement
from pastwatch.model.plain import from_plain
from pastwatch.model.record import Citation, Record
from pastwatch.stages.assess.findings import check
from pastwatch.stages.assess.wording import Remark
from pastwatch.stages.lookback.plan import LookPlan, plan_look
from pastwatch.stages.lookback.scan import Figures, Match, scan

Word = TypeVar("Word", bound=enum.StrEnum)


@dataclass(frozen=True, slots=True)
class Shown:
    """A hit as a reader sees it: the record, its matched places, and its neighbours."""

    hit_id: str
    record: Record
    source: str
    spans: tuple[tuple[int, int, int], ...]
    before: tuple[Record, ...]
    after: tuple[Record, ...]


class Look:
    """One query over the slice: its plan first, then its hits as they come."""

    def __init__(self, case: CaseWork, text: str, *, cancel: threading.Event | None = None) -> None:
        zone = case.event.zone_offset_s
        self._case, self.text, self._cancel = case, text, cancel
        self.plan: LookPlan = plan_look(case.gate, compile_query(parse(text, zone=_zone(zone))))
        self.figures = Figures()
        self.query_id = ""

    def __iter__(self) -> Iterator[CaseHit]:
        """Run the query; each hit is kept in the case before it is handed out."""
        case, office = self._case, self._case.office
        salt = secrets.token_bytes(16)
        digest = hashlib.sha256(salt + self.text.encode()).digest()
        self.query_id = case.papers.add_search(
            self.text,
            salt=salt,
            digest=digest,
            by=office.person,
            at_us=office.clock(),
            plan={
                "blocks": len(self.plan.blocks),
                "slice_blocks": self.plan.slice_blocks,
                "records_at_most": self.plan.records_at_most,
                "sealed_bytes": self.plan.sealed_bytes,
                "indexed": self.plan.indexed,
            },
        )
        found = scan(
            case.gate,
            self.plan,
            engine=plugins.load("engines", "local"),
            workers=office.settings.worker_count,
            digest=digest.hex(),
            source_names=case.source_names,
            figures=self.figures,
            cancel=self._cancel,
        )
        for matches in found:
            ids = case.papers.add_hits(self.query_id, [_found(m) for m in matches])
            for hit_id, match in zip(ids, matches, strict=True):
                yield CaseHit(case, hit_id, match.ref, match.citation, match.spans)
        self._finish()

    def _finish(self) -> None:
        case, figures = self._case, self.figures
        opened = [ref for ref in self.plan.blocks if ref not in figures.damaged]
        case.note_opened(opened, figures)
        if not figures.done:
            return
        case.papers.finish_search(
            self.query_id,
            hits=case.papers.count_hits(self.query_id),
            figures={
                "blocks": figures.blocks,
                "records": figures.records,
                "unreadable_records": figures.unreadable_records,
                "timed_out": figures.timed_out,
            },
            at_us=case.office.clock(),
        )


@dataclass(frozen=True, slots=True)
class CaseHit:
    """A hit of the case, ready to be shown."""

    case: CaseWork
    hit_id: str
    ref: RecordRef
    citation: Citation
    spans: tuple[tuple[int, int, int], ...]

    def show(self, *, around: int = 0) -> Shown:
        """The record, with up to `around` records either side of the same conversation."""
        return self.case.show(self.hit_id, around=around)


class CaseWork:
    """An open case: its gate, its papers, and the acts a person does in it."""

    def __init__(self, office: Office, case: Case) -> None:
        if case.closed_us is not None:
            raise UsageError(f"case {case.case_id} is closed")
        self.office, self.case = office, case
        identity = case_identity(office, case)
        self.papers: CaseStore = case_papers(case, identity)
        self.gate = Gate(
            grant_file(case),
            identity=identity,
            store=office.store,
            ledger=office.ledger,
            catalogue=office.catalogue,
            signer=office.ring.user().signing,
            clock=office.clock,
        )
        self.event: Event = from_plain(Event, self.papers.setting("event"))
        self.authority: Authority = self.gate.authority
        sources = self.gate.facts.get("sources", {})
        self.source_names: dict[str, str] = {
            i: str(s["name"]) for i, s in cast("dict[str, dict[str, str]]", sources).items()
        }

    @property
    def case_id(self) -> str:
        """The case's name."""
        return self.case.case_id

    def look(self, query: str, *, cancel: threading.Event | None = None) -> Look:
        """Plan a query over the slice; iterate over the result to run it."""
        return Look(self, query, cancel=cancel)

    def hits(
        self, query_id: str | None = None, *, offset: int = 0, limit: int = 50
    ) -> list[CaseHit]:
        """A page of hits already found."""
        return [self._hit(p) for p in self.papers.hits(query_id, offset=offset, limit=limit)]

    def show(self, hit_id: str, *, around: int = 0) -> Shown:
        """A hit's record and its neighbours in the same conversation, cut to the scope."""
        placed = self.papers.hit(hit_id)
        ref = RecordRef(placed.pack_id.hex(), placed.block, placed.row)
        before: list[RecordRef] = []
        after: list[RecordRef] = []
        if around:
            index = self.gate.index()
            at = index.find(ref)
            if at < 0:
                raise NoSuchRecord("no such record in this case")
            first, last = index.around(at, before=around, after=around)
            before, after = [index.ref(i) for i in first], [index.ref(i) for i in last]
        (record,) = self._shown([ref], context=False)
        neighbours = self._shown([*before, *after], context=True) if before or after else []
        return Shown(
            hit_id,
            record,
            self.source_names.get(record.envelope.source_id, ""),
            placed.hit.spans,
            tuple(neighbours[: len(before)]),
            tuple(neighbours[len(before) :]),
        )

    def peek(self, hits: Sequence[CaseHit]) -> list[Record]:
        """The records of several hits at once, for a page of results; logged as shown."""
        return self._shown([hit.ref for hit in hits], context=False)

    def mark(self, hit_id: str, code: str, *, note: str = "") -> None:
        """Judge a record: relevant, not-relevant, unsure, defer, protected."""
        try:
            chosen = Code(code)
        except ValueError:
            raise UsageError(f'"{code}" is no judgement', hint=", ".join(Code)) from None
        self.papers.add_judgement(
            Judgement(
                record_id=self.papers.hit(hit_id).hit.record_id,
                code=chosen,
                reviewer=self.office.person,
                at_us=self.office.clock(),
                note=note,
            )
        )

    def note(self, hit_id: str, text: str) -> None:
        """Write a note on a hit."""
        record_id = self.papers.hit(hit_id).hit.record_id
        self.papers.add_note(
            record_id,
            text=text,
            by=self.office.person,
            at_us=self.office.clock(),
            hit_id=hit_id,
        )

    def finding(
        self,
        statement: str,
        *,
        cites: Sequence[str] = (),
        kind: str = "observation",
        likelihood: str | None = None,
        confidence: str | None = None,
        reasons: str = "",
    ) -> tuple[str, tuple[Remark, ...]]:
        """Keep a finding and give its id with remarks on its wording; it must cite or cover."""
        citations = tuple(self.papers.hit(hit_id).hit.citation for hit_id in cites)
        finding = Finding(
            finding_id="f0",
            kind=_named(FindingKind, kind, "kind of finding"),
            statement=statement,
            citations=citations,
            coverage=self.coverage() if kind == FindingKind.NEGATIVE else None,
            likelihood=_named(Likelihood, likelihood, "likelihood") if likelihood else None,
            confidence=_named(Confidence, confidence, "confidence") if confidence else None,
            reasons=reasons,
            made_by=self.office.person,
            made_us=self.office.clock(),
        )
        remarks = check(finding, record_of=self.record_of)
        return self.papers.add_finding(finding), remarks

    def findings(self) -> list[Finding]:
        """The findings that stand, in order."""
        return self.papers.findings()

    def retract(self, finding_id: str, *, reason: str) -> None:
        """Withdraw a finding; it stays in the papers, marked withdrawn."""
        self.papers.retract(
            finding_id, by=self.office.person, reason=reason, at_us=self.office.clock()
        )

    def coverage(self) -> Coverage:
        """What the searches so far stand on."""
        return coverage_of_case(self.office, self.gate, self.papers)

    def record_of(self, record_id: bytes) -> Record | None:
        """A record that a search of this case has hit, opened through the gate; None for others."""
        placed = self.papers.hits_of(record_id)
        if not placed:
            return None
        ref = RecordRef(placed[0].pack_id.hex(), placed[0].block, placed[0].row)
        return self._shown([ref], context=False)[0]

    def ref_of(self, record_id: bytes) -> RecordRef:
        """Where a record that was hit stands."""
        placed = self.papers.hits_of(record_id)
        if not placed:
            raise NoSuchRecord("no such record in this case")
        return RecordRef(placed[0].pack_id.hex(), placed[0].block, placed[0].row)

    def ref_in_slice(self, record_id: bytes) -> RecordRef | None:
        """Where a record of the slice stands, hit or context; None when it is not in the slice."""
        placed = self.papers.hits_of(record_id)
        if placed:
            return RecordRef(placed[0].pack_id.hex(), placed[0].block, placed[0].row)
        return self.gate.index().place_of(record_id)

    def show_refs(self, refs: list[RecordRef]) -> list[Record]:
        """Records of the slice in the order asked; logged as shown."""
        return self._shown(refs, context=False) if refs else []

    def note_opened(self, refs: Sequence[object], figures: Figures) -> None:
        """Add what a look opened to the case's account of opened blocks."""
        rows = self.gate.block_counts()
        self.papers.add_opened(
            [
                OpenedBlock(bytes.fromhex(r.pack_id), r.block, *rows[r])  # type: ignore[attr-defined,index]
                for r in refs
            ],
            at_us=self.office.clock(),
        )
        if figures.damaged:
            known = self.papers.setting("damaged", otherwise={})
            known.update({f"{r.pack_id}/{r.block}": r.inside for r in figures.damaged})
            self.papers.put_setting("damaged", known)

    def facts(self) -> dict[str, object]:
        """Bound and estimate as they stood when the case was opened."""
        return {n: self.papers.setting(n) for n in ("bound", "estimate")}

    def close(self) -> None:
        """Let go of the case's papers."""
        self.papers.close()

    def _shown(self, refs: list[RecordRef], *, context: bool) -> list[Record]:
        records = self.gate.show(refs, context=context)
        self.papers.add_shown(
            [r.record_id for r in records],
            by=self.office.person,
            at_us=self.office.clock(),
            as_context=context,
        )
        return records

    def _hit(self, placed: PlacedHit) -> CaseHit:
        ref = RecordRef(placed.pack_id.hex(), placed.block, placed.row)
        return CaseHit(self, placed.hit.hit_id, ref, placed.hit.citation, placed.hit.spans)


def _found(match: Match) -> Found:
    return Found(
        citation=match.citation,
        pack_id=bytes.fromhex(match.ref.pack_id),
        block=match.ref.block,
        row=match.ref.row,
        spans=match.spans,
    )


def _named(kind: type[Word], word: str, what: str) -> Word:
    try:
        return kind(word)
    except ValueError:
        raise BadValue(f'"{word}" is no {what}', hint=", ".join(kind)) from None


def _zone(offset_s: int) -> str:
    sign = "-" if offset_s < 0 else "+"
    return f"{sign}{abs(offset_s) // 3600:02d}:{abs(offset_s) // 60 % 60:02d}"
