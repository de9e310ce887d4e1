"""Reads mailboxes of the mbox family: mboxo, mboxrd, mboxcl2, pipermail text; LF or CRLF.

A mailbox is cut where a line begins "From ", ends in a date (or, after an empty line, in
"(Unknown Date)"), and a header line follows (RFC 4155, appendix A): a sentence that begins "From "
is no border. Where a record states its Content-Length and a border or the end stands exactly
there, borders inside it do not count (mboxcl2). The original is the bytes between the From line
and the empty line before the next, as they stand; in the text, ">From " is unquoted.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from pastwatch.archive.layout import FORM_MBOX_MAIL
from pastwatch.model.batch import Batch
from pastwatch.model.source import Gap
from pastwatch.stages.collect.connectors.borders import Border, Borders, View, border_at, date_of
from pastwatch.stages.collect.connectors.files import container_name, opened
from pastwatch.stages.collect.connectors.mails import Mails, is_raw
from pastwatch.stages.collect.mailtime import Moment, read_date

RECORD_LIMIT_BYTES = 128 * 1024 * 1024
_EMPTY_LINE_BYTES = 2
_HEADER_END = re.compile(rb"\n\r?\n")
_CONTENT_LENGTH = re.compile(
    rb"^content-length:[ \t]*(\d{1,12})[ \t]*\r?$", re.IGNORECASE | re.MULTILINE
)


class Mbox:
    """The mbox connector; options: container, depth."""

    name = "mbox"
    medium = "mail"

    def recognises(self, path: Path, head: bytes) -> int:
        """Sure of a file that begins with a From line and a header."""
        if border_at(head, 0):
            return 95
        if path.suffix.lower() in {".mbox", ".mbx"}:
            return 60
        return 0

    def read(self, path: Path, options: Mapping[str, Any]) -> Iterator[Batch | Gap]:
        """The mails of a mailbox in file order; memory is bounded by the largest mail."""
        with opened(path) as view:
            rows = Mails(
                container_name(path, options),
                form=FORM_MBOX_MAIL,
                raw=is_raw(options),
                received=lambda border: _stated(view, border),
            )
            yield from _read(view, rows)


def _read(view: View, rows: Mails) -> Iterator[Batch | Gap]:
    borders = Borders(view)
    border = borders.after(0)
    first = border.start if border else len(view)
    if first:
        yield _gap(rows.container, 0, first, "no From line before it")
    from_lines = blanks = 0
    while border:
        run = borders.run(border, rows.room)
        if run:
            rows.extend(run.originals, run.borders)
            from_lines += run.from_bytes
            blanks += run.blank_bytes
            if rows.is_full:
                rows.frame("from-line", from_lines)
                rows.frame("blank", blanks)
                from_lines = blanks = 0
                yield rows.take()
            border = run.following
            continue
        start = border.end
        following = _end_of(view, start, borders)
        stop = following.start if following else len(view)
        if stop - start > RECORD_LIMIT_BYTES + _EMPTY_LINE_BYTES:
            end = stop
            yield _gap(rows.container, start, end - start, "larger than a record may be", lost=1)
        else:
            original = _without_empty_line(view[start:stop])
            end = start + len(original)
            is_cut = not following and original[-1:] != b"\n"
            may_quote = borders.may_quote(start, stop)
            rows.add(original, border, is_cut=is_cut, may_quote=may_quote)
        from_lines += start - border.start
        blanks += stop - end
        if rows.is_full:
            rows.frame("from-line", from_lines)
            rows.frame("blank", blanks)
            from_lines = blanks = 0
            yield rows.take()
        border = following
    rows.frame("from-line", from_lines)
    rows.frame("blank", blanks)
    yield from rows.rest()


def _stated(view: View, border: Border | None) -> Moment | None:
    date = date_of(view, border) if border else None
    return read_date(date.decode("ascii", "replace")) if date else None


def _end_of(view: View, start: int, borders: Borders) -> Border | None:
    following = borders.after(start)
    if following is None or not borders.states_length(start, following.start):
        return following
    stated = _body_end(view, start, following.start)
    if stated is None or stated <= following.start:
        return following
    at = stated
    for _ in range(3):  # at most two line ends stand between a counted body and the border
        if at == len(view):
            return None
        if found := border_at(view, at):
            return found
        if view[at : at + 1] not in {b"\r", b"\n"}:
            break
        at += 2 if view[at : at + 2] == b"\r\n" else 1
    return following


def _body_end(view: View, start: int, stop: int) -> int | None:
    """Where the mail from `start` says that its body ends."""
    header = view[start : min(stop, start + 65_536)]
    end = _HEADER_END.search(header)
    stated = _CONTENT_LENGTH.search(header[: end.start() + 1]) if end else None
    return start + end.end() + int(stated[1]) if end and stated else None


def _without_empty_line(held: bytes) -> bytes:
    """A mail without the empty line that stands between it and the next."""
    if held.endswith(b"\n\n"):
        return held[:-1]
    return held[:-2] if held.endswith(b"\n\r\n") else held


def _gap(container: str, offset: int, size: int, reason: str, lost: int | None = None) -> Gap:
    return Gap(
        source_id="",
        reason=reason,
        bytes=size,
        lost_records_at_most=lost,
        container=container,
        offset=offset,
    )


CONNECTOR = Mbox()
