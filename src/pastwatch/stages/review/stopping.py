"""When a review may stop: two rules whose claim of recall fails at a stated rate at the most.

Rule (a): a control sample drawn before ranking (Lewis, Yang & Frieder 2021, "Certifying One-Phase
Technology-Assisted Reviews", the quantile binomial confidence bound). Rule (b): records drawn at
random from what is unread, by a plan laid down before the first of them is read, exact under the
hypergeometric distribution; or looked at after every record (Waudby-Smith & Ramdas 2020,
"Confidence sequences for sampling without replacement", the ratio of prior and posterior).
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from functools import lru_cache
from typing import Final

import numpy as np
import numpy.typing as npt

from pastwatch.errors import BadValue, UsageError
from pastwatch.stages.review.hypergeometric import (
    fewest_drawn,
    log_binomial_tail,
    log_choose,
    pmfs,
    within,
)

STEPS: Final = 24
"""Steps that a plan has at most; a look that missed so many was far too early."""


_NOTHING: Final = 1e-18
"""Chances below it are left out of a sum that is held against a rate of a hundredth or more."""


class Unit(StrEnum):
    """What recall is counted in."""

    RECORD = "record"
    CONVERSATION = "conversation"
    """Relevant when any of its records is; found once one of those is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Goal:
    """What is to be said: recall of at least `target`, wrong in at most `alpha` of all reviews."""

    target: Fraction = Fraction(95, 100)
    alpha: Fraction = Fraction(5, 100)

    def __post_init__(self) -> None:
        if not (0 < self.target < 1 and 0 < self.alpha < 1):
            raise BadValue("a recall to reach and a rate of error lie between 0 and 1")

    @classmethod
    def of(cls, target: float | str, alpha: float | str = "0.05") -> Goal:
        """The same from decimals, taken as written: 0.95 is 95/100."""
        try:
            return cls(target=Fraction(str(target)), alpha=Fraction(str(alpha)))
        except ValueError:
            raise BadValue("a recall to reach is a decimal, as 0.95") from None

    @property
    def alpha_p(self) -> float:
        """The rate of error as a chance."""
        return float(self.alpha)

    def fails_from(self, found: int, more: int = 0) -> int:
        """The fewest relevant units of the rest with which `found` + `more` of them fall short."""
        reaching = (found + more) * self.target.denominator // self.target.numerator
        return reaching - found + 1

    def reached(self, found: int, total: int) -> bool:
        """Whether so many of so many reach it."""
        return found >= self.target * total


def control_needed(relevant: int, goal: Goal) -> int | None:
    """Which of the control sample's relevant units, in order of reading, must be reached to stop.

    The smallest j with P(Bin(r, t) >= j) <= alpha: by the order statistics of r units drawn from
    the relevant ones (Lewis, Yang & Frieder 2021, §4, the QBCB rule), the j-th lies at or beyond
    the t-quantile of their ranks. None when r is too few for any j (59 are the fewest at 95 %).
    Drawing without replacement only tightens it.
    """
    limit = math.log(goal.alpha_p)
    target = float(goal.target)
    for j in range(math.ceil(relevant * target), relevant + 1):
        if log_binomial_tail(j, relevant, target) <= limit + 1e-9:
            return j
    return None


def fewest_control(goal: Goal) -> int:
    """The fewest relevant control units with which rule (a) can stop at all."""
    return math.ceil(math.log(goal.alpha_p) / math.log(float(goal.target)) - 1e-9)


@dataclass(frozen=True, slots=True, kw_only=True)
class RestPlan:
    """How many of the rest to read in drawn order: stop at `steps[j]` with at most j relevant.

    Laid down from what was found before and the size of the rest, before the first draw.
    """

    goal: Goal
    found: int
    population: int
    steps: tuple[int, ...]

    @property
    def least(self) -> int:
        """The fewest that have to be read: the test can reject no earlier."""
        return self.steps[0]

    def reads(self, relevant_in_draw: int) -> int | None:
        """How many are read when so many of them turn out relevant; None beyond the plan."""
        return self.steps[relevant_in_draw] if relevant_in_draw < len(self.steps) else None


