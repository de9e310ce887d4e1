"""Finds the rows of a table and their exact bytes, whatever stands between the cells, in UTF-16 too."""

from __future__ import annotations

import itertools
import mmap
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

import numpy as np

from pastwatch.errors import BadValue
from pastwatch.model.batch import Batch
from pastwatch.model.record import Defect
from pastwatch.model.source import Gap
from pastwatch.stages.collect.connectors.batched import Columns
from pastwatch.stages.collect.mailcharset import codec_of, decoded

ROW_LIMIT_BYTES = 64 * 1024 * 1024
WIDE_LIMIT_BYTES = 512 * 1024 * 1024
DELIMITERS = (",", ";", "\t", "|")
_MARKS = ((b"\xef\xbb\xbf", ""), (b"\xff\xfe", "utf-16le"), (b"\xfe\xff", "utf-16be"))
_ORDERS = {"utf-16-le": "<u2", "utf-16-be": ">u2"}
_QUOTED = re.compile(rb'"(?:[^"]|"")*"')
_STATED = re.compile(rb"sep=([^\r\n])[ \t]*(?:\r\n|\n|\r)", re.IGNORECASE)
_BEYOND_LATIN = 0xFF

# Adds a row of these cells; `is_broken` when a quote in it never closes.
AddRow = Callable[[bytes, list[str], Defect, bool], None]


class Bounds(NamedTuple):
    """Where a row ends, where the next begins, and whether a quote in it never closes."""

    end: int
    following: int
    is_broken: bool


