"""Land, coasts and borders for small maps, from a file of the package; nothing is loaded from outside."""

from __future__ import annotations

import functools
import importlib.resources
import io
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from pastwatch.drawing.mapview import EARTH_M, Floats, View, clipped_lines, clipped_ring, thinned

COARSE_M = 15_000.0
"""Maps of less than this from side to side show no coast: the file is no better than some kilometres."""
SOURCE = "Natural Earth 1:50m (public domain)"
_BEYOND_M = 2_000_000.0
_LEAST_PX, _GRAIN_PX = 1.2, 0.6


@dataclass(frozen=True, slots=True)
class _Coast:
    points: Floats
    first: npt.NDArray[np.int64]
    is_coast: npt.NDArray[np.bool_]
    ring: npt.NDArray[np.int64]
    ring_first: npt.NDArray[np.int64]

    def arc(self, number: int) -> Floats:
        """Longitudes and latitudes of an arc; turned round where its number is below nothing."""
        if number < 0:
            return self.arc(~number)[::-1]
        return self.points[self.first[number] : self.first[number + 1]]

    def rings(self) -> Iterator[Floats]:
        """The edges of land, and of waters within land."""
        for start, end in zip(self.ring_first[:-1], self.ring_first[1:], strict=True):
            yield np.concatenate([self.arc(int(n))[:-1] for n in self.ring[start:end]])


@functools.cache
def _coast() -> _Coast:
    raw = importlib.resources.files("pastwatch.drawing").joinpath("coast.npz").read_bytes()
    with np.load(io.BytesIO(raw), allow_pickle=False) as held:
        first = held["first"].astype(np.int64)
        steps = held["step"].T.astype(np.int64)
        steps[first[:-1]] = held["start"].T if held["start"].shape[0] == 2 else held["start"]  # noqa: PLR2004
        total = np.cumsum(steps, axis=0)
        before = np.concatenate(([[0, 0]], total))[first[:-1]]
        points = (total - np.repeat(before, np.diff(first), axis=0)) / 100.0
        return _Coast(
            points,
            first,
            held["coast"].astype(bool),
            held["ring"].astype(np.int64),
            held["ring_first"].astype(np.int64),
        )


def provenance() -> str:
    """Where the file's lines come from, as the file says it."""
    raw = importlib.resources.files("pastwatch.drawing").joinpath("coast.npz").read_bytes()
    with np.load(io.BytesIO(raw), allow_pickle=False) as held:
        return bytes(held["provenance"]).decode()


def land(view: View) -> Iterator[Floats]:
    """Rings of land in pixels, cut to the frame; to be filled by the even-odd rule."""
    for ring in _coast().rings():
        for shifted in _shifts(view):
            plane = _closed(view, _plane(view, ring, shifted))
            if not _may_show(view, plane):
                continue
            if not view.is_world and _is_opposite(view, ring, plane):
                continue
            cut = clipped_ring(view.pixels(_within(view, plane)), view.frame)
            if len(cut) and np.ptp(cut, axis=0).max() >= _LEAST_PX * _coarser(view):
                yield thinned(cut, pixels=_GRAIN_PX * _coarser(view))


def lines(view: View, *, coast: bool) -> Iterator[Floats]:
    """Coasts, or borders, in pixels, cut to the frame."""
    held = _coast()
    for number in np.flatnonzero(held.is_coast == coast).tolist():
        arc = held.arc(number)
        for shifted in _shifts(view):
            plane = _plane(view, arc, shifted)
            if _may_show(view, plane):
                plane[_seam(arc)] = np.nan
                drawn = view.pixels(plane)
                there = drawn[np.isfinite(drawn[:, 0])]
                if len(there) and np.ptp(there, axis=0).max() >= _LEAST_PX * _coarser(view):
                    yield from clipped_lines(
                        thinned(drawn, pixels=_GRAIN_PX * _coarser(view)), view.frame
                    )


