"""Who came how near to a point and when: by positions, and between two no further apart than a limit."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from pastwatch.errors import BadValue
from pastwatch.model.track import Approach, Presence
from pastwatch.stages.corroborate.tracks.earth import Passing, course_deg, distance_m, passing, unit
from pastwatch.stages.corroborate.tracks.positions import (
    JUMP,
    SPEED_CAPS_M_S,
    TWO_PLACES,
    Positions,
)

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

INTERPOLATE_S = 300.0
"""Between two positions further apart in time than this, where it was is not known."""
DETOUR = 1.5
"""Between two positions nothing is taken to go faster than this, against its own speed there."""
_SIDES: tuple[Literal["left", "right"], ...] = ("left", "right")
_FAR_M = 20_037_508.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A point, how near, and between when; where zones are unknown, how far times may be off."""

    lat: float
    lon: float
    radius_m: float
    from_us: int
    until_us: int
    interpolate_s: float = INTERPOLATE_S
    slack_before_us: int = 0
    slack_after_us: int = 0

    def __post_init__(self) -> None:
        if not (-90 <= self.lat <= 90 and -180 <= self.lon <= 180):  # noqa: PLR2004 - degrees
            raise BadValue("a place lies at latitude -90 to 90, longitude -180 to 180")
        if not 0 < self.radius_m <= _FAR_M:
            raise BadValue("a distance is above 0 and at most half the way round the earth")
        if self.until_us <= self.from_us:
            raise BadValue("the time asked ends before it begins")
        if self.interpolate_s < 0:
            raise BadValue("the longest gap to look into is not negative")


@dataclass(frozen=True, slots=True, kw_only=True)
class Nearness:
    """What is known: those within, those of whom it is not known, and how many were not."""

    within: tuple[Approach, ...]
    not_known: tuple[Approach, ...]
    not_within: int
    not_received: int
    """Subjects without any position in the time asked, nor within the limit of it."""


@dataclass(frozen=True, slots=True)
class _Ways:
    """The ways from one position to the next that lie in the time asked, one a row."""

    first: Ints
    """The row of the position each way starts from."""
    passing: Passing
    least_m: Floats
    """No further away than this it can have been."""


def nearness(positions: Positions, asked: Asked, *, subject_kind: str) -> Nearness:
    """Ask all subjects at once; those within by distance, the others by name.

    A subject that was within on a way between two positions and in none of them counts by
    interpolation, which is said. Costs some 100 bytes a position that lies in the time asked.
    """
    start_us, end_us = asked.from_us - asked.slack_after_us, asked.until_us + asked.slack_before_us
    ways = _ways(positions, asked, start_us, end_us)
    inside = np.flatnonzero((positions.time_us >= start_us) & (positions.time_us < end_us))
    apart = distance_m(
        positions.lat_e7[inside] / 1e7, positions.lon_e7[inside] / 1e7, asked.lat, asked.lon
    )
    way_code, point_code = positions.code[ways.first], positions.code[inside]
    codes = np.union1d(way_code, point_code)
    within: list[Approach] = []
    unknown: list[Approach] = []
    not_within = 0
    bounds = (
        np.searchsorted(column, codes, side).tolist()
        for column in (way_code, point_code)
        for side in _SIDES
    )
    for code, way_from, way_to, point_from, point_to in zip(codes.tolist(), *bounds, strict=True):
        own_ways, own_points = slice(way_from, way_to), slice(point_from, point_to)
        found = _near(
            positions, asked, code, ways=ways, own_ways=own_ways, points=inside[own_points],
            apart=apart[own_points],
            cap_m_s=SPEED_CAPS_M_S.get(subject_kind, SPEED_CAPS_M_S["device"]),
            span=(start_us, end_us),
        )  # fmt: skip
        if found.presence is Presence.WITHIN:
            within.append(found)
        elif found.presence is Presence.NOT_KNOWN:
            unknown.append(found)
        else:
            not_within += 1
    received = int((np.diff(positions.first) > 0).sum())
    return Nearness(
        within=tuple(sorted(within, key=lambda n: (n.distance_m, n.subject))),
        not_known=tuple(sorted(unknown, key=lambda n: n.subject)),
        not_within=not_within,
        not_received=received - len(codes),
    )


