"""Reads dates in numbers (04/05/2017 06:30), by the order of day and month that a whole column shows."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from pastwatch.errors import BadValue
from pastwatch.model.when import DAY_US, SECOND_US
from pastwatch.stages.collect.connectors.zones import zone_of
from pastwatch.stages.collect.mailtime import Moment, local_us

ORDERS = {"dmy": (2, 1, 0), "mdy": (2, 0, 1), "ymd": (0, 1, 2)}  # places of year, month, day
_DATE = re.compile(
    r"(\d{1,4})[./-](\d{1,2})[./-](\d{1,4})\.?"
    r"(?:[ T,]+(\d{1,2})[:.](\d\d)(?:[:.](\d\d))?(?:[.,]\d{1,9})?(?: ?([AaPp])\.?[Mm]\.?)?)?"
)
_COMPACT = re.compile(r"((?:19|20)\d\d)(\d\d)(\d\d)(?:[T ]?(\d\d):?(\d\d)(?::?(\d\d))?)?")
_PLAIN = re.compile(r"\d{4}-")
_LOOKED_AT = 1000  # rows without a date in numbers, after which none is expected
_ENOUGH = 1000  # dates that rule an order out
_SAMPLE = 20_000  # dates looked at where the column is in order under more than one reading
_LAST_DAY = 31
_CENTURY = 100
_NOON_HOUR = 12


class DayOrder:
    """The order of day, month and year of a column of dates; several where nothing decides."""

    def __init__(self, options: Mapping[str, Any], texts: Iterable[str]) -> None:
        given = options.get("order")
        if given is not None and given not in ORDERS:
            raise BadValue(f'"{given}" is not an order of dates', hint="one of dmy, mdy, ymd")
        self._zone = zone_of(options)
        self.orders = [str(given)] if given else _orders(texts)
        self._is_counted = bool(options.get("epoch") or options.get("time_unit"))

    def read(self, text: str) -> tuple[Moment, bool] | None:
        """(when, whether more than one reading fits) of a date in numbers; None for any other."""
        text = text.strip()
        if text[4:5] == "-":
            return None  # ISO, which has one order
        walls: set[int] = set()
        width_us = 0
        if not self._is_counted and (found := _COMPACT.fullmatch(text)):
            year, month, day, hour, minute, second = (int(part or 0) for part in found.groups())
            width_us = _width_us(found[4], found[6])
            wall = local_us(year, month, day, hour=hour, minute=minute, second=second)
            walls = set() if wall is None else {wall}
        elif found := _DATE.fullmatch(text):
            width_us = _width_us(found[4], found[6])
            walls = {wall for order in self.orders if (wall := _wall_us(found, order)) is not None}
        if not walls:
            return None
        first = self._zone.moment(min(walls))
        last = self._zone.moment(max(walls), width_us=width_us)
        whole = Moment(first.earliest_us, last.latest_us, first.has_zone)
        return whole, len(walls) > 1


def _orders(texts: Iterable[str]) -> list[str]:
    """The orders in which every date exists; of several, the one in which the rows are in order."""
    kept: list[re.Match[str]] = []
    wrong = dict.fromkeys(ORDERS, 0)
    for number, text in enumerate(texts):
        match = None if _PLAIN.match(text) else _DATE.fullmatch(text.strip())
        if match is None:
            if not kept and number > _LOOKED_AT:
                break
            continue
        for name in ORDERS:
            wrong[name] += _wall_us(match, name) is None
        if len(kept) < _SAMPLE:
            kept.append(match)
        if sorted(wrong.values())[1] >= _ENOUGH > min(wrong.values()) == 0:
            break
    left = [name for name in ORDERS if wrong[name] == min(wrong.values())]
    if len(left) > 1 and "ymd" in left and not any(len(match[1]) > 2 for match in kept):  # noqa: PLR2004
        left.remove("ymd")  # a year of two digits stands first only where nothing else fits
    if len(left) > 1:
        sorted_ones = [name for name in left if _is_sorted(kept, name)]
        if len(sorted_ones) == 1:
            return sorted_ones
    return left


def _is_sorted(found: list[re.Match[str]], order: str) -> bool:
    """Whether the days go on, or back, over three days at least: by chance another order would not."""
    days = [wall // DAY_US for match in found if (wall := _wall_us(match, order)) is not None]
    steps = list(_steps(days))
    return len(steps) > 1 and (min(steps) > 0 or max(steps) < 0)


def _steps(days: list[int]) -> Iterator[int]:
    for earlier, later in itertools.pairwise(days):
        if later != earlier:
            yield later - earlier


def _wall_us(found: re.Match[str], order: str) -> int | None:
    numbers = (int(found[1]), int(found[2]), int(found[3]))
    year, month, day = (numbers[place] for place in ORDERS[order])
    if numbers[2 - ORDERS[order][0]] > _LAST_DAY or len(found[ORDERS[order][0] + 1]) == 3:  # noqa: PLR2004
        return None
    if year < _CENTURY:
        year += 2000 if year < 70 else 1900  # noqa: PLR2004 - dates here begin in 1970
    hour, minute, second = int(found[4] or 0), int(found[5] or 0), int(found[6] or 0)
    if found[7]:
        hour = hour % _NOON_HOUR + (_NOON_HOUR if found[7] in "pP" else 0)
    return local_us(year, month, day, hour=hour, minute=minute, second=second)


def _width_us(hour: str | None, second: str | None) -> int:
    if second:
        return 0
    return (60 * SECOND_US if hour else DAY_US) - 1
