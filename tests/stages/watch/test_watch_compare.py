"""Two versions paired: agreement is counted event by event, and its p is an exact binomial."""

from __future__ import annotations

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pastwatch.errors import BadValue
from pastwatch.model.when import HOUR_US, Span
from pastwatch.stages.watch.backtest import Trial, trial
from pastwatch.stages.watch.compare import compared, mcnemar

SPAN = Span(start_us=0, end_us=100 * HOUR_US)


def tried(alerts_h: list[int], events_h: list[int], *, span: Span = SPAN) -> Trial:
    alerts = [h * HOUR_US for h in alerts_h]
    return trial(alerts, [h * HOUR_US for h in events_h], span=span, horizon_s=5 * 3600)


def test_events_are_paired_and_the_earlier_warning_is_counted() -> None:
    events = [10, 30, 50, 70]
    first_h, second_h = [8, 28, 49], [6, 49, 69]
    found = compared(
        tried(first_h, events),
        tried(second_h, events),
        first_us=[h * HOUR_US for h in first_h],
        second_us=[h * HOUR_US for h in second_h],
    )
    assert (found.both, found.only_first, found.only_second, found.neither) == (2, 1, 1, 0)
    assert (found.earlier_first, found.earlier_second, found.shared_alerts) == (0, 1, 1)
    assert found.p == 1.0


@given(st.integers(0, 8), st.integers(0, 8))
def test_the_p_is_that_of_every_way_the_differences_could_have_fallen(a: int, b: int) -> None:
    ways = [sum(way) for way in product((0, 1), repeat=a + b)]
    as_far = sum(abs(2 * way - a - b) >= abs(a - b) for way in ways)
    assert mcnemar(a, b) == pytest.approx(as_far / len(ways))


def test_versions_tried_on_other_spans_or_events_are_not_compared() -> None:
    short = Span(start_us=0, end_us=90 * HOUR_US)
    for other in (tried([1], [10], span=short), tried([1], [11])):
        with pytest.raises(BadValue):
            compared(tried([1], [10]), other, first_us=[], second_us=[])
