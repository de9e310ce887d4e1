"""Every form of positions is read as it is written, and what cannot be read is counted with its reason."""

from __future__ import annotations

import json
from collections.abc import Mapping

import numpy as np
import pytest

from pastwatch.errors import BadValue
from pastwatch.model.track import TrackKind
from pastwatch.stages.corroborate.tracks import positions as words
from pastwatch.stages.corroborate.tracks.reading import ReadAs, Reading, kind_of, read

T0_US = 1_935_828_000_000_000  # 2031-05-06T10:00:00Z


def reading(
    *raws: str | bytes,
    kind: str = "",
    mapping: Mapping[str, str] | None = None,
    **given: str,
) -> Reading:
    files = [raw.encode() if isinstance(raw, str) else raw for raw in raws]
    found = TrackKind(kind) if kind else kind_of(files[0], "file")
    originals = [lambda raw=raw: raw for raw in files]
    return read(originals, ReadAs(kind=found, mapping=mapping or {}, **given))


def rows_of(read_: Reading, raw: str | bytes) -> list[bytes]:
    whole = raw.encode() if isinstance(raw, str) else raw
    at = read_.positions
    return [whole[s : s + n] for s, n in zip(at.start.tolist(), at.length.tolist(), strict=True)]


PLAIN = """\
time,lat,lon,id,ele
2031-05-06T10:00:00Z,50.5,1.25,a,12
2031-05-06T12:00:10+02:00,50.6,1.25,a,
"""


def test_a_table_is_read_by_its_head_and_each_row_by_its_bytes() -> None:
    found = reading(PLAIN)
    at = found.positions
    assert at.names == ["a"]
    assert at.time_us.tolist() == [T0_US, T0_US + 10_000_000]
    assert at.lat.tolist() == [50.5, 50.6]
    assert at.altitude_m[0] == 12
    assert np.isnan(at.altitude_m[1])
    assert rows_of(found, PLAIN) == [line.encode() for line in PLAIN.splitlines()[1:]]


def test_a_byte_order_mark_return_and_quotes_change_nothing() -> None:
    raw = "\ufeff" + PLAIN.replace("\n", "\r\n").replace("50.5", '"50.5"').replace(
        ",a,", ',"a, b",'
    )
    found = reading(raw)
    assert found.positions.names == ["a, b"]
    assert found.positions.lat.tolist() == [50.5, 50.6]
    assert rows_of(found, raw)[0].startswith(b'2031-05-06T10:00:00Z,"50.5"')


def test_what_cannot_be_a_position_is_counted_with_its_reason() -> None:
    bad = [
        "2031-05-06T10:00:20Z,91,1.25,a,",
        "2031-05-06T10:00:20Z,50,181,a,",
        "2031-05-06T10:00:20Z,nan,1,a,",
        "2031-05-06T10:00:20Z,inf,1,a,",
        "2031-13-06T10:00:20Z,50,1,a,",
        "yesterday,50,1,a,",
        "1812-05-06T10:00:20Z,50,1,a,",
        "2031-05-06T10:00:20Z,50",
        "2031-05-06T12:00:10+02:00,50.6,1.25,a,",
    ]
    found = reading(PLAIN + "\n".join(bad))
    assert found.rejected == {
        words.OUT_OF_RANGE: 2,
        words.NO_PLACE: 2,
        words.NO_TIME: 3,
        words.BAD_ROW: 1,
        words.DUPLICATE: 1,
    }
    assert found.rows == 2 + len(bad)


def test_a_quote_that_never_ends_costs_its_own_line() -> None:
    raw = PLAIN + '2031-05-06T10:00:20Z,50.7,1.25,"b,\n2031-05-06T10:00:30Z,50.8,1.25,c,\n'
    found = reading(raw)
    assert found.positions.names == ["a", "c"]
    assert found.rejected == {words.BAD_ROW: 1}
    assert rows_of(found, raw)[-1].startswith(b"2031-05-06T10:00:30Z,50.8")


