"""The key beside a map: what each sign and colour stands for, and the notes under it."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass

from pastwatch.drawing.canvas import Canvas
from pastwatch.drawing.mapview import Frame

KEY_PX = 232.0
_LINE_PX, _SMALL_PX = 15.0, 13.0
_LETTERS, _SMALL_LETTERS = 33, 42
_LINES_A_TITLE = 3


@dataclass(frozen=True, slots=True)
class KeyLine:
    """A sign or a colour, and what it stands for."""

    sort: str
    number: int
    sign: str
    title: str
    is_asked: bool = False


def draw_key(canvas: Canvas, frame: Frame, lines: Sequence[KeyLine], notes: Sequence[str]) -> None:
    """Write the key at the right of the frame; what does not fit is counted."""
    left, y = frame.right + 16, frame.top + 10
    wrapped = [(n, textwrap.wrap(n, _SMALL_LETTERS)) for n in notes]
    notes_px = sum(len(rows) * _SMALL_PX + 4 for _, rows in wrapped)
    room = frame.bottom - notes_px - 12
    for at, line in enumerate(lines):
        rows = textwrap.wrap(line.title, _LETTERS) or [""]
        if len(rows) > _LINES_A_TITLE:
            rows = [*rows[: _LINES_A_TITLE - 1], rows[_LINES_A_TITLE - 1][: _LETTERS - 1] + "…"]
        if y + len(rows) * _LINE_PX > room:
            canvas.words(left, y + 4, f"and {len(lines) - at} more", "small")
            break
        _draw_sign(canvas, left, y, line)
        for number, row in enumerate(rows):
            canvas.words(left + 26, y + 4 + number * _LINE_PX, row, "words")
        y += len(rows) * _LINE_PX + 7
    y = frame.bottom - notes_px + 8
    for _, rows in wrapped:
        for row in rows:
            canvas.words(left, y, row, "small")
            y += _SMALL_PX
        y += 4


def _draw_sign(canvas: Canvas, left: float, y: float, line: KeyLine) -> None:
    if line.sort == "way":
        canvas.path(f"M{left:.1f} {y:.1f}h20", f"way{line.number}")
    elif line.is_asked:
        canvas.path(f"M{left + 3:.1f} {y:.1f}h14M{left + 10:.1f} {y - 7:.1f}v14", "centre")
    else:
        canvas.circle(left + 10, y, 8.5, "disc")
        canvas.words(left + 10, y + 3.6, line.sign, "number", anchor="middle")
