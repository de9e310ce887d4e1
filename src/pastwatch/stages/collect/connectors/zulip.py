"""Reads a Zulip export: its files of records, and `realm.json` with its lists and reactions.

Names of users, channels and groups, and who reacted, come from `realm.json` beside the file; without
it accounts and channels are their numbers. A channel's topic is part of the conversation and the
subject. In `realm.json`, a reaction is a record; users and channels are notices; other rows framing.
"""

from __future__ import annotations

import functools
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
from pastwatch.stages.collect.connectors.batched import Columns, Recipient, clean
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
from pastwatch.stages.collect.mailbody import html_text

_EXPORT = basis_number(Basis.EXPORT)
_REALM = "realm.json"
_REALM_LIMIT_BYTES = 256 * 1024 * 1024
_TOLD = ("zerver_reaction", "zerver_userprofile", "zerver_userprofile_crossrealm", "zerver_stream", "zerver_realm")  # fmt: skip
_TABLES = (
    "zerver_recipient", "zerver_subscription", "zerver_huddle", "zerver_usermessage", "zerver_attachment",
    "zerver_userpresence", "zerver_useractivity", "zerver_useractivityinterval", "zerver_usertopic",
    "zerver_realmauditlog", "zerver_userstatus", "zerver_alertword", "zerver_usergroup", "analytics_realmcount",
    "analytics_usercount", "analytics_streamcount", "zerver_usergroupmembership", "zerver_onboardingstep",
)  # fmt: skip
_PERSONAL, _CHANNEL, _GROUP = 1, 2, 3
_FILE = re.compile(r"\[([^\]\n]{0,200})\]\((/user_uploads/[^)\s]{1,500})\)")
_DELETED = "(deleted)"


class Zulip:
    """The Zulip connector; option: container."""

    name = "zulip"
    medium = "zulip"

    def recognises(self, path: Path, head: bytes) -> int:
        """Sure of the tables an export is made of."""
        start = head.removeprefix(b"\xef\xbb\xbf").lstrip()
        if start[:1] != b"{":
            return 0
        if b'"zerver_message"' in head or b'"zerver_reaction"' in head:
            return 95
        if b'"zerver_' in head:
            return 90 if path.name == _REALM or path.name.startswith("messages-") else 60
        is_partial = b'"rendered_content"' in head and b'"date_sent"' in head
        return 80 if is_partial and path.name.startswith("messages-") else 0

    def read(self, path: Path, options: Mapping[str, Any]) -> Iterator[Batch | Gap]:
        """The records in file order."""
        with opened(path) as view:
            columns = Columns(container_name(path, options))
            realm = _Realm(_beside(path))
            paths = ["zerver_message[]", *(f"{name}[]" for name in (*_TOLD, *_TABLES))]
            yield from json_records(view, columns, paths, _Export(columns, realm).add)
            yield from columns.rest()


def _beside(path: Path) -> dict[str, Any]:
    """The realm's tables, from the file itself or the one beside it; empty where there is none."""
    place = path.parent / _REALM
    try:
        if place.is_symlink() or not place.is_file():
            return {}
        if place.stat().st_size > _REALM_LIMIT_BYTES:
            return {}
        return dict(mapped(json.loads(place.read_bytes())))
    except (OSError, ValueError, RecursionError):
        return {}


class _Realm:
    """Who and what the numbers of an export are."""

    def __init__(self, tables: Mapping[str, Any]) -> None:
        def rows(name: str) -> Iterator[Mapping[str, Any]]:
            return (row for row in listed(tables.get(name)) if isinstance(row, dict))

        self.users: dict[str, tuple[str, str]] = {}
        for name in ("zerver_userprofile", "zerver_userprofile_crossrealm"):
            self.users |= {shown(row.get("id")): account(row) for row in rows(name)}
        self.streams = {shown(r.get("id")): shown(r.get("name")) for r in rows("zerver_stream")}
        self._ends = {
            shown(row.get("id")): (row.get("type"), shown(row.get("type_id")))
            for row in rows("zerver_recipient")
        }
        self._members: dict[str, list[str]] = {}
        for row in rows("zerver_subscription"):
            members = self._members.setdefault(shown(row.get("recipient")), [])
            members.append(shown(row.get("user_profile")))
        self.reactions: dict[str, list[str]] = {}
        for row in rows("zerver_reaction"):
            given = self.reactions.setdefault(shown(row.get("message")), [])
            given.append(f"{shown(row.get('emoji_name'))} {self.user(row.get('user_profile'))[1]}")

    def user(self, number: Any) -> tuple[str, str]:
        """(address, name) of a user; the number where no list names it."""
        key = shown(number)
        return self.users.get(key) or (key, "")

    @functools.lru_cache(maxsize=65_536)  # noqa: B019 - lives as long as one read
    def end(self, recipient: str, sender: str) -> tuple[str, tuple[Recipient, ...]]:
        """(the channel, the persons) that a record went to."""
        form, inner = self._ends.get(recipient, (None, ""))
        if form == _CHANNEL:
            return self.streams.get(inner) or inner, ()
        people = [inner] if form == _PERSONAL else self._members.get(recipient, [])
        role = int(Role.TO) if form == _PERSONAL else int(Role.MEMBER)
        named = [self.user(one) for one in people if form == _PERSONAL or one != sender]
        found = tuple((clean(address), clean(name), role) for address, name in named if address)
        if form == _PERSONAL:
            shown_ends = sorted({self.user(sender)[0], *(one[0] for one in found)})
            return ", ".join(shown_ends), found
        return "" if form == _GROUP else recipient, found


