"""Places wall-clock times on the line of time, in a stated zone or in none."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pastwatch.errors import BadValue
from pastwatch.model.when import DAY_US, EPOCH, parse_iso
from pastwatch.stages.collect.mailtime import Moment, placed

_OFFSET = re.compile(r"[+-]\d\d:?\d\d")
_MICROSECOND = timedelta(microseconds=1)
_REMEMBERED = 65_536


class Zone:
    """The zone a source's clocks showed; without one, times are 26 hours wide."""

    def __init__(self, name: str) -> None:
        self._zone: tzinfo | None = None
        self._shifts: dict[int, tuple[int, ...]] = {}
        if not name:
            return
        if _OFFSET.fullmatch(name):
            self._zone = datetime.fromisoformat(f"2000-01-01T00:00:00{name}").tzinfo
            return
        try:
            self._zone = UTC if name.upper() in {"UTC", "Z"} else ZoneInfo(name)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            raise BadValue(
                f'"{name}" is not a zone', hint="write Europe/Paris, or an offset such as +03:00"
            ) from None

    def moment(self, wall_us: int, *, width_us: int = 0) -> Moment:
        """When clocks showed this; an hour shown twice, or never, gives both readings."""
        if self._zone is None:
            return placed(wall_us, offset_s=None, width_us=width_us)
        day = wall_us // DAY_US
        shifts = self._shifts.get(day)
        if shifts is None:
            shifts = self._shifts_of(day)
        if not shifts:
            shifts = self._shifts_at(wall_us)
        return Moment(wall_us + shifts[0], wall_us + shifts[1] + width_us, has_zone=True)

    def _shifts_of(self, day: int) -> tuple[int, ...]:
        """What brings clocks of a day to UTC; nothing on a day on which that changes."""
        first = self._shifts_at(day * DAY_US)
        last = self._shifts_at((day + 1) * DAY_US - 1)
        if len(self._shifts) >= _REMEMBERED:
            self._shifts.clear()
        found: tuple[int, ...] = first if first == last else ()
        self._shifts[day] = found
        return found

    def _shifts_at(self, wall_us: int) -> tuple[int, int]:
        """The least and the most to add to a wall clock, over both readings of it."""
        wall = (EPOCH + timedelta(microseconds=wall_us)).replace(tzinfo=self._zone)
        one, other = (
            (wall.replace(fold=fold).astimezone(UTC) - EPOCH) // _MICROSECOND - wall_us
            for fold in (0, 1)
        )
        return (one, other) if one <= other else (other, one)


def zone_of(options: Mapping[str, Any]) -> Zone:
    """The zone option, an IANA name or ±hh:mm; absent, the zone is unknown."""
    return Zone(str(options.get("zone") or ""))


def epoch_us_of(options: Mapping[str, Any]) -> int | None:
    """The epoch option, the moment elapsed times count from; without a zone it is UTC."""
    given = options.get("epoch")
    if given is None or given == "":
        return None
    return parse_iso(str(given))[0]
