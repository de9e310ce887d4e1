"""From latitude and longitude to pixels: a local plane around a point, or the whole world flat."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

EARTH_M = 6_371_008.8
LOCAL_M = 2_500_000.0
"""Up to this far from its middle a map is a local plane; beyond it is the world."""
_LEAST_M = 400.0
_MARGIN = 1.16
_POLE = 89.9
_TINY = 1e-12


@dataclass(frozen=True, slots=True)
class Frame:
    """The rectangle that a map stands in, in pixels."""

    left: float
    top: float
    width: float
    height: float

    @property
    def right(self) -> float:
        """Its right edge."""
        return self.left + self.width

    @property
    def bottom(self) -> float:
        """Its bottom edge."""
        return self.top + self.height

    def holds(self, x: float, y: float, *, margin: float = 0) -> bool:
        """Whether a point lies in it, so far from its edges."""
        return (
            self.left + margin <= x <= self.right - margin
            and self.top + margin <= y <= self.bottom - margin
        )


@dataclass(frozen=True, slots=True)
class View:
    """How the earth is laid into a frame.

    A local view is azimuthal equidistant (Snyder 1987, §25): distances and courses from its middle
    are true, and neither the poles nor the 180th meridian cut anything. The world is equirectangular
    around a meridian.
    """

    frame: Frame
    lat: float
    lon: float
    is_world: bool
    metres_a_pixel: float
    east_m: float = 0.0
    north_m: float = 0.0
    """Where the middle of the frame lies from the middle of the projection."""

    def plane(self, lat: Floats, lon: Floats) -> Floats:
        """Metres east and north of the middle, one row a point."""
        lat, lon = np.asarray(lat, np.float64), np.asarray(lon, np.float64)
        if self.is_world:
            east = np.radians(_turned(lon - self.lon)) * EARTH_M
            return np.stack((east, np.radians(lat) * EARTH_M), -1)
        phi, turn, phi0 = np.radians(lat), np.radians(lon - self.lon), np.radians(self.lat)
        north = np.cos(phi0) * np.sin(phi) - np.sin(phi0) * np.cos(phi) * np.cos(turn)
        east = np.cos(phi) * np.sin(turn)
        cosine = np.sin(phi0) * np.sin(phi) + np.cos(phi0) * np.cos(phi) * np.cos(turn)
        sine = np.hypot(east, north)
        far = np.arctan2(sine, cosine)
        stretch = np.divide(far, sine, out=np.ones_like(sine), where=sine > _TINY)
        return np.stack((east * stretch, north * stretch), -1) * EARTH_M

    def pixels(self, plane: Floats) -> Floats:
        """Where points of the plane stand in the picture."""
        middle = (
            self.frame.left + self.frame.width / 2,
            self.frame.top + self.frame.height / 2,
        )
        x = middle[0] + (plane[..., 0] - self.east_m) / self.metres_a_pixel
        y = middle[1] - (plane[..., 1] - self.north_m) / self.metres_a_pixel
        return np.stack((x, y), -1)

    def place(self, lat: Floats | float, lon: Floats | float) -> Floats:
        """Where points on the earth stand in the picture."""
        return self.pixels(self.plane(np.asarray(lat, np.float64), np.asarray(lon, np.float64)))

    @property
    def reach_m(self) -> float:
        """How far from the middle of the projection the furthest corner of the frame is."""
        half = self.half_m
        return float(np.hypot(half[0] + abs(self.east_m), half[1] + abs(self.north_m)))

    @property
    def half_m(self) -> tuple[float, float]:
        """Half the frame's width and height, in metres."""
        return (
            self.frame.width * self.metres_a_pixel / 2,
            self.frame.height * self.metres_a_pixel / 2,
        )

    def middle(self) -> tuple[float, float]:
        """Latitude and longitude of the middle of the frame."""
        return self.back(self.east_m, self.north_m)

    def back(self, east_m: float, north_m: float) -> tuple[float, float]:
        """Latitude and longitude of a point of the plane."""
        if self.is_world:
            lat = float(np.degrees(north_m / EARTH_M))
            return max(-90.0, min(90.0, lat)), _one_turn(
                self.lon + float(np.degrees(east_m / EARTH_M))
            )
        far = float(np.hypot(east_m, north_m)) / EARTH_M
        if far < _TINY:
            return self.lat, self.lon
        phi0, course = np.radians(self.lat), np.arctan2(east_m, north_m)
        sine = np.sin(phi0) * np.cos(far) + np.cos(phi0) * np.sin(far) * np.cos(course)
        phi = np.arcsin(np.clip(sine, -1, 1))
        turn = np.arctan2(
            np.sin(course) * np.sin(far) * np.cos(phi0), np.cos(far) - np.sin(phi0) * np.sin(phi)
        )
        return float(np.degrees(phi)), _one_turn(self.lon + float(np.degrees(turn)))

    def holds_pole(self, *, north: bool) -> bool:
        """Whether a pole stands in the frame."""
        x, y = self.place(90.0 if north else -90.0, 0.0)
        return not self.is_world and self.frame.holds(float(x), float(y))


