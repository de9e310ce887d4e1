"""Cuts a file of delimited lines into columns, each row with the bytes it stands on."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as arrow_csv

from pastwatch.errors import BadValue
from pastwatch.stages.corroborate.tracks.positions import BAD_ROW

CHUNK_BYTES = 8 * 1024 * 1024
LINE_BYTES = 64 * 1024
COLUMNS_LIMIT = 2000
TOO_LONG = "a line above 64 KiB"
_NUMBER = r"^[ \t]*[+-]?([0-9]+[.]?[0-9]*|[.][0-9]+)([eE][+-]?[0-9]{1,3})?[ \t]*$"
_COMMA = r"^[ \t]*[+-]?[0-9]+,[0-9]+[ \t]*$"
_TEXT_ONLY = (b"\xff\xfe", b"\xfe\xff", b"\x1f\x8b", b"PK\x03\x04")
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Rows:
    """Rows that have the columns expected, as text columns, and where each stands in the file."""

    start: Ints
    end: Ints
    columns: Mapping[int, Any]

    def __len__(self) -> int:
        return len(self.start)


def refuse_unreadable(raw: bytes) -> None:
    """BadValue for bytes that are no lines of text: packed, or two bytes a letter."""
    if raw.startswith(_TEXT_ONLY) or b"\0" in raw[:4096]:
        raise BadValue(
            "the file holds no lines of plain text",
            hint="unpack it, or write it as UTF-8, and add that file: what is read is what is sealed",
        )


def first_line(raw: bytes) -> tuple[int, bytes]:
    """The first line that is not empty: where the next begins, and its bytes."""
    at = 3 if raw.startswith(b"\xef\xbb\xbf") else 0
    while at < len(raw):
        end = raw.find(b"\n", at, at + LINE_BYTES)
        end = min(len(raw), at + LINE_BYTES) if end < 0 else end
        line = raw[at:end].strip(b"\r\n")
        at = end + 1
        if line.strip():
            return at, line
    return at, b""


def rows(
    raw: bytes,
    *,
    start: int,
    delimiter: str,
    count: int | tuple[int, int],
    wanted: frozenset[int],
    tally: Counter[str],
) -> Iterator[Rows]:
    """The rows from a byte on, some megabytes at a time; those of another width are tallied.

    `count` is how many columns a row has, or between how many. Only `wanted` columns are read;
    an empty cell is null.
    """
    while start < len(raw):
        cut = min(len(raw), start + CHUNK_BYTES)
        if cut < len(raw):
            newline = raw.rfind(b"\n", start, cut)
            if newline < 0:  # one line fills the chunk
                tally[TOO_LONG] += 1
                after = raw.find(b"\n", cut)
                start = len(raw) if after < 0 else after + 1
                continue
            cut = newline + 1
        yield _chunk(raw[start:cut], start, delimiter, _widths(count), wanted, tally=tally)
        start = cut


def _widths(count: int | tuple[int, int]) -> tuple[int, int]:
    least, most = count if isinstance(count, tuple) else (count, count)
    if most > COLUMNS_LIMIT:
        raise BadValue(f"more than {COLUMNS_LIMIT} columns")
    return least, most


def _chunk(
    raw: bytes,
    offset: int,
    delimiter: str,
    widths: tuple[int, int],
    wanted: frozenset[int],
    *,
    tally: Counter[str],
) -> Rows:
    begin, end = _lines(raw)
    long = end - begin > LINE_BYTES
    if long.any():
        tally[TOO_LONG] += int(long.sum())
        begin, end = begin[~long], end[~long]
    if not raw.isascii():
        raw = _as_utf8(raw)
    if b'"' not in raw and _ends_plainly(raw):
        have = _count(raw, delimiter, begin, end)
        bad = (have < widths[0]) | (have > widths[1])
        uniform = not long.any() and not bad.any() and bool((have == widths[1]).all())
        tally[BAD_ROW] += int(bad.sum())
        begin, end = begin[~bad], end[~bad]
        if uniform:
            columns = _by_arrow(raw, delimiter, widths[1], wanted, quote=False)
        else:
            missing = widths[1] - have[~bad]
            filled = _filled(raw, begin, end, missing, delimiter)
            columns = _by_arrow(filled, delimiter, widths[1], wanted, quote=False)
        if columns is not None and all(len(c) == len(begin) for c in columns.values()):
            return Rows(begin + offset, end + offset, columns)
    elif not long.any() and widths[0] == widths[1]:
        refused: list[int] = []
        columns = _by_arrow(raw, delimiter, widths[1], wanted, quote=True, refused=refused)
        kept = np.ones(len(begin), np.bool_)
        kept[[n for n in refused if n < len(kept)]] = False
        if columns is not None and all(len(c) == kept.sum() for c in columns.values()):
            tally[BAD_ROW] += len(refused)
            return Rows(begin[kept] + offset, end[kept] + offset, columns)
    return _line_by_line(
        raw, (begin, end), offset, delimiter, widths=widths, wanted=wanted, tally=tally
    )


def _ends_plainly(raw: bytes) -> bool:
    """Whether a return stands nowhere but before a line feed."""
    return b"\r" not in raw or raw.count(b"\r") == raw.count(b"\r\n")


def _lines(raw: bytes) -> tuple[Ints, Ints]:
    """Where the lines that are not empty begin and end, without their line ends."""
    octets = np.frombuffer(raw, np.uint8)
    breaks = np.flatnonzero(octets == 10)  # noqa: PLR2004 - line feed
    begin = np.concatenate(([0], breaks + 1)).astype(np.int64)
    end = np.concatenate((breaks, [len(raw)])).astype(np.int64)
    has_return = (end > begin) & (octets[np.maximum(end - 1, 0)] == 13)  # noqa: PLR2004 - return
    end = end - has_return
    there = end > begin
    return begin[there], end[there]


def _count(raw: bytes, delimiter: str, begin: Ints, end: Ints) -> Ints:
    at = np.flatnonzero(np.frombuffer(raw, np.uint8) == ord(delimiter))
    found: Ints = (np.searchsorted(at, end) - np.searchsorted(at, begin) + 1).astype(np.int64)
    return found


def _filled(raw: bytes, begin: Ints, end: Ints, missing: Ints, delimiter: str) -> bytes:
    """The lines kept, each with the delimiters that it lacks at its end."""
    tail = delimiter.encode()
    return b"".join(
        raw[b:e] + tail * m + b"\n"
        for b, e, m in zip(begin.tolist(), end.tolist(), missing.tolist(), strict=True)
    )


def _by_arrow(
    raw: bytes,
    delimiter: str,
    count: int,
    wanted: frozenset[int],
    *,
    quote: bool,
    refused: list[int] | None = None,
) -> dict[int, Any] | None:
    """Columns by the fast reader; None where it gives up, as on a quote that never ends."""
    if not raw.strip():
        return {n: pa.array([], pa.string()) for n in wanted}

    def refuse(row: Any) -> str:
        if refused is None or row.number is None:
            return "error"
        refused.append(row.number - 1)
        return "skip"

    try:
        table = arrow_csv.read_csv(
            pa.BufferReader(raw),
            read_options=arrow_csv.ReadOptions(
                column_names=[f"c{n}" for n in range(count)],
                use_threads=False,
                block_size=len(raw) + 1,
            ),
            parse_options=arrow_csv.ParseOptions(
                delimiter=delimiter,
                quote_char='"' if quote else False,
                invalid_row_handler=refuse,
            ),
            convert_options=arrow_csv.ConvertOptions(
                include_columns=[f"c{n}" for n in sorted(wanted)],
                column_types={f"c{n}": pa.string() for n in wanted},
                strings_can_be_null=True,
                quoted_strings_can_be_null=True,
                null_values=[""],
            ),
        )
    except pa.ArrowInvalid:
        return None
    return {n: table.column(f"c{n}").combine_chunks() for n in wanted}


def _line_by_line(
    raw: bytes,
    lines: tuple[Ints, Ints],
    offset: int,
    delimiter: str,
    *,
    widths: tuple[int, int],
    wanted: frozenset[int],
    tally: Counter[str],
) -> Rows:
    """The same, a line at a time: a quote that never ends costs its own line and no other."""
    kept: list[tuple[int, int]] = []
    cells: dict[int, list[str | None]] = {n: [] for n in wanted}
    for b, e in zip(*(column.tolist() for column in lines), strict=True):
        line = raw[b:e].decode("utf-8", "replace").replace("\r", " ")
        try:
            (row,) = csv.reader([line], delimiter=delimiter, strict=True)
        except (csv.Error, ValueError):
            row = []
        if not widths[0] <= len(row) <= widths[1]:
            tally[BAD_ROW] += 1
            continue
        kept.append((b, e))
        for n, column in cells.items():
            column.append((row[n] or None) if n < len(row) else None)
    places = np.array(kept, np.int64).reshape(-1, 2) + offset
    columns = {n: pa.array(c, pa.string()) for n, c in cells.items()}
    return Rows(places[:, 0], places[:, 1], columns)


def _as_utf8(raw: bytes) -> bytes:
    """The bytes as they are where they are UTF-8, else with a ? for each that is not ASCII."""
    try:
        raw.decode("utf-8")
    except UnicodeDecodeError:
        return raw.translate(bytes([*range(128), *[63] * 128]))
    return raw


def numbers(values: Any, *, comma: bool = False) -> npt.NDArray[np.float64]:
    """A column of numbers; NaN for what is empty, none, or not finite."""
    if comma:
        is_comma = pc.match_substring_regex(values, _COMMA).fill_null(False)
        values = pc.if_else(is_comma, pc.replace_substring(values, ",", "."), values)
    try:
        read = values.cast(pa.float64())
    except pa.ArrowInvalid:
        fits = pc.match_substring_regex(values, _NUMBER).fill_null(False)
        read = pc.utf8_trim_whitespace(pc.if_else(fits, values, None)).cast(pa.float64())
    found: npt.NDArray[np.float64] = read.fill_null(np.nan).to_numpy(zero_copy_only=False)
    return np.where(np.isfinite(found), found, np.nan)