def _coarser(view: View) -> float:
    return 2.0 if view.is_world else 1.0


def _shifts(view: View) -> tuple[float, ...]:
    return (-360.0, 0.0, 360.0) if view.is_world else (0.0,)


def _plane(view: View, arc: Floats, shift: float) -> Floats:
    if not view.is_world:
        return view.plane(arc[:, 1], arc[:, 0])
    # The world is unrolled: a line over the 180th meridian goes on, and stands there once a turn.
    lon, lat = np.unwrap(arc[:, 0], period=360), arc[:, 1]
    return np.radians(np.stack((lon + shift - view.lon, lat), -1)) * EARTH_M


def _closed(view: View, plane: Floats) -> Floats:
    """On the map of the world a ring that goes all round is closed along the pole beneath it."""
    turn = 2 * np.pi * EARTH_M
    if not view.is_world or abs(plane[-1, 0] - plane[0, 0]) < turn / 2:
        return plane
    pole = np.copysign(turn / 4, plane[0, 1])
    return np.concatenate((plane, [[plane[-1, 0], pole], [plane[0, 0], pole]]))


def _may_show(view: View, plane: Floats) -> bool:
    half = view.half_m
    low, high = plane.min(axis=0), plane.max(axis=0)
    return bool(
        low[0] <= view.east_m + half[0]
        and high[0] >= view.east_m - half[0]
        and low[1] <= view.north_m + half[1]
        and high[1] >= view.north_m - half[1]
    )


def _within(view: View, plane: Floats) -> Floats:
    """The ring with its far points drawn in, on their own course: near the antipode they run wild."""
    if view.is_world:
        return plane
    far = np.hypot(plane[:, 0], plane[:, 1])
    most = view.reach_m + _BEYOND_M
    return plane * np.minimum(1.0, most / np.maximum(far, 1.0))[:, None]


def _is_opposite(view: View, ring: Floats, plane: Floats) -> bool:
    """Whether a ring lies round the antipode: on the plane it would seem to lie round the middle."""
    courses = np.unwrap(np.arctan2(plane[:, 0], plane[:, 1]), period=2 * np.pi)
    closing = (courses[0] - courses[-1] + np.pi) % (2 * np.pi) - np.pi
    turns = abs(courses[-1] + closing - courses[0])
    return bool(turns > np.pi) and not _holds(ring, view.lon, view.lat)


def _holds(ring: Floats, lon: float, lat: float) -> bool:
    """Whether a point lies in a ring of longitudes and latitudes, which may go over the 180th meridian."""
    around = np.stack((np.unwrap(ring[:, 0], period=360), ring[:, 1]), -1)
    if abs(around[-1, 0] - around[0, 0]) > 180:  # noqa: PLR2004 - once round the pole beneath it
        pole = np.copysign(90.0, around[:, 1].mean())
        around = np.concatenate((around, [[around[-1, 0], pole], [around[0, 0], pole]]))
    ahead = np.roll(around, -1, axis=0)
    spans = (around[:, 1] > lat) != (ahead[:, 1] > lat)
    rise = np.where(spans, ahead[:, 1] - around[:, 1], 1.0)
    at = around[:, 0] + (lat - around[:, 1]) / rise * (ahead[:, 0] - around[:, 0])
    return any(int((spans & (lon + turn < at)).sum()) % 2 for turn in (-360.0, 0.0, 360.0))


def _seam(arc: Floats) -> npt.NDArray[np.bool_]:
    """Points on the cut of the 180th meridian or at a pole, where no coast is."""
    on = (np.abs(np.abs(arc[:, 0]) - 180) < 0.005) | (arc[:, 1] < -89.99)  # noqa: PLR2004 - the grid
    # Only where the next or the one before is on it too: a coast may touch it.
    beside = np.concatenate((on[1:], [False])) | np.concatenate(([False], on[:-1]))
    found: npt.NDArray[np.bool_] = on & beside
    return found
