"""Reads Telegram Desktop's JSON export: one chat, or the whole account.

Each element of a chat is a record; so is each contact and session of a whole account (a notice).
What the export states of a record and no field holds (reactions and who gave them, the first author
of what was forwarded, when it was edited, where links lead, polls, places, contacts) is its part
`stated`: a reaction has no bytes of its own. Files are named, not held. Times are `date_unixtime`;
exports that lack it give local times, which need the option zone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from pastwatch.archive.layout import basis_number
from pastwatch.model.batch import Batch
from pastwatch.model.party import Role
from pastwatch.model.record import Defect, Kind
from pastwatch.model.source import Gap
from pastwatch.model.when import Basis
from pastwatch.stages.collect.connectors.batched import Columns, PartRow, Recipient, clean
from pastwatch.stages.collect.connectors.chatfields import (
    listed,
    mapped,
    moment_shown,
    named_file,
    shown,
    since_1970_us,
    words,
)
from pastwatch.stages.collect.connectors.files import container_name, opened
from pastwatch.stages.collect.connectors.jsonspans import Around, json_records
from pastwatch.stages.collect.connectors.stated import stated
from pastwatch.stages.collect.connectors.times import Times

_PATHS = (
    "messages[]",
    "chats.list[].messages[]",
    "left_chats.list[].messages[]",
    "contacts.list[]",
    "frequent_contacts.list[]",
    "sessions.list[]",
    "web_sessions.list[]",
)
_OURS = re.compile(
    rb'"date_unixtime"\s*:|"text_entities"\s*:|"from_id"\s*:\s*"(?:user|channel|chat)\d'
    rb'|"type"\s*:\s*"(?:personal_chat|saved_messages|bot_chat|private_group|private_supergroup'
    rb'|public_supergroup|private_channel|public_channel)"'
)
_EXPORT = basis_number(Basis.EXPORT)
_KINDS = {
    "create_group": Kind.CREATED,
    "create_channel": Kind.CREATED,
    "topic_created": Kind.CREATED,
    "migrate_from_group": Kind.CREATED,
    "join_group_by_link": Kind.JOINED,
    "join_group_by_request": Kind.JOINED,
    "joined_telegram": Kind.JOINED,
    "invite_members": Kind.ADDED,
    "remove_members": Kind.REMOVED,
    "edit_group_title": Kind.RENAMED,
    "topic_edit": Kind.RENAMED,
    "phone_call": Kind.CALLED,
    "group_call": Kind.CALLED,
    "group_call_scheduled": Kind.CALLED,
    "invite_to_group_call": Kind.CALLED,
    "clear_history": Kind.DELETED,
}
# Keys whose values stand in a field, or say nothing a reader would search for.
_PLACED = frozenset((
    "id", "type", "date", "date_unixtime", "edited", "edited_unixtime", "from", "from_id", "text",
    "text_entities", "reply_to_message_id", "actor", "actor_id", "action", "photo", "file",
    "photo_file_size", "file_size", "file_name", "mime_type", "thumbnail", "thumbnail_file_size",
    "width", "height", "reactions", "media_type", "reply_to_peer_id",
))  # fmt: skip


class Telegram:
    """The Telegram connector; options: zone (for exports without UTC times), container."""

    name = "telegram"
    medium = "telegram"

    def recognises(self, path: Path, head: bytes) -> int:  # noqa: ARG002 - content decides
        """Sure of an object with `messages` or `chats` whose records have Telegram's own keys."""
        start = head.removeprefix(b"\xef\xbb\xbf").lstrip()
        if start[:1] != b"{":
            return 0
        if b'"messages"' in head and _OURS.search(head) and b'"sender_name"' not in head:
            return 95
        return 80 if b'"personal_information"' in head and b'"about"' in head else 0

    def read(self, path: Path, options: Mapping[str, Any]) -> Iterator[Batch | Gap]:
        """The records in file order."""
        with opened(path) as view:
            columns = Columns(container_name(path, options))
            yield from json_records(view, columns, _PATHS, _Chats(columns, Times(options)).add)
            yield from columns.rest()


