"""What a record is in FollowTheMoney: its entity, its attachments, the folders they lie in."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final

from pastwatch.model.party import Party, Role
from pastwatch.model.record import Kind, Part
from pastwatch.model.when import When
from pastwatch.plugins import extra
from pastwatch.stages.export.findings import Graded
from pastwatch.stages.export.parties import AccountKey, Register, account_key
from pastwatch.stages.export.taken import TakenRecord
from pastwatch.stages.export.writing import (
    Tally,
    bare,
    defect_words,
    iso_us,
    kind_word,
    stable_id,
    when_words,
)

Entity = dict[str, Any]

PIECE_CHARACTERS: Final = 65_000
"""The longest value of a text property (followthemoney/types/string.py, TextType.max_length)."""
NOTICES: Final = (
    Kind.CREATED,
    Kind.JOINED,
    Kind.ADDED,
    Kind.LEFT,
    Kind.REMOVED,
    Kind.RENAMED,
    Kind.NOTICE,
)
"""Kinds of records that tell of an event in a conversation, and say nothing in it."""
_SCHEMA_OF_TYPE: Final = {"image": "Image", "audio": "Audio", "video": "Video", "text": "PlainText"}
_UNSEEN: Final = " \t\r\n\u00ad\u061c\u200b\u200c\u200d\u200e\u200f\u2028\u2029\u2060\ufeff\"'"
_PREFIXES: Final = (19, 16, 13, 10, 7, 4)
_EMAIL: Final = re.compile(
    r"([^<>()\[\],;:?\s@\"]{1,64})@((?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,})",
    re.IGNORECASE,
)
_NUMBER: Final = re.compile(r"\+[1-9][0-9]{6,14}")
_MEDIA_TYPE: Final = re.compile(r"[a-z]+/[a-z0-9][a-z0-9.+-]*")
_UNKNOWN_TYPE: Final = "application/octet-stream"


def prefix_date(earliest_us: int, latest_us: int) -> str:
    """The longest date (2017, 2017-04 … to the second) that holds the whole interval, or nothing."""
    earliest, latest = iso_us(earliest_us), iso_us(latest_us)
    if earliest < "1":  # years before 1000 are no dates to FollowTheMoney
        return ""
    lengths = (n for n in _PREFIXES if earliest[:n] == latest[:n])
    return earliest[: next(lengths, 0)]


def email_of(address: str) -> str:
    """An address as a property of type email takes it; nothing where it is none."""
    found = _EMAIL.fullmatch(address)
    return f"{found[1]}@{found[2].lower()}" if found and "--" not in found[2] else ""


@functools.lru_cache(maxsize=4096)
def phone_of(address: str) -> str:
    """A number as a property of type phone takes it (E.164, valid in its country's plan)."""
    if not _NUMBER.fullmatch(address):
        return ""
    with extra("phone", "telephone numbers are checked with {package}, which is not installed"):
        import phonenumbers
    try:
        return address if phonenumbers.is_valid_number(phonenumbers.parse(address)) else ""
    except phonenumbers.NumberParseException:
        return ""


class Maker:
    """Makes entities with stable ids; takes away what no property may hold, and counts it."""

    def __init__(self, archive_id: str, tally: Tally, graded: Graded) -> None:
        self.archive_id = archive_id
        self.tally = tally
        self._graded = graded

    def id(self, *parts: str) -> str:
        """The stable id of something of this archive."""
        return stable_id(self.archive_id, *parts)

    def holder_id(self, key: AccountKey) -> str:
        """The id of who holds an account, whoever that is."""
        return self.id("holder", *key)

    def entity(self, schema: str, entity_id: str, **properties: Iterable[str]) -> Entity:
        """An entity; values that say nothing are no values."""
        kept = {}
        for name, values in properties.items():
            said = [v for v in dict.fromkeys(map(self._bare, values)) if v.strip(_UNSEEN)]
            if said:
                kept[name] = said
        return {"id": entity_id, "schema": schema, "properties": kept}

    def date(self, when: When | None) -> list[str]:
        """The date of an interval; where none holds it, it stands in the notes alone."""
        if when is None:
            return []
        found = prefix_date(when.earliest_us, when.latest_us)
        if not found:
            why = "no year holds the whole interval; it stands in the notes"
            self.tally.leave("dates", why)
        return [found] if found else []

    def record_entities(self, one: TakenRecord, register: Register) -> Iterator[Entity]:
        """The entities of one record: folders not seen before, itself, its attachments."""
        folder_id = ""
        for entity in self._folders(one):
            folder_id = entity["id"]
            key = bytes.fromhex(folder_id)
            if not register.label(key):
                register.remember(key, "Folder")
                yield entity
        made = self._itself(one, folder_id, register)
        yield from made
        record_entity = made[-1]
        holds = record_entity["schema"] in ("Email", "Message")
        for number, part in enumerate(one.record.parts, 1):
            parent = record_entity["id"] if holds else folder_id
            yield self._part(one, number, part, parent)

    def _folders(self, one: TakenRecord) -> Iterator[Entity]:
        """The folder of the source and, outside of mail, that of the conversation in it."""
        source_id = self.id("source", one.source)
        yield self.entity("Folder", source_id, title=[one.source], fileName=[one.source])
        conversation = one.record.conversation
        if conversation and one.record.envelope.medium != "mail":
            folder_id = self.id("conversation", one.source, conversation)
            named = {"title": [conversation], "fileName": [conversation], "parent": [source_id]}
            yield self.entity("Folder", folder_id, **named)

    def _itself(self, one: TakenRecord, folder_id: str, register: Register) -> list[Entity]:
        envelope = one.record.envelope
        if envelope.kind is Kind.CALLED:
            return self._call(one, folder_id)
        if envelope.kind in NOTICES:
            return [self._notice(one)]
        if envelope.medium == "mail":
            return [self._email(one, folder_id, register)]
        if envelope.medium == "report":
            self._unlinked(one, "a report answers nothing")
            return [self._document("PlainText", one, folder_id)]
        return [self._message(one, folder_id, register)]

    def _email(self, one: TakenRecord, folder_id: str, register: Register) -> Entity:
        sender, recipients = self._ends(one)
        record = one.record
        return self._document(
            "Email",
            one,
            folder_id,
            subject=[record.subject],
            threadTopic=[one.thread],
            **{"from": [record.sender.shown] if record.sender else []},
            to=_shown(record.recipients, (Role.TO, Role.MEMBER)),
            cc=_shown(record.recipients, (Role.CC,)),
            bcc=_shown(record.recipients, (Role.BCC,)),
            emitters=[self.holder_id(key) for key in sender],
            recipients=[self.holder_id(key) for key in recipients],
            inReplyTo=[] if one.is_masked else [record.reply_to],
            inReplyToEmail=self._answered(one, "Email", register),
        )

    def _message(self, one: TakenRecord, folder_id: str, register: Register) -> Entity:
        sender, recipients = self._ends(one)
        stable = self.archive_id
        return self._document(
            "Message",
            one,
            folder_id,
            subject=[one.record.subject],
            threadTopic=[one.thread],
            sender=[self.holder_id(key) for key in sender],
            senderAccount=[key.stable(stable) for key in sender if key.address],
            recipients=[self.holder_id(key) for key in recipients],
            recipientAccount=[key.stable(stable) for key in recipients if key.address],
            inReplyTo=[] if one.is_masked else [one.record.reply_to],
            inReplyToMessage=self._answered(one, "Message", register),
            recordId=[one.record.record_id.hex()],
        )

    def _call(self, one: TakenRecord, folder_id: str) -> list[Entity]:
        """A call is an interval and no document: its words are a document that proves it."""
        self._unlinked(one, "a call answers nothing")
        sender, recipients = self._ends(one)
        words = self._document("PlainText", one, folder_id)
        call = self.entity(
            "Call",
            self.id("call", one.record.record_id.hex()),
            caller=[self.holder_id(key) for key in sender],
            callerNumber=[phone_of(key.address) for key in sender],
            receiver=[self.holder_id(key) for key in recipients],
            receiverNumber=[phone_of(key.address) for key in recipients],
            date=self.date(one.record.envelope.claimed),
            summary=[one.record.subject],
            recordId=[one.record.record_id.hex()],
            proof=[words["id"]],
        )
        return [call, words]

    def _notice(self, one: TakenRecord) -> Entity:
        self._unlinked(one, "a notice answers nothing")
        sender, recipients = self._ends(one)
        record = one.record
        place = record.conversation or one.source
        return self.entity(
            "Event",
            self.id("record", record.record_id.hex()),
            name=[f"{kind_word(record.envelope.kind)}: {place}"],
            date=self.date(record.envelope.claimed),
            summary=[record.subject],
            description=pieces(record.text),
            involved=[self.holder_id(key) for key in (*sender, *recipients)],
            recordId=[record.record_id.hex()],
            retrievedAt=[iso_us(record.envelope.held_us)[:19]],
            keywords=_keywords(one),
            notes=self._notes(one),
        )

    def _document(
        self, schema: str, one: TakenRecord, folder_id: str, **properties: Sequence[str]
    ) -> Entity:
        record = one.record
        return self.entity(
            schema,
            self.id("record", record.record_id.hex()),
            title=[record.subject or f"record {one.number}"],
            bodyText=pieces(record.text),
            date=self.date(record.envelope.claimed),
            retrievedAt=[iso_us(record.envelope.held_us)[:19]],
            messageId=[] if one.is_masked else [record.native_id],
            parent=[folder_id],
            keywords=_keywords(one),
            notes=self._notes(one),
            **properties,
        )

    def _part(self, one: TakenRecord, number: int, part: Part, parent_id: str) -> Entity:
        media_type = part.media_type.partition(";")[0].strip().lower()
        known = _MEDIA_TYPE.fullmatch(media_type) and media_type != _UNKNOWN_TYPE
        schema = _SCHEMA_OF_TYPE.get(media_type.partition("/")[0], "Document")
        said = [f"attachment {number} of record {one.record.record_id.hex()}"]
        return self.entity(
            "HyperText" if media_type == "text/html" else schema,
            self.id("part", one.record.record_id.hex(), str(number)),
            fileName=[part.name or f"attachment {number}"],
            mimeType=[media_type] if known else [],
            fileSize=[str(part.size_bytes)],
            bodyText=pieces(part.text),
            parent=[parent_id],
            notes=said if one.is_masked else [*said, f"sha256 {part.sha256.hex()}"],
        )

    def _answered(self, one: TakenRecord, schema: str, register: Register) -> list[str]:
        """The entity of the record that is answered, where it is written and of the same schema."""
        if one.parent_id is None:
            return []
        found_schema, _, entity_id = register.label(one.parent_id).partition(" ")
        if found_schema == schema:
            return [entity_id]
        why = "the record answered is not here, stands after its answer, or is of another schema"
        self.tally.leave("links of answers", why)
        return []

    def _unlinked(self, one: TakenRecord, why: str) -> None:
        self.tally.leave("links of answers", why, int(one.parent_id is not None))

    def _ends(self, one: TakenRecord) -> tuple[list[AccountKey], list[AccountKey]]:
        medium = one.record.envelope.medium
        sender = account_key(medium, one.record.sender)
        recipients = (account_key(medium, party) for party in one.record.recipients)
        return [sender] if sender else [], [key for key in dict.fromkeys(recipients) if key]

    def _notes(self, one: TakenRecord) -> list[str]:
        """What no property holds: number, id, exact time and its basis, judgements, grades, defects."""
        envelope = one.record.envelope
        defects = defect_words(envelope.defects)
        return [
            f"record {one.record.record_id.hex()}, number {one.number}, {envelope.medium}",
            when_words(envelope.claimed) if envelope.claimed else "no time is known",
            *(f"judged: {judgement}" for judgement in one.judgements),
            *self._graded.words(one),
            *([f"as it came: {', '.join(defects)}"] if defects else []),
        ]

    def _bare(self, value: str) -> str:
        text, controls = bare(value)
        self.tally.leave("control characters", "databases behind this format refuse them", controls)
        return text


def pieces(text: str) -> list[str]:
    """A text in values that are not too long, in its order."""
    starts = range(0, len(text), PIECE_CHARACTERS)
    return [text[start : start + PIECE_CHARACTERS] for start in starts]


def _shown(parties: Iterable[Party], roles: tuple[Role, ...]) -> list[str]:
    return [party.shown for party in parties if party.role in roles]


def _keywords(one: TakenRecord) -> list[str]:
    kind = one.record.envelope.kind
    said = (
        (kind is not Kind.SAID, kind_word(kind)),
        (one.is_context, "context"),
        (one.is_masked, "pseudonymous"),
        (one.is_withheld, "words withheld"),
    )
    return [word for holds, word in said if holds]
