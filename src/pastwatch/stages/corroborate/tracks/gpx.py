"""Reads GPX (1.0 and 1.1): points of tracks and routes and waypoints that have a time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from xml.parsers import expat

import numpy as np
import pyarrow as pa

from pastwatch.errors import BadValue
from pastwatch.stages.corroborate.tracks import tables
from pastwatch.stages.corroborate.tracks.columns import flags_of
from pastwatch.stages.corroborate.tracks.positions import (
    NO_PLACE,
    NO_TIME,
    OUT_OF_RANGE,
    Block,
    in_range,
)
from pastwatch.stages.corroborate.tracks.times import Clock, times_of

CUT_SHORT = "the file ends, or is damaged, before its XML does"
_POINTS = frozenset({"trkpt", "rtept", "wpt"})
_KEPT = frozenset({"time", "ele", "name", "speed"})
_FEED_BYTES = 256 * 1024
_BLOCK_ROWS = 100_000
_TEXT_LIMIT = 200
_DEPTH_LIMIT = 64


@dataclass(slots=True)
class _Points:
    """What the parser tells, gathered by the point."""

    raw: bytes
    depth: int = 0
    is_gpx: bool = False
    inside: str = ""
    inside_depth: int = 0
    extension_depth: int = 0
    start: int = 0
    said: dict[str, list[str]] = field(default_factory=dict)
    field_name: str = ""
    label: str = ""
    rows: list[tuple[str, str, str, str, str, int, int]] = field(default_factory=list)
    lat: str = ""
    lon: str = ""
    parser: expat.XMLParserType | None = None

    def opened(self, name: str, given: dict[str, str]) -> None:
        self.depth += 1
        if self.depth > _DEPTH_LIMIT:
            raise BadValue("the XML is nested too deeply to be GPX")
        name = name.rpartition(" ")[2]
        if self.depth == 1:
            self.is_gpx = name == "gpx"
        if name == "extensions" and not self.extension_depth:
            self.extension_depth = self.depth
        if self.extension_depth:
            return
        if name in _POINTS and not self.inside and self.parser is not None:
            self.inside, self.inside_depth = name, self.depth
            self.start = self.parser.CurrentByteIndex
            self.lat, self.lon = given.get("lat", ""), given.get("lon", "")
            self.said = {}
        elif self.inside and name in _KEPT and self.depth == self.inside_depth + 1:
            self.field_name = name
        elif not self.inside and name == "name" and not self.label:
            self.field_name = "label"

    def text(self, text: str) -> None:
        if self.field_name:
            self.said.setdefault(self.field_name, []).append(text[:_TEXT_LIMIT])

    def closed(self, name: str) -> None:
        if self.extension_depth:
            if self.depth == self.extension_depth:
                self.extension_depth = 0
        elif self.inside and self.depth == self.inside_depth and self.parser is not None:
            end = self.raw.find(b">", self.parser.CurrentByteIndex) + 1
            told = ("".join(self.said.get(n, ()))[:_TEXT_LIMIT] for n in ("time", "ele", "speed"))
            self.rows.append((self.lat, self.lon, *told, self.start, end))  # type: ignore[arg-type]
            self.inside = ""
        elif self.field_name == "label" and name.rpartition(" ")[2] == "name":
            self.label = "".join(self.said.pop("label", ())).strip()[:80]
        self.field_name = ""
        self.depth -= 1


def read_gpx(raw: bytes, *, clock: Clock, tally: Counter[str], alone: str) -> Iterator[Block]:
    """The timed points of a GPX file; extensions are ignored, a document type is refused.

    A time without a zone is UTC, as GPX 1.1 lays down. What stands before damage is kept.
    """
    tables.refuse_unreadable(raw)
    points = _Points(raw)
    parser = points.parser = expat.ParserCreate(namespace_separator=" ")
    parser.StartElementHandler = points.opened
    parser.EndElementHandler = points.closed
    parser.CharacterDataHandler = points.text
    parser.StartDoctypeDeclHandler = _refuse
    parser.EntityDeclHandler = _refuse
    parser.buffer_text = True
    clock = clock if clock.name else Clock("UTC")
    try:
        for at in range(0, len(raw), _FEED_BYTES):
            parser.Parse(raw[at : at + _FEED_BYTES], at + _FEED_BYTES >= len(raw))
            if len(points.rows) >= _BLOCK_ROWS:
                yield _block(points, clock, tally, alone)
    except expat.ExpatError:
        if not points.is_gpx:
            raise BadValue("the file is no GPX: its XML does not parse") from None
        tally[CUT_SHORT] += 1
    finally:
        # The parser and what it tells hold each other.
        points.parser = None
        parser.StartElementHandler = parser.EndElementHandler = None
        parser.CharacterDataHandler = None
    if not points.is_gpx:
        raise BadValue("the file is XML, and no GPX")
    yield _block(points, clock, tally, alone)


def _refuse(*_: object) -> None:
    """What declares entities can swell without end, or read other files."""
    raise BadValue("the file declares a document type, which GPX does not have: it is not read")


def _block(points: _Points, clock: Clock, tally: Counter[str], alone: str) -> Block:
    columns = list(zip(*points.rows, strict=True)) if points.rows else [()] * 7
    points.rows = []
    lat_text, lon_text, time, ele, speed = (pa.array(c, pa.string()) for c in columns[:5])
    times = times_of(time, clock=clock)
    lat, lon = tables.numbers(lat_text), tables.numbers(lon_text)
    there, placed = np.isfinite(lat) & np.isfinite(lon), in_range(lat, lon)
    tally[NO_TIME] += int((~times.valid).sum())
    tally[NO_PLACE] += int((times.valid & ~there).sum())
    tally[OUT_OF_RANGE] += int((times.valid & there & ~placed).sum())
    good = times.valid & placed
    return Block(
        names=[alone],
        code=np.zeros(int(good.sum()), np.int32),
        time_us=times.time_us[good],
        lat=lat[good],
        lon=lon[good],
        altitude_m=tables.numbers(ele)[good],
        speed_m_s=tables.numbers(speed)[good],
        start=np.array(columns[5], np.int64)[good],
        end=np.array(columns[6], np.int64)[good],
        flags=flags_of(times)[good],
        labels={alone: points.label} if points.label else {},
    )
