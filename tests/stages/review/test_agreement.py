"""Agreement by hand-worked tables and by an independent library; wide where little was seen."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pastwatch.stages.review.agreement import Pair, Table, agreement

ANSWERS = ((True, True), (True, False), (False, True), (False, False))


def pairs(*cells: int, chance_p: float = 1.0, per_talk: int = 1) -> list[Pair]:
    """Pairs that fill the table both, first only, second only, neither."""
    filled = [answers for answers, count in zip(ANSWERS, cells, strict=True) for _ in range(count)]
    return [Pair(a, b, chance_p, at // per_talk) for at, (a, b) in enumerate(filled)]


def test_a_table_worked_by_hand_gives_its_four_figures() -> None:
    # 20, 5, 10, 15: p_o .7, margins .5 and .6, so p_e .5 and kappa .4 (Cohen 1960);
    # pi .55, so p_e of AC1 is .495 and AC1 (.7 - .495) / .505.
    found = agreement(pairs(20, 5, 10, 15))
    assert found.counts == Table(20, 5, 10, 15)
    assert found.pairs == 50
    assert found.positive.value == pytest.approx(40 / 55)
    assert found.negative.value == pytest.approx(30 / 45)
    assert found.kappa.value == pytest.approx(0.4)
    assert found.ac1.value == pytest.approx((0.7 - 0.495) / 0.505)


def test_the_paradox_of_kappa_shows_beside_ac1() -> None:
    # 118, 5, 2, 0: observed .944, and yet kappa below nothing (Feinstein & Cicchetti 1990).
    found = agreement(pairs(118, 5, 2, 0))
    assert found.kappa.value == pytest.approx(-0.0234, abs=5e-4)
    assert found.ac1.value == pytest.approx(0.9408, abs=5e-4)
    assert found.negative.value == 0


@settings(max_examples=40, deadline=None)
@given(
    st.lists(
        st.tuples(st.sampled_from(ANSWERS), st.floats(0.01, 1.0), st.integers(0, 9)),
        min_size=4,
        max_size=60,
    )
)
def test_weighted_kappa_is_the_one_of_an_independent_library(
    drawn: list[tuple[tuple[bool, bool], float, int]],
) -> None:
    metrics = pytest.importorskip("sklearn.metrics", reason="scikit-learn is not installed")
    made = [Pair(a, b, chance, talk) for (a, b), chance, talk in drawn]
    first, second = [p.first for p in made], [p.second for p in made]
    if len({*first, *second}) < 2:
        assert agreement(made).kappa.value is None
        return
    weights = [1 / p.chance_p for p in made]
    expected = metrics.cohen_kappa_score(first, second, sample_weight=weights)
    assert agreement(made).kappa.value == pytest.approx(expected, abs=1e-9)


def test_a_record_drawn_with_a_tenth_of_the_chance_counts_for_ten() -> None:
    found = agreement([*pairs(9, 1, 0, 0), *pairs(0, 0, 0, 10, chance_p=0.1)])
    assert found.weighted == pytest.approx(Table(9, 1, 0, 100))
    assert found.negative.value == pytest.approx(200 / 201)


def test_whole_conversations_are_drawn_again_so_that_many_records_of_few_widen_the_interval() -> (
    None
):
    alone, together = (agreement(pairs(40, 10, 10, 40, per_talk=n)) for n in (1, 10))
    widths = [f.positive.high - f.positive.low for f in (alone, together)]  # type: ignore[operator]
    assert together.conversations == 10
    assert widths[1] > 1.5 * widths[0]
    assert alone == agreement(pairs(40, 10, 10, 40))  # the same seed, the same interval


def test_perfect_agreement_is_no_certainty() -> None:
    found = agreement(pairs(5, 0, 0, 20))
    assert found.positive == pytest.approx((1.0, 0.025 ** (1 / 5), 1.0))
    assert found.negative == pytest.approx((1.0, 0.025 ** (1 / 20), 1.0))
    assert found.kappa.value == 1
    assert found.kappa.low is None


def test_nothing_judged_by_two_gives_no_figure() -> None:
    found = agreement([])
    assert found.pairs == 0
    assert {f.value for f in (found.positive, found.negative, found.kappa, found.ac1)} == {None}


def test_the_interval_holds_the_truth_about_as_often_as_it_says() -> None:
    dice = np.random.default_rng(3)
    truth, hits, runs = 2 * 0.35 / (2 * 0.35 + 0.15), 0, 60
    for run in range(runs):
        cells = dice.choice(4, size=120, p=[0.35, 0.08, 0.07, 0.5])
        made = [Pair(*ANSWERS[cell], 1.0, at) for at, cell in enumerate(cells)]
        figure = agreement(made, seed=run).positive
        assert figure.low is not None
        assert figure.high is not None
        hits += figure.low <= truth <= figure.high
    assert hits >= 50
