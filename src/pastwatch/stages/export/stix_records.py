"""What a record is in STIX 2.1: observed data with its mail, accounts and files; a note if undated."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from typing import Any, Final

from pastwatch.model.party import Role
from pastwatch.model.record import Kind, Part
from pastwatch.stages.export.parties import account_key
from pastwatch.stages.export.stix_objects import Object, Office, extension
from pastwatch.stages.export.taken import TakenRecord
from pastwatch.stages.export.writing import (
    Tally,
    defect_words,
    is_moment,
    iso_us,
    judged,
    kind_word,
)

_FIELDS: Final = {
    Role.TO: "to_refs",
    Role.CC: "cc_refs",
    Role.BCC: "bcc_refs",
    Role.MEMBER: "to_refs",
}
_NOT_SURE: Final = ("unsure", "defer")


def record_id_of(one: TakenRecord, office: Office) -> str:
    """The id of the object a record is: observed data, or a note where no time is known."""
    kind = "observed-data" if one.record.envelope.claimed else "note"
    return office.id(kind, one.record.record_id.hex())


def record_objects(one: TakenRecord, office: Office, tally: Tally) -> Iterator[Object]:
    """The objects of one record, itself last; accounts are pointed at and come at the end."""
    record, claimed = one.record, one.record.envelope.claimed
    files = [_file(one, number, part, office) for number, part in enumerate(record.parts, 1)]
    made = list(files)
    is_mail = record.envelope.medium == "mail" and record.envelope.kind is Kind.SAID
    if is_mail:
        made.append(_mail(one, files, office))
    refs = [one_made["id"] for one_made in reversed(made)]
    refs.extend(ref for ref in dict.fromkeys(_parties(one, office)) if ref)
    if not refs:
        if not record.text:
            tally.leave("records without parties, files or words", "STIX asks for an object")
            return
        made.append(_words(one, office))
        refs.append(made[-1]["id"])
    yield from made
    held_us, said = record.envelope.held_us, _said(one, files, office, is_mail=is_mail)
    properties: dict[str, Any] = {
        "object_refs": refs,
        "external_references": [{"source_name": one.source, "external_id": record.record_id.hex()}],
        "extensions": said,
        "object_marking_refs": office.marks(f"source {one.source}", record.record_id.hex()),
    }
    if claimed is None:
        tally.leave("sightings of undated records", "each stands as a note on its objects")
        properties["content"] = record.text or record.subject or kind_word(record.envelope.kind)
        properties["abstract"] = "a record without a time"
        yield office.object("note", record_id_of(one, office), held_us, **properties)
        return
    seen = {
        "first_observed": iso_us(claimed.earliest_us),
        "last_observed": iso_us(claimed.latest_us),
        "number_observed": 1,
    }
    yield office.object("observed-data", record_id_of(one, office), held_us, **seen, **properties)


def reply(one: TakenRecord, parent_ref: str, office: Office, tally: Tally) -> Iterator[Object]:
    """The link from an answer to what it answers, where that is in the bundle already."""
    if one.parent_id is None:
        return
    if not parent_ref:
        why = "the record answered is not in this export, or stands after its answer"
        tally.leave("links of answers", why)
        return
    yield office.object(
        "relationship",
        office.id("relationship", "replies-to", one.record.record_id.hex()),
        one.record.envelope.held_us,
        relationship_type="replies-to",
        source_ref=record_id_of(one, office),
        target_ref=parent_ref,
    )


def judgements(one: TakenRecord, office: Office) -> Iterator[Object]:
    """A note of what was judged; where reviewers differ, the opinion of each other one on it."""
    if not one.judgements:
        return
    said = [judged(judgement) for judgement in one.judgements]
    first_person, first_word = said[0]
    named, held_us = one.record.record_id.hex(), one.record.envelope.held_us
    note_id = office.id("note", office.taken.case_id, "judged", named)
    differ = any(word != first_word for _, word in said)
    authors = [first_person] if differ else [person for person, _ in said]
    yield office.object(
        "note",
        note_id,
        held_us,
        content=f"judged {first_word} by {', '.join(filter(None, authors))}",
        authors=authors,
        object_refs=[record_id_of(one, office)],
    )
    for person, word in said[1:] if differ else ():
        identity = office.person(person)
        yield identity
        opinion = "agree" if word == first_word else "disagree"
        made = office.object(
            "opinion",
            office.id("opinion", office.taken.case_id, named, person),
            held_us,
            opinion="neutral" if word in _NOT_SURE and word != first_word else opinion,
            explanation=f"judged {word} by {person}",
            authors=[person],
            object_refs=[note_id],
        )
        yield made | {"created_by_ref": identity["id"]}


def _parties(one: TakenRecord, office: Office) -> list[str]:
    medium = one.record.envelope.medium
    keys = (account_key(medium, p) for p in (one.record.sender, *one.record.recipients))
    return [office.account_ref(key) if key else "" for key in keys]


def _mail(one: TakenRecord, files: list[Object], office: Office) -> Object:
    """The mail itself; with attachments its words are the first of its parts (§6.6)."""
    record, claimed = one.record, one.record.envelope.claimed
    made: Object = {
        "type": "email-message",
        "spec_version": "2.1",
        "id": office.id("email-message", record.record_id.hex()),
        "is_multipart": bool(files),
    }
    if claimed and is_moment(claimed):
        made["date"] = iso_us(claimed.earliest_us)
    sender, *reached = _parties(one, office)
    if sender.startswith("email-addr--"):
        made["from_ref"] = sender
    for party, ref in zip(record.recipients, reached, strict=True):
        refs = made.setdefault(_FIELDS[party.role], []) if ref.startswith("email-addr--") else []
        if ref not in refs:
            refs.append(ref)
    if record.native_id and not one.is_masked:
        made["message_id"] = record.native_id
    if record.subject:
        made["subject"] = record.subject
    if record.reply_to and not one.is_masked:
        made["additional_header_fields"] = {"In-Reply-To": [record.reply_to]}
    if files:
        made["body_multipart"] = _multipart(one, files)
    elif record.text:
        made["body"] = record.text
    return made


def _multipart(one: TakenRecord, files: list[Object]) -> list[Object]:
    made = []
    if one.record.text:
        made.append({"body": one.record.text, "content_type": "text/plain; charset=utf-8"})
    for part, file in zip(one.record.parts, files, strict=True):
        held = {"body_raw_ref": file["id"], "content_disposition": "attachment"}
        made.append(held | ({"content_type": part.media_type} if part.media_type else {}))
    return made


def _file(one: TakenRecord, number: int, part: Part, office: Office) -> Object:
    made: Object = {
        "type": "file",
        "spec_version": "2.1",
        "id": office.id("file", one.record.record_id.hex(), str(number)),
        "name": part.name or f"attachment {number}",
        "size": part.size_bytes,
    }
    if part.media_type:
        made["mime_type"] = part.media_type
    if not one.is_masked:
        made["hashes"] = {"SHA-256": part.sha256.hex()}
    return made


def _words(one: TakenRecord, office: Office) -> Object:
    """The words of a record that has no parties, so that there is something to have observed."""
    payload = base64.b64encode(one.record.text.encode("utf-8", "replace")).decode()
    return {
        "type": "artifact",
        "spec_version": "2.1",
        "id": office.id("artifact", one.record.record_id.hex()),
        "mime_type": "text/plain",
        "payload_bin": payload,
    }


def _said(
    one: TakenRecord, files: list[Object], office: Office, *, is_mail: bool
) -> dict[str, Object]:
    record, envelope, claimed = one.record, one.record.envelope, one.record.envelope.claimed
    sender, *reached = _parties(one, office)
    ends = zip(record.recipients, reached, strict=True)
    texts = zip(files, record.parts, strict=True)
    return extension(
        record_id=record.record_id.hex(),
        number=one.number,
        source=one.source,
        medium=envelope.medium,
        kind=kind_word(envelope.kind),
        earliest=iso_us(claimed.earliest_us) if claimed else "",
        latest=iso_us(claimed.latest_us) if claimed else "",
        basis=claimed.basis.value if claimed else "",
        collected=iso_us(envelope.held_us),
        sender_ref=sender,
        recipients=[{"ref": ref, "role": p.role.name.lower()} for p, ref in ends if ref],
        conversation=record.conversation,
        thread=one.thread,
        subject="" if is_mail else record.subject,
        text="" if is_mail else record.text,
        attachments=[{"ref": f["id"], "text": p.text} for f, p in texts if p.text],
        answers=one.parent_id.hex() if one.parent_id else "",
        cited_in=list(one.cited_in),
        judgements=list(one.judgements),
        defects=list(defect_words(envelope.defects)),
        is_context=one.is_context,
        is_masked=one.is_masked,
        is_withheld=one.is_withheld,
    )
