"""Reads Teams chats as Microsoft Graph gives them: `chatMessage` in an array, a page, or JSON Lines.

Replies inside a record are records of their own, cut out of it. HTML becomes text as mail's does.
Reactions, mentions and the details of an event are the part `stated`; files are named, not held.
"""

from __future__ import annotations

import json
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
from pastwatch.stages.collect.connectors.batched import Columns, PartRow, Recipient, clean
from pastwatch.stages.collect.connectors.chatfields import listed, mapped, named_file, shown, words
from pastwatch.stages.collect.connectors.files import container_name, opened
from pastwatch.stages.collect.connectors.jsonspans import Around
from pastwatch.stages.collect.connectors.nestedrows import lines_or_records, taken_out
from pastwatch.stages.collect.connectors.stated import stated
from pastwatch.stages.collect.connectors.times import Times
from pastwatch.stages.collect.mailbody import html_text

_PATHS = ("value[]", "messages[]", "[]")
_EXPORT = basis_number(Basis.EXPORT)
_OURS = re.compile(rb'"messageType"\s*:\s*"(?:message|chatEvent|typing|systemEventMessage|unknownFutureValue)"')  # fmt: skip
_KINDS = {
    "membersadded": Kind.ADDED,
    "membersjoined": Kind.JOINED,
    "membersleft": Kind.LEFT,
    "membersdeleted": Kind.REMOVED,
    "conversationmemberroleupdated": Kind.NOTICE,
    "chatrenamed": Kind.RENAMED,
    "channelrenamed": Kind.RENAMED,
    "teamrenamed": Kind.RENAMED,
    "callstarted": Kind.CALLED,
    "callended": Kind.CALLED,
    "callrecording": Kind.CALLED,
    "calltranscript": Kind.CALLED,
    "teamcreated": Kind.CREATED,
    "channeladded": Kind.CREATED,
}
_OWN_ACT = {Kind.ADDED: Kind.JOINED, Kind.REMOVED: Kind.LEFT}


class Teams:
    """The Teams connector; options: conversation, container."""

    name = "teams"
    medium = "teams"

    def recognises(self, path: Path, head: bytes) -> int:  # noqa: ARG002 - content decides
        """Sure of JSON whose rows have a `messageType`, a time of creation and a body."""
        start = head.removeprefix(b"\xef\xbb\xbf").lstrip()
        if start[:1] not in {b"{", b"["} or not _OURS.search(head):
            return 0
        return 95 if b'"createdDateTime"' in head and b'"body"' in head else 0

    def read(self, path: Path, options: Mapping[str, Any]) -> Iterator[Batch | Gap]:
        """The records in file order; one before the replies it holds."""
        with opened(path) as view:
            columns = Columns(container_name(path, options))
            add = _Chat(columns, str(options.get("conversation") or "")).add
            yield from lines_or_records(view, columns, _PATHS, add, keys=("value", "messages"))


class _Chat:
    """Adds the records of one file."""

    def __init__(self, columns: Columns, title: str) -> None:
        self._columns = columns
        self._title = title
        self._times = Times({})

    def add(
        self,
        original: bytes,
        row: Mapping[str, Any],
        around: Around,  # noqa: ARG002 - a record names its own chat
        defects: Defect,
    ) -> str:
        if "messageType" not in row and "body" not in row:
            return "not a chat record"
        replies = [reply for reply in listed(row.get("replies")) if isinstance(reply, dict)]
        taken = taken_out(original, "replies", len(replies)) if replies else None
        self._add(taken.outer if taken else original, row, defects, replied_to="")
        if taken:
            self._columns.frame("structure", taken.between_bytes)
            for inner, reply in zip(taken.inner, replies, strict=True):
                self._add(inner, reply, defects, replied_to=shown(row.get("id")))
        return ""

    def _add(
        self, original: bytes, row: Mapping[str, Any], defects: Defect, *, replied_to: str
    ) -> None:
        detail = mapped(row.get("eventDetail"))
        address, name = _party(row.get("from"))
        whom: list[Recipient] = []
        if detail or row.get("messageType") == "systemEventMessage":
            kind, text, whom = _event(detail)
            if not address:
                address, name = _party(detail.get("initiator"))
            if kind in _OWN_ACT and [one[0] for one in whom] == [address]:
                kind, whom = _OWN_ACT[kind], []
        else:
            kind, text = _said(row)
            if not address:
                defects |= Defect.NO_SENDER
        moment = self._times.read(row.get("createdDateTime"))
        if moment is None:
            defects |= Defect.BAD_DATE if row.get("createdDateTime") else Defect.NO_DATE
        elif not moment.has_zone:
            defects |= Defect.AMBIGUOUS_DATE
        channel = mapped(row.get("channelIdentity"))
        self._columns.add(
            original,
            text=clean(text),
            earliest_us=moment.earliest_us if moment else None,
            latest_us=moment.latest_us if moment else None,
            basis=_EXPORT if moment else NO_BASIS,
            sender_address=clean(address),
            sender_name=clean(name),
            recipients=whom,
            conversation=clean(
                self._title or shown(row.get("chatId")) or shown(channel.get("channelId"))
            ),
            native_id=clean(shown(row.get("id"))),
            reply_to=clean(shown(row.get("replyToId")) or replied_to or _quoted(row)),
            subject=clean(shown(row.get("subject"))),
            parts=_parts(row, detail),
            kind=int(kind),
            defects=int(defects),
        )


