"""A map shows what it is given at any scale, over the 180th meridian and the poles, and hides no gap."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pastwatch.drawing import mapland
from pastwatch.drawing.map import Map, MapMark, MapTown, MapWay, draw_map, ticks_of
from pastwatch.drawing.mapgrid import degrees
from pastwatch.drawing.mapview import Frame, View, clipped_lines, clipped_ring, view_of

FRAME = Frame(8, 40, 700, 570)
T0_US = 1_935_828_000_000_000


def way(*points: tuple[float, float], name: str = "a", breaks: tuple[int, ...] = ()) -> MapWay:
    cut = np.zeros(len(points), np.bool_)
    cut[list(breaks)] = True
    return MapWay(
        name=name,
        lat=np.array([p[0] for p in points]),
        lon=np.array([p[1] for p in points]),
        time_us=T0_US + np.arange(len(points), dtype=np.int64) * 600_000_000,
        breaks=cut,
    )


def drawn(
    *ways: MapWay,
    marks: tuple[MapMark, ...] = (),
    towns: Callable[[float, float, float], list[MapTown]] | None = None,
) -> str:
    svg = draw_map(
        Map(
            title="A map",
            ways=ways,
            marks=marks,
            towns=towns,
            time_words=lambda us, _: f"t{us // 10**6 % 10_000}",
        )
    )
    ET.fromstring(svg)  # noqa: S314 - drawn here
    return svg


def words(svg: str) -> list[str]:
    return re.findall(r"<text[^>]*>([^<]*)</text>", svg)


def paths(svg: str, style: str) -> list[str]:
    """What is drawn in a style, without the key's own samples."""
    found = re.findall(rf'<path d="([^"]*)" class="{style}"', svg)
    return [path for path in found if not path.endswith("h20")]


def test_a_harbour_has_a_scale_a_north_a_grid_and_no_coast() -> None:
    svg = drawn(way((55.700, 12.590), (55.705, 12.600), (55.711, 12.610)))
    said = words(svg)
    assert "N" in said
    assert any(re.fullmatch(r"\d+ m", w) for w in said)
    assert any(w.startswith("55°42′") for w in said)
    assert not paths(svg, "land")
    assert "no coast" in " ".join(said)


def test_a_country_has_land_borders_and_their_source() -> None:
    svg = drawn(way((53.6, 10.0), (57.7, 11.9)))
    assert paths(svg, "land")
    assert paths(svg, "coast")
    assert paths(svg, "border")
    assert "Natural Earth" in " ".join(words(svg))
    assert any(re.fullmatch(r"\d+ km", w) for w in words(svg))


def test_the_world_is_twice_as_wide_as_high_and_nothing_crosses_it() -> None:
    view = view_of(np.array([51.0, 40.0, 35.0]), np.array([0.0, -73.0, 140.0]), FRAME)
    assert view.is_world
    assert view.frame.width == 2 * view.frame.height
    svg = drawn(way((51, 0), (40, -73)), way((35, 140), (45, -160), (37, -122)))
    for path in [*paths(svg, "coast"), *paths(svg, "way1")]:
        for piece in path.split("M")[1:]:
            x = np.array([float(v) for v in piece.rstrip("Z").split()[::2]])
            assert np.abs(np.diff(x)).max(initial=0) < view.frame.width / 2


def test_a_way_over_the_180th_meridian_is_one_line() -> None:
    svg = drawn(way((-17, 179.5), (-16.9, 180.0), (-16.8, -179.5)))
    (line,) = paths(svg, "way0")
    assert line.count("M") == 1
    assert "180°" in words(svg)


def test_a_way_over_the_pole_is_one_line_and_the_pole_is_named() -> None:
    svg = drawn(way((88, 10), (89.9, 10), (89, -170), (88, -170)))
    (line,) = paths(svg, "way0")
    assert line.count("M") == 1
    assert "north pole" in words(svg)
    assert "N" not in words(svg)


def test_a_gap_is_dashed_and_explained() -> None:
    points = ((55.700, 12.590), (55.702, 12.594), (55.708, 12.606), (55.710, 12.610))
    svg = drawn(way(*points, breaks=(1,)))
    assert len(paths(svg, "gap0")) == 1
    assert "dashed: no position in between; the way" in words(svg)
    assert "stroke-dasharray:2 5" in svg
    assert not paths(drawn(way(*points)), "gap0")


def test_marks_on_one_spot_are_moved_apart_and_told_in_the_key() -> None:
    marks = tuple(
        MapMark(sign=f"x{n}", title=f"thing {n}", lat=55.7, lon=12.6, radius_m=50) for n in range(4)
    )
    svg = drawn(marks=marks)
    spots = re.findall(r'<circle cx="([\d.]+)" cy="([\d.]+)" r="8.5" class="disc"><title>', svg)
    assert len(set(spots)) == 4
    assert {"x0", "x3", "thing 0", "thing 3"} <= set(words(svg))


def test_the_key_counts_what_does_not_fit() -> None:
    marks = tuple(
        MapMark(
            sign=f"x{n}", title="a long title of an exhibit " * 4, lat=55.7 + n / 1000, lon=12.6
        )
        for n in range(40)
    )
    said = words(drawn(marks=marks))
    assert any(re.fullmatch(r"and \d+ more", w) for w in said)
    assert any(w.endswith("…") for w in said)


def test_titles_are_written_as_text_and_never_as_markup() -> None:
    mark = MapMark(sign="x1", title='<script>alert("x")</script>', lat=1, lon=2)
    svg = drawn(way((1, 2), (1.01, 2.01), name="<b>&"), marks=(mark,))
    assert "<script" not in svg
    assert "&lt;b&gt;&amp;" in svg


