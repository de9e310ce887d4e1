"""Finds the dated lines of a WhatsApp export and infers the order of day, month and year."""

from __future__ import annotations

import functools
import itertools
import re
from array import array
from collections.abc import Iterator
from typing import NamedTuple

from pastwatch.model.when import DAY_US, HOUR_US, SECOND_US
from pastwatch.stages.collect.connectors.whatsapp_halves import half_of
from pastwatch.stages.collect.mailtime import LAST_YEAR, local_us

ORDERS = {"dmy": (2, 1, 0), "mdy": (2, 0, 1), "ymd": (0, 1, 2)}  # places of year, month, day
_BACK_US = DAY_US
_HALF_DAY_US = 12 * HOUR_US
_NOON_HOUR = 12
_LONGEST_WORD = 8  # of one not known that may tell the half of a day
_HEAD_BYTES, _HEAD_SIGNS = 112, 80  # of a line, in which its date stands
_WIDTH = 8  # numbers kept of a dated line
_TIDY: dict[int, str | None] = {ord(sign): " " for sign in "\u202f\u00a0\u2009\t"}
_TIDY |= {
    ord(sign): None for sign in "\u200e\u200f\u202a\u202b\u202c\u2066\u2067\u2068\u2069\ufeff\u061c"
}
_ZEROS = (0x660, 0x6F0, 0x966, 0x9E6, 0xA66, 0xAE6, 0xB66, 0xBE6, 0xC66, 0xCE6, 0xD66, 0xE50, 0xED0, 0x1040, 0x17E0)  # fmt: skip
_TIDY |= {first + n: str(n) for first in _ZEROS for n in range(10)}
_TIDY |= {ord("،"): ",", ord("⁄"): "/", ord("٫"): ":"}
_DATE = r"(?P<a{n}>\d{{1,4}})(?:[./-] ?|年 ?|년 ?)(?P<b{n}>\d{{1,2}})(?:[./-] ?|月 ?|월 ?)(?P<c{n}>\d{{1,4}})"
_CLOCK = r"(?P<h{n}>\d{{1,2}})[:.](?P<m{n}>\d\d)(?:[:.](?P<s{n}>\d\d))?"
_WORD = r"[^\W\d_](?:[^\d\n:\[\]<>/,-]{0,16}?)"
_LINE = re.compile(
    rf"(?P<open>\[)?(?:{_DATE.format(n='')}[日일]?\.?,?(?: |(?<=[日일,])) *(?:(?P<pre>{_WORD}),? *)?{_CLOCK.format(n='')}"
    rf"(?: ?(?P<half>{_WORD}))?"
    rf"|{_CLOCK.format(n=2)}(?: (?P<half2>{_WORD}))?,? (?:(?P<pre2>{_WORD}) )?{_DATE.format(n=2)})"
    r"(?(open)\] ?| [-–] )"
)
_LINE_START = re.compile(
    rb"[\xe2\x80\x81\x8e\x8f\xaa\xab\xa8\xef\xbb\xbf\xd8\x9c]*(?=[\[\d\xd9\xdb\xe0\xe1])"
    rb"(?=\[?\d{0,4}[./:\x80-\xff-])"  # as a date goes on; what is not ASCII is looked at later
)
_NEXT_LINE_START = re.compile(rb"\n" + _LINE_START.pattern)


_THAI_YEARS = 543
_PERSIAN_YEARS = range(1380, 1430)
_PERSIAN_LEAPS = frozenset((1, 5, 9, 13, 17, 22, 26, 30))
_PERSIAN_START_US = local_us(2001, 3, 21) or 0  # the first day of 1380


class Stamp(NamedTuple):
    """A dated line: where it and its words begin, and the clock it shows."""

    at: int
    a: int
    b: int
    c: int
    seconds: int
    has_seconds: bool
    is_half_known: bool


class Stamps:
    """Every line of a chat that begins like a dated one, a few numbers a line."""

    def __init__(self, raw: bytes) -> None:
        rows = array("q")
        bracketed = 0
        for at, found in _candidates(raw):
            clock_s, is_half_known = _clock_s(found)
            is_bracketed = found["open"] is not None
            bracketed += is_bracketed
            numbers = [int(found[key] or found[f"{key}2"]) for key in "abc"]
            rows.extend(
                (
                    at,
                    *numbers,
                    -1 if clock_s is None else clock_s,
                    (found["s"] or found["s2"]) is not None,
                    is_bracketed,
                    is_half_known,
                )
            )
        self._rows = rows
        # A line in the other form than most is words someone pasted.
        self._is_bracketed = bracketed * 2 * _WIDTH > len(rows)

    def __iter__(self) -> Iterator[Stamp]:
        rows = self._rows
        for place in range(0, len(rows), _WIDTH):
            at, a, b, c, clock_s, has_seconds, is_bracketed, known = rows[place : place + _WIDTH]
            if clock_s >= 0 and bool(is_bracketed) is self._is_bracketed:
                yield Stamp(at, a, b, c, clock_s, bool(has_seconds), bool(known))

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
    midnight_us = _midnight_us(stamp.a, stamp.b, stamp.c, order)
    return None if midnight_us is None else midnight_us + stamp.seconds * SECOND_US


