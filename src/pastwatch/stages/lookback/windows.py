"""Which windows of the past match the hours before an event: same clock hour, same sort of day."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from pastwatch.model.when import DAY_US, HOUR_US

LEAST_WINDOWS: Final = 200
MOST_WINDOWS: Final = 600
"""Of more matched windows so many are taken, spread evenly over the reference."""
SHIFTS_H: Final = (-2, -1, 0, 1, 2)
"""A window matches when it ends within two hours of the event's time of day."""
SCALES_H: Final = (6, 24, 72)
TRAIL_DAYS: Final = 28
_APART: Final = 40
_WEEKEND: Final = 5  # Saturday, with Monday as 0
_EPOCH_WEEKDAY: Final = 3  # 1 January 1970 was a Thursday

Int64s = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """How an event is compared: its moment, its zone, the scales and the rhythm it is held to.

    Each window is compared with the `trail_us` before it begins, the event's as every other one,
    so that a vocabulary that changes with the years favours neither.
    """

    event_us: int
    zone_offset_s: int = 0
    scales_us: tuple[int, ...] = tuple(h * HOUR_US for h in SCALES_H)
    trail_us: int = TRAIL_DAYS * DAY_US
    least_windows: int = LEAST_WINDOWS
    most_windows: int = MOST_WINDOWS

    @property
    def longest_us(self) -> int:
        """The longest window."""
        return max(self.scales_us)

    @property
    def start_us(self) -> int:
        """Where the longest window before the event begins."""
        return self.event_us - self.longest_us

    def ends(self, first_us: int) -> Int64s:
        """The ends of all matched windows whose trail begins at `first_us` or later, in order.

        None overlaps the longest window before the event.
        """
        earliest = first_us + self.trail_us + self.longest_us
        days = max(0, (self.event_us - earliest) // DAY_US + 2)
        back = np.arange(1, days + 1, dtype=np.int64) * DAY_US
        shifts = np.array(SHIFTS_H, np.int64) * HOUR_US
        ends = np.sort((self.event_us - back[:, None] + shifts[None, :]).ravel())
        own = weekend(np.array([self.event_us], np.int64), self.zone_offset_s)[0]
        # The sort of day is that of the unshifted moment: an event at 01:00 keeps its five.
        day = self.event_us - ((self.event_us - ends + 12 * HOUR_US) // DAY_US) * DAY_US
        same = weekend(day, self.zone_offset_s) == own
        kept: Int64s = ends[same & (ends >= earliest) & (ends <= self.start_us)]
        return thinned(kept, self.most_windows)

    def reference_days(self) -> int:
        """About how many days before the event give enough matched windows.

        Enough are the least number, and so many that do not overlap as make a p below 1 in 40.
        """
        own = weekend(np.array([self.event_us], np.int64), self.zone_offset_s)[0]
        matched_days = -(-self.least_windows // len(SHIFTS_H))
        weeks = -(-matched_days // (2 if own else 5))
        own_days = max(7 * weeks, _APART * -(-self.longest_us // DAY_US) * 7 // 5)
        return int(own_days + (self.trail_us + 2 * self.longest_us) // DAY_US + 1)


def thinned(ends: Int64s, most: int = MOST_WINDOWS) -> Int64s:
    """At most so many of them, spread evenly."""
    if len(ends) <= most:
        return ends
    kept: Int64s = ends[np.linspace(0, len(ends) - 1, most).round().astype(np.int64)]
    return kept


def weekend(time_us: Int64s, zone_offset_s: int) -> npt.NDArray[np.bool_]:
    """Whether each moment falls on a Saturday or Sunday of that zone."""
    days = (time_us + zone_offset_s * 1_000_000) // DAY_US
    falls: npt.NDArray[np.bool_] = (days + _EPOCH_WEEKDAY) % 7 >= _WEEKEND
    return falls


def apart(ends: Int64s, scale_us: int) -> int:
    """How many of the windows of this length do not overlap one another."""
    count, free = 0, np.iinfo(np.int64).min
    for end in ends.tolist():
        if end - scale_us >= free:
            count, free = count + 1, end
    return count
