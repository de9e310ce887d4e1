"""Reads the dates of many mails at once where they have the usual form; the rest is `mailtime`'s."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from pastwatch.model.when import SECOND_US
from pastwatch.stages.collect.mailtime import FIRST_YEAR, MONTHS, known_offset_s

Int64s = npt.NDArray[np.int64]
Octets = npt.NDArray[np.uint8]
DATE_BYTES = 40
_ZERO, _SPACE, _COMMA = 48, 32, 44
_MONTH_KEYS = np.array(
    sorted((int.from_bytes(name.encode(), "big"), number) for name, number in MONTHS.items())
)
_MONTH_DAYS = np.array((0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31))
_PLACES = np.array((1 << 16, 1 << 8, 1))
_DAY_S = 86_400
_UNITS_S = np.array((3_600, 60, 1))
_LAST = np.array((23, 59, 60))  # 60: a leap second
_CLOCK_BYTES = 10  # " 11:11:40 "
_CLOCK = np.frombuffer(b" :: ", np.uint8)
_CLOCK_SIGNS = [0, 3, 6, 9]
_CLOCK_DIGITS = [1, 2, 4, 5, 7, 8]
_ZONE_BYTES = 6
_SEEN_BYTES = _CLOCK_BYTES + _ZONE_BYTES
_CENTURY_FROM = 50  # RFC 5322 §4.3: 00 to 49 are 2000 to 2049


def plain_dates(octets: Octets, starts: Int64s) -> tuple[Int64s, npt.NDArray[np.bool_]]:
    """(moments in µs, whether each was read) of dates like "Thu, 4 Mar 93 11:11:40 PST (zone)".

    `starts` are where the values begin; `DATE_BYTES` must stand behind each. What is read here,
    `mailtime.read_date` reads the same.
    """
    lines = np.ndarray(
        (len(octets) - _SEEN_BYTES + 1, _SEEN_BYTES), np.uint8, octets, strides=(1, 1)
    )
    held = lines[starts]
    named = (((held[:, :3] | 32) - 97) < 26).all(axis=1)  # noqa: PLR2004 - wraps round below "a"
    sound = ~named | ((held[:, 3] == _COMMA) & (held[:, 4] == _SPACE))
    at = starts + 5 * named
    digits = lines[at, :2] - _ZERO  # wraps round below "0"
    sound &= digits[:, 0] < 10  # noqa: PLR2004 - a digit
    long_day = digits[:, 1] < 10  # noqa: PLR2004
    day = digits[:, 0].astype(np.int64)
    day[long_day] = (day * 10 + digits[:, 1])[long_day]
    at += 1 + long_day
    held = lines[at, :9]
    lower = held[:, 1:4] | 32
    sound &= (held[:, 0] == _SPACE) & (held[:, 4] == _SPACE)
    sound &= ((lower - 97) < 26).all(axis=1)  # noqa: PLR2004 - a letter
    key = lower.astype(np.int64) @ _PLACES
    place = np.minimum(np.searchsorted(_MONTH_KEYS[:, 0], key), len(MONTHS) - 1)
    sound &= _MONTH_KEYS[place, 0] == key
    month = _MONTH_KEYS[place, 1]
    digits = held[:, 5:9] - _ZERO
    is_digit = digits < 10  # noqa: PLR2004
    long_year = is_digit[:, 2]
    sound &= is_digit[:, 0] & is_digit[:, 1] & (~long_year | is_digit[:, 3])
    tens = digits[:, ::2].astype(np.int64) * 10 + digits[:, 1::2]
    year = tens[:, 0] + np.where(tens[:, 0] < _CENTURY_FROM, 2000, 1900)
    year = np.where(long_year, tens[:, 0] * 100 + tens[:, 1], year)
    at += np.where(long_year, 9, 7)
    held = lines[at]
    sound &= (held[:, _CLOCK_SIGNS] == _CLOCK).all(axis=1)
    digits = held[:, _CLOCK_DIGITS] - _ZERO
    sound &= (digits < 10).all(axis=1)  # noqa: PLR2004
    clock = digits[:, ::2].astype(np.int64) * 10 + digits[:, 1::2]
    sound &= (clock <= _LAST).all(axis=1)
    leap = (year % 4 == 0) & ((year % 100 != 0) | (year % 400 == 0))
    longest = _MONTH_DAYS[month] + (leap & (month == 2))  # noqa: PLR2004 - February
    sound &= (year >= FIRST_YEAR) & (year <= 2100) & (day >= 1) & (day <= longest)  # noqa: PLR2004
    offset, known = _zones(held[:, _CLOCK_BYTES:])
    seconds = _days(year, month, day) * _DAY_S + clock @ _UNITS_S
    return (seconds - offset) * SECOND_US, sound & known


def _days(year: Int64s, month: Int64s, day: Int64s) -> Int64s:
    """Days since 1970-01-01 of the Gregorian calendar, counted in years that begin in March."""
    early = month <= 2  # noqa: PLR2004 - January and February end the year before
    year = year - early
    in_year = (153 * (month + np.where(early, 9, -3)) + 2) // 5 + day - 1
    return year * 365 + year // 4 - year // 100 + year // 400 + in_year - 719_468


def _zones(words: Octets) -> tuple[Int64s, npt.NDArray[np.bool_]]:
    """Seconds east of UTC that the rows' six bytes state, and whether they are known."""
    words = np.ascontiguousarray(words)
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
