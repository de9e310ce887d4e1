"""An axis of time: where ticks stand, what they say in two zones, and where a moment lies."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

SECOND_US = 1_000_000
MINUTE_US = 60 * SECOND_US
HOUR_US = 60 * MINUTE_US
DAY_US = 24 * HOUR_US
FIXED_US = (
    *(SECOND_US * n for n in (1, 2, 5, 10, 15, 30)),
    *(MINUTE_US * n for n in (1, 2, 5, 10, 15, 30)),
    *(HOUR_US * n for n in (1, 2, 3, 6, 12)),
    *(DAY_US * n for n in (1, 2, 7, 14)),
)
"""Steps that are all of one length."""
MONTHS = (1, 3, 6, *(12 * n for n in (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000)))
"""Steps of the calendar, in months."""
_MONTH_US = 30 * DAY_US  # no month is taken for longer than it is: ticks never crowd
_LAST_YEAR = 9999
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_EARLIEST_US, _LATEST_US = -62_135_596_800 * SECOND_US, 253_402_300_800 * SECOND_US - 1
_FROM_MONDAY_US = 4 * DAY_US  # 1970-01-05


@dataclass(frozen=True, slots=True, kw_only=True)
class Tick:
    """A moment on an axis and how it is written at the offset of its source and in UTC."""

    at_us: int
    source: str
    utc: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeAxis:
    """A stretch of time laid over a stretch of pixels."""

    start_us: int
    end_us: int
    left_px: float
    right_px: float

    def x(self, time_us: int) -> float:
        """Where a moment lies, at the nearer edge when it is not on the axis."""
        inside = min(max(time_us, self.start_us), self.end_us)
        share = (inside - self.start_us) / max(self.end_us - self.start_us, 1)
        return self.left_px + (self.right_px - self.left_px) * share

    def holds(self, time_us: int) -> bool:
        """Whether a moment lies on the axis."""
        return self.start_us <= time_us <= self.end_us


def ticks(
    start_us: int,
    end_us: int,
    *,
    offset_s: int = 0,
    at_most: int = 8,
    steps_us: Sequence[int] = FIXED_US,
) -> list[Tick]:
    """The ticks of a stretch, at round times of the offset, none before its start or after its end.

    Steps run from a second to thousands of years; the shortest is taken that gives fewer than
    `at_most` whole steps, so that no more ticks than that stand.
    """
    length_us = end_us - start_us
    step_us = next((s for s in steps_us if length_us // s < at_most), 0)
    if step_us:
        moments: Iterator[int] = _fixed(start_us, end_us, step_us, offset_s * SECOND_US)
    else:
        months = next((m for m in MONTHS if length_us // (m * _MONTH_US) < at_most), MONTHS[-1])
        moments = _calendar(start_us, end_us, months, offset_s * SECOND_US)
        step_us = months * _MONTH_US
    return [
        Tick(
            at_us=at_us,
            source=written(at_us, offset_s=offset_s, step_us=step_us),
            utc=written(at_us, offset_s=0, step_us=step_us),
        )
        for at_us in moments
    ]


def written(time_us: int, *, offset_s: int, step_us: int) -> str:
    """A moment as exactly as ticks of that step need it: a date, or one with hours, or seconds.

    At steps of days a moment that is no midnight still says its hour.
    """
    shown = _shown(time_us + offset_s * SECOND_US)
    day = f"{shown.year:04d}-{shown.month:02d}-{shown.day:02d}"
    clock = f"{shown.hour:02d}:{shown.minute:02d}:{shown.second:02d}"
    if step_us >= DAY_US and clock == "00:00:00":
        return day
    return f"{day} {clock if step_us < MINUTE_US else clock[:5]}"


def zone_name(offset_s: int) -> str:
    """An offset as it is written: +03:00, or UTC."""
    if not offset_s:
        return "UTC"
    sign = "-" if offset_s < 0 else "+"
    return f"{sign}{abs(offset_s) // 3600:02d}:{abs(offset_s) // 60 % 60:02d}"


def _fixed(start_us: int, end_us: int, step_us: int, offset_us: int) -> Iterator[int]:
    base_us = _FROM_MONDAY_US if step_us % (7 * DAY_US) == 0 else 0
    first_us = -(-(start_us + offset_us - base_us) // step_us) * step_us + base_us - offset_us
    return iter(range(first_us, end_us + 1, step_us))


def _calendar(start_us: int, end_us: int, months: int, offset_us: int) -> Iterator[int]:
    shown = _shown(start_us + offset_us)
    count = (shown.year * 12 + shown.month - 1) // months * months
    while (year := count // 12) <= _LAST_YEAR:
        if year:
            first = datetime(year, count % 12 + 1, 1, tzinfo=UTC)
            at_us = (first - _EPOCH) // timedelta(microseconds=1) - offset_us
            if at_us > end_us:
                return
            if at_us >= start_us:
                yield at_us
        count += months


def _shown(time_us: int) -> datetime:
    """A moment as a calendar has it; the first or last it has for one beyond."""
    return _EPOCH + timedelta(microseconds=min(max(time_us, _EARLIEST_US), _LATEST_US))
