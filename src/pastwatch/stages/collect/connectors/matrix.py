"""Reads Matrix rooms as Element exports them (JSON), and events as a server gives them.

Names come from the room's member events as far as they stand before a record. An edit (`m.replace`),
a reaction and a redaction are records of their own that reply to what they change. What is still
encrypted is kept under the flag OPAQUE. Files are named, not held.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from pastwatch.archive.layout import NO_BASIS, basis_number
from pastwatch.model.batch import Batch
from pastwatch.model.party import Role
from pastwatch.model.record import Defect, Kind
from pastwatch.model.source import Gap
from pastwatch.model.when import Basis
from pastwatch.stages.collect.connectors.batched import Columns, PartRow, clean
from pastwatch.stages.collect.connectors.chatfields import (
    listed,
    mapped,
    named_file,
    shown,
    since_1970_us,
    words,
)
from pastwatch.stages.collect.connectors.files import container_name, opened
from pastwatch.stages.collect.connectors.jsonspans import Around
from pastwatch.stages.collect.connectors.nestedrows import lines_or_records
from pastwatch.stages.collect.connectors.stated import stated
from pastwatch.stages.collect.mailbody import html_text

_PATHS = ("messages[]", "chunk[]", "[]")
_EXPORT = basis_number(Basis.EXPORT)
_MS_US = 1000
_OURS = re.compile(rb'"origin_server_ts"\s*:')
_KINDS = {
    "m.room.create": Kind.CREATED,
    "m.room.name": Kind.RENAMED,
    "m.reaction": Kind.REACTED,
    "m.room.redaction": Kind.DELETED,
}
_SAID = frozenset((
    "m.room.message", "m.sticker", "m.room.encrypted", "m.poll.start", "m.poll.response",
    "org.matrix.msc3381.poll.start", "org.matrix.msc3381.poll.response",
))  # fmt: skip
_HTML = re.compile(r"<(?!mx-reply)[a-z]", re.IGNORECASE)
_QUOTED = re.compile(r"(?:> [^\n]*\n)+\n?")  # what a reply repeats of the record it replies to


class Matrix:
    """The Matrix connector; options: conversation, container."""

    name = "matrix"
    medium = "matrix"

    def recognises(self, path: Path, head: bytes) -> int:  # noqa: ARG002 - content decides
        """Sure of JSON whose rows have `origin_server_ts` and an event's other keys."""
        start = head.removeprefix(b"\xef\xbb\xbf").lstrip()
        if start[:1] not in {b"{", b"["} or not _OURS.search(head):
            return 0
        return 95 if b'"event_id"' in head or b'"sender"' in head else 0

    def read(self, path: Path, options: Mapping[str, Any]) -> Iterator[Batch | Gap]:
        """The events in file order."""
        with opened(path) as view:
            columns = Columns(container_name(path, options))
            add = _Room(columns, str(options.get("conversation") or "")).add
            yield from lines_or_records(view, columns, _PATHS, add, keys=("messages", "chunk"))


class _Room:
    """Adds the events of one export; learns names and the room's from them."""

    def __init__(self, columns: Columns, title: str) -> None:
        self._columns = columns
        self._given = title
        self._title = title
        self._around: Around | None = None
        self._names: dict[str, str] = {}

    def add(self, original: bytes, row: Mapping[str, Any], around: Around, defects: Defect) -> str:
        form = shown(row.get("type"))
        if not form:
            return "not an event"
        if around is not self._around:
            self._around = around
            self._title = self._given or shown(around[-1].get("room_name")) if around else self._given  # fmt: skip
        content = mapped(row.get("content"))
        sender = shown(row.get("sender"))
        whom = ""
        if form == "m.room.member":
            kind, text, whom = self._member(row, content, sender)
        elif form in _SAID:
            kind, text = _words(form, row, content)
            if form == "m.room.encrypted" and kind is Kind.SAID:
                defects |= Defect.OPAQUE
        else:
            kind, text = _event(form, content)
        if not sender and kind in {Kind.SAID, Kind.EDITED}:
            defects |= Defect.NO_SENDER
        at_us = since_1970_us(row.get("origin_server_ts"), _MS_US)
        if at_us is None:
            defects |= Defect.BAD_DATE if "origin_server_ts" in row else Defect.NO_DATE
        name = self._names.get(sender, "")
        self._columns.add(
            original,
            text=clean(text),
            earliest_us=at_us,
            latest_us=at_us,
            basis=_EXPORT if at_us is not None else NO_BASIS,
            sender_address=clean(sender),
            sender_name=clean(name),
            recipients=[(clean(whom), clean(self._names.get(whom, "")), int(Role.TO))]
            if whom
            else (),
            conversation=clean(self._title or shown(row.get("room_id"))),
            native_id=clean(shown(row.get("event_id"))),
            reply_to=clean(_reply_to(row, content)),
            parts=_parts(row, content),
            kind=int(kind),
            defects=int(defects),
        )
        return ""

    def _member(
        self, row: Mapping[str, Any], content: Mapping[str, Any], sender: str
    ) -> tuple[Kind, str, str]:
        """(kind, words, whom) of a member event; it also tells the member's name."""
        whom = shown(row.get("state_key")) or sender
        unsigned = mapped(row.get("unsigned"))
        before = mapped(unsigned.get("prev_content") or row.get("prev_content"))
        state, was = shown(content.get("membership")), shown(before.get("membership"))
        if name := shown(content.get("displayname")):
            self._names[whom] = name
        reason = shown(content.get("reason"))
        told = " ".join(filter(None, (state, name, reason)))
        if state == "join" and was == "join":
            if shown(before.get("displayname")) != name:
                return Kind.RENAMED, f"{shown(before.get('displayname'))} is now {name}".strip(), ""
            return Kind.NOTICE, told, ""
        if whom == sender:
            return {"join": Kind.JOINED, "leave": Kind.LEFT}.get(state, Kind.NOTICE), told, ""
        kinds = {
            "join": Kind.ADDED,
            "invite": Kind.ADDED,
            "leave": Kind.REMOVED,
            "ban": Kind.REMOVED,
        }
        return kinds.get(state, Kind.NOTICE), told, whom


