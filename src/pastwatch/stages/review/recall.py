"""What can be said of recall so far: of what this reader calls relevant, and never more than drawn.

Every bound here is a lower limit that is wrong in at most alpha of all reviews, however often it is
looked at: each rests on one random draw alone, and is made good for every time at once.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from pastwatch.errors import BadValue
from pastwatch.stages.review.hypergeometric import log_binomial_tail, most_relevant
from pastwatch.stages.review.stopping import Anytime, Goal, Unit


class Rests(StrEnum):
    """What a bound rests on."""

    NOTHING = "nothing"
    PILOT = "pilot"
    CONTROL = "control"
    REST = "rest"
    WHOLE = "whole"


@dataclass(frozen=True, slots=True, kw_only=True)
class Bound:
    """A lower limit of recall, with what it rests on."""

    rests_on: Rests
    unit: Unit
    found: int
    lower_ratio: float
    goal: Goal
    undecided: int = 0
    conversations_found: int = 0
    conversations_left: int = 0
    """Not found so far, with undecided records: no other can be missed."""

    @property
    def conversations_ratio(self) -> float | None:
        """The same limit for conversations: a missed one holds a missed record at the least.

        None where conversations are the unit already, or records allow of no limit.
        """
        if self.unit is not Unit.RECORD or self.lower_ratio <= 0:
            return None
        missed = math.floor(self.found / self.lower_ratio + 1e-9) - self.found
        total = self.conversations_found + min(missed, self.conversations_left)
        return self.conversations_found / total if total else 1.0

    def line(self) -> str:
        """The bound in one line, for every page of a review."""
        units = f"{self.found:,} relevant {self.unit}{'' if self.found == 1 else 's'} found"
        whose = "recall of what this reader calls relevant"
        if self.rests_on is Rests.NOTHING:
            return f"{units}; {whose}: nothing can be said, for nothing was drawn at random yet"
        if self.rests_on is Rests.WHOLE:
            return f"{units}; {whose}: all of it, for every record is decided"
        level = f"{100 * (1 - self.goal.alpha_p):g} %"
        waits = f"; {self.undecided:,} drawn are undecided" if self.undecided else ""
        also = self.conversations_ratio
        talks = f", in conversations at least {_percent(also)}" if also is not None else ""
        return (
            f"{units}; {whose}: in {self.unit}s at least {_percent(self.lower_ratio)}{talks} "
            f"({level} sure, by the {_DRAWS[self.rests_on]}){waits}"
        )


def _percent(ratio: float) -> str:
    return f"{math.floor(1000 * ratio + 1e-9) / 10:g} %"  # a limit is never rounded up


_DRAWS = {
    Rests.PILOT: "random records read first",
    Rests.CONTROL: "control sample",
    Rests.REST: "records drawn from the unread rest",
}


def pilot_lower(found: int, *, drawn: int, relevant: int, population: int, goal: Goal) -> float:
    """Found over the most relevant ones that a draw read whole before ranking leaves possible."""
    most = most_relevant(relevant, population=population, drawn=drawn, alpha_p=goal.alpha_p)
    return min(1.0, found / most) if most else 1.0


def control_lower(reached: int, *, relevant: int, goal: Goal) -> float:
    """The limit by the order statistics of the control sample's relevant units, good at every time.

    With `reached` of `relevant` reached by the ranking: the t with P(Bin(r, t) >= j) = alpha / r,
    for all r of them hold together then (Bonferroni). Stopping is not by this line but by the one
    j laid down before (`control_needed`), which needs no such correction.
    """
    if not 0 <= reached <= relevant:
        raise BadValue("no more can be reached than there are")
    if not reached:
        return 0.0
    limit = math.log(goal.alpha_p / relevant)
    low, high = 0.0, 1.0
    for _ in range(60):
        middle = (low + high) / 2
        if log_binomial_tail(reached, relevant, middle) <= limit:
            low = middle
        else:
            high = middle
    return low


def rest_lower(found: int, *, drawn: int, relevant: int, population: int, goal: Goal) -> float:
    """The limit by the draw from the rest so far, good after every record (see `Anytime`)."""
    evidence = Anytime(goal=goal, found=found, population=population)
    total = found + evidence.most_missed(relevant, drawn)
    return (found + relevant) / total if total else 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Units:
    """What was found and what is left, counted in one unit.

    A conversation is found once one of its records is called relevant; it is left while none is
    and some of its records are undecided. One read through without a relevant record is neither.
    """

    found: int
    left: tuple[int, ...]
    """The numbers of the units left: places of records, or numbers of conversations."""


def units_of(
    unit: Unit, *, calls: Mapping[int, bool], conversation: Sequence[int], outside: frozenset[int]
) -> Units:
    """Count units of a slice from calls by place; `outside` are places no statement is about."""
    places = [place for place in range(len(conversation)) if place not in outside]
    if unit is Unit.RECORD:
        return Units(
            found=sum(calls.get(place) is True for place in places),
            left=tuple(place for place in places if place not in calls),
        )
    found = {int(conversation[place]) for place in places if calls.get(place) is True}
    left = dict.fromkeys(int(conversation[place]) for place in places if place not in calls)
    return Units(found=len(found), left=tuple(one for one in left if one not in found))
