"""What linguists wrote in a case, to be read: quoted, compared, searched; whoever reads is noted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pastwatch.casefile.passages import KeptPassage
from pastwatch.desk.case import CaseWork
from pastwatch.desk.soundlist import Recording, heard_of, passages_by_record, recordings
from pastwatch.desk.transcribing import SHOWN, is_same
from pastwatch.errors import NoSuchRecord
from pastwatch.model.passage import Passage, PassageKind
from pastwatch.model.record import Citation, Record
from pastwatch.stages.enrich.phonetic import Alike, alike
from pastwatch.stages.enrich.wer import Errors, errors, total


@dataclass(frozen=True, slots=True, kw_only=True)
class Quoted:
    """Words of a recording with who wrote them, and beside them every translation of them."""

    recording: Recording
    original: KeptPassage
    translations: tuple[KeptPassage, ...]

    @property
    def certified(self) -> tuple[KeptPassage, ...]:
        """The translations that a person answers for with a qualification."""
        return tuple(t for t in self.translations if t.passage.person)


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """What two persons wrote of one stretch, the second blind; errors by the first one's words."""

    start_ms: int
    end_ms: int
    first: tuple[Passage, ...]
    second: Passage
    errors: Errors


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreement:
    """Every stretch that two persons wrote, and how far they are apart together."""

    stretches: tuple[Compared, ...]
    errors: Errors


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundWords:
    """A place where words stand, or words that sound like them; `guess` is one not written down."""

    recording: Recording
    kept: KeptPassage
    alike: Alike
    guess: bool


def standing(heard: Sequence[KeptPassage]) -> list[KeptPassage]:
    """Without what its own maker wrote anew over the very same stretch."""
    last: dict[tuple[object, ...], int] = {}
    for kept in heard:
        last[_slot(kept.passage)] = kept.number
    return [kept for kept in heard if last[_slot(kept.passage)] == kept.number]


def quoted(case: CaseWork, what: str | Citation) -> list[Quoted]:
    """Words with their translations side by side: of a passage (p3), or of all of a record cited.

    Each with who wrote it and with which qualification; kept as shown to the person who asks.
    """
    if isinstance(what, Citation):
        of = [r for r in recordings(case.papers) if (what.record_id, what.part) in r.holders]
        return [row for recording in of for row in quoted_all(case, recording)]
    kept = case.papers.passage(what)
    if kept.passage.kind is PassageKind.TRANSLATION:
        kept = case.papers.passage(f"p{kept.passage.about}")
    place = (kept.passage.record_id, kept.passage.part)
    found = [r for r in recordings(case.papers) if place in r.holders]
    if not found:
        raise NoSuchRecord("no such recording in this case")
    return _rows(case, found[0], [kept])


def quoted_of(case: CaseWork, record: Record) -> list[Quoted]:
    """All that stands of the recordings in a record, its parts in order; kept as shown."""
    held = range(len(record.parts) + 1)
    found = recordings(case.papers)
    return [
        row
        for part in held
        for recording in found
        if (record.record_id, part) in recording.holders
        for row in quoted_all(case, recording)
    ]


def quoted_all(case: CaseWork, recording: Recording) -> list[Quoted]:
    """All that stands of a recording, by time, each with its translations; kept as shown."""
    heard = standing(heard_of(recording, passages_by_record(case.papers)))
    return _rows(case, recording, heard)


def _rows(case: CaseWork, recording: Recording, chosen: Sequence[KeptPassage]) -> list[Quoted]:
    heard = standing(heard_of(recording, passages_by_record(case.papers)))
    translations = [k for k in heard if k.passage.kind is PassageKind.TRANSLATION]
    rows = [
        Quoted(
            recording=recording,
            original=kept,
            translations=tuple(t for t in translations if t.passage.about == kept.number),
        )
        for kept in chosen
        if kept.passage.kind is not PassageKind.TRANSLATION
    ]
    _note_shown(case, recording, [k for row in rows for k in (row.original, *row.translations)])
    return sorted(rows, key=lambda row: (row.original.passage.start_ms, row.original.number))


def agreement(case: CaseWork, recording: Recording) -> Agreement:
    """What the first and the second person wrote, stretch by stretch, and how far they are apart.

    Kept as shown: whoever has seen it writes no blind check of this recording any more.
    """
    heard = standing(heard_of(recording, passages_by_record(case.papers)))
    people = [k.passage for k in heard if k.passage.person and k.passage.about is None]
    found = []
    for second in (p for p in people if p.blind):
        first = tuple(
            sorted(
                (
                    p
                    for p in people
                    if not p.blind and not is_same(p.maker, second.maker) and _mostly_in(p, second)
                ),
                key=lambda p: p.start_ms,
            )
        )
        if first:
            found.append(
                Compared(
                    start_ms=second.start_ms,
                    end_ms=second.end_ms,
                    first=first,
                    second=second,
                    errors=errors(" ".join(p.text for p in first), second.text),
                )
            )
    if found:
        _note_shown(case, recording, heard)
    found.sort(key=lambda c: c.start_ms)
    return Agreement(stretches=tuple(found), errors=total([c.errors for c in found]))


def find_words(case: CaseWork, words: str, *, limit: int = 50) -> list[FoundWords]:
    """Where these words, or some that sound like them, stand in transcripts, drafts and guesses.

    The likest first, a person's before a machine's; kept as shown to the person who asks.
    """
    by_record = passages_by_record(case.papers)
    found = []
    for recording in recordings(case.papers):
        for kept in standing(heard_of(recording, by_record)):
            guesses = [v for n, v in kept.passage.facts.items() if n.startswith("guess_")]
            for text in (kept.passage.text, *guesses):
                near = alike(words, str(text)) if text else None
                if near is not None:
                    guess = text != kept.passage.text
                    found.append(
                        FoundWords(recording=recording, kept=kept, alike=near, guess=guess)
                    )
    found.sort(key=lambda f: (-f.alike.likeness_ratio, f.guess, not f.kept.passage.person))
    once: dict[int, FoundWords] = {}
    for place in found:
        once.setdefault(place.kept.number, place)
    chosen = list(once.values())[:limit]
    for recording in {f.recording.record_id: f.recording for f in chosen}.values():
        _note_shown(case, recording, [f.kept for f in chosen if f.recording is recording])
    return chosen


def _note_shown(case: CaseWork, recording: Recording, heard: Sequence[KeptPassage]) -> None:
    """Keep that the person at this desk has seen somebody's words of a recording; once is enough."""
    worded = [k for k in heard if k.passage.text and k.passage.person]
    if not any(not is_same(k.passage.maker, case.office.person) for k in worded):
        return
    value: Mapping[str, str] = {
        "recording": f"{recording.record_id.hex()}/{recording.part}",
        "to": case.office.person,
    }
    if all(dict(d.value) != value for d in case.papers.decisions(SHOWN)):
        case.papers.decide(SHOWN, value, by=case.office.person, at_us=case.office.clock())


def _mostly_in(one: Passage, other: Passage) -> bool:
    shared = min(one.end_ms, other.end_ms) - max(one.start_ms, other.start_ms)
    return 2 * shared > min(one.end_ms - one.start_ms, other.end_ms - other.start_ms)


def _slot(passage: Passage) -> tuple[object, ...]:
    translates = (passage.about, passage.language) if passage.about is not None else ()
    return (passage.maker, passage.version, passage.start_ms, passage.end_ms, translates)
