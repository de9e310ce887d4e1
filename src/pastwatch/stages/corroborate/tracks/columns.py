"""Reads positions out of tables: any CSV by its head, OpenSky state vectors, AIS tables."""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from pastwatch.errors import BadValue
from pastwatch.stages.corroborate.tracks import tables
from pastwatch.stages.corroborate.tracks.positions import (
    LOOSE,
    NO_PLACE,
    NO_TIME,
    OUT_OF_RANGE,
    TWICE_SHOWN,
    Block,
    in_range,
)
from pastwatch.stages.corroborate.tracks.times import DATES, Clock, Read, date_order, times_of

ROLES = ("time", "date", "lat", "lon", "altitude", "speed", "id", "label", "maker")
UNITS = {
    "altitude": {"m": 1.0, "ft": 0.3048, "km": 1000.0},
    "speed": {"m/s": 1.0, "kn": 0.514444, "km/h": 1 / 3.6, "mph": 0.44704},
}
ALONE = "device"
"""Whose positions they are where no column says it."""
_HEADS: Mapping[str, tuple[str, ...]] = {
    "time": ("time", "timestamp", "basedatetime", "datetime", "datetimeutc", "timeutc", "utc",
             "utctime", "timestamputc", "gpstime", "receivedat", "positiontime", "t"),
    "date": ("date", "dateutc"),
    "lat": ("lat", "latitude", "latdeg", "y"),
    "lon": ("lon", "lng", "long", "longitude", "londeg", "x"),
    "altitude": ("altitudem", "altm", "elevationm", "ele", "heightm", "altitudeft", "altft",
                 "altitudefeet", "geoaltitude", "baroaltitude"),
    "speed": ("speedms", "speedmps", "velocity", "sog", "speedkn", "speedkt", "speedknots",
              "speedkmh", "speedkph", "groundspeedkt"),
    "id": ("id", "icao24", "icao", "hex", "hexident", "mmsi", "deviceid", "device", "trackid",
           "vesselid", "aircraftid", "subject"),
    "label": ("callsign", "vesselname", "shipname", "flight", "name"),
    "maker": ("typecode", "aircrafttype", "shiptype", "model"),
}  # fmt: skip
_UNIT_OF = {
    "ele": "m", "geoaltitude": "m", "baroaltitude": "m", "altitudeft": "ft", "altft": "ft",
    "altitudefeet": "ft", "velocity": "m/s", "sog": "kn", "speedkn": "kn", "speedkt": "kn",
    "speedknots": "kn", "groundspeedkt": "kn", "speedkmh": "km/h", "speedkph": "km/h",
}  # fmt: skip
_DELIMITERS = ",;\t|"
_PLAIN = re.compile(r"[^a-z0-9]+")
_AS_NUMBER = re.compile(r"#([0-9]{1,4})\Z")


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """How a table is laid out: which column plays which part, in which unit, from which byte on."""

    delimiter: str
    count: int | tuple[int, int]
    column: Mapping[str, int]
    unit: Mapping[str, str] = field(default_factory=dict)
    start: int = 0
    mapping: Mapping[str, str] = field(default_factory=dict)
    """The same in words, to be kept: role to the head of its column and unit."""
    unread: tuple[str, ...] = ()
    """Columns left alone because nothing says their unit."""
    no_place: tuple[float, float] | None = None
    """The latitude or longitude that says that there is none (AIS: 91°, 181°)."""


def form_of(raw: bytes, given: Mapping[str, str]) -> Form:
    """The layout told by the head of a table and by what was given; BadValue where it does not say.

    `given` maps a role to the head of a column, or to #n for its number, and a unit: `speed` to
    `sog:kn`.
    """
    tables.refuse_unreadable(raw)
    if unknown := [role for role in given if role not in ROLES]:
        raise BadValue(f'"{unknown[0]}" is no part of a position', hint=", ".join(ROLES))
    after, line = tables.first_line(raw)
    text = line.decode("utf-8", "replace").lstrip("# ")
    delimiter = max(_DELIMITERS, key=text.count)
    try:
        (head,) = csv.reader([text], delimiter=delimiter)
    except (csv.Error, ValueError):
        raise BadValue("the first line is no head of a table") from None
    names = [_PLAIN.sub("", name.casefold()) for name in head]
    column: dict[str, int] = {}
    unit: dict[str, str] = {}
    for role in ROLES:
        if role in given:
            _give(role, given[role], head, column, unit)
        else:
            found = [names.index(known) for known in _HEADS[role] if known in names]
            found = [at for at in found if at not in column.values()]
            if found:
                column[role] = found[0]
                if role in UNITS:
                    unit[role] = _UNIT_OF.get(names[found[0]], "m" if role == "altitude" else "m/s")
    missing = [r for r in ("lat", "lon", "time") if r not in column]
    if missing == ["time"] and "date" in column:
        column["time"] = column.pop("date")
    elif missing:
        raise BadValue(
            f"no column is known to hold {' or '.join(missing)}",
            hint=f"name it: --map {missing[0]}=COLUMN, or --map {missing[0]}=#2 for the second",
        )
    headless = any(_AS_NUMBER.match(said.partition(":")[0]) for said in given.values()) and not any(
        names[at] in _HEADS[role] for role, at in column.items() if at < len(names)
    )
    unread = tuple(
        head[at]
        for at, name in enumerate(names)
        if name in {"altitude", "alt", "speed", "elevation"} and at not in column.values()
    )
    return Form(
        delimiter=delimiter,
        count=len(head),
        column=column,
        unit=unit,
        start=0 if headless else after,
        mapping={
            role: (f"#{at + 1}" if headless else head[at].strip())
            + (f":{unit[role]}" if role in unit else "")
            for role, at in column.items()
        },
        unread=unread,
    )


