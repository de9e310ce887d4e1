"""The pieces times in a text are made of: days, clock times, parts of the day, whole moments."""

from __future__ import annotations

import re
from dataclasses import dataclass

from pastwatch.stages.enrich.enrichers import times_words as words

_DAY_S = 86_400
_NOON = 12
_HOUR_S = 3600
_MANY = frozenset(
    {"seconds", "minutes", "hours", "days", "weeks", "months", "years", "mins", "hrs"}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """A day as written: any of the dates it may be, or a step from the record's own day."""

    dates: tuple[tuple[int | None, int, int | None], ...] = ()  # (year, month, day of it)
    step: int | None = None
    weekday: int | None = None
    turn: int = 0  # of a weekday: -1 the last, 1 the next, 0 not said
    stretch: tuple[str, int] | None = None  # ("week", -1): the week before


@dataclass(frozen=True, slots=True, kw_only=True)
class Clock:
    """A time of day: the second ranges of the day it may be, and the zones it may be in."""

    ranges: tuple[tuple[int, int], ...]  # seconds from midnight, the end not included
    zones_min: tuple[int, ...] | None = None
    halved: bool = True  # whether it is said which half of the day
    part: bool = False  # a part of the day, which is no time without a day


@dataclass(frozen=True, slots=True, kw_only=True)
class Shift:
    """A length of time before or after the record was said: the least and the most, in seconds."""

    least_s: int
    most_s: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Atom:
    """A piece, where it stands (characters), and the rule that found it."""

    start: int
    end: int
    rule: str
    what: Day | Clock | Shift | tuple[Day, Clock]


def read_date(match: re.Match[str], _: bool | None) -> Day | None:
    """A day, a month by name, a year or none."""
    month = words.MONTHS[match["month"].lower()]
    day = int(match["day"])
    return one_date(_year(match["year"]), month, day)


def one_date(year: int | None, month: int, day: int) -> Day | None:
    """One date, or None where the calendar has no such month or day."""
    return Day(dates=((year, month, day),)) if 1 <= month <= 12 and 1 <= day <= 31 else None  # noqa: PLR2004 - a calendar


def _year(shown: str | None) -> int | None:
    if not shown:
        return None
    digits = shown.strip("'’")
    return int(digits) if len(digits) == 4 else -int(digits) - 1  # noqa: PLR2004 - -1-yy: a year of two digits


def read_month(match: re.Match[str], _: bool | None) -> Day:
    """A month of a year."""
    return Day(dates=((int(match["year"]), words.MONTHS[match["month"].lower()], None),))


def read_numeric(match: re.Match[str], day_first: bool | None) -> Day | None:
    """A date in figures, in one order or in both."""
    a, b = int(match["a"]), int(match["b"])
    year = _year(match["year"] if len(match["year"]) == 4 else "'" + match["year"])  # noqa: PLR2004 - four digits
    ways = {True: (b, a), False: (a, b)}
    kept = [ways[day_first]] if day_first is not None else [ways[True], ways[False]]
    good = [one_date(year, month, day) for month, day in dict.fromkeys(kept)]
    dates = tuple(date for day in good if day for date in day.dates)
    return Day(dates=dates) if dates else None


def read_iso(match: re.Match[str], _: bool | None) -> Day | tuple[Day, Clock] | None:
    """ISO 8601: a date, or a date and a time."""
    day = one_date(int(match["year"]), int(match["month"]), int(match["day"]))
    if day is None or match["hour"] is None:
        return day
    clock = _clock_of(int(match["hour"]), match["minute"], match["second"], match["zone"])
    return (day, clock) if clock else day


def _clock_of(
    hour: int, minute: str | None, second: str | None, zone: str | None, half: str | None = None
) -> Clock | None:
    minutes, seconds = int(minute or 0), int(second or 0)
    if hour > 24 or minutes > 59 or seconds > 60 or (hour == 24 and minutes):  # noqa: PLR2004 - a clock
        return None
    hours = [hour]
    said = (half or "").lower()
    if said in words.MORNING and hour <= _NOON:
        hours = [hour % 12]
    elif said in words.EVENING and hour <= _NOON:
        hours = [hour % 12 + 12]
    lasts = 1 if second else 60 if minute else 3600
    starts = [h * 3600 + minutes * 60 + min(seconds, 59) for h in hours]
    return Clock(
        ranges=tuple((s, s + lasts) for s in starts), zones_min=_zones(zone), halved=bool(half)
    )


def _zones(shown: str | None) -> tuple[int, ...] | None:
    if not shown:
        return None
    named = words.ZONES.get(shown.upper())
    if named is not None:
        return named
    sign = -1 if "-" in shown else 1
    digits = re.sub(r"\D", "", shown)
    if not digits:  # a name in an odd case, as ıst: it names no zone for sure
        return None
    hours, minutes = (digits[:-2], digits[-2:]) if len(digits) > 2 else (digits, "0")  # noqa: PLR2004 - HHMM
    return (sign * (int(hours) * 60 + int(minutes)),)


def read_colon(match: re.Match[str], _: bool | None) -> Clock | None:
    """`6:30`, `06:30:15 UTC`, `6:30 pm`."""
    shown = match["hour"]
    clock = _clock_of(int(shown), match["minute"], match["second"], match["zone"], match["half"])
    if clock and (len(shown) == 2 or clock.halved):  # noqa: PLR2004 - 06:30 and 18:30 are of one kind
        return clock
    return _either_half(clock) if clock else None


def _either_half(clock: Clock) -> Clock:
    """A clock that may show the morning or the evening."""
    (start, end) = clock.ranges[0]
    if start >= _NOON * _HOUR_S + _HOUR_S or start < _HOUR_S:
        return clock
    other = (start + _DAY_S // 2) % _DAY_S
    both = sorted([(start, end), (other, other + end - start)])
    return Clock(ranges=tuple(both), zones_min=clock.zones_min, halved=False)


def read_hour(match: re.Match[str], _: bool | None) -> Clock | None:
    """An hour with the word that says it is one."""
    found = match.groupdict()
    hour = int(found["hour"])
    clock = _clock_of(hour, found.get("minute"), None, found.get("zone"), found.get("half"))
    if clock is None or clock.halved or hour > _NOON or (len(found["hour"]) > 1 and hour < 10):  # noqa: PLR2004 - 06 is of a 24-hour clock
        return clock
    return _either_half(clock)


def read_four(match: re.Match[str], _: bool | None) -> Clock | tuple[Day, Clock] | None:
    """`0600Z`, `0600Z 4 APR`, `040600Z APR 17` (ACP 121 §324)."""
    found = match.groupdict()
    letter = (found.get("letter") or "").upper()
    if letter and letter not in {*words.MILITARY, "J", "L"}:
        return None
    clock = _clock_of(int(found["hour"]), found["minute"], None, None, "24")
    if clock is None:
        return None
    clock = Clock(ranges=clock.ranges, zones_min=words.MILITARY.get(letter))
    if not found.get("month"):
        return clock
    year = found.get("year")
    shown = _year(year if not year or len(year) == 4 else "'" + year)  # noqa: PLR2004 - four digits
    day = one_date(shown, words.MONTHS[found["month"].lower()], int(found["day"]))
    return (day, clock) if day else None


def read_noon(match: re.Match[str], _: bool | None) -> Clock:
    """Noon, or either midnight of a day."""
    if match[0].lower() in {"noon", "midday", "полдень", "midi"}:
        return Clock(ranges=((_NOON * 3600, _NOON * 3600 + 60),))
    return Clock(ranges=((0, 60), (_DAY_S, _DAY_S + 60)))  # a day has two midnights


def read_weekday(match: re.Match[str], _: bool | None) -> Day:
    """A weekday, and which one if it is said."""
    name = match["weekday"]
    number = words.SHORT_WEEKDAYS.get(name)
    turn = (match.groupdict().get("turn") or "").lower()
    way = 1 if turn in {"next", "coming"} else -1 if turn in {"last", "past"} else 0
    return Day(weekday=words.WEEKDAYS[name.lower()] if number is None else number, turn=way)


def read_near(match: re.Match[str], _: bool | None) -> Day:
    """Today and the days around it."""
    return Day(step=words.NEAR_DAYS[re.sub(r"\s+", " ", match[0].lower())])


def read_part(match: re.Match[str], _: bool | None) -> Clock | tuple[Day, Clock]:
    """A part of the day; with "this" or "last" its day as well."""
    found = match.groupdict()
    shown = (found.get("part") or "night").lower()
    first, last = words.PARTS[shown]
    clock = Clock(ranges=((first * 3600, last * 3600),), part=True)
    which = (found.get("which") or "").lower()
    if which == "last":
        return Day(step=-1), clock
    return (Day(step=0), clock) if which else clock


def read_stretch(match: re.Match[str], _: bool | None) -> Day:
    """A week, weekend, month or year near the record."""
    way = {"last": -1, "past": -1, "this": 0, "next": 1, "coming": 1}[match["turn"].lower()]
    return Day(stretch=(match["unit"].lower(), way))


def read_shift(match: re.Match[str], _: bool | None) -> Shift | None:
    """So long ago, or from now."""
    found = match.groupdict()
    count = found.get("count") or "1"
    if not found.get("count") and found["unit"].lower() in _MANY:
        return None  # "years ago" says nothing of how many
    number = int(count) if count.isdecimal() else words.COUNTS[count.lower()]
    unit = words.UNITS[found["unit"].lower()]
    if found.get("before"):
        # "3 hours ago" may be more than two and less than four.
        return Shift(least_s=-(number + 1) * unit, most_s=min(0, -(number - 1) * unit))
    # "in 3 hours" may also be within them.
    return Shift(least_s=0, most_s=(number + 1) * unit)
