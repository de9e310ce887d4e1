"""Draw one lane of a timeline: its marks, and under them how full the source is and where it is empty."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from pastwatch.drawing.axis import TimeAxis
from pastwatch.drawing.canvas import Canvas
from pastwatch.drawing.lettering import cut, visible
from pastwatch.model.source import Gap
from pastwatch.model.timeline import Mark, MarkSort, Volume
from pastwatch.model.when import DAY_US, HOUR_US, SECOND_US, Span
from pastwatch.stages.reconstruct.timelinelayout import LaneLayout, Placed

_MARGIN: Final = 14.0
_ROW, _STRIP, _PAD = 17.0, 34.0, 8.0
_LEAST_PX: Final = 58.0
_BAR_PX: Final = 13.0
_GUTTER_PX: Final = 154.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Lane:
    """The marks of a lane in their rows, and the volume of its source where it is one."""

    marks: LaneLayout
    volume: Volume | None = None


def height_of(lane: Lane) -> float:
    """How many pixels a lane is high."""
    rows = _ROW * lane.marks.rows + _PAD
    if lane.volume is None:
        return max(rows, _ROW + _PAD)
    return max(rows + _STRIP + _PAD, _LEAST_PX + 12 * bool(_lost_nowhere(lane.volume)))


def draw_lane(
    sheet: Canvas,
    lane: Lane,
    axis: TimeAxis,
    *,
    opened: Span,
    edges_us: Sequence[int],
    top: float,
    right: float,
) -> None:
    """The lane from `top` down: its name and figures in the gutter, marks, and the strip of volume.

    The edges of the event are drawn over the strip, which may be hatched.
    """
    sheet.path(f"M{_MARGIN} {top:.1f}H{axis.right_px}", "rule")
    name = cut(visible(lane.marks.name), _GUTTER_PX, size_px=12)
    sheet.words(_MARGIN, top + 16, name)
    if lane.volume is not None:
        _gutter(sheet, lane.volume, top + 29)
        base = top + height_of(lane) - _PAD / 2
        _strip(sheet, lane.volume, axis, opened, base)
        for at in edges_us:
            sheet.path(f"M{axis.x(at):.1f} {base - _STRIP:.1f}V{base:.1f}", "event")
    for placed in lane.marks.placed:
        _mark(sheet, placed, top + _PAD / 2 + _ROW * placed.row + _ROW / 2, right)


def draw_sign(sheet: Canvas, mark: Mark, x: float, y: float, *, title: str = "") -> None:
    """The sign of a mark's sort around a point; a doubtful time is an empty, broken ring with a ?."""
    if mark.doubtful:
        sheet.circle(x, y, 6, "doubt", title=title)
        sheet.words(x, y + 3.5, "?", "small", anchor="middle")
        return
    style = "cited" if mark.sort is not MarkSort.RECORD else "ink"
    if mark.sort is MarkSort.RECORD:
        sheet.circle(x, y, 4, "hollow" if mark.unjudged else style, title=title)
        return
    shapes = {
        MarkSort.ENTRY: "M{0} {1}l5 5l-5 5l-5 -5z",
        MarkSort.CLAIM: "M{0} {1}l5 9.5h-10z",
        MarkSort.EXHIBIT: "M{0} {1}m-4.5 0.5h9v9h-9z",
        MarkSort.TRACK: "M{0} {1}m-6 3h12v4h-12z",
    }
    sheet.path(shapes[mark.sort].format(f"{x:.1f}", f"{y - 5:.1f}"), style, title=title)