class _Chats:
    """Adds the records of one export; knows the chat it is in."""

    def __init__(self, columns: Columns, times: Times) -> None:
        self._columns = columns
        self._times = times
        self._around: Around | None = None
        self._title, self._other = "", ""
        self._ids: dict[str, str] = {}

    def add(self, original: bytes, row: Mapping[str, Any], around: Around, defects: Defect) -> str:
        if around is not self._around:
            self._enter(around)
        get = row.get
        kind, said, sender, address = _spoken(row)
        text, links = (said, []) if isinstance(said, str) else _joined(said)
        parts: list[PartRow] = []
        if links or not row.keys() <= _PLACED or "reactions" in row or kind is Kind.EDITED:
            parts = stated([*_statements(row, is_event=get("type") == "service"), *links])
        if "photo" in row or "file" in row:
            parts += _files(row)
        at_us = latest_us = since_1970_us(get("date_unixtime"))
        if at_us is None:
            at_us, latest_us, defect = self._local(get("date"))
            defects |= defect
        if not sender and not address and (kind is Kind.SAID or kind is Kind.EDITED):
            defects |= Defect.NO_SENDER
        recipients: list[Recipient] = []
        if self._other and sender != self._other:
            recipients = [(self._other, self._other, int(Role.MEMBER))]
        self._columns.add(
            original,
            text=clean(text),
            earliest_us=at_us,
            latest_us=latest_us,
            basis=_EXPORT,
            sender_address=address or sender,
            sender_name=sender,
            recipients=recipients,
            conversation=self._title,
            native_id=shown(get("id")),
            reply_to=shown(get("reply_to_message_id")) if "reply_to_message_id" in row else None,
            parts=parts,
            kind=int(kind),
            defects=int(defects),
        )
        return ""

    def _local(self, date: Any) -> tuple[int | None, int | None, Defect]:
        moment = self._times.read(date)
        if moment is None:
            return None, None, Defect.BAD_DATE if date else Defect.NO_DATE
        defect = Defect.NONE if moment.has_zone else Defect.AMBIGUOUS_DATE
        return moment.earliest_us, moment.latest_us, defect

    def _enter(self, around: Around) -> None:
        chat = around[-1] if around else {}
        self._around = around
        name, number = clean(shown(chat.get("name"))), clean(shown(chat.get("id")))
        is_other = self._ids.setdefault(name, number) != number
        self._title = f"{name} ({number})" if name and is_other else name or number
        self._other = name if chat.get("type") == "personal_chat" else ""


def _spoken(row: Mapping[str, Any]) -> tuple[Kind, Any, str, str]:
    """(kind, text as given, who, the account)."""
    get = row.get
    if get("type") == "service":
        return *_event(row), shown(get("actor")), shown(get("actor_id"))
    if "text" in row or "type" in row:
        kind = Kind.EDITED if "edited_unixtime" in row or "edited" in row else Kind.SAID
        who, account = get("from"), get("from_id")
        if not (isinstance(who, str) and isinstance(account, str)):
            who, account = shown(who), shown(account)
        return kind, get("text", ""), who, account
    return Kind.NOTICE, "\n".join(words(row)), "", ""


def _joined(text: Any) -> tuple[str, list[tuple[str, str]]]:
    """The words of a text given in pieces, and where its links lead."""
    said, links = list[str](), list[tuple[str, str]]()
    for piece in listed(text):
        if isinstance(piece, str):
            said.append(piece)
        elif isinstance(piece, dict):
            said.append(shown(piece.get("text")))
            if "href" in piece:
                links.append(("link", shown(piece["href"])))
    return "".join(said), links


def _event(row: Mapping[str, Any]) -> tuple[Kind, str]:
    action = shown(row.get("action"))
    members = [shown(member) for member in listed(row.get("members"))]
    kind = _KINDS.get(action, Kind.NOTICE)
    if members == [shown(row.get("actor"))]:
        kind = {Kind.ADDED: Kind.JOINED, Kind.REMOVED: Kind.LEFT}.get(kind, kind)
    told = [action.replace("_", " "), shown(row.get("title")), ", ".join(filter(None, members))]
    text = row.get("text")
    told.append(text if isinstance(text, str) else _joined(text)[0])
    return kind, " ".join(filter(None, told))


def _statements(row: Mapping[str, Any], *, is_event: bool) -> Iterator[tuple[str, str]]:
    """What the export says of a record beyond its fields."""
    yield "edited", moment_shown(since_1970_us(row.get("edited_unixtime")))
    if not since_1970_us(row.get("edited_unixtime")):
        yield "edited", shown(row.get("edited"))
    for reaction in listed(row.get("reactions")):
        one = mapped(reaction)
        people = [shown(mapped(giver).get("from")) for giver in listed(one.get("recent"))]
        sign = shown(one.get("emoji")) or shown(one.get("type"))
        count = shown(one.get("count"))
        yield "reaction", " ".join([sign, f"x{count}" if count else "", ", ".join(people)])
    for key, value in row.items():
        if key not in _PLACED and not (is_event and key in {"title", "members"}):
            yield key.replace("_", " "), " ".join(words(value))


def _files(row: Mapping[str, Any]) -> Iterator[PartRow]:
    get = row.get
    if photo := shown(get("photo")):
        yield named_file(photo, "image/jpeg", get("photo_file_size"))
    if file := shown(get("file")):
        name = shown(get("file_name")) or file
        yield named_file(name, shown(get("mime_type")), get("file_size"))


CONNECTOR = Telegram()
