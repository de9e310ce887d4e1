"""AIS tables and sentences are read; 91° and 181° say that a vessel was heard without a position."""

from __future__ import annotations

import functools
import operator
import sys

import pytest

from pastwatch.errors import MissingExtra
from pastwatch.model.track import TrackKind
from pastwatch.stages.corroborate.tracks import ais
from pastwatch.stages.corroborate.tracks.positions import BAD_ROW, NO_TIME, OUT_OF_RANGE
from pastwatch.stages.corroborate.tracks.reading import ReadAs, Reading, kind_of, read

T0_US = 1_935_828_000_000_000


def reading(raw: str | bytes, *, kind: str = "") -> Reading:
    whole = raw.encode() if isinstance(raw, str) else raw
    found = TrackKind(kind) if kind else kind_of(whole, "file")
    return read([lambda: whole], ReadAs(kind=found))


def summed(sentence: str) -> str:
    return f"{sentence}*{functools.reduce(operator.xor, sentence[1:].encode()):02X}"


DANISH = """\
# Timestamp,Type of mobile,MMSI,Latitude,Longitude,Navigational status,ROT,SOG,COG,Heading,IMO,Callsign,Name,Ship type
06/05/2031 10:00:00,Class A,219000001,55.100000,11.200000,Under way,0.0,10.0,90.0,90,Unknown,OABC,BERTA,Cargo
06/05/2031 10:00:05,Class A,219000001,91.000000,181.000000,Under way,,,,,Unknown,OABC,BERTA,Cargo
06/05/2031 10:00:10,Class A,219000002,92.000000,11.000000,Under way,,,,,Unknown,,,
"""
AMERICAN = """\
MMSI,BaseDateTime,LAT,LON,SOG,COG,Heading,VesselName,IMO,CallSign,VesselType,Status,Length
366000001,2031-05-06T10:00:00,40.5,-73.5,10.0,90.0,90,BELLE,,WABC,70,0,100
"""


def test_a_danish_table_is_day_first_and_utc() -> None:
    found = reading(DANISH)
    at = found.positions
    assert found.settled.kind is TrackKind.AIS
    assert found.settled.subject_kind == "vessel"
    assert at.time_us.tolist() == [T0_US]
    assert at.speed_m_s.tolist() == pytest.approx([5.14444])
    assert at.labels["219000001"] == "OABC"
    assert at.maker_types["219000001"] == "Cargo"
    assert at.heard_us.tolist() == [T0_US + 5_000_000]
    assert found.rejected == {OUT_OF_RANGE: 1}
    assert at.flagged == {}


def test_an_american_table_is_read_by_its_heads() -> None:
    at = reading(AMERICAN).positions
    assert at.names == ["366000001"]
    assert at.time_us.tolist() == [T0_US]
    assert at.lon.tolist() == [-73.5]


def test_sentences_with_a_time_are_read_and_others_counted() -> None:
    pytest.importorskip("pyais")
    position = summed("!AIVDM,1,1,,B,177KQJ5000G?tO`K>RA1wUbN0TKH,0")
    static = "55P5TL01VIaAL@7WKO@mBplU@<PDhh000000001S;AJ::4A80?4i@E53,0"
    raw = "\n".join(
        [
            f"\\s:station,c:1935828000*00\\{position}",
            position,
            "\\c:1935828010*00\\" + summed(f"!AIVDM,2,1,3,B,{static}"),
            "\\c:1935828010*00\\" + summed("!AIVDM,2,2,3,B,1@0000000000000,2"),
            "\\c:1935828020*00\\" + summed(f"!AIVDM,2,1,4,B,{static}"),
            "\\c:1935828030*00\\" + position.replace("177", "178"),
            "\\c:1935828030*00\\" + summed("!AIVDM,1,1,,B,,0"),
            "words",
        ]
    )
    found = reading(raw)
    at = found.positions
    assert at.names[0] == "477553000"
    assert at.time_us.tolist() == [T0_US]
    assert at.lat[0] == pytest.approx(47.58283, abs=1e-4)
    assert raw.encode()[int(at.start[0]) :][:10] == b"\\s:station"
    assert at.heard_us.tolist() == [T0_US + 10_000_000]
    assert found.rejected[NO_TIME] == 1
    assert found.rejected[ais.NOT_COMPLETE] == 1
    assert found.rejected[ais.BAD_SUM] == 1
    assert found.rejected[BAD_ROW] == 2


def test_without_the_extra_sentences_name_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyais", None)
    with pytest.raises(MissingExtra, match="AIS sentences"):
        reading("!AIVDM,1,1,,B,177KQJ5000G?tO`K>RA1wUbN0TKH,0*5C", kind="nmea")