def _turned(lon: Floats) -> Floats:
    found: Floats = (lon + 180) % 360 - 180
    return found


def _one_turn(lon: float) -> float:
    return (lon + 180) % 360 - 180


def view_of(lat: Floats, lon: Floats, frame: Frame, *, radius_m: float = 0.0) -> View:
    """The view that holds all points, each with so much around it; the world where there is none."""
    if not len(lat):
        return _world(0.0, frame)
    phi, lam = np.radians(lat), np.radians(lon)
    vectors = np.stack((np.cos(phi) * np.cos(lam), np.cos(phi) * np.sin(lam), np.sin(phi)), -1)
    middle = vectors.mean(axis=0)
    size = float(np.linalg.norm(middle))
    if size < 0.05:  # noqa: PLR2004 - points all round the earth have no middle
        return _world(0.0, frame)
    lon0 = float(np.degrees(np.arctan2(middle[1], middle[0])))
    lat0 = float(np.degrees(np.arcsin(np.clip(middle[2] / size, -1, 1))))
    flat = View(frame, lat0, lon0, is_world=False, metres_a_pixel=1.0)
    plane = flat.plane(lat, lon)
    low, high = plane.min(axis=0) - radius_m, plane.max(axis=0) + radius_m
    wide, high_m = np.maximum((high - low) * _MARGIN, 2 * _LEAST_M)
    metres = max(wide / frame.width, high_m / frame.height)
    centre = (low + high) / 2
    view = View(
        frame,
        lat0,
        lon0,
        is_world=False,
        metres_a_pixel=float(metres),
        east_m=float(centre[0]),
        north_m=float(centre[1]),
    )
    return view if view.reach_m <= LOCAL_M else _world(lon0, frame)


def _world(lon: float, frame: Frame) -> View:
    # Twice as wide as high: a higher frame is cut, a wider one leaves its sides free.
    width = min(frame.width, 2 * frame.height)
    frame = Frame(frame.left, frame.top, width, width / 2)
    metres = 2 * np.pi * EARTH_M / width
    return View(frame, 0.0, round(lon / 30) * 30.0, is_world=True, metres_a_pixel=float(metres))


def clipped_lines(points: Floats, frame: Frame) -> Iterator[Floats]:
    """The pieces of a line that stand in a frame; a point that is not finite breaks it."""
    if len(points) < 2:  # noqa: PLR2004 - a line
        return
    start, step = points[:-1], np.diff(points, axis=0)
    low, high = np.zeros(len(start)), np.ones(len(start))
    with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
        for axis, least, most in ((0, frame.left, frame.right), (1, frame.top, frame.bottom)):
            one = (least - start[:, axis]) / step[:, axis]
            two = (most - start[:, axis]) / step[:, axis]
            flat = step[:, axis] == 0
            inside = (start[:, axis] >= least) & (start[:, axis] <= most)
            low = np.maximum(low, np.where(flat, np.where(inside, 0, 2), np.minimum(one, two)))
            high = np.minimum(high, np.where(flat, np.where(inside, 1, -1), np.maximum(one, two)))
        kept = np.isfinite(step).all(axis=1) & (low <= high)
    if not kept.any():
        return
    at = np.flatnonzero(kept)
    first = start[at] + step[at] * low[at, None]
    last = start[at] + step[at] * high[at, None]
    cut = np.flatnonzero((np.diff(at) != 1) | (high[at[:-1]] < 1) | (low[at[1:]] > 0)) + 1
    for part in np.split(np.arange(len(at)), cut):
        yield np.concatenate((first[part[:1]], last[part]))


def clipped_ring(points: Floats, frame: Frame) -> Floats:
    """A closed ring cut to a frame (Sutherland and Hodgman 1974); empty where nothing is left."""
    for axis, edge, sign in (
        (0, frame.left, 1),
        (0, frame.right, -1),
        (1, frame.top, 1),
        (1, frame.bottom, -1),
    ):
        if len(points) < 3:  # noqa: PLR2004 - an area
            return points[:0]
        ahead = np.roll(points, -1, axis=0)
        here, there = sign * (points[:, axis] - edge), sign * (ahead[:, axis] - edge)
        inside, next_inside = here >= 0, there >= 0
        crosses = inside != next_inside
        share = np.divide(here, here - there, out=np.zeros_like(here), where=crosses)
        met = points + (ahead - points) * share[:, None]
        both = np.stack((met, ahead), axis=1).reshape(-1, 2)
        points = both[np.stack((crosses, next_inside), axis=1).reshape(-1)]
    return points


def thinned(points: Floats, *, pixels: float) -> Floats:
    """A line without the points that stand on the same spot of a grid as the one before."""
    grid = np.rint(np.nan_to_num(points, nan=-1e7) / pixels)
    moved = np.concatenate(([True], (np.diff(grid, axis=0) != 0).any(axis=1)))
    moved[-1:] = True
    found: Floats = points[moved]
    return found


def is_polar(lat: float) -> bool:
    """Whether north means little at a latitude."""
    return abs(lat) > _POLE
