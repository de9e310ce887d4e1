"""Dates the clocks of an IRC log: by day lines, by its name, over midnight."""

from __future__ import annotations

import mmap
import re
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from pastwatch.archive.layout import basis_number
from pastwatch.errors import BadValue
from pastwatch.model.record import Defect
from pastwatch.model.when import DAY_US, HOUR_US, SECOND_US, Basis
from pastwatch.stages.collect.connectors.irc_lines import MONTHS
from pastwatch.stages.collect.connectors.zones import Zone, zone_of
from pastwatch.stages.collect.mailtime import Moment, local_us

DAY_LINE = re.compile(
    rb"(?:\[\d\d:\d\d(?::\d\d)?\] )?(?:---|\*{3,4}|Session) ?(?P<what>Log opened|Day changed(?: to)?|Log closed|BEGIN LOGGING AT|"
    rb"ENDING LOGGING AT|Start:|Time:|Close:|)[ :]*(?:\w{2,4}[.,]? +)?(?P<rest>(?:\w{3,9}\.? +\d{1,2}|\d{1,2}\.? \w{3,9}|\d{4}-\d\d-\d\d)\b.{0,24}|)\s*$"
)
_MONTH_DAY = re.compile(r"([A-Za-z]{3})[a-z]*\.? +(\d{1,2})\b(?:.*?\b((?:19|20)\d\d)\b)?")
_DAY_MONTH = re.compile(r"(\d{1,2})\.? ([A-Za-z]{3})[a-z]*\.?(?:.*?\b((?:19|20)\d\d)\b)?")
_ISO = re.compile(r"(\d{4})-(\d\d)-(\d\d)")
_NAMED = re.compile(r"(?<!\d)((?:19|20)\d\d)[-_.]?(\d\d)[-_.]?(\d\d)(?!\d)")
_CLOCKS = re.compile(
    rb"^(?:\[?(\d\d):(\d\d)|(---|\*\*\*\*|Session) ?(?:Log o|Day c|BEGIN|Start|Time))", re.MULTILINE
)
_AFTERNOON = re.compile(rb"^\[?(?:1[3-9]|2[0-3]):\d\d", re.MULTILINE)
_MORNING = re.compile(rb"^\[?(?:0\d|1[0-2]):\d\d", re.MULTILINE)
_BACK_MINUTES = (
    120  # a clock set back by less is the same day: summer time ends, a clock is put right
)
_EXPORT, _INFERRED = basis_number(Basis.EXPORT), basis_number(Basis.INFERRED)
_AMBIGUOUS = int(Defect.AMBIGUOUS_DATE)
_HALF_US = 12 * HOUR_US
_NOON_HOUR = 12
_CLOSING = ("Log closed", "ENDING LOGGING AT", "Close:")


class Dated(NamedTuple):
    """When a line was written, what that rests on, and whether more than one day or half fits."""

    moment: Moment
    number: int  # of the basis
    flags: int


class Clock:
    """Follows the days of one log, line by line."""

    def __init__(self, view: mmap.mmap | bytes, name: str, options: Mapping[str, Any], *, has_marks: bool) -> None:  # fmt: skip
        self._zone: Zone = zone_of(options)
        wraps, is_half = _survey(view, has_marks=has_marks, given=options.get("clock"))
        self._unit_us = _HALF_US if is_half else DAY_US
        self._half_us = _HALF_US if is_half else 0
        self._steps = 0
        self._last_minute = -1
        self._year = 0
        self._month = 0
        self._is_inferred = False
        self._day_us, self._wraps = _first_day(view, name, options, wraps)
        if self._day_us is not None and not options.get("date"):
            self._is_inferred = not _NAMED.search(name)
        self._at: tuple[str, Dated | None] = ("", None)

    def day(self, what: str, rest: str) -> None:
        """A line of the log that names the day which begins."""
        if what.startswith(_CLOSING):
            return
        self._at = ("", None)
        given = _day_us(rest, self._year)
        if given is None and what.startswith("Day changed") and self._day_us is not None:
            given = self._day_us + DAY_US
        self._day_us, self._steps, self._wraps, self._last_minute = given, 0, 0, -1
        self._is_inferred = False
        if found := re.search(r"\b(?:19|20)\d\d\b", rest):
            self._year, self._month = int(found[0]), 0

    def start(self) -> Dated | None:
        """The earliest a line before the first clock can be from."""
        return self._reading(0, 0) if self._day_us is not None else None

    def read(self, clock: str, half: str | None) -> Dated | None:
        """When a line with this clock was written; None while no day is known, or for no clock."""
        key = f"{clock}{half}" if half else clock
        if key == self._at[0]:
            return self._at[1]
        parts = clock.split(":")
        hour, minute, second = int(parts[0]), int(parts[1]), int(parts[2]) if len(parts) > 2 else -1  # noqa: PLR2004
        if half:
            hour = hour % _NOON_HOUR + (_NOON_HOUR if "p" in half.lower() else 0)
        if hour > 23 or minute > 59 or second > 60:  # noqa: PLR2004
            return None
        if self._half_us and not half:
            hour %= _NOON_HOUR
        minutes = hour * 60 + minute
        if minutes < self._last_minute - _BACK_MINUTES:
            self._steps += 1
        self._last_minute = minutes
        found = None
        if self._day_us is not None:
            wall_us = (minutes * 60 + max(second, 0)) * SECOND_US
            found = self._reading(wall_us, 0 if second >= 0 else 60 * SECOND_US - 1)
        self._at = (key, found)
        return found

    def read_full(self, given: re.Match[str]) -> Dated | None:
        """When a line that carries its own date was written."""
        parts = [int(part) for part in given["clock"].split(":")]
        hour, minute = parts[0], parts[1]
        if half := given["half"]:
            hour = hour % _NOON_HOUR + (_NOON_HOUR if "p" in half.lower() else 0)
        second = parts[2] if len(parts) > 2 else 0  # noqa: PLR2004
        if given["date"]:
            year, month, day = (int(part) for part in given["date"].split("-"))
        else:
            month, day = MONTHS.get(given["month"].lower(), 0), int(given["day"])
            if month and month < self._month:
                self._year += 1
            self._month = month or self._month
            year = self._year
        wall_us = local_us(year, month, day, hour=hour, minute=minute, second=second)
        if wall_us is None:
            return None
        width_us = 0 if len(parts) > 2 else 60 * SECOND_US - 1  # noqa: PLR2004
        zone = Zone(_offset(given["offset"])) if given["offset"] else self._zone
        moment = zone.moment(wall_us, width_us=width_us)
        return Dated(moment, _EXPORT, 0 if moment.has_zone else _AMBIGUOUS)

    def _reading(self, wall_us: int, width_us: int) -> Dated:
        base_us = (self._day_us or 0) + self._steps * self._unit_us + wall_us
        first = self._zone.moment(base_us - self._wraps * self._unit_us)
        last = self._zone.moment(base_us + self._half_us, width_us=width_us)
        is_split = bool(self._wraps or self._half_us)
        is_inferred = self._is_inferred or is_split or self._steps > 0
        return Dated(
            Moment(first.earliest_us, last.latest_us, first.has_zone),
            _INFERRED if is_inferred else _EXPORT,
            _AMBIGUOUS if is_split or not first.has_zone else 0,
        )


