"""Words that tell relevant records, and what they do at times they were not taken from."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pastwatch.errors import BadValue
from pastwatch.model.when import DAY_US, HOUR_US, Span
from pastwatch.stages.watch.suggest import around, elsewhere, left_over, telling

WHOLE = Span(start_us=0, end_us=10 * DAY_US)


def test_a_word_of_the_relevant_alone_tells_them_and_one_of_all_does_not() -> None:
    relevant = Counter({"valve": 20, "the": 20, "once": 1})
    others = Counter({"the": 80, "lunch": 40})
    found, tried = telling(relevant, 20, others, 80)
    assert [word for word, _ in found] == ["valve"]
    assert found[0][1] < 1e-10
    assert tried == 2, "a word of one record alone is not tried"


def test_without_others_nothing_is_told() -> None:
    assert telling(Counter({"valve": 5}), 5, Counter(), 0) == ([], 1)


def test_the_chance_is_corrected_for_the_number_tried() -> None:
    relevant = Counter({f"w{n}": 2 for n in range(50)}) + Counter({"few": 4})
    found, tried = telling(relevant, 20, Counter({f"w{n}": 2 for n in range(50)}), 20)
    assert tried == 51
    assert found == []


@given(st.lists(st.tuples(st.integers(-50, 300), st.integers(0, 60)), max_size=12))
def test_what_is_left_over_meets_nothing_used_and_all_of_it_is_found(
    used: list[tuple[int, int]],
) -> None:
    spans = [Span(start_us=a * HOUR_US, end_us=(a + n) * HOUR_US) for a, n in used]
    left = left_over(WHOLE, spans)
    for hour in range(240):
        at_us = hour * HOUR_US
        in_used = any(s.start_us <= at_us < s.end_us for s in spans)
        assert in_used != any(s.start_us <= at_us < s.end_us for s in left)


def test_alerts_and_alarms_are_counted_over_spans_alone() -> None:
    spans = [Span(start_us=0, end_us=DAY_US), Span(start_us=5 * DAY_US, end_us=6 * DAY_US)]
    alerts = [HOUR_US, 2 * HOUR_US, 3 * DAY_US, 6 * DAY_US - HOUR_US]
    found = elsewhere(alerts, spans, horizon_s=6 * 3600)
    assert (found.alerts, found.alarms, found.days) == (3, 2, 2.0)
    assert found.under_alarm_ratio == pytest.approx((7 + 1) / 48)
    assert found.alerts_a_day == 1.5
    with pytest.raises(BadValue):
        elsewhere(alerts, [], horizon_s=60)


def test_the_hours_round_a_moment_are_half_before_and_half_after() -> None:
    (span,) = around([DAY_US], hours=2)
    assert (span.start_us, span.end_us) == (DAY_US - 2 * HOUR_US, DAY_US + 2 * HOUR_US)
