"""Read open reports into a case: bring them in, read who says what in each, and keep it as claims."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from pastwatch.casefile.entered import Entered
from pastwatch.desk.assessing import withheld
from pastwatch.desk.bringing import bring, records_of_medium
from pastwatch.desk.case import CaseWork
from pastwatch.errors import UsageError
from pastwatch.ledger.entry import Act as Logged
from pastwatch.ledger.entry import EntryDraft
from pastwatch.model.claim import Claim
from pastwatch.model.record import Record
from pastwatch.model.relation import Relation
from pastwatch.model.when import DAY_US, HOUR_US, SECOND_US, parse_iso
from pastwatch.stages.corroborate.claims import (
    MAKER,
    UNCHECKED,
    VERSION,
    Reading,
    Sayings,
    read_claims,
)
from pastwatch.stages.corroborate.claims_language import language_of
from pastwatch.stages.corroborate.outlets_bylines import issuer_in, outlet_of
from pastwatch.stages.corroborate.sentences import Sort
from pastwatch.stages.corroborate.timessaid import Published

MEDIUM = "report"
SOURCE = "reports"
GROUND = "published reports"
_EASTERNMOST_US = 14 * HOUR_US
"""A date without a zone begins as early as where the day begins first (UTC+14)."""
BY_MACHINE = "claims-"
"""What the name of every maker that is a program begins with."""
READ_ANEW = "read anew by"
DATED = "dated"
"""The kind of relation by which a person gave a report its date."""
NAMED = "name:"
_A_MINUTE_US = 60 * SECOND_US
_ANY_ZONE_US = 26 * HOUR_US
"""Between how much a written time lies that tells no zone."""
_AT_ONCE = 100
SPANS = ("rules", "spacy")


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadReport:
    """What was read in one report."""

    record_id: bytes
    headline: str
    outlet: str
    published: Published | None
    language: str
    sentences: int
    updates: tuple[str, ...]
    found: int
    new: int
    struck: int

    @property
    def is_checked(self) -> bool:
        """Whether its language has lists to read it by."""
        return self.language != UNCHECKED


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadReports:
    """What an act of reading gave: its reports in order, and what was sealed for it."""

    reports: tuple[ReadReport, ...]
    new_records: int
    already_held: int

    @property
    def new(self) -> int:
        """How many claims were added to the case."""
        return sum(r.new for r in self.reports)

    @property
    def struck(self) -> int:
        """How many claims of an earlier maker were struck."""
        return sum(r.struck for r in self.reports)


def read_reports(
    case: CaseWork,
    files: Sequence[Path] | None = None,
    *,
    source: str = SOURCE,
    ground: str = GROUND,
    spans: str = "rules",
    handover: Path | None = None,
    on_progress: Callable[[str], None] = lambda _: None,
) -> ReadReports:
    """Bring files to the case as reports, where given, and keep the claims of every report it has.

    Reading again by the same maker and version adds nothing; by another, what the earlier one kept is
    struck with that reason, what a person added stays, and what a person struck is not added again.
    Asks for the granting key where files are new. MissingExtra for `spans` that is not installed.
    """
    sayings, maker, version = _reader(spans)
    new_records = already_held = 0
    if files:
        brought = bring(
            case,
            files,
            source=source,
            basis="published",
            connector=MEDIUM,
            medium=MEDIUM,
            ground=ground,
            handover=handover,
        )
        new_records, already_held = brought.new_records, brought.already_held
        wanted = list(dict.fromkeys(record_id for _, record_id in brought.records))
    else:
        wanted = records_of_medium(case, MEDIUM)
    kept = _Kept(case, maker, version)
    reports: list[ReadReport] = []
    for some in (wanted[n : n + _AT_ONCE] for n in range(0, len(wanted), _AT_ONCE)):
        for record in case.records(some):
            on_progress(f"reading report {len(reports) + 1} of {len(wanted)}")
            reports.append(_read(case, record, kept, sayings if spans != "rules" else None))
    done = ReadReports(
        reports=tuple(reports), new_records=new_records, already_held=already_held
    )  # fmt: skip
    if done.new or done.struck:
        _log(case, done, maker, version)
    return done


def _reader(spans: str) -> tuple[Sayings | None, str, str]:
    if spans not in SPANS:
        raise UsageError(f'"{spans}" is no way to tell spans', hint=", ".join(SPANS))
    if spans == "spacy":
        from pastwatch.stages.corroborate import claims_spacy

        return claims_spacy.spacy_sayings(), claims_spacy.MAKER, claims_spacy.version()
    return None, MAKER, VERSION


class _Kept:
    """The claims a case holds, by report, and how a maker's new ones are put beside them."""

    def __init__(self, case: CaseWork, maker: str, version: str) -> None:
        self.maker, self.version = maker, version
        self._case = case
        self._standing: dict[bytes, list[Entered[Claim]]] = {}
        self._refused: set[tuple[object, ...]] = set()
        for one in case.papers.entered("claim", Claim, struck=True):
            if one.struck is None:
                self._standing.setdefault(one.value.report_id, []).append(one)
            elif not one.struck.reason.startswith(READ_ANEW):
                self._refused.add(_place(one.value))

    def put(self, record_id: bytes, claims: Sequence[Claim]) -> tuple[int, int]:
        """Keep a report's claims; how many were added, and how many earlier ones were struck."""
        papers, office = self._case.papers, self._case.office
        old = [o for o in self._standing.get(record_id, ()) if o.value.maker.startswith(BY_MACHINE)]
        same = [o for o in old if (o.value.maker, o.value.version) == (self.maker, self.version)]
        there = {_place(o.value) for o in same} | self._refused
        new = [c for c in claims if _place(c) not in there]
        reason = f"{READ_ANEW} {self.maker} {self.version}"
        earlier = [o for o in old if o not in same]
        for one in earlier:
            papers.strike("claim", one.name, by=office.person, reason=reason, at_us=office.clock())
        if new:
            papers.enter("claim", new, by=office.person, at_us=office.clock())
        return len(new), len(earlier)


