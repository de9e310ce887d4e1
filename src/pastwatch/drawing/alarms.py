"""Draws alerts and alarms over time, events with their leads, and a Molchan diagram."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Final, NamedTuple

from pastwatch.drawing.axis import HOUR_US, TimeAxis, ticks, zone_name
from pastwatch.drawing.canvas import STYLES, Canvas

_WIDE, _LEFT, _RIGHT = 1120.0, 96.0, 1096.0
_TOP: Final = 84.0
_STRIP: Final = 96.0
_BAR: Final = 40.0
_SQUARE: Final = 300.0
_LINE: Final = 17.0
_NEAR_PX: Final = 150.0
_ALERT_PX: Final = 1.4
_MINE: Final = {
    "alarm": "fill:#f3c9a5;stroke:#8a4b12;stroke-width:0.6",
    "alert": "stroke:#243b53;stroke-width:1.4;fill:none",
    "lead": "stroke:#9b1c1c;stroke-width:1.2;fill:none",
    "eventword": "font:600 11px 'Noto Sans','DejaVu Sans',Arial,sans-serif;fill:#9b1c1c",
    "curve": "stroke:#b44d12;stroke-width:1.8;fill:none",
    "second": "stroke:#243b53;stroke-width:1.6;fill:none;stroke-dasharray:5 3",
    "luck": "stroke:#7b8794;stroke-width:1;fill:none;stroke-dasharray:2 3",
}


class EventDrawn(NamedTuple):
    """An event: when, its name, and since when the alarm in force had stood, None where it was missed."""

    at_us: int
    name: str
    alarm_us: int | None
    lead: str


class Strip(NamedTuple):
    """A stretch of time as one watch saw it."""

    name: str
    start_us: int
    end_us: int
    alerts_us: Sequence[int]
    alarms: Sequence[tuple[int, int]]
    events: Sequence[EventDrawn]
    told: str


class Curve(NamedTuple):
    """The points of a Molchan diagram: (alerts needed, part under alarm, part missed)."""

    name: str
    points: Sequence[tuple[int, float, float]]


def draw_alarms(
    title: str,
    told: str,
    *,
    strips: Sequence[Strip],
    curves: Sequence[Curve],
    lines: Sequence[str] = (),
    offset_s: int = 0,
    elapsed: bool = False,
) -> str:
    """The picture as SVG; the same values give the same bytes. `elapsed` counts hours from 0."""
    curves = [curve for curve in curves if curve.points]
    side = _SQUARE + 76 if curves else 24 + _LINE * len(lines)
    canvas = Canvas(
        _WIDE, _TOP + _STRIP * len(strips) + side, f"{title}: {told}", styles={**STYLES, **_MINE}
    )
    canvas.words(24, 30, title, "title")
    canvas.words(24, 50, told)
    zone = "hours from the start" if elapsed else f"times in {zone_name(offset_s)}"
    legend = "a stroke is an alert, a bar a stretch under alarm, red an event"
    canvas.words(_WIDE - 24, 50, f"{legend}; {zone}", "small", anchor="end")
    top = _TOP
    for strip in strips:
        _strip(canvas, strip, top, offset_s, elapsed=elapsed)
        top += _STRIP
    if curves:
        _molchan(canvas, curves, top + 24)
    left = _LEFT + _SQUARE + 64 if curves else 24.0
    for number, line in enumerate(lines):
        canvas.words(left, top + 36 + _LINE * number, line)
    return canvas.svg()


def _strip(canvas: Canvas, strip: Strip, top: float, offset_s: int, *, elapsed: bool) -> None:
    axis = TimeAxis(start_us=strip.start_us, end_us=strip.end_us, left_px=_LEFT, right_px=_RIGHT)
    base = top + _BAR
    canvas.words(24, base - 12, strip.name)
    canvas.words(_LEFT, top - 6, strip.told, "small")
    canvas.rect(_LEFT, top, _RIGHT - _LEFT, _BAR, "before")
    for start_us, end_us in strip.alarms:
        wide = max(axis.x(end_us) - axis.x(start_us), 1.0)
        canvas.rect(axis.x(start_us), top + 14, wide, _BAR - 14, "alarm")
    for pixel, number in _alerts(strip.alerts_us, axis):
        high = min(6.0 + 3.0 * number, _BAR)
        canvas.path(f"M{pixel:.1f} {base:.1f}V{base - high:.1f}", "alert")
    canvas.path(f"M{_LEFT:.1f} {base:.1f}H{_RIGHT:.1f}", "line")
    for tick in ticks(strip.start_us, strip.end_us, offset_s=offset_s, at_most=8):
        canvas.path(f"M{axis.x(tick.at_us):.1f} {base:.1f}v4", "line")
        said = f"{tick.at_us / HOUR_US:g} h" if elapsed else tick.source
        canvas.words(axis.x(tick.at_us), base + 15, said, "small", anchor="middle")
    for event in strip.events:
        _event(canvas, event, axis, top)


def _alerts(alerts_us: Sequence[int], axis: TimeAxis) -> list[tuple[float, int]]:
    """Where strokes stand, and how many alerts each is for: as many as a pixel can tell apart."""
    counts = Counter(round(axis.x(at) / _ALERT_PX) for at in alerts_us if axis.holds(at))
    return [(place * _ALERT_PX, number) for place, number in sorted(counts.items())]


def _event(canvas: Canvas, event: EventDrawn, axis: TimeAxis, top: float) -> None:
    x, low = axis.x(event.at_us), top + _BAR
    canvas.path(f"M{x:.1f} {top - 4:.1f}V{low + 20:.1f}", "event")
    if event.alarm_us is not None:
        since = axis.x(event.alarm_us)
        line = low + 24
        canvas.path(f"M{since:.1f} {line - 4:.1f}v8M{since:.1f} {line:.1f}H{x:.1f}", "lead")
    text = f"{event.name}: {event.lead}"
    near = x > _RIGHT - _NEAR_PX * 1.5
    canvas.words(
        x - 6 if near else x + 6, low + 32, text, "eventword", anchor="end" if near else "start"
    )


def _molchan(canvas: Canvas, curves: Sequence[Curve], top: float) -> None:
    """Misses against time under alarm: by luck alone a point lies on the diagonal, the best at 0, 0."""
    left, side = _LEFT, _SQUARE
    canvas.rect(left, top, side, side, "before")
    for number in range(5):
        at = side * number / 4
        canvas.path(f"M{left:.1f} {top + at:.1f}H{left + side:.1f}", "grid")
        canvas.path(f"M{left + at:.1f} {top:.1f}V{top + side:.1f}", "grid")
        canvas.words(left + at, top + side + 14, f"{25 * number}", "small", anchor="middle")
        canvas.words(left - 6, top + side - at + 4, f"{25 * number}", "small", anchor="end")
    canvas.path(f"M{left:.1f} {top:.1f}L{left + side:.1f} {top + side:.1f}", "luck")
    canvas.words(left + 0.64 * side, top + 0.6 * side, "luck", "small")
    canvas.words(left + side / 2, top + side + 30, "% of the time under alarm", anchor="middle")
    canvas.words(left, top - 20, "% of the events missed")
    for curve, style, dot in zip(curves, ("curve", "second"), ("cited", "hollow"), strict=False):
        placed = sorted({(under, missed): needed for needed, under, missed in curve.points}.items())
        way = [(0.0, 1.0), *(point for point, _ in placed), (1.0, 0.0)]
        canvas.path(
            "M" + "L".join(f"{left + x * side:.1f} {top + (1 - y) * side:.1f}" for x, y in way),
            style,
        )
        for (under, missed), needed in placed:
            x, y = left + under * side, top + (1 - missed) * side
            what = f"{curve.name}: {needed} alerts or more within a horizon"
            canvas.circle(x, y, 3.4, dot, title=f"{what}: {under:.1%} under alarm")
            below = style == "second" and y < top + side - 14
            canvas.words(x + 4, y + (14 if below else -6), f"≥ {needed}", "small")
