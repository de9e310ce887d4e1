"""The learner: from the records judged so far to an order in which to read the rest."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from pastwatch.plugins import extra
from pastwatch.stages.review.features import Features

Floats = npt.NDArray[np.float32]

GUESSED: Final = 100
GUESSED_RATIO: Final = 0.2
"""So many unread records, and this share of them at most, drawn anew each time, count as not
relevant: most of any slice is not."""
LOOSENESS: Final = 0.3
"""How closely the model follows single judgements (scikit-learn's C); each side weighs the same."""


class Learner:
    """Learns from judgements which records are likely relevant; the same for the same seed.

    One logistic model over all that is seen of a record: words, word beginnings, pairs, subject,
    themes, and meaning where there are vectors. A word that misleads is outvoted by the rest.
    """

    def __init__(self, features: Features, seed: int) -> None:
        self._count, self._seed = len(features), seed
        self._matrix: Any = features.matrix
        dense = [part for part in (features.themes, features.vectors) if part is not None]
        self._dense = np.hstack(dense) if dense else np.zeros((self._count, 0), dtype=np.float32)
        self._scores = np.zeros(self._count, dtype=np.float32)

    def fit(self, labels: Mapping[int, int]) -> None:
        """Learn anew from every judgement: row → 1 relevant, 0 not; without a relevant one, nothing."""
        judged = np.fromiter(labels.keys(), dtype=np.int64, count=len(labels))
        told = np.fromiter(labels.values(), dtype=np.int64, count=len(labels))
        if not told.any():
            return
        unread = np.ones(self._count, dtype=np.bool_)
        unread[judged] = False
        left = np.flatnonzero(unread)
        luck = np.random.default_rng([self._seed, len(labels)])
        count = min(GUESSED, int(GUESSED_RATIO * len(left)))
        guessed = luck.choice(left, size=count, replace=False)
        rows = np.concatenate((judged, guessed))
        wanted = np.concatenate((told, np.zeros(count, dtype=np.int64)))
        if not wanted.all():
            self._scores = self._learnt(rows, wanted)

    def scores(self) -> Floats:
        """How likely each record is relevant, by row: higher is likelier, on no fixed scale."""
        return self._scores

    def _learnt(self, rows: npt.NDArray[np.int64], wanted: npt.NDArray[np.int64]) -> Floats:
        logistic, sparse = _models()
        some = self._matrix[rows]
        holds = np.zeros(self._matrix.shape[1], dtype=np.bool_)
        holds[some.indices] = True
        used = np.flatnonzero(holds)  # no other column gets a weight
        number = np.cumsum(holds, dtype=np.int32) - np.int32(1)
        held = (some.data, number[some.indices], some.indptr)
        narrow = sparse.csr_matrix(held, shape=(len(rows), len(used)))
        if self._dense.shape[1]:
            dense = sparse.csr_matrix(self._dense[rows])
            narrow = sparse.hstack((narrow, dense), format="csr")
        if not narrow.shape[1]:
            return self._scores
        # The dual is many times quicker here: far fewer records are judged than there are words.
        model = logistic(
            C=LOOSENESS,
            class_weight="balanced",
            solver="liblinear",
            dual=True,
            random_state=self._seed,
            max_iter=1000,
            tol=0.01,  # the order does not change below it
        ).fit(narrow, wanted)
        told = model.coef_[0].astype(np.float32)
        weights = np.zeros(self._matrix.shape[1], dtype=np.float32)
        weights[used] = told[: len(used)]
        scores: Floats = self._matrix @ weights + self._dense @ told[len(used) :]
        return scores


def _models() -> tuple[Any, Any]:
    with extra("review", "to rank records, the package scikit-learn is needed"):
        from scipy import sparse
        from sklearn.linear_model import LogisticRegression
    return LogisticRegression, sparse
