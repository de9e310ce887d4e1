"""Reads Mattermost's bulk export (JSON Lines): posts, replies, channels, users.

A post's replies are records of their own, cut out of its line: the post keeps the line without them.
The export gives no ids, so a record goes by its time in milliseconds and its user. Reactions and who
flagged a post are its part `stated`. Rows of users, teams and channels are notices.
"""

from __future__ import annotations

import contextlib
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
from pastwatch.stages.collect.connectors.jsonspans import Around, json_lines
from pastwatch.stages.collect.connectors.nestedrows import taken_out
from pastwatch.stages.collect.connectors.stated import stated

_EXPORT = basis_number(Basis.EXPORT)
_MS_US = 1000
_VERSION = re.compile(rb'\s*\{\s*"type"\s*:\s*"version"')
_POST = re.compile(rb'^\s*\{\s*"type"\s*:\s*"(?:post|direct_post)"\s*,\s*"(?:post|direct_post)"\s*:', re.MULTILINE)  # fmt: skip
_KINDS = {
    "system_join_channel": Kind.JOINED,
    "system_join_team": Kind.JOINED,
    "system_leave_channel": Kind.LEFT,
    "system_leave_team": Kind.LEFT,
    "system_add_to_channel": Kind.ADDED,
    "system_add_to_team": Kind.ADDED,
    "system_remove_from_channel": Kind.REMOVED,
    "system_remove_from_team": Kind.REMOVED,
    "system_displayname_change": Kind.RENAMED,
    "system_add_to_chan": Kind.ADDED,
    "system_purpose_change": Kind.NOTICE,
    "me": Kind.SAID,
    "slack_attachment": Kind.SAID,
}
_PLACED = frozenset((
    "team", "channel", "channel_members", "user", "message", "create_at", "edit_at", "delete_at",
    "type", "reactions", "replies", "attachments",
))  # fmt: skip
_STATING = ("reactions", "attachments", "edit_at", "delete_at")


class Mattermost:
    """The Mattermost connector; option: container."""

    name = "mattermost"
    medium = "mattermost"

    def recognises(self, path: Path, head: bytes) -> int:  # noqa: ARG002 - content decides
        """Sure of lines that begin with the export's version, or hold posts under their type."""
        start = head.removeprefix(b"\xef\xbb\xbf")
        if _VERSION.match(start) and b"\n" in start:
            return 95
        return 95 if b'post"' in start and _POST.search(start) else 0

    def read(self, path: Path, options: Mapping[str, Any]) -> Iterator[Batch | Gap]:
        """The records in file order; a post before its replies."""
        with opened(path) as view:
            columns = Columns(container_name(path, options))
            yield from json_lines(view, columns, _Export(columns).add)
            yield from columns.rest()


