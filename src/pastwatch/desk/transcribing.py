"""What linguists do in a case: take the next recording, write what they hear, check it blind."""

from __future__ import annotations

import enum
import re
from collections.abc import Sequence
from dataclasses import dataclass

from pastwatch.casefile.passages import KeptPassage
from pastwatch.desk.case import CaseWork
from pastwatch.desk.soundlist import (
    Recording,
    checked_spans,
    heard_of,
    list_sound,
    passages_by_record,
    recordings,
    spans,
)
from pastwatch.errors import NoSuchRecord, UsageError
from pastwatch.model.passage import Passage, PassageKind, covered_ms
from pastwatch.stages.enrich.hearing import sound_bytes

SHOWN = "passages-shown"
VERSION = "1"
_LANGUAGE = re.compile(r"[a-z]{2,3}(?:-[A-Za-z0-9]{2,8})*")
_WHOLE_RATIO = 0.99  # of a recording, to call it heard: ends are cut in many ways
_LEAST_PREFIX = 4


class State(enum.StrEnum):
    """How far the transcript of a recording has come."""

    NOBODY = "nobody"
    MACHINE = "machine draft"
    BEGUN = "begun"
    """A person has heard a part of it."""
    PERSON = "person"
    CHECKED = "checked"
    """A second person has heard all of it, and wrote without having seen the first one's words."""
    NOT_HELD = "not held"
    """A record names it, and the sound itself is not in the slice."""


class Order(enum.StrEnum):
    """What the queue goes by."""

    CLOSENESS = "closeness"
    DURATION = "duration"
    PAIR = "pair"


@dataclass(frozen=True, slots=True, kw_only=True)
class Queued:
    """A recording in the queue; lengths in milliseconds, `from_event_us` is 0 during the event."""

    recording: Recording
    state: State
    machine_ms: int
    person_ms: int
    checked_ms: int
    from_event_us: int | None


def queue(case: CaseWork, *, order: Order = Order.CLOSENESS) -> list[Queued]:
    """Every recording of the slice with its state, in order; the first look through it is logged."""
    found = list_sound(
        case.gate, case.papers, at_us=case.office.clock(), note_opened=case.note_opened
    )
    by_record = passages_by_record(case.papers)
    keys = {
        Order.CLOSENESS: lambda q: (q.from_event_us is None, q.from_event_us or 0),
        Order.DURATION: lambda q: (-(q.recording.length_ms or 0),),
        Order.PAIR: lambda q: (sorted(q.recording.parties), q.from_event_us is None),
    }
    queued = [_queued(case, r, heard_of(r, by_record)) for r in found]
    return sorted(queued, key=keys[order])


def next_of(case: CaseWork, *, order: Order = Order.CLOSENESS) -> Queued | None:
    """The first recording of the queue that no person has heard to its end; None when all are."""
    waiting = (State.NOBODY, State.MACHINE, State.BEGUN)
    return next((q for q in queue(case, order=order) if q.state in waiting), None)


def recording_of(case: CaseWork, name: str) -> Recording:
    """The recording whose record's id begins so; NoSuchRecord for an unknown or a protected one."""
    wanted = name.lower().removesuffix("…")
    found = [r for r in recordings(case.papers) if _goes_by(r, wanted)]
    if len(found) != 1 or len(wanted) < _LEAST_PREFIX:
        raise NoSuchRecord(
            "no such recording in this case", hint="'pastwatch transcribe list' names them"
        )
    return found[0]


def sound_of(case: CaseWork, recording: Recording, *, for_person: bool) -> bytes:
    """The exact bytes of a recording, opened through the gate; logged, and kept as shown to a person.

    NoSuchRecord when a record that holds it is protected by now, or the slice only names it.
    """
    protected = case.papers.protected_ids()
    ref = case.ref_in_slice(recording.record_id)
    if ref is None or any(record_id in protected for record_id, _ in recording.holders):
        raise NoSuchRecord("no such recording in this case")
    for record, original in case.gate.originals([ref]):
        raw = sound_bytes(original, recording.sha256)
        if raw is None:
            break
        if for_person:
            case.papers.add_shown(
                [record.record_id],
                by=case.office.person,
                at_us=case.office.clock(),
                as_context=False,
            )
        return raw
    raise NoSuchRecord("the slice names this recording and does not hold its sound")


