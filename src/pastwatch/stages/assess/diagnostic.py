"""What an item can tell hypotheses apart by, and when a finding of nothing can tell anything."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

from pastwatch.model.hypothesis import Rating, Unfound
from pastwatch.stages.assess.scales_weighing import Weighing, weighing


@dataclass(frozen=True, slots=True, kw_only=True)
class Worth:
    """How far a finding of nothing may speak against a hypothesis, and why.

    `found_p` is the least chance that a trace would have been found had there been one: the share
    looked at, times the lower end of what the rehearsal found; None where no number can be given.
    `against_at_most` caps what a rating of it counts: 0 is "not diagnostic".
    """

    found_p: float | None
    against_at_most: float
    why: str

    @property
    def diagnostic(self) -> bool:
        """Whether it counts at all."""
        return self.against_at_most > 0


def worth_of(unfound: Unfound, by: Weighing | None = None) -> Worth:
    """What a finding of nothing is worth, by the rule of `scales/weighing.toml`.

    It takes a trace to be as findable, and as much at home in any record of the scope, as the copies
    rehearsed.
    """
    rule = by or weighing()
    if unfound.elsewhere:
        names = ", ".join(unfound.elsewhere)
        return Worth(
            found_p=None, against_at_most=0.0, why=f"could stand where nothing is held: {names}"
        )
    if not unfound.rehearsed_count:
        return Worth(found_p=None, against_at_most=0.0, why="the search was not rehearsed")
    share = unfound.covered_count / unfound.of_count
    found = lower_limit(unfound.found_count, unfound.rehearsed_count, level_p=rule.level_p)
    chance = share * found
    told = (
        f"looked at {unfound.covered_count:,} of {unfound.of_count:,}, the rehearsal found "
        f"{unfound.found_count:,} of {unfound.rehearsed_count:,}"
    )
    if chance < rule.diagnostic_from_p:
        most, says = 0.0, f"under {rule.diagnostic_from_p:.2f}"
    elif chance < rule.strong_from_p:
        most, says = rule.against[Rating.I], f"under {rule.strong_from_p:.2f}: counts as I at most"
    else:
        most, says = rule.against[Rating.II], f"{rule.strong_from_p:.2f} or more"
    return Worth(found_p=chance, against_at_most=most, why=f"{told}: {says}")


def lower_limit(found: int, tried: int, *, level_p: float) -> float:
    """The lower end of the one-sided interval of a share (Clopper & Pearson 1934).

    The least share at which so many or more would be found with a chance of 1 − level.
    """
    if not found:
        return 0.0
    low, high = 0.0, 1.0
    for _ in range(60):  # halving: far below the last digit shown
        middle = (low + high) / 2
        if _at_least(found, tried, middle) < 1 - level_p:
            low = middle
        else:
            high = middle
    return low


def _at_least(found: int, tried: int, share: float) -> float:
    """The chance of `found` or more of `tried`, each with that share."""
    if share <= 0:
        return 0.0
    if share >= 1:
        return 1.0
    logs = (
        math.lgamma(tried + 1)
        - math.lgamma(k + 1)
        - math.lgamma(tried - k + 1)
        + k * math.log(share)
        + (tried - k) * math.log1p(-share)
        for k in range(found, tried + 1)
    )
    return min(math.fsum(math.exp(one) for one in logs), 1.0)


def steps_apart(stands: Iterable[float | None]) -> float:
    """How many steps of rating lie between the hypotheses for one item; none where it is not rated."""
    told = [one for one in stands if one is not None]
    return max(told) - min(told) if told else 0.0