def _ways(positions: Positions, asked: Asked, start_us: int, end_us: int) -> _Ways:
    begin, after = positions.time_us[:-1], positions.time_us[1:]
    lasted = after - begin
    kept = positions.same_subject() & (lasted > 0) & (lasted <= asked.interpolate_s * 1e6)
    kept &= (begin < end_us) & (after > start_us)
    # A jump is where one of its ends cannot be: nothing is told of the way between.
    kept &= (positions.flags[1:] & JUMP) == 0
    first = np.flatnonzero(kept)
    lat, lon = positions.lat_e7, positions.lon_e7
    needed = np.zeros(len(positions), np.bool_)
    needed[first] = needed[first + 1] = True
    to_point = np.full(len(positions), np.inf)
    to_point[needed] = distance_m(lat[needed] / 1e7, lon[needed] / 1e7, asked.lat, asked.lon)
    from_start, from_end = to_point[first], to_point[first + 1]
    straight = distance_m(
        lat[first] / 1e7, lon[first] / 1e7, lat[first + 1] / 1e7, lon[first + 1] / 1e7
    )
    lasted_us = lasted[first].astype(np.float64)
    shares = (np.array([[start_us], [end_us]]) - begin[first]) / np.maximum(lasted_us, 1.0)
    from_share, to_share = np.clip(shares, 0, 1)
    # No point of a way is nearer than half of what both its ends are further away than it is long.
    near = (from_start + from_end - straight) / 2 <= asked.radius_m + 1
    near |= (from_share > 0) | (to_share < 1)
    found = Passing(
        np.minimum(from_start, from_end),
        np.where(from_start <= from_end, 0.0, 1.0),
        np.ones(len(first)),
        np.zeros(len(first)),
    )
    exact = passing(
        unit(lat[first[near]] / 1e7, lon[first[near]] / 1e7),
        unit(lat[first[near] + 1] / 1e7, lon[first[near] + 1] / 1e7),
        unit(asked.lat, asked.lon),
        radius_m=asked.radius_m,
        from_share=from_share[near],
        to_share=to_share[near],
    )
    for whole, part in zip(found, exact, strict=True):
        whole[near] = part
    lasted_s = lasted_us / 1e6
    reported = np.fmax(positions.speed_m_s[first], positions.speed_m_s[first + 1])
    speed = np.fmax(straight / np.maximum(lasted_s, 1e-6), np.nan_to_num(reported)) * DETOUR
    # Whoever goes from A to B in a time t at most at v is never nearer to P than this.
    least = np.maximum((from_start + from_end - speed * lasted_s) / 2, 0.0)
    return _Ways(first, found, np.minimum(least, found.least_m))


def _near(
    positions: Positions,
    asked: Asked,
    code: int,
    *,
    ways: _Ways,
    own_ways: slice,
    points: Ints,
    apart: Floats,
    cap_m_s: float,
    span: tuple[int, int],
) -> Approach:
    first, passed = ways.first[own_ways], ways.passing.least_m[own_ways]
    best_way = int(np.argmin(passed)) if len(passed) else -1
    best_point = int(np.argmin(apart)) if len(apart) else -1
    by_point = float(apart[best_point]) if best_point >= 0 else np.inf
    by_way = float(passed[best_way]) if best_way >= 0 else np.inf
    least = min([by_point, by_way, *ways.least_m[own_ways].min(initial=np.inf, keepdims=True)])
    interpolated = by_way < by_point - 0.5
    if best_way >= 0 and (interpolated or by_point == np.inf):
        row = int(first[best_way])
        share = float(ways.passing.share[own_ways][best_way])
        lasted = int(positions.time_us[row + 1] - positions.time_us[row])
        at_us, rows = int(positions.time_us[row]) + round(share * lasted), [row, row + 1]
    else:
        row = int(points[best_point])
        at_us, rows = int(positions.time_us[row]), [row]
    distance = min(by_point, by_way)
    unknown_s, may_reach = _unknown(positions, asked, code, first, (span, cap_m_s))
    stretch = _stretch(positions, asked, ways, own_ways, (points, apart))
    presence = Presence.NOT_WITHIN
    if distance <= asked.radius_m:
        presence = Presence.WITHIN
    elif least <= asked.radius_m or may_reach:
        presence = Presence.NOT_KNOWN
    slack = asked.slack_before_us + asked.slack_after_us
    if slack and presence is Presence.WITHIN:
        # Certain only where, whatever the zone, the time lies in what was asked.
        early, late = at_us - asked.slack_before_us, at_us + asked.slack_after_us
        if early < asked.from_us or late >= asked.until_us:
            presence = Presence.NOT_KNOWN
    course = _course(positions, row)
    name = positions.names[code]
    own_rows = positions.flags[rows]
    return Approach(
        subject=name,
        label=positions.labels.get(name, ""),
        presence=presence,
        distance_m=distance,
        least_m=least,
        most_m=by_point if np.isfinite(by_point) else distance,
        at_us=at_us,
        earliest_us=at_us - asked.slack_before_us,
        latest_us=at_us + asked.slack_after_us,
        interpolated=len(rows) > 1,
        first_us=stretch[0],
        last_us=stretch[1],
        dwell_s=stretch[2],
        heading_deg=course[0],
        speed_m_s=course[1],
        altitude_m=_or_none(float(positions.altitude_m[row])),
        positions=int((apart <= asked.radius_m).sum()),
        unknown_s=unknown_s,
        doubted=bool((own_rows & (JUMP | TWO_PLACES)).any()),
    )


