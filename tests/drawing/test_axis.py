"""An axis has few round ticks over any length, each written in the zone of its source and in UTC."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pastwatch.drawing.axis import DAY_US, HOUR_US, SECOND_US, TimeAxis, ticks, written, zone_name

MARCH_US = 1_488_326_400 * SECOND_US  # 2017-03-01T00:00Z


@pytest.mark.parametrize(
    ("length_us", "first", "second"),
    [
        (10 * SECOND_US, "2017-03-01 03:00:00", "2017-03-01 03:00:02"),
        (600 * SECOND_US, "2017-03-01 03:00", "2017-03-01 03:02"),
        (6 * HOUR_US, "2017-03-01 03:00", "2017-03-01 04:00"),
        (6 * DAY_US, "2017-03-02", "2017-03-03"),
        (60 * DAY_US, "2017-03-13", "2017-03-27"),
        (365 * DAY_US, "2017-04-01", "2017-07-01"),
        (3 * 365 * DAY_US, "2017-07-01", "2018-01-01"),
        (300 * 365 * DAY_US, "2050-01-01", "2100-01-01"),
    ],
)
def test_steps_run_from_seconds_to_centuries(length_us: int, first: str, second: str) -> None:
    found = ticks(MARCH_US, MARCH_US + length_us, offset_s=3 * 3600)
    assert [tick.source for tick in found[:2]] == [first, second]


def test_a_tick_is_written_in_both_zones() -> None:
    tick = ticks(MARCH_US, MARCH_US + 6 * DAY_US, offset_s=-5 * 3600)[0]
    assert (tick.source, tick.utc) == ("2017-03-01", "2017-03-01 05:00")


@given(
    st.integers(-62_135_596_800, 253_402_300_000),
    st.integers(0, 400_000_000_000),
    st.sampled_from([0, 3 * 3600, -12_600]),
)
def test_ticks_are_few_in_order_and_inside(start_s: int, length_s: int, offset_s: int) -> None:
    end_s = min(start_s + length_s, 253_402_300_799)
    found = ticks(start_s * SECOND_US, end_s * SECOND_US, offset_s=offset_s)
    assert len(found) <= 9
    assert all(start_s <= tick.at_us / SECOND_US <= end_s for tick in found)
    assert all(a.at_us < b.at_us for a, b in pairwise(found))


def test_weeks_begin_on_mondays_of_the_source() -> None:
    found = ticks(MARCH_US, MARCH_US + 40 * DAY_US, offset_s=3600)
    assert [tick.source for tick in found[:2]] == ["2017-03-06", "2017-03-13"]


def test_moments_beyond_the_calendar_are_written_at_its_edge() -> None:
    assert written(10**19, offset_s=0, step_us=DAY_US).startswith("9999-12-31")


def test_zones_have_names() -> None:
    assert [zone_name(s) for s in (0, 10_800, -12_600)] == ["UTC", "+03:00", "-03:30"]


def test_a_moment_lies_where_its_share_of_the_time_is() -> None:
    axis = TimeAxis(start_us=0, end_us=100, left_px=10, right_px=210)
    assert [axis.x(at) for at in (-5, 0, 50, 100, 900)] == [10, 10, 110, 210, 210]
    assert axis.holds(100)
    assert not axis.holds(101)
    assert TimeAxis(start_us=5, end_us=5, left_px=0, right_px=9).x(5) == 0
