"""A network as a picture: circles and lines for a few accounts, a matrix for many."""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

from pastwatch.drawing.canvas import STYLES, Canvas
from pastwatch.drawing.networklayout import lettered, placed

_WIDTH: Final = 1000.0
_HEAD: Final = 58.0
_LETTERS: Final = 26
_MOST_WIDE: Final = 9.0
# Dark and unbroken before, light and broken after: apart in colour, in grey, and to the touch of a pen.
_STYLES: Final = {
    **STYLES,
    "before": "stroke:#17456e;fill:none",
    "after": "stroke:#e0792a;fill:none;stroke-dasharray:8 3",
    "unsure": "stroke:#9aa5b1;fill:none;stroke-dasharray:2 3",
    "beforefill": "fill:#17456e",
    "afterfill": "fill:#f0a05a;stroke:#b4560f;stroke-width:.6",
    "unsurefill": "fill:#c3cad2",
    "circle": "fill:#eef2f6;stroke:#243b53;stroke-width:1.3",
    "halo": "fill:#fff;fill-opacity:.82",
    "lead": "stroke:#9aa5b1;stroke-width:.7;fill:none",
    "band": "fill:#f3f5f8",
    "tiny": "font:8px 'Noto Sans','DejaVu Sans',Arial,sans-serif;fill:#52606d",
}


class DrawnTie(NamedTuple):
    """What one sent to the other: records in all, before the event, after it."""

    one: str
    other: str
    records: int
    before: int
    after: int


def draw_network(
    names: Mapping[str, str], ties: Sequence[DrawnTie], *, title: str, under: Sequence[str] = ()
) -> str:
    """Circles joined by lines: unbroken before the event, broken after it, wide for many records."""
    accounts = list(dict.fromkeys(end for t in ties for end in (t.one, t.other)))
    pairs = _pairs(ties)
    height = 320.0 + 13 * min(len(accounts), 40)
    place = {account: number for number, account in enumerate(accounts)}
    volume = dict.fromkeys(accounts, 0)
    for (one, other), (records, _, _) in pairs.items():
        volume[one] += records
        volume[other] += records
    most = max(volume.values(), default=1)
    radii = [5 + 11 * math.sqrt(volume[a] / most) for a in accounts]
    springs = [(place[one], place[other], float(n)) for (one, other), (n, _, _) in pairs.items()]
    at = placed(len(accounts), springs, radii, width=_WIDTH, height=height)
    shown = [_cut(names.get(a, a)) for a in accounts]
    lines = [(one, other) for one, other, _ in springs]
    boxes = lettered(at, radii, [_long(s) for s in shown], lines, sheet=(_WIDTH, height))
    foot = 62 + 14 * len(under)
    sheet = Canvas(_WIDTH, _HEAD + height + foot, title, styles=_STYLES)
    sheet.words(16, 26, title, "title")
    top = _HEAD
    widest = max((max(b, a, n - b - a) for n, b, a in pairs.values()), default=1)
    for (one, other), (records, before, after) in pairs.items():
        ends = at[place[one]] + [0, top], at[place[other]] + [0, top]
        told = f"{names.get(one, one)} – {names.get(other, other)}: {before} before, {after} after"
        _lines(sheet, ends, (before, after, records - before - after), widest, told)
    for number, (box, is_far) in enumerate(boxes):
        if is_far:
            x, y = at[number] + [0, top]
            nearest = min(max(x, box.left), box.right), min(max(y, box.top + top), box.bottom + top)
            sheet.path(f"M{x:.1f} {y:.1f}L{nearest[0]:.1f} {nearest[1]:.1f}", "lead")
    for number, account in enumerate(accounts):
        x, y = at[number] + [0, top]
        sheet.circle(x, y, radii[number], "circle", title=f"{account}: {volume[account]} records")
    for number, (box, _) in enumerate(boxes):
        sheet.rect(box.left, box.top + top, box.right - box.left, box.bottom - box.top, "halo")
        sheet.words(
            (box.left + box.right) / 2, box.bottom + top - 3, shown[number], anchor="middle"
        )
    _legend(sheet, _HEAD + height + 18, widest, is_matrix=False)
    for number, line in enumerate(under):
        sheet.words(16, _HEAD + height + 44 + 14 * number, line, "small")
    return sheet.svg()


def draw_matrix(
    order: Sequence[tuple[str, int]],
    names: Mapping[str, str],
    ties: Sequence[DrawnTie],
    *,
    title: str,
    under: Sequence[str] = (),
) -> str:
    """Who writes (rows) to whom (columns), in the order given with the number of each one's group."""
    size = len(order)
    cell = max(7.0, min(15.0, 840 / max(size, 1)))
    left, top = 236.0, _HEAD + 26
    side = cell * size
    width = max(left + side + 24, 620.0)
    sheet = Canvas(width, top + side + 64 + 14 * len(under), title, styles=_STYLES)
    sheet.words(16, 26, title, "title")
    sheet.words(16, top - 10, "rows write to columns", "small")
    place = {account: number for number, (account, _) in enumerate(order)}
    _bands(sheet, order, (left, top), cell)
    small = "small" if cell >= 10 else "tiny"  # noqa: PLR2004 - the letters' height
    every = 1 if cell >= 14 else 5  # noqa: PLR2004 - two digits fit
    for number, (account, _) in enumerate(order):
        y = top + cell * (number + 0.5)
        sheet.words(
            left - 6,
            y + 3,
            f"{_cut(names.get(account, account))}  {number + 1}",
            small,
            anchor="end",
        )
        if (number + 1) % every == 0 or number == 0:
            sheet.words(
                left + cell * (number + 0.5), top - 5, str(number + 1), "tiny", anchor="middle"
            )
    most = max((t.records for t in ties), default=1)
    for tie in ties:
        if tie.one in place and tie.other in place:
            corner = left + cell * place[tie.other], top + cell * place[tie.one]
            _cell(sheet, corner, cell, tie, most, names)
    _legend(sheet, top + side + 20, most, is_matrix=True)
    for number, line in enumerate(under):
        sheet.words(16, top + side + 46 + 14 * number, line, "small")
    return sheet.svg()


