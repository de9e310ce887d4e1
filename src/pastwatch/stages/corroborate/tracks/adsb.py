"""Reads decoded ADS-B: BaseStation lines (SBS-1), readsb and tar1090 JSON, OpenSky state vectors."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from json.decoder import JSONDecoder
from typing import Any

import numpy as np
import pyarrow.compute as pc

from pastwatch.errors import BadValue
from pastwatch.stages.corroborate.tracks import tables
from pastwatch.stages.corroborate.tracks.columns import UNITS, coded, flags_of, said_along
from pastwatch.stages.corroborate.tracks.positions import (
    BAD_ROW,
    NO_PLACE,
    NO_TIME,
    OUT_OF_RANGE,
    Block,
    in_range,
)
from pastwatch.stages.corroborate.tracks.times import Clock, from_numbers, times_of

_SBS_COLUMNS = (10, 22)
_SBS = {"kind": 0, "id": 4, "date": 6, "time": 7, "label": 10, "altitude": 11, "speed": 12,
        "lat": 14, "lon": 15}  # fmt: skip
_SPACE = re.compile(r"[ \t\r\n]*")
_BLOCK_ROWS = 100_000
_NAN = math.nan
_FT, _KN = UNITS["altitude"]["ft"], UNITS["speed"]["kn"]
OTHER_LINE = "a line that is no MSG"


def read_sbs(raw: bytes, *, clock: Clock, tally: Counter[str]) -> Iterator[Block]:
    """The positions of BaseStation lines; a line without a position is kept as heard.

    The dates and times are those of the computer that wrote it, most often in its own zone.
    """
    tables.refuse_unreadable(raw)
    for rows in tables.rows(
        raw,
        start=0,
        delimiter=",",
        count=_SBS_COLUMNS,
        wanted=frozenset(_SBS.values()),
        tally=tally,
    ):
        if not len(rows):
            continue
        read = {name: rows.columns[at] for name, at in _SBS.items()}
        is_msg = pc.equal(read["kind"], "MSG").fill_null(False).to_numpy(zero_copy_only=False)
        time = pc.binary_join_element_wise(read["date"], read["time"], " ")
        times = times_of(time, clock=clock)
        lat, lon = tables.numbers(read["lat"]), tables.numbers(read["lon"])
        there, placed = np.isfinite(lat) & np.isfinite(lon), in_range(lat, lon)
        tally[OTHER_LINE] += int((~is_msg).sum())
        tally[NO_TIME] += int((is_msg & ~times.valid).sum())
        tally[OUT_OF_RANGE] += int((is_msg & times.valid & there & ~placed).sum())
        good = is_msg & times.valid & placed
        heard = is_msg & times.valid & ~there
        names, code = coded(read["id"], len(rows), alone="unnamed")
        said = pc.if_else(pc.equal(read["kind"], "MSG"), read["label"], None)
        yield Block(
            names=[name.lower() for name in names],
            code=code[good],
            time_us=times.time_us[good],
            lat=lat[good],
            lon=lon[good],
            altitude_m=tables.numbers(read["altitude"])[good] * _FT,
            speed_m_s=tables.numbers(read["speed"])[good] * _KN,
            start=rows.start[good],
            end=rows.end[good],
            flags=flags_of(times)[good],
            heard_code=code[heard],
            heard_us=times.time_us[heard],
            labels={k.lower(): v for k, v in said_along(names, code, said).items()},
        )


@dataclass(slots=True)
class _Taken:
    """Rows taken one by one, until there are enough for a block."""

    tally: Counter[str]
    names: dict[str, int] = field(default_factory=dict)
    rows: list[tuple[int, float, float, float, float, float, int, int]] = field(
        default_factory=list
    )
    heard: list[tuple[int, float]] = field(default_factory=list)
    labels: dict[str, str] = field(default_factory=dict)
    makers: dict[str, str] = field(default_factory=dict)

    def take(
        self,
        subject: str,
        time_s: float,
        place: tuple[Any, Any],
        more: tuple[Any, Any],
        at: tuple[int, int],
    ) -> None:
        code = self.names.setdefault(subject, len(self.names))
        if place == (None, None):
            self.heard.append((code, time_s))
        else:
            lat, lon = map(_number, place)
            high, fast = map(_number, more)
            self.rows.append((code, time_s, lat, lon, high, fast, *at))

    def block(self) -> Block:
        """What was taken since the last."""
        columns = np.array(self.rows, np.float64).reshape(-1, 8)
        heard = np.array(self.heard, np.float64).reshape(-1, 2)
        self.rows, self.heard = [], []
        time_us, timed = from_numbers(columns[:, 1])
        lat, lon = columns[:, 2], columns[:, 3]
        there, placed = np.isfinite(lat) & np.isfinite(lon), in_range(lat, lon)
        self.tally[NO_TIME] += int((~timed).sum())
        self.tally[NO_PLACE] += int((timed & ~there).sum())
        self.tally[OUT_OF_RANGE] += int((timed & there & ~placed).sum())
        good = timed & placed
        heard_us, heard_timed = from_numbers(heard[:, 1])
        return Block(
            names=list(self.names),
            code=columns[good, 0].astype(np.int32),
            time_us=time_us[good],
            lat=lat[good],
            lon=lon[good],
            altitude_m=columns[good, 4],
            speed_m_s=columns[good, 5],
            start=columns[good, 6].astype(np.int64),
            end=columns[good, 7].astype(np.int64),
            flags=np.zeros(int(good.sum()), np.uint8),
            heard_code=heard[heard_timed, 0].astype(np.int32),
            heard_us=heard_us[heard_timed],
            labels=dict(self.labels),
            maker_types=dict(self.makers),
        )


def read_readsb(raw: bytes, *, tally: Counter[str]) -> Iterator[Block]:
    """The positions of readsb JSON: an aircraft.json, one a line of several, or a trace."""
    tables.refuse_unreadable(raw)
    text = raw.decode("latin-1")  # a letter a byte: places in the text are places in the file
    taken, at = _Taken(tally), 3 if raw.startswith(b"\xef\xbb\xbf") else 0
    found_any = False
    while (at := _space(text, at)) < len(text):
        try:
            snapshot = _Snapshot(text, at)
        except (ValueError, RecursionError):
            tally[BAD_ROW] += 1
            following = text.find("\n", at)
            at = len(text) if following < 0 else following + 1
            continue
        found_any |= snapshot.is_known
        if not snapshot.is_known:
            tally[BAD_ROW] += 1
        snapshot.take_into(taken)
        at = snapshot.end
        if len(taken.rows) + len(taken.heard) >= _BLOCK_ROWS:
            yield taken.block()
    if not found_any:
        raise BadValue("no snapshot of aircraft and no trace can be read in the file")
    yield taken.block()


class _Snapshot:
    """One JSON object of a receiver, its elements with the places they stand at."""

    def __init__(self, text: str, at: int) -> None:
        self._decoder = JSONDecoder()
        self._values: dict[str, Any] = {}
        self._elements: dict[str, list[tuple[Any, int, int]]] = {}
        if text[at] != "{":
            raise ValueError(at)
        at = _space(text, at + 1)
        while text[at : at + 1] != "}":
            name, at = self._decoder.raw_decode(text, at)
            at = _space(text, at)
            if text[at : at + 1] != ":" or not isinstance(name, str):
                raise ValueError(at)
            at = _space(text, at + 1)
            if name in {"aircraft", "trace"} and text[at : at + 1] == "[":
                self._elements[name], at = self._list(text, at + 1)
            else:
                self._values[name], at = self._decoder.raw_decode(text, at)
            at = self._next(text, at, "}")
        self.end = at + 1

    @property
    def is_known(self) -> bool:
        """Whether it is of a form that is read here."""
        return bool(self._elements) and isinstance(self._since, (int, float))

    @property
    def _since(self) -> Any:
        return self._values.get("timestamp" if "trace" in self._elements else "now")

    def take_into(self, taken: _Taken) -> None:
        """Its positions, and what was heard without one."""
        if not self.is_known:
            return
        if "trace" in self._elements:
            self._trace(taken)
        else:
            self._aircraft(taken)

    def _aircraft(self, taken: _Taken) -> None:
        now = float(self._since)
        for one, start, end in self._elements["aircraft"]:
            if not isinstance(one, dict) or not isinstance(one.get("hex"), str):
                taken.tally[BAD_ROW] += 1
                continue
            subject = _words(one["hex"]).strip().lower()
            self._along(taken, subject, one.get("flight"), one.get("desc") or one.get("t"))
            lat, lon = one.get("lat"), one.get("lon")
            # A position stays in the list for a minute after it was received.
            seen = one.get("seen" if lat is None else "seen_pos")
            height = one.get("alt_baro", one.get("altitude"))
            speed = one.get("gs", one.get("speed"))
            more = (_scaled(height, _FT), _scaled(speed, _KN))
            taken.take(subject, round(now - _some(seen), 1), (lat, lon), more, (start, end))

    def _trace(self, taken: _Taken) -> None:
        since = float(self._since)
        subject = _words(str(self._values.get("icao") or "unnamed")).strip().lower()
        self._along(taken, subject, self._values.get("r"), self._values.get("desc"))
        for one, start, end in self._elements["trace"]:
            if not isinstance(one, list) or len(one) < 3 or not _is_number(one[0]):  # noqa: PLR2004
                taken.tally[BAD_ROW] += 1
                continue
            height, speed = [*one[3:5], None, None][:2]
            more = (_scaled(height, _FT), _scaled(speed, _KN))
            taken.take(subject, since + one[0], (one[1], one[2]), more, (start, end))

    def _along(self, taken: _Taken, subject: str, label: Any, maker: Any) -> None:
        if isinstance(label, str) and label.strip():
            taken.labels[subject] = _words(label).strip()[:80]
        if isinstance(maker, str) and maker.strip():
            taken.makers[subject] = _words(maker).strip()[:80]

    def _list(self, text: str, at: int) -> tuple[list[tuple[Any, int, int]], int]:
        found: list[tuple[Any, int, int]] = []
        at = _space(text, at)
        while text[at : at + 1] != "]":
            value, end = self._decoder.raw_decode(text, at)
            found.append((value, at, end))
            at = self._next(text, end, "]")
        return found, at + 1

    @staticmethod
    def _next(text: str, at: int, closing: str) -> int:
        at = _space(text, at)
        if text[at : at + 1] == ",":
            return _space(text, at + 1)
        if text[at : at + 1] != closing:
            raise ValueError(at)
        return at


def _space(text: str, at: int) -> int:
    found = _SPACE.match(text, at)
    return found.end() if found else at


def _words(text: str) -> str:
    return text.encode("latin-1", "replace").decode("utf-8", "replace")


def _is_number(value: Any) -> bool:
    return type(value) in {int, float}


def _number(value: Any) -> float:
    if type(value) is float:
        return value
    try:
        return float(value) if type(value) is int else _NAN
    except OverflowError:
        return _NAN


def _some(value: Any) -> float:
    number = _number(value)
    return number if math.isfinite(number) else 0.0


def _scaled(value: Any, unit: float) -> float | None:
    return _number(value) * unit if _is_number(value) else None


def looks_like_readsb(raw: bytes) -> bool:
    """Whether a file begins like an aircraft.json or a trace."""
    head = raw[:4096].lstrip(b"\xef\xbb\xbf \t\r\n")
    return head.startswith(b"{") and (
        b'"aircraft"' in head or b'"trace"' in head or b'"now"' in head
    )
