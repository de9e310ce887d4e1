"""Reads the dates of mail as they occur in the wild into an interval, or says there is none."""

from __future__ import annotations

import functools
import re
from calendar import timegm
from typing import NamedTuple

from pastwatch.model.when import HOUR_US, SECOND_US

FIRST_YEAR, LAST_YEAR = 1970, 2100
# A local time in no known zone: zones run from UTC−12 to UTC+14.
AHEAD_US = 14 * HOUR_US
BEHIND_US = 12 * HOUR_US

MONTHS = {
    name: number
    for number, name in enumerate(
        ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"), 1
    )
}
# Hours east of UTC. Abbreviations with two meanings (IST, BST) are left out: zone unknown.
ZONES = {
    "gmt": 0.0, "ut": 0.0, "utc": 0.0, "z": 0.0, "wet": 0.0, "west": 1.0,
    "est": -5.0, "edt": -4.0, "cst": -6.0, "cdt": -5.0, "mst": -7.0, "mdt": -6.0,
    "pst": -8.0, "pdt": -7.0, "akst": -9.0, "akdt": -8.0, "hst": -10.0,
    "met": 1.0, "mez": 1.0, "cet": 1.0, "mest": 2.0, "mesz": 2.0, "cest": 2.0,
    "eet": 2.0, "eest": 3.0, "msk": 3.0, "msd": 4.0, "jst": 9.0, "kst": 9.0,
    "aest": 10.0, "aedt": 11.0, "acst": 9.5, "acdt": 10.5, "awst": 8.0, "nzst": 12.0, "nzdt": 13.0,
}  # fmt: skip
_ZONE = r"(?P<zone>[+-]\d{2}:?\d{2}\b|[A-Za-z]{1,5}\b)"
_CLOCK = r"(?P<h>\d{1,2})[:.](?P<mi>\d{2})(?:[:.](?P<s>\d{2})(?:[.,]\d+)?)?(?:\s*(?P<ap>[AaPp])\.?[Mm]\b\.?)?"
_DAY_FIRST = re.compile(  # 04 Mar 1993 11:11:40 -0800, with or without "Thu,"
    rf"(?P<d>\d{{1,2}})[\s-]+(?P<mo>[A-Za-z]{{3}})[A-Za-z]*\.?,?[\s-]+(?P<y>\d{{2,5}}),?\s+{_CLOCK}\s*{_ZONE}?"
)
_MONTH_FIRST = re.compile(  # Thu Mar  4 11:11:40 [PST] 1993 [-0800]
    rf"(?P<mo>[A-Za-z]{{3}})[A-Za-z]*\.?\s+(?P<d>\d{{1,2}}),?\s+{_CLOCK}\s+(?:{_ZONE}\s+)?(?P<y>\d{{4}})(?:\s+(?P<zone2>[+-]\d{{4}}))?"
)
_MONTH_FIRST_YEAR = re.compile(  # March 4, 1993 11:11:40 PST
    rf"(?P<mo>[A-Za-z]{{3}})[A-Za-z]*\.?\s+(?P<d>\d{{1,2}}),?\s+(?P<y>\d{{4}}),?\s+(?:at\s+)?{_CLOCK}\s*{_ZONE}?"
)
_ISO = re.compile(
    rf"(?P<y>\d{{4}})[-/](?P<mo>\d{{1,2}})[-/](?P<d>\d{{1,2}})[T\s]+{_CLOCK}\s*{_ZONE}?"
)
_PLAIN = re.compile(
    r"(?:[A-Za-z]{3}, )?([0-9]{1,2} [A-Za-z]{3} [0-9]{2}(?:[0-9]{2})?)"
    r" ([0-9]{2}):([0-9]{2}):([0-9]{2}) ([+-][0-9]{4}|[A-Za-z]{1,5})(?:[ (]|\Z)"
)
_FORMS = (_DAY_FIRST, _MONTH_FIRST, _MONTH_FIRST_YEAR, _ISO)
_LONGEST = 200


class Moment(NamedTuple):
    """A date as an interval (both ends included), and whether its zone was stated."""

    earliest_us: int
    latest_us: int
    has_zone: bool


