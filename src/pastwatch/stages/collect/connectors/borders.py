"""Finds where the mails of a mailbox begin: every From line that is a border, in one pass."""

from __future__ import annotations

import bisect
import mmap
import re
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

WINDOW_BYTES = 1024 * 1024
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
# Most From lines end in one of two ways. They are told by their end, many at once, without the search
# for a date from every place of the line; what the search accepts is the same (a test holds them
# together). A upper case, a lower case, d digit, D digit or space; the rest stands for itself.
_ENDINGS = ("Aaa Aaa Dd dd:dd:dd dddd", " dddd-dd-dd dd:dd:dd UTC")
_MARK_BYTES = 24
_PLAIN_BYTES = 600
_NAME_BYTES = 40
_COLON = 58


def _class(signs: bytes) -> npt.NDArray[np.bool_]:
    table = np.zeros(256, dtype=bool)
    table[list(signs)] = True
    return table


_DIGITS = b"0123456789"
_CLASSES = {sign: _class(sign.encode()) for sign in " :-UTC"} | {
    "A": _class(bytes(range(65, 91))),
    "a": _class(bytes(range(97, 123))),
    "d": _class(_DIGITS),
    "D": _class(_DIGITS + b" "),
    "n": _class(bytes(sign for sign in range(33, 127) if sign != _COLON)),
}
_LINE_FEED, _RETURN, _QUOTE = 10, 13, 62
_AHEAD_BYTES = 1024
_FROM = re.compile(rb"From ")
_FROM_BYTES = 5
_LENGTHS = (b"\nContent-Length:", b"\nContent-length:")
_LONGEST_HEADER = 65_536

View = mmap.mmap | bytes
Int64s = npt.NDArray[np.int64]

_ENDS = [np.stack([_CLASSES[sign] for sign in ending]) for ending in _ENDINGS]
_COLUMNS = np.arange(_MARK_BYTES)


class Border(NamedTuple):
    """Where a From line begins, and where the mail after it does."""

    start: int
    end: int


class Run(NamedTuple):
    """Mails that follow each other, and need no closer look: their bytes, and the From lines before.

    `blank_bytes` stand behind them and before the next From line, `following` is that.
    """

    originals: list[bytes]
    borders: list[Border]
    from_bytes: int
    blank_bytes: int
    following: Border


