"""Decoded ADS-B is read line by line and snapshot by snapshot; hostile JSON harms nothing."""

from __future__ import annotations

import json

import pytest

from pastwatch.errors import BadValue
from pastwatch.model.track import TrackKind
from pastwatch.stages.corroborate.tracks.positions import BAD_ROW, OUT_OF_RANGE
from pastwatch.stages.corroborate.tracks.reading import ReadAs, Reading, kind_of, read

T0_S = 1_935_828_000.0


def reading(raw: bytes, *, kind: str = "", zone: str = "") -> Reading:
    found = TrackKind(kind) if kind else kind_of(raw, "file")
    return read([lambda: raw], ReadAs(kind=found, zone=zone))


def line(number: int, message: int, clock: str, place: str = ",", label: str = "") -> str:
    lat, lon = place.split(",")
    return (
        f"MSG,{message},1,1,4CA{number:03},1,2031/05/06,{clock},2031/05/06,{clock},{label},35000,"
        f"450,90,{lat},{lon},0,0,0,0,0,0"
    )


def test_base_station_lines_give_positions_and_what_was_heard() -> None:
    raw = "\r\n".join(
        [
            line(1, 3, "10:00:00.250", "53.1,-6.2"),
            line(1, 1, "10:00:01.000", label="FLY12"),
            line(2, 3, "10:00:02.000", "95.0,-6.2"),
            "STA,,1,1,4CA001,1,2031/05/06,10:00:03.000,2031/05/06,10:00:03.000,RM",
            "MSG,3,1",
        ]
    ).encode()
    found = reading(raw, zone="UTC")
    at = found.positions
    assert at.names[int(at.code[0])] == "4ca001"
    assert at.time_us.tolist() == [1_935_828_000_250_000]
    assert at.altitude_m[0] == pytest.approx(10668)
    assert at.speed_m_s[0] == pytest.approx(231.5, abs=0.1)
    assert at.heard_us.tolist() == [1_935_828_001_000_000]
    assert at.labels == {"4ca001": "FLY12"}
    assert found.rejected == {OUT_OF_RANGE: 1, "a line that is no MSG": 1, BAD_ROW: 1}


def test_base_station_clocks_have_no_zone_of_their_own() -> None:
    found = reading(line(1, 3, "10:00:00.000", "53.1,-6.2").encode())
    assert found.positions.flagged == {"time without a zone": 1}


def snapshot(now: float, *aircraft: dict[str, object]) -> bytes:
    return json.dumps({"now": now, "messages": 5, "aircraft": list(aircraft)}).encode()


def test_snapshots_are_read_with_the_age_of_each_position() -> None:
    one = {"hex": "4ca001", "lat": 53.1, "lon": -6.2, "seen_pos": 2.5, "alt_baro": 1000, "gs": 100,
           "flight": "FLY12  ", "desc": "VOLKOV VK-2", "lastPosition": {"lat": 1}}  # fmt: skip
    raw = b"\n".join([snapshot(T0_S, one, {"hex": "4ca002", "seen": 1.0}), snapshot(T0_S + 5, one)])
    found = reading(raw)
    at = found.positions
    assert at.time_us.tolist() == [int((T0_S - 2.5) * 1e6), int((T0_S + 2.5) * 1e6)]
    assert at.heard_us.tolist() == [int((T0_S - 1) * 1e6)]
    assert at.labels == {"4ca001": "FLY12"}
    assert at.maker_types == {"4ca001": "VOLKOV VK-2"}
    start, length = int(at.start[0]), int(at.length[0])
    assert json.loads(raw[start : start + length]) == one


def test_a_position_repeated_while_it_ages_is_one() -> None:
    one = {"hex": "4ca001", "lat": 53.1, "lon": -6.2}
    raw = b"\n".join(snapshot(T0_S + n, {**one, "seen_pos": n}) for n in range(5))
    found = reading(raw)
    assert len(found.positions) == 1
    assert found.rejected == {"the same as another row": 4}


def test_a_trace_counts_from_its_timestamp_and_ground_has_no_height() -> None:
    raw = json.dumps(
        {"icao": "4CA001", "r": "EI-ABC", "desc": "VOLKOV VK-2", "timestamp": T0_S,
         "trace": [[0, 53.1, -6.2, "ground", 10, 90], [4.5, 53.11, -6.2, 1000, None], [5, "x"], 7]}
    ).encode()  # fmt: skip
    found = reading(raw)
    at = found.positions
    assert at.names == ["4ca001"]
    assert at.time_us.tolist() == [int(T0_S * 1e6), int((T0_S + 4.5) * 1e6)]
    assert at.altitude_m[1] == pytest.approx(304.8)
    assert found.rejected == {BAD_ROW: 2}


@pytest.mark.parametrize(
    "bad",
    [
        b'{"now": 1935828000, "aircraft": [',
        b'{"now": 1935828000, "aircraft": ' + b"[" * 50_000,
        b'{"now": {"a": 1}, "aircraft": []}',
        b'{"now": 1e400, "aircraft": [{"hex": "a", "lat": 1e999, "lon": NaN}]}',
        b'{"now": 1935828000, "aircraft": [3, null, {"hex": 5}, {"hex": "a", "lat": "x", "lon": []}]}',
        b'{"\\ud800": 1}',
        b"{",
    ],
)
def test_broken_snapshots_cost_themselves_only(bad: bytes) -> None:
    good = snapshot(T0_S, {"hex": "4ca001", "lat": 53.1, "lon": -6.2})
    found = reading(bad + b"\n" + good, kind="readsb")
    assert "4ca001" in found.positions.names
    assert len(found.positions) == 1
    assert sum(found.rejected.values()) >= 1


def test_a_file_without_any_snapshot_is_refused() -> None:
    with pytest.raises(BadValue, match="no snapshot"):
        reading(b'{"a": 1}', kind="readsb")
