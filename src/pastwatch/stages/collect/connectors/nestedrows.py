"""Tells lines of JSON from one value, and takes records inside a record (replies) out of it."""

from __future__ import annotations

import itertools
import json
import mmap
import re
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from pastwatch.model.batch import Batch
from pastwatch.model.source import Gap
from pastwatch.stages.collect.connectors.batched import Columns
from pastwatch.stages.collect.connectors.jsonspans import Add, View, json_lines, json_records

_SCAN = json.JSONDecoder(strict=False).raw_decode
_MARK = b"\xef\xbb\xbf"
_PLACES_TRIED = 8
_LINE_BYTES = 1024 * 1024
_BLANK = re.compile(r"[ \t\r\n]*")


class Taken(NamedTuple):
    """A record without those inside it, theirs, and how many bytes stood between them."""

    outer: bytes
    inner: list[bytes]
    between_bytes: int


def taken_out(original: bytes, key: str, count: int) -> Taken | None:
    """The record with an empty array under the key, and each of the array's elements.

    None where no array of so many elements is found: the record then stays whole. The outer
    record is still JSON; outer, inner and what stood between them make up every byte.
    """
    # Latin-1 gives one character a byte; an unescaped quote before the key begins it, nothing else.
    text = original.decode("latin-1")
    places = re.finditer(rf'(?<!\\)"{re.escape(key)}"[ \t\r\n]*:[ \t\r\n]*\[', text)
    for found in itertools.islice(places, _PLACES_TRIED):
        spans = _elements(text, found.end())
        if spans is not None and len(spans) == count:
            start, end = spans[0][0], spans[-1][1]
            inner = [original[first:last] for first, last in spans]
            outer = original[:start] + original[end:]
            return Taken(outer, inner, end - start - sum(map(len, inner)))
    return None


def lines_or_records(
    view: View,
    columns: Columns,
    paths: Sequence[str],
    add: Add,
    *,
    keys: Sequence[str],
) -> Iterator[Batch | Gap]:
    """The rows of JSON Lines, or of the arrays at these paths; `keys` hold rows in one object."""
    if _is_lines(view, keys):
        yield from json_lines(view, columns, add)
    else:
        yield from json_records(view, columns, paths, add)
    yield from columns.rest()


def _is_lines(view: mmap.mmap | bytes, keys: Sequence[str]) -> bool:
    """Whether a file is JSON Lines: its first line is an object, and none with rows under these keys."""
    at = len(_MARK) if view[: len(_MARK)] == _MARK else 0
    newline = view.find(b"\n", at, at + _LINE_BYTES)
    if newline < 0 and len(view) - at > _LINE_BYTES:
        return False
    try:
        first = json.loads(view[at : newline if newline >= 0 else len(view)], strict=False)
    except (ValueError, RecursionError):
        return False
    return isinstance(first, dict) and not any(isinstance(first.get(key), list) for key in keys)


def _elements(text: str, at: int) -> list[tuple[int, int]] | None:
    spans: list[tuple[int, int]] = []
    at = _blank_end(text, at)
    while at < len(text) and text[at] != "]":
        try:
            value: Any
            value, end = _SCAN(text, at)
        except (ValueError, RecursionError):
            return None
        if not isinstance(value, dict):
            return None
        spans.append((at, end))
        at = _blank_end(text, end)
        if text[at : at + 1] == ",":
            at = _blank_end(text, at + 1)
    return spans or None


def _blank_end(text: str, at: int) -> int:
    found = _BLANK.match(text, at)
    return found.end() if found else at
