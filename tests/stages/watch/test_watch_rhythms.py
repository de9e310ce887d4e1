"""Counts and rises are told once a stretch, whatever the order in which records come."""

from __future__ import annotations

from bisect import bisect_right

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pastwatch.model.watch import CountRule, RiseRule
from pastwatch.model.when import DAY_US, HOUR_US, SECOND_US
from pastwatch.stages.watch import rhythms
from pastwatch.stages.watch.rhythms import LATE_US, Counting, Rising

FIVE = CountRule(at_least=5, within_s=3600, query="q")
MOMENTS = st.lists(st.integers(0, LATE_US // SECOND_US).map(lambda s: s * SECOND_US), max_size=40)


def told(times: list[int], rule: CountRule = FIVE, key: str = "") -> list[int]:
    counting = Counting(rule)
    return [at for at in times if counting.reached(at, key)]


def densest(times_us: list[int], within_us: int) -> int:
    """The most of these moments, in order, that lie within so long of each other: what counts tell."""
    return max(
        (bisect_right(times_us, at + within_us) - n for n, at in enumerate(times_us)), default=0
    )


@given(st.lists(st.integers(0, 20_000), min_size=1, max_size=60), st.randoms())
def test_a_stretch_is_told_in_any_order_if_and_only_if_there_is_one(
    seconds: list[int], random: object
) -> None:
    times = [s * SECOND_US for s in seconds]
    random.shuffle(times)  # type: ignore[attr-defined]
    assert bool(told(times)) == (densest(sorted(times), HOUR_US) >= 5)


def test_a_stretch_is_told_with_the_record_that_fills_it_and_once() -> None:
    minutes = [0, 10, 20, 30, 40, 50, 55]
    assert told([m * 60 * SECOND_US for m in minutes]) == [40 * 60 * SECOND_US]


def test_a_second_stretch_after_a_pause_is_told_again() -> None:
    first = [n * 60 * SECOND_US for n in range(5)]
    assert len(told([*first, *(at + 6 * HOUR_US for at in first)])) == 2


def test_an_earlier_stretch_that_comes_late_is_told_too() -> None:
    first = [n * 60 * SECOND_US for n in range(5)]
    later = [at + 6 * HOUR_US for at in first]
    assert len(told([*later, *first])) == 2


def test_a_record_far_behind_its_time_no_longer_counts() -> None:
    now = 10 * DAY_US
    assert told([now, *([now - 2 * LATE_US] * 9)]) == []


def test_conversations_are_counted_apart() -> None:
    counting = Counting(FIVE)
    assert not any(counting.reached(n * SECOND_US, n % 2) for n in range(8))
    assert counting.reached(9 * SECOND_US, 0)


def test_no_more_is_followed_than_there_is_room_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rhythms, "KEYS_AT_MOST", 3)
    counting = Counting(FIVE)
    for key in range(5):
        counting.reached(0, key)
    assert counting.forgotten == 2


RISE = RiseRule(query="q", times=5.0, within_s=6 * 3600, baseline_s=14 * 86_400, at_least=5)


def daily(days: int, *, a_day: int) -> list[int]:
    return [n * DAY_US // a_day for n in range(days * a_day)]


def risen(times: list[int]) -> list[int]:
    rising = Rising(RISE)
    return [at for at in times if rising.reached(at, "")]


def test_an_even_stream_does_not_rise() -> None:
    assert risen(daily(60, a_day=8)) == []


def test_a_burst_above_the_baseline_is_told_once() -> None:
    even = daily(40, a_day=4)
    burst = [30 * DAY_US + n * 60 * SECOND_US for n in range(30)]
    found = risen(sorted([*even, *burst]))
    assert len(found) == 1
    assert 30 * DAY_US <= found[0] <= 30 * DAY_US + 10 * 60 * SECOND_US


def test_nothing_is_told_before_a_baseline_was_watched() -> None:
    burst = [3 * DAY_US + n * 60 * SECOND_US for n in range(50)]
    assert risen(sorted([*daily(10, a_day=1), *burst])) == []


def test_something_never_said_before_rises_at_its_least_number() -> None:
    rising = Rising(RISE)
    for day in range(20):
        rising.watched(day * DAY_US)
    times = [20 * DAY_US + n * 60 * SECOND_US for n in range(6)]
    assert [rising.reached(at, "") for at in times] == [False] * 4 + [True, False]


@given(MOMENTS)
def test_a_late_or_repeated_moment_breaks_nothing(times: list[int]) -> None:
    rising = Rising(RISE)
    for at in [*times, 40 * DAY_US, *times]:
        assert rising.reached(at, "") in {True, False}
