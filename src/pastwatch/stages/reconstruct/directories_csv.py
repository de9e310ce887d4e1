"""Reads the rows of a CSV text into columns, and tells which bytes each row stands in."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.csv as arrow_csv

from pastwatch.errors import BadValue

Int64s = npt.NDArray[np.int64]
Column = Callable[[int], pa.LargeStringArray]
_DELIMITERS: Final = ",;\t|"
_CELL_LIMIT: Final = 1_000_000
_NEWLINE, _RETURN, _QUOTE = 10, 13, 34


def csv_rows(text: str) -> tuple[list[str], Column, Int64s, Int64s]:
    """(names of the columns, how to get one by its place, first byte and end of each row).

    The first row names the columns; empty lines are no rows. A row with too few cells is filled up
    with empty ones, what a row has beyond the last column is left out. BadValue without a header
    and a row.
    """
    raw = text.encode()
    skipped = 3 if raw.startswith(b"\xef\xbb\xbf") else 0
    start, end = _bounds(np.frombuffer(raw, np.uint8), skipped)
    if len(start) < 2:  # noqa: PLR2004 - a header and a row
        raise BadValue("a directory has a row that names its columns, and a row under it")
    head = raw[int(start[0]) : int(end[0])].decode()
    delimiter = max(_DELIMITERS, key=lambda sign: (_cells(head, sign), -_DELIMITERS.index(sign)))
    header = [name.strip() for name in _row(head, delimiter)]
    table = None
    if raw.count(b"\r") == raw.count(b"\r\n"):  # a lone one ends a row for some, and none for us
        table = _whole(raw, skipped, delimiter, header, rows=len(start) - 1)
    if table is None:
        table = _row_by_row(raw, start[1:], end[1:], delimiter, width=len(header))
    return header, table, start[1:], end[1:]


def _bounds(octets: npt.NDArray[np.uint8], skipped: int) -> tuple[Int64s, Int64s]:
    """Where each row that is not empty begins and ends: a line break within quotes ends none."""
    if not len(octets):
        return np.zeros(0, np.int64), np.zeros(0, np.int64)
    inside = np.cumsum(octets == _QUOTE, dtype=np.int64) & 1  # RFC 4180 §2: "" leaves it as it was
    breaks = np.flatnonzero((octets == _NEWLINE) & (inside == 0))
    if inside[-1]:
        raise BadValue("a quotation mark in the directory is never closed")
    start = np.concatenate(([skipped], breaks + 1))
    end = np.concatenate((breaks, [len(octets)]))
    end = np.where((end > start) & (octets[np.maximum(end - 1, 0)] == _RETURN), end - 1, end)
    filled = end > start
    return start[filled], end[filled]


def _whole(
    raw: bytes, skipped: int, delimiter: str, header: list[str], *, rows: int
) -> Column | None:
    """Read at once; None where rows differ in width, or not as many come out as there are."""
    places = [str(n) for n in range(len(header))]
    try:
        table = arrow_csv.read_csv(
            pa.BufferReader(memoryview(raw)[skipped:]),
            read_options=arrow_csv.ReadOptions(
                column_names=places, skip_rows=1, block_size=8 << 20
            ),
            parse_options=arrow_csv.ParseOptions(delimiter=delimiter, newlines_in_values=True),
            convert_options=arrow_csv.ConvertOptions(
                column_types=dict.fromkeys(places, pa.large_string()), strings_can_be_null=False
            ),
        )
    except pa.ArrowInvalid:
        return None
    if table.num_rows != rows:
        return None
    return lambda at: _trimmed(table.column(str(at)).combine_chunks())


def _row_by_row(raw: bytes, start: Int64s, end: Int64s, delimiter: str, *, width: int) -> Column:
    made = [
        (_row(raw[a:b].decode(), delimiter) + [""] * width)[:width]
        for a, b in zip(start.tolist(), end.tolist(), strict=True)
    ]
    return lambda at: _trimmed(pa.array([row[at] for row in made], pa.large_string()))


def _trimmed(column: pa.Array) -> pa.LargeStringArray:
    import pyarrow.compute as pc

    own = pa.concat_arrays(column.chunks) if isinstance(column, pa.ChunkedArray) else column
    return pc.utf8_trim_whitespace(own.cast(pa.large_string()))


def _row(line: str, delimiter: str) -> list[str]:
    rows = list(_reader(line, delimiter))
    if len(rows) > 1:
        raise BadValue(
            "a quotation mark in the directory stands within a cell",
            hint='a cell that holds one is written in quotes, and the mark twice: "5"" pipe"',
        )
    return rows[0] if rows else []


def _cells(line: str, delimiter: str) -> int:
    return len(_row(line, delimiter))


def _reader(line: str, delimiter: str) -> Iterator[list[str]]:
    csv.field_size_limit(_CELL_LIMIT)
    try:
        yield from csv.reader(io.StringIO(line, newline=""), delimiter=delimiter)
    except csv.Error:
        raise BadValue("a row of the directory cannot be read as CSV") from None
