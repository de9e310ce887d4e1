"""A brief made anew from replaced words: the same sentences, with nobody named in any of them."""

from __future__ import annotations

import dataclasses
import enum
import hashlib
import hmac
import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, TypeVar

from pastwatch.archive.leaves import Proof
from pastwatch.model.party import Party
from pastwatch.model.record import PART_SUBJECT, Envelope, Record
from pastwatch.stages.brief.given import Bin, BriefInput, CitedRecord, Picture
from pastwatch.stages.brief.redacting_drawing import redrawn
from pastwatch.stages.brief.redacting_times import Times
from pastwatch.stages.brief.redacting_words import Redactor
from pastwatch.stages.brief.render import marked
from pastwatch.stages.brief.sentences import Cite, Group, Outline, Section, Sentence

T = TypeVar("T")
RECORD_BYTES, HASH_BYTES = 16, 32
BY_COMMITMENT = "Record: shown by commitment"
_NOWHERE: Any = {"start_byte": 0, "end_byte": 0, "text_sha256": b""}
_QUOTED = re.compile("“[^”]*”?")
WORDS_LEFT_OUT = "“…”"
UNQUOTED = "[its words are not quoted in this brief]"
LIMIT = (
    "This is a version made to be handed out: names of sources, of other people and of accounts "
    "stand as labels, the same label throughout; {times}; the words of cited records are shown by "
    "commitment, to be checked against the full brief. Who knows the matter may still know a "
    "writer by style or by a rare fact."
)
TIMES_SAID = {
    Times.HOUR: "times are given to the hour",
    Times.DAY: "times are given to the day",
    Times.NONE: "times are left out",
}


def by_role(given: BriefInput, redactor: Redactor, roles: Mapping[str, str]) -> BriefInput:
    """What a brief is made from, with sources by label and those who decide by their role."""
    labels = redactor.labels

    def role(person: str) -> str:
        return roles.get(person, "a person of this office") if person else person

    named = {s.name: labels.of("Source", s.name) for s in given.sources}
    redactor.openings, redactor.offset_s = named, given.event.zone_offset_s

    def source(name: str) -> str:
        return named.setdefault(name, labels.of("Source", name)) if name else name

    held = given.authority
    return replace(
        given,
        made_by=role(given.made_by),
        authority=replace(
            held,
            granted_by=role(held.granted_by),
            granted_to=role(held.granted_to),
            signatures=tuple(
                replace(s, person=role(s.person), key_id="withheld") for s in held.signatures
            ),
        ),
        sources=tuple(
            replace(
                s,
                name=source(s.name),
                handover=s.handover
                and replace(
                    s.handover,
                    acquired_by=labels.of("Party", s.handover.acquired_by),
                    acquired_from=labels.of("Party", s.handover.acquired_from),
                ),
            )
            for s in given.sources
        ),
        timeline=tuple(replace(b, source=source(b.source)) for b in given.timeline),
        searches=tuple(replace(s, by=role(s.by)) for s in given.searches),
        cited=tuple(replace(c, source=source(c.source)) for c in given.cited),
        edition=replace(given.edition, released=(LIMIT.format(times=TIMES_SAID[redactor.times]),)),
    )


def redacted(outline: Outline, redactor: Redactor, key: bytes) -> Outline:
    """The outline with every text replaced: as many sentences, in the same order, by the same ids.

    `key` makes stand-ins of ids and hashes that cannot be traced back to them.
    """
    remake = _Remake(redactor, key, {c.label: c.record for c in outline.given.cited})
    return Outline(
        given=_given(outline.given, redactor, key),
        sections=tuple(remake.section(s) for s in outline.sections),
    )


class _Remake:
    """Makes sections anew, text by text."""

    def __init__(self, redactor: Redactor, key: bytes, records: Mapping[str, Record]) -> None:
        self.redactor, self.key, self.records = redactor, key, records

    def section(self, section: Section) -> Section:
        return Section(
            key=section.key,
            title=self.redactor.text(section.title),
            groups=tuple(self.group(g) for g in section.groups),
        )

    def group(self, group: Group) -> Group:
        text, picture = self.redactor.text, group.picture
        return Group(
            heading=text(group.heading),
            sentences=tuple(self.sentence(s, is_row=bool(group.columns)) for s in group.sentences),
            anchor=text(group.anchor),
            columns=self.redactor.texts(group.columns),
            picture=self.picture(picture) if picture else None,
        )

    def picture(self, picture: Picture) -> Picture | None:
        """The drawing made anew; None where it would tell times."""
        svg, text = redrawn(picture.svg, self.redactor), self.redactor.text
        caption, name = text(picture.caption), text(picture.name)
        return Picture(name=name, svg=svg, caption=caption) if svg else None

    def sentence(self, sentence: Sentence, *, is_row: bool = False) -> Sentence:
        cites = (Cite(record=c.record, part=c.part, **_NOWHERE) for c in sentence.citations)
        return Sentence(
            id=sentence.id,
            kind=sentence.kind,
            text=self.row(sentence.text) if is_row else self.text(sentence),
            citations=tuple(cites),
            coverage=value(sentence.coverage, self.redactor, self.key),
            ledger=sentence.ledger,
            about=sentence.about,
            record=sentence.record,
            negative=sentence.negative,
        )

    def text(self, sentence: Sentence) -> str:
        text = self.redactor.text
        if sentence.kind == "quote":
            if sentence.citations[0].part == PART_SUBJECT:
                return text(sentence.text)
            pieces = marked(sentence.text, sentence.marks)
            return " … ".join(text(piece) for piece, is_marked in pieces if is_marked) or UNQUOTED
        if sentence.kind == "record" and sentence.record in self.records:
            return self.fact(sentence.text, self.records[sentence.record])
        return text(sentence.text)

    def row(self, said: str) -> str:
        """A row of a table; what it quotes of a record beside what a finding cites is left out."""
        cells = (_QUOTED.sub(WORDS_LEFT_OUT, cell) for cell in said.split("\t"))
        return "\t".join(self.redactor.text(cell) for cell in cells)

    def fact(self, said: str, record: Record) -> str:
        """A line on a record's envelope: its parties by their labels, whatever names they go by."""
        name, _, rest = said.partition(": ")
        labels = self.redactor.labels
        if name == "From" and record.sender:
            return f"From: {self.party(record.sender)}"
        if name == "To":
            return f"To: {', '.join(self.party(p) for p in record.recipients)}"
        if name == "Attachment":
            return f"Attachment: {labels.of('File', rest.rpartition(' (')[0])}"
        if name == "Conversation":
            return f"Conversation: {labels.of('Conversation', rest)}"
        return BY_COMMITMENT if name == "Record" else self.redactor.text(said)

    def party(self, party: Party) -> str:
        """The label of a party."""
        known = self.redactor.labels.known("Account", party.address) if party.address else ""
        return known or self.redactor.text(party.shown)