@functools.lru_cache(maxsize=16_384)
def _midnight_us(a: int, b: int, c: int, order: str) -> int | None:
    numbers = (a, b, c)
    year, month, day = (numbers[place] for place in ORDERS[order])
    if numbers[2 - ORDERS[order][0]] > 31 or year > 9999 or 100 <= year < 1000:  # noqa: PLR2004
        return None
    if year < 100:  # noqa: PLR2004
        # WhatsApp began in 2009, 2552 by the Thai count: a later year of two digits is of that count.
        year += 2000 if year < 52 else 2500 - _THAI_YEARS  # noqa: PLR2004
    elif _THAI_YEARS + LAST_YEAR >= year > LAST_YEAR:
        year -= _THAI_YEARS
    elif year in _PERSIAN_YEARS:
        return _persian_us(year, month, day)
    return local_us(year, month, day)


def walls_us(stamp: Stamp, orders: list[str]) -> list[int]:
    """Every wall clock a line may show under the orders: both halves of the day where its word is not known."""
    walls = [wall for order in orders if (wall := wall_us(stamp, order)) is not None]
    if not stamp.is_half_known:
        walls += [wall + _HALF_DAY_US for wall in walls]
    return walls


def _persian_us(year: int, month: int, day: int) -> int | None:
    """A day of the Persian calendar; its leap years follow a cycle of 33, exact from 1178 to 1633."""
    is_leap = year % 33 in _PERSIAN_LEAPS
    longest = 31 if month <= 6 else (30 if month < 12 or is_leap else 29)  # noqa: PLR2004
    if not (1 <= month <= 12 and 1 <= day <= longest):  # noqa: PLR2004
        return None
    first = _PERSIAN_YEARS[0]
    days = (year - first) * 365 + sum(y % 33 in _PERSIAN_LEAPS for y in range(first, year))
    days += (month - 1) * 31 - max(0, month - 7) + day - 1
    return _PERSIAN_START_US + days * DAY_US


def tidy(text: str) -> str:
    """A line's head with plain spaces and digits, and no direction marks."""
    return text if text.isascii() and "\t" not in text else text.translate(_TIDY)


def head_length(line: str) -> int:
    """How many characters of a line its date takes; 0 when it has none."""
    found = _LINE.match(tidy(line[:_HEAD_SIGNS]))
    if not found:
        return 0
    wanted, kept = found.end(), 0
    if line[:wanted].isascii():
        return wanted
    for place, sign in enumerate(line[:_HEAD_SIGNS]):
        if kept == wanted:
            return place
        kept += _TIDY.get(ord(sign), sign) is not None
    return min(len(line), _HEAD_SIGNS)


def _candidates(raw: bytes) -> Iterator[tuple[int, re.Match[str]]]:
    first = [0] if _LINE_START.match(raw) else []
    for at in itertools.chain(first, (f.start() + 1 for f in _NEXT_LINE_START.finditer(raw))):
        head = raw[at : at + _HEAD_BYTES].split(b"\n", 1)[0].decode("utf-8", "replace")
        if found := _LINE.match(tidy(head)):
            yield at, found


def _clock_s(found: re.Match[str]) -> tuple[int | None, bool]:
    """(seconds since midnight or None, whether the half of the day is known)."""
    n = "" if found["h"] else "2"
    hour, minute, second = int(found[f"h{n}"]), int(found[f"m{n}"]), int(found[f"s{n}"] or 0)
    words = (found[f"pre{n}"], found[f"half{n}"])
    halves = [half for word in words if word and (half := half_of(word))]
    if hour > 23 or minute > 59 or second > 59:  # noqa: PLR2004
        return None, True
    is_known = "?" not in halves or hour > _NOON_HOUR or hour == 0
    if "?" in halves and not any(half != "?" for half in halves) and len("".join(filter(None, words))) > _LONGEST_WORD:  # fmt: skip
        return None, True  # words, not a clock
    if halves and hour <= _NOON_HOUR:
        hour = hour % _NOON_HOUR + (_NOON_HOUR if "late" in halves else 0)
    return (hour * 60 + minute) * 60 + second, is_known
