"""Reads the dates of many mails at once where they have the usual form; the rest is `mailtime`'s."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from pastwatch.model.when import SECOND_US
from pastwatch.stages.collect.mailtime import FIRST_YEAR, MONTHS, known_offset_s

Int64s = npt.NDArray[np.int64]
Octets = npt.NDArray[np.uint8]
DATE_BYTES = 40
_ZERO, _SPACE, _COLON, _COMMA = 48, 32, 58, 44
_MONTH_KEYS = np.array(
    sorted((int.from_bytes(name.encode(), "big"), number) for name, number in MONTHS.items())
)
_MONTH_DAYS = np.array((0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31))
_DAY_S, _HOUR_S, _MINUTE_S = 86_400, 3_600, 60
_ZONE_BYTES = 6
_CENTURY_FROM = 50  # RFC 5322 §4.3: 00 to 49 are 2000 to 2049


def plain_dates(octets: Octets, starts: Int64s) -> tuple[Int64s, npt.NDArray[np.bool_]]:
    """(moments in µs, whether each was read) of dates like "Thu, 4 Mar 93 11:11:40 PST (zone)".

    `starts` are where the values begin; `DATE_BYTES` must stand behind each. What is read here,
    `mailtime.read_date` reads the same.
    """
    held = octets[starts[:, None] + np.arange(DATE_BYTES)]
    letters = ((held | 32) - 97) < 26  # noqa: PLR2004 - wraps round below "a"
    digits = (held - _ZERO) < 10  # noqa: PLR2004 - wraps round below "0"
    rows = np.arange(len(starts))
    named = letters[:, 0] & letters[:, 1] & letters[:, 2]
    sound = (~named) | ((held[:, 3] == _COMMA) & (held[:, 4] == _SPACE))
    at = np.where(named, 5, 0)

    def is_digit(offset: int | Int64s) -> npt.NDArray[np.bool_]:
        return np.asarray(digits[rows, at + offset])

    def number(offset: int | Int64s, count: int) -> Int64s:
        value = np.zeros(len(starts), np.int64)
        for n in range(count):
            value = value * 10 + held[rows, at + offset + n] - _ZERO
        return value

    def byte(offset: int) -> Octets:
        return np.asarray(held[rows, at + offset])

    sound &= is_digit(0)
    long_day = is_digit(1)
    day = np.where(long_day, number(0, 2), number(0, 1))
    at = at + 1 + long_day
    sound &= (byte(0) == _SPACE) & (byte(4) == _SPACE)
    key = np.zeros(len(starts), np.int64)
    for n in (1, 2, 3):
        sound &= letters[rows, at + n]
        key = key << 8 | (byte(n) | 32)
    place = np.minimum(np.searchsorted(_MONTH_KEYS[:, 0], key), len(MONTHS) - 1)
    sound &= _MONTH_KEYS[place, 0] == key
    month = _MONTH_KEYS[place, 1]
    at = at + 5
    sound &= is_digit(0) & is_digit(1)
    long_year = is_digit(2)
    sound &= ~long_year | is_digit(3)
    short = number(0, 2)
    year = np.where(long_year, number(0, 4), short + np.where(short < _CENTURY_FROM, 2000, 1900))
    at = at + np.where(long_year, 4, 2)
    sound &= (byte(0) == _SPACE) & (byte(3) == _COLON) & (byte(6) == _COLON) & (byte(9) == _SPACE)
    for n in (1, 2, 4, 5, 7, 8):
        sound &= is_digit(n)
    hour, minute, second = number(1, 2), number(4, 2), number(7, 2)
    sound &= (hour <= 23) & (minute <= 59) & (second <= 60)  # noqa: PLR2004 - 60: a leap second
    leap = (year % 4 == 0) & ((year % 100 != 0) | (year % 400 == 0))
    longest = _MONTH_DAYS[month] + (leap & (month == 2))  # noqa: PLR2004 - February
    sound &= (year >= FIRST_YEAR) & (year <= 2100) & (day >= 1) & (day <= longest)  # noqa: PLR2004
    offset, known = _zones(held, at + 10)
    seconds = _days(year, month, day) * _DAY_S + hour * _HOUR_S + minute * _MINUTE_S + second
    return (seconds - offset) * SECOND_US, sound & known


def _days(year: Int64s, month: Int64s, day: Int64s) -> Int64s:
    """Days since 1970-01-01 of the Gregorian calendar, counted in years that begin in March."""
    early = month <= 2  # noqa: PLR2004 - January and February end the year before
    year = year - early
    in_year = (153 * (month + np.where(early, 9, -3)) + 2) // 5 + day - 1
    return year * 365 + year // 4 - year // 100 + year // 400 + in_year - 719_468


def _zones(held: Octets, at: Int64s) -> tuple[Int64s, npt.NDArray[np.bool_]]:
    """Seconds east of UTC that stand at these places of the rows, and whether they are known."""
    words = held[
        np.arange(len(at))[:, None], np.minimum(at[:, None] + np.arange(8), DATE_BYTES - 1)
    ]
    words = np.ascontiguousarray(words[:, :_ZONE_BYTES])
    different, which = np.unique(words.view(f"V{_ZONE_BYTES}").ravel(), return_inverse=True)
    offsets = [_zone(bytes(word)) for word in different]
    known = np.array([offset is not None for offset in offsets], dtype=bool)
    return np.array([offset or 0 for offset in offsets], np.int64)[which], known[which]


def _zone(word: bytes) -> int | None:
    """The offset that a zone's first six bytes state; None where that is for `mailtime` to say."""
    ends = [at for at in map(word.find, (b" ", b"(", b"\n")) if at >= 0]
    zone = word[: min(ends)].decode("ascii", "replace") if ends else ""
    numeric = len(zone) == 5 and zone[0] in "+-" and zone[1:].isdigit()  # noqa: PLR2004
    return known_offset_s(zone) if numeric or zone.isalpha() else None
