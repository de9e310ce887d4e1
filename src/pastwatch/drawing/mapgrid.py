"""The grid of latitudes and longitudes on a map, its scale and where north is."""

from __future__ import annotations

import math

import numpy as np

from pastwatch.drawing.canvas import Canvas
from pastwatch.drawing.maplabels import Labels
from pastwatch.drawing.mapview import Floats, View, clipped_lines, is_polar

_STEPS_DEG = (
    *(1 / 3600, 2 / 3600, 5 / 3600, 10 / 3600, 15 / 3600, 30 / 3600),
    *(1 / 60, 2 / 60, 5 / 60, 10 / 60, 15 / 60, 30 / 60),
    *(1.0, 2.0, 5.0, 10.0, 15.0, 30.0, 45.0),
)
_LINES = 6
_METRES_A_DEGREE = 111_195.0


def draw_grid(canvas: Canvas, view: View, labels: Labels) -> None:
    """Meridians and parallels at a round step, named where they leave the frame."""
    lat, lon = view.middle()
    half = view.half_m
    step = _step(2 * half[1] / _METRES_A_DEGREE)
    high = min(90.0, lat + 1.6 * math.hypot(*half) / _METRES_A_DEGREE)
    low = max(-90.0, lat - 1.6 * math.hypot(*half) / _METRES_A_DEGREE)
    pole = view.holds_pole(north=True) or view.holds_pole(north=False)
    narrow = max(math.cos(math.radians(lat)), 0.02)
    wide = (
        180.0
        if pole or view.is_world
        else min(180.0, 1.6 * math.hypot(*half) / _METRES_A_DEGREE / narrow)
    )
    lon_step = 30.0 if pole else _step(2 * half[0] / _METRES_A_DEGREE / narrow)
    for value in _rounds(max(low, -90 + step / 2), min(high, 90 - step / 2), step):
        turns = np.linspace(lon - wide, lon + wide, 241)
        if view.is_world:
            turns = np.linspace(view.lon - 179.999, view.lon + 179.999, 3)
        points = view.place(np.full(len(turns), value), turns)
        _line(canvas, view, points, labels, degrees(value, "NS"), is_parallel=True)
    for value in _rounds(lon - wide, lon + wide, lon_step):
        if view.is_world and abs((value - view.lon + 180) % 360 - 180) > 179:  # noqa: PLR2004 - the edge
            continue
        heights = np.linspace(low, high, 121)
        points = view.place(heights, np.full(len(heights), value))
        _line(
            canvas,
            view,
            points,
            labels,
            degrees((value + 180) % 360 - 180, "EW"),
            is_parallel=False,
        )


def _line(
    canvas: Canvas, view: View, points: Floats, labels: Labels, name: str, *, is_parallel: bool
) -> None:
    """Draw a line of the grid and name it where it meets the left or the lower edge."""
    frame = view.frame
    for piece in clipped_lines(points, frame):
        pairs = " ".join(f"{x:.1f} {y:.1f}" for x, y in piece.tolist())
        canvas.path(f"M{pairs}", "grid")
        for x, y in (piece[0].tolist(), piece[-1].tolist()):
            wide = len(name) * 6.0
            left, top = x + 3, y - 14
            if is_parallel and x <= frame.left + 1 and frame.top + 16 < y < frame.bottom - 18:
                left = frame.left + 4
            elif is_parallel or y < frame.bottom - 1 or not frame.left < x < frame.right - wide:
                continue
            if labels.is_free(left, top, wide, 12):
                labels.take(left, top, wide, 12)
                canvas.words(left, top + 10, name, "place")
                break


def degrees(value: float, sides: str) -> str:
    """A latitude or longitude in degrees, minutes and seconds, as far as it has them."""
    side = "" if abs(value) < 1e-9 or abs(value) == 180 else sides[0] if value > 0 else sides[1]  # noqa: PLR2004 - neither side
    seconds = round(abs(value) * 3600)
    whole, rest = divmod(seconds, 3600)
    minutes, seconds = divmod(rest, 60)
    text = f"{whole}°"
    if minutes or seconds:
        text += f"{minutes:02d}′"
    if seconds:
        text += f"{seconds:02d}″"
    return text + (f" {side}" if side else "")


def _step(span_deg: float) -> float:
    return next((s for s in _STEPS_DEG if span_deg / s <= _LINES), 45.0)


def _rounds(low: float, high: float, step: float) -> list[float]:
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    return [n * step for n in range(first, min(last, first + 400) + 1)]


def draw_scale(canvas: Canvas, view: View) -> None:
    """A bar of a round length; on the map of the world, for one latitude, which is named."""
    lat, _ = view.middle()
    stretched = math.cos(math.radians(lat)) if view.is_world else 1.0
    metres = view.metres_a_pixel * max(stretched, 0.05)
    length_m = _round_length(view.frame.width / 4 * metres)
    pixels = length_m / metres
    x, y = view.frame.left + 4, view.frame.bottom + 16
    canvas.path(
        f"M{x:.1f} {y - 4:.1f}v4h{pixels:.1f}v-4M{x + pixels / 2:.1f} {y - 3:.1f}v3", "frame"
    )
    text = f"{length_m / 1000:,.0f} km" if length_m >= 1000 else f"{length_m:.0f} m"  # noqa: PLR2004
    if view.is_world:
        text += f" at {degrees(round(lat), 'NS')}; less towards the poles"
    canvas.words(x + pixels + 6, y, text, "small")


def _round_length(most_m: float) -> float:
    ten = 10.0 ** math.floor(math.log10(most_m))
    return next(n * ten for n in (5, 2, 1) if n * ten <= most_m)


def draw_north(canvas: Canvas, view: View) -> None:
    """An arrow to the north in the middle of the map; none where a pole stands in it."""
    lat, lon = view.middle()
    frame = view.frame
    for north in (True, False):
        if view.holds_pole(north=north):
            x, y = map(float, view.place(90.0 if north else -90.0, 0.0))
            canvas.circle(x, y, 2.5, "ink")
            canvas.words(x + 5, y - 4, f"{'north' if north else 'south'} pole", "tick")
            return
    if is_polar(lat):
        return
    here, ahead = view.place(lat, lon), view.place(min(lat + 0.01, 90.0), lon)
    angle = math.atan2(float(ahead[0] - here[0]), float(here[1] - ahead[1]))
    x, y = frame.right - 22, frame.top + 30
    sine, cosine = math.sin(angle), math.cos(angle)

    def turned(dx: float, dy: float) -> str:
        return f"{x + dx * cosine - dy * sine:.1f} {y + dx * sine + dy * cosine:.1f}"

    canvas.rect(frame.right - 40, frame.top + 4, 36, 54, "white")
    canvas.path(
        f"M{turned(0, -14)}L{turned(6, 10)}L{turned(0, 5)}L{turned(-6, 10)}Z", "ink", title="north"
    )
    canvas.words(x, frame.top + 54, "N", "title", anchor="middle")
