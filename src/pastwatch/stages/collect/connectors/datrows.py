"""Splits a Concordance load file into rows and cells, in each of its charsets, with exact places."""

from __future__ import annotations

import functools
import mmap
import re
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from pastwatch.model.record import Defect
from pastwatch.stages.collect.connectors.batched import clean
from pastwatch.stages.collect.mailcharset import decoded

ROW_LIMIT_BYTES = 64 * 1024 * 1024
_CELLS_LIMIT = 4096  # the rest of a wider row stands in its last cell
_THORN = {"utf-8": b"\xc3\xbe", "cp1252": b"\xfe"}
_HEAD_BYTES = 64 * 1024
_SEPARATORS = {"utf-8": (b"\x14", b"\xc2\xb6"), "cp1252": (b"\x14", b"\xb6")}
_BLANK = re.compile(rb"[\r\n\x1a]+")
_WIDE = {b"\xff\xfe": ("<u2", "utf-16le"), b"\xfe\xff": (">u2", "utf-16be")}


class Row(NamedTuple):
    """A row: where it stands in the file, and its cells."""

    start: int
    end: int
    cells: list[str]
    defects: Defect


class Table:
    """The rows of a load file; `names` is its header row, and is empty where there is none."""

    def __init__(self, view: mmap.mmap | bytes) -> None:
        self._view = view
        self._scanned: mmap.mmap | bytes = view
        self.width, self.mark, self.charset = 1, 0, ""
        wide = _WIDE.get(bytes(view[:2]))
        if wide:
            units = np.frombuffer(view[: len(view) & ~1], wide[0])
            self._scanned = np.where(units < 256, units, 63).astype(np.uint8).tobytes()  # noqa: PLR2004
            self.width, self.mark, self.charset = 2, 2, wide[1]
        elif view[:3] == b"\xef\xbb\xbf":
            self.mark, self.charset = 3, "utf-8"
        first = self._scanned[self.mark // self.width : self.mark // self.width + 4]
        form = "utf-8" if first[:2] == _THORN["utf-8"] and self.width == 1 else "cp1252"
        self.charset = self.charset or form
        self._thorn = _THORN[form]
        self._end = re.compile(self._thorn + rb"[ \t]*(?=[\r\n]|\Z)")
        begins = first[: len(self._thorn)] == self._thorn
        self.is_one = begins and self._between in self._scanned[:_HEAD_BYTES]
        self.names: list[str] = []
        self.header_end = self.mark
        if self.is_one and (header := next(self.rows(self.mark), None)):
            self.names, self.header_end = [n.strip() for n in header.cells], header.end

    @functools.cached_property
    def _between(self) -> bytes:
        """What stands between two values."""
        form = "utf-8" if self._thorn == _THORN["utf-8"] else "cp1252"
        head = self._scanned[:_HEAD_BYTES]
        between = [self._thorn + sign + self._thorn for sign in _SEPARATORS[form]]
        return next((b for b in between if b in head), between[0])

    def rows(self, start: int) -> Iterator[Row]:
        """The rows from a place on; between them stand line ends."""
        at, size, scanned = start // self.width, len(self._scanned), self._scanned
        while at < size:
            blank = _BLANK.match(scanned, at)
            at = blank.end() if blank else at
            if at >= size:
                return
            end = self._row_end(at, size)
            cells, defects = self._cells(at, end)
            yield Row(at * self.width, end * self.width, cells, defects)
            at = end

    def _row_end(self, at: int, size: int) -> int:
        """The end of the line in which a closing thorn comes last: values may hold line ends."""
        scanned, thorn = self._scanned, self._thorn
        if scanned[at : at + len(thorn)] == thorn:
            place = at + len(thorn)
            while found := self._end.search(scanned, place, min(at + ROW_LIMIT_BYTES, size)):
                next_line = _BLANK.match(scanned, found.end())
                after = next_line.end() if next_line else found.end()
                # A row ends where the file does or another row begins; else the value goes on.
                if after >= size or scanned[after : after + len(thorn)] == thorn:
                    return found.end()
                place = found.end()
        line = scanned.find(b"\n", at)
        end = size if line < 0 else line
        return end - 1 if scanned[end - 1 : end] == b"\r" and end > at + 1 else max(end, at + 1)

    def _cells(self, at: int, end: int) -> tuple[list[str], Defect]:
        raw, thorn = self._scanned[at:end].rstrip(b" \t"), self._thorn
        separator = self._between[len(thorn) : -len(thorn)]
        is_quoted = raw.startswith(thorn) and raw.endswith(thorn) and len(raw) >= 2 * len(thorn)
        splitter = self._between if is_quoted else separator
        inset = len(thorn) if is_quoted else 0
        cells, defects = [], Defect.NONE
        place, stop = at + inset, at + len(raw) - inset
        for piece in self._scanned[place:stop].split(splitter, _CELLS_LIMIT):
            text, more = self._text(place, place + len(piece))
            cells.append(text if is_quoted else text.strip("þ"))
            defects |= more
            place += len(piece) + len(splitter)
        if self.names and len(cells) != len(self.names):
            defects |= Defect.BAD_STRUCTURE
        return cells, defects

    def _text(self, at: int, end: int) -> tuple[str, Defect]:
        raw = self._view[at * self.width : end * self.width]
        if raw.isascii() and self.width == 1:
            return raw.decode("ascii").replace("\0", ""), Defect.NONE
        text, defects = decoded(raw, self.charset)
        return clean(text).replace("®", "\n"), defects
