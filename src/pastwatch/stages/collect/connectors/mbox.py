"""Reads mailboxes of the mbox family: mboxo, mboxrd, mboxcl2, pipermail text; LF or CRLF.

A mailbox is cut where a line begins "From ", ends in a date (or, after an empty line, in
"(Unknown Date)"), and a header line follows (RFC 4155, appendix A): a sentence that begins "From "
is no border. Where a record states its Content-Length and a border or the end stands exactly
there, borders inside it do not count (mboxcl2). The original is the bytes between the From line
and the empty line before the next, as they stand; in the text, ">From " is unquoted.
"""

from __future__ import annotations

import mmap
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from pastwatch.model.batch import Batch
from pastwatch.model.record import Defect
from pastwatch.model.source import Gap
from pastwatch.stages.collect.connectors.batched import Columns
from pastwatch.stages.collect.connectors.files import container_name, opened
from pastwatch.stages.collect.mailread import read_mail
from pastwatch.stages.collect.mailtime import read_date

RECORD_LIMIT_BYTES = 128 * 1024 * 1024
_LONGEST_LINE = 1000
_CLOCK = rb"\d{1,2}:\d\d(?::\d\d)?"
_BORDER = re.compile(
    rb"From [^\r\n]{0,600}?(?:"
    rb"(?P<date>[A-Z][a-z]{2},?[ \t]+(?:[A-Z][a-z]{2}[ \t]+\d{1,2}|\d{1,2}[ \t]+[A-Z][a-z]{2}[ \t]+\d{2,4})"
    rb"[ \t]+" + _CLOCK + rb"[^\r\n]{0,40}?"
    rb"|\d{4}-\d\d-\d\d[ T]" + _CLOCK + rb"(?:[ \t]?(?:[A-Z]{1,5}|[+-]\d\d:?\d\d))?)"
    rb"(?:[ \t]+remote from [^\r\n]{1,200})?"
    rb"|(?P<undated>\(Unknown Date\)))[ \t]*\r?\n(?=>?From |[!-9;-~]+[ \t]*:)"
)
_YEAR_OR_ZONE = re.compile(rb"\d{4}(?:[ \t]+[+-]\d{4})?$|\d{2,4}[ \t]+" + _CLOCK + rb"|^\d{4}-")
_HEADER_END = re.compile(rb"\n\r?\n")
_CONTENT_LENGTH = re.compile(
    rb"^content-length:[ \t]*(\d{1,12})[ \t]*\r?$", re.IGNORECASE | re.MULTILINE
)
_QUOTED = re.compile(rb"^>(>*From )", re.MULTILINE)


class Mbox:
    """The mbox connector; options: container."""

    name = "mbox"
    medium = "mail"

    def recognises(self, path: Path, head: bytes) -> int:
        """Sure of a file that begins with a From line and a header."""
        if _border_at(head, 0):
            return 95
        if path.suffix.lower() in {".mbox", ".mbx"}:
            return 60
        return 0

    def read(self, path: Path, options: Mapping[str, Any]) -> Iterator[Batch | Gap]:
        """The mails of a mailbox in file order; memory is bounded by the largest mail."""
        with opened(path) as view:
            yield from _read(view, Columns(container_name(path, options)))


def _read(view: mmap.mmap | bytes, columns: Columns) -> Iterator[Batch | Gap]:
    border = _next_border(view, 0)
    first = border.start() if border else len(view)
    if first:
        yield _gap(columns, 0, first, "no From line before it")
    lengths = _Lengths(view)
    while border:
        start = border.end()
        following = _end_of(view, start, lengths)
        stop = following.start() if following else len(view)
        end = _before_empty_line(view, start, stop)
        if end - start > RECORD_LIMIT_BYTES:
            yield _gap(columns, start, end - start, "larger than a record may be", lost=1)
        else:
            original = view[start:end]
            _add(columns, original, border, is_cut=not following and original[-1:] != b"\n")
        columns.frame("from-line", start - border.start())
        columns.frame("blank", stop - end)
        if columns.is_full:
            yield columns.take()
        border = following
    yield from columns.rest()