class Table:
    """One table: its charset, its delimiter, and where its rows end; `refused` where it is not read."""

    def __init__(
        self, view: mmap.mmap | bytes, options: Mapping[str, Any], columns: Columns
    ) -> None:
        self._raw = view
        self._columns = columns
        charset = str(options.get("charset") or "")
        mark, marked = next((m for m in _MARKS if view[: len(m[0])] == m[0]), (b"", ""))
        self.charset = marked or charset or "utf-8"
        wide = _ORDERS.get(codec_of(self.charset) or "")
        is_too_wide = wide is not None and len(view) > WIDE_LIMIT_BYTES
        self.refused = _too_wide(columns.container, len(view)) if is_too_wide else None
        self._step = 2 if wide else 1
        # Rows are sought in bytes: of UTF-16, in one byte a unit, where what is no Latin is one sign.
        self._view = view if wide is None or is_too_wide else _narrow(view, wide)
        self._mark_bytes = len(mark)
        self.start = len(mark) // self._step
        stated = _STATED.match(self._view, self.start)
        self._stated_end = stated.end() if stated else self.start
        given = options.get("delimiter") or (stated[1].decode("latin-1") if stated else "")
        self.delimiter = str(given or _delimiter(self._view, self.start))
        if len(self.delimiter.encode()) != 1 or self.delimiter in '"\r\n':
            raise BadValue("a delimiter is one ASCII character, and no quote or line end")
        sign = re.escape(self.delimiter.encode())
        field = rb'(?:"(?:[^"]++|"")*+"?[^' + sign + rb"\r\n]*+|[^" + sign + rb"\r\n]*+)"
        self._row = re.compile(field + rb"(?:" + sign + field + rb")*+(\r\n|\n|\r|\Z)")
        other = "[^\\" + self.delimiter + "]*+"
        self._field = re.compile(
            rf'(?:"((?:[^"]++|"")*+)"?({other})|({other}))(\{self.delimiter}|\Z)'
        )

    def begin(self) -> int:
        """Where the rows begin; what stands before them is framing."""
        self._columns.frame("mark", self._mark_bytes)
        self._columns.frame("header", (self._stated_end - self.start) * self._step)
        return self._stated_end

    def rows(self) -> Iterator[list[str]]:
        """The cells of every row, as often as wanted; nothing is added."""
        return (self.cells(self.original(at, end))[0] for at, end in self._places())

    def first_rows(self, count: int, *, least_cells: int = 1) -> list[list[str]]:
        """The cells of the first rows, without those that surely have fewer."""
        sign = self.delimiter.encode()
        return [
            self.cells(self.original(at, end))[0]
            for at, end in itertools.islice(self._places(), count)
            if self._view[at:end].count(sign) + 1 >= least_cells
        ]

    def _places(self) -> Iterator[tuple[int, int]]:
        """Where each row begins and ends."""
        at, size = self._stated_end, len(self._view)
        while at < size:
            end, following, _ = self.bounds(at)
            if at < end <= at + ROW_LIMIT_BYTES:
                yield at, end
            at = following

    def header(self, at: int) -> tuple[list[str], int]:
        """(the cells of the row at a place, the place behind it); the row is framing."""
        if at >= len(self._view):
            return [], at
        end, following, _ = self.bounds(at)
        self._columns.frame("header", (following - at) * self._step)
        return self.cells(self.original(at, end))[0], following

    def read(self, at: int, add: AddRow) -> Iterator[Batch | Gap]:
        """Add every row from a place on; a row larger than one may be is a gap."""
        columns, size, step = self._columns, len(self._view), self._step
        while at < size:
            end, following, is_broken = self.bounds(at)
            if end - at > ROW_LIMIT_BYTES:
                yield _gap(
                    columns, "a row larger than a record may be", at * step, (end - at) * step
                )
            elif end > at:
                original = self.original(at, end)
                cells, defects = self.cells(original)
                add(original, cells, defects, is_broken)
            columns.frame("newline" if end > at else "blank", (following - end) * step)
            at = following
            if columns.is_full:
                yield columns.take()
        if tail := len(self._raw) - size * step:
            yield _gap(columns, "half a character", size * step, tail)

    def original(self, at: int, end: int) -> bytes:
        """The bytes of the file from one place to another."""
        return self._raw[at * self._step : end * self._step]

    def bounds(self, at: int) -> Bounds:
        """Where the row at a place ends."""
        found = self._row.match(self._view, at)
        if found:
            end = found.start(1)
            # Quotes open and close in pairs; an odd one ran to the end of the file.
            is_whole = end < len(self._view) or self._view[at:end].count(b'"') % 2 == 0
            if is_whole:
                return Bounds(end, found.end(), is_broken=False)
        newline = self._view.find(b"\n", at)
        if newline < 0:
            return Bounds(len(self._view), len(self._view), is_broken=True)
        end = newline - (newline > at and self._view[newline - 1 : newline] == b"\r")
        return Bounds(end, newline + 1, is_broken=True)

    def cells(self, original: bytes) -> tuple[list[str], Defect]:
        """The cells of a row, and what was wrong with its charset."""
        text, defects = decoded(original, self.charset)
        if '"' not in text:
            return text.split(self.delimiter), defects
        found = self._field.findall(text)
        if len(found) > 1 and not found[-2][3]:
            found.pop()  # the nothing behind the last cell
        return [
            (quoted.replace('""', '"') if quoted else "") + after + bare
            for quoted, after, bare, _ in found
        ], defects


def _too_wide(container: str, size_bytes: int) -> Gap:
    """A table that is read in memory, and too large for it, as one gap."""
    return Gap(
        source_id="",
        reason="a table in UTF-16 larger than this reads",
        bytes=size_bytes,
        container=container,
        offset=0,
    )


def _narrow(view: mmap.mmap | bytes, order: str) -> bytes:
    units = np.frombuffer(view[: len(view) & ~1], order)
    narrow: bytes = np.minimum(units, _BEYOND_LATIN).astype(np.uint8).tobytes()
    return narrow


def _delimiter(view: mmap.mmap | bytes, start: int) -> str:
    newline = view.find(b"\n", start)
    line = _QUOTED.sub(
        b"", view[start : newline if 0 <= newline < start + 65_536 else start + 65_536]
    )
    counts = [line.count(sign.encode()) for sign in DELIMITERS]
    return DELIMITERS[counts.index(max(counts))]


def _gap(columns: Columns, reason: str, offset: int, size: int) -> Gap:
    return Gap(
        source_id="",
        reason=reason,
        bytes=size,
        lost_records_at_most=1,
        container=columns.container,
        offset=offset,
    )