def test_times_of_no_known_zone_stand_at_no_tick() -> None:
    plain = way((55.7, 12.59), (55.705, 12.6), (55.71, 12.61))
    loose = MapWay(
        name="a",
        lat=plain.lat,
        lon=plain.lon,
        time_us=plain.time_us,
        breaks=plain.breaks,
        loose=True,
    )
    assert any(w.startswith("t") and w[1:].isdigit() for w in words(drawn(plain)))
    said = words(drawn(loose))
    assert not any(w.startswith("t") and w[1:].isdigit() for w in said)
    assert "a (zone unknown)" in said


def test_towns_are_named_largest_first_and_never_over_each_other() -> None:
    towns = [
        MapTown(name=f"Town {n}", lat=56, lon=10 + n / 1000, people=1000 - n) for n in range(9)
    ]
    svg = drawn(way((54, 9), (57, 12)), towns=lambda *_: towns)
    assert [w for w in words(svg) if w.startswith("Town")] == ["Town 0"]
    assert "GeoNames" in " ".join(words(svg))


def test_an_empty_map_and_odd_positions_are_drawn() -> None:
    assert "A map" in drawn()
    svg = drawn(way((55.7, 12.6), (float("nan"), 1.0), (55.71, 12.61)))
    assert paths(svg, "way0")


def test_a_million_positions_become_a_small_picture() -> None:
    turns = np.linspace(0, 60, 1_000_000)
    many = MapWay(
        name="a",
        lat=55.7 + np.sin(turns) / 1000,
        lon=12.6 + np.cos(turns * 1.1) / 500,
        time_us=T0_US + np.arange(1_000_000) * 1_000_000,
        breaks=np.zeros(1_000_000, np.bool_),
    )
    assert len(drawn(many)) < 2_000_000


def test_ticks_stand_at_even_times_that_have_a_position() -> None:
    times = T0_US + np.arange(0, 3600, 10, dtype=np.int64) * 1_000_000
    at = ticks_of(times)
    assert [int(times[n] - T0_US) // 1_000_000 for n in at] == [0, 600, 1200, 1800, 2400, 3000]
    holed = times[(times < T0_US + 1_000_000_000) | (times > T0_US + 2_000_000_000)]
    assert [int(holed[n] - T0_US) // 1_000_000 for n in ticks_of(holed)] == [0, 600, 2400, 3000]
    assert ticks_of(times[:0]) == []


@pytest.mark.parametrize(
    ("value", "sides", "text"),
    [(55.7, "NS", "55°42′ N"), (-0.5, "EW", "0°30′ W"), (0, "NS", "0°"), (-180, "EW", "180°"),
     (12.6 + 1 / 3600, "EW", "12°36′01″ E")],
)  # fmt: skip
def test_degrees_are_written_as_far_as_they_go(value: float, sides: str, text: str) -> None:
    assert degrees(value, sides) == text


@settings(max_examples=80, deadline=None)
@given(
    st.lists(st.tuples(st.floats(-90, 90), st.floats(-180, 180)), min_size=1, max_size=6),
)
def test_every_point_stands_in_its_view_and_comes_back(points: list[tuple[float, float]]) -> None:
    lat, lon = np.array(points).T
    view = view_of(lat, lon, FRAME)
    for (x, y), (one, two) in zip(view.place(lat, lon).tolist(), points, strict=True):
        assert view.frame.holds(x, y, margin=-0.5)
        if abs(one) < 89:
            plane = view.plane(np.array(one), np.array(two))
            back = view.back(float(plane[0]), float(plane[1]))
            assert back[0] == pytest.approx(one, abs=1e-6)
            assert (back[1] - two + 180) % 360 - 180 == pytest.approx(0, abs=1e-5)


COORD = st.floats(-2000, 2000)


@settings(max_examples=100, deadline=None)
@given(st.lists(st.tuples(COORD, COORD), min_size=2, max_size=12))
def test_what_is_cut_lies_in_the_frame_and_what_lies_in_it_is_kept(
    points: list[tuple[float, float]],
) -> None:
    line = np.array(points)
    pieces = list(clipped_lines(line, FRAME))
    for piece in (*pieces, clipped_ring(line, FRAME)):
        for x, y in piece.tolist():
            assert FRAME.holds(x, y, margin=-0.01)
    whole = np.linalg.norm(np.diff(line, axis=0), axis=1).sum()
    assert sum(np.linalg.norm(np.diff(p, axis=0), axis=1).sum() for p in pieces) <= whole + 1e-6
    if all(FRAME.holds(x, y) for x, y in points):
        assert len(pieces) == 1
        assert np.allclose(pieces[0], line)


@pytest.mark.parametrize(
    ("lat", "lon", "is_land"),
    [(48, 67, True), (-85, 120, True), (0, -140, False), (88, 0, False), (-25, 134, True),
     (-30, -20, False), (66, -176, True), (-41, -74.5, False), (42, 50.5, False), (68, 179.9, True)],
)  # fmt: skip
def test_land_and_sea_are_where_they_are(lat: float, lon: float, *, is_land: bool) -> None:
    view = View(FRAME, lat, lon, is_world=False, metres_a_pixel=100.0)
    x, y = view.place(lat, lon).tolist()
    crossed = 0
    for ring in mapland.land(view):
        ahead = np.roll(ring, -1, axis=0)
        spans = (ring[:, 1] > y) != (ahead[:, 1] > y)
        rise = np.where(spans, ahead[:, 1] - ring[:, 1], 1)
        crossed += int(
            (spans & (x < ring[:, 0] + (y - ring[:, 1]) / rise * (ahead - ring)[:, 0])).sum()
        )
    assert crossed % 2 == is_land


def test_the_coast_file_says_where_it_comes_from() -> None:
    assert "public domain" in mapland.provenance()