def test_other_separators_and_decimal_commas_are_read() -> None:
    found = reading("timestamp;latitude;longitude\n1935828000;50,5;-1,25\n")
    assert found.positions.lat.tolist() == [50.5]
    assert found.positions.lon.tolist() == [-1.25]
    assert found.positions.names == ["device"]


def test_columns_can_be_named_by_head_or_number_and_need_a_unit() -> None:
    raw = "1935828000,x,50.5,1.25,10\n1935828010,x,50.6,1.25,20\n"
    given = {"time": "#1", "id": "#2", "lat": "#3", "lon": "#4", "speed": "#5:kn"}
    found = reading(raw, kind="csv", mapping=given)
    assert found.rows == 2
    assert found.positions.speed_m_s.tolist() == pytest.approx([5.14444, 10.28888], rel=1e-5)
    with pytest.raises(BadValue, match="speed needs a unit"):
        reading(raw, kind="csv", mapping={**given, "speed": "#5"})
    with pytest.raises(BadValue, match="no column"):
        reading("when,north,east\n1,2,3\n")
    with pytest.raises(BadValue, match="no part of a position"):
        reading(PLAIN, mapping={"operator": "id"})


def test_a_column_without_a_unit_is_left_alone_and_named() -> None:
    found = reading("time,lat,lon,speed\n1935828000,50,1,12\n")
    assert found.unread == ("speed",)
    assert np.isnan(found.positions.speed_m_s).all()


@pytest.mark.parametrize(
    ("text", "zone", "wanted_us"),
    [
        ("2031-05-06 12:00:00", "+02:00", T0_US),
        ("2031-05-06 12:00:00", "Europe/Paris", T0_US),
        ("06/05/2031 10:00:00", "UTC", T0_US),
        ("2031/05/06 10:00:00.5", "UTC", T0_US + 500_000),
        ("1935828000", "", T0_US),
        ("1935828000000", "", T0_US),
        ("1935828000000000", "", T0_US),
        ("1935828000.25", "", T0_US + 250_000),
    ],
)
def test_times_of_many_forms_are_the_same_moment(text: str, zone: str, wanted_us: int) -> None:
    found = reading(f"time,lat,lon\n{text},50,1\n", zone=zone, dates="dmy")
    assert found.positions.time_us.tolist() == [wanted_us]
    assert found.positions.flagged == {}


def test_a_time_without_a_zone_is_kept_as_doubted() -> None:
    found = reading("time,lat,lon\n2031-05-06 10:00:00,50,1\n")
    assert found.positions.flagged == {"time without a zone": 1}


def test_rows_without_a_zone_among_rows_with_one_are_left_out() -> None:
    found = reading("time,lat,lon\n2031-05-06 10:00:00,50,1\n2031-05-06T10:00:00+09:00,50,1\n")
    assert found.rejected == {words.MIXED_ZONES: 1}
    assert len(found.positions) == 1


def test_an_hour_that_clocks_show_twice_is_said() -> None:
    found = reading("time,lat,lon\n2031-10-26 02:30:00,50,1\n", zone="Europe/Paris")
    assert list(found.positions.flagged.values()) == [1]
    assert "twice" in next(iter(found.positions.flagged))


def test_dates_that_can_be_read_both_ways_are_refused() -> None:
    head = "time,lat,lon\n"
    with pytest.raises(BadValue, match="day first or month first"):
        reading(head + "05/06/2031 10:00:00,50,1\n")
    assert reading(head + "05/13/2031 10:00:00,50,1\n").settled.dates == "mdy"
    assert reading(head + "13/05/2031 10:00:00,50,1\n").settled.dates == "dmy"


def test_files_of_one_receiver_are_one_and_a_later_one_needs_no_head() -> None:
    later = "2031-05-06T10:00:20Z,50.7,1.25,b,\n"
    found = reading(PLAIN, later)
    assert found.positions.names == ["a", "b"]
    assert found.positions.file.tolist() == [0, 0, 1]


