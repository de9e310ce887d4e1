"""Two versions of a watch on the same span, paired event by event and alert by alert."""

from __future__ import annotations

from collections.abc import Sequence
from math import comb
from typing import NamedTuple

from pastwatch.errors import BadValue
from pastwatch.stages.watch.backtest import Trial


class Compared(NamedTuple):
    """How often two versions agree; `p` is McNemar's exact one, two-sided, over the events."""

    both: int
    only_first: int
    only_second: int
    neither: int
    p: float
    earlier_first: int
    earlier_second: int
    shared_alerts: int


def compared(
    first: Trial, second: Trial, *, first_us: Sequence[int], second_us: Sequence[int]
) -> Compared:
    """Two trials over one span and the same events; BadValue where they are not."""
    if first.span != second.span or [e.event_us for e in first.events] != [
        e.event_us for e in second.events
    ]:
        raise BadValue("two versions are compared over the same span and the same events")
    leads = [(a.lead_s, b.lead_s) for a, b in zip(first.events, second.events, strict=True)]
    only_first = sum(a is not None and b is None for a, b in leads)
    only_second = sum(a is None and b is not None for a, b in leads)
    both = [(a, b) for a, b in leads if a is not None and b is not None]
    return Compared(
        both=len(both),
        only_first=only_first,
        only_second=only_second,
        neither=len(leads) - only_first - only_second - len(both),
        p=mcnemar(only_first, only_second),
        earlier_first=sum(a > b for a, b in both),
        earlier_second=sum(b > a for a, b in both),
        shared_alerts=len(set(first_us) & set(second_us)),
    )


def mcnemar(only_first: int, only_second: int) -> float:
    """The exact two-sided p of a difference as great, were either as likely: a binomial at one half.

    McNemar 1947, with the exact binomial in place of chi-square; 1 where they never differ.
    """
    differ = only_first + only_second
    fewer = range(min(only_first, only_second) + 1)
    tail: float = sum(comb(differ, k) for k in fewer) / 2**differ
    return min(1.0, 2 * tail)
