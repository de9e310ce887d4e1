"""From the pieces of a time in a text to an interval, against the record's own date.

Whatever is not said (year, half of the day, zone, which Tuesday) widens the interval over every
reading; no reading is preferred. Bounds are microseconds since 1970 UTC, both included.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from dataclasses import dataclass

from pastwatch.model.when import EARLIEST_US, EPOCH, LATEST_US, SECOND_US
from pastwatch.stages.enrich.enrichers.times_atoms import Atom, Clock, Day, Shift

# Zones in use lie between these; a time without one may be in any.
ANYWHERE_S = (-12 * 3600, 14 * 3600)
_JOINS = re.compile(
    r"(?:\sг(?:\.|ода))?[\s,(]{0,3}(?:(?:at|on|by|@|around|about|in the|of|the|um|à|vers|le|в|около|الساعة|عند|-|–)"
    r"[\s,(]{0,2})?"
)
_LONGEST_JOIN = 14
_DAY_S = 86_400
_DAY = dt.timedelta(days=1)
_ORIGIN = dt.date(1970, 1, 1).toordinal()
_CENTURY = 100
_NEAR_HALF_YEAR_DAYS = (168, 198)


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """A time as said: its pieces, and where it stands (characters)."""

    start: int
    end: int
    rules: tuple[str, ...]
    day: Day | None = None
    clock: Clock | None = None
    shift: Shift | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What is known of the record: when it was said, and the zone (None: not known)."""

    earliest_us: int | None
    latest_us: int | None
    zone_s: int | None


def joined(atoms: list[Atom], text: str) -> Iterator[Said]:
    """The times said, pieces that stand together taken as one; a lone part of a day is none."""
    at = 0
    while at < len(atoms):
        said = _of(atoms[at])
        at += 1
        while at < len(atoms):
            more = _of(atoms[at])
            gap = text[said.end : atoms[at].start]
            both = (
                _both(said, more) if len(gap) <= _LONGEST_JOIN and _JOINS.fullmatch(gap) else None
            )
            if both is None:
                break
            said = both
            at += 1
        if said.day or said.shift or (said.clock and not said.clock.part):
            yield said


def _of(atom: Atom) -> Said:
    what = atom.what
    day, clock, shift = None, None, None
    if isinstance(what, tuple):
        day, clock = what
    elif isinstance(what, Day):
        day = what
    elif isinstance(what, Clock):
        clock = what
    else:
        shift = what
    return Said(
        start=atom.start, end=atom.end, rules=(atom.rule,), day=day, clock=clock, shift=shift
    )


def _both(first: Said, second: Said) -> Said | None:
    """Two pieces as one time, or None where they are two times."""
    if first.shift or second.shift:
        return None
    day = first.day or second.day
    if first.day and second.day:
        # "Tuesday, 11 September": the date says more than the weekday; else they are two days.
        named = [d for d in (first.day, second.day) if d.weekday is not None]
        dated = [d for d in (first.day, second.day) if d.weekday is None]
        if len(named) != 1 or (dated[0].stretch is not None):
            return None
        day = dated[0]
    clock = first.clock or second.clock
    if first.clock and second.clock:
        clock = _narrowed(first.clock, second.clock)
        if clock is None:
            return None
    return Said(
        start=first.start,
        end=second.end,
        rules=(*first.rules, *second.rules),
        day=day,
        clock=clock,
    )


def _narrowed(a: Clock, b: Clock) -> Clock | None:
    """A clock time within a part of the day: "tonight at 6" is not in the morning."""
    if a.part == b.part:
        return None
    part, clock = (a, b) if a.part else (b, a)
    first, last = part.ranges[0]
    kept = tuple(
        (start + turn, end + turn)
        for start, end in clock.ranges
        for turn in (0, _DAY_S)
        if first <= start + turn < last
    )
    return Clock(ranges=kept or clock.ranges, zones_min=clock.zones_min)


def zone_of(said: Said, known: Known) -> str:
    """What the interval's zone rests on: "stated" in the text, "set" for the case, or "unknown"."""
    if said.clock and said.clock.zones_min is not None:
        return "stated"
    return "unknown" if known.zone_s is None else "set"


def interval(said: Said, known: Known) -> tuple[int, int] | None:
    """The widest interval that every reading lies in; None where the record has no date to go by."""
    zones: tuple[int, ...] = ANYWHERE_S if known.zone_s is None else (known.zone_s,)
    stated = said.clock.zones_min if said.clock else None
    if stated is not None:
        zones = tuple(minutes * 60 for minutes in stated)
    if said.shift:
        if known.earliest_us is None or known.latest_us is None:
            return None
        low = known.earliest_us + said.shift.least_s * SECOND_US
        return _printable(low, known.latest_us + said.shift.most_s * SECOND_US)
    spans = []
    for zone_s in zones:
        for ref_us in _references(said, known):
            spans += list(
                _local(said, None if ref_us is None else ref_us + zone_s * SECOND_US, zone_s)
            )
    if not spans:
        return None
    return _printable(min(s for s, _ in spans), max(e for _, e in spans) - 1)


def _references(said: Said, known: Known) -> tuple[int | None, ...]:
    whole = said.day and said.day.dates and all(_whole(date[0]) for date in said.day.dates)
    if whole:
        return (known.earliest_us,)  # needs none
    if known.earliest_us is None or known.latest_us is None:
        return ()
    return tuple(dict.fromkeys((known.earliest_us, known.latest_us)))


