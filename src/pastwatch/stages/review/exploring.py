"""Spreads the reading: some turns go to records that are unlike all that was read."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from pastwatch.plugins import extra

Rows = npt.NDArray[np.int64]

CLUSTERS = 800
FIRST_SHARE = 0.5
"""Of the turns, until every cluster was looked into once …"""
LATER_SHARE = 0.05
"""… and from then on."""
_DIMENSIONS = 100
_LEARNT_FROM = 20_000
_AT_ONCE = 100_000
_LEAST_IN_ONE = 20  # records of a cluster, about; so a small slice has few of them


@dataclass(frozen=True, slots=True)
class Spread:
    """Each row's cluster, −1 for one without a word."""

    cluster: npt.NDArray[np.int64]

    @property
    def count(self) -> int:
        """How many clusters there are."""
        return int(self.cluster.max(initial=-1)) + 1

    def placed(self, places: Rows, *, count: int) -> Spread:
        """The same by another numbering: row i stands at `places[i]` of `count`, or at −1 nowhere."""
        cluster = np.full(count, -1, dtype=np.int64)
        inside = places >= 0
        cluster[places[inside]] = self.cluster[inside]
        return Spread(cluster)


def spread_of(matrix: Any, *, seed: int, clusters: int = CLUSTERS) -> Spread:
    """Put alike rows together: k-means over the 100 strongest directions of the words.

    Directions and middles are learnt from 20,000 rows; 100,000 rows are placed at a time.
    """
    with extra("review", "to explore, the package scikit-learn is needed"):
        from sklearn.cluster import MiniBatchKMeans
        from sklearn.utils.extmath import randomized_svd
    rows = np.random.default_rng(seed).permutation(matrix.shape[0])[:_LEARNT_FROM]
    cluster = np.full(matrix.shape[0], -1, dtype=np.int64)
    dims = min(_DIMENSIONS, *(n - 1 for n in (len(rows), matrix.shape[1])))
    if dims < 1:
        return Spread(cluster)
    directions = randomized_svd(matrix[rows], dims, random_state=seed, n_iter=2)[2]
    turned = np.ascontiguousarray(directions.T.astype(np.float32))
    learnt = _unit(matrix[rows] @ turned)
    learnt = learnt[learnt.any(axis=1)]
    most = max(len(learnt) // _LEAST_IN_ONE, 1)
    count = min(clusters, most, len(np.unique(learnt.round(3), axis=0)))
    if not count:
        return Spread(cluster)
    model = MiniBatchKMeans(count, random_state=seed, n_init=1, batch_size=2048).fit(learnt)
    for start in range(0, matrix.shape[0], _AT_ONCE):
        points = _unit(matrix[start : start + _AT_ONCE] @ turned)
        told = points.any(axis=1)
        if not told.any():
            continue
        cluster[np.flatnonzero(told) + start] = model.predict(points[told])
    return Spread(cluster)


class Explorer:
    """Chooses the rows of the turns that explore: the likeliest of the clusters least looked into."""

    def __init__(self, spread: Spread, *, first_share: float = FIRST_SHARE) -> None:
        self._spread, self._share = spread, first_share

    def is_due(self, turns: int, explored: int) -> bool:
        """Whether the next turn explores, after so many ranked and explored turns."""
        share = self._share if explored < self._spread.count else LATER_SHARE
        return bool(self._spread.count) and explored < share * turns

    def choose(
        self, order: Rows, shut: npt.NDArray[np.bool_], held: Collection[int] = ()
    ) -> int | None:
        """The first open row of an order whose cluster has the fewest shut ones; None at the end."""
        own = self._spread.cluster
        looked = np.bincount(own[shut & (own >= 0)], minlength=self._spread.count)
        open_rows = order[~shut[order] & (own[order] >= 0)]
        if held:
            open_rows = open_rows[~np.isin(open_rows, list(held))]
        if not len(open_rows):
            return None
        return int(open_rows[int(np.argmin(looked[own[open_rows]]))])


def _unit(points: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    lengths = np.linalg.norm(points, axis=1, keepdims=True)
    out = np.zeros_like(points)
    np.divide(points, lengths, out=out, where=lengths > 0)
    return out
