"""Reads Apple's chat.db (macOS) and sms.db (iOS backups): iMessage and SMS.

The database is opened read-only and immutable: nothing is written beside it, and a write-ahead log
beside it is not read (have it merged first). Its bytes are framing; each record's original is the row
as JSON with sorted keys, blobs in base64, its chat, account and files under `_` names, in a container
of its own (`chat.db/message`). The owner's account is `Me`, or the option owner. Tapbacks are records
(REACTED) that reply to what they mark; an unsent record is DELETED, an edited one keeps its earlier
wordings as its part `stated`.
"""

from __future__ import annotations

import base64
import json
import math
import sqlite3
from collections import defaultdict
from collections.abc import Iterator, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import quote

from pastwatch.archive.layout import basis_number
from pastwatch.model.batch import Batch
from pastwatch.model.party import Role
from pastwatch.model.record import Defect, Kind
from pastwatch.model.source import Gap
from pastwatch.model.when import SECOND_US, Basis
from pastwatch.stages.collect.connectors.batched import Columns, PartRow, Recipient, clean
from pastwatch.stages.collect.connectors.chatfields import moment_shown, named_file, shown
from pastwatch.stages.collect.connectors.files import container_name, opened
from pastwatch.stages.collect.connectors.stated import stated
from pastwatch.stages.collect.connectors.typedstream import earlier_texts, stream_text

_EXPORT = basis_number(Basis.EXPORT)
_MAGIC = b"SQLite format 3\0"
_LONGEST_BYTES = 64 * 1024 * 1024
_GROWTH = 16  # a row as JSON against the row as stored, at most
_KILOBYTE = 1024
_APPLE_US = 978_307_200 * SECOND_US  # 2001-01-01, from which Apple counts
_LARGEST_SECONDS = 10**11  # counts above are nanoseconds
_LAST_US = 4_133_980_800 * SECOND_US
_TAPBACKS = {0: "loved", 1: "liked", 2: "disliked", 3: "laughed at", 4: "emphasised", 5: "questioned", 6: "reacted to", 7: "put a sticker on"}  # fmt: skip
_ADDED, _TAKEN_BACK, _STICKER = 2000, 3000, 1000
_EVENTS = {
    (1, 0): (Kind.ADDED, "added"),
    (1, 1): (Kind.REMOVED, "removed"),
    (2, 0): (Kind.RENAMED, "named the conversation"),
    (3, 0): (Kind.LEFT, "left the conversation"),
    (3, 1): (Kind.NOTICE, "changed the group photo"),
    (3, 2): (Kind.NOTICE, "removed the group photo"),
    (4, 0): (Kind.NOTICE, "shared a location"),
    (5, 0): (Kind.NOTICE, "kept an audio message"),
    (6, 0): (Kind.CALLED, "started a call"),
}
_DATABASE_FAILURES = (sqlite3.Error, OverflowError, ValueError)


class IMessage:
    """The iMessage connector; options: owner, container."""

    name = "imessage"
    medium = "imessage"

    def recognises(self, path: Path, head: bytes) -> int:
        """Sure of a database whose schema joins chats; likely of one that has Apple's name."""
        if not head.startswith(_MAGIC):
            return 0
        if b"chat_message_join" in head:
            return 97
        return 60 if path.name.lower() in {"chat.db", "sms.db"} else 0

    def read(self, path: Path, options: Mapping[str, Any]) -> Iterator[Batch | Gap]:
        """The records in the order of their rows, then the account of the file itself."""
        container = container_name(path, options)
        with opened(path) as view:
            size, is_database = len(view), view[: len(_MAGIC)] == _MAGIC
        reason = "" if is_database else "not a database"
        columns = Columns(f"{container}/message")
        if is_database:
            try:
                with closing(_connected(path)) as database:
                    owner = str(options.get("owner") or "Me")
                    rows = _Rows(database, columns, owner=owner, size_bytes=size)
                    for _ in rows.added():
                        if columns.is_full:
                            yield columns.take()
            except _DATABASE_FAILURES:
                reason = "a damaged database, or none of Apple's: rows may be missing"
        yield from columns.rest()
        outer = Columns(container)
        if reason and size:
            yield Gap(source_id="", reason=reason, bytes=size, container=container, offset=0)
        else:
            outer.frame("sqlite", size)
        yield from outer.rest()


