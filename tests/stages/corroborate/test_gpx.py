"""GPX points with a time are read by their bytes; bombs and broken XML are refused or cut."""

from __future__ import annotations

import gc
import weakref

import pytest

from pastwatch.errors import BadValue
from pastwatch.model.track import TrackKind
from pastwatch.stages.corroborate.tracks import gpx
from pastwatch.stages.corroborate.tracks.positions import NO_PLACE, NO_TIME, OUT_OF_RANGE
from pastwatch.stages.corroborate.tracks.reading import ReadAs, Reading, kind_of, read

HEAD = (
    '<?xml version="1.0"?><gpx xmlns="http://www.topografix.com/GPX/1/1" version="1.1" creator="x">'
)
POINT = '<trkpt lat="{lat}" lon="{lon}"><ele>12.5</ele><time>{time}</time>{more}</trkpt>'


def point(
    lat: object = 50.5, lon: object = 1.25, time: str = "2031-05-06T10:00:00Z", more: str = ""
) -> str:
    return POINT.format(lat=lat, lon=lon, time=time, more=more)


def trk(*points: str) -> bytes:
    return f"{HEAD}<trk><name>round</name><trkseg>{''.join(points)}</trkseg></trk></gpx>".encode()


def reading(raw: bytes, *, zone: str = "") -> Reading:
    return read([lambda: raw], ReadAs(kind=TrackKind.GPX, zone=zone))


def test_points_of_tracks_routes_and_waypoints_are_read() -> None:
    body = (
        '<wpt lat="1" lon="2"><time>2031-05-06T09:00:00Z</time><name>a</name></wpt>'
        '<rte><rtept lat="3" lon="4"><time>2031-05-06T09:30:00+01:00</time></rtept></rte>'
    )
    raw = trk(point()).replace(b"<trk>", body.encode() + b"<trk>")
    found = reading(raw)
    at = found.positions
    assert kind_of(raw, "f") is TrackKind.GPX
    assert sorted(at.lat.tolist()) == [1, 3, 50.5]
    assert at.labels == {"device": "round"}
    texts = [raw[s : s + n] for s, n in zip(at.start.tolist(), at.length.tolist(), strict=True)]
    assert point().encode() in texts
    assert all(t.startswith((b"<wpt", b"<rtept", b"<trkpt")) and t.endswith(b">") for t in texts)


def test_extensions_are_ignored() -> None:
    inner = "<extensions><x:tpx xmlns:x='u'><time>1999-01-01T00:00:00Z</time><wpt lat='9' lon='9'/></x:tpx></extensions>"
    found = reading(trk(point(more=inner)))
    assert found.positions.lat.tolist() == [50.5]
    assert found.positions.time_us.tolist() == [1_935_828_000_000_000]


def test_points_that_tell_no_time_or_place_are_counted() -> None:
    found = reading(
        trk(point(), point(lat="x"), point(lat=91), point(time="noon"), '<trkpt lat="1" lon="1"/>')
    )
    assert found.rejected == {NO_TIME: 2, NO_PLACE: 1, OUT_OF_RANGE: 1}
    assert len(found.positions) == 1


def test_a_time_without_a_zone_is_in_utc_by_the_form() -> None:
    found = reading(trk(point(time="2031-05-06T10:00:00")))
    assert found.positions.time_us.tolist() == [1_935_828_000_000_000]
    assert found.positions.flagged == {}


def test_a_billion_laughs_are_refused_before_they_swell() -> None:
    bomb = '<!DOCTYPE gpx [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>'
    with pytest.raises(BadValue, match="document type"):
        reading(trk(point()).replace(b"<gpx", bomb.encode() + b"<gpx", 1))


def test_an_outside_entity_is_refused() -> None:
    bomb = b'<!DOCTYPE gpx SYSTEM "file:///etc/passwd">'
    with pytest.raises(BadValue, match="document type"):
        reading(trk(point()).replace(b"<gpx", bomb + b"<gpx", 1))


def test_nesting_without_end_is_refused() -> None:
    with pytest.raises(BadValue, match="nested too deeply"):
        reading((HEAD + "<a>" * 1000).encode())


def test_what_stands_before_damage_is_kept_and_the_damage_said() -> None:
    raw = trk(point(), point(lat=51, time="2031-05-06T10:00:10Z"))
    found = reading(raw[: raw.rfind(b"</trkpt>") + 12])
    assert len(found.positions) == 2
    assert found.rejected == {gpx.CUT_SHORT: 1}


def test_what_is_no_gpx_is_refused() -> None:
    for raw in (b"<kml></kml>", b"not xml at all"):
        with pytest.raises(BadValue, match="no GPX"):
            reading(raw)


def test_a_reading_leaves_no_circle_behind() -> None:
    gc.disable()
    try:
        seen = []
        kept = gpx._Points  # noqa: SLF001 - what must not outlive the reading

        class Watched(kept):  # type: ignore[misc, valid-type]
            __slots__ = ("__weakref__",)

            def __init__(self, raw: bytes) -> None:
                super().__init__(raw)
                seen.append(weakref.ref(self))

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(gpx, "_Points", Watched)
            reading(trk(point()))
        assert [ref() for ref in seen] == [None]
    finally:
        gc.enable()
