"""Finds the dated lines of a WhatsApp export and infers the order of day, month and year."""

from __future__ import annotations

import itertools
import re
from array import array
from collections.abc import Iterator
from typing import NamedTuple

from pastwatch.model.when import DAY_US, SECOND_US
from pastwatch.stages.collect.mailtime import local_us

ORDERS = {"dmy": (2, 1, 0), "mdy": (2, 0, 1), "ymd": (0, 1, 2)}  # places of year, month, day
_BACK_US = DAY_US
_WIDTH = 7  # numbers kept of a dated line
_TIDY: dict[int, str | None] = {ord(sign): " " for sign in "\u202f\u00a0\u2009\t"}
_TIDY |= {
    ord(sign): None for sign in "\u200e\u200f\u202a\u202b\u202c\u2066\u2067\u2069\ufeff\u061c"
}
_TIDY |= {first + n: str(n) for first in (0x0660, 0x06F0, 0x0966) for n in range(10)}
_TIDY |= {ord("،"): ",", ord("⁄"): "/"}
_LINE = re.compile(
    r"(?P<open>\[)?(?P<a>\d{1,4})[./-] ?(?P<b>\d{1,2})[./-] ?(?P<c>\d{1,4})\.?,?(?: at| um| à las?| kl\.?)? +"
    r"(?P<h>\d{1,2})[:.](?P<m>\d\d)(?:[:.](?P<s>\d\d))?"
    r" ?(?P<half>[aApP]\.? ?[mM]\.?|[صم]|上午|下午)?(?: Uhr)?"
    r"(?(open)\] ?| [-–] )"
)
_LATE = ("p", "م", "下午")
_LINE_START = re.compile(
    rb"[\xe2\x80\x8e\x8f\xaa\xab\xef\xbb\xbf\xd8\x9c]*(?=[\[\d\xd9\xdb\xe0])"
    rb"(?=\[?\d{0,4}[./\x80-\xff-])"  # as a date goes on; what is not ASCII is looked at later
)
_NEXT_LINE_START = re.compile(rb"\n" + _LINE_START.pattern)


class Stamp(NamedTuple):
    """A dated line: where it and its words begin, and the clock it shows."""

    at: int
    a: int
    b: int
    c: int
    seconds: int
    has_seconds: bool


class Stamps:
    """Every line of a chat that begins like a dated one, a few numbers a line."""

    def __init__(self, raw: bytes) -> None:
        rows = array("q")
        bracketed = 0
        for at, found in _candidates(raw):
            clock_s = _clock_s(found)
            is_bracketed = found["open"] is not None
            bracketed += is_bracketed
            numbers = (int(found["a"]), int(found["b"]), int(found["c"]))
            rows.extend(
                (
                    at,
                    *numbers,
                    -1 if clock_s is None else clock_s,
                    found["s"] is not None,
                    is_bracketed,
                )
            )
        self._rows = rows
        # A line in the other form than most is words someone pasted.
        self._is_bracketed = bracketed * 2 * _WIDTH > len(rows)

    def __iter__(self) -> Iterator[Stamp]:
        rows = self._rows
        for place in range(0, len(rows), _WIDTH):
            at, a, b, c, clock_s, has_seconds, is_bracketed = rows[place : place + _WIDTH]
            if clock_s >= 0 and bool(is_bracketed) is self._is_bracketed:
                yield Stamp(at, a, b, c, clock_s, bool(has_seconds))

    def orders(self) -> list[str]:
        """The orders of day, month and year that read the whole file best; often one."""
        scores: dict[str, tuple[int, int]] = {}
        for name in ORDERS:
            invalid = backwards = 0
            last_us = None
            for stamp in self:
                at_us = wall_us(stamp, name)
                if at_us is None:
                    invalid += 1
                    continue
                backwards += last_us is not None and at_us < last_us - _BACK_US
                last_us = at_us
            scores[name] = (invalid, backwards)
        best = min(scores.values(), default=(0, 0))
        found = [name for name, score in scores.items() if score == best]
        if len(found) > 1 and "ymd" in found and not any(stamp.a > 31 for stamp in self):  # noqa: PLR2004
            found.remove("ymd")  # a year of two digits stands first only where nothing else fits
        return found

    def kept(self, order: str) -> Iterator[Stamp]:
        """The dated lines that begin a record; a date out of place is words of the one before."""
        stamps = [stamp for stamp in self if wall_us(stamp, order) is not None]
        last_us: int | None = None
        for number, stamp in enumerate(stamps):
            at_us = wall_us(stamp, order) or 0
            if last_us is not None and at_us < last_us - _BACK_US and number + 1 < len(stamps):
                next_us = wall_us(stamps[number + 1], order) or 0
                if next_us >= last_us:
                    continue
            last_us = at_us
            yield stamp


def wall_us(stamp: Stamp, order: str) -> int | None:
    """The wall clock of a line under an order; None when the calendar has no such day."""
    numbers = (stamp.a, stamp.b, stamp.c)
    year, month, day = (numbers[place] for place in ORDERS[order])
    if numbers[2 - ORDERS[order][0]] > 31 or year > 9999:  # noqa: PLR2004
        return None
    if year < 100:  # noqa: PLR2004
        year += 2000
    midnight_us = local_us(year, month, day)
    return None if midnight_us is None else midnight_us + stamp.seconds * SECOND_US


def tidy(text: str) -> str:
    """A line's head with plain spaces and digits, and no direction marks."""
    return text.translate(_TIDY)


def head_length(line: str) -> int:
    """How many characters of a line its date takes; 0 when it has none."""
    found = _LINE.match(tidy(line[:120]))
    if not found:
        return 0
    wanted, kept = found.end(), 0
    for place, sign in enumerate(line[:120]):
        if kept == wanted:
            return place
        kept += _TIDY.get(ord(sign), sign) is not None
    return min(len(line), 120)


def _candidates(raw: bytes) -> Iterator[tuple[int, re.Match[str]]]:
    first = [0] if _LINE_START.match(raw) else []
    for at in itertools.chain(first, (f.start() + 1 for f in _NEXT_LINE_START.finditer(raw))):
        head = raw[at : at + 160].split(b"\n", 1)[0].decode("utf-8", "replace")
        if found := _LINE.match(tidy(head)):
            yield at, found


def _clock_s(found: re.Match[str]) -> int | None:
    hour, minute, second = int(found["h"]), int(found["m"]), int(found["s"] or 0)
    half = (found["half"] or "").lower()
    if half and hour <= 12:  # noqa: PLR2004
        hour = hour % 12 + (12 if half.startswith(_LATE) else 0)
    if hour > 23 or minute > 59 or second > 59:  # noqa: PLR2004
        return None
    return (hour * 60 + minute) * 60 + second