def account(row: Mapping[str, Any]) -> tuple[str, str]:
    """(address, name) of a row of users."""
    address = shown(row.get("delivery_email")) or shown(row.get("email")) or shown(row.get("id"))
    return address, shown(row.get("full_name"))


class _Export:
    """Adds the rows of one file."""

    def __init__(self, columns: Columns, realm: _Realm) -> None:
        self._columns = columns
        self._realm = realm

    def add(
        self,
        original: bytes,
        row: Mapping[str, Any],
        around: Around,  # noqa: ARG002 - a row tells by itself what it is
        defects: Defect,
    ) -> str:
        if "content" in row and "date_sent" in row:
            self._said(original, row, defects)
        elif "emoji_name" in row and "message" in row:
            self._reaction(original, row, defects)
        elif "full_name" in row or ("name" in row and "date_created" in row):
            self._notice(original, row, defects)
        else:
            self._columns.frame("tables", len(original))
        return ""

    def _said(self, original: bytes, row: Mapping[str, Any], defects: Defect) -> None:
        get = row.get
        sender = shown(get("sender"))
        address, name = self._realm.user(sender)
        channel, people = self._realm.end(shown(get("recipient")), sender)
        topic = shown(get("subject"))
        if channel and topic and not people:
            channel = f"{channel} > {topic}"
        kind = Kind.EDITED if get("last_edit_time") or get("edit_history") else Kind.SAID
        text = shown(get("content")) or html_text(shown(get("rendered_content")))
        if text == _DELETED:
            kind = Kind.DELETED
        elif address.startswith("notification-bot@"):
            kind = Kind.NOTICE
        at_us = since_1970_us(get("date_sent"))
        if at_us is None:
            defects |= Defect.BAD_DATE
        if not sender:
            defects |= Defect.NO_SENDER
        native_id = shown(get("id"))
        edited = get("last_edit_time")
        told = [("edited", moment_shown(since_1970_us(edited)) if edited else "")]
        told += [("before", before) for before in _versions(get("edit_history"))]
        told += [("reaction", one) for one in self._realm.reactions.get(native_id, ())]
        files = [named_file(found[1] or found[2]) for found in _FILE.finditer(text)]
        self._columns.add(
            original,
            text=clean(text),
            earliest_us=at_us,
            latest_us=at_us,
            basis=_EXPORT if at_us is not None else NO_BASIS,
            sender_address=clean(address),
            sender_name=clean(name),
            recipients=people,
            conversation=clean(channel),
            native_id=native_id,
            subject=clean(topic),
            parts=stated(told) + files,
            kind=int(kind),
            defects=int(defects),
        )

    def _reaction(self, original: bytes, row: Mapping[str, Any], defects: Defect) -> None:
        address, name = self._realm.user(row.get("user_profile"))
        self._columns.add(
            original,
            text=clean(shown(row.get("emoji_name"))),
            sender_address=clean(address),
            sender_name=clean(name),
            native_id=shown(row.get("id")),
            reply_to=shown(row.get("message")),
            kind=int(Kind.REACTED),
            defects=int(defects | Defect.NO_DATE),
        )

    def _notice(self, original: bytes, row: Mapping[str, Any], defects: Defect) -> None:
        is_user = "full_name" in row
        at_us = since_1970_us(row.get("date_joined" if is_user else "date_created"))
        self._columns.add(
            original,
            text=clean("\n".join(words(row))),
            earliest_us=at_us,
            latest_us=at_us,
            basis=_EXPORT if at_us is not None else NO_BASIS,
            conversation="" if is_user else clean(shown(row.get("name"))),
            native_id=shown(row.get("id")),
            kind=int(Kind.NOTICE if is_user or at_us is None else Kind.CREATED),
            defects=int(defects if at_us is not None else defects | Defect.NO_DATE),
        )


def _versions(history: Any) -> Iterator[str]:
    """What a record said before it was edited; the history is JSON in a string."""
    try:
        rows = json.loads(history) if isinstance(history, str) and history else history
    except (ValueError, RecursionError):
        yield shown(history)
        return
    for row in map(mapped, listed(rows)):
        yield (
            shown(row.get("prev_content"))
            or shown(row.get("prev_subject"))
            or shown(row.get("prev_topic"))
        )


CONNECTOR = Zulip()