def length_said(length_us: int) -> str:
    """A length of time in one unit, or two: 30 min, 2 h, 1 d 6 h."""
    seconds = round(length_us / SECOND_US)
    if seconds < 1:
        return f"{length_us / SECOND_US:.3f} s"
    parts = []
    for unit, unit_s in (
        ("d", DAY_US // SECOND_US),
        ("h", HOUR_US // SECOND_US),
        ("min", 60),
        ("s", 1),
    ):
        count, seconds = divmod(seconds, unit_s)
        if count:
            parts.append(f"{count:,} {unit}")
    return " ".join(parts[:2])


def _gutter(sheet: Canvas, volume: Volume, y: float) -> None:
    split = volume.split
    known = f"{split.before:,} before, {split.during + split.after:,} after"
    sheet.words(_MARGIN, y, known if any(volume.counts) or split.total else "no record", "small")
    most = max(volume.counts, default=0)
    if most:
        text = f"at most {most:,} in {length_said(volume.width_us)}"
        sheet.words(_MARGIN, y + 12, cut(text, _GUTTER_PX + 8, size_px=10), "small")
    if lost := _lost_nowhere(volume):
        noun = "gap" if len(lost) == 1 else "gaps"
        sheet.words(_MARGIN, y + 24, f"{len(lost)} {noun}, nobody knows when", "small")


def _strip(sheet: Canvas, volume: Volume, axis: TimeAxis, opened: Span, base: float) -> None:
    """The bars of a source, and over them where nothing was opened, nothing is held, or is lost."""
    top = base - _STRIP
    sheet.path(f"M{axis.left_px} {base:.1f}H{axis.right_px}", "rule")
    held = (volume.held_from_us, volume.held_until_us)
    empty: list[tuple[tuple[int | None, int | None], str, str]] = [
        ((None, opened.start_us), "unopened", "not opened under this authority"),
        ((opened.end_us, None), "unopened", "not opened under this authority"),
        *(((None, at), "unheld", "nothing held") for at in held[:1] if at is not None),
        *(((at, None), "unheld", "nothing held") for at in held[1:] if at is not None),
        *([((None, None), "unheld", "nothing dated is held")] if None in held else []),
        *(
            ((gap.span.start_us, gap.span.end_us), "gap", f"lost in collecting: {gap.reason}")
            for gap in volume.gaps
            if gap.span is not None
        ),
    ]
    for ends, style, title in empty:
        _shade(sheet, axis, ends, top=top, style=style, title=title)
    most = max(volume.counts, default=0) or 1
    for number, count in enumerate(volume.counts):
        if count:
            start = volume.start_us + number * volume.width_us
            left, until = axis.x(start), axis.x(start + volume.width_us)
            tall = max((_STRIP - 4) * count / most, 1)
            wide = max(until - left - 0.8, 0.8)
            sheet.rect(left, base - tall, wide, tall, "bar", title=f"{count:,}")


def _shade(
    sheet: Canvas,
    axis: TimeAxis,
    ends: tuple[int | None, int | None],
    *,
    top: float,
    style: str,
    title: str,
) -> None:
    start = axis.left_px if ends[0] is None else axis.x(ends[0])
    end = axis.right_px if ends[1] is None else axis.x(ends[1])
    sheet.rect(start, top, end - start, _STRIP, style, title=title)


def _mark(sheet: Canvas, placed: Placed, y: float, right: float) -> None:
    mark = placed.mark
    title = f"{mark.name} {mark.title} ({mark.rests_on})"
    if placed.is_bar:
        style = "lasting" if mark.lasts else "within"
        wide = min(placed.to_px, right) - placed.from_px
        sheet.rect(placed.from_px, y - _BAR_PX / 2, wide, _BAR_PX, style, title=title)
        if mark.doubtful:
            draw_sign(sheet, mark, placed.from_px, y)
    else:
        draw_sign(sheet, mark, (placed.from_px + placed.to_px) / 2, y, title=title)
    for at, anchor, text in placed.texts:
        if text:
            sheet.words(at, y + 4, text, "mark", anchor=anchor)


def _lost_nowhere(volume: Volume) -> tuple[Gap, ...]:
    """Gaps of which nobody knows when the lost records were."""
    return tuple(gap for gap in volume.gaps if gap.span is None)
