"""Parses JSON values at byte offsets of a large file through a window of decoded text."""

from __future__ import annotations

import json
import mmap
import re
from collections.abc import Iterator
from typing import Any, NamedTuple

from pastwatch.model.record import Defect

RECORD_LIMIT_BYTES = 64 * 1024 * 1024
_FIRST_BYTES = 16 * 1024
_WINDOW_BYTES = 1024 * 1024
_NEAR_END = 64
_SCAN = json.JSONDecoder(strict=False).raw_decode
_NONE = Defect.NONE
_COMMA = re.compile(r"[ \t\r\n]*,[ \t\r\n]*")


class Value(NamedTuple):
    """A value, its exact bytes, and what was wrong with their charset."""

    value: Any
    original: bytes
    defects: Defect


class Window:
    """A file's text, a stretch at a time, in file order."""

    def __init__(self, view: mmap.mmap | bytes) -> None:
        self._view = view
        self._size = len(view)
        self._text = ""
        self._base = self._stop = 0
        self.at = 0
        self.between_bytes = 0

    def value(self, at: int) -> Value | None:
        """The value at an offset; None when what stands there is not JSON, or is cut short.

        Invalid UTF-8 comes as lone surrogates, under a defect. Not found are values of more than
        64 MiB and those nested deeper than Python's parser goes.
        """
        return next(self.run(at), None)

    def run(self, at: int) -> Iterator[Value]:
        """The values from an offset on, with commas between, up to the first that is none.

        Then `at` is the offset behind the last one and its comma, `between_bytes` how many bytes
        of commas and white space stood between and behind them.
        """
        self.at, self.between_bytes = at, 0
        place = at - self._base
        if not (self._text.isascii() and 0 <= place < len(self._text)):
            place = self._load(at, _FIRST_BYTES)
        length, text, value = _FIRST_BYTES, self._text, None
        while True:
            try:
                value, end = _SCAN(text, place)
                is_cut = end >= len(text) - _NEAR_END and self._stop < self._size
            except RecursionError:
                return
            except ValueError as failure:
                end = -1
                is_cut = self._stop < self._size and _is_cut(failure, len(text))
            if is_cut or end < 0:
                if not place and (not is_cut or length >= RECORD_LIMIT_BYTES):
                    return
                length = length * 4 if not place else min(length * 4, _WINDOW_BYTES)
                place, text = self._load(self.at, length), self._text
                continue
            comma = _COMMA.match(text, end)
            following = comma.end() if comma else end
            try:
                original, defects = text[place:end].encode(), _NONE
            except UnicodeEncodeError:
                original = text[place:end].encode("utf-8", "surrogateescape")
                defects = Defect.BAD_CHARSET
            self.at += len(original) + following - end
            self.between_bytes += following - end
            place = following
            yield Value(value, original, defects)
            if not comma:
                return

    def _load(self, at: int, length: int) -> int:
        piece = self._view[at : at + length]
        self._text = piece.decode("utf-8", "surrogateescape")
        self._base, self._stop = at, at + len(piece)
        return 0


def _is_cut(failure: ValueError, size: int) -> bool:
    """Whether parsing failed because the text ends, as far as its message tells."""
    if not isinstance(failure, json.JSONDecodeError):
        return False
    return failure.pos >= size - _NEAR_END or failure.msg.startswith(("Unterminated", "Invalid \\"))