class Borders:
    """The borders of one mailbox, asked for in file order."""

    def __init__(self, view: View) -> None:
        self._view = view
        self._found: list[Border] = []  # those of the window read last, in order
        self._next = 0  # the first of them not passed yet
        self._from, self._until = 0, 0
        self._quotes: list[int] = []  # where ">From " stands, as far as not passed yet
        self._held, self._before = b"", 0  # the window, and what stands before it
        self._ends: list[int] = []  # of the mails behind `_found`; −1: to be looked at closer
        self._closer: list[int] = []  # which those are, the last of `_found` among them

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
        """Whether a line of the header from `start`, in a mail that ends at `stop`, states its length."""
        stop = min(stop, start + _LONGEST_HEADER)
        return _states_length(_header(self._view, start, stop))

    def run(self, border: Border, most: int) -> Run | None:
        """At most so many mails from a border on that lie in one window and need no closer look.

        None of them quotes a From line or states its length. None where the first is no such mail.
        """
        first = self._next
        if first >= len(self._found) or self._found[first] is not border or most < 1:
            return None
        last = min(self._closer[bisect.bisect_left(self._closer, first)], first + most)
        if last == first:
            return None
        borders, held, before = self._found[first : last + 1], self._held, self._before
        ends = self._ends[first:last]
        self._next = last
        starts, stops = [b.end for b in borders[:-1]], [b.start for b in borders[1:]]
        return Run(
            [held[a - before : b - before] for a, b in zip(starts, ends, strict=True)],
            borders[:-1],
            sum(starts) - sum(b.start for b in borders[:-1]),
            sum(stops) - sum(ends),
            borders[-1],
        )

    def may_quote(self, start: int, stop: int) -> bool:
        """Whether ">From " may stand in a mail; False only where it surely does not."""
        if stop > self._until:  # beyond what was read of the mailbox
            return True
        if not self._quotes:
            return False
        self._quotes = [at for at in self._quotes if at >= start]
        return bool(self._quotes) and self._quotes[0] < stop

    def _read(self, at: int) -> bool:
        """Find the borders of the window from `at` on; False beyond the end."""
        size = len(self._view)
        end = min(at + WINDOW_BYTES, size - 4)
        if at >= end:
            return False
        held = self._view[at - 1 : end + _AHEAD_BYTES]
        begin: list[int] = []
        for found in _FROM.finditer(held, 1, end - at + 1 + _FROM_BYTES - 1):
            place = found.start()
            sign = held[place - 1]
            if sign == _LINE_FEED:
                begin.append(place)
            elif sign == _QUOTE:
                self._quotes.append(place + at - 1)
        stop = [held.find(b"\n", place) for place in begin]
        if max(stop, default=0) + _NAME_BYTES >= len(held):
            held += bytes(_NAME_BYTES + 1)  # so that a name may be looked for behind each line
        octets = np.frombuffer(held, np.uint8)
        plain = _plain(octets, np.array(begin, np.int64), np.array(stop, np.int64))
        self._found = [
            border
            for start, after, is_plain in zip(begin, stop, plain.tolist(), strict=True)
            if (
                border := Border(start + at - 1, after + at)
                if is_plain
                else border_at(self._view, start + at - 1)
            )
        ]
        self._next = 0
        self._from, self._until = at, end
        self._held, self._before = held, at - 1
        self._look_between(octets)
        return True

    def _look_between(self, octets: npt.NDArray[np.uint8]) -> None:
        """Find where each mail of the window ends, and which are to be looked at closer."""
        self._ends, self._closer = [], []
        if not self._found:
            return
        before = self._before
        starts = np.array([border.end for border in self._found[:-1]], np.int64) - before
        stops = np.array([border.start for border in self._found[1:]], np.int64) - before
        sizes = stops - starts
        two = (octets[stops - 1] == _LINE_FEED) & (octets[stops - 2] == _LINE_FEED) & (sizes > 1)
        three = (
            (octets[stops - 1] == _LINE_FEED)
            & (octets[stops - 2] == _RETURN)
            & (octets[stops - 3] == _LINE_FEED)
            & (sizes > 2)  # noqa: PLR2004 - a line end, and an empty line
        )
        ends = stops - two - 2 * three
        closer = np.zeros(len(ends), dtype=bool)
        if self._quotes:
            quotes = np.array(self._quotes, np.int64) - before
            closer = np.searchsorted(quotes, starts) < np.searchsorted(quotes, stops)
        places = zip(starts.tolist(), stops.tolist(), strict=True)
        headers = [_header(self._held, start, stop) for start, stop in places]
        if _states_length(b"".join(headers)):
            closer |= np.fromiter(map(_states_length, headers), np.bool_, len(headers))
        self._ends = (ends + before).tolist()
        self._closer = [*np.flatnonzero(closer).tolist(), len(ends)]


def _header(view: View, start: int, stop: int) -> bytes:
    """The header of the mail that stands there, and the line end before it."""
    end = view.find(b"\n\n", start, stop)
    return view[start - 1 : end if end >= 0 else stop]


def _states_length(header: bytes) -> bool:
    return _LENGTHS[0] in header or _LENGTHS[1] in header


def _plain(octets: npt.NDArray[np.uint8], begin: Int64s, stop: Int64s) -> npt.NDArray[np.bool_]:
    """Which of the lines are borders by their end, and by the field name in the line after."""
    size = stop - begin
    sound = (size > _MARK_BYTES + 3) & (size < _PLAIN_BYTES)
    marks = octets[np.maximum(stop - _MARK_BYTES, 0)[:, None] + _COLUMNS]
    ended = sound & np.any([table[_COLUMNS, marks].all(axis=1) for table in _ENDS], axis=0)
    names = octets[(stop + 1)[:, None] + np.arange(_NAME_BYTES)]
    length = np.argmin(_CLASSES["n"][names], axis=1)
    return np.asarray(ended & (length > 0) & (names[np.arange(len(begin)), length] == _COLON))


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
