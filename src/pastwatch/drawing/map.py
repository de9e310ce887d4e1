"""A small map drawn offline from plain coordinates: ways with gaps, numbered marks, scale, north, key."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from pastwatch.drawing import mapland
from pastwatch.drawing.canvas import STYLES, Canvas
from pastwatch.drawing.mapgrid import draw_grid, draw_north, draw_scale
from pastwatch.drawing.mapkey import KEY_PX, KeyLine, draw_key
from pastwatch.drawing.maplabels import Labels
from pastwatch.drawing.mapview import (
    EARTH_M,
    Floats,
    Frame,
    View,
    clipped_lines,
    clipped_ring,
    thinned,
    view_of,
)

WAYS = ("#1b5e8c", "#b3560b", "#2e7d4f", "#7b3f98", "#8d1b3d", "#5a5a12", "#1d6f6f", "#4b4b4b")
"""The colours of ways, in order; they differ in lightness too."""
_WIDTH, _HEIGHT, _TOP, _FOOT = 960.0, 640.0, 40.0, 26.0
_TICKS = 6
_STEPS_S = (10, 30, 60, 300, 600, 900, 1800, 3600, 10800, 21600, 43200, 86400, 604800, 2592000)
_LEAST_TICK_PX = 46.0
_LINE_POINTS = 60_000
_TOWNS_PX = 16.0
_LEAST_KEY_PX = 360.0
_NAME_LETTERS = 26

_STYLES = {
    **STYLES,
    "sea": "fill:#eef3f7",
    "land": "fill:#f7f3e8;fill-rule:evenodd",
    "coast": "stroke:#8499aa;stroke-width:.9;fill:none",
    "border": "stroke:#b9a98c;stroke-width:.8;fill:none;stroke-dasharray:5 2 1 2",
    "grid": "stroke:#cdd7e0;stroke-width:.6;fill:none",
    "frame": "stroke:#52606d;stroke-width:1;fill:none",
    "town": "fill:#7b8794",
    "place": "font:10px 'Noto Sans','DejaVu Sans',Arial,sans-serif;fill:#616e7c;"
    "paint-order:stroke;stroke:#fff;stroke-opacity:.75;stroke-width:2.5px",
    "tick": "font:10px 'Noto Sans','DejaVu Sans',Arial,sans-serif;fill:#1f2933;"
    "paint-order:stroke;stroke:#fff;stroke-width:3px",
    "disc": "fill:#1f2933;stroke:#fff;stroke-width:1.5",
    "number": "font:700 10px 'Noto Sans','DejaVu Sans',Arial,sans-serif;fill:#fff",
    "around": "fill:#1f2933;fill-opacity:.07;stroke:#1f2933;stroke-opacity:.55;stroke-width:.8;"
    "stroke-dasharray:3 3",
    "asked": "fill:#9b1c1c;fill-opacity:.06;stroke:#9b1c1c;stroke-width:1.1;stroke-dasharray:6 3",
    "leader": "stroke:#1f2933;stroke-width:1;fill:none",
    "centre": "stroke:#9b1c1c;stroke-width:1.8;fill:none",
    "white": "fill:#fff",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class MapWay:
    """The positions of one subject in order of time; `breaks[i]` says that a gap follows position i."""

    name: str
    lat: Floats
    lon: Floats
    time_us: npt.NDArray[np.int64]
    breaks: npt.NDArray[np.bool_]
    loose: bool = False
    """Its times are known to no zone: no time stands at its ticks."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MapMark:
    """A place with a sign beside it, told in the key; `radius_m` says how uncertain it is."""

    sign: str
    title: str
    lat: float
    lon: float
    radius_m: float = 0.0
    is_asked: bool = False
    """The place that the map is about: the event's, or one asked for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MapTown:
    """A town for orientation; larger ones are named first."""

    name: str
    lat: float
    lon: float
    people: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Map:
    """What a map shows. `time_words` writes a time, in few letters where its flag is set."""

    title: str
    ways: Sequence[MapWay] = ()
    marks: Sequence[MapMark] = ()
    towns: Callable[[float, float, float], Sequence[MapTown]] | None = None
    """Towns around a latitude and longitude, within so many metres."""
    time_words: Callable[[int, bool], str]
    notes: Sequence[str] = ()
    width: float = _WIDTH
    height: float = _HEIGHT


def draw_map(given: Map) -> str:
    """The map as SVG. A way is thinned to half a pixel; positions that are not finite are left out."""
    given = replace(given, ways=[_sound(way) for way in given.ways])
    frame = Frame(8, _TOP, given.width - KEY_PX - 24, given.height - _TOP - _FOOT)
    view = _view(given, frame)
    if view.is_world:  # the world is twice as wide as high
        frame = Frame(frame.left, frame.top, frame.width, max(view.frame.height, _LEAST_KEY_PX))
    height = frame.bottom + _FOOT
    canvas = Canvas(given.width, height, given.title, styles=dict(_STYLES))
    for number, colour in enumerate(WAYS):
        line = f"stroke:{colour};fill:none;stroke-linejoin:round;stroke-linecap:round"
        canvas.styles = {
            **canvas.styles,
            f"way{number}": f"{line};stroke-width:2",
            f"gap{number}": f"{line};stroke-width:1.4;stroke-dasharray:2 5;stroke-opacity:.8",
            f"dot{number}": f"fill:{colour}",
            f"name{number}": f"font:600 11px 'Noto Sans','DejaVu Sans',Arial,sans-serif;fill:{colour};"
            "paint-order:stroke;stroke:#fff;stroke-width:3px",
        }
    canvas.words(10, 24, given.title, "title")
    ground = _draw_ground(canvas, view)
    labels = Labels()
    labels.take(view.frame.right - 40, view.frame.top, 40, 60)
    draw_grid(canvas, view, labels)
    for mark in given.marks:
        _draw_around(canvas, view, mark)
    for number, way in enumerate(given.ways):
        _draw_way(canvas, view, way, number % len(WAYS))
    _draw_marks(canvas, view, given.marks, labels)
    for number in range(len(given.ways)):
        _draw_ticks(canvas, view, given, number, labels)
    named = _draw_towns(canvas, view, given, labels)
    shown = view.frame
    canvas.path(
        f"M{shown.left} {shown.top}H{shown.right:.1f}V{shown.bottom:.1f}H{shown.left}Z", "frame"
    )
    draw_scale(canvas, view)
    draw_north(canvas, view)
    lines = [
        *(KeyLine("mark", 0, m.sign, m.title, is_asked=m.is_asked) for m in given.marks),
        *(
            KeyLine("way", n % len(WAYS), "", w.name + ("" if not w.loose else " (zone unknown)"))
            for n, w in enumerate(given.ways)
        ),
    ]
    notes = [*given.notes, ground]
    if any(w.breaks.any() for w in given.ways):
        notes.insert(0, "dashed: no position in between; the way there is not known")
    if named:
        notes.append("towns: GeoNames (CC BY 4.0)")
    draw_key(canvas, frame, lines, notes)
    return canvas.svg()


def _sound(way: MapWay) -> MapWay:
    there = np.isfinite(way.lat) & np.isfinite(way.lon)
    if there.all():
        return way
    return replace(
        way,
        lat=way.lat[there],
        lon=way.lon[there],
        time_us=way.time_us[there],
        breaks=way.breaks[there],
    )


def _view(given: Map, frame: Frame) -> View:
    lat = np.concatenate([*(w.lat for w in given.ways), [m.lat for m in given.marks]])
    lon = np.concatenate([*(w.lon for w in given.ways), [m.lon for m in given.marks]])
    there = np.isfinite(lat) & np.isfinite(lon)
    lat, lon = lat[there].astype(np.float64), lon[there].astype(np.float64)
    flat = view_of(lat, lon, frame)
    if flat.is_world or not any(m.radius_m for m in given.marks):
        return flat
    # Circles of uncertainty are to be seen whole: their edges count as points.
    edges = [_circle(m) for m in given.marks if 0 < m.radius_m <= 20 * flat.reach_m]
    return view_of(
        np.concatenate([lat, *(e[0] for e in edges)]),
        np.concatenate([lon, *(e[1] for e in edges)]),
        frame,
    )


def _circle(mark: MapMark) -> tuple[Floats, Floats]:
    """Points on a circle around a mark."""
    around = View(Frame(0, 0, 1, 1), mark.lat, mark.lon, is_world=False, metres_a_pixel=1.0)
    turns = np.linspace(0, 2 * np.pi, 73)
    places = [
        around.back(mark.radius_m * float(np.sin(t)), mark.radius_m * float(np.cos(t)))
        for t in turns
    ]
    return np.array([p[0] for p in places]), np.array([p[1] for p in places])


def _draw_ground(canvas: Canvas, view: View) -> str:
    """Land and sea, where the map is not too small for what is known of them; gives the note on it."""
    frame = view.frame
    if 2 * view.half_m[0] < mapland.COARSE_M:
        return "no coast: the map is finer than the coast file of the package"
    canvas.rect(frame.left, frame.top, frame.width, frame.height, "sea")
    rings = "".join(commands(ring, closed=True) for ring in mapland.land(view))
    if rings:
        canvas.path(rings, "land")
    for coast, style in ((False, "border"), (True, "coast")):
        drawn = "".join(commands(line) for line in mapland.lines(view, coast=coast))
        if drawn:
            canvas.path(drawn, style)
    coarse = " (exact to some kilometres)" if 2 * view.half_m[0] < 8 * mapland.COARSE_M else ""
    return f"coast and borders{coarse}: {mapland.SOURCE}; borders say nothing of their status"


def commands(points: Floats, *, closed: bool = False) -> str:
    """A line as SVG path commands."""
    if not len(points):
        return ""
    pairs = " ".join(f"{x:.1f} {y:.1f}" for x, y in points.tolist())
    return f"M{pairs}{'Z' if closed else ''}"


def _draw_way(canvas: Canvas, view: View, way: MapWay, number: int) -> None:
    if not len(way.lat):
        return
    points = view.place(way.lat, way.lon)
    plain, gaps = [], []
    cuts = np.flatnonzero(way.breaks[: len(points) - 1]) + 1
    for part in np.split(np.arange(len(points)), cuts):
        piece = thinned(points[part], pixels=0.5)[:_LINE_POINTS]
        plain += [commands(line) for line in clipped_lines(_unseamed(view, piece), view.frame)]
    for at in cuts.tolist():
        pair = _unseamed(view, points[at - 1 : at + 1])
        gaps += [commands(line) for line in clipped_lines(pair, view.frame)]
    if gaps:
        canvas.path("".join(gaps), f"gap{number}", title=f"{way.name}: no position in between")
    if plain:
        canvas.path("".join(plain), f"way{number}", title=way.name)
    alone = [p[0] for p in np.split(points, cuts) if len(p) == 1]
    for x, y in (p for p in alone if view.frame.holds(float(p[0]), float(p[1]))):
        canvas.circle(float(x), float(y), 2.2, f"dot{number}", title=way.name)


def _unseamed(view: View, points: Floats) -> Floats:
    """On the map of the world a way over its edge is broken there, and not drawn across it."""
    if not view.is_world or len(points) < 2:  # noqa: PLR2004 - a line
        return points
    width = 2 * np.pi * EARTH_M / view.metres_a_pixel
    step = np.diff(points[:, 0])
    pieces = [points[:1]]
    for at, jump in enumerate(step.tolist()):
        if abs(jump) > width / 2:
            turn = np.array([-np.sign(jump) * width, 0.0])
            pieces += [
                points[at + 1 : at + 2] + turn,
                np.full((1, 2), np.nan),
                points[at : at + 1] - turn,
            ]
        pieces.append(points[at + 1 : at + 2])
    return np.concatenate(pieces)


def _draw_around(canvas: Canvas, view: View, mark: MapMark) -> None:
    if mark.radius_m <= 0:
        return
    ring = clipped_closed(view, *_circle(mark))
    if ring:
        canvas.path(ring, "asked" if mark.is_asked else "around", title=mark.title)


def clipped_closed(view: View, lat: Floats, lon: Floats) -> str:
    """A circle as path commands; whole, as what lies outside the frame is covered or cut."""
    if view.is_world:
        return ""
    return commands(clipped_ring(view.place(lat, lon), view.frame), closed=True)


def _draw_marks(canvas: Canvas, view: View, marks: Sequence[MapMark], labels: Labels) -> None:
    """Numbered discs; those on one spot are moved apart, each with a line to the spot."""
    discs: list[tuple[MapMark, float, float]] = []
    for mark in sorted(marks, key=lambda m: not m.is_asked):
        x, y = map(float, view.place(mark.lat, mark.lon))
        if not view.frame.holds(x, y):
            continue
        if mark.is_asked:
            canvas.path(
                f"M{x - 7:.1f} {y:.1f}h14M{x:.1f} {y - 7:.1f}v14", "centre", title=mark.title
            )
            labels.take(x - 8, y - 8, 16, 16)
            continue
        at_x, at_y = labels.free_spot(x, y, 9.5, view.frame)
        if (at_x, at_y) != (x, y):
            canvas.path(f"M{x:.1f} {y:.1f}L{at_x:.1f} {at_y:.1f}", "leader")
            canvas.circle(x, y, 2, "ink")
        labels.take(at_x - 9.5, at_y - 9.5, 19, 19)
        discs.append((mark, at_x, at_y))
    for mark, x, y in discs:
        canvas.circle(x, y, 8.5, "disc", title=mark.title)
        canvas.words(x, y + 3.6, mark.sign, "number", anchor="middle")


def _draw_ticks(canvas: Canvas, view: View, given: Map, number: int, labels: Labels) -> None:
    """A dot at the start and the end, and times at even steps between, where there is room."""
    way, number = given.ways[number], number % len(WAYS)
    if not len(way.lat):
        return
    points = view.place(way.lat, way.lon)
    shown = [p for p in (0, len(points) - 1) if view.frame.holds(*map(float, points[p]))]
    for at in shown:
        canvas.circle(
            float(points[at, 0]), float(points[at, 1]), 3.2, f"dot{number}", title=way.name
        )
    if shown:
        x, y = map(float, points[shown[-1]])
        labels.put(canvas, view.frame, (x, y), _short(way.name), f"name{number}", size=11)
    if way.loose:
        return
    last: tuple[float, float] | None = None
    for at in ticks_of(way.time_us):
        x, y = map(float, points[at])
        if not view.frame.holds(x, y, margin=4):
            continue
        if last is not None and np.hypot(x - last[0], y - last[1]) < _LEAST_TICK_PX:
            continue
        words = given.time_words(int(way.time_us[at]), True)
        if labels.put(canvas, view.frame, (x, y), words, "tick", size=10):
            canvas.circle(x, y, 2.4, f"dot{number}")
            last = (x, y)


def _short(name: str) -> str:
    return name if len(name) <= _NAME_LETTERS else name[: _NAME_LETTERS - 1].rstrip() + "…"


def ticks_of(time_us: npt.NDArray[np.int64]) -> list[int]:
    """The positions nearest after even steps of time, some six of them, and the first."""
    if not len(time_us):
        return []
    lasted_s = (int(time_us[-1]) - int(time_us[0])) / 1e6
    step_us = next((s for s in _STEPS_S if s * _TICKS >= lasted_s), _STEPS_S[-1]) * 1_000_000
    first = -(-int(time_us[0]) // step_us) * step_us
    wanted = np.arange(first, int(time_us[-1]) + 1, step_us)[: 4 * _TICKS]
    at = np.searchsorted(time_us, wanted)
    # A step that falls into a gap has no position of its own.
    near = at[(time_us[at] - wanted) * 10 <= step_us] if len(at) else at
    return list(dict.fromkeys([0, *near.tolist()]))


def _draw_towns(canvas: Canvas, view: View, given: Map, labels: Labels) -> bool:
    if given.towns is None:
        return False
    lat, lon = view.middle()
    shown: list[tuple[float, float]] = []
    for town in given.towns(lat, lon, 2.1e7 if view.is_world else float(np.hypot(*view.half_m))):
        x, y = map(float, view.place(town.lat, town.lon))
        if not view.frame.holds(x, y, margin=3):
            continue
        if min((np.hypot(x - a, y - b) for a, b in shown), default=_TOWNS_PX) < _TOWNS_PX:
            continue  # a part of a larger town
        if labels.put(canvas, view.frame, (x, y), town.name, "place", size=10):
            canvas.circle(x, y, 1.8, "town")
            shown.append((x, y))
        if len(shown) >= 24:  # noqa: PLR2004 - more is no help
            break
    return bool(shown)