def _place(claim: Claim) -> tuple[object, ...]:
    return (
        claim.report_id,
        claim.citation.part,
        claim.citation.start_byte,
        claim.citation.end_byte,
        claim.who_says,
        claim.stance,
    )


def _read(case: CaseWork, record: Record, kept: _Kept, sayings: Sayings | None) -> ReadReport:
    published = published_of(case, record)
    language = language_of(record.text)
    reading = read_claims(
        record.text,
        report_id=record.record_id,
        language=language,
        published=published,
        headline=record.subject,
        offset_s=case.event.zone_offset_s,
        sayings=sayings if language == "en" else None,
        maker=kept.maker if language == "en" else MAKER,
        version=kept.version if language == "en" else VERSION,
    )
    new, struck = kept.put(record.record_id, reading.claims)
    return ReadReport(
        record_id=record.record_id,
        headline=record.subject,
        outlet=outlet_of(record) or issuer_in(record.text),
        published=published,
        language=reading.language,
        sentences=sum(s.sort is Sort.SENTENCE for s in reading.stretches),
        updates=_updates(record.text, reading),
        found=len(reading.claims),
        new=new,
        struck=struck,
    )


def _updates(text: str, reading: Reading) -> tuple[str, ...]:
    return tuple(text[s.start : s.end] for s in reading.stretches if s.sort is Sort.UPDATE)


def published_of(case: CaseWork, record: Record) -> Published | None:
    """When a report came out, as it says itself or a person does; its days begin in the zone of the event."""
    when = record.envelope.claimed
    offset_s = case.event.zone_offset_s
    if when is None:
        given = dated_by_hand(case, record.record_id)
        if given is None:
            return None
        return Published(moment_of(case, given.to_id.removeprefix(NAMED)), offset_s)
    at_us = when.earliest_us
    if (
        0 <= when.width_us - _ANY_ZONE_US < _A_MINUTE_US
    ):  # a time of no zone is one where the case is
        return Published(at_us + _EASTERNMOST_US - offset_s * SECOND_US, offset_s)
    for zones_us in (0, _EASTERNMOST_US):  # a bare date: of one zone, or of any
        if (at_us + zones_us) % DAY_US == 0 and when.width_us >= DAY_US - SECOND_US:
            at_us += zones_us - offset_s * SECOND_US  # the same date where the case is
            break
    return Published(at_us, offset_s)


def dated_by_hand(case: CaseWork, record_id: bytes) -> Relation | None:
    """The date that a person gave a report and that stands, as the relation that says so."""
    kept = case.papers.relations(DATED, of=record_id.hex())
    return kept[-1].relation if kept else None


def moment_of(case: CaseWork, said: str) -> int:
    """An ISO date or time as a moment; without a zone it is one where the case is. BadValue for others."""
    at_us, _ = parse_iso(said)
    if datetime.fromisoformat(said.strip()).tzinfo is None:
        at_us -= case.event.zone_offset_s * SECOND_US
    return at_us


def _log(case: CaseWork, done: ReadReports, maker: str, version: str) -> None:
    """Note in the ledger how many claims were kept: counts and a hash, no words."""
    ids = b"".join(sorted(r.record_id for r in done.reports))
    log_claims(
        case,
        claims=done.new,
        struck=done.struck,
        reports=len(done.reports),
        maker=f"{maker}-{version}",
        reports_sha256=hashlib.sha256(ids).hexdigest(),
    )


def log_claims(case: CaseWork, **outcome: str | int) -> None:
    """Note an act on claims in the ledger."""
    office = case.office
    entry = EntryDraft(
        act=Logged.ASSESS,
        clock_us=office.clock(),
        authority=case.authority.authority_id,
        outcome=dict(sorted(outcome.items())),
    )
    office.ledger.append([entry], office.ring.user().signing)


def claims_of(
    case: CaseWork,
    *,
    report: str | None = None,
    who: str | None = None,
    stance: str | None = None,
    struck: bool = False,
) -> Iterator[Entered[Claim]]:
    """The claims a case holds, in order; narrowed to a report, to words of a speaker, to a stance.

    None of a record that was judged protected is among them.
    """
    wanted = report_named(case, report) if report else None
    shut = withheld(case)
    for one in case.papers.entered("claim", Claim, struck=struck):
        claim = one.value
        if claim.report_id in shut or (wanted is not None and claim.report_id != wanted):
            continue
        if who is not None and who.lower() not in claim.who_says.lower():
            continue
        if stance is None or claim.stance == stance:
            yield one


def report_named(case: CaseWork, name: str) -> bytes:
    """The report that the beginning of an id or words of a headline name; UsageError for none, or several."""
    ids = records_of_medium(case, MEDIUM)
    found = [i for i in ids if i.hex().startswith(name.lower())]
    if not found:
        records = case.records(ids) if ids else []
        found = [r.record_id for r in records if name.lower() in r.subject.lower()]
    if len(found) != 1:
        many = "several reports are" if found else "no report of this case is"
        raise UsageError(f'{many} called "{name}"', hint="name one by the first digits of its id")
    return found[0]
