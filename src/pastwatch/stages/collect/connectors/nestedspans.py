"""Finds the objects in the arrays of a JSON object, arrays in arrays included, with exact places."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any, NamedTuple

from pastwatch.model.record import Defect
from pastwatch.stages.collect.mailcharset import decoded

_SCAN = json.JSONDecoder(strict=False).raw_decode
_BLANK = re.compile(rb"[ \t\r\n,]*")
_AGAIN = re.compile(rb"[}\]][ \t\r\n]*(?:,[ \t\r\n]*(?=[\[{])|(?=\]))")
_FAILURES = 1000


class Found(NamedTuple):
    """A stretch of an array: an object with its place, or what is none (`value` None)."""

    start: int
    end: int
    value: dict[str, Any] | None
    row: int  # which element of the outermost array it stands in
    is_inner: bool  # whether that element is an array itself
    reason: str = ""
    defects: Defect = Defect.NONE


class Arrays:
    """The arrays of a file by the keys they stand under: of each key, the first."""

    def __init__(self, raw: bytes) -> None:
        self._raw = raw
        # Scanned as Latin-1: one character a byte, so that places in the text are places in the file.
        self._text = raw.decode("latin-1")

    def start(self, key: str) -> int:
        """Where the array under a key opens; −1 where there is none."""
        pattern = re.escape(json.dumps(key).encode()) + rb"[ \t\r\n]*:[ \t\r\n]*(?=\[)"
        found = re.search(pattern, self._raw)
        return found.end() if found else -1

    def plain(self, key: str) -> list[Any]:
        """The values of a flat array; none where it cannot be read."""
        at = self.start(key)
        if at < 0:
            return []
        try:
            end = _SCAN(self._text, at)[1]
            values = json.loads(decoded(self._raw[at:end], "utf-8")[0], strict=False)
        except (ValueError, RecursionError):
            return []
        return values if isinstance(values, list) else []

    def walk(self, at: int) -> Iterator[Found]:
        """The objects of the array that opens at a place, in order, however deep it nests."""
        raw, size = self._raw, len(self._raw)
        depth, row, failures = 1, -1, 0
        at += 1
        while at < size and depth:
            blank = _BLANK.match(raw, at)
            at = blank.end() if blank else at
            sign = raw[at : at + 1]
            if sign in {b"[", b"]"}:
                row += sign == b"[" and depth == 1
                depth += 1 if sign == b"[" else -1
                at += 1
                continue
            if not sign:
                return
            row += depth == 1
            try:
                end = _SCAN(self._text, at)[1]
                found = self._object(at, end, row, is_inner=depth > 1)
            except (ValueError, RecursionError):
                failures += 1
                again = _AGAIN.search(raw, at) if failures < _FAILURES else None
                end = again.start() + 1 if again else size
                found = Found(at, end, None, row, depth > 1, "not JSON, or cut short")
            yield found
            at = found.end

    def _object(self, at: int, end: int, row: int, *, is_inner: bool) -> Found:
        if self._raw[at : at + 1] != b"{":
            return Found(at, end, None, row, is_inner)
        text, defects = decoded(self._raw[at:end], "utf-8")
        value = json.loads(text, strict=False)
        return Found(at, end, value, row, is_inner, "", defects)
