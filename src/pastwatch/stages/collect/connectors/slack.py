"""Reads a Slack export, file by file: a day of a channel, or its lists of users and channels.

Names of users come from `users.json`, looked for beside the file and in the folder above, never
further; without it the accounts are their ids. The channel is the name of the day's folder. A row of
a list is a notice. Reactions, previews and where files lead are the part `stated` of their record; who
answers in a thread replies to its first record. Ids are `ts`, which are also the times.
"""

from __future__ import annotations

import html
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
from pastwatch.model.when import Basis
from pastwatch.stages.collect.connectors.batched import Columns, PartRow, clean
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

_EXPORT = basis_number(Basis.EXPORT)
_USERS_LIMIT_BYTES = 64 * 1024 * 1024
_USERS = "users.json"
_DAY = re.compile(r"\d{4}-\d\d-\d\d")
_TS = re.compile(rb'"ts"\s*:\s*"\d{9,10}\.\d{6}"')
_MARKUP = re.compile(r"<([@#!]?)([^<>|]{1,3000})(?:\|([^<>]{0,3000}))?>")
_SAID = frozenset(("", "bot_message", "me_message", "thread_broadcast", "reply_broadcast", "file_share", "file_comment"))  # fmt: skip
_KINDS = {
    "channel_join": Kind.JOINED,
    "group_join": Kind.JOINED,
    "channel_leave": Kind.LEFT,
    "group_leave": Kind.LEFT,
    "channel_name": Kind.RENAMED,
    "group_name": Kind.RENAMED,
    "tombstone": Kind.DELETED,
    "message_deleted": Kind.DELETED,
    "message_changed": Kind.EDITED,
    "huddle_thread": Kind.CALLED,
    "sh_room_created": Kind.CALLED,
}
_BARE = frozenset((
    "type", "subtype", "text", "user", "ts", "thread_ts", "client_msg_id", "team", "user_team",
    "source_team", "user_profile", "blocks", "parent_user_id", "reply_count", "reply_users_count",
    "latest_reply", "reply_users", "replies", "is_locked", "subscribed", "bot_id", "username",
    "files", "edited", "upload", "display_as_bot", "hidden", "last_read", "app_id", "bot_profile",
))  # fmt: skip


class Slack:
    """The Slack connector; options: conversation, container."""

    name = "slack"
    medium = "slack"

    def recognises(self, path: Path, head: bytes) -> int:
        """Sure of an array of rows with a `ts`; likely of an export's lists."""
        start = head.removeprefix(b"\xef\xbb\xbf").lstrip()
        if not re.match(rb"\[\s*\{", start):
            return 0
        if _TS.search(head) and (b'"type"' in head or b'"text"' in head):
            return 95
        if b'"team_id"' in head and b'"profile"' in head and b'"real_name"' in head:
            return 90
        is_list = b'"created"' in head and b'"members"' in head and b'"id"' in head
        names = {"channels.json", "groups.json", "dms.json", "mpims.json"}
        return 85 if is_list and path.name in names else 0

    def read(self, path: Path, options: Mapping[str, Any]) -> Iterator[Batch | Gap]:
        """The records in file order; what stands in a list is a notice."""
        with opened(path) as view:
            columns = Columns(container_name(path, options))
            folder = path.parent.name if _DAY.fullmatch(path.stem) else path.stem
            title = clean(str(options.get("conversation") or folder))
            add = _Day(columns, _names(path), title).add
            yield from json_records(view, columns, ("[]",), add)
            yield from columns.rest()


def _names(path: Path) -> dict[str, str]:
    """Names by user id, from the list beside the file or in the folder above."""
    for folder in (path.parent, path.parent.parent):
        place = folder / _USERS
        try:
            if place.is_symlink() or not place.is_file():
                continue
            if place.stat().st_size > _USERS_LIMIT_BYTES:
                continue
            rows = json.loads(place.read_bytes())
        except (OSError, ValueError, RecursionError):
            continue
        return {
            shown(user.get("id")): name
            for user in map(mapped, listed(rows))
            if (name := _name(user, mapped(user.get("profile"))))
        }
    return {}


def _name(user: Mapping[str, Any], profile: Mapping[str, Any]) -> str:
    keys = ("real_name", "display_name")
    named = (shown(profile.get(key)) for key in keys)
    return next(filter(None, (*named, shown(user.get("real_name")), shown(user.get("name")))), "")


def _block_words(row: Mapping[str, Any]) -> Iterator[str]:
    """The words of a layout: what stands under "text", however deep, in order."""
    stack: list[Any] = [row.get("blocks")]
    while stack:
        top = stack.pop()
        if isinstance(top, list):
            stack.extend(reversed(top))
        elif isinstance(top, dict):
            if isinstance(top.get("text"), str):
                yield top["text"]
            stack.extend(value for value in reversed(top.values()) if not isinstance(value, str))


