"""A case at work: look, show, mark, note, find, and say over what coverage."""

from __future__ import annotations

import enum
import hashlib
import threading
from collections.abc import Generator, Mapping, Sequence
from typing import Any, TypeVar, cast
from weakref import WeakSet

from pastwatch.archive.block import BlockRef, RecordRef
from pastwatch.archive.gate import Gate
from pastwatch.archive.sliceindex import SliceIndex
from pastwatch.casefile.searches import PlacedHit
from pastwatch.casefile.store import CaseStore
from pastwatch.desk.annex import annex, annex_files
from pastwatch.desk.covering import coverage_of_case, note_opened
from pastwatch.desk.indexing import Indexing
from pastwatch.desk.looking import CaseHit, Look, Shown
from pastwatch.desk.office import Office
from pastwatch.desk.opencase import case_identity, case_papers, grant_file
from pastwatch.desk.parsing import KeptInCase, MailParser
from pastwatch.errors import BadValue, NoSuchRecord, UsageError
from pastwatch.model.assessment import Confidence, Coverage, Finding, FindingKind
from pastwatch.model.authority import Act as Allowed
from pastwatch.model.authority import Authority, Event
from pastwatch.model.case import Case
from pastwatch.model.note import Code, Judgement
from pastwatch.model.plain import from_plain
from pastwatch.model.record import Record
from pastwatch.model.source import Source
from pastwatch.model.wording import WordingChoice
from pastwatch.stages.assess.findings import check
from pastwatch.stages.assess.wording import Remark
from pastwatch.stages.assess.wording_stated import UNCHOSEN, stated

Word = TypeVar("Word", bound=enum.StrEnum)


