"""Places wall-clock times on the line of time, in a stated zone or in none."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pastwatch.errors import BadValue
from pastwatch.model.when import EPOCH, parse_iso
from pastwatch.stages.collect.mailtime import Moment, placed

_OFFSET = re.compile(r"[+-]\d\d:?\d\d")
_MICROSECOND = timedelta(microseconds=1)


class Zone:
    """The zone a source's clocks showed; without one, times are 26 hours wide."""

    def __init__(self, name: str) -> None:
        self._zone: tzinfo | None = None
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
        wall = (EPOCH + timedelta(microseconds=wall_us)).replace(tzinfo=self._zone)
        readings = [
            (wall.replace(fold=fold).astimezone(UTC) - EPOCH) // _MICROSECOND for fold in (0, 1)
        ]
        return Moment(min(readings), max(readings) + width_us, has_zone=True)


def zone_of(options: Mapping[str, Any]) -> Zone:
    """The zone option, an IANA name or ±hh:mm; absent, the zone is unknown."""
    return Zone(str(options.get("zone") or ""))


def epoch_us_of(options: Mapping[str, Any]) -> int | None:
    """The epoch option, the moment elapsed times count from; without a zone it is UTC."""
    given = options.get("epoch")
    if given is None or given == "":
        return None
    return parse_iso(str(given))[0]
