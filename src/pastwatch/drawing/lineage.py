"""Statements with the reports that carry them, the outlets they came through, and their roots."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pastwatch.drawing.canvas import Canvas
from pastwatch.drawing.lettering import cut

WIDTH = 980.0
_MARGIN = 24.0
_REPORTS, _MIDDLE, _ROOTS = 24.0, 372.0, 604.0
_REPORT_WIDTH, _MIDDLE_WIDTH, _ROOT_WIDTH = 280.0, 160.0, 352.0
_BOX = 40.0
_GAP = 12.0
_HEAD = 62.0
_LINE = 15.0
_PAD = 10.0
_SMALL, _TITLE = 10, 14
_ARROW = 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportBox:
    """A report's telling: its outlet, who it says told it, and where it leads."""

    title: str
    under: str
    via: tuple[str, ...]
    """From the root outward."""
    roots: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RootBox:
    """A root as it is counted."""

    name: str
    under: str
    is_sure: bool = True
    """A root that may be no root of its own is drawn with a broken line."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StatementDrawn:
    """A statement, the line of its count, its reports and roots, and lines to stand beneath."""

    title: str
    count: str
    reports: tuple[ReportBox, ...]
    roots: tuple[RootBox, ...]
    beneath: tuple[str, ...] = ()


def draw_lineage(statements: Sequence[StatementDrawn], *, title: str, note: str = "") -> str:
    """The statements under one another as SVG; reports stand left, roots right, arrows lead to roots."""
    heights = [_height(one) for one in statements]
    canvas = Canvas(WIDTH, 64 + sum(heights) + (0 if statements else 40), title)
    canvas.words(_MARGIN, 28, cut(title, WIDTH - 2 * _MARGIN, size_px=_TITLE, heavy=True), "title")
    told = note or "left: reports · middle: through whom · right: roots · broken line: perhaps no root of its own"  # fmt: skip
    canvas.words(_MARGIN, 46, cut(told, WIDTH - 2 * _MARGIN, size_px=_SMALL), "small")
    if not statements:
        canvas.words(_MARGIN, 80, "no statement")
    top = 60.0
    for one, height in zip(statements, heights, strict=True):
        _statement(canvas, one, top)
        top += height
    return canvas.svg()


def _middles(one: StatementDrawn) -> list[str]:
    return list(dict.fromkeys(v for report in one.reports for v in report.via))


def _height(one: StatementDrawn) -> float:
    rows = max(len(one.reports), len(one.roots), len(_middles(one)), 1)
    return _HEAD + rows * (_BOX + _GAP) + len(one.beneath) * _LINE + 18


def _statement(canvas: Canvas, one: StatementDrawn, top: float) -> None:
    room = WIDTH - 2 * _MARGIN
    canvas.path(f"M{_MARGIN} {top:.1f}H{WIDTH - _MARGIN}", "rule")
    canvas.words(_MARGIN, top + 24, cut(f"“{one.title}”", room))
    canvas.words(_MARGIN, top + 43, cut(one.count, room, size_px=_TITLE, heavy=True), "title")
    rows = max(len(one.reports), len(one.roots), len(_middles(one)), 1)
    start, whole = top + _HEAD, rows * (_BOX + _GAP)
    middles = _places(_middles(one), start, whole)
    roots = _places([root.name for root in one.roots], start, whole)
    for at, report in enumerate(one.reports):
        y = start + _offset(len(one.reports), at, whole)
        _box(canvas, (_REPORTS, y, _REPORT_WIDTH), report.title, report.under, style="before")
        _arrows(canvas, report, y + _BOX / 2, middles, roots)
    for name, y in middles.items():
        _box(canvas, (_MIDDLE, y, _MIDDLE_WIDTH), name, "passed it on", style="before")
    for root in one.roots:
        style = "hollow" if root.is_sure else "doubt"
        _box(canvas, (_ROOTS, roots[root.name], _ROOT_WIDTH), root.name, root.under, style=style)
    y = start + whole + 10
    for line in one.beneath:
        canvas.words(_MARGIN, y, cut(line, room, size_px=_SMALL), "small")
        y += _LINE


def _places(names: Sequence[str], start: float, whole: float) -> dict[str, float]:
    return {name: start + _offset(len(names), at, whole) for at, name in enumerate(names)}


def _offset(count: int, at: int, whole: float) -> float:
    """Where the box at a place begins when so many are spread over the height."""
    return (whole / count) * at + (whole / count - _BOX) / 2


def _box(
    canvas: Canvas, place: tuple[float, float, float], title: str, under: str, *, style: str
) -> None:
    x, y, wide = place
    canvas.rect(x, y, wide, _BOX, style, title=f"{title} · {under}" if under else title)
    room = wide - 2 * _PAD
    shift = 0.0 if under else 7.0
    canvas.words(x + _PAD, y + 17 + shift, cut(title, room))
    if under:
        canvas.words(x + _PAD, y + 32, cut(under, room, size_px=_SMALL), "small")


def _arrows(
    canvas: Canvas,
    report: ReportBox,
    y: float,
    middles: dict[str, float],
    roots: dict[str, float],
) -> None:
    """From the report through those who passed it on, the nearest first, to its roots."""
    x = _REPORTS + _REPORT_WIDTH
    for name in reversed(report.via):
        there = middles[name] + _BOX / 2
        _arrow(canvas, x, y, _MIDDLE, there)
        x, y = _MIDDLE + _MIDDLE_WIDTH, there
    for name in report.roots:
        if name in roots:
            _arrow(canvas, x, y, _ROOTS, roots[name] + _BOX / 2)


def _arrow(canvas: Canvas, x: float, y: float, to_x: float, to_y: float) -> None:
    if to_x < x:  # from one who passed it on to another in the same column
        x = to_x = _MIDDLE + _MIDDLE_WIDTH / 2
        canvas.path(f"M{x:.1f} {y:.1f}V{to_y:.1f}", "line")
        return
    end = to_x - _ARROW
    half = (x + end) / 2
    canvas.path(f"M{x:.1f} {y:.1f}C{half:.1f} {y:.1f} {half:.1f} {to_y:.1f} {end:.1f} {to_y:.1f}", "line")  # fmt: skip
    canvas.path(f"M{end:.1f} {to_y - 4:.1f}L{to_x:.1f} {to_y:.1f}L{end:.1f} {to_y + 4:.1f}Z", "bar")