def _bands(
    sheet: Canvas, order: Sequence[tuple[str, int]], corner: tuple[float, float], cell: float
) -> None:
    """A square behind each group, and a rule every ten rows."""
    left, top = corner
    side = cell * len(order)
    start = 0
    for number in range(1, len(order) + 1):
        if number == len(order) or order[number][1] != order[start][1]:
            long = cell * (number - start)
            sheet.rect(left + cell * start, top + cell * start, long, long, "faint")
            start = number
    for number in range(0, len(order) + 1, 10):
        at = cell * number
        sheet.path(f"M{left} {top + at:.1f}H{left + side:.1f}", "rule")
        sheet.path(f"M{left + at:.1f} {top}V{top + side:.1f}", "rule")


def _cell(  # noqa: PLR0917 - one cell of the matrix
    sheet: Canvas,
    corner: tuple[float, float],
    cell: float,
    tie: DrawnTie,
    most: int,
    names: Mapping[str, str],
) -> None:
    """A square whose area grows with the records; its left part before the event, its right after."""
    side = max(2.5, (cell - 1) * math.sqrt(tie.records / most))
    x, y = corner[0] + (cell - side) / 2, corner[1] + (cell - side) / 2
    told = f"{names.get(tie.one, tie.one)} → {names.get(tie.other, tie.other)}: {tie.records}"
    unsure = tie.records - tie.before - tie.after
    for part, style in (
        (tie.before, "beforefill"),
        (unsure, "unsurefill"),
        (tie.after, "afterfill"),
    ):
        wide = side * part / tie.records
        sheet.rect(x, y, wide, side, style, title=told)
        x += wide


def _lines(
    sheet: Canvas,
    ends: tuple[Sequence[float], Sequence[float]],
    counts: tuple[int, int, int],
    widest: int,
    title: str,
) -> None:
    """Up to three lines side by side, each as wide as its records want it."""
    (x, y), (to_x, to_y) = ends
    long = math.hypot(to_x - x, to_y - y) or 1.0
    across = -(to_y - y) / long, (to_x - x) / long
    widths = [_wide(n, widest) for n in counts]
    shift = -(sum(widths) + 1.2 * (sum(w > 0 for w in widths) - 1)) / 2
    for wide, style in zip(widths, ("before", "after", "unsure"), strict=True):
        if not wide:
            continue
        off = shift + wide / 2
        dx, dy = across[0] * off, across[1] * off
        sheet.path(
            f"M{x + dx:.1f} {y + dy:.1f}L{to_x + dx:.1f} {to_y + dy:.1f}",
            style,
            title=title,
            width=wide,
        )
        shift += wide + 1.2


def _legend(sheet: Canvas, y: float, most: int, *, is_matrix: bool) -> None:
    x = 16.0
    parts = (
        ("before", "before the event"),
        ("after", "after it"),
        ("unsure", "during it, or time unsure"),
    )
    for style, word in parts:
        if is_matrix:
            sheet.rect(x, y - 9, 26, 10, f"{style}fill")
        else:
            sheet.path(f"M{x} {y - 4}H{x + 30}", style, width=5)
        sheet.words(x + 36, y, word, "small")
        x += 50 + _long(word) * 0.88
    if is_matrix:
        sheet.words(x + 10, y, f"area: records, the largest {most:,}", "small")
        return
    for number in dict.fromkeys((1, most)):
        sheet.path(f"M{x + 10} {y - 4}h26", "before", width=_wide(number, most))
        sheet.words(x + 42, y, f"{number:,} record{'s' if number != 1 else ''}", "small")
        x += 60 + 8 * len(f"{number:,} records")


def _pairs(ties: Sequence[DrawnTie]) -> dict[tuple[str, str], tuple[int, int, int]]:
    """Both directions of each pair taken together."""
    found: dict[tuple[str, str], tuple[int, int, int]] = {}
    for tie in ties:
        key = (tie.one, tie.other) if tie.one <= tie.other else (tie.other, tie.one)
        n, before, after = found.get(key, (0, 0, 0))
        found[key] = n + tie.records, before + tie.before, after + tie.after
    return found


def _wide(records: int, most: int) -> float:
    return 0.0 if records <= 0 else max(1.0, _MOST_WIDE * math.sqrt(records / max(most, 1)))


def _cut(name: str) -> str:
    """A name on one line, without what a reader cannot see."""
    plain = " ".join(
        "".join(c for c in name if unicodedata.category(c)[0] != "C" or c == " ").split()
    )
    return plain if len(plain) <= _LETTERS else plain[: _LETTERS - 1] + "…"


def _long(text: str) -> float:
    """About how long a text is in letters of 12 pixels."""
    return sum(12.0 if unicodedata.east_asian_width(c) in "WF" else 6.9 for c in text) + 4
