"""Learning beside the reader: the newest judgements win, and a failure leaves the last order."""

from __future__ import annotations

import threading
from collections.abc import Mapping

import numpy as np
import pytest

from pastwatch.stages.review.retraining import Begun, Retrainer, Scores


class Slow:
    """A learner that waits until it is let go."""

    def __init__(self) -> None:
        self.go, self.begun = threading.Semaphore(0), threading.Semaphore(0)
        self.fitted: list[dict[int, int]] = []

    def fit(self, labels: Mapping[int, int]) -> None:
        self.begun.release()
        assert self.go.acquire(timeout=30)
        if -1 in labels:
            raise ValueError("broken")
        self.fitted.append(dict(labels))

    def scores(self) -> Scores:
        return np.array([len(self.fitted)], dtype=np.float32)


def test_what_comes_while_it_learns_waits_together_for_the_next_time() -> None:
    learner, orders = Slow(), []
    retrainer = Retrainer(learner, put=lambda scores: orders.append(float(scores[0])))
    retrainer.submit({1: 1})
    assert learner.begun.acquire(timeout=30)
    for n in range(2, 6):  # the reader goes on and waits for nothing
        retrainer.submit(dict.fromkeys(range(1, n + 1), 1))
    assert not retrainer.wait(0)
    learner.go.release(2)
    assert retrainer.wait(30)
    assert learner.fitted == [{1: 1}, dict.fromkeys(range(1, 6), 1)]
    assert orders == [1.0, 2.0]
    retrainer.close()


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_failure_is_told_and_the_last_order_stays() -> None:
    learner, orders = Slow(), []
    learner.go.release(9)
    retrainer = Retrainer(learner, put=lambda scores: orders.append(float(scores[0])))
    retrainer.submit({1: 1})
    assert retrainer.wait(30)
    retrainer.submit({-1: 1})
    assert not retrainer.wait(30)
    assert retrainer.failed
    assert orders == [1.0]
    retrainer.close()


def test_guesses_alone_rank_by_likeness_and_the_first_judgement_teaches() -> None:
    from scipy import sparse

    learner = Slow()
    learner.go.release(9)
    view = sparse.csr_matrix(np.array([[1, 0], [0.8, 0.6], [0, 1]], dtype=np.float32))
    begun = Begun(learner, matrix=view, guesses={0})
    begun.fit({0: 1})
    assert np.argsort(-begun.scores()).tolist() == [0, 1, 2]
    assert learner.fitted == []
    begun.fit({0: 1, 2: 0})
    assert learner.fitted == [{0: 1, 2: 0}]
    assert begun.scores().tolist() == [1.0]
