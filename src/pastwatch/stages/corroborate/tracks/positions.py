"""Timed positions as columns: gathered block by block, put in order, doubted where they cannot be."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from pastwatch.errors import BadValue
from pastwatch.stages.corroborate.tracks.earth import distance_m

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]

E7 = 1e7
LOOSE, JUMP, CLOCK_STEP, TWO_PLACES, NULL_ISLAND, TWICE_SHOWN = 1, 2, 4, 8, 16, 32
FLAGS = {
    LOOSE: "time without a zone",
    JUMP: "a jump faster than anything of its kind",
    CLOCK_STEP: "the clock went back",
    TWO_PLACES: "two places at one time",
    NULL_ISLAND: "at 0° 0°, often a missing fix",
    TWICE_SHOWN: "an hour that clocks show twice: read as the earlier",
}
"""Why a position is kept and doubted."""

NO_TIME = "no time that can be read"
NO_PLACE = "latitude or longitude is no number"
OUT_OF_RANGE = "latitude or longitude out of range"
BAD_ROW = "a row of another form"
DUPLICATE = "the same as another row"
MIXED_ZONES = "no zone, where other rows state one"
SPEED_CAPS_M_S = {"aircraft": 700.0, "vessel": 45.0, "vehicle": 90.0, "device": 350.0}
"""Faster than this between two positions is flagged as a jump."""
SUBJECTS_LIMIT = 1_000_000
_CLOCK_SLACK_US = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """Some rows of a file as columns; `names[code]` is the identity transmitted."""

    names: list[str]
    code: npt.NDArray[np.int32]
    time_us: Ints
    lat: Floats
    lon: Floats
    altitude_m: Floats
    speed_m_s: Floats
    start: Ints
    end: Ints
    flags: npt.NDArray[np.uint8]
    heard_code: npt.NDArray[np.int32] = field(default_factory=lambda: np.zeros(0, np.int32))
    heard_us: Ints = field(default_factory=lambda: np.zeros(0, np.int64))
    labels: dict[str, str] = field(default_factory=dict)
    maker_types: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Positions:
    """All positions, ordered by subject and time; 38 bytes each.

    `first[code]` to `first[code + 1]` are the rows of a subject. Latitude and longitude are in
    10⁻⁷ degrees. `heard` are transmissions without a position, ordered by time.
    """

    names: list[str]
    first: Ints
    code: npt.NDArray[np.int32]
    time_us: Ints
    lat_e7: npt.NDArray[np.int32]
    lon_e7: npt.NDArray[np.int32]
    altitude_m: npt.NDArray[np.float32]
    speed_m_s: npt.NDArray[np.float32]
    start: npt.NDArray[np.uint32]
    length: npt.NDArray[np.uint32]
    file: npt.NDArray[np.uint8]
    flags: npt.NDArray[np.uint8]
    heard_code: npt.NDArray[np.int32]
    heard_us: Ints
    labels: dict[str, str]
    maker_types: dict[str, str]
    flagged: dict[str, int]

    def __len__(self) -> int:
        return len(self.time_us)

    @property
    def lat(self) -> Floats:
        """Latitudes in degrees."""
        return self.lat_e7 / E7

    @property
    def lon(self) -> Floats:
        """Longitudes in degrees."""
        return self.lon_e7 / E7

    def rows_of(self, subject: str) -> slice:
        """The rows of one subject, in order of time; BadValue when nobody transmitted that."""
        wanted = subject.casefold()
        for code, name in enumerate(self.names):
            if name.casefold() == wanted:
                return slice(int(self.first[code]), int(self.first[code + 1]))
        raise BadValue(f'no positions of "{subject}"', hint="identities are shown by 'track show'")

    def same_subject(self) -> Mask:
        """Of each two neighbouring rows, whether they are of one subject."""
        same: Mask = self.code[1:] == self.code[:-1]
        return same


class Gatherer:
    """Takes blocks of several files in turn and gives them as `Positions`."""

    def __init__(self) -> None:
        self._names: dict[str, int] = {}
        self._labels: dict[str, str] = {}
        self._makers: dict[str, str] = {}
        self._columns: dict[str, list[npt.NDArray[Any]]] = {n: [] for n in _COLUMNS}

    def add(self, blocks: Iterable[Block], *, file: int) -> None:
        """Take the rows of one file."""
        for block in blocks:
            codes = np.fromiter((self._code(n) for n in block.names), np.int32, len(block.names))
            kept: _Columns = {
                "code": codes[block.code],
                "time_us": block.time_us,
                "lat_e7": np.rint(block.lat * E7).astype(np.int32),
                "lon_e7": np.rint(block.lon * E7).astype(np.int32),
                "altitude_m": block.altitude_m.astype(np.float32),
                "speed_m_s": block.speed_m_s.astype(np.float32),
                "start": block.start.astype(np.uint32),
                "length": (block.end - block.start).astype(np.uint32),
                "file": np.full(len(block.code), file, np.uint8),
                "flags": block.flags,
                "heard_code": codes[block.heard_code],
                "heard_us": block.heard_us,
            }
            for name, values in kept.items():
                self._columns[name].append(values)
            self._labels.update(block.labels)
            self._makers.update(block.maker_types)

    def done(self, *, subject_kind: str, tally: Counter[str]) -> Positions:
        """Everything taken, in order; rows that stand twice are counted in `tally` and left out."""
        column = {n: _joined(self._columns.pop(n), kind) for n, kind in _COLUMNS.items()}
        _drop(column, _zoneless(column), MIXED_ZONES, tally)
        _flag_clock(column)
        order = np.lexsort((column["time_us"], column["code"]))
        heard = np.argsort(column["heard_us"], kind="stable")
        for name in _COLUMNS:
            column[name] = column[name][heard if name.startswith("heard") else order]
        _drop(column, _doubled(column), DUPLICATE, tally)
        _flag_places(column, SPEED_CAPS_M_S.get(subject_kind, SPEED_CAPS_M_S["device"]))
        names = list(self._names)
        flagged = {
            said: n
            for bit, said in FLAGS.items()
            if (n := int(((column["flags"] & bit) > 0).sum()))
        }
        return Positions(
            names=names,
            first=np.searchsorted(column["code"], np.arange(len(names) + 1)).astype(np.int64),
            labels=self._labels,
            maker_types=self._makers,
            flagged=flagged,
            **column,
        )

    def _code(self, name: str) -> int:
        code = self._names.setdefault(name, len(self._names))
        if code >= SUBJECTS_LIMIT:
            raise BadValue(
                "more than a million identities",
                hint="is the column of the identity the right one? name it with --map id=COLUMN",
            )
        return code


_COLUMNS: dict[str, type[np.generic]] = {
    "code": np.int32,
    "time_us": np.int64,
    "lat_e7": np.int32,
    "lon_e7": np.int32,
    "altitude_m": np.float32,
    "speed_m_s": np.float32,
    "start": np.uint32,
    "length": np.uint32,
    "file": np.uint8,
    "flags": np.uint8,
    "heard_code": np.int32,
    "heard_us": np.int64,
}
_Columns = dict[str, npt.NDArray[Any]]


def _joined(pieces: list[npt.NDArray[Any]], kind: type[np.generic]) -> npt.NDArray[Any]:
    joined = np.concatenate(pieces) if pieces else np.zeros(0, kind)
    pieces.clear()
    return joined


def _drop(column: _Columns, dropped: Mask, reason: str, tally: Counter[str]) -> None:
    if dropped.any():
        tally[reason] += int(dropped.sum())
        for name in _COLUMNS:
            if not name.startswith("heard"):
                column[name] = column[name][~dropped]


def _zoneless(column: _Columns) -> Mask:
    """Rows without a zone where others have one: hours apart, they cannot stand in one track."""
    loose: Mask = (column["flags"] & LOOSE) > 0
    return loose if not loose.all() else np.zeros(len(loose), np.bool_)


def in_range(lat: Floats, lon: Floats) -> Mask:
    """Which places can be: finite, latitude to ±90, longitude to ±180."""
    with np.errstate(invalid="ignore"):
        return (np.abs(lat) <= 90) & (np.abs(lon) <= 180)  # noqa: PLR2004 - degrees


def _flag_clock(column: _Columns) -> None:
    """Flag where, in the order written, a subject's next row is more than a second earlier."""
    order = np.argsort(column["code"], kind="stable")
    code, time = column["code"][order], column["time_us"][order]
    back = (code[1:] == code[:-1]) & (np.diff(time) < -_CLOCK_SLACK_US)
    column["flags"][order[1:][back]] |= CLOCK_STEP