class CaseWork:
    """An open case: its gate, its papers, and the acts a person does in it."""

    def __init__(self, office: Office, case: Case) -> None:
        if case.closed_us is not None:
            raise UsageError(f"case {case.case_id} is closed")
        self.office, self.case = office, case
        identity = self._identity = case_identity(office, case)
        self.papers: CaseStore = case_papers(case, identity)
        granted = grant_file(case)
        self._parsed = KeptInCase(lambda: case_papers(case, identity))
        self.gate = self._gate_over(granted)
        self._annexes: tuple[Gate, ...] | None = None
        self.event: Event = from_plain(Event, self.papers.setting("event"))
        self.authority: Authority = self.gate.authority
        self.source_names = {i: str(told["name"]) for i, told in sources_told(self.gate).items()}
        self.looks: WeakSet[Generator[CaseHit, None, None]] = WeakSet()
        self.indexing = Indexing(
            self,
            grant_sha256=hashlib.sha256(granted).digest(),
            papers=lambda: case_papers(case, identity),
        )

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
        """A page of hits already found; one in a record judged protected since is left out."""
        shut = self.papers.protected_ids()
        page = self.papers.hits(query_id, offset=offset, limit=limit)
        return [self._hit(p) for p in page if p.hit.record_id not in shut]

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
            before, after = self._open_to_view(index, first), self._open_to_view(index, last)
        if placed.hit.record_id in self.papers.protected_ids():
            raise UsageError(
                f"{hit_id} stands in a record that was judged protected: it is not shown",
                hint="who judged it so can take that back: 'pastwatch review undo'",
            )
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
        queries: Sequence[str] = (),
        standard: str | None = None,
    ) -> tuple[str, tuple[Remark, ...]]:
        """Keep a finding and give its id with remarks on its wording; it must cite or cover.

        A judgement states a `likelihood` in a term of the case's scale, or as a number in per cent
        that lies in one of its bands; in a case that chose a standard of proof, the `standard` it
        meets instead. A negative finding carries the coverage of the searches it names in `queries` (q1, q2 …),
        of all searches without any; BadValue when none of them ran to its end.
        """
        citations = tuple(self.papers.hit(hit_id).hit.citation for hit_id in cites)
        if likelihood and standard:
            raise BadValue(
                "a standard of proof takes the place of likelihood: state one of the two"
            )
        choices = self.papers.entered("scale", WordingChoice)
        choice, words = choices[-1].value if choices else UNCHOSEN, likelihood or standard
        finding = Finding(
            finding_id="f0",
            kind=_named(FindingKind, kind, "kind of finding"),
            statement=statement,
            citations=citations,
            coverage=self._searched(queries) if kind == FindingKind.NEGATIVE else None,
            likelihood=stated(words, choice) if words else None,
            confidence=_named(Confidence, confidence, "confidence") if confidence else None,
            reasons=reasons,
            made_by=self.office.person,
            made_us=self.office.clock(),
        )
        remarks = check(finding, record_of=self.record_of, choice=choice)
        return self.papers.add_finding(finding), remarks

    def findings(self) -> list[Finding]:
        """The findings that stand, in order."""
        return self.papers.findings()

    def retract(self, finding_id: str, *, reason: str) -> None:
        """Withdraw a finding; it stays in the papers, marked withdrawn."""
        self.papers.retract(
            finding_id, by=self.office.person, reason=reason, at_us=self.office.clock()
        )

    def _searched(self, queries: Sequence[str]) -> Coverage:
        coverage = self.coverage(queries)
        if not coverage.scanned:
            raise BadValue(
                "nothing was scanned: no search that this finding rests on ran to its end",
                hint="run one with 'pastwatch look', or name those it rests on with --queries",
            )
        return coverage

    def coverage(self, queries: Sequence[str] = ()) -> Coverage:
        """What the searches named stand on, or all so far."""
        return coverage_of_case(
            self.office,
            self.gate,
            self.papers,
            query_ids=tuple(queries),
            brought=self._brought,
        )

    def _brought(self) -> frozenset[bytes]:
        return frozenset(i.tobytes() for gate in self.annexes for i in gate.index().record_ids)

    def record_of(self, record_id: bytes) -> Record | None:
        """A record that a search of this case has hit, opened through the gate; None for others."""
        placed = self.papers.hits_of(record_id)
        if not placed:
            return None
        ref = RecordRef(placed[0].pack_id.hex(), placed[0].block, placed[0].row)
        return self._shown([ref], context=False)[0]

    def ref_of(self, record_id: bytes) -> RecordRef:
        """Where a record that is cited stands."""
        return self.ref_anywhere(record_id)

    def ref_in_slice(self, record_id: bytes) -> RecordRef | None:
        """Where a record of the slice stands, hit or context; None when it is not in the slice."""
        placed = self.papers.hits_of(record_id)
        if placed:
            return RecordRef(placed[0].pack_id.hex(), placed[0].block, placed[0].row)
        return self.gate.index().place_of(record_id)

    @property
    def annexes(self) -> tuple[Gate, ...]:
        """The gates of what was brought to the case after it was opened, one a source."""
        if self._annexes is None:
            self._annexes = tuple(self._gate_over(granted) for granted in annex_files(self.case))
        return self._annexes

    def source_name(self, source_id: str) -> str:
        """The name of a source of the slice, or of one that was brought to the case; "" of others."""
        names = self.source_names
        for gate in self.annexes if source_id not in names else ():
            names = names | {i: str(told["name"]) for i, told in sources_told(gate).items()}
        return names.get(source_id, "")

    def bring(self, source: Source, *, ground: str) -> None:
        """Open all of a source that was filled for this case; asks for the granting key."""
        self.gate.check(Allowed.READ)
        annex(
            self.office,
            self.case,
            event=self.event,
            authority=self.authority,
            recipient=self._identity.recipient,
            source=source,
            ground=ground,
        )
        self._annexes = None

    def gate_of(self, ref: RecordRef) -> Gate:
        """The gate that a record stands behind: the slice's, or that of something brought to it."""
        for gate in self.annexes:
            if any(block.pack_id == ref.pack_id for block in gate.blocks):
                self.gate.check(Allowed.READ)  # an annex is worth no more than its case
                return gate
        return self.gate

    def ref_anywhere(self, record_id: bytes) -> RecordRef:
        """Where a record of the slice, or of what was brought to the case, stands.

        NoSuchRecord, in the same words, for one that is unknown and for one out of reach.
        """
        found = self.ref_in_slice(record_id)
        for gate in self.annexes if found is None else ():
            found = found or gate.index().place_of(record_id)
        if found is None:
            raise NoSuchRecord("no such record in this case")
        return found

    def records(self, record_ids: Sequence[bytes]) -> list[Record]:
        """Records by their ids, in the order asked, of the slice or brought to the case; logged as shown.

        UsageError for one that was judged protected.
        """
        if self.papers.protected_ids() & set(record_ids):
            raise UsageError("a record asked for was judged protected: it is not shown")
        return self._shown([self.ref_anywhere(i) for i in record_ids], context=False)

    def show_refs(self, refs: list[RecordRef]) -> list[Record]:
        """Records of the slice in the order asked; logged as shown."""
        return self._shown(refs, context=False) if refs else []

    def note_opened(self, opened: Sequence[BlockRef], damaged: Mapping[BlockRef, str]) -> None:
        """Add what a look opened to the case's account of opened blocks, and what did not open."""
        note_opened(self.office, self.gate, self.papers, opened, damaged)

    def facts(self) -> dict[str, object]:
        """Bound and estimate as they stood when the case was opened."""
        return {n: self.papers.setting(n) for n in ("bound", "estimate")}

    def close(self) -> None:
        """Let go of the case's papers; what still runs in it ends first, and what is kept stays."""
        for hits in list(self.looks):
            hits.close()
        self.indexing.cancel()
        self._parsed.close()
        self.papers.close()

    def _gate_over(self, granted: bytes) -> Gate:
        return Gate(
            granted,
            identity=self._identity,
            store=self.office.store,
            ledger=self.office.ledger,
            catalogue=self.office.catalogue,
            signer=self.office.ring.user().signing,
            clock=self.office.clock,
            parser=MailParser(),
            parsed=self._parsed,
        )

    def _shown(self, refs: list[RecordRef], *, context: bool) -> list[Record]:
        shown: dict[RecordRef, Record] = {}
        behind: dict[Gate, list[RecordRef]] = {}
        for ref in refs:
            behind.setdefault(self.gate_of(ref), []).append(ref)
        for gate, own in behind.items():
            shown.update(zip(own, gate.show(own, context=context), strict=True))
        records = [shown[ref] for ref in refs]
        self.papers.add_shown(
            [r.record_id for r in records],
            by=self.office.person,
            at_us=self.office.clock(),
            as_context=context,
        )
        return records

    def _open_to_view(self, index: SliceIndex, places: Sequence[int]) -> list[RecordRef]:
        shut = self.papers.protected_ids()
        return [index.ref(i) for i in places if index.record_ids[i].tobytes() not in shut]

    def _hit(self, placed: PlacedHit) -> CaseHit:
        ref = RecordRef(placed.pack_id.hex(), placed.block, placed.row)
        return CaseHit(self, placed.hit.hit_id, ref, placed.hit.citation, placed.hit.spans)


def sources_told(gate: Gate) -> dict[str, dict[str, Any]]:
    """What the custodian handed over of each source with the keys of a gate, by its id."""
    return cast("dict[str, dict[str, Any]]", gate.facts.get("sources", {}))


def _named(kind: type[Word], word: str, what: str) -> Word:
    try:
        return kind(word)
    except ValueError:
        raise BadValue(f'"{word}" is no {what}', hint=", ".join(kind)) from None
