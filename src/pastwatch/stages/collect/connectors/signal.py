"""Reads what signal-export writes of a chat: `data.json` (a record a line), or its text `chat.md`.

Its times are the local time of the computer that exported (option zone); `Me` is the account's owner
(option owner gives the name). Quotes, reactions, stickers and earlier wordings are the part `stated`;
files are named. Not in these exports: ids, so a reply is known only by its quote; group events.
"""

from __future__ import annotations

import mmap
import re
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
    named_file,
    shown,
    words,
)
from pastwatch.stages.collect.connectors.files import container_name, opened
from pastwatch.stages.collect.connectors.jsonspans import Around, json_lines
from pastwatch.stages.collect.connectors.stated import stated
from pastwatch.stages.collect.connectors.times import Times
from pastwatch.stages.collect.mailcharset import decoded

_EXPORT = basis_number(Basis.EXPORT)
_MARK = b"\xef\xbb\xbf"
_FILE_NAMES = {"data.json", "chat.md", "chat.txt"}
_LINE = re.compile(rb'\{"date": ?"[^"]{1,40}", ?"sender": ?')
_STAMP_AT = re.compile(
    rb"^\[\d{4}-\d\d-\d\d(?:, \d\d:\d\d| \d\d:\d\d:\d\d)\] (?=[^:\n]{1,200}:)", re.MULTILINE
)
_HEAD = re.compile(r"\[([^\]]{1,40})\] ([^:\n]{1,200}):[ ]?")
_CALL = re.compile(
    r"(?:Incoming|Outgoing|Missed) (?:\w{1,20} )?call(?: \([^()\n]{1,80}\))?", re.ASCII
)
_DELETED = "(This message was deleted)"
_NOBODY = "No-Sender"
_QUOTE = re.compile(r"\n\n((?:> [^\n]*\n)+)\n")
_REACTIONS = re.compile(r"\n\(- ([^\n]*) -\)")
_STICKER = re.compile(
    r"\n\(\( ([^\n]*) \)\)|\[([^\[\]\n]{0,255})\]\(\.\./exported_stickers/[^()\n]{0,400}\)  $"
)
_FILE = re.compile(r"!?\[([^\[\]\n]{0,255})\]\(\./([^()\n]{0,400})\)  ")


class Signal:
    """The Signal connector; options: zone, owner (who "Me" is), conversation, container."""

    name = "signal"
    medium = "signal"

    def recognises(self, path: Path, head: bytes) -> int:
        """Sure of lines with a date, a sender and a body; likely of text with its own dates."""
        start = head.removeprefix(_MARK).lstrip()
        if _LINE.match(start):
            return 96 if b'"body"' in start else 0
        stamp = _STAMP_AT.match(start)
        if stamp is None:
            return 0
        # WhatsApp, too, writes dates in brackets: with a comma and seconds, or with marks.
        is_own = b"," in stamp[0] or b"  \n" in start or path.name.lower() in _FILE_NAMES
        return 60 if not is_own or b"\xe2\x80\x8e" in start else 90

    def read(self, path: Path, options: Mapping[str, Any]) -> Iterator[Batch | Gap]:
        """The records in file order; without a zone each time is 26 hours wide."""
        with opened(path) as view:
            columns = Columns(container_name(path, options))
            is_named = path.name.lower() in _FILE_NAMES
            title = str(
                options.get("conversation") or (path.parent.name if is_named else path.stem)
            )
            chat = _Chat(columns, Times(options), clean(title), str(options.get("owner") or "Me"))
            if _begins_with_brace(view):
                yield from json_lines(view, columns, chat.add_line)
            else:
                yield from chat.read_text(view)
            yield from columns.rest()


def _begins_with_brace(view: mmap.mmap | bytes) -> bool:
    return view[:1024].removeprefix(_MARK).lstrip()[:1] == b"{"


