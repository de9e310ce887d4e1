"""A back-test as a picture: alerts, alarms and the event with its lead, a Molchan diagram."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from pastwatch.desk.pictures import write_picture
from pastwatch.drawing.alarms import Curve, EventDrawn, Strip, draw_alarms
from pastwatch.model.backtest import Backtest, EventTried, SpanTried
from pastwatch.model.when import SECOND_US


def chart(made: Backtest) -> str:
    """The picture of a back-test, as SVG."""
    pair = made.against
    strips = [_strip(f"version {made.version}", made.over, made.events)]
    curves = [Curve(f"version {made.version}", made.over.curve)]
    if pair is not None:
        strips.append(_strip(f"version {pair.version}", pair.over, pair.events))
        curves.append(Curve(f"version {pair.version}", pair.over.curve))
    if made.control is not None:
        strips.append(_strip("quiet", made.control, ()))
    lines = [f"horizon {lasting(made.horizon_s)}", *_luck(made.events), *made.limits]
    warned = len(made.events) - made.missed
    return draw_alarms(
        f"Watch {made.watch}, version {made.version}: {made.claim}",
        f"warned of {warned} of {len(made.events)} events",
        strips=strips,
        curves=curves,
        lines=lines,
        offset_s=made.zone_offset_s,
    )


def write_chart(made: Backtest, path: Path) -> None:
    """Write the picture as .svg or .png; UsageError for another ending."""
    write_picture(chart(made), path)


def lasting(seconds: int) -> str:
    """A length of time in its two greatest units: 8 h 15 min."""
    units = (("d", 86_400), ("h", 3600), ("min", 60), ("s", 1))
    for at, (name, size) in enumerate(units):
        if seconds >= size:
            rest = units[at + 1] if at + 1 < len(units) else None
            left = seconds % size // rest[1] if rest else 0
            return f"{seconds // size} {name}" + (f" {left} {rest[0]}" if rest and left else "")
    return "0 s"


def _strip(name: str, tried: SpanTried, events: Sequence[EventTried]) -> Strip:
    return Strip(
        name=name,
        start_us=tried.span.start_us,
        end_us=tried.span.end_us,
        alerts_us=tried.alerts_us,
        alarms=[(a.start_us, a.end_us) for a in tried.alarms],
        events=[_event(event) for event in events],
        told=(
            f"{len(tried.alerts_us)} alerts, {len(tried.alarms)} alarms, {tried.false_alarms} false; "
            f"{tried.under_alarm_ratio:.1%} of the time under alarm"
        ),
    )


def _event(event: EventTried) -> EventDrawn:
    if event.lead_s is None:
        return EventDrawn(event.at_us, event.event_id, None, "missed")
    return EventDrawn(
        event.at_us,
        event.event_id,
        event.at_us - event.lead_s * SECOND_US,
        f"lead {lasting(event.lead_s)}",
    )


def _luck(events: Sequence[EventTried]) -> list[str]:
    """How easily chance does as well, event by event."""
    found = []
    for event in events:
        said = f"{event.event_id} ({event.claim}): by luck under alarm p = {event.luck_p:.2g}"
        if event.luck_lead_p is not None:
            said += f", for as long p = {event.luck_lead_p:.2g}"
        found.append(f"{said}, from {event.matched_hours} hours")
    return found
