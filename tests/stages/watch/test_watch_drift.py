"""How far arriving scores lie from those at learning: with counts, and no claim beyond that."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pastwatch.errors import BadValue
from pastwatch.stages.watch.drift import binned, drift

EVEN = (500,) * 10


def test_the_same_distribution_has_not_moved() -> None:
    found = drift(EVEN, (50,) * 10)
    assert (found.learned_count, found.arrived_count) == (5000, 500)
    assert found.stability == pytest.approx(0, abs=1e-4)
    assert (found.distance, found.chance_p) == (0, 1.0)
    assert not found.moved
    assert "lie much as" in found.said()


def test_scores_that_all_rose_are_told_with_their_counts() -> None:
    found = drift(EVEN, (0,) * 8 + (500, 500))
    assert found.moved
    assert found.distance == pytest.approx(0.8)
    assert found.chance_p < 1e-6
    assert "1,000 arriving records lie differently from those of the 5,000" in found.said()
    assert "is not said by that" in found.said()


def test_of_few_records_nothing_is_said() -> None:
    found = drift(EVEN, (0,) * 9 + (40,))
    assert not found.moved
    assert "nothing is said" in found.said()
    assert drift(EVEN, (0,) * 10).chance_p == 1.0


def test_the_chance_is_that_of_kolmogorovs_table() -> None:
    # Smirnov's table: 1.358 has chance 0.05, 1.628 has 0.01.
    n = 100_000
    for value, chance_p in ((1.358, 0.05), (1.628, 0.01)):
        shift = round(value / np.sqrt(n / 2) * n)
        found = drift((n // 2, n // 2), (n // 2 - shift, n // 2 + shift))
        assert found.chance_p == pytest.approx(chance_p, rel=0.02)


@given(st.lists(st.floats(0, 1), max_size=50), st.lists(st.floats(0, 1), max_size=9))
def test_every_score_lies_in_one_bin(scores: list[float], bars: list[float]) -> None:
    found = binned(np.array(scores), sorted(set(bars)))
    assert found.sum() == len(scores)
    assert len(found) == len(set(bars)) + 1


def test_other_bins_are_not_compared() -> None:
    with pytest.raises(BadValue):
        drift((1, 2), (1, 2, 3))
