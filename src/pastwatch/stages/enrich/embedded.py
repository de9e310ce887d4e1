"""The dates that pictures and documents carry inside, against the time their record claims."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.message import Message

from pastwatch.model.when import When
from pastwatch.stages.enrich.header import fields_of
from pastwatch.stages.enrich.held import Held, Outcome, Remark, remark

CHECK = "embedded-date"
SLACK = timedelta(days=1)  # cameras and documents seldom say their zone
_EXIF = re.compile(rb"((?:19|20)\d\d:[01]\d:[0-3]\d [0-2]\d:[0-5]\d:[0-6]\d)\x00")
_PDF = re.compile(rb"/CreationDate\s*\(D:(\d{14})")
_MVHD = re.compile(rb"mvhd(\x00)\x00\x00\x00(.{4})|mvhd(\x01)\x00\x00\x00(.{8})", re.DOTALL)
_MAC_EPOCH = datetime(1904, 1, 1, tzinfo=UTC)
_DEEPEST = 20


@dataclass(frozen=True, slots=True)
class _Dated:
    """What kind of file carries a date, and the date."""

    kind: str
    made: datetime


def embedded(given: list[Held]) -> Iterator[Remark]:
    """One remark for each date found in an attachment, or in a file sealed whole."""
    for held in given:
        for content in _contents(held):
            dated = _date_in(content)
            if dated is not None:
                yield _compared(held, dated, content)


def _compared(held: Held, dated: _Dated, content: bytes) -> Remark:
    at = held.original.find(content) if content is not held.original else 0
    place = (at, at + len(content)) if at >= 0 else None
    claimed = held.record.envelope.claimed
    day = dated.made.date().isoformat()
    if claimed is None:
        says = f"{dated.kind} says it was made on {day}; the record claims no time"
        return remark(held, CHECK, Outcome.UNDECIDED, says, place)
    if dated.made > _latest(claimed) + SLACK:
        says = f"{dated.kind} says it was made on {day}, after the time the record claims"
        return remark(held, CHECK, Outcome.DIFFERS, says, place)
    says = f"{dated.kind} says it was made on {day}, not after the time the record claims"
    return remark(held, CHECK, Outcome.AGREES, says, place)


def _contents(held: Held) -> Iterator[bytes]:
    """The decoded attachments of a mail, or the original itself."""
    if not fields_of(held):
        yield held.original
        return
    for part in _leaves(message_from_bytes(held.original)):
        content = part.get_payload(decode=True)
        if isinstance(content, bytes) and part.get_content_maintype() != "text":
            yield content


def _leaves(tree: Message, *, depth: int = 0) -> Iterator[Message]:
    if depth > _DEEPEST or not tree.is_multipart():
        yield tree
        return
    for part in tree.get_payload():
        if isinstance(part, Message):
            yield from _leaves(part, depth=depth + 1)


def _date_in(content: bytes) -> _Dated | None:
    if content.startswith(b"\xff\xd8\xff"):
        at = content.find(b"Exif\x00\x00", 0, 65_536)
        found = _EXIF.search(content, at, at + 65_536) if at >= 0 else None
        return _dated("a picture", found[1].decode(), "%Y:%m:%d %H:%M:%S") if found else None
    if content.startswith(b"%PDF-"):
        found = _PDF.search(content)
        return _dated("a PDF", found[1].decode(), "%Y%m%d%H%M%S") if found else None
    if content[4:8] == b"ftyp":
        return _film(content)
    return None


def _film(content: bytes) -> _Dated | None:
    """The creation time in a film's or recording's header: seconds since 1904."""
    found = _MVHD.search(content)
    seconds = int.from_bytes(found[2] or found[4] or b"", "big") if found else 0
    try:
        return _Dated("a recording", _MAC_EPOCH + timedelta(seconds=seconds)) if seconds else None
    except OverflowError:
        return None


def _dated(kind: str, text: str, form: str) -> _Dated | None:
    try:
        return _Dated(kind, datetime.strptime(text, form).replace(tzinfo=UTC))
    except ValueError:
        return None


def _latest(claimed: When) -> datetime:
    return datetime.fromtimestamp(claimed.latest_us / 1_000_000, tz=UTC)