@functools.lru_cache(maxsize=1024)
def read_date(text: str) -> Moment | None:
    """The moment a date states; None when it is no date between 1970 and 2100.

    Without seconds the interval is the minute; without a known zone it is widened by 14 hours
    before and 12 after, read as UTC. Two-digit years follow RFC 5322 §4.3.
    """
    text = text[:_LONGEST].strip()
    plain = _plain(text)
    if plain:
        return plain
    for form in _FORMS:
        found = form.search(text)
        if found:
            moment = _moment(found.groupdict())
            if moment:
                return moment
    return None


def _plain(text: str) -> Moment | None:
    """The moment of a date in the form most mail has; what `_DAY_FIRST` makes of it, sooner."""
    found = _PLAIN.match(text)
    if not found:
        return None
    day, hour, minute, second, zone = found.groups()
    at_us, offset_s = _midnight_us(day), known_offset_s(zone)
    if at_us is None or offset_s is None or hour > "23" or minute > "59" or second > "60":
        return None
    at_us += (int(hour) * 3600 + int(minute) * 60 + int(second) - offset_s) * SECOND_US
    return Moment(at_us, at_us, has_zone=True)


@functools.lru_cache(maxsize=4096)
def _midnight_us(day: str) -> int | None:
    number, month, year = day.split()
    return local_us(_year(year), MONTHS.get(month.lower(), 0), int(number))


def _moment(fields: dict[str, str | None]) -> Moment | None:
    month_text = (fields["mo"] or "").lower()
    month = int(month_text) if month_text.isdecimal() else MONTHS.get(month_text, 0)
    year = _year(fields["y"] or "")
    day, hour, minute = (int(fields[key] or 0) for key in ("d", "h", "mi"))
    if half := fields.get("ap"):
        hour = hour % 12 + (12 if half.lower() == "p" else 0)
    seconds_text = fields["s"]
    at_us = local_us(year, month, day, hour=hour, minute=minute, second=int(seconds_text or 0))
    if at_us is None:
        return None
    offset_s = zone_offset_s(fields.get("zone2") or fields.get("zone") or "")
    width_us = 0 if seconds_text else 60 * SECOND_US - 1
    return placed(at_us, offset_s=offset_s, width_us=width_us)


def local_us(
    year: int, month: int, day: int, *, hour: int = 0, minute: int = 0, second: int = 0
) -> int | None:
    """Microseconds of a wall clock read as UTC; None when the calendar has no such moment."""
    if not (FIRST_YEAR <= year <= LAST_YEAR and 1 <= month <= 12 and 1 <= day <= 31):  # noqa: PLR2004
        return None
    if day > 28 and day > _days(year, month):  # noqa: PLR2004
        return None
    if hour > 23 or minute > 59 or second > 60:  # noqa: PLR2004 - 60 is a leap second
        return None
    return timegm((year, month, day, hour, minute, second)) * SECOND_US


def placed(at_us: int, *, offset_s: int | None, width_us: int = 0) -> Moment:
    """A wall clock at an offset from UTC, or in some unknown zone."""
    if offset_s is None:
        return Moment(at_us - AHEAD_US, at_us + width_us + BEHIND_US, has_zone=False)
    at_us -= offset_s * SECOND_US
    return Moment(at_us, at_us + width_us, has_zone=True)


def zone_offset_s(text: str) -> int | None:
    """Seconds east of UTC of a mail's zone; None when unknown (RFC 5322 §4.3)."""
    if not text:
        return None
    if text[0] in "+-":
        digits = text[1:].replace(":", "")
        seconds = int(digits[:2]) * 3600 + int(digits[2:]) * 60
        if seconds > 14 * 3600:
            return None
        return -seconds if text[0] == "-" else seconds
    hours = ZONES.get(text.lower())
    return None if hours is None else int(hours * 3600)


known_offset_s = functools.lru_cache(maxsize=256)(zone_offset_s)


def _year(text: str) -> int:
    year = int(text)
    if len(text) == 2:  # noqa: PLR2004
        return year + (2000 if year < 50 else 1900)  # noqa: PLR2004
    if len(text) == 3:  # noqa: PLR2004
        return year + 1900
    return year


def _days(year: int, month: int) -> int:
    if month == 2:  # noqa: PLR2004
        return 29 if year % 4 == 0 and (year % 100 or year % 400 == 0) else 28
    return 30 if month in {4, 6, 9, 11} else 31