def _stretch(
    positions: Positions,
    asked: Asked,
    ways: _Ways,
    own_ways: slice,
    seen: tuple[Ints, Floats],
) -> tuple[int | None, int | None, float]:
    """When it was first and last within, and for how long in all; `seen` are rows and distances."""
    points, apart = seen
    first = ways.first[own_ways]
    enter, leave = ways.passing.enter[own_ways], ways.passing.leave[own_ways]
    begin = positions.time_us[first]
    lasted = (
        (positions.time_us[first + 1] - begin).astype(np.float64) if len(first) else np.zeros(0)
    )
    inside = leave >= enter
    near = points[apart <= asked.radius_m]
    starts = np.concatenate(
        (begin[inside] + enter[inside] * lasted[inside], positions.time_us[near])
    )
    ends = np.concatenate((begin[inside] + leave[inside] * lasted[inside], positions.time_us[near]))
    if not len(starts):
        return None, None, 0.0
    dwell_s = float(((leave - enter)[inside] * lasted[inside]).sum()) / 1e6
    return round(float(starts.min())), round(float(ends.max())), dwell_s


def _unknown(
    positions: Positions,
    asked: Asked,
    code: int,
    known: Ints,
    limits: tuple[tuple[int, int], float],
) -> tuple[float, bool]:
    """For how long of the time asked nothing tells where it was, and whether it can have come near."""
    span, cap_m_s = limits
    start, stop = int(positions.first[code]), int(positions.first[code + 1])
    times = positions.time_us[start:stop]
    before = max(int(np.searchsorted(times, span[0], "right")) - 1, 0)
    after = min(int(np.searchsorted(times, span[1], "left")), len(times) - 1)
    rows = np.arange(start + before, start + after)
    open_rows = np.setdiff1d(rows, known, assume_unique=True)
    ends = [
        (int(positions.time_us[r]), int(positions.time_us[r + 1]), int(r), int(r + 1))
        for r in open_rows.tolist()
        if positions.time_us[r + 1] > positions.time_us[r]
    ]
    if times[0] > span[0]:
        ends.append((span[0], int(times[0]), -1, start))
    if times[-1] < span[1]:
        ends.append((int(times[-1]), span[1], stop - 1, -1))
    unknown_us, may_reach = 0, False
    for begin, end, one, two in ends:
        unknown_us += max(min(end, span[1]) - max(begin, span[0]), 0)
        ways = [
            float(
                distance_m(
                    positions.lat_e7[r] / 1e7, positions.lon_e7[r] / 1e7, asked.lat, asked.lon
                )
            )
            for r in (one, two)
            if r >= 0
        ]
        reach = cap_m_s * (end - begin) / 1e6
        least = (sum(ways) - reach) / 2 if len(ways) > 1 else ways[0] - reach
        may_reach |= least <= asked.radius_m
    return unknown_us / 1e6, may_reach


def _course(positions: Positions, row: int) -> tuple[float | None, float | None]:
    """Course and speed from a position to the next of its track; nothing at its end."""
    if row + 1 >= len(positions) or positions.code[row + 1] != positions.code[row]:
        return None, _or_none(float(positions.speed_m_s[row]))
    lat, lon = positions.lat_e7[row : row + 2] / 1e7, positions.lon_e7[row : row + 2] / 1e7
    lasted_s = float(positions.time_us[row + 1] - positions.time_us[row]) / 1e6
    apart = float(distance_m(lat[0], lon[0], lat[1], lon[1]))
    reported = _or_none(float(positions.speed_m_s[row]))
    speed = reported if reported is not None else apart / lasted_s if lasted_s else None
    moved = apart > 1.0
    return (course_deg(*map(float, (lat[0], lon[0], lat[1], lon[1]))) if moved else None), speed


def _or_none(value: float) -> float | None:
    return value if np.isfinite(value) else None


def rows_behind(positions: Positions, near: Approach) -> list[int]:
    """The rows that an answer rests on: those at the closest approach, and the first and last within."""
    rows = positions.rows_of(near.subject)
    times = positions.time_us[rows]
    found: set[int] = set()
    for at_us in (near.at_us, near.first_us, near.last_us):
        if at_us is not None:
            after = int(np.searchsorted(times, at_us, "left"))
            exact = after < len(times) and times[after] == at_us
            around = (after,) if exact else (after - 1, after)
            found |= {rows.start + n for n in around if 0 <= n < len(times)}
    return sorted(found)