class _Chat:
    """Adds the records of one chat."""

    def __init__(self, columns: Columns, times: Times, title: str, owner: str) -> None:
        self._columns = columns
        self._times = times
        self._title = title
        self._owner = owner

    def add_line(
        self,
        original: bytes,
        row: Mapping[str, Any],
        around: Around,  # noqa: ARG002 - a line stands alone
        defects: Defect,
    ) -> str:
        get = row.get
        if "date" not in row and "body" not in row:
            return "not a record of a chat"
        sticker = get("sticker")
        emoji = shown(mapped(sticker).get("emoji")) or shown(sticker)
        reactions = [": ".join(words(one)) for one in listed(get("reactions"))]
        edits = [mapped(one) for one in listed(get("edits"))]
        told = [
            ("quote", shown(get("quote")).replace("> ", "")),
            *(("reaction", one) for one in reactions),
            ("sticker", emoji),
            *(("earlier", f"{shown(e.get('date'))} {shown(e.get('body'))}") for e in edits),
        ]
        kind = Kind.EDITED if edits else Kind.SAID
        kind = Kind.CALLED if get("call") is True else kind
        files = [mapped(one) for one in listed(get("attachments"))]
        self._add(
            original,
            date=shown(get("date")).replace("T", " ", 1),
            sender=shown(get("sender")),
            text="" if get("deleted") is True else shown(get("body")).rstrip(),
            kind=Kind.DELETED if get("deleted") is True else kind,
            parts=[
                *stated(told),
                *(named_file(shown(one.get("name")) or shown(one.get("path"))) for one in files),
            ],
            defects=defects,
        )
        return ""

    def read_text(self, view: mmap.mmap | bytes) -> Iterator[Batch | Gap]:
        columns, size = self._columns, len(view)
        start = len(_MARK) if view[: len(_MARK)] == _MARK else 0
        columns.frame("mark", start)
        at = -1
        for found in _STAMP_AT.finditer(view, start):
            if at < 0 and found.start() > start:
                yield self._lost(start, found.start(), "before the first dated line")
            elif at >= 0:
                self._add_text(view[at : found.start()])
            at = found.start()
            if columns.is_full:
                yield columns.take()
        if at >= 0:
            self._add_text(view[at:])
        elif size > start:
            yield self._lost(start, size, "no dated line")

    def _add_text(self, stretch: bytes) -> None:
        original = stretch.rstrip(b"\r\n")
        self._columns.frame("newline", len(stretch) - len(original))
        text, defects = decoded(original, "utf-8")
        head = _HEAD.match(text)
        date, sender = (head[1], head[2]) if head else ("", "")
        body = text[head.end() if head else 0 :].replace("\r\n", "\n")
        is_deleted = body.strip() == _DELETED
        body, quotes = _without(_QUOTE, body)
        body, reactions = _without(_REACTIONS, body)
        body, files = _without(_FILE, body)
        body, stickers = _without(_STICKER, body)
        quoted = [line.removeprefix("> ") for line in "".join(quotes).split("\n")]
        told = [
            ("quote", " ".join(quoted)),
            *(("reaction", one) for line in reactions for one in line.split(", ")),
            *(("sticker", one) for one in stickers),
        ]
        self._add(
            original,
            date=date.replace(", ", " "),
            sender=sender,
            text="" if is_deleted else body.strip(),
            kind=Kind.DELETED if is_deleted else Kind.SAID,
            parts=[*stated(told), *(named_file(name) for name in files)],
            defects=defects,
        )

    def _add(
        self,
        original: bytes,
        *,
        date: str,
        sender: str,
        text: str,
        kind: Kind,
        parts: list[PartRow],
        defects: Defect,
    ) -> None:
        moment = self._times.read(date)
        if moment is None:
            defects |= Defect.BAD_DATE if date else Defect.NO_DATE
        elif not moment.has_zone:
            defects |= Defect.AMBIGUOUS_DATE
        name = "" if sender == _NOBODY else self._owner if sender == "Me" else sender
        if kind is Kind.SAID and _CALL.fullmatch(text):
            kind = Kind.CALLED
        elif kind is Kind.SAID and not name:
            kind = Kind.SAID if text or parts else Kind.NOTICE
            defects |= Defect.NO_SENDER
        self._columns.add(
            original,
            text=clean(text),
            earliest_us=moment.earliest_us if moment else None,
            latest_us=moment.latest_us if moment else None,
            basis=_EXPORT,
            sender_address=name,
            sender_name=name,
            conversation=self._title,
            parts=parts,
            kind=int(kind),
            defects=int(defects),
        )

    def _lost(self, start: int, end: int, reason: str) -> Gap:
        container = self._columns.container
        return Gap(
            source_id="", reason=reason, bytes=end - start, container=container, offset=start
        )


def _without(pattern: re.Pattern[str], text: str) -> tuple[str, list[str]]:
    """The text less what matches, and the first group of each match that has one."""
    found = [next((g for g in one.groups() if g is not None), "") for one in pattern.finditer(text)]
    return (pattern.sub("", text), found) if found else (text, [])


CONNECTOR = Signal()