def _words(form: str, row: Mapping[str, Any], content: Mapping[str, Any]) -> tuple[Kind, str]:
    if not content and mapped(row.get("unsigned")).get("redacted_because"):
        return Kind.DELETED, ""
    relates = mapped(content.get("m.relates_to"))
    kind, said = Kind.SAID, content
    if relates.get("rel_type") == "m.replace":
        kind, said = Kind.EDITED, mapped(content.get("m.new_content")) or content
    body = shown(said.get("body"))
    if relates.get("m.in_reply_to") and body.startswith("> "):
        body = _QUOTED.sub("", body, count=1)
    if not body and (formatted := shown(said.get("formatted_body"))):
        body = html_text(formatted) if _HTML.search(formatted) else formatted
    if not body and form not in {"m.room.message", "m.room.encrypted"}:
        body = "\n".join(words({k: v for k, v in said.items() if k != "m.relates_to"}))
    return kind, f"* {body}" if said.get("msgtype") == "m.emote" else body


def _event(form: str, content: Mapping[str, Any]) -> tuple[Kind, str]:
    if form.startswith(("m.call.", "org.matrix.call.", "m.rtc.")):
        return Kind.CALLED, " ".join(
            [form.rpartition(".")[2], shown(content.get("reason"))]
        ).strip()
    kind = _KINDS.get(form, Kind.NOTICE)
    if kind is Kind.REACTED:
        return kind, shown(mapped(content.get("m.relates_to")).get("key"))
    if kind is Kind.DELETED:
        return kind, shown(content.get("reason"))
    if kind is Kind.RENAMED:
        return kind, shown(content.get("name"))
    return kind, "\n".join([form, *words(content)])


def _reply_to(row: Mapping[str, Any], content: Mapping[str, Any]) -> str:
    relates = mapped(content.get("m.relates_to"))
    reply = shown(mapped(relates.get("m.in_reply_to")).get("event_id"))
    if relates.get("rel_type") == "m.replace" or not reply:
        reply = shown(relates.get("event_id")) or reply
    return reply or shown(row.get("redacts")) or shown(content.get("redacts"))


def _parts(row: Mapping[str, Any], content: Mapping[str, Any]) -> list[PartRow]:
    parts: list[PartRow] = []
    because = mapped(mapped(row.get("unsigned")).get("redacted_because"))
    if because:
        told = shown(because.get("sender")), shown(mapped(because.get("content")).get("reason"))
        parts += stated([("deleted by", told[0]), ("reason", told[1])])
    file = mapped(content.get("file"))
    if url := shown(content.get("url")) or shown(file.get("url")):
        facts = mapped(content.get("info"))
        name = shown(content.get("filename")) or shown(content.get("body")) or url
        parts.append(named_file(name, shown(facts.get("mimetype")), facts.get("size")))
        parts += stated([("where", url)])
    if mentions := listed(mapped(content.get("m.mentions")).get("user_ids")):
        parts += stated([("mentions", " ".join(shown(one) for one in mentions))])
    return parts


CONNECTOR = Matrix()
