"""Which records of a slice are enriched first: likely relevant, then their neighbours, then by time."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Int64s = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

NEIGHBOURS = 10  # records before and after in the conversation of one that is likely relevant


def waves(
    likely: Bools,
    *,
    conversation: Int64s,
    earliest_us: Int64s,
    latest_us: Int64s,
    dated: Bools,
    start_us: int,
    end_us: int,
) -> tuple[Int64s, Int64s, Int64s]:
    """Places of the slice index in three runs: likely relevant, their neighbours, and the rest.

    Each run is in order of distance from the event, which lasts from `start_us` to `end_us`; what
    has no time comes last. Every place is in one run, once.
    """
    distance_us = np.maximum(np.maximum(earliest_us - end_us, start_us - latest_us), 0)
    near = _near(likely, conversation) & ~likely
    order = np.lexsort((np.arange(len(likely)), distance_us, ~dated))
    return order[likely[order]], order[near[order]], order[~(likely | near)[order]]


def _near(likely: Bools, conversation: Int64s) -> Bools:
    """Which records stand within NEIGHBOURS of a likely one in its conversation; rows are in time order."""
    order = np.argsort(conversation, kind="stable")
    talk, marked = conversation[order], likely[order]
    near = np.zeros(len(order), dtype=np.bool_)
    for step in range(1, min(NEIGHBOURS, len(order) - 1) + 1):
        same = talk[step:] == talk[:-step]
        near[step:] |= same & marked[:-step]
        near[:-step] |= same & marked[step:]
    found = np.zeros(len(order), dtype=np.bool_)
    found[order] = near
    return found