def _doubled(column: _Columns) -> Mask:
    """Rows with the same subject, time and place as a row before; rows of one time may be mixed."""
    doubled = np.zeros(len(column["code"]), np.bool_)
    same_time = _alike(column, ("code", "time_us"))
    if not same_time.any():
        return doubled
    runs = np.flatnonzero(
        np.concatenate((same_time, [False])) | np.concatenate(([False], same_time))
    )
    order = runs[np.lexsort([column[n][runs] for n in ("lon_e7", "lat_e7", "time_us", "code")])]
    every = np.ones(len(order) - 1, np.bool_)
    for name in ("code", "time_us", "lat_e7", "lon_e7"):
        every &= column[name][order[1:]] == column[name][order[:-1]]
    doubled[order[1:][every]] = True
    return doubled


def _flag_places(column: _Columns, cap_m_s: float) -> None:
    flags = column["flags"]
    flags[(column["lat_e7"] == 0) & (column["lon_e7"] == 0)] |= NULL_ISLAND
    same = _alike(column, ("code",))
    two = same & (np.diff(column["time_us"]) == 0)
    flags[1:][two] |= TWO_PLACES
    flags[:-1][two] |= TWO_PLACES
    lat, lon = column["lat_e7"] / E7, column["lon_e7"] / E7
    apart = distance_m(lat[:-1], lon[:-1], lat[1:], lon[1:])
    # Times are often whole seconds: one second more is allowed for.
    lasted_s = np.diff(column["time_us"]) / 1e6 + 1.0
    flags[1:][same & (apart > cap_m_s * lasted_s)] |= JUMP


def _alike(column: _Columns, names: tuple[str, ...]) -> Mask:
    every = np.ones(max(len(column["code"]) - 1, 0), np.bool_)
    for name in names:
        every &= column[name][1:] == column[name][:-1]
    return every
