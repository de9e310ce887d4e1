"""Reads JSON Lines, and the rows of any JSON file, by a mapping or by common key names."""

from __future__ import annotations

import json
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
from pastwatch.stages.collect.connectors.jsonspans import json_records
from pastwatch.stages.collect.connectors.rows import Rows
from pastwatch.stages.collect.mailcharset import decoded

LINE_LIMIT_BYTES = 64 * 1024 * 1024
_PEEK = 64 * 1024
_MARK = b"\xef\xbb\xbf"
_BLANK = re.compile(rb"[ \t\r\n]*")


class Jsonl:
    """The JSON connector; options: record fields to dotted keys, rows, zone, order, epoch, time_unit.

    `rows` says where in an object the rows stand: `data.items[]`. In a line that is an array, the
    keys are the places of its values, from 0: `text = "2"`.
    """

    name = "jsonl"
    medium = "other"

    def recognises(self, path: Path, head: bytes) -> int:
        """Likely when the lines are JSON objects or arrays, or the file begins an array of objects."""
        start = head.removeprefix(_MARK).lstrip()
        by_name = path.suffix.lower() in {".jsonl", ".ndjson"}
        if _is_arrays(start):
            return 80 if by_name else 50
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
            is_long = not newline and len(head) >= _PEEK and start[1:2] == b'"'
            if is_long and path.suffix.lower() == ".json":
                return 15  # one object larger than the head
            return 40 if by_name and not newline else 0
        return 90 if by_name else 70

    def read(self, path: Path, options: Mapping[str, Any]) -> Iterator[Batch | Gap]:
        """The records in file order; what does not parse is a gap."""
        rows = Rows(options)
        with opened(path) as view:
            columns = Columns(container_name(path, options))
            start = len(_MARK) if view[: len(_MARK)] == _MARK else 0
            first = _BLANK.match(view, start)
            at = first.end() if first else start
            path_of_rows = options.get("rows")
            of_arrays = not path_of_rows and _is_arrays(view[at : at + _PEEK])
            if path_of_rows or (view[at : at + 1] == b"[" and not of_arrays):

                def add(original: bytes, _value: object, _around: object, _wrong: Defect) -> str:
                    return _add(columns, rows, original)

                yield from json_records(view, columns, (str(path_of_rows or "[]"),), add)
            else:
                columns.frame("mark", start)
                yield from _lines(view, start, rows, columns, of_arrays=of_arrays)
            yield from columns.rest()


def _lines(
    view: mmap.mmap | bytes, at: int, rows: Rows, columns: Columns, *, of_arrays: bool
) -> Iterator[Batch | Gap]:
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
            reason = _add(columns, rows, line, of_arrays=of_arrays)
            if reason:
                yield _gap(columns, reason, at, len(line), lost=1)
            columns.frame("newline", following - at - len(line))
        at = following
        if columns.is_full:
            yield columns.take()


def _is_arrays(start: bytes) -> bool:
    """Whether the first two lines are a whole JSON array each, and so the lines are the rows."""
    lines = start.split(b"\n", 2)
    if len(lines) < 2 or not all(line.startswith(b"[") for line in lines[:2]):  # noqa: PLR2004
        return False
    try:
        return all(isinstance(json.loads(line), list) for line in lines[:2])
    except (ValueError, RecursionError):
        return False


def _add(columns: Columns, rows: Rows, original: bytes, *, of_arrays: bool = False) -> str:
    """Add one object as a record, or say why it is none."""
    text, defects = decoded(original, "utf-8")
    try:
        row = _DECODER.decode(text)
    except (ValueError, RecursionError):
        return "not JSON"
    if of_arrays and isinstance(row, list):
        row = {str(place): value for place, value in enumerate(row)}
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