def test_open_sky_vectors_are_read_in_their_own_units() -> None:
    raw = (
        "time,icao24,lat,lon,velocity,heading,vertrate,callsign,onground,alert,spi,squawk,"
        "baroaltitude,geoaltitude,lastposupdate,lastcontact\n"
        "1935828000,4ca123,50.5,1.25,200.5,90.0,0.0,FLY12,False,False,False,1000,2900,3000,1,1\n"
        "1935828010,4ca123,,,,,,FLY12,False,False,False,1000,,,1,1\n"
    )
    found = reading(raw)
    assert found.settled.kind is TrackKind.OPENSKY
    assert found.settled.subject_kind == "aircraft"
    assert found.columns["altitude"] == "geoaltitude:m"
    assert found.positions.altitude_m.tolist() == [3000]
    assert found.positions.speed_m_s.tolist() == [200.5]
    assert found.positions.heard_us.tolist() == [T0_US + 10_000_000]
    assert found.positions.labels == {"4ca123": "FLY12"}


def test_packed_or_wide_files_are_refused_with_a_way_out() -> None:
    for raw in (b"\x1f\x8b\x08\0\0\0", PLAIN.encode("utf-16"), b"a,b\0c\n"):
        with pytest.raises(BadValue, match="plain text"):
            reading(raw, kind="csv")
    with pytest.raises(BadValue, match="nothing tells"):
        kind_of(b"just words", "note.txt")


def test_a_line_without_end_is_counted_and_the_rest_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pastwatch.stages.corroborate.tracks.tables.CHUNK_BYTES", 200)
    monkeypatch.setattr("pastwatch.stages.corroborate.tracks.tables.LINE_BYTES", 150)
    raw = PLAIN + "x" * 5000 + "\n" + "2031-05-06T10:00:30Z,50.8,1.25,c,\n" + "y" * 160 + "\n"
    found = reading(raw)
    assert found.positions.names == ["a", "c"]
    assert found.rejected == {"a line above 64 KiB": 2}


def test_many_chunks_give_what_one_gives(monkeypatch: pytest.MonkeyPatch) -> None:
    raw = "time,lat,lon,id\n" + "".join(
        f"{1_935_828_000 + n},{50 + n * 1e-4:.4f},1.25,s{n % 7}\n" for n in range(500)
    )
    whole = reading(raw).positions
    monkeypatch.setattr("pastwatch.stages.corroborate.tracks.tables.CHUNK_BYTES", 333)
    parts = reading(raw).positions
    assert whole.names == parts.names
    for name in ("code", "time_us", "lat_e7", "start", "length"):
        assert np.array_equal(getattr(whole, name), getattr(parts, name))


def test_a_clock_that_goes_back_and_a_jump_are_flagged_and_kept() -> None:
    raw = (
        "time,lat,lon\n1935828000,50,1\n1935828010,50.001,1\n1935828005,50.0005,1\n"
        "1935828020,52,1\n1935828030,0,0\n1935828040,50,1\n1935828040,50.001,1\n"
    )
    found = reading(raw, subject_kind="device")
    assert len(found.positions) == 7
    assert found.rejected == {}
    assert found.positions.flagged["the clock went back"] == 1
    assert found.positions.flagged["two places at one time"] == 2
    assert found.positions.flagged["at 0° 0°, often a missing fix"] == 1
    assert found.positions.flagged["a jump faster than anything of its kind"] >= 3


def test_the_maker_of_a_table_is_a_type_and_nothing_else() -> None:
    raw = "time,lat,lon,icao24,typecode\n1935828000,50,1,4ca123,Volkov VK-2\n"
    at = reading(raw).positions
    assert at.maker_types == {"4ca123": "Volkov VK-2"}
    assert not any("oper" in name for name in type(at).__slots__)
    assert json.dumps(at.labels) == "{}"