def _add(columns: Columns, original: bytes, border: re.Match[bytes], *, is_cut: bool) -> None:
    raw = original
    if b"\n>From " in raw or b"\n>>" in raw:
        raw = _QUOTED.sub(rb"\1", raw)
    mail, date = read_mail(raw), border["date"]
    if mail.earliest_us is None and date:  # few: so the From line's date is read for them alone
        mail = read_mail(raw, received=read_date(date.decode("ascii", "replace")))
    fields = mail._asdict()
    if is_cut:
        fields["defects"] |= int(Defect.CUT_SHORT)
    columns.add(original, **fields)


def _end_of(view: mmap.mmap | bytes, start: int, lengths: _Lengths) -> re.Match[bytes] | None:
    following = _next_border(view, start)
    if following is None or not lengths.stand_before(following.start()):
        return following
    stated = lengths.body_end(start, following.start())
    if stated is None or stated <= following.start():
        return following
    at = stated
    for _ in range(3):  # at most two line ends stand between a counted body and the border
        if at == len(view):
            return None
        if found := _border_at(view, at):
            return found
        if view[at : at + 1] not in {b"\r", b"\n"}:
            break
        at += 2 if view[at : at + 2] == b"\r\n" else 1
    return following


class _Lengths:
    """Where the file states a Content-Length; found once, looked at only where one stands."""

    def __init__(self, view: mmap.mmap | bytes) -> None:
        self._view = view
        self._next = -1
        self._find(0)

    def _find(self, at: int) -> None:
        found = [self._view.find(key, at) for key in (b"\nContent-Length:", b"\nContent-length:")]
        self._next = min((place for place in found if place >= 0), default=len(self._view))

    def stand_before(self, at: int) -> bool:
        return self._next < at

    def body_end(self, start: int, stop: int) -> int | None:
        if self._next < start - 1:
            self._find(start - 1)
        if self._next >= stop:
            return None
        header = self._view[start : min(stop, start + 65_536)]
        end = _HEADER_END.search(header)
        stated = _CONTENT_LENGTH.search(header[: end.start() + 1]) if end else None
        self._find(stop - 1)
        return start + end.end() + int(stated[1]) if end and stated else None


def _next_border(view: mmap.mmap | bytes, start: int) -> re.Match[bytes] | None:
    if start == 0 and (found := _border_at(view, 0)):
        return found
    at = start
    while True:
        place = view.find(b"\nFrom ", max(at - 1, 0))
        if place < 0:
            return None
        if found := _border_at(view, place + 1):
            return found
        at = place + 2


def _border_at(view: mmap.mmap | bytes, at: int) -> re.Match[bytes] | None:
    if at + 2 * _LONGEST_LINE > len(view):
        found = _BORDER.match(view, at)
    else:
        found = _BORDER.match(view, at, at + 2 * _LONGEST_LINE)
    if not found:
        return None
    if found["undated"]:
        return found if _follows_empty_line(view, at) else None
    return found if _YEAR_OR_ZONE.search(found["date"].rstrip()) else None


def _follows_empty_line(view: mmap.mmap | bytes, at: int) -> bool:
    return (
        at == 0 or view[max(at - 2, 0) : at] == b"\n\n" or view[max(at - 4, 0) : at] == b"\r\n\r\n"
    )


def _before_empty_line(view: mmap.mmap | bytes, start: int, stop: int) -> int:
    tail = view[max(start, stop - 3) : stop]
    if tail[-2:] == b"\n\n":
        return stop - 1
    if tail == b"\n\r\n":
        return stop - 2
    return stop


def _gap(columns: Columns, offset: int, size: int, reason: str, lost: int | None = None) -> Gap:
    return Gap(
        source_id="",
        reason=reason,
        bytes=size,
        lost_records_at_most=lost,
        container=columns.container,
        offset=offset,
    )


CONNECTOR = Mbox()