def _said(row: Mapping[str, Any]) -> tuple[Kind, str]:
    body = mapped(row.get("body"))
    text = shown(body.get("content"))
    if shown(body.get("contentType")).lower() == "html" or text.startswith(("<p", "<div")):
        text = html_text(text)
    if row.get("deletedDateTime"):
        return Kind.DELETED, text
    return Kind.EDITED if row.get("lastEditedDateTime") else Kind.SAID, text


def _event(detail: Mapping[str, Any]) -> tuple[Kind, str, list[Recipient]]:
    form = shown(detail.get("@odata.type")).rpartition(".")[2].removesuffix("EventMessageDetail")
    members = [_party({"user": member}) for member in listed(detail.get("members"))]
    whom = [(clean(address), clean(name), int(Role.TO)) for address, name in members if address]
    new_name = next((shown(v) for k, v in detail.items() if k.endswith("DisplayName") and v), "")
    told = [form, new_name, ", ".join(name or address for address, name in members)]
    return _KINDS.get(form.lower(), Kind.NOTICE), " ".join(filter(None, told)), whom


def _party(value: Any) -> tuple[str, str]:
    """(account, name) of whoever is named: a user, an application, a device."""
    for one in mapped(value).values():
        row = mapped(one)
        name = shown(row.get("displayName"))
        address = (
            shown(row.get("userPrincipalName")) or shown(row.get("email")) or shown(row.get("id"))
        )
        if address or name:
            return address or name, name
    return "", ""


def _quoted(row: Mapping[str, Any]) -> str:
    for attachment in map(mapped, listed(row.get("attachments"))):
        if attachment.get("contentType") == "messageReference":
            return shown(attachment.get("id"))
    return ""


def _parts(row: Mapping[str, Any], detail: Mapping[str, Any]) -> list[PartRow]:
    parts = stated(_statements(row, detail))
    for attachment in map(mapped, listed(row.get("attachments"))):
        form, url = shown(attachment.get("contentType")), shown(attachment.get("contentUrl"))
        if form == "reference" or (url and form != "messageReference"):
            media = form if "/" in form else ""
            parts.append(named_file(shown(attachment.get("name")) or url, media))
    return parts


def _statements(row: Mapping[str, Any], detail: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    yield "edited", shown(row.get("lastEditedDateTime"))
    yield "deleted", shown(row.get("deletedDateTime"))
    for reaction in map(mapped, listed(row.get("reactions"))):
        who = " ".join(_party(mapped(reaction.get("user")))[::-1])
        form = shown(reaction.get("displayName")) or shown(reaction.get("reactionType"))
        yield "reaction", f"{form} {who} {shown(reaction.get('createdDateTime'))}"
    for mention in map(mapped, listed(row.get("mentions"))):
        yield "mention", " ".join(_party(mention.get("mentioned"))[::-1])
    for attachment in map(mapped, listed(row.get("attachments"))):
        yield "link", shown(attachment.get("contentUrl"))
        if content := shown(attachment.get("content")):
            yield "attached", " ".join(_card(content))
    if shown(row.get("importance")) not in {"", "normal"}:
        yield "importance", shown(row.get("importance"))
    for key, value in detail.items():
        if key not in {"@odata.type", "members"}:
            yield key, " ".join(words(value))


def _card(content: str) -> Iterator[str]:
    try:
        yield from words(json.loads(content))
    except (ValueError, RecursionError):
        yield html_text(content)


CONNECTOR = Teams()
