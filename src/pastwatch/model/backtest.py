"""A watch tried on the past: what it would have done, how early, and what may be said of it."""

from __future__ import annotations

import enum
from dataclasses import dataclass

from pastwatch.model.when import Span


class Foresight(enum.StrEnum):
    """What a result on an event may be called."""

    PREDICTION = "prediction"
    """The exact text of the watch stood in the ledger before the event."""
    RETROSPECTIVE = "retrospective"
    """It did not: whoever wrote the watch may have known the event."""
    EXPLAINS = "explains"
    """Its words were taken from this event, or from a later one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EventTried:
    """How one event stood to the alarms of a watch.

    `lead_s` runs from the beginning of the alarm in force to the event; None where it was missed.
    `luck_p` is the chance that a moment of the same hour and sort of day stood under an alarm,
    `luck_lead_p` that it did so for as long; drawn from `matched_hours` hours of the span, and
    known no finer than that.
    """

    event_id: str
    at_us: int
    claim: Foresight
    lead_s: int | None
    luck_p: float
    luck_lead_p: float | None
    pseudo_events: int
    matched_hours: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AlarmStood:
    """A stretch under alarm."""

    start_us: int
    end_us: int
    alerts: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SpanTried:
    """What a watch did over a span; in one without an event every alarm is a false one."""

    span: Span
    alerts_us: tuple[int, ...]
    alarms: tuple[AlarmStood, ...]
    under_alarm_ratio: float
    alerts_a_day: float
    false_alarms: int
    curve: tuple[tuple[int, float, float], ...] = ()
    """(alerts needed, part under alarm, part of events missed): a Molchan diagram's points."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Paired:
    """Two versions of a watch on the same records: `p` is McNemar's exact one, over the events."""

    version: int
    text_sha256: str
    over: SpanTried
    events: tuple[EventTried, ...]
    both: int
    only_first: int
    only_second: int
    neither: int
    p: float
    earlier_first: int
    """Of the events that both warned of, those of which the first warned earlier."""
    earlier_second: int
    shared_alerts: int
    """Alerts that both raised at the same second."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Backtest:
    """A watch tried on the past under a baseline authority; of no record, account or source.

    `detection_at_least` is a one-sided 95 % limit over the events (Clopper–Pearson).
    """

    backtest_id: str
    watch: str
    version: int
    text_sha256: str
    kept_us: int | None
    """When its exact text came to stand in the ledger; None where it never did."""
    authority_id: str
    horizon_s: int
    seed: int
    zone_offset_s: int
    examined: int
    left_out: int
    unwatched_sources: int
    stopped: str
    over: SpanTried
    events: tuple[EventTried, ...]
    missed: int
    detection_at_least: float
    limits: tuple[str, ...]
    control: SpanTried | None = None
    against: Paired | None = None
    sampled: int = 0

    @property
    def claim(self) -> Foresight:
        """What the whole may be called: the least that any of its events may."""
        claims = {event.claim for event in self.events}
        for least in (Foresight.EXPLAINS, Foresight.RETROSPECTIVE):
            if least in claims:
                return least
        return Foresight.PREDICTION if claims else Foresight.RETROSPECTIVE


@dataclass(frozen=True, slots=True, kw_only=True)
class SampleRead:
    """What reading the sampled alerts came to; a share only where there are five events or more."""

    sampled: int
    useful: int
    false_alarms: int
    unsure: int
    unread: int
    precision: float | None
    precision_at_least: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SampledText:
    """One sampled alert as its reader sees it: the text, and nothing of who, when or where."""

    number: int
    of: int
    subject: str
    text: str
