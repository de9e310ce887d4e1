"""Would it have warned: what alarms missed, how long they stood, how early, and how easily by luck."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from pastwatch.errors import BadValue
from pastwatch.model.when import DAY_US, HOUR_US, SECOND_US, Span

PSEUDO_EVENTS: Final = 1_000
"""So many moments at least, of the event's hour and sort of day, tell how likely luck is."""
WEEK_HOURS: Final = 168
_EPOCH_HOUR_OF_WEEK: Final = 72  # 1970-01-01 was a Thursday: the week begins on Monday
_FIVE: Final = 5
_CONFIDENCE: Final = 0.95

Int64s = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Alarm:
    """A stretch under alarm: from the alert that began it to one horizon after its last."""

    start_us: int
    end_us: int
    alerts: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Warned:
    """How one event stood to the alarms: under one or not, for how long, and by what luck.

    `lead_s` runs from the beginning of the alarm in force to the event; None where it was missed.
    `luck_p` is the share of matched moments that stood under an alarm, `luck_lead_p` of those that
    did so for as long: (1 + such) / (1 + all), so never 0.
    """

    event_us: int
    lead_s: int | None
    luck_p: float
    luck_lead_p: float | None
    pseudo_events: int
    matched_hours: int
    """So many hours of the span the moments were drawn from: luck is known no finer than that."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """What a watch would have done over a span of the past.

    `miss_at_most` and `detection_at_least` are one-sided 95 % limits (Clopper–Pearson) over the
    events: with 1 of 1 detected nothing better than 5 % is shown.
    """

    span: Span
    horizon_s: int
    alerts: int
    alarms: tuple[Alarm, ...]
    under_alarm_ratio: float
    """The part of the span that stood under alarm."""
    alerts_a_day: float
    events: tuple[Warned, ...]
    missed: int
    detection_at_least: float
    false_alarms: int
    """Alarms that no event followed within their time."""
    curve: tuple[tuple[int, float, float], ...] = ()
    """(alerts needed, part under alarm, part of events missed): a Molchan diagram's points."""

    @property
    def counted_only(self) -> bool:
        """Whether there were too few events for a share to say anything: counts alone are printed."""
        return len(self.events) < _FIVE


def alarms_of(
    alerts_us: Sequence[int] | Int64s, *, horizon_s: int, span: Span
) -> tuple[Alarm, ...]:
    """The stretches under alarm within a span, each alert lasting one horizon; in order of time."""
    horizon_us = _positive(horizon_s) * SECOND_US
    moments = np.sort(np.asarray(alerts_us, np.int64))
    moments = moments[(moments >= span.start_us) & (moments < span.end_us)]
    if not len(moments):
        return ()
    begins = np.concatenate(([True], np.diff(moments) > horizon_us))
    first = np.flatnonzero(begins)
    last = np.concatenate((first[1:], [len(moments)])) - 1
    return tuple(
        Alarm(
            start_us=int(moments[a]),
            end_us=min(int(moments[b]) + horizon_us, span.end_us),
            alerts=int(b - a + 1),
        )
        for a, b in zip(first.tolist(), last.tolist(), strict=True)
    )


def trial(
    alerts_us: Sequence[int] | Int64s,
    events_us: Sequence[int],
    *,
    span: Span,
    horizon_s: int,
    zone_offset_s: int = 0,
    seed: int = 0,
    pseudo_events: int = PSEUDO_EVENTS,
) -> Trial:
    """Alarms of a span against the events in it; deterministic for a seed.

    BadValue when an event lies outside the span, or the span is shorter than the horizon.
    """
    if span.length_us < _positive(horizon_s) * SECOND_US:
        raise BadValue("a back-test is over a span longer than the horizon of its alarms")
    for event_us in events_us:
        if not span.start_us <= event_us < span.end_us:
            raise BadValue("an event lies outside the span of the back-test")
    moments = np.sort(np.asarray(alerts_us, np.int64))
    moments = moments[(moments >= span.start_us) & (moments < span.end_us)]
    alarms = alarms_of(moments, horizon_s=horizon_s, span=span)
    rng = np.random.default_rng(seed)
    warned = tuple(
        _warned(e, alarms, span, zone_offset_s, rng, pseudo_events) for e in sorted(events_us)
    )
    missed = sum(one.lead_s is None for one in warned)
    return Trial(
        span=span,
        horizon_s=horizon_s,
        alerts=len(moments),
        alarms=alarms,
        under_alarm_ratio=_under(alarms, span),
        alerts_a_day=len(moments) / (span.length_us / DAY_US),
        events=warned,
        missed=missed,
        detection_at_least=detection_at_least(len(warned) - missed, len(warned)),
        false_alarms=sum(not any(a.start_us < e <= a.end_us for e in events_us) for a in alarms),
        curve=molchan(moments, events_us, span=span, horizon_s=horizon_s),
    )


def molchan(
    alerts_us: Sequence[int] | Int64s, events_us: Sequence[int], *, span: Span, horizon_s: int
) -> tuple[tuple[int, float, float], ...]:
    """The points of a Molchan diagram: an alarm needs 1, 2, 4 … alerts within a horizon.

    Each is (alerts needed, part of the span under alarm, part of the events missed); the ends, no
    alarm and always alarm, are left to whoever draws it.
    """
    moments = np.sort(np.asarray(alerts_us, np.int64))
    moments = moments[(moments >= span.start_us) & (moments < span.end_us)]
    found = []
    needed = 1
    while needed <= max(len(moments), 1):
        strong = strong_alerts(moments, needed=needed, within_s=horizon_s)
        alarms = alarms_of(strong, horizon_s=horizon_s, span=span)
        missed = sum(_in_force(alarms, e) is None for e in events_us)
        found.append((needed, _under(alarms, span), missed / len(events_us) if events_us else 0.0))
        if not len(strong):
            break
        needed *= 2
    return tuple(found)