class _Day:
    """Adds the records of one file."""

    def __init__(self, columns: Columns, names: dict[str, str], title: str) -> None:
        self._columns = columns
        self._names = names
        self._title = title

    def add(
        self,
        original: bytes,
        row: Mapping[str, Any],
        around: Around,  # noqa: ARG002 - a file is one array
        defects: Defect,
    ) -> str:
        get = row.get
        if "ts" not in row:
            return self._list_row(original, row, defects)
        form = shown(get("subtype"))
        kind = Kind.SAID if form in _SAID else _KINDS.get(form, Kind.NOTICE)
        inner = mapped(get("message")) or mapped(get("previous_message"))
        if kind is Kind.SAID and get("edited"):
            kind = Kind.EDITED
        address, name = self._account(row if not inner or "user" in row else inner)
        if not address and kind in {Kind.SAID, Kind.EDITED}:
            defects |= Defect.NO_SENDER
        said = shown(get("text")) or shown(inner.get("text")) or " ".join(_block_words(row))
        ts, thread = shown(get("ts")), shown(get("thread_ts") or inner.get("thread_ts"))
        at_us = since_1970_us(ts)
        if at_us is None:
            defects |= Defect.BAD_DATE
        self._columns.add(
            original,
            text=clean(self._text(said)),
            earliest_us=at_us,
            latest_us=at_us,
            basis=_EXPORT,
            sender_address=address,
            sender_name=name,
            conversation=self._title,
            native_id=ts if not inner else shown(inner.get("ts")) or ts,
            reply_to=thread if thread != ts else "",
            parts=self._parts(row, inner),
            kind=int(kind),
            defects=int(defects),
        )
        return ""

    def _list_row(self, original: bytes, row: Mapping[str, Any], defects: Defect) -> str:
        if "id" not in row:
            return "neither a record nor a row of a list"
        at_us = since_1970_us(row.get("created"))
        members = [shown(member) for member in listed(row.get("members"))]
        named = [(one, self._names.get(one, ""), int(Role.MEMBER)) for one in members if one]
        self._columns.add(
            original,
            text=clean("\n".join(words({k: v for k, v in row.items() if k != "members"}))),
            earliest_us=at_us,
            latest_us=at_us,
            basis=_EXPORT,
            recipients=[(clean(one), clean(name), role) for one, name, role in named],
            conversation=clean(shown(row.get("name"))) if members else self._title,
            native_id=shown(row.get("id")),
            kind=int(Kind.NOTICE),
            defects=int(defects if at_us else defects | Defect.NO_DATE),
        )
        return ""

    def _account(self, row: Mapping[str, Any]) -> tuple[str, str]:
        user = shown(row.get("user"))
        profile = mapped(row.get("user_profile"))
        name = self._names.get(user) or _name({}, profile) if user else ""
        return user or shown(row.get("bot_id")) or shown(row.get("username")), (
            name or shown(row.get("username")) or shown(mapped(row.get("bot_profile")).get("name"))
        )

    def _text(self, text: str) -> str:
        """The words as the app shows them: markup undone, names for ids."""
        if "<" in text:
            text = _MARKUP.sub(self._unmarked, text)
        return html.unescape(text) if "&" in text else text

    def _unmarked(self, found: re.Match[str]) -> str:
        sign, target, label = found[1], found[2], found[3] or ""
        if sign == "@":
            return "@" + (self._names.get(target) or label or target)
        if sign:
            return ("#" if sign == "#" else "@") + (label or target.partition("^")[0])
        target = target.removeprefix("mailto:")
        return f"{label} ({target})" if label and label not in target else target

    def _parts(self, row: Mapping[str, Any], inner: Mapping[str, Any]) -> list[PartRow]:
        if row.keys() <= _BARE and "files" not in row and "edited" not in row:
            return []
        parts = stated(self._statements(row, inner))
        for file in listed(row.get("files") or inner.get("files")):
            one = mapped(file)
            name = shown(one.get("name")) or shown(one.get("title")) or shown(one.get("id"))
            parts.append(named_file(name, shown(one.get("mimetype")), one.get("size")))
        return parts

    def _statements(
        self, row: Mapping[str, Any], inner: Mapping[str, Any]
    ) -> Iterator[tuple[str, str]]:
        """What the export says of a record beyond its fields."""
        edited = mapped(row.get("edited"))
        yield "edited", moment_shown(since_1970_us(edited.get("ts")))
        if shown(row.get("text")) or "message" in row:
            yield "before", self._text(shown(mapped(row.get("previous_message")).get("text")))
        for reaction in listed(row.get("reactions") or inner.get("reactions")):
            one = mapped(reaction)
            people = [self._names.get(shown(u), shown(u)) for u in listed(one.get("users"))]
            count = shown(one.get("count"))
            sign = f":{shown(one.get('name'))}:"
            yield "reaction", " ".join([sign, f"x{count}" if count else "", ", ".join(people)])
        for file in listed(row.get("files")):
            one = mapped(file)
            yield "file", " ".join(shown(one.get(key)) for key in ("title", "url_private"))
        for key, value in row.items():
            if key not in _BARE and key not in {"reactions", "message", "previous_message"}:
                said = (self._names.get(word, word) for word in words(value))
                yield key.replace("_", " "), self._text(" ".join(said))


CONNECTOR = Slack()