def _connected(path: Path) -> sqlite3.Connection:
    place = quote(str(path.absolute()))
    database = sqlite3.connect(f"file:{place}?mode=ro&immutable=1", uri=True)
    database.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, _LONGEST_BYTES)
    database.setlimit(sqlite3.SQLITE_LIMIT_ATTACHED, 0)
    database.text_factory = _decoded
    for setting in ("trusted_schema = off", "cell_size_check = on", "query_only = on"):
        database.execute(f"PRAGMA {setting}")
    return database


def _decoded(raw: bytes) -> str:
    return raw.decode("utf-8", "surrogateescape")


class _Chat(NamedTuple):
    guid: str
    title: str


class _Rows:
    """Adds the rows of one database; knows its chats, accounts and files."""

    def __init__(
        self, database: sqlite3.Connection, columns: Columns, *, owner: str, size_bytes: int
    ) -> None:
        self._database = database
        self._left_rows = size_bytes
        self._left_bytes = size_bytes * _GROWTH + _KILOBYTE * _KILOBYTE
        self._columns = columns
        self._owner = owner
        self._handles: dict[int, str] = {
            row: shown(name)
            for row, name in self._all("handle", "ROWID", "id")
            if isinstance(row, int)
        }
        self._chats = {
            row: _Chat(shown(guid), shown(name) or shown(identifier) or shown(guid))
            for row, guid, name, identifier in self._all(
                "chat", "ROWID", "guid", "display_name", "chat_identifier"
            )
            if isinstance(row, int)
        }
        self._members: dict[int, list[str]] = defaultdict(list)
        for chat, handle in self._all("chat_handle_join", "chat_id", "handle_id"):
            self._members[chat].append(self._handles.get(handle, ""))
        self._chat_of: dict[int, int] = {}
        self._deleted_us: dict[int, int | None] = {}
        for chat, row, deleted in self._all(
            "chat_recoverable_message_join", "chat_id", "message_id", "delete_date"
        ):
            self._chat_of[row], self._deleted_us[row] = chat, _apple_us(deleted)
        for chat, row in self._all("chat_message_join", "chat_id", "message_id"):
            self._chat_of[row] = chat
        files = {
            row: (shown(name) or shown(path), shown(kind), size if isinstance(size, int) else 0)
            for row, name, path, kind, size in self._all(
                "attachment", "ROWID", "transfer_name", "filename", "mime_type", "total_bytes"
            )
        }
        self._files: dict[int, list[tuple[str, str, Any]]] = defaultdict(list)
        for row, file in self._all("message_attachment_join", "message_id", "attachment_id"):
            if file in files:
                self._files[row].append(files[file])

    def _names(self, table: str) -> list[str]:
        """The columns of a table that are stored; none for a view or where there is no such."""
        kind = "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ? AND rootpage > 0"
        if self._database.execute(kind, (table,)).fetchone() is None:
            return []
        found = self._database.execute("SELECT name, hidden FROM pragma_table_xinfo(?)", (table,))
        return [str(name) for name, hidden in found if not hidden]

    def _all(self, table: str, *wanted: str) -> Iterator[tuple[Any, ...]]:
        """These columns of a table, None for those it lacks; nothing when there is no table."""
        names = {name.lower() for name in self._names(table)}
        if not names:
            return
        chosen = (w if w == "ROWID" or w.lower() in names else "NULL" for w in wanted)
        query = f"SELECT {', '.join(chosen)} FROM {table}"  # noqa: S608 - our own names
        for row in self._database.execute(query):
            self._spend(0)
            yield row

    def _spend(self, size_bytes: int) -> None:
        """Stop where pages that point to each other give more than the file can hold."""
        self._left_rows -= 1
        self._left_bytes -= size_bytes
        if self._left_rows < 0 or self._left_bytes < 0:
            raise ValueError("more rows than the file can hold")

    def added(self) -> Iterator[None]:
        """Add every row of the message table, one at a time."""
        names = self._names("message")
        if not names:
            raise ValueError("no such table")
        chosen = ", ".join('"{}"'.format(name.replace('"', '""')) for name in names)
        rows = self._database.execute(f"SELECT ROWID, {chosen} FROM message ORDER BY ROWID")  # noqa: S608 - quoted
        for number, *values in rows:
            row = dict(zip(names, values, strict=True))
            self._add(number, row)
            yield

    def _add(self, number: int, row: dict[str, Any]) -> None:
        get = row.get
        chat_no = self._chat_of.get(number, -1)
        chat = self._chats.get(chat_no, _Chat("", ""))
        other = self._handles.get(get("handle_id") or 0, "")
        sender = self._owner if get("is_from_me") else other
        files = self._files.get(number, [])
        kind, text = self._told(row)
        at_us = _apple_us(get("date"))
        defects = Defect.NONE if at_us is not None else Defect.NO_DATE
        if get("date") and at_us is None:
            defects = Defect.BAD_DATE
        if not sender and kind in {Kind.SAID, Kind.EDITED, Kind.DELETED, Kind.REACTED}:
            defects |= Defect.NO_SENDER
        members = [name for name in self._members.get(chat_no, []) if name and name != sender]
        if not get("is_from_me"):
            members.append(self._owner)
        elif not members and other:
            members = [other]
        beside = {"_chat": chat.guid, "_handle": other, "_attachments": files}
        original, is_clean = _serialised({**row, **{k: v for k, v in beside.items() if v}})
        self._spend(len(original))
        marked = shown(get("associated_message_guid")).rpartition("/")[2].rpartition(":")[2]
        recipients: list[Recipient] = [(clean(n), clean(n), int(Role.MEMBER)) for n in members]
        self._columns.add(
            original,
            text=clean(text),
            earliest_us=at_us,
            latest_us=at_us,
            basis=_EXPORT,
            sender_address=clean(sender),
            sender_name=clean(sender),
            recipients=recipients,
            conversation=clean(chat.title or other),
            native_id=clean(shown(get("guid")) or str(number)),
            reply_to=clean(marked or shown(get("thread_originator_guid"))),
            subject=clean(shown(get("subject"))),
            parts=self._parts(number, row, files),
            kind=int(kind),
            defects=int(defects if is_clean else defects | Defect.BAD_CHARSET),
        )

    def _told(self, row: Mapping[str, Any]) -> tuple[Kind, str]:
        get = row.get
        text = shown(get("text")).replace("\ufffc", "")
        body = get("attributedBody")
        if not text and isinstance(body, bytes):
            text = stream_text(body) or ""
        mark = get("associated_message_type") or 0
        if isinstance(mark, int) and (_ADDED <= mark < _TAKEN_BACK + 1000 or mark == _STICKER):
            emoji = shown(get("associated_message_emoji"))
            verb = _TAPBACKS.get(mark % 1000, "marked") if mark != _STICKER else _TAPBACKS[7]
            back = "took back: " if mark >= _TAKEN_BACK else ""
            return Kind.REACTED, text or f"{back}{verb} {emoji}".strip()
        event = get("item_type") or 0
        if event:
            action = get("group_action_type") or 0
            kind, words = _EVENTS.get((event, action), _EVENTS.get((event, 0), (Kind.NOTICE, "")))
            other = self._handles.get(get("other_handle") or 0, "")
            named = shown(get("group_title")) if kind is Kind.RENAMED else other
            return kind, " ".join(filter(None, (words, named, text)))
        is_edited = bool(get("date_edited"))
        if get("date_retracted") or (is_edited and not text and not get("cache_has_attachments")):
            return Kind.DELETED, text
        return Kind.EDITED if is_edited else Kind.SAID, text

    def _parts(
        self, number: int, row: Mapping[str, Any], files: list[tuple[str, str, Any]]
    ) -> list[PartRow]:
        told = list[tuple[str, str]]()
        if row.get("date_edited"):
            told.append(("edited", moment_shown(_apple_us(row["date_edited"]))))
            summary = row.get("message_summary_info")
            earlier = earlier_texts(summary) if isinstance(summary, bytes) else ()
            told += [("earlier", text) for text in earlier]
        if number in self._deleted_us:
            told.append(("deleted", moment_shown(self._deleted_us[number]) or "at no stated time"))
        return [*stated(told), *(named_file(name, kind, size) for name, kind, size in files)]


def _apple_us(value: Any) -> int | None:
    """Microseconds since 1970 of a count since 2001, in seconds or nanoseconds."""
    if not isinstance(value, (int, float)) or not value or not math.isfinite(value):
        return None
    since_us = int(value * SECOND_US) if abs(value) < _LARGEST_SECONDS else int(value) // 1000
    at_us = since_us + _APPLE_US
    return at_us if 0 < at_us < _LAST_US else None


def _serialised(row: Mapping[str, Any]) -> tuple[bytes, bool]:
    """A row as JSON with sorted keys, less what is null; and whether its text was valid."""
    shown_row = {
        key: {"base64": base64.b64encode(value).decode()} if isinstance(value, bytes) else value
        for key, value in row.items()
        if value is not None
    }
    text = json.dumps(shown_row, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    try:
        return text.encode(), True
    except UnicodeEncodeError:
        return text.encode("utf-8", "surrogateescape"), False


CONNECTOR = IMessage()