def strong_alerts(moments: Int64s, *, needed: int, within_s: int) -> Int64s:
    """The alerts that are at least the so-manieth within a stretch that ends with them."""
    first = np.searchsorted(moments, moments - within_s * SECOND_US, side="left")
    return moments[np.arange(len(moments)) - first + 1 >= needed]


def detection_at_least(detected: int, events: int) -> float:
    """The one-sided 95 % lower limit of the share detected (Clopper–Pearson), by bisection."""
    if not 0 <= detected <= events:
        raise BadValue("no more events are detected than there are")
    if not detected:
        return 0.0
    low, high = 0.0, 1.0
    for _ in range(60):
        middle = (low + high) / 2
        if _at_least(detected, events, middle) < 1 - _CONFIDENCE:
            low = middle
        else:
            high = middle
    return low


def matched_moments(
    event_us: int, *, span: Span, zone_offset_s: int, count: int, rng: np.random.Generator
) -> Int64s:
    """Random moments of a span in the same hour of the week as an event, on the event's clocks.

    Hours that the span holds in part count for that part; the event's own hour is left out. Where
    the span holds no other such hour of the week, the same hour of any day will do.
    """
    offset_us = zone_offset_s * SECOND_US
    chosen = matched_hours(event_us, span=span, zone_offset_s=zone_offset_s)
    if not len(chosen):
        return np.zeros(0, np.int64)
    start = np.maximum(chosen * HOUR_US - offset_us, span.start_us)
    end = np.minimum((chosen + 1) * HOUR_US - offset_us, span.end_us)
    wide = (end - start).astype(np.float64)
    place = rng.choice(len(chosen), size=count, p=wide / wide.sum())
    found: Int64s = start[place] + (rng.random(count) * wide[place]).astype(np.int64)
    return found


def matched_hours(event_us: int, *, span: Span, zone_offset_s: int) -> Int64s:
    """The hours of a span, counted from 1970 on the event's clocks, that `matched_moments` draws from."""
    offset_us = zone_offset_s * SECOND_US
    first = (span.start_us + offset_us) // HOUR_US
    hours = np.arange(first, (span.end_us - 1 + offset_us) // HOUR_US + 1)
    own = (event_us + offset_us) // HOUR_US
    of_week = (hours + _EPOCH_HOUR_OF_WEEK) % WEEK_HOURS
    same = of_week == (own + _EPOCH_HOUR_OF_WEEK) % WEEK_HOURS
    chosen: Int64s = hours[same & (hours != own)]
    if not len(chosen):
        chosen = hours[((hours - own) % 24 == 0) & (hours != own)]
    return chosen


def _warned(  # noqa: PLR0917 - the parts of one trial
    event_us: int,
    alarms: tuple[Alarm, ...],
    span: Span,
    zone_offset_s: int,
    rng: np.random.Generator,
    count: int,
) -> Warned:
    own = _in_force(alarms, event_us)
    pseudo = matched_moments(event_us, span=span, zone_offset_s=zone_offset_s, count=count, rng=rng)
    leads = _leads(alarms, pseudo)
    under = leads >= 0
    lead_us = None if own is None else event_us - own.start_us
    luck = (1 + int(under.sum())) / (1 + len(pseudo))
    as_long = None
    if lead_us is not None:
        as_long = (1 + int((leads >= lead_us).sum())) / (1 + len(pseudo))
    return Warned(
        event_us=event_us,
        lead_s=None if lead_us is None else lead_us // SECOND_US,
        luck_p=luck,
        luck_lead_p=as_long,
        pseudo_events=len(pseudo),
        matched_hours=len(matched_hours(event_us, span=span, zone_offset_s=zone_offset_s)),
    )


def _leads(alarms: tuple[Alarm, ...], moments: Int64s) -> Int64s:
    """Of each moment how long the alarm in force had stood, −1 where there was none."""
    if not alarms or not len(moments):
        return np.full(len(moments), -1, np.int64)
    starts = np.array([a.start_us for a in alarms], np.int64)
    ends = np.array([a.end_us for a in alarms], np.int64)
    at = np.searchsorted(starts, moments, side="left") - 1
    inside = (at >= 0) & (moments <= ends[at])
    return np.where(inside, moments - starts[at], -1)


def _in_force(alarms: tuple[Alarm, ...], event_us: int) -> Alarm | None:
    """The alarm that stood when the event came; one that began with it did not warn."""
    return next((a for a in alarms if a.start_us < event_us <= a.end_us), None)


def _under(alarms: tuple[Alarm, ...], span: Span) -> float:
    return sum(a.end_us - a.start_us for a in alarms) / max(span.length_us, 1)


def _at_least(detected: int, events: int, share: float) -> float:
    """The chance of at least so many of all, each with this share."""
    chance, term = 0.0, (1 - share) ** events
    for number in range(events + 1):
        if number >= detected:
            chance += term
        term *= (events - number) / (number + 1) * share / max(1 - share, 1e-300)
    return chance


def _positive(horizon_s: int) -> int:
    if horizon_s < 1:
        raise BadValue("an alarm lasts for some time")
    return horizon_s
