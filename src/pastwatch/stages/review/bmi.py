"""AutoTAR's baseline (BMI), rebuilt from its paper, to be set beside our learner in one run.

Cormack & Grossman 2015, "Autonomy and Reliability of Continuous Active Learning for
Technology-Assisted Review", table 1 and §4: words of two letters or more without a digit that occur
twice or more, (1 + log tf) · log(N / df), length one; before each training 100 records drawn at
random from those unread count as not relevant; a logistic model with as much said by each side;
read the B best, then B grows by ⌈B/10⌉ (simulate.grown_by_a_tenth). Theirs is trained by 200,000 steps of stochastic descent at
λ = 0.0001; here the same objective is solved to its end, so no seed of the descent shows in it.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from pastwatch.plugins import extra

LAMBDA: Final = 0.0001
GUESSED: Final = 100
_TOKEN: Final = re.compile(r"\w{2,}")


def words_of(text: str) -> list[str]:
    """The words that count: runs of two alphanumeric characters or more without a digit."""
    return [word for word in _TOKEN.findall(text.lower()) if not any(c.isdigit() for c in word)]


class Bmi:
    """The baseline, with the same two calls as our learner."""

    def __init__(self, texts: Sequence[str]) -> None:
        text = _sklearn_text()
        counts = text.CountVectorizer(analyzer=words_of, dtype=np.float32).fit_transform(texts)
        counts = counts[:, np.asarray(counts.sum(axis=0)).ravel() >= 2]  # noqa: PLR2004 - the paper's
        held = np.asarray((counts > 0).sum(axis=0)).ravel()
        counts.data = (1 + np.log(counts.data)) * np.log(len(texts) / held)[counts.indices]
        norms = np.sqrt(np.asarray(counts.multiply(counts).sum(axis=1)).ravel())
        counts.data /= np.repeat(np.where(norms > 0, norms, 1), np.diff(counts.indptr))
        self._matrix: Any = counts.tocsr().astype(np.float64)
        self._seed = 0
        self._scores = np.zeros(len(texts), dtype=np.float32)

    def seeded(self, seed: int) -> Bmi:
        """The same records, for a run of their own."""
        made = copy.copy(self)
        made._seed, made._scores = seed, np.zeros(self._matrix.shape[0], dtype=np.float32)  # noqa: SLF001
        return made

    def fit(self, labels: Mapping[int, int]) -> None:
        """Train anew on every judgement and on 100 unread records taken as not relevant."""
        from sklearn.linear_model import LogisticRegression

        judged = np.fromiter(labels.keys(), dtype=np.int64, count=len(labels))
        told = np.fromiter(labels.values(), dtype=np.int64, count=len(labels))
        unread = np.setdiff1d(np.arange(self._matrix.shape[0]), judged)
        drawn = np.random.default_rng([self._seed, len(labels)]).permutation(unread)[:GUESSED]
        rows = np.concatenate((judged, drawn))
        wanted = np.concatenate((told, np.zeros(len(drawn), dtype=np.int64)))
        if wanted.all() or not wanted.any():
            return
        some = self._matrix[rows]
        used = np.unique(some.indices)
        model = LogisticRegression(
            C=1 / (LAMBDA * len(rows)), class_weight="balanced", solver="liblinear", tol=0.001
        )
        model.fit(some[:, used], wanted)
        weights = np.zeros(self._matrix.shape[1])
        weights[used] = model.coef_[0]
        self._scores = np.asarray(self._matrix @ weights, dtype=np.float32)

    def scores(self) -> npt.NDArray[np.float32]:
        """How likely each record is relevant, by row, on no fixed scale."""
        return self._scores


def _sklearn_text() -> Any:
    with extra("review", "to run the baseline, the package scikit-learn is needed"):
        from sklearn.feature_extraction import text
    return text
