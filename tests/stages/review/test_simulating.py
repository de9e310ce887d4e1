"""Simulated reviews: what is read when, what it cost, and what the rules for stopping made of it."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pastwatch.stages.review.bmi import Bmi, words_of
from pastwatch.stages.review.calibration import control_rule, rest_rule
from pastwatch.stages.review.curves import Outcome, difference, mean_curve
from pastwatch.stages.review.simulate import (
    Misreading,
    effort_to,
    everything,
    found_by,
    grown_by_a_tenth,
    prior_of,
    simulated,
    work_saved,
)
from pastwatch.stages.review.stopping import Goal


class Knowing:
    """A ranker that knows the answer; it counts how often it was asked to learn."""

    def __init__(self, truth: np.ndarray) -> None:
        self.truth, self.asked = truth, 0

    def fit(self, labels: object) -> None:
        assert labels
        self.asked += 1

    def scores(self) -> np.ndarray:
        return self.truth.astype(np.float32)


TRUTH = (np.arange(200) % 10 == 4).astype(np.int8)


def _outcome(system: str, topic: str, order: np.ndarray) -> Outcome:
    return Outcome.of(
        topic,
        system,
        0,
        reader=(1.0, 1.0),
        truth=TRUTH,
        told=TRUTH,
        order=order,
        turns_s=[0.1, 0.3],
        ratio=0.95,
    )


def test_a_knowing_ranker_reads_the_relevant_ones_and_stops() -> None:
    ranker = Knowing(TRUTH)
    run = simulated(ranker, TRUTH, prior=4, until=found_by(TRUTH, ratio=0.95))
    assert effort_to(run.order, TRUTH, ratio=0.95) == 19
    assert len(run.turns) == ranker.asked
    assert [turn.read for turn in run.turns][:3] == [1, 2, 4]


def test_everything_is_read_once_when_nothing_is_enough() -> None:
    run = simulated(Knowing(TRUTH), TRUTH, prior=4, until=everything, known=np.array([7, 9]))
    assert sorted(run.order.tolist()) == list(range(200))
    assert run.order[:3].tolist() == [4, 7, 9]


def test_of_equal_scores_the_earlier_record_is_read_first() -> None:
    run = simulated(Knowing(np.zeros(50, dtype=np.int8)), TRUTH[:50], prior=30, until=everything)
    assert run.order.tolist() == [30, *(row for row in range(50) if row != 30)]


def test_batches_grow_by_a_tenth_rounded_up() -> None:
    sizes, batch = [], 0
    for _ in range(13):
        batch = grown_by_a_tenth(batch, 0)
        sizes.append(batch)
    assert sizes == [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 15]


@given(st.permutations(list(range(200))))
def test_work_saved_is_highest_for_a_perfect_order(order: list[int]) -> None:
    effort = effort_to(np.array(order), TRUTH, ratio=0.95)
    perfect = effort_to(np.argsort(-TRUTH, kind="stable"), TRUTH, ratio=0.95)
    assert work_saved(effort, 200, ratio=0.95) <= work_saved(perfect, 200, ratio=0.95)


def test_an_order_that_never_gets_there_cost_everything() -> None:
    assert effort_to(np.array([4, 14]), TRUTH, ratio=0.95) == 200


def test_a_misreading_reader_errs_at_the_stated_rates_and_always_alike() -> None:
    truth = (np.arange(40_000) % 2).astype(np.int8)
    reader = Misreading(0.7, 0.98)
    told = reader.told(truth, seed=1)
    assert abs(told[truth == 1].mean() - 0.7) < 0.02
    assert abs(told[truth == 0].mean() - 0.02) < 0.005
    assert np.array_equal(told, reader.told(truth, seed=1))
    assert np.array_equal(Misreading().told(truth, seed=1), truth)


def test_every_system_starts_from_the_same_relevant_record() -> None:
    assert TRUTH[prior_of(TRUTH, seed=3)] == 1
    assert prior_of(TRUTH, seed=3) == prior_of(TRUTH, seed=3)


def test_the_baseline_counts_words_without_digits() -> None:
    assert words_of("The H2O of a Re-entry, 42 x") == ["the", "of", "re", "entry"]


def test_the_baseline_finds_what_is_alike() -> None:
    texts = [
        f"grain ship port {n % 7}" if t else f"lunch van keys {n % 7}" for n, t in enumerate(TRUTH)
    ]
    run = simulated(Bmi(texts).seeded(1), TRUTH, prior=4, until=found_by(TRUTH, ratio=0.95))
    assert effort_to(run.order, TRUTH, ratio=0.95) <= 30


@pytest.mark.parametrize("rule", [rest_rule, control_rule])
def test_a_rule_on_a_perfect_order_says_what_is_true(rule: object) -> None:
    truth = (np.arange(4000) % 8 == 0).astype(np.int8)
    order = np.argsort(-truth, kind="stable")
    ended = rule(order, truth, Goal(), seed=2)  # type: ignore[operator]
    assert ended.reached
    assert ended.least <= ended.read < 4000


def test_a_rule_reads_on_to_the_end_where_it_cannot_tell() -> None:
    truth = np.zeros(300, dtype=np.int8)
    truth[[3, 200, 299]] = 1
    ended = control_rule(np.arange(300), truth, Goal(), seed=0)
    assert (ended.read, ended.reached) == (300, True)


def test_a_difference_is_paired_by_topic_and_tells_the_gap_that_was_closed() -> None:
    perfect = np.argsort(-TRUTH, kind="stable")
    outcomes = [_outcome("ours", topic, perfect) for topic in "abc"]
    outcomes += [_outcome("bmi", topic, np.arange(200)) for topic in "abc"]
    outcomes += [_outcome("bmi", "only theirs", np.arange(200))]
    found = difference(outcomes, "bmi")
    assert found is not None
    assert (found.topics, found.better, found.gap_closed_ratio) == (3, 3, 1.0)
    assert found.low == found.high == pytest.approx(found.mean)
    assert difference(outcomes, "asreview") is None
    curve = mean_curve(outcomes, "ours")
    assert (curve[0], curve[10], curve[100]) == (0.0, 1.0, 1.0)
