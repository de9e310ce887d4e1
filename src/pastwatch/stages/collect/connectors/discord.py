"""Reads Discord channels as DiscordChatExporter writes them in JSON.

Reactions, embeds, stickers and where files and links lead are the part `stated` of the record they
belong to: a reaction has no bytes of its own. Files are named with their size, not held. A deleted
record is not in the export. An author is known by their id; the name is the one shown in the server,
with the account's own name in brackets where it differs.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from pastwatch.archive.layout import basis_number
from pastwatch.model.batch import Batch
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
    stated_us,
    words,
)
from pastwatch.stages.collect.connectors.files import container_name, opened
from pastwatch.stages.collect.connectors.jsonspans import Around, json_records
from pastwatch.stages.collect.connectors.stated import stated
from pastwatch.stages.collect.connectors.times import Times

_EXPORT = basis_number(Basis.EXPORT)
_SAID = frozenset(("Default", "Reply", "ChatInputCommand", "ContextMenuCommand", "19", "20", "23"))
_KINDS = {
    "RecipientAdd": Kind.ADDED,
    "RecipientRemove": Kind.REMOVED,
    "Call": Kind.CALLED,
    "ChannelNameChange": Kind.RENAMED,
    "GuildMemberJoin": Kind.JOINED,
    "ThreadCreated": Kind.CREATED,
}


class Discord:
    """The Discord connector; options: zone (for exports without offsets), container."""

    name = "discord"
    medium = "discord"

    def recognises(self, path: Path, head: bytes) -> int:  # noqa: ARG002 - content decides
        """Sure of an object that names a guild and a channel before its records."""
        start = head.removeprefix(b"\xef\xbb\xbf").lstrip()
        if start[:1] != b"{" or not all(key in head for key in (b'"guild"', b'"channel"')):
            return 0
        is_dce = b'"exportedAt"' in head or b'"dateRange"' in head or b'"discriminator"' in head
        return 95 if is_dce else 0

    def read(self, path: Path, options: Mapping[str, Any]) -> Iterator[Batch | Gap]:
        """The records in file order."""
        with opened(path) as view:
            columns = Columns(container_name(path, options))
            add = _Channel(columns, Times(options)).add
            yield from json_records(view, columns, ("messages[]",), add)
            yield from columns.rest()


class _Channel:
    """Adds the records of one channel."""

    def __init__(self, columns: Columns, times: Times) -> None:
        self._columns = columns
        self._times = times
        self._around: Around | None = None
        self._conversation = ""

    def add(self, original: bytes, row: Mapping[str, Any], around: Around, defects: Defect) -> str:
        if around is not self._around:
            self._around, self._conversation = around, _conversation(around)
        get = row.get
        if "id" not in row and "content" not in row:
            return "not a record of a channel"
        author = mapped(get("author"))
        address, name = _account(author)
        at_us = latest_us = stated_us(get("timestamp"))
        if at_us is None and (moment := self._times.read(get("timestamp"))):
            at_us, latest_us = moment.earliest_us, moment.latest_us
            defects |= Defect.NONE if moment.has_zone else Defect.AMBIGUOUS_DATE
        elif at_us is None:
            defects |= Defect.BAD_DATE if get("timestamp") else Defect.NO_DATE
        if not address:
            defects |= Defect.NO_SENDER
        self._columns.add(
            original,
            text=clean(shown(get("content"))),
            earliest_us=at_us,
            latest_us=latest_us,
            basis=_EXPORT,
            sender_address=address,
            sender_name=name,
            conversation=self._conversation,
            native_id=shown(get("id")),
            reply_to=shown(mapped(get("reference")).get("messageId")),
            parts=_parts(row),
            kind=int(_kind(row, address)),
            defects=int(defects),
        )
        return ""


def _conversation(around: Around) -> str:
    top = around[0] if around else {}
    guild, channel = mapped(top.get("guild")), mapped(top.get("channel"))
    names = (shown(guild.get("name")), shown(channel.get("name")) or shown(channel.get("id")))
    return clean(" / ".join(filter(None, names)))


def _account(author: Mapping[str, Any]) -> tuple[str, str]:
    """(id, name as shown) of an author."""
    own, nickname = shown(author.get("name")), shown(author.get("nickname"))
    address = shown(author.get("id")) or own
    return address, f"{nickname} ({own})" if nickname and own and nickname != own else own


def _kind(row: Mapping[str, Any], address: str) -> Kind:
    form = shown(row.get("type"))
    if form in _SAID or not form:
        return Kind.EDITED if row.get("timestampEdited") else Kind.SAID
    kind = _KINDS.get(form, Kind.NOTICE)
    if kind in {Kind.ADDED, Kind.REMOVED}:
        named = [shown(mapped(one).get("id")) for one in listed(row.get("mentions"))]
        if named == [address]:
            return Kind.JOINED if kind is Kind.ADDED else Kind.LEFT
    return kind


def _parts(row: Mapping[str, Any]) -> list[PartRow]:
    get = row.get
    files = listed(get("attachments"))
    beside = get("reactions") or get("embeds") or get("stickers") or get("forwardedMessage")
    if not (files or beside or get("timestampEdited") or get("interaction") or get("poll")):
        return []
    parts = stated(_statements(row))
    for file in files:
        one = mapped(file)
        name = shown(one.get("fileName")) or shown(one.get("url"))
        parts.append(named_file(name, "", one.get("fileSizeBytes")))
    return parts


def _statements(row: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """What the export says of a record beyond its fields."""
    edited = row.get("timestampEdited")
    yield "edited", moment_shown(stated_us(edited)) or shown(edited)
    for reaction in listed(row.get("reactions")):
        one = mapped(reaction)
        emoji = mapped(one.get("emoji"))
        people = [_account(mapped(user))[1] for user in listed(one.get("users"))]
        count = shown(one.get("count"))
        yield "reaction", " ".join([
            shown(emoji.get("name")) or shown(emoji.get("code")),
            f"x{count}" if count else "",
            ", ".join(filter(None, people)),
        ])  # fmt: skip
    for key in ("embeds", "stickers", "forwardedMessage", "interaction", "poll"):
        for piece in row[key] if isinstance(row.get(key), list) else [row.get(key)]:
            yield key.removesuffix("s"), " ".join(words(piece))
    for file in listed(row.get("attachments")):
        yield "file", shown(mapped(file).get("url"))


CONNECTOR = Discord()
