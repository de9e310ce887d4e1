"""Reads the JSON that Facebook Messenger and Instagram hand over; undoes their mojibake.

The export writes UTF-8 as if each byte were a Latin-1 letter; every string that reads as such is set
right (`original` keeps the bytes as they came). Unsent is a deletion, a call is a call, events of the
group are told by their own words. Reactions, shares and stickers are the part `stated` of their
record. Replies and ids are not in these exports. The title stands after the records and is read first.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from pastwatch.archive.layout import basis_number
from pastwatch.model.batch import Batch
from pastwatch.model.party import Role
from pastwatch.model.record import Defect, Kind
from pastwatch.model.source import Gap
from pastwatch.model.when import SECOND_US, Basis
from pastwatch.stages.collect.connectors.batched import Columns, PartRow, Recipient, clean
from pastwatch.stages.collect.connectors.chatfields import (
    listed,
    mapped,
    named_file,
    shown,
    since_1970_us,
    words,
)
from pastwatch.stages.collect.connectors.files import container_name, opened
from pastwatch.stages.collect.connectors.jsonspans import Around, View, json_records
from pastwatch.stages.collect.connectors.stated import stated

_EXPORT = basis_number(Basis.EXPORT)
_MILLISECOND_US = SECOND_US // 1000
_TAIL_BYTES = 16 * 1024
_AFTER = re.compile(rb'"(title|thread_path)"\s*:\s*("(?:[^"\\]|\\.){0,4000}")', re.DOTALL)
_OURS = re.compile(rb'"sender_name"\s*:')
_TIME = re.compile(rb'"timestamp_ms"\s*:')
_MEDIA = ("photos", "videos", "audio_files", "files", "gifs")
_PLACED = frozenset((
    "sender_name", "timestamp_ms", "content", "type", "is_geoblocked_for_viewer", *_MEDIA,
    "is_unsent_image_by_messenger_kid_parent", "call_duration", "is_unsent", "reactions", "users",
))  # fmt: skip
# What follows the name of who acted: the app writes events as if that person had said them.
_EVENTS = (
    (Kind.CREATED, r"created the group\b"),
    (Kind.RENAMED, r"(?:named the group|changed the group name|removed the group name)\b"),
    (Kind.ADDED, r"added [^\n]{1,200} to the group\.?$"),
    (Kind.REMOVED, r"removed [^\n]{1,200} from the group\.?$"),
    (Kind.LEFT, r"left the group\.?$"),
    (Kind.JOINED, r"joined the (?:group|chat|call|video chat|video call)\b[^\n]{0,40}$"),
    (Kind.CALLED, r"(?:called you|(?:started|ended|missed) (?:a |an |the |your )?(?:video |audio )?(?:call|chat)\b)"),
    (Kind.NOTICE, (r"(?:set (?:the|your|his|her|their)(?: own)? (?:emoji|nickname)|pinned a message|"
                  r"changed the (?:group photo|chat theme|theme))\b")),
)  # fmt: skip
_KINDS = [(kind, re.compile(pattern)) for kind, pattern in _EVENTS]
_ALONE = (
    (Kind.CALLED, re.compile(r"The (?:video |audio )?(?:call|chat) ended\.|You missed an? .{1,80} call")),
    (Kind.REACTED, re.compile(r"Reacted \S{1,40} to (?:your|a) message ?|Liked a message")),
)  # fmt: skip
_EVENT_LETTERS = 400


class Facebook:
    """The Facebook and Instagram connector; option: container."""

    name = "facebook"
    medium = "facebook"

    def recognises(self, path: Path, head: bytes) -> int:  # noqa: ARG002 - content decides
        """Sure of an object whose records have a sender's name and a time in milliseconds."""
        start = head.removeprefix(b"\xef\xbb\xbf").lstrip()
        if start[:1] != b"{" or b'"messages"' not in head:
            return 0
        return 95 if _OURS.search(head) and _TIME.search(head) else 0

    def read(self, path: Path, options: Mapping[str, Any]) -> Iterator[Batch | Gap]:
        """The records in file order, which is latest first."""
        with opened(path) as view:
            columns = Columns(container_name(path, options))
            add = _Thread(columns, _title(view) or path.stem).add
            yield from json_records(view, columns, ("messages[]",), add)
            yield from columns.rest()


