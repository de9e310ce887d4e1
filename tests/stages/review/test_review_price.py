"""The price of a review is told before it starts, and rules of thumb are told as what they are."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pastwatch.errors import BadValue
from pastwatch.stages.review.heuristics import LABEL, heuristics_of, in_vain, knee, quant
from pastwatch.stages.review.price import by_control, price
from pastwatch.stages.review.stopping import Goal


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 200_000), st.data())
def test_a_price_lies_within_its_spread_and_the_slice(population: int, data: st.DataObject) -> None:
    low = data.draw(st.integers(0, population))
    high = data.draw(st.integers(low, population))
    told = price(population, Goal.of(0.95), relevant=(low, high))
    assert 0 < told.least <= told.about <= told.most <= population


def test_less_recall_costs_less() -> None:
    dear = price(20_000, Goal.of(0.95), relevant=(100, 400))
    cheap = price(20_000, Goal.of(0.8), relevant=(100, 400))
    assert cheap.about < dear.about
    assert dear.line().startswith("to say 95 % you will read about ")
    assert "of 20,000 records" in dear.line()


def test_a_pilot_gives_the_range_it_leaves_possible() -> None:
    told = price(10_000, Goal.of(0.95), drawn=200, drawn_relevant=4)
    low, likely, high = told.relevant
    assert low < 200 < high
    assert low < likely < high
    wide = price(10_000, Goal.of(0.95), drawn=50, drawn_relevant=1).relevant
    assert wide[2] - wide[0] > high - low


def test_a_pilot_without_a_relevant_record_still_has_a_price() -> None:
    told = price(5000, Goal.of(0.95), drawn=100, drawn_relevant=0)
    assert told.relevant[0] == 0
    assert told.about <= told.most == 5000


def test_fewer_relevant_ones_than_a_control_sample_needs_close_nothing() -> None:
    assert by_control(10_000, 58, Goal.of(0.95), read_by_found=3) is None
    told = by_control(10_000, 590, Goal.of(0.95), read_by_found=3)
    assert told is not None
    assert 1000 < told < 10_000


@pytest.mark.parametrize("wrong", [{}, {"relevant": (5, 3)}, {"relevant": (1, 11)}, {"drawn": 11}])
def test_a_price_without_sense_is_refused(wrong: dict[str, tuple[int, int]]) -> None:
    with pytest.raises(BadValue):
        price(10, Goal(), **wrong)  # type: ignore[arg-type]  # wrong by design
    with pytest.raises(BadValue):
        price(0, Goal(), relevant=(0, 0))


def test_the_knee_is_where_relevant_ones_stop_coming() -> None:
    calls = np.array([True] * 200 + [False] * 1000)
    assert knee(calls).says_stop
    assert not knee(calls[:900]).says_stop  # too little read for it to speak
    assert not knee(np.ones(1500, dtype=bool)).says_stop
    assert not knee(np.zeros(0, dtype=bool)).says_stop


def test_reading_in_vain_counts_from_the_last_relevant_record() -> None:
    assert in_vain(np.array([True] + [False] * 200)).says_stop
    assert not in_vain(np.array([True] + [False] * 199)).says_stop
    assert not in_vain(np.zeros(500, dtype=bool)).says_stop


def test_the_learners_chances_are_summed() -> None:
    told = quant(np.array([0.9, 0.9]), np.array([0.1, 0.1]))
    assert "90.0 %" in told.says
    assert not told.says_stop
    assert quant(np.array([1.0]), np.array([0.01])).says_stop


def test_every_rule_of_thumb_is_labelled_on_its_line() -> None:
    chances = np.array([0.5])
    told = heuristics_of([True, False], chances_read=chances, chances_unread=chances)
    assert [one.name for one in told] == ["knee", "in vain", "quant"]
    assert all(one.line.endswith(f"({LABEL})") for one in told)
    assert len(heuristics_of([])) == 2
