"""A review run on labelled records: who reads what in which order, and what it costs to find it."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final, Protocol

import numpy as np
import numpy.typing as npt

Int64s = npt.NDArray[np.int64]
Labels = npt.NDArray[np.int8]

SHARE: Final = 10
"""A batch is larger than the one before it by one in so many, rounded up (Cormack & Grossman 2015)."""


class Ranker(Protocol):
    """What learns from judgements and orders the rest."""

    def fit(self, labels: Mapping[int, int]) -> None:
        """Learn anew from every judgement: row → 1 relevant, 0 not."""

    def scores(self) -> npt.NDArray[np.float32]:
        """How likely each record is relevant, by row."""


@dataclass(frozen=True, slots=True)
class Turn:
    """One re-ranking: how many were read before it, and how long it took."""

    read: int
    seconds_s: float


@dataclass(frozen=True, slots=True)
class Run:
    """The rows in the order they were read, and each re-ranking."""

    order: Int64s
    turns: list[Turn]


@dataclass(frozen=True, slots=True)
class Misreading:
    """A reader who calls a relevant record relevant this often, and an irrelevant one irrelevant."""

    sensitivity_ratio: float = 1.0
    specificity_ratio: float = 1.0

    def told(self, truth: Labels, *, seed: int) -> Labels:
        """What this reader says of each record, the same each time it is asked."""
        luck = np.random.default_rng([seed, 17]).random(len(truth))
        right = np.where(truth == 1, luck < self.sensitivity_ratio, luck < self.specificity_ratio)
        return np.where(right, truth, 1 - truth).astype(np.int8)


def prior_of(truth: Labels, *, seed: int) -> int:
    """The one relevant record that every system starts from."""
    return int(np.random.default_rng(seed).choice(np.flatnonzero(truth)))


def grown_by_a_tenth(batch: int, read: int) -> int:  # noqa: ARG001 - one shape for every policy
    """The batch that follows a batch of so many; the first is of one."""
    return batch + -(-batch // SHARE) if batch else 1


def everything(read: Int64s) -> bool:  # noqa: ARG001 - one shape for every end
    """Never enough: read to the last."""
    return False


def simulated(
    ranker: Ranker,
    told: Labels,
    *,
    prior: int,
    until: Callable[[Int64s], bool],
    next_batch: Callable[[int, int], int] = grown_by_a_tenth,
    known: Int64s | None = None,
) -> Run:
    """Read the best, rank anew, and so on, until enough is read or nothing is left.

    `told` is what the reader says; `prior` counts as read and relevant, and so do the rows in
    `known` with what the reader says of them (a control sample, say). `next_batch` gets the batch
    before and how many are read. `until` is asked before each turn with the rows read so far.
    """
    labels = {prior: 1} | {int(row): int(told[row]) for row in (() if known is None else known)}
    order = list(labels)
    unread = np.ones(len(told), dtype=np.bool_)
    unread[order] = False
    turns: list[Turn] = []
    batch = 0
    while len(order) < len(told) and not until(np.asarray(order, dtype=np.int64)):
        began = time.perf_counter()
        ranker.fit(labels)
        scores = ranker.scores()
        rows = np.flatnonzero(unread)
        turns.append(Turn(len(order), time.perf_counter() - began))
        batch = max(1, next_batch(batch, len(order)))
        best = _best(rows, scores[rows], batch)
        unread[best] = False
        for row in best.tolist():
            order.append(row)
            labels[row] = int(told[row])
    return Run(np.asarray(order, dtype=np.int64), turns)


def found_by(truth: Labels, *, ratio: float) -> Callable[[Int64s], bool]:
    """Enough is read once this share of what is truly relevant was read."""
    wanted = int(np.ceil(ratio * int(truth.sum())))
    return lambda read: int(truth[read].sum()) >= wanted


def effort_to(order: Int64s, truth: Labels, *, ratio: float) -> int:
    """How many records were read when this share of the relevant ones was; all, if it never was."""
    wanted = int(np.ceil(ratio * int(truth.sum())))
    if wanted == 0:
        return 0
    found = np.cumsum(truth[order])
    return int(np.searchsorted(found, wanted)) + 1 if found[-1] >= wanted else len(truth)


def work_saved(effort: int, count: int, *, ratio: float) -> float:
    """Work saved over reading in any order, at this recall: (count - effort) / count - (1 - ratio)."""
    return (count - effort) / count - (1 - ratio)


def _best(rows: Int64s, scores: npt.NDArray[np.float32], count: int) -> Int64s:
    """The best so many; of equals the earlier row."""
    if count < len(rows):
        least = np.partition(scores, len(scores) - count)[len(scores) - count]
        rows, scores = rows[scores >= least], scores[scores >= least]
    return rows[np.argsort(-scores, kind="stable")][:count]
