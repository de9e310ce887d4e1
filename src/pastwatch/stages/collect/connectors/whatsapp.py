"""Reads WhatsApp chats exported as text, alone or in a zip with their media.

In a zip, the chat is a container of its own (`NAME.zip/_chat.txt`); of the outer file, the chat's
compressed bytes and the zip's own structure are framing, and media are a gap: a record names each
file it refers to, with size and hash, but its content is not sealed.
"""

from __future__ import annotations

import hashlib
import re
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path, PurePosixPath
from typing import Any

from pastwatch.archive.layout import basis_number
from pastwatch.errors import BadValue
from pastwatch.model.batch import Batch
from pastwatch.model.record import Defect, Kind
from pastwatch.model.source import Gap
from pastwatch.model.when import SECOND_US, Basis
from pastwatch.stages.collect.connectors import whatsapp_dates as dates
from pastwatch.stages.collect.connectors.batched import Columns, PartRow, clean
from pastwatch.stages.collect.connectors.files import container_name, opened, whole
from pastwatch.stages.collect.connectors.whatsapp_system import account, spoken
from pastwatch.stages.collect.connectors.zones import Zone, zone_of
from pastwatch.stages.collect.mailcharset import decoded

CHAT_LIMIT_BYTES = 256 * 1024 * 1024
MEDIA_LIMIT_BYTES = 1024 * 1024 * 1024
_MARK = b"\xef\xbb\xbf"
_CHAT_NAME = re.compile(r"(?:^|/)(?:_chat|WhatsApp[^/]*|Chat[^/]*)\.txt$", re.IGNORECASE)
_TITLE = re.compile(
    r"^(?:WhatsApp Chat (?:with|-|mit) |Chat de WhatsApp con |Discussion WhatsApp avec )",
    re.IGNORECASE,
)
_ATTACHED = re.compile(r"<(?:attached|Anhang|adjunto|pièce jointe|allegato|anexado)[^:>]{0,10}: ?([^>\n]{1,200})>|^\u200e?([^\n<>:\"/\\|?*]{1,200}\.\w{2,5}) \((?:file attached|Datei angehängt|archivo adjunto|fichier joint)\)", re.MULTILINE)  # fmt: skip
_ZIP_FAILURES = (
    zipfile.BadZipFile,
    zlib.error,
    NotImplementedError,
    RuntimeError,
    EOFError,
    ValueError,
    OSError,
)

_Media = Callable[[str], PartRow | None]


class WhatsApp:
    """The WhatsApp connector; options: zone, order (dmy, mdy, ymd), conversation, container."""

    name = "whatsapp"
    medium = "whatsapp"

    def recognises(self, path: Path, head: bytes) -> int:
        """Likely when lines of the file begin like those of a chat, or a zip names its chat."""
        if head.startswith(b"PK\x03\x04"):
            return (
                85
                if b"_chat.txt" in head or b"WhatsApp" in head or "whatsapp" in path.name.lower()
                else 0
            )
        first = next(iter(dates.Stamps(head)), None)
        if first is None:
            return 0
        return 85 if first.at <= len(_MARK) + 3 else 20

    def read(self, path: Path, options: Mapping[str, Any]) -> Iterator[Batch | Gap]:
        """The records in file order; without a zone each time is 26 hours wide."""
        order = options.get("order")
        if order is not None and order not in dates.ORDERS:
            raise BadValue(f'"{order}" is not an order of dates', hint="one of dmy, mdy, ymd")
        container = container_name(path, options)
        chat = _Chat(options, _TITLE.sub("", path.stem))
        with opened(path) as view:
            is_zip = view[:4] == b"PK\x03\x04"
            size = len(view)
        if is_zip:
            yield from _zip(path, size, container, chat)
        else:
            raw = whole(path, limit_bytes=CHAT_LIMIT_BYTES)
            yield from chat.read(raw, Columns(container), lambda _: None)


