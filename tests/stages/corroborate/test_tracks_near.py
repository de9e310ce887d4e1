"""Who was near is told by positions and short ways between them; what is not known is said."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from pastwatch.errors import BadValue
from pastwatch.model.track import Approach, Presence, TrackKind
from pastwatch.stages.corroborate.tracks.earth import (
    EARTH_M,
    course_deg,
    distance_m,
    passing,
    unit,
)
from pastwatch.stages.corroborate.tracks.nearness import Asked, Nearness, nearness, rows_behind
from pastwatch.stages.corroborate.tracks.positions import Positions
from pastwatch.stages.corroborate.tracks.reading import ReadAs, read

Floats = npt.NDArray[np.float64]
T0_S = 1_935_828_000
LATS = st.floats(-89.5, 89.5)
LONS = st.floats(-180, 180)


def positions(
    rows: Sequence[tuple[str, float, float, float]], *, kind: str = "vessel"
) -> Positions:
    """Rows of subject, seconds, latitude and longitude."""
    lines = [f"{T0_S + s:.3f},{lat:.7f},{lon:.7f},{name}" for name, s, lat, lon in rows]
    raw = ("time,lat,lon,id\n" + "\n".join(lines)).encode()
    return read([lambda: raw], ReadAs(kind=TrackKind.CSV, subject_kind=kind)).positions


def ask(held: Positions, **given: float) -> Nearness:
    plain = {
        "lat": 0.0,
        "lon": 0.0,
        "radius_m": 1000.0,
        "since": 0.0,
        "until": 3600.0,
        "gap": 300.0,
    }
    wanted = {**plain, **given}
    asked = Asked(
        lat=wanted["lat"],
        lon=wanted["lon"],
        radius_m=wanted["radius_m"],
        from_us=round((T0_S + wanted["since"]) * 1e6),
        until_us=round((T0_S + wanted["until"]) * 1e6),
        interpolate_s=wanted["gap"],
        slack_before_us=int(wanted.get("before", 0)),
        slack_after_us=int(wanted.get("after", 0)),
    )
    return nearness(held, asked, subject_kind="vessel")


def the(found: Nearness) -> Approach:
    (one,) = found.within
    return one


@pytest.mark.parametrize(
    ("one", "two", "km"),
    [
        ((51.4775, -0.4614), (40.6398, -73.7789), 5540),
        ((-33.9461, 151.1772), (-12.0219, -77.1143), 12_800),
        ((0, 179.5), (0, -179.5), 111.2),
        ((90, 0), (-90, 0), 20_015),
        ((89, 10), (89, -170), 222.4),
    ],
)
def test_known_distances_come_out(
    one: tuple[float, float], two: tuple[float, float], km: float
) -> None:
    assert float(distance_m(*one, *two)) / 1000 == pytest.approx(km, rel=0.005)
    assert float(distance_m(*two, *one)) == pytest.approx(float(distance_m(*one, *two)))


def test_courses_are_clockwise_from_north() -> None:
    assert course_deg(0, 0, 1, 0) == pytest.approx(0)
    assert course_deg(0, 0, 0, 1) == pytest.approx(90)
    assert course_deg(0, 179.9, 0, -179.9) == pytest.approx(90)
    assert course_deg(10, 0, 0, 0) == pytest.approx(180)


@settings(max_examples=150, deadline=None)
@given(
    lat=LATS, lon=LONS, course=st.floats(0, 2 * math.pi), length_m=st.floats(1, 300_000),
    away_m=st.floats(0, 400_000), side=st.floats(0, 2 * math.pi), radius_m=st.floats(10, 200_000),
)  # fmt: skip
def test_the_nearest_approach_is_that_of_many_small_steps(
    *,
    lat: float,
    lon: float,
    course: float,
    length_m: float,
    away_m: float,
    side: float,
    radius_m: float,
) -> None:
    start = (lat, lon)
    end = _moved(start, course, length_m)
    point = _moved(start, side, away_m)
    one, two = unit(*start)[None], unit(*end)[None]
    found = passing(
        one, two, unit(*point), radius_m=radius_m, from_share=np.zeros(1), to_share=np.ones(1)
    )
    shares = np.linspace(0, 1, 4001)
    along = _between(one[0], two[0], shares)
    chords = 2 * EARTH_M * np.arcsin(np.linalg.norm(along - unit(*point), axis=1) / 2)
    step_m = length_m / 4000
    assert float(found.least_m[0]) == pytest.approx(float(chords.min()), abs=step_m + 0.01)
    inside = shares[chords <= radius_m]
    assume(abs(float(chords.min()) - radius_m) > 2 * step_m + 0.1)
    if len(inside):
        assert float(found.enter[0]) == pytest.approx(inside[0], abs=0.002)
        assert float(found.leave[0]) == pytest.approx(inside[-1], abs=0.002)
    else:
        assert found.leave[0] < found.enter[0]


def _moved(start: tuple[float, float], course: float, metres: float) -> tuple[float, float]:
    phi, far = math.radians(start[0]), metres / EARTH_M
    sine = math.sin(phi) * math.cos(far) + math.cos(phi) * math.sin(far) * math.cos(course)
    turn = math.atan2(
        math.sin(course) * math.sin(far) * math.cos(phi), math.cos(far) - math.sin(phi) * sine
    )
    lon = (start[1] + math.degrees(turn) + 180) % 360 - 180
    return math.degrees(math.asin(max(-1, min(1, sine)))), lon


def _between(one: Floats, two: Floats, shares: Floats) -> Floats:
    mixed = one * (1 - shares)[:, None] + two * shares[:, None]
    whole = 2 * math.asin(min(1, float(np.linalg.norm(two - one)) / 2))
    if whole < 1e-9:
        short: Floats = mixed / np.linalg.norm(mixed, axis=1)[:, None]
        return short
    weights = np.sin(whole * (1 - shares))[:, None], np.sin(whole * shares)[:, None]
    turned: Floats = (one * weights[0] + two * weights[1]) / math.sin(whole)
    return turned


def test_a_way_past_the_point_is_interpolated_and_said_so() -> None:
    held = positions([("a", 0, 0.005, -0.01), ("a", 100, 0.005, 0.01)])
    found = ask(held, radius_m=600, until=100.0)
    near = the(found)
    assert near.interpolated
    assert near.distance_m == pytest.approx(556, abs=1)
    assert near.at_us == pytest.approx((T0_S + 50) * 1e6, abs=2e5)
    assert near.heading_deg == pytest.approx(90, abs=0.1)
    assert near.least_m <= near.distance_m <= near.most_m
    assert near.dwell_s == pytest.approx(20.2, abs=0.5)
    assert near.positions == 0
    assert len(rows_behind(held, near)) == 2


def test_a_position_within_is_no_interpolation() -> None:
    near = the(ask(positions([("a", 0, 0.001, 0), ("a", 10, 0.002, 0)]), radius_m=200))
    assert not near.interpolated
    assert near.distance_m == pytest.approx(111.2, abs=0.5)
    assert near.positions == 1


def test_a_gap_longer_than_the_limit_is_not_looked_into() -> None:
    rows = [("a", 0, 0.0, -0.05), ("a", 1000, 0.0, 0.05)]
    found = ask(positions(rows), until=1001.0, radius_m=1000)
    assert found.within == ()
    (near,) = found.not_known
    assert near.presence is Presence.NOT_KNOWN
    assert near.unknown_s == pytest.approx(1001, abs=2)
    assert the(ask(positions(rows), until=1001.0, gap=1000)).interpolated


def test_too_far_to_have_come_near_in_a_gap_is_not_within() -> None:
    rows = [("a", 0, 5.0, 0.0), ("a", 1000, 5.0, 0.1)]
    found = ask(positions(rows), until=1000.0)
    assert (found.within, found.not_known, found.not_within) == ((), (), 1)


def test_who_has_no_position_in_the_time_asked_is_counted_apart() -> None:
    rows = [("a", 0, 0.0, 0.0), ("b", 9000, 0.0, 0.0)]
    found = ask(positions(rows), until=100.0)
    assert [n.subject for n in found.within] == ["a"]
    assert found.not_received == 1


def test_only_the_time_asked_counts_also_on_a_way_that_goes_on() -> None:
    rows = [("a", 0, 0.0, -0.01), ("a", 100, 0.0, 0.01)]
    near = the(ask(positions(rows), since=60.0, until=100.0, radius_m=2000))
    assert near.distance_m == pytest.approx(222.4, abs=1)
    assert near.at_us == pytest.approx((T0_S + 60) * 1e6, abs=2e5)
    assert near.dwell_s == pytest.approx(40, abs=0.5)


def test_over_the_180th_meridian_and_the_pole_nothing_is_cut() -> None:
    rows = [("a", 0, 0.0, 179.995), ("a", 100, 0.0, -179.995)]
    assert the(ask(positions(rows), lon=180.0)).distance_m < 5
    rows = [("a", 0, 89.99, 0.0), ("a", 100, 89.99, 180.0)]
    assert the(ask(positions(rows), lat=90.0, lon=45.0)).distance_m < 5


def test_a_jump_tells_nothing_of_the_way_and_is_doubted() -> None:
    rows = [("a", 0, 0.0, 0.0), ("a", 10, 3.0, 0.0), ("a", 20, 0.0, 0.001), ("a", 30, 0.0, 0.002)]
    held = positions(rows)
    found = ask(held, lat=1.5, radius_m=5000)
    assert found.within == ()
    assert the(ask(held, lat=3.0)).doubted


def test_times_of_unknown_zone_are_never_certain() -> None:
    rows = [("a", s, 0.0, 0.0) for s in range(0, 100, 10)]
    hour = 3600 * 10**6
    found = ask(positions(rows), before=14 * hour, after=12 * hour)
    assert found.within == ()
    (near,) = found.not_known
    assert near.latest_us - near.earliest_us == 26 * hour


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 600), st.floats(-0.05, 0.05),
                          st.floats(-0.05, 0.05)), min_size=1, max_size=30))  # fmt: skip
def test_whoever_has_a_position_within_is_found_and_the_least_is_below(
    raw: list[tuple[int, int, float, float]],
) -> None:
    rows = [(f"s{n}", float(s), lat, lon) for n, s, lat, lon in raw]
    held = positions(rows)
    found = ask(held, until=601.0)
    apart = distance_m(held.lat, held.lon, 0.0, 0.0)
    inside = {held.names[c] for c in held.code[apart <= 1000].tolist()}
    assert inside <= {n.subject for n in found.within}
    for near in (*found.within, *found.not_known):
        assert near.least_m <= near.distance_m + 1e-6
        assert near.distance_m <= near.most_m + 1e-6
    received = len({n for n, *_ in rows})
    assert len(found.within) + len(found.not_known) + found.not_within == received


@pytest.mark.parametrize(
    "bad", [{"lat": 91.0}, {"lon": 181.0}, {"radius_m": 0.0}, {"until": -1.0}, {"gap": -1.0}]
)
def test_a_question_that_makes_no_sense_is_refused(bad: dict[str, float]) -> None:
    with pytest.raises(BadValue):
        ask(positions([("a", 0, 0.0, 0.0)]), **bad)
