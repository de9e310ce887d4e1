"""Times in a text made coarser: to the hour, to the day, or taken out, however they are written."""

from __future__ import annotations

import enum
import re
from collections.abc import Callable
from typing import Final

HOUR_US: Final = 3_600_000_000
DAY_US: Final = 24 * HOUR_US
WITHHELD: Final = "[time]"
_MONTHS: Final = (
    "jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec|"
    "january|february|march|april|june|july|august|september|october|november|december"
)
_ZONE: Final = r"(?:\s?(?P<zone>UTC|GMT|Z\b|[A-Z]{1,3}[DS]T\b|[-+]\d\d:?\d\d))?"
_CLOCK: Final = r"(?P<hour>\d{1,3})[:.](?P<minute>\d\d)(?:[:.]\d\d)?(?:[.,]\d{1,9})?(?P<half>\s?[AaPp]\.?[Mm]\b\.?)?"
_ISO: Final = r"(?P<iso>[-+]?\d{4,6}-\d\d-\d\d)"
_SLASHED: Final = r"(?P<slashed>\d{1,4}[/.]\d{1,2}[/.]\d{2,4})"
_WORDED: Final = (
    rf"(?P<worded>(?:(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*,?\s+)?"
    rf"(?:\d{{1,2}}(?:st|nd|rd|th)?\s+(?:of\s+)?(?:{_MONTHS})\.?,?\s+\d{{4}}"
    rf"|(?:{_MONTHS})\.?\s+\d{{1,2}}(?:st|nd|rd|th)?,?\s+\d{{4}}))"
)
_DATE: Final = rf"(?:{_ISO}|{_SLASHED}|{_WORDED})"
_BOTH: Final = re.compile(
    rf"(?<![\w-]){_DATE}(?:T|,?\s+(?:at\s+)?){_CLOCK}{_ZONE}"
    r"(?:\s\(\d{4,6}-\d\d-\d\d \d\d:\d\d:\d\d(?:\.\d+)? UTC\))?",
    re.IGNORECASE,
)
_DAY: Final = re.compile(rf"(?<![\w-]){_DATE}(?![\w-])", re.IGNORECASE)
_HOUR: Final = re.compile(rf"(?<![\w:.,+-]){_CLOCK.replace('[:.]', ':')}{_ZONE}(?![\w:])")
_EPOCH: Final = re.compile(r"(?<![\w.,-])-?(?:\d{10}|\d{13}|\d{16})(?![\w,-])")
Pass = tuple[re.Pattern[str], Callable[["re.Match[str]"], str]]


class Times(enum.StrEnum):
    """How exact the times of a version made to be handed out are."""

    HOUR = "hour"
    DAY = "day"
    NONE = "none"

    @property
    def step_us(self) -> int:
        """What a number of microseconds is cut down to a multiple of."""
        return HOUR_US if self is Times.HOUR else DAY_US

    def coarse(self, time_us: int, *, offset_s: int = 0) -> int:
        """A time cut down to its hour or day in a zone; without times, the day."""
        local = time_us + offset_s * 1_000_000
        return local // self.step_us * self.step_us - offset_s * 1_000_000


def passes(times: Times) -> list[Pass]:
    """Patterns of times, in the order to look for them, each with what is written instead."""
    made: list[Pass] = [(_BOTH, lambda found: _both(found, times))]
    if times is Times.NONE:
        made.append((_DAY, lambda _: WITHHELD))
    else:
        made.append((_DAY, lambda found: found[0]))  # a date alone is a day, and no clock time
    made += [(_HOUR, lambda found: _clock(found, times)), (_EPOCH, lambda _: WITHHELD)]
    return made


def tells_time(text: str) -> bool:
    """Whether a date or a time of day stands in a text."""
    return any(pattern.search(text) for pattern in (_BOTH, _DAY, _HOUR))


def _both(found: re.Match[str], times: Times) -> str:
    if times is Times.NONE:
        return WITHHELD
    day = found["iso"] or found["slashed"] or found["worded"]
    return day if times is Times.DAY else f"{day}, {_hours(found)}"


def _clock(found: re.Match[str], times: Times) -> str:
    return _hours(found) if times is Times.HOUR else WITHHELD


def _hours(found: re.Match[str]) -> str:
    zone = f" {found['zone']}" if found["zone"] else ""
    half = (found["half"] or "").strip()
    return f"{found['hour']} h{f' {half}' if half else ''}{zone}"