class _Thread:
    """Adds the records of one thread."""

    def __init__(self, columns: Columns, title: str) -> None:
        self._columns = columns
        self._title = title
        self._around: Around | None = None
        self._members: list[str] = []
        self._recipients: dict[str, list[Recipient]] = {}

    def add(self, original: bytes, row: Mapping[str, Any], around: Around, defects: Defect) -> str:
        if around is not self._around:
            self._enter(around)
        if "timestamp_ms" not in row and "sender_name" not in row:
            return "not a record of a thread"
        sender, text = _righted(shown(row.get("sender_name"))), _righted(shown(row.get("content")))
        at_us = since_1970_us(row.get("timestamp_ms"), _MILLISECOND_US)
        if at_us is None:
            defects |= Defect.BAD_DATE if row.get("timestamp_ms") else Defect.NO_DATE
        if not sender:
            defects |= Defect.NO_SENDER
        recipients = self._recipients.get(sender)
        if recipients is None:
            others = [name for name in self._members if name != sender]
            recipients = [(name, name, int(Role.MEMBER)) for name in others]
            self._recipients[sender] = recipients
        self._columns.add(
            original,
            text=clean(text),
            earliest_us=at_us,
            latest_us=None if at_us is None else at_us + _MILLISECOND_US - 1,
            basis=_EXPORT,
            sender_address=sender,
            sender_name=sender,
            recipients=recipients,
            conversation=self._title,
            parts=() if row.keys() <= _BARE else _parts(row),
            kind=int(_kind(row, text)),
            defects=int(defects),
        )
        return ""

    def _enter(self, around: Around) -> None:
        self._around = around
        people = listed(around[-1].get("participants")) if around else []
        named = (clean(_righted(shown(mapped(one).get("name")))) for one in people)
        self._members = [name for name in named if name]
        self._recipients = {}


_BARE = frozenset(("sender_name", "timestamp_ms", "content", "type", "is_geoblocked_for_viewer"))


def _righted(text: str) -> str:
    """A string as it was written, where it is UTF-8 read as Latin-1; else as it is."""
    if text.isascii():
        return text
    try:
        return text.encode("latin-1").decode()
    except ValueError:
        return text


def _title(view: View) -> str:
    """The title after the records, else the thread's path; a title inside a record is not it."""
    tail = view[max(0, len(view) - _TAIL_BYTES) :]
    after = tail[tail.rfind(b"]") :]
    if b'"thread_path"' not in after and b'"title"' not in after:
        after = tail[tail.rfind(b'"participants"') :] if b'"participants"' in tail else b""
    found: dict[bytes, str] = {}
    for one in _AFTER.finditer(after):
        try:
            found.setdefault(one[1], clean(_righted(str(json.loads(one[2], strict=False)))))
        except ValueError:
            continue
    return found.get(b"title") or found.get(b"thread_path", "")


def _kind(row: Mapping[str, Any], text: str) -> Kind:
    if row.get("is_unsent"):
        return Kind.DELETED
    form = shown(row.get("type"))
    if form == "Call" or "call_duration" in row:
        return Kind.CALLED
    if form == "Subscribe":
        return Kind.ADDED
    if form == "Unsubscribe":
        return Kind.LEFT if " left " in f" {text} " else Kind.REMOVED
    return _told(_righted(shown(row.get("sender_name"))), text)


def _told(sender: str, text: str) -> Kind:
    """What words report that the app wrote in its user's name; SAID for all others."""
    if len(text) < _EVENT_LETTERS and sender:
        for kind, pattern in _ALONE:
            if pattern.fullmatch(text):
                return kind
        names = (sender, sender.split(" ", 1)[0], "You")
        name = next((one for one in names if text.startswith(f"{one} ")), "")
        if name:
            told = text[len(name) + 1 :]
            return next((kind for kind, pattern in _KINDS if pattern.match(told)), Kind.SAID)
    return Kind.SAID


def _parts(row: Mapping[str, Any]) -> list[PartRow]:
    parts = stated(_statements(row))
    for key in _MEDIA:
        for file in listed(row.get(key)):
            parts.append(named_file(_righted(shown(mapped(file).get("uri")))))
    if uri := shown(mapped(row.get("sticker")).get("uri")):
        parts.append(named_file(_righted(uri)))
    return parts


def _statements(row: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """What the export says of a record beyond its fields."""
    if "call_duration" in row:
        yield "call duration", f"{shown(row['call_duration'])} s"
    for reaction in listed(row.get("reactions")):
        one = mapped(reaction)
        yield "reaction", " ".join(_righted(shown(one.get(key))) for key in ("reaction", "actor"))
    for user in listed(row.get("users")):
        yield "user", _righted(" ".join(words(user)))
    for key, value in row.items():
        if key not in _PLACED:
            yield key.replace("_", " "), _righted(" ".join(words(value)))


CONNECTOR = Facebook()
