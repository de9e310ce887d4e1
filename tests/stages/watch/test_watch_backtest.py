"""A back-test counts misses, time under alarm, lead and luck as a plain reckoning does."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pastwatch.errors import BadValue
from pastwatch.model.when import DAY_US, HOUR_US, SECOND_US, Span
from pastwatch.stages.watch.backtest import (
    alarms_of,
    detection_at_least,
    matched_moments,
    molchan,
    strong_alerts,
    trial,
)

SPAN = Span(start_us=0, end_us=100 * DAY_US)
HOURS = st.lists(st.integers(0, 100 * 24 - 1), max_size=40)


def hourly(hours: list[int]) -> list[int]:
    return [h * HOUR_US for h in hours]


@given(HOURS, st.integers(1, 60))
def test_time_under_alarm_is_the_union_of_all_horizons(hours: list[int], horizon_h: int) -> None:
    under = np.zeros(100 * 24, np.bool_)
    for hour in hours:
        under[hour : hour + horizon_h] = True
    found = trial(hourly(hours), [], span=SPAN, horizon_s=horizon_h * 3600)
    assert found.under_alarm_ratio == pytest.approx(under.mean())
    assert found.alerts == len(hours)


@given(HOURS, st.integers(1, 60), st.integers(1, 100 * 24 - 1))
def test_an_event_is_missed_if_no_alert_came_within_the_horizon_before(
    hours: list[int], horizon_h: int, event_h: int
) -> None:
    event_us = event_h * HOUR_US
    found = trial(hourly(hours), [event_us], span=SPAN, horizon_s=horizon_h * 3600)
    warned = any(0 < event_h - hour <= horizon_h for hour in hours)
    assert found.missed == int(not warned)
    assert (found.events[0].lead_s is not None) == warned


def test_lead_runs_from_the_beginning_of_the_alarm_in_force() -> None:
    event_us = 50 * DAY_US
    alerts = hourly([49 * 24, 49 * 24 + 10, 49 * 24 + 20, 30 * 24])
    found = trial(alerts, [event_us], span=SPAN, horizon_s=12 * 3600)
    assert found.events[0].lead_s == 24 * 3600
    assert [a.alerts for a in found.alarms] == [1, 3]
    assert found.false_alarms == 1


def test_an_alert_with_the_event_itself_warns_of_nothing() -> None:
    event_us = 50 * DAY_US
    found = trial([event_us, event_us + 1], [event_us], span=SPAN, horizon_s=3600)
    assert found.missed == 1


def test_luck_is_the_share_of_matched_moments_under_alarm() -> None:
    event_us = 50 * DAY_US + 8 * HOUR_US
    every_week = [event_us - HOUR_US + n * 7 * DAY_US for n in range(-7, 7)]
    always = trial(every_week, [event_us], span=SPAN, horizon_s=3 * 3600)
    assert always.events[0].luck_p > 0.9
    assert always.events[0].luck_lead_p is not None
    once = trial([event_us - HOUR_US], [event_us], span=SPAN, horizon_s=3 * 3600)
    assert once.events[0].luck_p == pytest.approx(1 / 1001)
    assert always.events[0].pseudo_events == once.events[0].pseudo_events == 1000


def test_matched_moments_share_the_events_hour_of_the_week_on_its_own_clocks() -> None:
    event_us = 50 * DAY_US + 22 * HOUR_US + 1800 * SECOND_US
    rng = np.random.default_rng(1)
    offset_s = 3 * 3600
    found = matched_moments(event_us, span=SPAN, zone_offset_s=offset_s, count=500, rng=rng)
    local_h = (found + offset_s * SECOND_US) // HOUR_US
    assert {int(h) % 168 for h in local_h} == {(event_us + offset_s * SECOND_US) // HOUR_US % 168}
    assert (event_us + offset_s * SECOND_US) // HOUR_US not in set(local_h.tolist())
    assert len(set(local_h.tolist())) > 10


def test_a_span_without_another_such_week_takes_the_hour_of_other_days() -> None:
    span = Span(start_us=0, end_us=3 * DAY_US)
    rng = np.random.default_rng(1)
    event_us = 2 * DAY_US + HOUR_US
    found = matched_moments(event_us, span=span, zone_offset_s=0, count=50, rng=rng)
    assert {int(at // HOUR_US) for at in found} == {1, 25}
    alone = matched_moments(
        HOUR_US, span=Span(start_us=0, end_us=DAY_US), zone_offset_s=0, count=9, rng=rng
    )
    assert len(alone) == 0


@pytest.mark.parametrize(
    ("detected", "events", "limit"),
    [(1, 1, 0.05), (5, 5, 0.5493), (4, 5, 0.3426), (10, 20, 0.3020), (0, 3, 0.0)],
)
def test_the_limit_of_detection_is_that_of_clopper_and_pearson(
    detected: int, events: int, limit: float
) -> None:
    assert detection_at_least(detected, events) == pytest.approx(limit, abs=2e-4)


@given(HOURS)
def test_more_alerts_needed_means_less_alarm_and_no_fewer_misses(hours: list[int]) -> None:
    points = molchan(hourly(hours), [50 * DAY_US], span=SPAN, horizon_s=86_400)
    assert [n for n, _, _ in points] == [2**k for k in range(len(points))]
    for (_, wide, few), (_, narrow, more) in itertools.pairwise(points):
        assert narrow <= wide
        assert more >= few


def test_an_alert_is_strong_once_enough_came_before_it() -> None:
    moments = np.array([0, 10, 20, 100], np.int64) * SECOND_US
    assert strong_alerts(moments, needed=3, within_s=30).tolist() == [20 * SECOND_US]
    assert strong_alerts(moments, needed=1, within_s=30).tolist() == moments.tolist()


def test_the_same_seed_gives_the_same_trial() -> None:
    alerts, event = hourly([100, 500, 900]), 901 * HOUR_US
    one, other = (trial(alerts, [event], span=SPAN, horizon_s=7200, seed=4) for _ in range(2))
    assert one == other


def test_what_makes_no_sense_is_refused() -> None:
    with pytest.raises(BadValue, match="outside the span"):
        trial([], [101 * DAY_US], span=SPAN, horizon_s=3600)
    with pytest.raises(BadValue, match="longer than the horizon"):
        trial([], [], span=Span(start_us=0, end_us=HOUR_US), horizon_s=7200)
    with pytest.raises(BadValue, match="lasts for some time"):
        alarms_of([], horizon_s=0, span=SPAN)
    with pytest.raises(BadValue, match="no more events"):
        detection_at_least(2, 1)