class _Export:
    """Adds the rows of one export; learns names from its users and titles from its channels."""

    def __init__(self, columns: Columns) -> None:
        self._columns = columns
        self._names: dict[str, str] = {}
        self._titles: dict[tuple[str, str], str] = {}

    def add(
        self,
        original: bytes,
        row: Mapping[str, Any],
        around: Around,  # noqa: ARG002 - a line stands in nothing
        defects: Defect,
    ) -> str:
        form = shown(row.get("type"))
        inner = mapped(row.get(form))
        if form in {"post", "direct_post"} and inner:
            self._thread(original, inner, defects)
        elif form:
            self._row(original, form, inner or row, defects)
        else:
            return "a row without a type"
        return ""

    def _thread(self, original: bytes, post: Mapping[str, Any], defects: Defect) -> None:
        members = [shown(member) for member in listed(post.get("channel_members"))]
        title = self._titles.get((shown(post.get("team")), shown(post.get("channel"))), "")
        title = title or shown(post.get("channel")) or ", ".join(members)
        replies = [reply for reply in listed(post.get("replies")) if isinstance(reply, dict)]
        taken = taken_out(original, "replies", len(replies)) if replies else None
        whole = taken.outer if taken else original
        self._post(whole, post, title, members, defects, replied_to="")
        if taken is None:
            return
        self._columns.frame("structure", taken.between_bytes)
        root = _id_of(post)
        for inner, reply in zip(taken.inner, replies, strict=True):
            self._post(inner, reply, title, members, defects, replied_to=root)

    def _post(
        self,
        original: bytes,
        post: Mapping[str, Any],
        title: str,
        members: list[str],
        defects: Defect,
        *,
        replied_to: str,
    ) -> None:
        user, form = shown(post.get("user")), shown(post.get("type"))
        kind = _KINDS.get(form, Kind.NOTICE) if form else Kind.SAID
        if form.startswith("custom_") and "call" in form:
            kind = Kind.CALLED
        elif form.startswith("custom_"):
            kind = Kind.SAID
        if kind is Kind.SAID and since_1970_us(post.get("edit_at"), _MS_US):
            kind = Kind.EDITED
        if since_1970_us(post.get("delete_at"), _MS_US):
            kind = Kind.DELETED
        at_us = since_1970_us(post.get("create_at"), _MS_US)
        if at_us is None:
            defects |= Defect.BAD_DATE if "create_at" in post else Defect.NO_DATE
        if not user:
            defects |= Defect.NO_SENDER
        others: list[Recipient] = [
            (clean(one), clean(self._names.get(one, "")), int(Role.MEMBER))
            for one in members
            if one and one != user
        ]
        self._columns.add(
            original,
            text=clean(shown(post.get("message"))),
            earliest_us=at_us,
            latest_us=at_us,
            basis=_EXPORT if at_us is not None else NO_BASIS,
            sender_address=clean(user),
            sender_name=clean(self._names.get(user, "")),
            recipients=others,
            conversation=clean(title),
            native_id=_id_of(post),
            reply_to=replied_to,
            parts=_parts(post),
            kind=int(kind),
            defects=int(defects),
        )

    def _row(self, original: bytes, form: str, row: Mapping[str, Any], defects: Defect) -> None:
        if form == "user":
            full = " ".join(
                filter(None, (shown(row.get("first_name")), shown(row.get("last_name"))))
            )
            self._names[shown(row.get("username"))] = full or shown(row.get("nickname"))
        elif form == "channel":
            key = shown(row.get("team")), shown(row.get("name"))
            self._titles[key] = shown(row.get("display_name")) or key[1]
        members = [shown(member) for member in listed(row.get("members"))]
        self._columns.add(
            original,
            text=clean("\n".join([form, *words(row)])),
            recipients=[(clean(one), "", int(Role.MEMBER)) for one in members if one],
            conversation=clean(shown(row.get("display_name"))) if form == "channel" else "",
            kind=int(Kind.NOTICE),
            defects=int(defects | Defect.NO_DATE),
        )


def _id_of(post: Mapping[str, Any]) -> str:
    return clean(f"{shown(post.get('create_at'))}:{shown(post.get('user'))}")


def _parts(post: Mapping[str, Any]) -> list[PartRow]:
    if not any(post.get(key) for key in (*_STATING, *(post.keys() - _PLACED))):
        return []
    parts = [
        named_file(path)
        for file in listed(post.get("attachments"))
        if (path := shown(mapped(file).get("path")))
    ]
    return stated(_statements(post)) + parts


def _statements(post: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    yield "edited", moment_shown(since_1970_us(post.get("edit_at"), _MS_US))
    yield "deleted", moment_shown(since_1970_us(post.get("delete_at"), _MS_US))
    for reaction in map(mapped, listed(post.get("reactions"))):
        yield "reaction", f"{shown(reaction.get('emoji_name'))} {shown(reaction.get('user'))}"
    for key, value in post.items():
        if key not in _PLACED and value:
            if key == "props" and isinstance(value, str):
                with contextlib.suppress(ValueError, RecursionError):
                    value = json.loads(value)  # noqa: PLW2901 - properties are JSON in a string
            yield key.replace("_", " "), " ".join(words(value))


CONNECTOR = Mattermost()