@lru_cache(maxsize=4096)
def rest_plan(found: int, population: int, goal: Goal, *, most_steps: int = STEPS) -> RestPlan:
    """The plan for a rest of `population` units when `found` relevant ones are known.

    Let K be the relevant units of the rest. A stop at step j, with j found in the draw, is wrong
    only if K >= K_j = floor((found + j) / t) - found + 1. With more relevant units the plan stops
    later draw by draw, so P(wrong stop | K) is greatest where K is one of the K_j: step j is the
    smallest draw with P(stop by step j | K_j) <= alpha. The first step is thus the single test of
    the whole alpha, and the later ones are paid from what K_j > K_0 leaves of it.
    """
    if found < 0 or population < 0:
        raise BadValue("found and rest are counts")
    steps: list[int] = []
    for j in range(most_steps):
        fails = goal.fails_from(found, j)
        if fails > population:  # even a rest of nothing but relevant ones does not fall short
            steps.append(max([*steps, j]))
            break
        spent, held_p = _walked(steps, population, fails)
        before = steps[-1] if steps else 0
        left = goal.alpha_p - spent
        if not within(spent, goal.alpha_p) or held_p <= 0:
            more = 0 if held_p <= 0 else population - before - (fails - j) + 1
        elif within(held_p, left):
            more = 0
        else:
            more = fewest_drawn(population - before, fails - j, limit_p=max(left, 0.0) / held_p)
        steps.append(before + more)
    return RestPlan(goal=goal, found=found, population=population, steps=tuple(steps))


def _walked(steps: list[int], population: int, relevant: int) -> tuple[float, float]:
    """The chance to have stopped by these steps, and that of going on with the fewest found."""
    alive = {0: 1.0}
    stopped, before = [], 0
    most = len(steps)
    for j, drawn in enumerate(steps):
        after: dict[int, float] = {}
        for x, chance in alive.items():
            if chance < _NOTHING:
                continue
            chances = pmfs(
                most - x,
                population=population - before,
                relevant=relevant - x,
                drawn=drawn - before,
            )
            for more, p in enumerate(chances):
                after[x + more] = after.get(x + more, 0.0) + chance * p
        stopped.append(after.pop(j, 0.0))
        alive, before = after, drawn
    return math.fsum(stopped), alive.get(most, 0.0)