def heard_by_person(
    case: CaseWork,
    recording: Recording,
    *,
    start_ms: int,
    end_ms: int,
    kind: PassageKind = PassageKind.TRANSCRIPT,
    language: str = "",
    text: str = "",
    qualification: str = "",
    of: str | None = None,
    about: int | None = None,
    maker: str | None = None,
    blind: bool = False,
) -> Passage:
    """A person's passage, ready to be kept; UsageError where it cannot stand.

    `of` names the passage that a translation is of; `maker` is who heard it, where that is not the
    person at this desk.
    """
    if kind.worded and not _LANGUAGE.fullmatch(language):
        raise UsageError("name the language of the words, as in ar, ru or fa")
    if recording.length_ms is not None and end_ms > recording.length_ms + 1000:
        raise UsageError("that stretch ends after the recording does")
    if of is not None:
        kept = case.papers.passage(of)
        if (kept.passage.record_id, kept.passage.part) not in recording.holders:
            raise UsageError(f"{of} is of another recording")
        about = kept.number
    who = " ".join((maker or case.office.person).split())
    facts: dict[str, str | int | float | bool | None] = {}
    if maker is not None and not is_same(maker, case.office.person):
        facts["brought_by"] = case.office.person
    return Passage(
        record_id=recording.record_id,
        part=recording.part,
        start_ms=start_ms,
        end_ms=end_ms,
        kind=kind,
        language=language if kind.worded else "",
        text=text.strip(),
        maker=who,
        person=True,
        version=VERSION,
        qualification=" ".join(qualification.split()),
        about=about,
        blind=blind,
        facts=facts,
    )


def keep(case: CaseWork, recording: Recording, written: Sequence[Passage]) -> list[str]:
    """Keep what a person wrote, all or nothing; gives the names p1, p2 … of it.

    Blind ones are refused from whoever wrote the first transcript, or was shown it.
    """
    for maker in {p.maker for p in written if p.blind}:
        refuse_unless_blind(case, recording, maker)
    numbers = case.papers.add_passages(written, at_us=case.office.clock())
    return [f"p{number}" for number in numbers]


def refuse_unless_blind(case: CaseWork, recording: Recording, maker: str) -> None:
    """UsageError unless a first person has written, and this one is another and saw none of it."""
    heard = heard_of(recording, passages_by_record(case.papers))
    first = [k for k in heard if k.passage.person and k.passage.kind.worded and not k.passage.blind]
    if any(is_same(k.passage.maker, maker) for k in first):
        raise UsageError("whoever wrote the transcript cannot check it: a second person does")
    if not first:
        raise UsageError(
            "no person has written this recording down yet",
            hint="'pastwatch transcribe write' comes first, 'check' after it",
        )
    holders = {f"{record_id.hex()}/{part}" for record_id, part in recording.holders}
    for decision in case.papers.decisions(SHOWN):
        value = decision.value
        if value["recording"] in holders and is_same(str(value["to"]), maker):
            raise UsageError(
                "this check would not be blind: that person was shown the words already",
                hint="somebody who has not seen them must write it",
            )


def _queued(case: CaseWork, recording: Recording, heard: Sequence[KeptPassage]) -> Queued:
    length = recording.length_ms or 0
    person, machine = spans(heard, person=True), spans(heard, person=False)
    person_ms, checked_ms = covered_ms(person), covered_ms(checked_spans(heard))
    whole = length * _WHOLE_RATIO
    if not recording.is_held:
        state = State.NOT_HELD
    elif checked_ms and checked_ms >= whole:
        state = State.CHECKED
    elif person_ms:
        state = State.PERSON if person_ms >= whole else State.BEGUN
    else:
        state = State.MACHINE if machine else State.NOBODY
    return Queued(
        recording=recording,
        state=state,
        machine_ms=covered_ms([*machine, *person]) - person_ms,
        person_ms=person_ms,
        checked_ms=checked_ms,
        from_event_us=_from_event(case, recording),
    )


def _from_event(case: CaseWork, recording: Recording) -> int | None:
    if recording.earliest_us is None or recording.latest_us is None:
        return None
    event = case.event.when
    return max(event.start_us - recording.latest_us, recording.earliest_us - event.end_us, 0)


def _goes_by(recording: Recording, wanted: str) -> bool:
    return any(record_id.hex().startswith(wanted) for record_id, _ in recording.holders)


def is_same(one: str, other: str) -> bool:
    """Whether two names are one person's: case and spaces make no other."""
    return " ".join(one.split()).casefold() == " ".join(other.split()).casefold()
