"""Rules of thumb for stopping: shown as "heuristic, no guarantee", and never closing a review."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

LABEL: Final = "heuristic, no guarantee"
_KNEE_LEAST: Final = 1000
_KNEE_SLOPE: Final = 156
_KNEE_FOUND: Final = 150
_RUN: Final = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Heuristic:
    """What a rule of thumb says of a review so far; nothing but a person acts on it."""

    name: str
    says_stop: bool
    says: str

    @property
    def line(self) -> str:
        """The rule's word in one line, labelled as what it is."""
        return f"{self.name}: {'would stop' if self.says_stop else 'would go on'}; {self.says} ({LABEL})"


def heuristics_of(
    calls: Sequence[bool] | npt.NDArray[np.bool_],
    *,
    chances_read: npt.NDArray[np.float64] | None = None,
    chances_unread: npt.NDArray[np.float64] | None = None,
    target_ratio: float = 0.95,
) -> tuple[Heuristic, ...]:
    """Every rule of thumb on the calls in the order they were read by rank.

    The estimate by chances is left out where the learner gives none.
    """
    read = np.asarray(calls, dtype=bool)
    told = [knee(read), in_vain(read)]
    if chances_read is not None and chances_unread is not None:
        told.append(quant(chances_read, chances_unread, target_ratio=target_ratio))
    return tuple(told)


def knee(calls: npt.NDArray[np.bool_]) -> Heuristic:
    """The bend of the gain curve (Cormack & Lynam 2016, §3: the knee method)."""
    gains = np.cumsum(calls)
    read = len(calls)
    if not read or not gains[-1]:
        return Heuristic(name="knee", says_stop=False, says="nothing relevant was found yet")
    ranks = np.arange(1, read + 1)
    at = int(np.argmax(gains / gains[-1] - ranks / read))
    before = gains[at] / ranks[at]
    after = (1 + gains[-1] - gains[at]) / max(read - ranks[at], 1)
    slope = float(before / after)
    needed = _KNEE_SLOPE - min(int(gains[-1]), _KNEE_FOUND)
    return Heuristic(
        name="knee",
        says_stop=read >= _KNEE_LEAST and at + 1 < read and slope >= needed,
        says=f"relevant ones came {slope:.1f} times as densely before record {at + 1:,} as after",
    )


def in_vain(calls: npt.NDArray[np.bool_], *, run: int = _RUN) -> Heuristic:
    """So many records in a row that were not relevant."""
    found = np.flatnonzero(calls)
    last = len(calls) - (int(found[-1]) + 1 if len(found) else 0)
    return Heuristic(
        name="in vain",
        says_stop=bool(len(found)) and last >= run,
        says=f"{last:,} in a row were not relevant",
    )


def quant(
    chances_read: npt.NDArray[np.float64],
    chances_unread: npt.NDArray[np.float64],
    *,
    target_ratio: float = 0.95,
) -> Heuristic:
    """Recall as the learner's own chances would have it (Yang, Lewis & Frieder 2021, Quant)."""
    read, unread = float(chances_read.sum()), float(chances_unread.sum())
    recall = read / (read + unread) if read + unread else 0.0
    return Heuristic(
        name="quant",
        says_stop=recall >= target_ratio,
        says=f"the learner's chances add up to {100 * recall:.1f} % found",
    )