def wrong_stop_p(plan: RestPlan, relevant: int) -> float:
    """The chance that the plan stops short of its goal when the rest holds so many relevant units."""
    wrong = [j for j in range(len(plan.steps)) if plan.goal.fails_from(plan.found, j) <= relevant]
    return _walked(list(plan.steps[: len(wrong)]), plan.population, relevant)[0] if wrong else 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Anytime:
    """Evidence against too many missed, valid after every record: stop whenever it is enough.

    For each K the ratio (chance of what was drawn under the prior) / (its chance under K) is a
    martingale of mean 1 if K is true, so it reaches 1 / alpha with a chance of alpha at most
    (Ville). The prior is half on none missed, half geometric with a mean of a third of K_0: it
    costs draws where it is wrong, never the guarantee.
    """

    goal: Goal
    found: int
    population: int

    def stops_at(self, relevant_in_draw: int, *, after: int = 0) -> int:
        """The fewest drawn, from `after` on, that stop with so many relevant among them."""
        low, high = max(after, relevant_in_draw), self.population
        while low < high:
            middle = (low + high) // 2
            if self.stops(relevant_in_draw, middle):
                high = middle
            else:
                low = middle + 1
        return low

    def stops(self, relevant_in_draw: int, drawn: int) -> bool:
        """Whether every number of missed ones that falls short is ruled out by now."""
        fails = self.goal.fails_from(self.found, relevant_in_draw)
        return self.most_missed(relevant_in_draw, drawn) < fails

    def most_missed(self, relevant_in_draw: int, drawn: int) -> int:
        """The most relevant units of the rest, drawn ones among them, not ruled out so far."""
        level = self._log_marginal(relevant_in_draw, drawn) + math.log(self.goal.alpha_p)
        most = self.population - (drawn - relevant_in_draw)
        # The likelihood falls beyond its peak: the last K above the level is found by halving.
        peak = min(relevant_in_draw * (self.population + 1) // drawn, most) if drawn else most
        low, high = max(peak, relevant_in_draw), most
        while low < high:
            middle = (low + high + 1) // 2
            if self._log_likelihood(relevant_in_draw, drawn, middle) > level:
                low = middle
            else:
                high = middle - 1
        return low

    def _log_likelihood(self, x: int, n: int, relevant: int) -> float:
        return (
            log_choose(relevant, x)
            + log_choose(self.population - relevant, n - x)
            - log_choose(self.population, n)
        )

    def _log_marginal(self, x: int, n: int) -> float:
        logs = [
            weight + self._log_likelihood(x, n, relevant)
            for relevant, weight in _prior(self.goal.fails_from(self.found), self.population)
            if relevant >= x
        ]
        top = max(logs, default=-math.inf)
        if top == -math.inf:
            return top
        return top + math.log(math.fsum(math.exp(one - top) for one in logs))


@lru_cache(maxsize=64)
def _prior(fails: int, population: int) -> tuple[tuple[int, float], ...]:
    """Numbers of missed units with the logarithms of their weights, which sum to one at most."""
    mean = max(fails / 3, 0.5)
    ratio = mean / (1 + mean)
    most = min(population, math.ceil(math.log(1e-9) / math.log(ratio)))
    halves = [
        (k, math.log(0.5) + k * math.log(ratio) + math.log1p(-ratio)) for k in range(most + 1)
    ]
    halves[0] = (0, math.log(0.5 + 0.5 * (1 - ratio)))
    return tuple(halves)


@dataclass(frozen=True, slots=True, kw_only=True)
class LookWhen:
    """When ranked reading has gone on long enough for the one look at the rest.

    With the share f of the rest that the test will draw, a record read by rank costs 1 - f of a
    record, and spares a missed one that would spoil the test: the run in vain to wait for is in
    proportion to f² / (1 - f) of the rest. And the test should meet about one relevant record at
    the most, when the rest holds about as many as the later half of the reading brought. All this
    steers the effort alone: the guarantee does not hang on when the look is taken.
    """

    patience_ratio: float = 0.4
    least_run: int = 60
    met_at_most: float = 1.0

    def run_needed(self, *, found: int, rest: int, goal: Goal) -> int:
        """How many records in a row must be not relevant before the look is due."""
        fails = goal.fails_from(found)
        if fails > rest:
            return 0
        drawn = share_drawn(rest, fails, goal)
        wait = self.patience_ratio * drawn * drawn / max(1 - drawn, 1e-9) * rest
        return min(max(self.least_run, math.ceil(wait)), rest)

    def due(
        self, run: int, *, found: int, rest: int, goal: Goal, late: int = 0, read: int = 1
    ) -> bool:
        """Whether to look now, after `run` records in vain; `late` were found in the later half.

        `read` is how many were read by rank; without it and `late` the run alone decides.
        """
        fails = goal.fails_from(found)
        if fails > rest:
            return True
        met = late * min(1.0, rest / max(read, 1)) * share_drawn(rest, fails, goal)
        waited = run >= self.run_needed(found=found, rest=rest, goal=goal)
        return waited and met <= self.met_at_most

    def first_due(self, calls: npt.NDArray[np.uint8] | npt.NDArray[np.bool_], goal: Goal) -> int:
        """After how many of these calls, in the order of reading, a look is due; all where never."""
        total = len(calls)
        read = np.arange(1, total + 1)
        gains = np.concatenate(([0], np.cumsum(calls != 0)))
        found, rest = gains[1:], total - read
        run = read - np.maximum.accumulate(np.where(calls != 0, read, 0))
        fails = found * goal.target.denominator // goal.target.numerator - found + 1
        drawn = np.where(fails < rest, 1 - np.exp(math.log(goal.alpha_p) / fails), 1.0)
        wait = self.patience_ratio * drawn * drawn / np.maximum(1 - drawn, 1e-9) * rest
        needed = np.minimum(np.maximum(self.least_run, np.ceil(wait)), rest)
        met = (found - gains[read // 2]) * np.minimum(1.0, rest / read) * drawn
        due = np.flatnonzero(((run >= needed) & (met <= self.met_at_most)) | (fails > rest))
        return int(read[due[0]]) if len(due) else total


def share_drawn(rest: int, fails: int, goal: Goal) -> float:
    """About the share of the rest that a test draws when it meets no relevant record."""
    return 1 - math.exp(math.log(goal.alpha_p) / fails) if fails < rest else 1.0


def one_look_only(looks_before: int) -> None:
    """Refuse a second look at a rest: UsageError that says why."""
    if looks_before:
        raise UsageError(
            "the one look at the rest has been taken: a second would void both",
            hint="an interval that is right 95 times of 100 is right less often when one looks "
            "until it pleases; the plan of the first look says how far to read on",
        )


def relevant_among(calls: Iterable[bool], plan: RestPlan) -> tuple[str, int, int]:
    """Where a plan stands after these calls in drawn order: (state, read that count, relevant).

    The state is "reached" (the goal may be said), "read on", or "missed" (more relevant than any
    step allows: the look has failed).
    """
    found = 0
    read = 0
    for call in calls:
        if found < len(plan.steps) and read >= plan.steps[found]:
            break
        read += 1
        found += bool(call)
    if found >= len(plan.steps):
        return ("reached" if read >= plan.population else "missed"), read, found
    return ("reached" if read >= plan.steps[found] else "read on"), read, found
