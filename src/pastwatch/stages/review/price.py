"""What a review will cost, told before it starts: how many records will be read to say how much."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from pastwatch.errors import BadValue
from pastwatch.stages.review.hypergeometric import least_relevant, most_relevant
from pastwatch.stages.review.stopping import (
    Goal,
    LookWhen,
    fewest_control,
    rest_plan,
)

SPREAD_P: Final = 0.1  # each side of the spread leaves out so much of what was measured
# Read by rank up to the last relevant record before the look, over the relevant ones there are:
# first decile, median, last decile of the tuning topics of the trials plan (benchmarks/review).
_READ_BY_FOUND: Final = {95: (2.9, 8.9, 34.4), 90: (2.5, 7.4, 22.3), 80: (2.1, 5.9, 16.0)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Price:
    """Records to be read, in all, to say one recall: about, and between what."""

    goal: Goal
    population: int
    relevant: tuple[int, int, int]
    """Least, likely and most relevant records the price was worked out for."""
    about: int
    least: int
    most: int
    by_control: int | None
    """About the same by a control sample drawn before ranking; None where it cannot close."""

    def line(self) -> str:
        """The price in one sentence."""
        percent = f"{100 * float(self.goal.target):g} %"
        return (
            f"to say {percent} you will read about {self.about:,} of {self.population:,} records "
            f"({self.least:,} to {self.most:,})"
        )


def price(
    population: int,
    goal: Goal,
    *,
    relevant: tuple[int, int] | None = None,
    drawn: int = 0,
    drawn_relevant: int = 0,
    when: LookWhen | None = None,
) -> Price:
    """Price a review of so many records from a range of relevant ones, or from a random pilot.

    A pilot gives the range itself: the exact 80 % interval. The spread takes the corners of that
    range and of how fast ranking found relevant records on the sets it was tuned on; it is no
    guarantee, which the rule gives and not the price.
    """
    if population < 1:
        raise BadValue("a slice without records has no price")
    if relevant is None:
        if not 0 < drawn <= population:
            raise BadValue("a price needs a range of relevant records, or a pilot")
        low = least_relevant(drawn_relevant, population=population, drawn=drawn, alpha_p=SPREAD_P)
        high = most_relevant(drawn_relevant, population=population, drawn=drawn, alpha_p=SPREAD_P)
        likely = round(population * (drawn_relevant + 0.5) / (drawn + 1))
    else:
        low, high = relevant
        likely = round(math.sqrt(max(low, 1) * max(high, 1)))
    if not 0 <= low <= high <= population:
        raise BadValue("the range of relevant records lies within the slice, low end first")
    likely = min(max(likely, low, 1), max(high, 1))
    chosen = when or LookWhen()
    slow, usual, fast = _speeds(goal)
    corners = [
        effort(population, count, goal, read_by_found=speed, when=chosen)
        for count in {max(low, 1), likely, max(high, 1)}
        for speed in (slow, usual, fast)
    ]
    return Price(
        goal=goal,
        population=population,
        relevant=(low, likely, high),
        about=effort(population, likely, goal, read_by_found=usual, when=chosen),
        least=min(corners),
        most=min(population, max([*corners, _with_one(population, likely, goal, usual, chosen)])),
        by_control=by_control(population, likely, goal, read_by_found=usual),
    )


def effort(
    population: int,
    relevant: int,
    goal: Goal,
    *,
    read_by_found: float,
    when: LookWhen,
    step: int = 0,
) -> int:
    """Records read by rank up to the look, and drawn at it up to a step of the plan."""
    last = min(population, math.ceil(read_by_found * relevant))
    run = when.run_needed(found=relevant, rest=population - last, goal=goal)
    ranked = min(population, last + run)
    plan = rest_plan(relevant, population - ranked, goal, most_steps=step + 1)
    return ranked + plan.steps[min(step, len(plan.steps) - 1)]


def _with_one(population: int, relevant: int, goal: Goal, speed: float, when: LookWhen) -> int:
    return effort(population, relevant, goal, read_by_found=speed, when=when, step=1)


def by_control(population: int, relevant: int, goal: Goal, *, read_by_found: float) -> int | None:
    """About what rule (a) reads: the sample with enough relevant ones in it, then by rank.

    A random record is relevant with the chance relevant / population, so a sample with r relevant
    ones holds about r (N + 1) / (R + 1). None where there are fewer relevant ones than it needs.
    """
    needed = fewest_control(goal)
    if relevant < needed:
        return None
    sample = math.ceil(needed * (population + 1) / (relevant + 1))
    ranked = min(population, math.ceil(read_by_found * relevant))
    return min(population, sample + round(ranked * (1 - sample / population)))


def _speeds(goal: Goal) -> Sequence[float]:
    near = min(_READ_BY_FOUND, key=lambda percent: abs(percent - 100 * float(goal.target)))
    return _READ_BY_FOUND[near]