def _give(
    role: str, said: str, head: list[str], column: dict[str, int], unit: dict[str, str]
) -> None:
    name, _, of = said.partition(":") if role in UNITS else (said, "", "")
    if numbered := _AS_NUMBER.match(name):
        at = int(numbered[1]) - 1
    else:
        plain = [h.strip().casefold() for h in head]
        at = plain.index(name.strip().casefold()) if name.strip().casefold() in plain else -1
    if not 0 <= at < len(head):
        raise BadValue(f'the table has no column "{name}"', hint=", ".join(head)[:200])
    if role in UNITS:
        if of not in UNITS[role]:
            raise BadValue(
                f"{role} needs a unit", hint=f"--map {role}={name}:{'|'.join(UNITS[role])}"
            )
        unit[role] = of
    column[role] = at


def dates_of(raw: bytes, form: Form) -> str:
    """In which order dates are written, told by the first megabytes of a table."""
    wanted = frozenset({form.column.get("date", form.column["time"])})
    first = next(
        tables.rows(raw, start=form.start, delimiter=form.delimiter, count=form.count,
                    wanted=wanted, tally=Counter()),
        None,
    )  # fmt: skip
    return date_order(first.columns[next(iter(wanted))]) if first is not None else ""


def read_table(
    raw: bytes, form: Form, *, clock: Clock, dates: str, tally: Counter[str], alone: str = ALONE
) -> Iterator[Block]:
    """The positions of a table, some hundred thousand at a time; what is left out is tallied."""
    if dates not in DATES:
        raise BadValue(f'"{dates}" is no order of a date', hint="dmy or mdy")
    for rows in tables.rows(
        raw, start=form.start, delimiter=form.delimiter, count=form.count,
        wanted=frozenset(form.column.values()), tally=tally,
    ):  # fmt: skip
        if len(rows):
            yield block_of(rows, form, clock=clock, dates=dates, tally=tally, alone=alone)


def block_of(
    rows: tables.Rows, form: Form, *, clock: Clock, dates: str, tally: Counter[str], alone: str
) -> Block:
    """The rows that tell a time and a place, as positions."""
    comma = form.delimiter != ","
    read = {r: rows.columns[at] for r, at in form.column.items()}
    time = _joined(read["date"], read["time"]) if "date" in read else read["time"]
    times = times_of(time, clock=clock, dates=dates)
    lat, lon = (tables.numbers(read[r], comma=comma) for r in ("lat", "lon"))
    absent = _both_null(read["lat"], read["lon"])
    if form.no_place is not None:
        absent |= (lat == form.no_place[0]) | (lon == form.no_place[1])
    there, placed = (np.isfinite(lat) & np.isfinite(lon)) | absent, in_range(lat, lon) & ~absent
    good = times.valid & placed
    heard = times.valid & absent
    tally[NO_TIME] += int((~times.valid).sum())
    tally[NO_PLACE] += int((times.valid & ~there).sum())
    tally[OUT_OF_RANGE] += int((times.valid & there & ~placed & ~absent).sum())
    names, code = coded(read.get("id"), len(rows), alone=alone)
    scaled = {
        role: tables.numbers(read[role], comma=comma)[good] * UNITS[role][form.unit[role]]
        if role in read
        else np.full(int(good.sum()), np.nan)
        for role in UNITS
    }
    return Block(
        names=names,
        code=code[good],
        time_us=times.time_us[good],
        lat=lat[good],
        lon=lon[good],
        altitude_m=scaled["altitude"],
        speed_m_s=scaled["speed"],
        start=rows.start[good],
        end=rows.end[good],
        flags=flags_of(times)[good],
        heard_code=code[heard],
        heard_us=times.time_us[heard],
        labels=said_along(names, code, read.get("label")),
        maker_types=said_along(names, code, read.get("maker")),
    )


def _both_null(lat: Any, lon: Any) -> npt.NDArray[np.bool_]:
    found: npt.NDArray[np.bool_] = np.asarray(lat.is_null()) & np.asarray(lon.is_null())
    return found


def flags_of(times: Read) -> npt.NDArray[np.uint8]:
    """What is doubted of times alone."""
    return (times.loose * LOOSE + times.twice * TWICE_SHOWN).astype(np.uint8)


def _joined(date: Any, time: Any) -> Any:
    import pyarrow.compute as pc

    return pc.binary_join_element_wise(
        pc.utf8_trim_whitespace(date), pc.utf8_trim_whitespace(time), " "
    )


def coded(values: Any, count: int, *, alone: str) -> tuple[list[str], npt.NDArray[np.int32]]:
    """Names and, a row, the number of its name; where none is given, all are of one."""
    if values is None:
        return [alone], np.zeros(count, np.int32)
    held = values.fill_null("").dictionary_encode()
    if isinstance(held, pa.ChunkedArray):
        held = held.combine_chunks()
    names = [str(name).strip() or alone for name in held.dictionary.to_pylist()]
    return names, held.indices.to_numpy(zero_copy_only=False).astype(np.int32)


def said_along(names: list[str], code: npt.NDArray[np.int32], values: Any) -> dict[str, str]:
    """For each name the last thing that a column says with it."""
    if values is None:
        return {}
    held = values.dictionary_encode()
    there = held.indices.is_valid().to_numpy(zero_copy_only=False)
    said = held.indices.fill_null(0).to_numpy(zero_copy_only=False)
    last = np.full(len(names), -1, np.int64)
    last[code[there]] = said[there]
    words = held.dictionary.to_pylist()
    return {
        names[at]: words[number].strip()[:80]
        for at, number in enumerate(last.tolist())
        if number >= 0 and words[number].strip()
    }
