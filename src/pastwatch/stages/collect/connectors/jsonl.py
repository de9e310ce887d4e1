"""Reads JSON Lines, and a file that is one JSON array, by a mapping or by common key names."""

from __future__ import annotations

import json
import mmap
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from pastwatch.model.batch import Batch
from pastwatch.model.source import Gap
from pastwatch.stages.collect.connectors.batched import Columns
from pastwatch.stages.collect.connectors.files import container_name, opened
from pastwatch.stages.collect.connectors.rows import Rows
from pastwatch.stages.collect.mailcharset import decoded

LINE_LIMIT_BYTES = 64 * 1024 * 1024
ARRAY_LIMIT_BYTES = 256 * 1024 * 1024
_FAILURES = 100
_MARK = b"\xef\xbb\xbf"
_BLANK = re.compile(rb"[ \t\r\n]*")
_COMMA = re.compile(rb"[ \t\r\n]*,[ \t\r\n]*")
_NEXT_OBJECT = re.compile(rb"[}\]\"\w][ \t\r\n]*,[ \t\r\n]*(?=\{)")


class Jsonl:
    """The JSON connector; options: record fields to dotted keys, zone, epoch, time_unit."""

    name = "jsonl"
    medium = "other"

    def recognises(self, path: Path, head: bytes) -> int:
        """Likely when the first line is a JSON object, or the file begins an array of them."""
        start = head.removeprefix(_MARK).lstrip()
        by_name = path.suffix.lower() in {".jsonl", ".ndjson"}
        if re.match(rb"\[\s*\{", start):
            return 70
        if start[:1] != b"{":
            return 20 if by_name else 0
        line, newline, _ = start.partition(b"\n")
        try:
            is_object = isinstance(json.loads(line), dict)
        except (ValueError, RecursionError):
            is_object = False
        if not is_object:
            return 40 if by_name and not newline else 0
        return 90 if by_name else 70

    def read(self, path: Path, options: Mapping[str, Any]) -> Iterator[Batch | Gap]:
        """The records in file order; what does not parse is a gap."""
        rows = Rows(options)
        with opened(path) as view:
            columns = Columns(container_name(path, options))
            start = len(_MARK) if view[: len(_MARK)] == _MARK else 0
            columns.frame("mark", start)
            first = _BLANK.match(view, start)
            at = first.end() if first else start
            if view[at : at + 1] == b"[":
                yield from _array(view, start, rows, columns)
            else:
                yield from _lines(view, start, rows, columns)
            yield from columns.rest()


def _lines(view: mmap.mmap | bytes, at: int, rows: Rows, columns: Columns) -> Iterator[Batch | Gap]:
    size = len(view)
    while at < size:
        newline = view.find(b"\n", at)
        stop = size if newline < 0 else newline
        following = min(stop + 1, size)
        if stop - at > LINE_LIMIT_BYTES:
            yield _gap(columns, "a line larger than a record may be", at, stop - at, lost=1)
            columns.frame("newline", following - stop)
            at = following
            continue
        line = view[at:stop]
        if line.endswith(b"\r") and newline >= 0:
            line = line[:-1]
        if not line.strip():
            columns.frame("blank", following - at)
        else:
            reason = _add(columns, rows, line)
            if reason:
                yield _gap(columns, reason, at, len(line), lost=1)
            columns.frame("newline", following - at - len(line))
        at = following
        if columns.is_full:
            yield columns.take()


def _array(
    view: mmap.mmap | bytes, start: int, rows: Rows, columns: Columns
) -> Iterator[Batch | Gap]:
    size = len(view)
    if size > ARRAY_LIMIT_BYTES:
        yield _gap(columns, "an array larger than this reads", start, size - start)
        return
    # Scanned as Latin-1: one character a byte, so that places in the text are places in the file.
    text = view[:].decode("latin-1")
    scan = json.JSONDecoder(strict=False).raw_decode
    opening = text.index("[", start) + 1
    at = _blank_end(view, opening)
    columns.frame("array", at - start)
    failures = 0
    while at < size and text[at] != "]":
        try:
            _, end = scan(text, at)
            reason = _add(columns, rows, view[at:end])
        except (ValueError, RecursionError):
            failures += 1
            later = _NEXT_OBJECT.search(view, at) if failures < _FAILURES else None
            end = later.start() + 1 if later else size
            reason = "not JSON"
        if reason:
            yield _gap(columns, reason, at, end - at, lost=1 if end < size else None)
        comma = _COMMA.match(view, end)
        following = comma.end() if comma else _blank_end(view, end)
        columns.frame("array", following - end)
        at = following
        if columns.is_full:
            yield columns.take()
        if not comma and at < size and text[at] != "]":
            yield _gap(columns, "not JSON", at, size - at)
            return
    if at < size:
        end = _blank_end(view, at + 1)
        columns.frame("array", end - at)
        if end < size:
            yield _gap(columns, "bytes after the array", end, size - end)


def _add(columns: Columns, rows: Rows, original: bytes) -> str:
    """Add one object as a record, or say why it is none."""
    text, defects = decoded(original, "utf-8")
    try:
        row = _DECODER.decode(text)
    except (ValueError, RecursionError):
        return "not JSON"
    if not isinstance(row, dict):
        return "not a JSON object"
    rows.add(columns, original, row, defects)
    return ""


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object; a key given twice keeps both values, where Python would drop the first."""
    found = dict(pairs)
    if len(found) < len(pairs):
        for key in found:
            values = [value for name, value in pairs if name == key]
            if len(values) > 1:
                found[key] = values
    return found


_DECODER = json.JSONDecoder(object_pairs_hook=_object, strict=False)


def _blank_end(view: mmap.mmap | bytes, at: int) -> int:
    found = _BLANK.match(view, at)
    return found.end() if found else at


def _gap(columns: Columns, reason: str, offset: int, size: int, lost: int | None = None) -> Gap:
    return Gap(
        source_id="",
        reason=reason,
        bytes=size,
        lost_records_at_most=lost,
        container=columns.container,
        offset=offset,
    )


CONNECTOR = Jsonl()
