"""Learns anew beside the reader: the newest judgements wait, and a ranking is handed over whole."""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Mapping
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

Scores = npt.NDArray[np.float32]


class Learning(Protocol):
    """What learns: the learner, or a stand-in."""

    def fit(self, labels: Mapping[int, int]) -> None:
        """Learn anew from every judgement."""

    def scores(self) -> Scores:
        """How likely each row is relevant."""
        ...


class Begun:
    """The learner, and before anybody judged anything likeness to the first guesses alone.

    A handful of guesses against records of which nothing is known is no ground to learn on: words
    that the guesses happen to hold would outweigh the ones they were chosen for.
    """

    def __init__(self, learner: Learning, *, matrix: Any, guesses: Collection[int]) -> None:
        self.learner, self._matrix, self._guesses = learner, matrix, set(guesses)
        self._alike: Scores | None = None

    def fit(self, labels: Mapping[int, int]) -> None:
        """Learn from judgements; where there are guesses alone, go by likeness to them."""
        if all(labels.values()) and set(labels) <= self._guesses:
            middle = np.asarray(self._matrix[sorted(labels)].mean(axis=0)).ravel()
            self._alike = np.asarray(self._matrix @ middle, dtype=np.float32)
        else:
            self._alike = None
            self.learner.fit(labels)

    def scores(self) -> Scores:
        """How likely each row is relevant."""
        return self.learner.scores() if self._alike is None else self._alike


class Retrainer:
    """One thread that fits the learner whenever there is something new; the reader never waits.

    Judgements that come while it is at work wait together: the next fit takes them all. Nothing it
    does touches the case; a failure ends it, stands in `failed`, and the last ranking stays.
    """

    def __init__(self, learner: Learning, *, put: Callable[[Scores], None]) -> None:
        self._learner, self._put = learner, put
        self._news = threading.Condition()
        self._waiting: dict[int, int] | None = None
        self._busy = self._closed = False
        self.fits = 0
        self.failed = False
        self._thread = threading.Thread(target=self._work, name="pastwatch-rank", daemon=True)
        self._thread.start()

    def submit(self, labels: Mapping[int, int]) -> None:
        """Learn from these labels, all there are, as soon as the fit at hand is done."""
        with self._news:
            self._waiting = dict(labels)
            self._news.notify_all()

    def wait(self, timeout_s: float | None = None) -> bool:
        """Wait until all that was submitted is learnt; False when the time ran out, or it failed."""
        with self._news:
            self._news.wait_for(
                lambda: self.failed or (self._waiting is None and not self._busy), timeout_s
            )
            return not self.failed and self._waiting is None and not self._busy

    def close(self) -> None:
        """End after the fit at hand."""
        with self._news:
            self._closed, self._waiting = True, None
            self._news.notify_all()
        self._thread.join()

    def _work(self) -> None:
        done = False
        try:
            while (labels := self._next()) is not None:
                self._learner.fit(labels)
                self._put(self._learner.scores().copy())
                self.fits += 1
            done = True
        finally:
            with self._news:
                self._busy, self.failed = False, not done
                self._news.notify_all()

    def _next(self) -> dict[int, int] | None:
        with self._news:
            self._busy = False
            self._news.notify_all()
            self._news.wait_for(lambda: self._closed or self._waiting is not None)
            labels, self._waiting = self._waiting, None
            self._busy = labels is not None and not self._closed
            return None if self._closed else labels