class _Chat:
    """One chat's text, read under one set of options."""

    def __init__(self, options: Mapping[str, Any], title: str) -> None:
        self._zone: Zone = zone_of(options)
        self._order = str(options["order"]) if options.get("order") else ""
        self._conversation = clean(str(options.get("conversation") or title))

    def read(self, raw: bytes, columns: Columns, media: _Media) -> Iterator[Batch | Gap]:
        stamps = dates.Stamps(raw)
        orders = [self._order] if self._order else stamps.orders()
        start = len(_MARK) if raw.startswith(_MARK) else 0
        columns.frame("mark", start)
        previous: dates.Stamp | None = None
        for stamp in stamps.kept(orders[0]):
            if previous is None:
                if stamp.at > start:
                    yield _gap(
                        columns.container, "before the first dated line", start, stamp.at - start
                    )
            else:
                self._add(columns, raw, previous, stop=stamp.at, orders=orders, media=media)
            previous = stamp
            if columns.is_full:
                yield columns.take()
        if previous is not None:
            self._add(columns, raw, previous, stop=len(raw), orders=orders, media=media)
        elif len(raw) > start:
            yield _gap(columns.container, "no dated line", start, len(raw) - start)
        yield from columns.rest()

    def _add(
        self,
        columns: Columns,
        raw: bytes,
        stamp: dates.Stamp,
        *,
        stop: int,
        orders: list[str],
        media: _Media,
    ) -> None:
        at = max(stamp.at, len(_MARK) if raw.startswith(_MARK) else 0)
        end = stop
        if raw[end - 1 : end] == b"\n":
            end -= 2 if raw[end - 2 : end] == b"\r\n" else 1
        original = raw[at:end]
        columns.frame("newline", stop - end)
        line, defects = decoded(original, "utf-8")
        sender, text, kind = spoken(line[dates.head_length(line) :])
        width_us = 0 if stamp.has_seconds else 60 * SECOND_US - 1
        walls = [wall for order in orders if (wall := dates.wall_us(stamp, order)) is not None]
        readings = [self._zone.moment(wall, width_us=width_us) for wall in walls]
        if len(set(walls)) > 1 or not all(reading.has_zone for reading in readings):
            defects |= Defect.AMBIGUOUS_DATE
        parts = [
            part
            for found in _ATTACHED.finditer(text)
            if (part := media((found[1] or found[2]).strip())) is not None
        ]
        columns.add(
            original,
            text=clean(text),
            earliest_us=min(reading.earliest_us for reading in readings),
            latest_us=max(reading.latest_us for reading in readings),
            basis=basis_number(Basis.EXPORT),
            sender_address=account(sender),
            sender_name=sender,
            conversation=self._conversation,
            parts=parts,
            kind=int(kind),
            defects=int(defects if sender or kind is not Kind.SAID else defects | Defect.NO_SENDER),
        )


def _zip(path: Path, size: int, container: str, chat: _Chat) -> Iterator[Batch | Gap]:
    try:
        with zipfile.ZipFile(path) as outer:
            members = [member for member in outer.infolist() if not member.is_dir()]
            found = [m for m in members if _CHAT_NAME.search(m.filename)]
            texts = found or [m for m in members if m.filename.lower().endswith(".txt")]
            if not texts:
                yield _gap(container, "a zip without a chat", 0, size)
                return
            member = min(texts, key=lambda m: m.filename.count("/"))
            raw = _read(outer, member, CHAT_LIMIT_BYTES)
            others = [m for m in members if m is not member]
            media_bytes = min(sum(max(m.compress_size, 0) for m in others), size)
            if others:
                yield Gap(
                    source_id="",
                    reason="media in the zip, kept as name, size and hash only",
                    bytes=media_bytes,
                    lost_records_at_most=0,
                    container=container,
                )
            framing = Columns(container)
            framing.frame("zip", size - media_bytes)
            yield from framing.rest()
            inner = Columns(f"{container}/{member.filename}")
            yield from chat.read(raw, inner, _media(outer, others))
    except _ZIP_FAILURES:
        yield _gap(container, "a damaged or locked zip", 0, size)


def _read(outer: zipfile.ZipFile, member: zipfile.ZipInfo, limit_bytes: int) -> bytes:
    with outer.open(member) as file:
        raw = file.read(limit_bytes + 1)
    if len(raw) > limit_bytes:
        raise ValueError("larger than the limit")
    return raw


def _media(outer: zipfile.ZipFile, members: list[zipfile.ZipInfo]) -> _Media:
    named = {PurePosixPath(member.filename).name: member for member in members}
    left = MEDIA_LIMIT_BYTES

    def part(name: str) -> PartRow | None:
        nonlocal left
        member = named.get(name)
        if member is None or member.file_size > left:
            return None
        left -= member.file_size
        digest, size = hashlib.sha256(), 0
        try:
            with outer.open(member) as file:
                while (piece := file.read(1 << 20)) and size <= member.file_size:
                    digest.update(piece)
                    size += len(piece)
        except _ZIP_FAILURES:
            return None
        return (clean(name), "application/octet-stream", size, digest.digest(), "")

    return part


def _gap(container: str, reason: str, offset: int, size: int) -> Gap:
    return Gap(source_id="", reason=reason, bytes=size, container=container, offset=offset)


CONNECTOR = WhatsApp()
