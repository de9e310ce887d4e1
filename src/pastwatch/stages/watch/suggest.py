"""Words that tell the relevant records of a case from the others, and how they do elsewhere."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from pastwatch.errors import BadValue
from pastwatch.model.when import DAY_US, SECOND_US, Span
from pastwatch.plugins import extra
from pastwatch.stages.watch.backtest import alarms_of

LEVEL_P: Final = 0.05
_IN_RELEVANT: Final = 2

Int64s = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Elsewhere:
    """What a watch would have done in spans that its words were not taken from; no event is in them."""

    spans: int
    days: float
    alerts: int
    alarms: int
    under_alarm_ratio: float

    @property
    def alerts_a_day(self) -> float:
        """How many a day a reader would have had to look at."""
        return self.alerts / self.days if self.days else 0.0


def telling(
    relevant: Counter[str], relevant_count: int, others: Counter[str], others_count: int
) -> tuple[list[tuple[str, float]], int]:
    """The words that stand in more of the relevant records than luck would have; and how many were tried.

    Each with its chance (one-sided hypergeometric, Fisher 1935) times the number tried, most
    telling first; those above the level are left out. Counters say in how many records a word is.
    """
    with extra("review", "to suggest a watch, the package scipy is needed"):
        from scipy.stats import hypergeom
    words = sorted(word for word, count in relevant.items() if count >= _IN_RELEVANT)
    if not words or not others_count:
        return [], len(words)
    held = np.array([relevant[word] for word in words])
    whole = held + np.array([others[word] for word in words])
    chances = hypergeom.sf(held - 1, relevant_count + others_count, whole, relevant_count)
    found = zip(words, np.minimum(chances * len(words), 1.0).tolist(), strict=True)
    return sorted(
        ((word, p) for word, p in found if p <= LEVEL_P), key=lambda one: (one[1], one[0])
    ), len(words)


def left_over(whole: Span, used: Iterable[Span]) -> list[Span]:
    """What of a span none of those used reaches, in order."""
    found: list[Span] = []
    at_us = whole.start_us
    for span in sorted(used, key=lambda one: one.start_us):
        if span.start_us > at_us:
            found.append(Span(start_us=at_us, end_us=min(span.start_us, whole.end_us)))
        at_us = max(at_us, span.end_us)
        if at_us >= whole.end_us:
            break
    if at_us < whole.end_us:
        found.append(Span(start_us=at_us, end_us=whole.end_us))
    return [span for span in found if span.length_us > 0]


def elsewhere(
    alerts_us: Sequence[int] | Int64s, spans: Collection[Span], *, horizon_s: int
) -> Elsewhere:
    """Count alerts and alarms over spans; an alarm that one of them cuts off ends with it."""
    if not spans:
        raise BadValue("there is nowhere else to look")
    moments = np.sort(np.asarray(alerts_us, np.int64))
    alerts = alarms = under_us = 0
    for span in spans:
        low, high = np.searchsorted(moments, (span.start_us, span.end_us))
        alerts += int(high - low)
        found = alarms_of(moments[low:high], horizon_s=horizon_s, span=span)
        alarms += len(found)
        under_us += sum(one.end_us - one.start_us for one in found)
    length_us = sum(span.length_us for span in spans)
    return Elsewhere(
        spans=len(spans),
        days=length_us / DAY_US,
        alerts=alerts,
        alarms=alarms,
        under_alarm_ratio=under_us / length_us,
    )


def around(moments_us: Iterable[int], *, hours: float) -> list[Span]:
    """The span of so many hours around each moment."""
    half_us = round(hours * 3600 * SECOND_US)
    return [Span(start_us=one - half_us, end_us=one + half_us) for one in moments_us]
