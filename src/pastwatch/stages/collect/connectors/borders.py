"""Finds where the mails of a mailbox begin: every From line that is a border, in one pass over the file."""

from __future__ import annotations

import mmap
import re
from typing import NamedTuple

import numpy as np

WINDOW_BYTES = 4 * 1024 * 1024
_LONGEST_LINE = 1000
_CLOCK = rb"\d{1,2}:\d\d(?::\d\d)?"
_BORDER = re.compile(
    rb"From [^\r\n]{0,600}?(?:"
    rb"(?P<date>[A-Z][a-z]{2},?[ \t]+(?:[A-Z][a-z]{2}[ \t]+\d{1,2}|\d{1,2}[ \t]+[A-Z][a-z]{2}[ \t]+\d{2,4})"
    rb"[ \t]+" + _CLOCK + rb"[^\r\n]{0,40}?"
    rb"|\d{4}-\d\d-\d\d[ T]" + _CLOCK + rb"(?:[ \t]?(?:[A-Z]{1,5}|[+-]\d\d:?\d\d))?)"
    rb"(?:[ \t]+remote from [^\r\n]{1,200})?"
    rb"|(?P<undated>\(Unknown Date\)))[ \t]*\r?\n(?=>?From |[!-9;-~]+[ \t]*:)"
)
_YEAR_OR_ZONE = re.compile(rb"\d{4}(?:[ \t]+[+-]\d{4})?$|\d{2,4}[ \t]+" + _CLOCK + rb"|^\d{4}-")
# Most From lines end in one of two ways. They are told by their end, without the search for a date
# from every place of the line; what the search accepts is the same (a test holds the two together).
_PLAIN_END = re.compile(
    rb"[A-Z][a-z]{2} [A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d \d{4}\n"
    rb"| \d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC\n"
)
_MARK_BYTES = 24
_PLAIN_BYTES = 600
_FIELD = re.compile(rb"[!-9;-~]{1,200}[ \t]{0,20}:")
_LINE_FEED = 10
_AHEAD_BYTES = 1024
_FIVE = np.uint64((1 << 40) - 1)
_FROM = np.uint64(int.from_bytes(b"From ", "little"))
_CONTENT = np.uint64(int.from_bytes(b"Content-", "little"))
_SEVEN = np.uint64((1 << 56) - 1)
_LENGTH = np.frombuffer(b"Length:\0length:\0", "<u8")

View = mmap.mmap | bytes


class Border(NamedTuple):
    """Where a From line begins, and where the mail after it does."""

    start: int
    end: int


class Borders:
    """The borders of one mailbox, asked for in file order."""

    def __init__(self, view: View) -> None:
        self._view = view
        self._found: list[Border] = []  # those of the window read last, in order
        self._next = 0  # the first of them not passed yet
        self._from, self._until = 0, 0
        self._lengths: list[int] = []  # lines that state a Content-Length, not passed yet

    def after(self, start: int) -> Border | None:
        """The first border at or after a place; None when there is none."""
        if start == 0 and (found := border_at(self._view, 0)):
            return found
        at = max(start, 1)
        while True:
            if not self._from <= at < self._until and not self._read(at):
                return None
            while self._next < len(self._found):
                if self._found[self._next].start >= at:
                    return self._found[self._next]
                self._next += 1
            at = self._until

    def states_length(self, start: int, stop: int) -> bool:
        """Whether a line from `start` to the border at `stop` states a Content-Length."""
        if not self._lengths:
            return False
        self._lengths = [at for at in self._lengths if at >= start]
        return bool(self._lengths) and self._lengths[0] < stop

    def _read(self, at: int) -> bool:
        """Find the borders of the window from `at` on; False beyond the end."""
        size = len(self._view)
        end = min(at + WINDOW_BYTES, size - 4)
        if at >= end:
            return False
        held = self._view[at - 1 : end + _AHEAD_BYTES]
        lines = np.flatnonzero(np.frombuffer(held, np.uint8) == _LINE_FEED)
        starts = lines[: np.searchsorted(lines, end - at)] + 1
        padded = held + bytes(16)
        words = np.ndarray((len(held),), "<u8", buffer=padded, strides=(1,))
        first = words[starts]
        mails = np.flatnonzero((first & _FIVE) == _FROM)
        self._found = [
            found
            for begin, stop in zip(
                starts[mails].tolist(), np.append(lines, -1)[mails + 1].tolist(), strict=True
            )
            if (found := _border_in(held, begin, stop, self._view, at - 1))
        ]
        self._next = 0
        stated = starts[first == _CONTENT]
        second = words[np.minimum(stated + 8, len(held) - 1)] & _SEVEN
        stated = stated[np.isin(second, _LENGTH)]
        self._lengths += (stated + (at - 1)).tolist()
        self._from, self._until = at, end
        return True


def _border_in(held: bytes, begin: int, stop: int, view: View, offset: int) -> Border | None:
    """The border that a line of a window is; most are told by their end, without a search."""
    if (
        0 <= stop - begin < _PLAIN_BYTES
        and _PLAIN_END.match(held, max(stop - _MARK_BYTES, 0))
        and _FIELD.match(held, stop + 1)
    ):
        return Border(begin + offset, stop + 1 + offset)
    return border_at(view, begin + offset)


def border_at(view: View, at: int) -> Border | None:
    """The border that begins at a place; None when none does."""
    found = _border(view, at)
    return Border(at, found.end()) if found else None


def date_of(view: View, border: Border) -> bytes | None:
    """The date a border's From line states; None where it says that it is not known."""
    found = _border(view, border.start)
    return found["date"] if found else None


def _border(view: View, at: int) -> re.Match[bytes] | None:
    if at + 2 * _LONGEST_LINE > len(view):
        found = _BORDER.match(view, at)
    else:
        found = _BORDER.match(view, at, at + 2 * _LONGEST_LINE)
    if not found:
        return None
    if found["undated"]:
        return found if _follows_empty_line(view, at) else None
    return found if _YEAR_OR_ZONE.search(found["date"].rstrip()) else None


def _follows_empty_line(view: View, at: int) -> bool:
    return (
        at == 0 or view[max(at - 2, 0) : at] == b"\n\n" or view[max(at - 4, 0) : at] == b"\r\n\r\n"
    )
