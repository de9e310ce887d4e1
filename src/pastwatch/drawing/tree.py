"""A tree drawn down the page: a line of words a twig, joined to the one above it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from pastwatch.drawing.canvas import STYLES, Canvas

_ROW: Final = 34.0
_TOP: Final = 44.0
_LEFT: Final = 16.0
_TIMES: Final = 118.0
_STEP: Final = 20.0
_DEEPEST: Final = 14
_WIDE: Final = 980.0
_LETTER: Final = 6.4
_STYLES: Final = {
    **STYLES,
    "argued": "stroke:#829ab1;stroke-width:1.4;fill:none;stroke-dasharray:3 3",
    "sure": "stroke:#486581;stroke-width:1.4;fill:none",
    "name": "font:600 12px 'Noto Sans','DejaVu Sans',Arial,sans-serif;fill:#1f2933",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Twig:
    """One line of a tree; `above` is the place of what it hangs on, None for nothing."""

    above: int | None
    depth: int
    beside: str
    title: str
    words: str
    doubtful: bool = False
    note: str = ""
    under: str = ""  # a second line beside it


def draw_tree(twigs: Sequence[Twig], *, title: str) -> str:
    """The tree as SVG; doubtful links are dashed, and so deep ones stand no further right."""
    legend = (
        "whole line: the record or a person says so · dashed: argued by a machine, with its score"
    )
    canvas = Canvas(_WIDE, _TOP + _ROW * len(twigs) + 16, title, styles=_STYLES)
    canvas.words(_LEFT, 20, title, "title")
    canvas.words(_LEFT, 36, legend, "small")
    for number, twig in enumerate(twigs):
        x, y = _at(twig, number)
        if twig.above is not None:
            above_x, above_y = _at(twigs[twig.above], twig.above)
            style = "argued" if twig.doubtful else "sure"
            canvas.path(f"M{above_x:.0f} {above_y + 4:.0f}V{y:.0f}H{x - 4:.0f}", style)
    for number, twig in enumerate(twigs):
        x, y = _at(twig, number)
        canvas.circle(x, y, 4, "doubt" if twig.doubtful else "bar")
        canvas.words(_LEFT, y + 1, twig.beside, "small")
        canvas.words(_LEFT, y + 14, twig.under, "small")
        room = int((_WIDE - x - 24) / _LETTER)
        canvas.words(x + 10, y + 1, _cut(twig.title, room // 2), "name")
        if twig.note:
            canvas.words(_WIDE - 12, y + 1, twig.note, "small", anchor="end")
        canvas.words(x + 10, y + 14, _cut(twig.words, room + 8), "small")
    return canvas.svg()


def _at(twig: Twig, number: int) -> tuple[float, float]:
    deep = min(twig.depth, _DEEPEST)
    return _LEFT + _TIMES + _STEP * deep, _TOP + _ROW * number + 12


def _cut(text: str, letters: int) -> str:
    return text if len(text) <= letters else text[: max(letters - 1, 1)].rstrip() + "…"
