"""Two pictures as plain SVG: how much was looked at, and what stands before and after the event."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from pastwatch.drawing.axis import DAY_US, TimeAxis, ticks, written
from pastwatch.drawing.markup import Html
from pastwatch.model.assessment import Coverage
from pastwatch.model.authority import Event
from pastwatch.stages.brief.given import Bin

WIDTH = 720
BAR_LEFT, BAR_WIDTH = 86, 430
ROW = 24
TICKS_AT_MOST = 6
LANE, LANE_BAR = 58, 30


def coverage_bar(coverage: Coverage) -> Html:
    """Held ▸ in scope ▸ readable ▸ scanned ▸ shown; below the fold, to the scale of in scope."""
    steps = (
        ("in scope", coverage.in_scope, coverage.held, "held"),
        ("readable", coverage.readable, coverage.in_scope, "in scope"),
        ("scanned", coverage.scanned, coverage.in_scope, "in scope"),
        ("shown", coverage.shown, coverage.in_scope, "in scope"),
    )
    sliver = _width(coverage.in_scope, coverage.held)
    top, fold = 4, 26
    parts = [
        _label("held", top),
        _rect(BAR_LEFT, top, BAR_WIDTH, "track"),
        _rect(BAR_LEFT, top, sliver, "ink"),
        _number(f"{coverage.held:,}", "", top),
    ]
    below = top + ROW - 8
    next_top = below + fold
    parts.append(
        Html('<path class="fan" d="M{0} {1}L{2} {1}L{3} {4}L{0} {4}Z"/>').format(
            BAR_LEFT, below, BAR_LEFT + max(sliver, 1), BAR_LEFT + BAR_WIDTH, next_top
        )
    )
    for row, (name, records, whole, of) in enumerate(steps):
        y = next_top + row * ROW
        wide = BAR_WIDTH if row == 0 and records else _width(records, whole)
        parts += [
            _label(name, y),
            _rect(BAR_LEFT, y, BAR_WIDTH, "track"),
            _rect(BAR_LEFT, y, wide, "ink"),
            _number(f"{records:,}", f"{share(records, whole)} of {of}", y),
        ]
    words = ", ".join(f"{name} {records:,}" for name, records, _, _ in steps)
    height = next_top + len(steps) * ROW
    return _svg(height, f"Records: held {coverage.held:,}, {words}", parts)


def timeline(bins: Sequence[Bin], event: Event) -> Html:
    """A lane a source, bars for records, a mark under each bar with cited ones, the event a line."""
    if not bins:
        return Html("")
    start_us = min(*(b.start_us for b in bins), event.when.start_us)
    end_us = max(*(b.end_us for b in bins), event.when.end_us, start_us + 1)
    lanes = list(dict.fromkeys(b.source for b in bins))
    height = 22 + LANE * len(lanes) + 20

    axis = TimeAxis(start_us=start_us, end_us=end_us, left_px=4, right_px=WIDTH - 4)

    def x(time_us: int) -> float:
        return round(axis.x(time_us), 1)

    at, until = x(event.when.start_us), x(event.when.end_us)
    bottom = height - 20
    parts = [_rect(4, 16, at - 4, "before", height=bottom - 16)]
    for row, source in enumerate(lanes):
        parts += _lane(source, [b for b in bins if b.source == source], 22 + row * LANE, x)
    parts.append(_rect(at, 16, max(until - at, 0.5), "event", height=bottom - 16))
    side = "end" if at > WIDTH / 2 else "start"
    shift = -5 if side == "end" else 5
    parts.append(
        Html('<text class="evt" x="{}" y="11" text-anchor="{}">event {}</text>').format(
            at + shift,
            side,
            written(event.when.start_us, offset_s=event.zone_offset_s, step_us=DAY_US),
        )
    )
    parts += _axis(start_us, end_us, event.zone_offset_s, bottom, x)
    return _svg(height, "Records by time and source, before and after the event", parts)


def share(part: int, whole: int) -> str:
    """A share for a reader: never rounded up to all or down to none."""
    if not whole:
        return "none"
    if part in (0, whole):
        return "100 %" if part else "0 %"
    percent = 100 * part / whole
    if percent < 0.01:  # noqa: PLR2004 - two decimals would print it as none
        return "< 0.01 %"
    if percent > 99.99:  # noqa: PLR2004 - and as all
        return "> 99.99 %"
    return f"{percent:.2f} %" if percent < 1 or percent > 99 else f"{percent:.1f} %"  # noqa: PLR2004


def _lane(source: str, bins: list[Bin], top: int, x: Callable[[int], float]) -> list[Html]:
    most = max((b.records for b in bins), default=0) or 1
    base = top + 14 + LANE_BAR
    parts = [
        Html('<text class="lane" x="6" y="{}">{}</text>').format(top + 9, _short(source)),
        Html('<text class="most" x="{}" y="{}" text-anchor="end">most in a bar: {}</text>').format(
            WIDTH - 6, top + 9, f"{most:,}"
        ),
        Html('<path class="base" d="M4 {0}H{1}"/>').format(base, WIDTH - 4),
    ]
    for one in bins:
        left, right = x(one.start_us), x(one.end_us)
        if one.records:
            tall = max(LANE_BAR * one.records / most, 1)
            parts.append(
                _rect(
                    left,
                    base - tall,
                    max(right - left - 0.8, 0.6),
                    "bar",
                    height=tall,
                    title=f"{one.records:,}",
                )
            )
        if one.cited:
            middle = (left + right) / 2
            parts.append(
                Html(
                    '<path class="cited" d="M{0} {1}l4 6h-8z"><title>{2} cited</title></path>'
                ).format(round(middle, 1), base + 2, one.cited)
            )
    return parts


def _axis(
    start_us: int, end_us: int, offset_s: int, bottom: int, x: Callable[[int], float]
) -> list[Html]:
    parts = []
    for tick in ticks(start_us, end_us, offset_s=offset_s, at_most=TICKS_AT_MOST):
        place = x(tick.at_us)
        anchor = "start" if place < 40 else "end" if place > WIDTH - 40 else "middle"  # noqa: PLR2004
        parts.append(
            Html(
                '<path class="tick" d="M{0} {1}v4"/>'
                '<text class="axis" x="{0}" y="{2}" text-anchor="{3}">{4}</text>'
            ).format(place, bottom, bottom + 15, anchor, tick.source)
        )
    return parts


def _short(name: str) -> str:
    return name if len(name) <= 48 else name[:47] + "…"  # noqa: PLR2004 - what a lane has room for


def _width(part: int, whole: int) -> float:
    return max(round(BAR_WIDTH * part / whole, 1), 1.5) if part and whole else 0


def _label(name: str, y: float) -> Html:
    return Html('<text class="name" x="{}" y="{}" text-anchor="end">{}</text>').format(
        BAR_LEFT - 8, y + 12, name
    )


def _number(count: str, beside: str, y: float) -> Html:
    return Html(
        '<text class="count" x="{0}" y="{1}">{2}</text><text class="share" x="{3}" y="{1}">{4}</text>'
    ).format(BAR_LEFT + BAR_WIDTH + 10, y + 12, count, WIDTH - 118, beside)


def _rect(
    x: float, y: float, width: float, kind: str, *, height: float = 16, title: str = ""
) -> Html:
    if width <= 0:
        return Html("")
    inner = Html("<title>{}</title>").format(title) if title else Html("")
    return Html('<rect class="{}" x="{}" y="{}" width="{}" height="{}">{}</rect>').format(
        kind, round(x, 1), round(y, 1), round(width, 1), round(height, 1), inner
    )


def _svg(height: float, words: str, parts: list[Html]) -> Html:
    head = Html('<svg viewBox="0 0 {} {}" role="img" aria-label="{}">').format(WIDTH, height, words)
    return head + Html("").join(parts) + Html("</svg>")
