"""The trials of the stop rules count what the rules themselves would do."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("scipy", reason="the review extra is not installed")
pytest.importorskip("sklearn", reason="the review extra is not installed")

from benchmarks.review.stoporders import calls as reader_calls
from benchmarks.review.stopping import by_control, lower_limit, one_look, summary

from pastwatch.stages.review.stopping import Goal


def fading(total: int, relevant: int, seed: int) -> np.ndarray:
    """Calls as a learner brings them: dense first, a few late."""
    chance = np.random.default_rng(seed)
    places = np.unique((chance.exponential(0.05, relevant * 2) * total).astype(int))
    calls = np.zeros(total, dtype=np.uint8)
    calls[places[places < total][:relevant]] = 1
    return calls


def test_a_run_counts_what_was_read_and_never_less_than_the_least() -> None:
    for seed in range(20):
        look, anytime = one_look("t", seed, fading(3000, 150, seed), Goal())
        assert look.least <= look.read <= look.total
        assert anytime.read >= look.least
        control = by_control("t", seed, fading(3000, 150, seed), Goal())
        assert control.read <= control.total


def test_the_limit_of_a_share_is_below_it() -> None:
    assert lower_limit(1250, 1250) == pytest.approx(0.05 ** (1 / 1250))
    assert 0.93 < lower_limit(1190, 1250) < 1190 / 1250
    assert lower_limit(0, 9) == 0.0
    look = [one_look(str(s % 3), s, fading(3000, 150, s), Goal())[0] for s in range(9)]
    assert summary(look)["topics"] == 3


def test_a_reader_calls_a_record_the_same_each_time() -> None:
    truth = fading(5000, 300, 1)
    called = reader_calls(truth, 0.85, 0.98, 3)
    assert (called == reader_calls(truth, 0.85, 0.98, 3)).all()
    assert (reader_calls(truth, 1.0, 1.0, 3) == truth).all()