def _survey(view: mmap.mmap | bytes, *, has_marks: bool, given: Any) -> tuple[int, bool]:
    """(times the clock wraps before the first day line, whether it may be a clock of 12 hours).

    A clock that goes from 11:59 or 12:59 back to the start, and never shows 13 or more, has 12
    hours. Logs with "===" were written with either; where nothing tells, both readings are kept.
    """
    if given is not None and str(given) not in {"12", "24"}:
        raise BadValue(f'"{given}" is not a clock', hint="one of 12, 24")
    is_half = str(given) == "12"
    if given is None and not _AFTERNOON.search(view):
        is_half = (has_marks and _MORNING.search(view) is not None) or any(
            later < 2 * 60 and earlier >= 11 * 60 for earlier, later in _pairs(view)
        )
    wraps = 0
    for earlier, later in _pairs(view, until_day=True):
        if is_half:
            wraps += later % 720 < earlier % 720 - _BACK_MINUTES
        else:
            wraps += later < earlier - _BACK_MINUTES
    return wraps, is_half


def _pairs(view: mmap.mmap | bytes, *, until_day: bool = False) -> Iterator[tuple[int, int]]:
    """The clocks of neighbouring lines in minutes, where no day line stands between them."""
    earlier = -1
    for found in _CLOCKS.finditer(view):
        hour, minute, day = found.groups()
        if day:
            if until_day:
                return
            earlier = -1
            continue
        later = int(hour) * 60 + int(minute)
        if earlier >= 0:
            yield earlier, later
        earlier = later


def _first_day(
    view: mmap.mmap | bytes, name: str, options: Mapping[str, Any], wraps: int
) -> tuple[int | None, int]:
    """(the day a log begins on, and by how many wraps it may begin earlier)."""
    if given := options.get("date"):
        day_us = _day_us(str(given), 0)
        if day_us is None:
            raise BadValue(f'"{given}" is not a date', hint="write 2017-04-04")
        return day_us, 0
    changed = re.search(rb"^--- (Day changed|Log opened) (.{4,40})$", view, re.MULTILINE)
    if changed and changed[1] == b"Day changed":
        day_us = _day_us(_after_weekday(changed[2].decode("utf-8", "replace")), 0)
        if day_us is not None:
            return day_us - (1 + wraps) * DAY_US, 0
    if found := _NAMED.search(name):
        return local_us(int(found[1]), int(found[2]), int(found[3])), wraps
    return None, 0


def _after_weekday(text: str) -> str:
    first, _, rest = text.strip().partition(" ")
    return rest if first[:3].lower() not in MONTHS and first[:1].isalpha() else text


def _day_us(text: str, year: int) -> int | None:
    if found := _ISO.search(text):
        return local_us(int(found[1]), int(found[2]), int(found[3]))
    if (found := _MONTH_DAY.match(text)) and found[1].lower() in MONTHS:
        return local_us(int(found[3] or year), MONTHS[found[1].lower()], int(found[2]))
    if (found := _DAY_MONTH.match(text)) and found[2].lower() in MONTHS:
        return local_us(int(found[3] or year), MONTHS[found[2].lower()], int(found[1]))
    return None


def _offset(text: str) -> str:
    return "UTC" if text == "Z" else text
