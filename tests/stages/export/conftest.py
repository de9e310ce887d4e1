"""An invented case as it is taken out: fifteen records on four media, findings, grades, an actor."""

from __future__ import annotations

import hashlib
import importlib
import os
import warnings
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from pastwatch.model.assessment import Confidence, Coverage, Finding, FindingKind, Likelihood
from pastwatch.model.authority import Act, Authority, AuthorityKind, Event, Scope
from pastwatch.model.claim import Reliability
from pastwatch.model.grading import Credibility, GradedQuestion, ItemGrade, SourceGrade
from pastwatch.model.party import Account, Actor, Party, Role
from pastwatch.model.record import Citation, Defect, Envelope, Kind, Part, Record
from pastwatch.model.source import LawfulBasis, Source
from pastwatch.model.when import DAY_US, HOUR_US, SECOND_US, Basis, Span, When, parse_iso
from pastwatch.stages.export.taken import Exported, Taken, TakenRecord

GOLDEN = Path(__file__).parent / "golden"
EVENT_US, _ = parse_iso("2031-05-06T04:00:00+00:00")
MADE_US = EVENT_US + 90 * DAY_US

ANNA = Party(address="anna.lindt@harbour.example", name="Anna Lindt")
BORIS = Party(address="Boris@Depot.example", name="Boris Vance")
CARLA = Party(address="carla@depot.example", name="Carla", role=Role.CC)
HIDDEN = Party(address="hidden@depot.example", role=Role.BCC)
PHONE = Party(address="+442079460018", name="Anna")
OTHER_PHONE = Party(address="+442079460955", role=Role.TO)
DANA = Party(address="dana_k", name='Dana "the gate" <K> & Co')
ERIK = Party(address="", name="Erik of the night shift")
NAMES = (ANNA, BORIS, CARLA, HIDDEN, PHONE, OTHER_PHONE, DANA, ERIK)

Writer = Callable[[Any], Exported]


def record_id(number: int) -> bytes:
    return hashlib.sha256(f"invented {number}".encode()).digest()[:16]


def exactly(offset_us: int, basis: Basis = Basis.HEADER) -> When:
    return When(earliest_us=EVENT_US + offset_us, latest_us=EVENT_US + offset_us, basis=basis)


def within(offset_us: int, width_us: int) -> When:
    start = EVENT_US + offset_us
    return When(earliest_us=start, latest_us=start + width_us, basis=Basis.EXPORT)


def invented(
    number: int,
    text: str,
    claimed: When | None,
    *,
    medium: str = "mail",
    sender: Party | None = ANNA,
    recipients: tuple[Party, ...] = (BORIS,),
    kind: Kind = Kind.SAID,
    defects: Defect = Defect.NONE,
    **fields: Any,
) -> TakenRecord:
    of_taken = {n: fields.pop(n) for n in tuple(fields) if n in TakenRecord.__slots__}
    of_record: dict[str, Any] = {
        "conversation": "",
        "native_id": "",
        "reply_to": "",
        "subject": "",
        "parts": (),
    }
    envelope = Envelope(
        record_id=record_id(number),
        source_id=f"source-{medium}",
        medium=medium,
        claimed=claimed,
        held_us=EVENT_US + DAY_US + number,
        size_bytes=len(text.encode()) + 100,
        account_tokens=(b"token",),
        conversation_token=b"token",
        kind=kind,
        defects=defects,
    )
    record = Record(
        envelope=envelope,
        source_sha256=hashlib.sha256(text.encode()).digest(),
        sender=sender,
        recipients=recipients,
        text=text,
        **(of_record | fields),
    )
    return TakenRecord(number=number, record=record, source=f"{medium}-1", **of_taken)


def part(name: str, media_type: str, text: str = "") -> Part:
    digest = hashlib.sha256(name.encode()).digest()
    return Part(name=name, media_type=media_type, size_bytes=1234, sha256=digest, text=text)


