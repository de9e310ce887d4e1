"""Wall clocks in a zone, by the day or one by one; and cells between quotes, however they stand."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from pastwatch.model.when import DAY_US, EPOCH, HOUR_US
from pastwatch.stages.collect.connectors.batched import Columns
from pastwatch.stages.collect.connectors.tables import Table
from pastwatch.stages.collect.connectors.times import Times
from pastwatch.stages.collect.connectors.zones import Zone

ZONES = ("Europe/Podgorica", "Australia/Lord_Howe", "Africa/Monrovia", "Pacific/Apia", "Asia/Gaza")


def readings(wall_us: int, name: str) -> tuple[int, int]:
    wall = (EPOCH + timedelta(microseconds=wall_us)).replace(tzinfo=ZoneInfo(name))
    both = [
        (wall.replace(fold=n).astimezone(UTC) - EPOCH) // timedelta(microseconds=1) for n in (0, 1)
    ]
    return min(both), max(both)


@pytest.mark.parametrize("name", ZONES)
def test_a_clock_is_read_the_same_on_every_day_and_on_those_of_a_change(name: str) -> None:
    zone = Zone(name)
    for year in (1972, 2011, 2017):
        first_us = (datetime(year, 1, 1, tzinfo=UTC) - EPOCH) // timedelta(microseconds=1)
        for step in range(0, 366 * DAY_US, HOUR_US * 3 // 4):
            moment = zone.moment(first_us + step, width_us=7)
            earliest_us, latest_us = readings(first_us + step, name)
            assert moment == (earliest_us, latest_us + 7, True)


@pytest.mark.parametrize(
    "text",
    ["2017-02-29 10:00:00", "2017-02-28 24:00:00", "1969-12-31 10:00:00", "2017-13-01T00:00:00"],
)
def test_a_time_that_no_calendar_has_is_none(text: str) -> None:
    assert Times({"zone": "UTC"}).read(text) is None


@pytest.mark.parametrize(
    ("row", "cells"),
    [
        ('"a","b"', ["a", "b"]),
        ('"a",', ["a", ""]),
        (',"a"', ["", "a"]),
        ('"a""b",c', ['a"b', "c"]),
        ('"a"b,c', ["ab", "c"]),
        ('a"b,c', ['a"b', "c"]),
        ('"a,b', ["a,b"]),
        ('""', [""]),
        ('"",""', ["", ""]),
        ('"a\nb",c', ["a\nb", "c"]),
        ('"a",,', ["a", "", ""]),
    ],
)
def test_cells_between_quotes_are_told_apart(row: str, cells: list[str]) -> None:
    table = Table(b"x,y\n", {"delimiter": ","}, Columns("t"))
    assert table.cells(row.encode())[0] == cells
