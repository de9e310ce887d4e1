"""Reads the times of rows: ISO dates, mail dates, seconds since an epoch, elapsed clocks."""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from pastwatch.errors import BadValue
from pastwatch.model.when import DAY_US, EPOCH, SECOND_US
from pastwatch.stages.collect.connectors.zones import epoch_us_of, zone_of
from pastwatch.stages.collect.mailtime import FIRST_YEAR, LAST_YEAR, Moment, local_us, read_date

_UNITS_US = {"s": 1_000_000.0, "ms": 1000.0, "us": 1.0, "ns": 0.001}
_FIRST_US = 0
_LAST_US = int((datetime(LAST_YEAR + 1, 1, 1, tzinfo=UTC) - EPOCH).total_seconds()) * SECOND_US
_NUMBER = re.compile(r"[+-]?\d{1,19}(?:\.\d{1,9})?")
_ELAPSED = re.compile(r"([+-]?)(?:(\d{1,4})[: ])?(\d{1,4})[: ](\d\d)[: ](\d\d)(?:[.,](\d{1,6}))?")
_LOCAL = re.compile(r"(\d{4})-(\d\d?)-(\d\d?)(?:[T ](\d\d?):(\d\d)(?::(\d\d)(?:[.,](\d{1,9}))?)?)?")
_PLAIN = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})[T ]([0-9]{2}):([0-9]{2}):([0-9]{2})")
# Since 1970 in seconds, a number this small is a day in 1970 to 1973: it counts from elsewhere.
_SMALLEST_S = 1e8
_LARGEST = 1e20


class Times:
    """Reads times under the options zone, epoch and time_unit."""

    def __init__(self, options: Mapping[str, Any]) -> None:
        self._zone = zone_of(options)
        self._epoch_us = epoch_us_of(options)
        unit = options.get("time_unit")
        if unit is not None and unit not in _UNITS_US:
            raise BadValue(f'"{unit}" is not a unit of time', hint="one of s, ms, us, ns")
        self._unit_us = _UNITS_US[unit] if unit else None

    def read(self, value: Any) -> Moment | None:
        """The moment a value states; None when it states none between 1970 and 2100."""
        if isinstance(value, bool) or value is None:
            return None
        if isinstance(value, (int, float)):
            return self._number(float(value)) if abs(value) < _LARGEST else None
        text = str(value).strip()[:200]
        if plain := _PLAIN.fullmatch(text):
            return self._plain(*plain.groups())
        if _NUMBER.fullmatch(text):
            return self._number(float(text))
        if self._epoch_us is not None and (elapsed := _ELAPSED.fullmatch(text)):
            return _within(self._epoch_us + elapsed_us(elapsed))
        local = _LOCAL.fullmatch(text)
        return self._local(local) if local else _with_offset(text) or read_date(text)

    def _plain(self, day: str, hour: str, minute: str, second: str) -> Moment | None:
        """What `_local` makes of a time in its most usual form, sooner."""
        at_us = _midnight_us(day)
        if at_us is None or hour > "23" or minute > "59" or second > "60":
            return None
        at_us += (int(hour) * 3600 + int(minute) * 60 + int(second)) * SECOND_US
        return self._zone.moment(at_us)

    def _local(self, found: re.Match[str]) -> Moment | None:
        year, month, day, hour, minute, second = (int(found[n] or 0) for n in range(1, 7))
        at_us = local_us(year, month, day, hour=hour, minute=minute, second=second)
        if at_us is None:
            return None
        if found[7]:
            at_us += int(found[7][:6].ljust(6, "0"))
        width_us = 0 if found[6] else (60 * SECOND_US if found[4] else DAY_US) - 1
        return self._zone.moment(at_us, width_us=width_us)

    def _number(self, value: float) -> Moment | None:
        unit_us = self._unit_us
        if self._epoch_us is not None:
            return _within(self._epoch_us + round(value * (unit_us or SECOND_US)))
        if unit_us is None:
            if value < _SMALLEST_S:
                return None
            unit_us = next(_UNITS_US[u] for u, top in _TOPS if value < top)
        return _within(round(value * unit_us))


@functools.lru_cache(maxsize=4096)
def _midnight_us(day: str) -> int | None:
    return local_us(int(day[:4]), int(day[5:7]), int(day[8:]))


_TOPS = (("s", 1e11), ("ms", 1e14), ("us", 1e17), ("ns", float("inf")))


def elapsed_us(found: re.Match[str]) -> int:
    """Microseconds of an elapsed clock, [days] hours minutes seconds."""
    days, hours, minutes, seconds = (int(found[number] or 0) for number in range(2, 6))
    total_s = ((days * 24 + hours) * 60 + minutes) * 60 + seconds
    total_us = total_s * SECOND_US + int((found[6] or "").ljust(6, "0"))
    return -total_us if found[1] == "-" else total_us


def _with_offset(text: str) -> Moment | None:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    if moment.tzinfo is None or not FIRST_YEAR <= moment.year <= LAST_YEAR:
        return None
    at = moment - EPOCH
    return _within((at.days * 86_400 + at.seconds) * SECOND_US + at.microseconds)


def _within(at_us: int) -> Moment | None:
    return Moment(at_us, at_us, has_zone=True) if _FIRST_US <= at_us < _LAST_US else None