def records() -> list[TakenRecord]:
    chat: dict[str, Any] = {
        "medium": "chat",
        "sender": DANA,
        "recipients": (),
        "conversation": "Gate 4 <night>",
    }
    plan = (part("plan.pdf", "application/pdf", "Ramp 2, 04:00."), part("", "IMAGE/JPEG; q=1"))
    said_twice = ("maria: relevant", "omar: not-relevant", "pia: unsure")
    first = invented(
        1,
        "Bring the crates to ramp 2.",
        exactly(-HOUR_US),
        recipients=(BORIS, CARLA, HIDDEN),
        subject="Crates",
        native_id="<1@harbour.example>",
        parts=plan,
        cited_in=("f1", "f2"),
        judgements=said_twice,
    )
    answer = invented(
        2,
        '=HYPERLINK("x") is what the sheet said.\n\n+1 from me',
        exactly(-HOUR_US // 2 + 123_456),
        sender=BORIS,
        recipients=(ANNA, ANNA),
        subject="Re: Crates",
        native_id="<2@depot.example>",
        reply_to="<1@harbour.example>",
        parent_id=record_id(1),
        thread="Crates",
        judgements=("maria: relevant",),
    )
    persian = "سلام، ما می\u200cرویم به دروازه ۴ — \u202bامشب\u202c"
    return [
        first,
        answer,
        invented(3, persian, within(-1800 * SECOND_US, 59 * SECOND_US), is_answered=True, **chat),
        invented(4, "At the gate\x00\x0b with\ttab & <b>bold</b> \x85", within(0, DAY_US), **chat),
        invented(5, "At the gates", exactly(60), kind=Kind.EDITED, parent_id=record_id(4), **chat),
        invented(6, "", exactly(90), kind=Kind.DELETED, **chat),
        invented(7, "", exactly(120), kind=Kind.JOINED, cited_in=("f1",), **chat),
        invented(
            8,
            "tell him yes",
            exactly(150),
            medium="sms",
            sender=PHONE,
            recipients=(OTHER_PHONE,),
            parent_id=record_id(99),
        ),
        invented(
            9,
            "Transcribed: hello, hello.",
            exactly(180),
            medium="voice",
            sender=OTHER_PHONE,
            recipients=(PHONE,),
            kind=Kind.CALLED,
            cited_in=("f1",),
            parts=(part("call.wav", "audio/wav"),),
        ),
        invented(
            10,
            "Nobody saw the lorry.",
            exactly(210),
            medium="radio",
            sender=ERIK,
            defects=Defect.BAD_DATE | Defect.CUT_SHORT,
            is_context=True,
        ),
        invented(11, "", exactly(240), sender=None, recipients=(), medium="radio"),
        invented(12, "Crew only.", exactly(270), sender=None, recipients=(), medium="radio"),
        invented(13, "", within(300, 400 * DAY_US), is_context=True, is_withheld=True),
        invented(
            14, "No date at all.", None, subject="Undated", defects=Defect.NO_DATE, cited_in=("f1",)
        ),
        invented(15, "a voice without a time", None, **chat),
    ]


def cites(number: int, text: str) -> Citation:
    digest = hashlib.sha256(text.encode()).digest()
    end = len(text.encode())
    return Citation(
        record_id=record_id(number), part=0, start_byte=0, end_byte=end, text_sha256=digest
    )


def findings() -> tuple[Finding, ...]:
    searched = Coverage(
        held=900,
        in_scope=120,
        readable=118,
        scanned=118,
        matched=0,
        shown=0,
        unreadable=2,
        recall_interval=(0.5, 0.75),
        queries=("lorry AND ramp",),
    )
    numbers = (1, 7, 9, 14, 99)
    return (
        Finding(
            finding_id="f1",
            kind=FindingKind.JUDGEMENT,
            statement="The crates were meant for ramp 2.",
            citations=tuple(cites(number, "Bring") for number in numbers),
            likelihood=Likelihood.LIKELY,
            confidence=Confidence.MODERATE,
            reasons="Two mails agree.",
            made_by="maria",
            made_us=MADE_US - DAY_US,
        ),
        Finding(
            finding_id="f2",
            kind=FindingKind.NEGATIVE,
            statement="No record speaks of a second lorry.",
            coverage=searched,
        ),
    )


def invented_taken(**changes: Any) -> Taken:
    """The invented case anew, as its records can be gone through once; fields as given."""
    event = Event(
        event_id="e1",
        title="Fire at ramp 2",
        when=Span(start_us=EVENT_US, end_us=EVENT_US + HOUR_US),
        place="Ramp 2",
        references=("a notice of the port",),
    )
    authority = Authority(
        authority_id="a1",
        kind=AuthorityKind.CASE,
        event_id="e1",
        purpose="learn how the fire came about",
        acts=(Act.READ, Act.EXPORT),
        granted_by="judge",
        granted_to="maria",
        ground="invented order 7",
        scope=Scope(span=Span(start_us=EVENT_US - DAY_US, end_us=EVENT_US + DAY_US)),
        valid=Span(start_us=EVENT_US + 2 * DAY_US, end_us=EVENT_US + 400 * DAY_US),
    )
    sources = tuple(
        Source(
            source_id=f"source-{medium}",
            name=f"{medium}-1",
            medium=medium,
            lawful_basis=LawfulBasis.ORDER,
            held_since_us=EVENT_US,
        )
        for medium in ("mail", "chat", "sms", "voice", "radio")
    )
    given: dict[str, Any] = {
        "case_id": "17",
        "archive_id": "7f3a",
        "event": event,
        "authority": authority,
        "made_us": MADE_US,
        "made_by": "maria",
        "basis": "records cited or judged relevant, and their context",
        "pseudonymous": False,
        "sources": sources,
        "findings": findings(),
        "records": iter(records()),
        "record_count": 15,
        "source_grades": (
            SourceGrade(source="mail-1", reliability=Reliability.B, reason="kept by the port"),
        ),
        "item_grades": (
            ItemGrade(
                about=record_id(10).hex(),
                question=GradedQuestion.TRUE,
                credibility=Credibility.DOUBTFUL,
                reason="hearsay",
            ),
        ),
        "actors": (
            Actor(
                actor_id="p1",
                label="Anna Lindt",
                accounts=(
                    Account(medium="mail", address=ANNA.address),
                    Account(medium="sms", address=PHONE.address),
                ),
                basis="she names the number in her mail",
            ),
            Actor(
                actor_id="p2",
                label="Nobody here",
                accounts=(Account(medium="mail", address="nobody@depot.example"),),
                basis="invented",
            ),
        ),
    }
    return Taken(**(given | changes))


def masked_taken() -> Taken:
    """The same case with every party under a pseudonym, as an export without real names gives it."""
    ends = {party: "@pseudonym.invalid" if "@" in party.address else "" for party in NAMES}
    alias = {party: f"p-0000000{n}{ends[party]}" for n, party in enumerate(NAMES, 1)}

    def mask(party: Party | None) -> Party | None:
        return party and Party(address=alias[party], role=party.role)

    masked = []
    for one in records():
        old = one.record
        record = replace(
            old,
            sender=mask(old.sender),
            recipients=tuple(Party(address=alias[p], role=p.role) for p in old.recipients),
        )
        masked.append(replace(one, record=record, is_masked=True))
    return invented_taken(records=iter(masked), pseudonymous=True, findings=(), actors=())


@pytest.fixture
def taken() -> Callable[..., Taken]:
    """`taken()` gives the invented case; each call anew."""
    return invented_taken


@pytest.fixture
def named() -> Callable[[str], list[TakenRecord]]:
    """`named(name)` gives one record, from somebody of that name."""
    return lambda name: [invented(1, "", exactly(0), sender=Party(address="x", name=name))]


@pytest.fixture
def masked() -> Callable[[], Taken]:
    """`masked()` gives the invented case with everybody under a pseudonym."""
    return masked_taken


@pytest.fixture
def original_words() -> tuple[str, ...]:
    """Addresses, names and native ids of the case, none of which may stand in a masked export."""
    said = {word for party in NAMES for word in (party.address, party.name) if word}
    return (*sorted(said - {"Carla", "Anna"}), "harbour.example", "depot.example")


@pytest.fixture
def golden() -> Callable[[str, bytes], None]:
    """`golden(name, made)` compares with the file kept; PASTWATCH_GOLDEN=write keeps it."""

    def compare(name: str, made: bytes) -> None:
        if os.environ.get("PASTWATCH_GOLDEN") == "write":
            (GOLDEN / name).write_bytes(made)
        assert made == (GOLDEN / name).read_bytes()

    return compare


@pytest.fixture
def reference() -> Callable[[str], Any]:
    """`reference(module)` gives the library that the format's world reads with, or skips."""

    def load(name: str) -> Any:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            try:
                return importlib.import_module(name)
            except ModuleNotFoundError:
                pytest.skip(f"{name} is not installed")

    return load
