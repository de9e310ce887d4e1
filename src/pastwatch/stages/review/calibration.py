"""How the two rules for stopping would have ended on an order that was read: right or wrong, and when."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from pastwatch.stages.review.stopping import (
    Goal,
    LookWhen,
    control_needed,
    fewest_control,
    relevant_among,
    rest_plan,
)

Int64s = npt.NDArray[np.int64]
Labels = npt.NDArray[np.int8]


@dataclass(frozen=True, slots=True)
class Stopped:
    """Where a rule ended a review: what was read, and whether the recall that it says is true.

    `least` is the fewest that could have been read: up to the look, and what its test needs.
    """

    rule: str
    read: int
    least: int
    reached: bool


def rest_rule(order: Int64s, told: Labels, goal: Goal, *, seed: int) -> Stopped:
    """The one look at the rest: read by rank until it is due, then at random as its plan says."""
    calls = told[order].astype(np.bool_)
    look = LookWhen().first_due(calls, goal)
    found, rest = int(calls[:look].sum()), len(calls) - look
    plan = rest_plan(found, rest, goal)
    drawn = np.random.default_rng([seed, 3]).permutation(calls[look:])
    state, read, more = relevant_among(drawn.tolist(), plan)
    if state != "reached":
        read, more = rest, int(drawn.sum())
    return Stopped(
        "one look at the rest",
        look + read,
        look + plan.least,
        goal.reached(found + more, int(calls.sum())),
    )


def control_rule(order: Int64s, told: Labels, goal: Goal, *, seed: int) -> Stopped:
    """The control sample: drawn first until it holds enough, then by rank to the quantile of it."""
    calls = told[order].astype(np.bool_)
    total = len(calls)
    drawn = np.random.default_rng([seed, 5]).permutation(total)
    hits = np.flatnonzero(calls[drawn])
    wanted = fewest_control(goal)
    size = int(hits[wanted - 1]) + 1 if len(hits) >= wanted else total
    sample = np.sort(drawn[:size])
    ranks = sample[calls[sample]]
    needed = control_needed(len(ranks), goal) if size < total else None
    until = total if needed is None else int(ranks[needed - 1]) + 1
    read = np.zeros(total, dtype=np.bool_)
    read[sample] = True
    read[:until] = True
    reached = goal.reached(int(calls[read].sum()), int(calls.sum()))
    return Stopped("control sample", int(read.sum()), int(read.sum()), reached)
