"""Reads WhatsApp chats exported as text, alone or in a zip with their media.

In a zip, the chat is a container of its own (`NAME.zip/_chat.txt`), and so is every other file: a
record of whoever sent it, as the chat says.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from pastwatch.archive.layout import basis_number
from pastwatch.errors import BadValue
from pastwatch.model.batch import Batch
from pastwatch.model.record import Defect, Kind
from pastwatch.model.source import Gap
from pastwatch.model.when import SECOND_US, Basis
from pastwatch.stages.collect.connectors import whatsapp_dates as dates
from pastwatch.stages.collect.connectors.batched import Columns, clean
from pastwatch.stages.collect.connectors.enclosed import Owner
from pastwatch.stages.collect.connectors.files import container_name, opened, whole
from pastwatch.stages.collect.connectors.whatsapp_system import account, spoken
from pastwatch.stages.collect.connectors.whatsapp_zip import Media, read_zip
from pastwatch.stages.collect.connectors.zones import zone_of
from pastwatch.stages.collect.mailcharset import decoded

CHAT_LIMIT_BYTES = 256 * 1024 * 1024
_MARK = b"\xef\xbb\xbf"
_TITLE = re.compile(
    r"^(?:WhatsApp Chat (?:with|-|mit) |Chat de WhatsApp con |Discussion WhatsApp avec )",
    re.IGNORECASE,
)
# In any language: what stands so and names no file beside the chat is words.
_ATTACHED = re.compile(
    r"<[^:：<>\n]{2,30}[:：] ?([^<>\n]{1,200}\.\w{2,5})>"
    r"|^\u200e?([^\n<>:\"/\\|?*]{1,200}\.\w{2,5}) \([^()\n]{4,40}\)",
    re.MULTILINE,
)


_EXPORT = basis_number(Basis.EXPORT)


class WhatsApp:
    """The WhatsApp connector; options: zone, order (dmy, mdy, ymd), conversation, container."""

    name = "whatsapp"
    medium = "whatsapp"
    most_sure = 85

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
            yield from read_zip(path, size, container, chat.read)
        else:
            raw = whole(path, limit_bytes=CHAT_LIMIT_BYTES)
            yield from chat.read(raw, Columns(container), lambda _name, _owner: None)


class _Chat:
    """One chat's text, read under one set of options."""

    def __init__(self, options: Mapping[str, Any], title: str) -> None:
        zone = zone_of(options)
        self._moment = functools.lru_cache(maxsize=4096)(
            lambda wall_us, width_us: zone.moment(wall_us, width_us=width_us)
        )
        self._order = str(options["order"]) if options.get("order") else ""
        self._conversation = clean(str(options.get("conversation") or title))

    def read(self, raw: bytes, columns: Columns, media: Media) -> Iterator[Batch | Gap]:
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
        media: Media,
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
        walls = dates.walls_us(stamp, orders)
        readings = [self._moment(wall, width_us) for wall in walls]
        if len(set(walls)) > 1 or not all(reading.has_zone for reading in readings):
            defects |= Defect.AMBIGUOUS_DATE
        earliest_us = min(reading.earliest_us for reading in readings)
        latest_us = max(reading.latest_us for reading in readings)
        may_name = "<" in text or " (" in text
        named = _ATTACHED.finditer(text) if may_name else ()
        names = [(found[1] or found[2]).strip() for found in named]
        owner = Owner(
            "", earliest_us, latest_us, _EXPORT, account(sender), sender, self._conversation
        )
        parts = [part for name in names if (part := media(name, owner)) is not None]
        columns.add(
            original,
            text=clean(text),
            earliest_us=earliest_us,
            latest_us=latest_us,
            basis=_EXPORT,
            sender_address=account(sender),
            sender_name=sender,
            conversation=self._conversation,
            parts=parts,
            kind=int(kind),
            defects=int(defects if sender or kind is not Kind.SAID else defects | Defect.NO_SENDER),
        )


def _gap(container: str, reason: str, offset: int, size: int) -> Gap:
    return Gap(source_id="", reason=reason, bytes=size, container=container, offset=offset)


CONNECTOR = WhatsApp()
