"""Distances and courses on a round earth of 6,371.0088 km (IUGG mean radius), in NumPy columns."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

EARTH_M = 6_371_008.8
Floats = npt.NDArray[np.float64]


def distance_m(
    lat: Floats | float, lon: Floats | float, to_lat: Floats | float, to_lon: Floats | float
) -> Floats:
    """Great-circle distance in metres (haversine); within 0.6 % of the ellipsoid's."""
    one, two = np.radians(lat), np.radians(to_lat)
    half = np.sin((two - one) / 2) ** 2
    across = np.sin(np.radians(np.subtract(to_lon, lon)) / 2) ** 2
    inside = np.clip(half + np.cos(one) * np.cos(two) * across, 0, 1)
    result: Floats = 2 * EARTH_M * np.arcsin(np.sqrt(inside))
    return result


def course_deg(lat: float, lon: float, to_lat: float, to_lon: float) -> float:
    """The course at the start of the way from one point to another, 0 to 360, clockwise from north."""
    one, two = np.radians(lat), np.radians(to_lat)
    turn = np.radians(to_lon - lon)
    east = np.sin(turn) * np.cos(two)
    north = np.cos(one) * np.sin(two) - np.sin(one) * np.cos(two) * np.cos(turn)
    return float(np.degrees(np.arctan2(east, north)) % 360)


def unit(lat: Floats | float, lon: Floats | float) -> Floats:
    """Unit vectors of points, one a row."""
    phi, lam = np.radians(lat), np.radians(lon)
    return np.stack(
        np.broadcast_arrays(np.cos(phi) * np.cos(lam), np.cos(phi) * np.sin(lam), np.sin(phi)), -1
    ).astype(np.float64)


class Passing(NamedTuple):
    """How ways from one position to the next pass a point, each clipped to a share of its way."""

    least_m: Floats
    share: Floats
    """Where on its way it is nearest, 0 at the start."""
    enter: Floats
    leave: Floats
    """Between which shares it is within the radius; leave < enter where it never is."""


def passing(
    start: Floats,
    end: Floats,
    point: Floats,
    *,
    radius_m: float,
    from_share: Floats,
    to_share: Floats,
) -> Passing:
    """How great-circle ways between unit vectors pass a point, at even speed along each.

    On a way at angle θ from its start, the cosine to the point is M cos(θ − φ): φ is where it is
    nearest. Distances are taken from chords, as cosines lose what is nearer than some metres.
    """
    chord = np.linalg.norm(end - start, axis=-1)
    whole = 2 * np.arcsin(np.clip(chord / 2, 0, 1))
    along = end - start * np.sum(start * end, axis=-1, keepdims=True)
    size = np.linalg.norm(along, axis=-1, keepdims=True)
    along = np.divide(along, size, out=np.zeros_like(along), where=size > 0)
    phi = np.arctan2(along @ point, start @ point)
    low, high = from_share * whole, to_share * whole
    theta = np.clip(phi, low, high)
    # Where the nearest of the whole circle is off the way, the nearer end of the way counts.
    for turned in (phi + 2 * np.pi, phi - 2 * np.pi):
        inside = (turned >= low) & (turned <= high)
        theta = np.where(inside, turned, theta)
    at_end = np.where(
        _chord_m(start, along, low, point) <= _chord_m(start, along, high, point), low, high
    )
    off = (theta == low) | (theta == high)
    theta = np.where(off, at_end, theta)
    least = _chord_m(start, along, theta, point)
    nearest = _chord_m(start, along, phi, point) / EARTH_M
    radius = radius_m / EARTH_M
    inside_half = np.sin((radius + nearest) / 2) * np.sin((radius - nearest) / 2)
    inside_half = inside_half / np.maximum(np.cos(nearest), 1e-12)
    reach = 2 * np.arcsin(np.sqrt(np.clip(inside_half, 0, 1)))
    never = (least > radius_m) | ((whole > 0) & (inside_half < 0))
    divisor = np.where(whole > 0, whole, 1.0)
    enter = np.where(whole > 0, np.clip((phi - reach) / divisor, from_share, to_share), from_share)
    leave = np.where(whole > 0, np.clip((phi + reach) / divisor, from_share, to_share), to_share)
    return Passing(
        least,
        np.where(whole > 0, theta / divisor, from_share),
        np.where(never, 1.0, enter),
        np.where(never, 0.0, leave),
    )


def _chord_m(start: Floats, along: Floats, theta: Floats, point: Floats) -> Floats:
    place = start * np.cos(theta)[..., None] + along * np.sin(theta)[..., None]
    chord = np.linalg.norm(place - point, axis=-1)
    found: Floats = 2 * EARTH_M * np.arcsin(np.clip(chord / 2, 0, 1))
    return found
