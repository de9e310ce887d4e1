"""Spans and moments: every time is an interval with the basis it rests on."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from pastwatch.errors import BadValue

SECOND_US = 1_000_000
HOUR_US = 3600 * SECOND_US
DAY_US = 24 * HOUR_US
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
# The range of times Python can print (years 1 to 9999); others are claims without a usable date.
EARLIEST_US = -62_135_596_800 * SECOND_US
LATEST_US = 253_402_300_800 * SECOND_US - 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """A half-open stretch of time: start_us ≤ t < end_us, microseconds since 1970 UTC."""

    start_us: int
    end_us: int

    def __post_init__(self) -> None:
        if self.start_us > self.end_us:
            raise BadValue("a span ends before it starts")

    def overlaps(self, earliest_us: int, latest_us: int) -> bool:
        """Whether a moment known only to lie in [earliest_us, latest_us] may lie in the span."""
        return earliest_us < self.end_us and latest_us >= self.start_us

    @property
    def length_us(self) -> int:
        """The length in microseconds."""
        return self.end_us - self.start_us


class Basis(enum.StrEnum):
    """What a time rests on."""

    RECEIVED = "received"
    HEADER = "header"
    EXPORT = "export"
    INFERRED = "inferred"


@dataclass(frozen=True, slots=True, kw_only=True)
class When:
    """A moment known to lie between two instants (both included), and what says so."""

    earliest_us: int
    latest_us: int
    basis: Basis

    def __post_init__(self) -> None:
        if self.earliest_us > self.latest_us:
            raise BadValue("a time's earliest moment is after its latest")
        if not isinstance(self.basis, Basis):
            raise BadValue("a time needs a basis")
        if self.earliest_us < EARLIEST_US or self.latest_us > LATEST_US:
            raise BadValue("a time lies outside the years 1 to 9999")

    @property
    def width_us(self) -> int:
        """How uncertain the moment is; 0 for an exact time."""
        return self.latest_us - self.earliest_us


def iso(time_us: int, *, offset_s: int = 0) -> str:
    """The moment as ISO 8601 to the second, in UTC (`…Z`) or at a fixed offset."""
    shown_us = time_us + offset_s * SECOND_US
    if not EARLIEST_US <= shown_us <= LATEST_US:
        return f"({time_us} µs)"
    shown = EPOCH + timedelta(microseconds=shown_us)
    text = shown.strftime("%Y-%m-%dT%H:%M:%S").rjust(19, "0")
    if not offset_s:
        return text + "Z"
    sign = "-" if offset_s < 0 else "+"
    return f"{text}{sign}{abs(offset_s) // 3600:02d}:{abs(offset_s) // 60 % 60:02d}"


def parse_iso(text: str) -> tuple[int, int]:
    """Read an ISO 8601 date or time: (microseconds since 1970 UTC, offset in seconds).

    A time without a zone is read as UTC; BadValue when it is no date.
    """
    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError:
        raise BadValue(
            f'"{text}" is not a date or time', hint="write 2017-04-04T06:30+03:00"
        ) from None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    offset = moment.utcoffset() or timedelta(0)
    return (moment - EPOCH) // timedelta(microseconds=1), int(offset.total_seconds())
