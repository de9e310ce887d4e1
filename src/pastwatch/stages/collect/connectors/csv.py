"""Reads tables of comma-, semicolon-, tab- or bar-separated rows; a row's bytes are the original."""

from __future__ import annotations

import mmap
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from pastwatch.errors import BadValue
from pastwatch.model.batch import Batch
from pastwatch.model.record import Defect
from pastwatch.model.source import Gap
from pastwatch.stages.collect.connectors.batched import Columns
from pastwatch.stages.collect.connectors.files import container_name, opened
from pastwatch.stages.collect.connectors.rows import Rows
from pastwatch.stages.collect.mailcharset import decoded

ROW_LIMIT_BYTES = 64 * 1024 * 1024
DELIMITERS = (",", ";", "\t", "|")
_MARK = b"\xef\xbb\xbf"
_WIDE = (b"\xff\xfe", b"\xfe\xff")
_QUOTED = re.compile(rb'"(?:[^"]|"")*"')
_SUFFIXES = {".csv": 60, ".tsv": 60, ".tab": 50}


class Csv:
    """The CSV connector; options: record fields to columns, delimiter, columns, charset, zone, epoch, time_unit."""

    name = "csv"
    medium = "other"

    def recognises(self, path: Path, head: bytes) -> int:
        """Likely by the file's name; never by what it holds alone."""
        return _SUFFIXES.get(path.suffix.lower(), 0) if head else 0

    def read(self, path: Path, options: Mapping[str, Any]) -> Iterator[Batch | Gap]:
        """The rows in file order; the header row is framing."""
        rows = Rows(options)
        with opened(path) as view:
            columns = Columns(container_name(path, options))
            if view[:2] in _WIDE:
                yield _gap(columns, "a table in UTF-16, which this does not read", 0, len(view))
                return
            start = len(_MARK) if view[: len(_MARK)] == _MARK else 0
            columns.frame("mark", start)
            yield from _Table(view, start, options, columns).read(rows)
            yield from columns.rest()


class _Table:
    """One table: its delimiter, the names of its columns, and where its rows end."""

    def __init__(
        self, view: mmap.mmap | bytes, start: int, options: Mapping[str, Any], columns: Columns
    ) -> None:
        self._view = view
        self._start = start
        self._columns = columns
        self._charset = str(options.get("charset") or "utf-8")
        self._delimiter = str(options.get("delimiter") or _delimiter(view, start))
        if len(self._delimiter.encode()) != 1 or self._delimiter in '"\r\n':
            raise BadValue("a delimiter is one ASCII character, and no quote or line end")
        given = options.get("columns")
        self._names = [str(name) for name in given] if given else None
        mark = re.escape(self._delimiter.encode())
        field = rb'(?:"(?:[^"]++|"")*+"?[^' + mark + rb"\r\n]*+|[^" + mark + rb"\r\n]*+)"
        self._row = re.compile(field + rb"(?:" + mark + field + rb")*+(\r\n|\n|\r|\Z)")
        self._field = re.compile(
            (
                r'"((?:[^"]|"")*)("?)([^'
                "\\" + self._delimiter + r"]*)|([^" + "\\" + self._delimiter + r"]*)"
            ),
        )

    def read(self, rows: Rows) -> Iterator[Batch | Gap]:
        at, size = self._start, len(self._view)
        if self._names is None and at < size:
            end, ending, _ = self._bounds(at)
            cells, _ = self._cells(self._view[at:end])
            self._names = [name.strip() for name in cells]
            rows.check(self._names)
            self._columns.frame("header", ending - at)
            at = ending
        while at < size:
            end, ending, is_broken = self._bounds(at)
            if end - at > ROW_LIMIT_BYTES:
                yield _gap(self._columns, "a row larger than a record may be", at, end - at, lost=1)
            elif end > at:
                self._add(rows, self._view[at:end], is_broken=is_broken)
            self._columns.frame("newline" if end > at else "blank", ending - end)
            at = ending
            if self._columns.is_full:
                yield self._columns.take()

    def _bounds(self, at: int) -> tuple[int, int, bool]:
        """(end of the row, start of the next, whether a quote in it never closes)."""
        found = self._row.match(self._view, at)
        if found:
            end = found.start(1)
            # Quotes open and close in pairs; an odd one ran to the end of the file.
            is_whole = end < len(self._view) or self._view[at:end].count(b'"') % 2 == 0
            if is_whole:
                return end, found.end(), False
        newline = self._view.find(b"\n", at)
        if newline < 0:
            return len(self._view), len(self._view), True
        end = newline - (newline > at and self._view[newline - 1 : newline] == b"\r")
        return end, newline + 1, True

    def _cells(self, original: bytes) -> tuple[list[str], Defect]:
        text, defects = decoded(original, self._charset)
        if '"' not in text:
            return text.split(self._delimiter), defects
        cells, at = [], 0
        while at <= len(text):
            found = self._field.match(text, at)
            if found is None:  # pragma: no cover - the pattern matches the empty string
                break
            if found[4] is None:
                cells.append(found[1].replace('""', '"') + found[3])
            else:
                cells.append(found[4])
            at = found.end() + 1
        return cells, defects

    def _add(self, rows: Rows, original: bytes, *, is_broken: bool) -> None:
        names = self._names or []
        cells, defects = self._cells(original)
        if is_broken or len(cells) != len(names):
            defects |= Defect.BAD_STRUCTURE
        row = {name: cell for name, cell in zip(names, cells, strict=False) if name and cell}
        # A column named twice keeps its first value; the others, and cells beyond the header, are text.
        kept = Counter(row.values())
        loose = [cell for cell in cells[len(names) :] if cell]
        if len(set(names)) < len(names):
            loose += [cell for cell in cells[: len(names)] if cell and not kept[cell]]
        rows.add(self._columns, original, row, defects, extra=" ".join(loose))


def _delimiter(view: mmap.mmap | bytes, start: int) -> str:
    newline = view.find(b"\n", start)
    line = _QUOTED.sub(
        b"", view[start : newline if 0 <= newline < start + 65_536 else start + 65_536]
    )
    counts = [line.count(sign.encode()) for sign in DELIMITERS]
    return DELIMITERS[counts.index(max(counts))]


def _gap(columns: Columns, reason: str, offset: int, size: int, lost: int | None = None) -> Gap:
    return Gap(
        source_id="",
        reason=reason,
        bytes=size,
        lost_records_at_most=lost,
        container=columns.container,
        offset=offset,
    )


CONNECTOR = Csv()