def value(plain: T, redactor: Redactor, key: bytes, name: str = "") -> T:
    """A value of the model with texts replaced, times made coarse, and stand-ins for its bytes."""
    made: Any = plain
    if isinstance(plain, enum.Enum):
        return plain
    if dataclasses.is_dataclass(plain) and not isinstance(plain, type):
        fields = {
            f.name: value(getattr(plain, f.name), redactor, key, f.name)
            for f in dataclasses.fields(plain)
        }
        made = replace(plain, **fields)
    elif isinstance(plain, str):
        made = redactor.text(plain)
    elif isinstance(plain, bytes):
        stand_in = hmac.digest(key, plain, "sha256") if plain else b""
        made = (stand_in * (len(plain) // HASH_BYTES + 1))[: len(plain)]
    elif isinstance(plain, tuple):
        made = tuple(value(one, redactor, key, name) for one in plain)
    elif isinstance(plain, Mapping):
        made = {k: value(v, redactor, key, str(k)) for k, v in plain.items()}
    elif isinstance(plain, int) and not isinstance(plain, bool) and name.endswith("_us"):
        made = redactor.times.coarse(plain, offset_s=redactor.offset_s)
    return made  # type: ignore[no-any-return]


def _given(given: BriefInput, redactor: Redactor, key: bytes) -> BriefInput:
    held = replace(given.authority, signatures=())
    zone = given.event.zone_offset_s
    return replace(
        given,
        title=redactor.text(given.title),
        event=value(given.event, redactor, key),
        authority=value(held, redactor, key),
        case_id=redactor.text(given.case_id),
        made_us=Times.DAY.coarse(given.made_us, offset_s=zone),
        sources=value(given.sources, redactor, key),
        findings=(),
        coverage=value(given.coverage, redactor, key),
        timeline=_coarse_bins(given.timeline, redactor.times, zone),
        searches=value(given.searches, redactor, key),
        cited=tuple(_stand_in(c, key) for c in given.cited),
        warnings=redactor.texts(given.warnings),
        notes=(),
        chapters=(),
        negatives=value(given.negatives, redactor, key),
        edition=value(given.edition, redactor, key),
    )


def _coarse_bins(bins: tuple[Bin, ...], times: Times, offset_s: int) -> tuple[Bin, ...]:
    """Stretches between whole hours or days: those that fall together are one; no count is lost."""
    if times is Times.NONE:
        return ()
    joined: dict[tuple[str, int], Bin] = {}
    for one in bins:
        start = times.coarse(one.start_us, offset_s=offset_s)
        end = max(times.coarse(one.end_us, offset_s=offset_s), start + times.step_us)
        before = joined.get((one.source, start))
        joined[one.source, start] = Bin(
            start_us=start,
            end_us=max(end, before.end_us if before else end),
            source=one.source,
            records=one.records + (before.records if before else 0),
            cited=one.cited + (before.cited if before else 0),
        )
    return tuple(joined.values())


def _stand_in(cited: CitedRecord, key: bytes) -> CitedRecord:
    """A record with nothing in it but its label, for who writes a page."""
    name = hmac.digest(key, b"record\x00" + cited.label.encode(), "sha256")[:RECORD_BYTES]
    nothing = bytes(HASH_BYTES)
    envelope = Envelope(
        record_id=name,
        source_id=cited.source,
        medium=cited.record.envelope.medium,
        claimed=None,
        held_us=0,
        size_bytes=0,
        account_tokens=(),
        conversation_token=b"",
    )
    record = Record(
        envelope=envelope,
        source_sha256=nothing,
        sender=None,
        recipients=(),
        conversation="",
        native_id="",
        reply_to="",
        subject="",
        text="",
        parts=(),
    )
    proof = Proof(
        record_id=name,
        leaf_salt=bytes(RECORD_BYTES),
        source_sha256=nothing,
        pieces=(),
        row=0,
        block_records=1,
        block_path=(),
        block=0,
        pack_blocks=1,
        pack_path=(),
        pack_id="",
        pack_root=hashlib.sha256(name).digest(),
    )
    return CitedRecord(
        label=cited.label,
        record=record,
        source=cited.source,
        proof=proof,
        entry_bytes=b'{"sequence":0}',
    )
