"""When people write: exact counts over hours, with nights, weekends and a burst after an event."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone

HOUR_US = 3_600_000_000
DAYS_COUNT = 120
EVENT_DAY = 113
"""The event falls on the Tuesday of the seventeenth week; six days follow it."""
ZONE = timezone(timedelta(hours=3))
ZONE_NAME = "+03:00"

OFFICE = (1, 1, 1, 1, 1, 2, 6, 20, 60, 80, 80, 70, 40, 60, 75, 75, 60, 40, 15, 8, 6, 4, 2, 1)
EVENING = (8, 3, 1, 1, 1, 2, 8, 20, 25, 25, 28, 30, 35, 30, 25, 28, 35, 45, 60, 75, 80, 70, 45, 20)
SHIFTS = (30, 25, 20, 18, 15, 20, 30, 50, 60, 50, 45, 45, 50, 45, 45, 50, 60, 65, 60, 55, 50, 45, 40, 35)  # fmt: skip
"""Weights of the hours of a day for an office, for friends, for a dispatch desk."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Clock:
    """The first instant of a world and the instant of its event."""

    start_us: int
    event_us: int

    @property
    def end_us(self) -> int:
        """The instant after the last record."""
        return self.start_us + DAYS_COUNT * 24 * HOUR_US


def clock_of(rng: random.Random) -> Clock:
    """A world's clock: it starts on some Monday of 2019, the event is early on a Tuesday."""
    monday = datetime(2019, 1, 7, tzinfo=ZONE) + timedelta(weeks=int(rng.random() * 26))
    start_us = int(monday.timestamp()) * 1_000_000
    minutes = 6 * 60 + 35 + int(rng.random() * 20)
    event_us = start_us + (EVENT_DAY * 24 * 60 + minutes) * 60_000_000
    return Clock(start_us=start_us, event_us=event_us)


def moments(
    rng: random.Random,
    clock: Clock,
    *,
    count: int,
    day: tuple[int, ...],
    weekend: int,
    burst: int,
    first_day: int = 0,
) -> Iterator[int]:
    """Exactly `count` instants in order, one hour in memory at a time.

    `weekend` is the share of a working day's talk on Saturday and Sunday in per cent, `burst`
    how many times more is said in the hours after the event.
    """
    weights = []
    event_hour = (clock.event_us - clock.start_us) // HOUR_US
    for hour in range(first_day * 24, DAYS_COUNT * 24):
        share = weekend if hour // 24 % 7 >= 5 else 100
        since = hour - event_hour
        loud = burst * 36 // (since + 36) if 0 <= since < 48 else 1
        weights.append(day[hour % 24] * share * max(1, loud) * (80 + int(rng.random() * 40)))
    total = sum(weights)
    passed = given = 0
    rnd = rng.random
    for index, weight in enumerate(weights):
        passed += weight
        due = passed * count // total
        base_us = clock.start_us + (first_day * 24 + index) * HOUR_US
        yield from sorted(base_us + int(rnd() * 3600) * 1_000_000 for _ in range(due - given))
        given = due


def local(at_us: int) -> datetime:
    """The instant on the town's clocks."""
    return datetime.fromtimestamp(at_us // 1_000_000, ZONE)


def universal(at_us: int) -> datetime:
    """The instant in UTC."""
    return datetime.fromtimestamp(at_us // 1_000_000, UTC)
