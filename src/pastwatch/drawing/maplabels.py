"""Finds room for words and signs on a map, so that none stands on another."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

from pastwatch.drawing.canvas import Canvas
from pastwatch.drawing.mapview import Frame

_LETTER = 0.58
"""How wide a letter is on average, against the size of its script."""


@dataclass(slots=True)
class Labels:
    """The boxes taken so far: left, top, right, bottom."""

    boxes: list[tuple[float, float, float, float]] = field(default_factory=list)

    def take(self, left: float, top: float, width: float, height: float) -> None:
        """Keep a box free of what comes later."""
        self.boxes.append((left, top, left + width, top + height))

    def is_free(self, left: float, top: float, width: float, height: float) -> bool:
        """Whether nothing stands in a box."""
        right, bottom = left + width, top + height
        return not any(
            left < r and right > x and top < b and bottom > y for x, y, r, b in self.boxes
        )

    def put(
        self,
        canvas: Canvas,
        frame: Frame,
        at: tuple[float, float],
        text: str,
        style: str,
        *,
        size: float,
    ) -> bool:
        """Write a text beside a point where there is room, or leave it away."""
        width, height = len(text) * size * _LETTER, size * 1.25
        x, y = at
        spots = [
            (x + 5, y - height / 2),
            (x - 5 - width, y - height / 2),
            (x - width / 2, y - 5 - height),
            (x - width / 2, y + 5),
            (x + 5, y - height - 3),
            (x + 5, y + 3),
            (x - 5 - width, y - height - 3),
            (x - 5 - width, y + 3),
        ]
        fitting = [
            (left, top)
            for left, top in spots
            if frame.holds(left, top) and frame.holds(left + width, top + height)
        ]
        free = next((s for s in fitting if self.is_free(*s, width, height)), None)
        if free is None:
            return False
        self.take(*free, width, height)
        canvas.words(free[0], free[1] + height * 0.78, text, style)
        return True

    def free_spot(self, x: float, y: float, radius: float, frame: Frame) -> tuple[float, float]:
        """The nearest place to a point where a disc has room; the point itself where it has."""
        if self.is_free(x - radius, y - radius, 2 * radius, 2 * radius):
            return x, y
        for ring in range(1, 8):
            for turn in range(8):
                angle = math.tau * turn / 8 + ring * 0.3
                away = ring * radius * 1.4
                at_x, at_y = x + away * math.cos(angle), y + away * math.sin(angle)
                inside = frame.holds(at_x, at_y, margin=radius)
                if inside and self.is_free(at_x - radius, at_y - radius, 2 * radius, 2 * radius):
                    return at_x, at_y
        return x, y