def _whole(year: int | None) -> bool:
    return year is not None and year > 0


def _printable(low: int, high: int) -> tuple[int, int] | None:
    if low > LATEST_US or high < EARLIEST_US:
        return None
    return max(low, EARLIEST_US), min(high, LATEST_US)


def _local(said: Said, ref_us: int | None, zone_s: int) -> Iterator[tuple[int, int]]:
    """Every reading as (start, end) in UTC microseconds, the end not included."""
    shift_us = zone_s * SECOND_US
    today = None if ref_us is None else _date_of(ref_us)
    if said.day is not None:
        days = list(_days(said.day, today))
    elif today is not None and ref_us is not None and said.clock is not None:
        # A clock time alone: the last such time before the record was said, or the next after it.
        before, after = _steps(said.clock, ref_us)
        days = [*_days(Day(step=before), today), *_days(Day(step=after), today)]
    else:
        return
    for first, last in days:
        for start, end in _clocked(said, first, last):
            yield start - shift_us, end - shift_us


def _steps(clock: Clock, ref_us: int) -> tuple[int, int]:
    second = ref_us // SECOND_US % _DAY_S
    return (-1, 0) if clock.ranges[0][0] > second else (0, 1)


def _clocked(said: Said, first: dt.date, last: dt.date) -> Iterator[tuple[int, int]]:
    for start, end in said.clock.ranges if said.clock else ((0, _DAY_S),):
        yield _midnight(first) + start * SECOND_US, _midnight(last) + end * SECOND_US


def _midnight(day: dt.date) -> int:
    return (day.toordinal() - _ORIGIN) * _DAY_S * SECOND_US


def _date_of(local_us: int) -> dt.date | None:
    try:
        return (EPOCH + dt.timedelta(microseconds=local_us)).date()
    except OverflowError:
        return None


def _days(day: Day, today: dt.date | None) -> Iterator[tuple[dt.date, dt.date]]:
    """First and last day of each reading."""
    try:
        if day.dates:
            for year, month, number in day.dates:
                for full in _years(year, month, number or 1, today):
                    yield from _dated(full, month, number)
        elif today is None:
            return
        elif day.step is not None:
            yield (today + day.step * _DAY,) * 2
        elif day.weekday is not None:
            yield from _weekdays(day, today)
        elif day.stretch is not None:
            yield _stretch(*day.stretch, today)
    except (OverflowError, ValueError):  # before the year 1 or after 9999
        return


def _dated(year: int, month: int, number: int | None) -> Iterator[tuple[dt.date, dt.date]]:
    first = dt.date(year, month, 1)
    if number is None:
        after = dt.date(year + month // 12, month % 12 + 1, 1)
        yield first, after - _DAY
        return
    day = first + (number - 1) * _DAY
    if day.month == month:  # else 31 June
        yield day, day


def _years(year: int | None, month: int, number: int, today: dt.date | None) -> list[int]:
    """The years a date may be of: as written, of the two digits, or the nearest to the record."""
    if year is not None and year > 0:
        return [year]
    if today is None:
        return []
    if year is not None:
        digits = -year - 1
        near = today.year - today.year % _CENTURY + digits
        return [min((near - _CENTURY, near, near + _CENTURY), key=lambda y: abs(y - today.year))]
    away = {}
    for candidate in (today.year - 1, today.year, today.year + 1):
        days = next(
            (abs((first - today).days) for first, _ in _dated(candidate, month, number)), None
        )
        if days is not None:
            away[candidate] = days
    low, high = _NEAR_HALF_YEAR_DAYS
    doubtful = [candidate for candidate, days in away.items() if low <= days <= high]
    if len(doubtful) > 1:
        return doubtful
    return [min(away, key=lambda y: away[y])] if away else [today.year - 4, today.year + 4]


def _weekdays(day: Day, today: dt.date) -> Iterator[tuple[dt.date, dt.date]]:
    assert day.weekday is not None  # noqa: S101 - for the type
    after = (day.weekday - today.weekday()) % 7 or 7
    before = (today.weekday() - day.weekday) % 7 or 7
    if day.turn >= 0:
        yield (today + after * _DAY,) * 2
    if day.turn > 0:  # "next Tuesday" is the coming one to some, and the one after to others
        yield (today + (after + 7) * _DAY,) * 2
    if day.turn <= 0:
        yield (today - before * _DAY,) * 2
    if day.turn < 0:
        yield (today - (before + 7) * _DAY,) * 2


def _stretch(unit: str, turn: int, today: dt.date) -> tuple[dt.date, dt.date]:
    if unit == "week":
        # A week begins on Sunday for some and on Monday for others: both are in.
        sunday = today - (today.weekday() + 1) % 7 * _DAY
        monday = today - today.weekday() * _DAY
        return min(sunday, monday) + turn * 7 * _DAY, max(sunday, monday) + (turn * 7 + 6) * _DAY
    if unit == "weekend":
        saturday = today - today.weekday() * _DAY + 5 * _DAY
        if turn < 0:
            return saturday - 14 * _DAY, saturday - 6 * _DAY
        return saturday, saturday + (turn * 7 + 1) * _DAY
    if unit == "month":
        number = today.year * 12 + today.month - 1 + turn
        first = dt.date(number // 12, number % 12 + 1, 1)
        number += 1
        return first, dt.date(number // 12, number % 12 + 1, 1) - _DAY
    return dt.date(today.year + turn, 1, 1), dt.date(today.year + turn, 12, 31)
