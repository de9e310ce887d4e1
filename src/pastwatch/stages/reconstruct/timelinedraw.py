"""Draw a timeline: lanes of marks over the volume of each source, the event across all of them."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Final

from pastwatch.drawing.axis import MINUTE_US, Tick, TimeAxis, ticks, written, zone_name
from pastwatch.drawing.canvas import STYLES, Canvas
from pastwatch.drawing.lettering import cut, visible, width
from pastwatch.model.timeline import Mark, Timeline, Volume
from pastwatch.model.when import iso
from pastwatch.stages.reconstruct.timelinelanes import (
    Lane,
    draw_lane,
    draw_sign,
    height_of,
    length_said,
)
from pastwatch.stages.reconstruct.timelinelayout import (
    clock_of,
    laid_out,
    lanes_in_order,
    stretch_of,
    words_of,
)

WIDTH: Final = 1120
LEFT, RIGHT = 176.0, 1104.0
_MARGIN: Final = 14.0
_TICKS: Final = (8, 6, 4, 2)
_TOP: Final = 126.0
_LINE: Final = 16.0
_UNDATED_COLUMNS, _KEY_COLUMNS = 3, 2
_SMALL, _LABEL = 10.0, 11.0
_MINE: Final = {
    "band": "fill:#f3d9d9",
    "within": "fill:#fff;stroke:#243b53;stroke-width:1.2;stroke-dasharray:4 2.5",
    "lasting": "fill:#cbd2d9;stroke:#243b53;stroke-width:1.2",
    "label": "font:11px 'Noto Sans','DejaVu Sans',Arial,sans-serif;fill:#1f2933",
    "mark": "font:11px 'Noto Sans','DejaVu Sans',Arial,sans-serif;fill:#1f2933;"
    "stroke:#fff;stroke-width:2.5px;stroke-linejoin:round;paint-order:stroke",
    "strong": "font:600 11px 'Noto Sans','DejaVu Sans',Arial,sans-serif;fill:#1f2933",
    "eventword": "font:600 11px 'Noto Sans','DejaVu Sans',Arial,sans-serif;fill:#9b1c1c",
}


def draw(timeline: Timeline) -> str:
    """The picture as SVG; the same timeline gives the same bytes."""
    axis = TimeAxis(
        start_us=timeline.span.start_us,
        end_us=timeline.span.end_us,
        left_px=LEFT,
        right_px=RIGHT,
    )
    floating = [m for m in timeline.marks if not _is_placed(m, axis)]
    lanes = _lanes(timeline, axis)
    key = [p.mark for lane in lanes if lane.marks.numbered for p in lane.marks.placed]
    bottom = _TOP + sum(map(height_of, lanes))
    undated_px = _table_height(len(floating), _UNDATED_COLUMNS)
    key_px = _table_height(len(key), _KEY_COLUMNS) + _LINE * bool(key)
    height = bottom + undated_px + key_px + 56
    sheet = Canvas(WIDTH, height, _told(timeline), styles={**STYLES, **_MINE})
    _event_ground(sheet, timeline, axis, bottom)
    _axis(sheet, timeline, axis, bottom)
    _event_edges(sheet, timeline, axis, bottom)
    top = _TOP
    for lane in lanes:
        draw_lane(
            *(sheet, lane, axis),
            opened=timeline.opened,
            edges_us=_edges(timeline, axis),
            top=top,
            right=WIDTH - _MARGIN,
        )
        top += height_of(lane)
    sheet.path(f"M{_MARGIN} {bottom:.1f}H{RIGHT}", "rule")
    _header(sheet, timeline, axis)
    _undated(sheet, floating, timeline.event.zone_offset_s, bottom)
    _key(sheet, key, axis, timeline.event.zone_offset_s, bottom + undated_px)
    _legend(sheet, timeline, lanes, bottom + undated_px + key_px + 22)
    return sheet.svg()


def _is_placed(mark: Mark, axis: TimeAxis) -> bool:
    """Whether a mark stands over the axis; a doubtful time beside it does not stretch the axis."""
    if mark.earliest_us is None or mark.latest_us is None:
        return False
    return mark.latest_us >= axis.start_us and mark.earliest_us < axis.end_us


def _lanes(timeline: Timeline, axis: TimeAxis) -> list[Lane]:
    placed = [m for m in timeline.marks if _is_placed(m, axis)]
    volumes = {v.name: v for v in timeline.volumes}
    names = lanes_in_order(placed)
    own = [n for n in names if n not in volumes]
    rest = sorted(volumes)
    made: list[Lane] = []
    number = 1
    for name in [*own, *rest]:
        marks = laid_out(
            name,
            [m for m in placed if m.lane == name],
            axis,
            offset_s=timeline.event.zone_offset_s,
            first_number=number,
            room_until_px=WIDTH - _MARGIN,
        )
        number += len(marks.placed) if marks.numbered else 0
        made.append(Lane(marks=marks, volume=volumes.get(name)))
    return made


def _told(timeline: Timeline) -> str:
    split = timeline.split
    return (
        f"Timeline around {timeline.event.title}: {len(timeline.marks)} of {timeline.found} marks; "
        f"{split.before} before, {split.during} during, {split.after} after the event"
    )


def _header(sheet: Canvas, timeline: Timeline, axis: TimeAxis) -> None:
    event, split = timeline.event, timeline.split
    place = f", {event.place}" if event.place else ""
    title = cut(visible(event.title + place), WIDTH - 2 * _MARGIN, size_px=14, heavy=True)
    sheet.words(_MARGIN, 24, title, "title")
    at = written(event.when.start_us, offset_s=event.zone_offset_s, step_us=MINUTE_US)
    utc = written(event.when.start_us, offset_s=0, step_us=MINUTE_US)
    lasted = f", for {length_said(event.when.length_us)}" if event.when.length_us else ""
    left = f"; {timeline.outside:,} outside this stretch of time" if timeline.outside else ""
    sheet.words(
        _MARGIN,
        44,
        f"event {at} {zone_name(event.zone_offset_s)} ({utc} UTC){lasted}; "
        f"showing {len(timeline.marks):,} of {timeline.found:,} marks{left}",
        "label",
    )
    parts = [
        f"{split.before:,} before the event",
        *([f"{split.during:,} during it"] if split.during or event.when.length_us else []),
        f"{split.after:,} after it",
        *([f"{split.either:,} over its edge"] if split.either else []),
        *([f"{split.doubtful:,} of doubtful date"] if split.doubtful else []),
        *([f"{split.undated:,} without a usable date"] if split.undated else []),
    ]
    sheet.words(_MARGIN, 61, "all marks: " + ", ".join(parts), "label")
    if not axis.holds(event.when.start_us) and not axis.holds(event.when.end_us):
        side = "before" if event.when.end_us <= axis.start_us else "after"
        sheet.words(RIGHT, 61, f"the event lies {side} this stretch", "eventword", anchor="end")


def _axis(sheet: Canvas, timeline: Timeline, axis: TimeAxis, bottom: float) -> None:
    offset_s = timeline.event.zone_offset_s
    sheet.words(_MARGIN, _TOP - 39, zone_name(offset_s), "strong")
    if offset_s:
        sheet.words(_MARGIN, _TOP - 26, "UTC", "small")
    for tick, start in _spaced(axis, offset_s):
        x = axis.x(tick.at_us)
        sheet.path(f"M{x:.1f} {_TOP - 22:.1f}v4M{x:.1f} {_TOP:.1f}V{bottom:.1f}", "grid")
        middle = start + _tick_px(tick) / 2
        sheet.words(middle, _TOP - 39, tick.source, "label", anchor="middle")
        if offset_s:
            sheet.words(middle, _TOP - 26, tick.utc, "small", anchor="middle")
    sheet.path(f"M{LEFT} {_TOP:.1f}H{RIGHT}", "line")


def _spaced(axis: TimeAxis, offset_s: int) -> list[tuple[Tick, float]]:
    """As many ticks as have room for what is written at them, each with where that begins."""
    placed: list[tuple[Tick, float]] = []
    for at_most in _TICKS:
        found = ticks(axis.start_us, axis.end_us, offset_s=offset_s, at_most=at_most)
        placed = [
            (tick, min(max(axis.x(tick.at_us) - wide / 2, LEFT - 40), WIDTH - 4 - wide))
            for tick in found
            for wide in [_tick_px(tick)]
        ]
        if all(one + _tick_px(tick) + 6 <= other for (tick, one), (_, other) in pairwise(placed)):
            break
    return placed


def _tick_px(tick: Tick) -> float:
    return max(width(tick.source, size_px=_LABEL), width(tick.utc, size_px=_SMALL))


def _event_ground(sheet: Canvas, timeline: Timeline, axis: TimeAxis, bottom: float) -> None:
    when = timeline.event.when
    start, end = axis.x(when.start_us), axis.x(when.end_us)
    sheet.rect(LEFT, _TOP, start - LEFT, bottom - _TOP, "before")
    sheet.rect(start, _TOP, end - start, bottom - _TOP, "band")


def _edges(timeline: Timeline, axis: TimeAxis) -> list[int]:
    """Beginning and end of the event, as far as they lie on the axis; one where they are one."""
    when = timeline.event.when
    return [at for at in dict.fromkeys((when.start_us, when.end_us)) if axis.holds(at)]


def _event_edges(sheet: Canvas, timeline: Timeline, axis: TimeAxis, bottom: float) -> None:
    when, inside = timeline.event.when, _edges(timeline, axis)
    for at in inside:
        sheet.path(f"M{axis.x(at):.1f} {_TOP - 5:.1f}V{bottom:.1f}", "event")
    if not inside:
        return
    first, last = axis.x(inside[0]), axis.x(inside[-1])
    word = "event"
    wide = width(word, size_px=_LABEL, heavy=True)
    if last - first > wide + 8:
        sheet.words((first + last) / 2, _TOP - 9, word, "eventword", anchor="middle")
    else:
        middle = min(max((first + last) / 2, LEFT + wide / 2), RIGHT - wide / 2)
        sheet.words(middle, _TOP - 9, word, "eventword", anchor="middle")
        first, last = min(first, middle - wide / 2), max(last, middle + wide / 2)
    split = timeline.split
    before, after = f"{split.before:,} before", f"{split.after:,} after"
    if first - 8 - width(before, size_px=_LABEL) > _MARGIN and axis.holds(when.start_us):
        sheet.words(first - 8, _TOP - 9, before, "label", anchor="end")
    if last + 8 + width(after, size_px=_LABEL) < WIDTH - 4 and axis.holds(when.end_us):
        sheet.words(last + 8, _TOP - 9, after, "label")


def _table_height(rows: int, columns: int) -> float:
    return _LINE * -(-rows // columns) + 18 if rows else 0


def _undated(sheet: Canvas, marks: Sequence[Mark], offset_s: int, top: float) -> None:
    if not marks:
        return
    sheet.words(_MARGIN, top + 20, "no usable date", "strong")
    rows = -(-len(marks) // _UNDATED_COLUMNS)
    each = (RIGHT - LEFT) / _UNDATED_COLUMNS
    for at, mark in enumerate(marks):
        x, y = LEFT + each * (at // rows), top + 20 + _LINE * (at % rows)
        draw_sign(sheet, mark, x + 5, y - 4, title=_pointed(mark, offset_s))
        if mark.doubtful and mark.earliest_us is not None:
            claims = f"claims {iso(mark.earliest_us, offset_s=offset_s)[:10]}"
            sheet.words(x + 15, y, claims, "small")
            x += width(claims, size_px=_SMALL) + 6
        room = LEFT + each * (at // rows + 1) - x - 26
        sheet.words(x + 15, y, cut(words_of(mark), room, size_px=_LABEL), "label")
    sheet.path(
        f"M{_MARGIN} {top + _table_height(len(marks), _UNDATED_COLUMNS):.1f}H{RIGHT}", "rule"
    )


def _key(sheet: Canvas, marks: Sequence[Mark], axis: TimeAxis, offset_s: int, top: float) -> None:
    """The numbers of crowded lanes and what they stand for, down one column and then the next."""
    if not marks:
        return
    sheet.words(_MARGIN, top + 20, f"Key to the numbers (times at {zone_name(offset_s)})", "strong")
    rows = -(-len(marks) // _KEY_COLUMNS)
    each = (RIGHT - _MARGIN) / _KEY_COLUMNS
    for at, mark in enumerate(marks):
        x, y = _MARGIN + each * (at // rows), top + 20 + _LINE * (1 + at % rows)
        sheet.words(x + 24, y, str(at + 1), "strong", anchor="end")
        clock = clock_of(mark, axis, offset_s=offset_s)
        sheet.words(x + 32, y, clock, "label")
        left = 40 + width(clock, size_px=_LABEL)
        sheet.words(x + left, y, cut(words_of(mark), each - left - 16, size_px=_LABEL), "label")


def _pointed(mark: Mark, offset_s: int) -> str:
    return f"{mark.name} {stretch_of(mark, offset_s=offset_s)}: {mark.title} ({mark.rests_on})"


def _legend(sheet: Canvas, timeline: Timeline, lanes: Sequence[Lane], y: float) -> None:
    """What the signs mean, of those that stand in the picture."""
    x = _MARGIN
    signs = {_called(mark): mark for mark in timeline.marks}
    for words in sorted(signs):
        draw_sign(sheet, signs[words], x + 6, y - 4)
        x = _word(sheet, x + 16, y, words)
    for style, words in _shapes(timeline, lanes):
        if x + 30 + width(words, size_px=_SMALL) > RIGHT:
            x, y = _MARGIN, y + _LINE
        sheet.rect(x, y - 9, 18, 11, style)
        x = _word(sheet, x + 23, y, words)


def _called(mark: Mark) -> str:
    if mark.doubtful:
        return "doubtful date"
    return "record hit, not judged" if mark.unjudged else str(mark.sort)


def _shapes(timeline: Timeline, lanes: Sequence[Lane]) -> list[tuple[str, str]]:
    volumes = [lane.volume for lane in lanes if lane.volume is not None]
    bars = [p.mark for lane in lanes for p in lane.marks.placed if p.is_bar]
    timed = [gap for volume in volumes for gap in volume.gaps if gap.span is not None]
    shapes = (
        ("within", "at some moment within", any(not m.lasts for m in bars)),
        ("lasting", "lasted so long", any(m.lasts for m in bars)),
        ("bar", "records, each source to its own scale", bool(volumes)),
        ("gap", "lost in collecting", bool(timed)),
        ("unheld", "nothing held", any(_is_unheld(v, timeline) for v in volumes)),
        ("unopened", "not opened under this authority", _is_unopened(timeline)),
    )
    return [(style, words) for style, words, there in shapes if there]


def _word(sheet: Canvas, x: float, y: float, words: str) -> float:
    sheet.words(x, y, words, "small")
    return x + width(words, size_px=_SMALL) + 14


def _is_unheld(volume: Volume, timeline: Timeline) -> bool:
    if volume.held_from_us is None or volume.held_until_us is None:
        return True
    span = timeline.span
    return volume.held_from_us > span.start_us or volume.held_until_us < span.end_us


def _is_unopened(timeline: Timeline) -> bool:
    opened, span = timeline.opened, timeline.span
    return opened.start_us > span.start_us or opened.end_us < span.end_us
