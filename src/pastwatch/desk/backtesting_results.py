"""Trials as they are told: alarms of a span, events and their claims, two versions paired."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from pastwatch.model.backtest import AlarmStood, EventTried, Paired, SpanTried
from pastwatch.model.watch import Watch
from pastwatch.model.when import Span
from pastwatch.stages.watch.backtest import Trial, Warned, trial
from pastwatch.stages.watch.compare import compared
from pastwatch.stages.watch.embargo import claim_of

Told = tuple[SpanTried, tuple[EventTried, ...]]


def told(
    done: Trial,
    alerts_us: Sequence[int],
    starts: Mapping[str, int],
    *,
    kept_us: int | None,
    tuned_us: Mapping[str, int | None],
) -> Told:
    """A trial over a span, and how each event, in order of time, stood to its alarms."""

    def event(name: str, warned: Warned) -> EventTried:
        return EventTried(
            event_id=name,
            at_us=warned.event_us,
            claim=claim_of(name, warned.event_us, kept_us=kept_us, tuned_us=tuned_us),
            lead_s=warned.lead_s,
            luck_p=warned.luck_p,
            luck_lead_p=warned.luck_lead_p,
            pseudo_events=warned.pseudo_events,
            matched_hours=warned.matched_hours,
        )

    ordered = sorted(starts, key=lambda name: starts[name])
    events = tuple(event(*pair) for pair in zip(ordered, done.events, strict=True))
    return _span(done, alerts_us), events


def quiet(
    alerts_us: Sequence[int], watch: Watch, span: Span | None, *, seed: int
) -> SpanTried | None:
    """What a watch did over a quiet span; None where none was asked for."""
    if span is None:
        return None
    return _span(trial(alerts_us, (), span=span, horizon_s=watch.horizon_s, seed=seed), alerts_us)


def paired(
    watches: Sequence[Watch], trials: Sequence[Trial], made: Sequence[Told]
) -> Paired | None:
    """Two versions on the same records; None where there is one."""
    if len(watches) < 2:  # noqa: PLR2004 - a pair
        return None
    pair = compared(*trials, first_us=made[0][0].alerts_us, second_us=made[1][0].alerts_us)
    return Paired(
        version=watches[1].version,
        text_sha256=watches[1].text_sha256,
        over=made[1][0],
        events=made[1][1],
        **pair._asdict(),
    )


def _span(done: Trial, own: Sequence[int]) -> SpanTried:
    return SpanTried(
        span=done.span,
        alerts_us=tuple(at for at in own if done.span.start_us <= at < done.span.end_us),
        alarms=tuple(
            AlarmStood(start_us=a.start_us, end_us=a.end_us, alerts=a.alerts) for a in done.alarms
        ),
        under_alarm_ratio=done.under_alarm_ratio,
        alerts_a_day=done.alerts_a_day,
        false_alarms=done.false_alarms,
        curve=done.curve if done.events else (),
    )
