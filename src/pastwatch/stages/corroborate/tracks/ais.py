"""Reads AIS sentences (NMEA 0183, !AIVDM) that carry a time; tables of AIS are read as tables."""

from __future__ import annotations

import functools
import operator
import re
from collections import Counter
from collections.abc import Iterator

import numpy as np

from pastwatch.errors import MissingExtra
from pastwatch.stages.corroborate.tracks import tables
from pastwatch.stages.corroborate.tracks.columns import UNITS
from pastwatch.stages.corroborate.tracks.positions import (
    BAD_ROW,
    NO_TIME,
    OUT_OF_RANGE,
    Block,
    in_range,
)
from pastwatch.stages.corroborate.tracks.times import from_numbers

BAD_SUM = "a sentence whose checksum does not hold"
NOT_COMPLETE = "a sentence of several whose others are missing"
_SENTENCE = re.compile(
    rb"^(?:\\(?P<tag>[^\\\r\n]{0,200})\\)?"
    rb"(?P<sentence>![A-Z]{2}VD[MO],(?P<of>[1-9]),(?P<no>[1-9]),(?P<group>[0-9]?),[^\r\n]{1,200})",
    re.MULTILINE,
)
_TIME = re.compile(rb"(?:^|,)c:([0-9]{9,13})")
_LINE = re.compile(rb"^[^\r\n]+", re.MULTILINE)
_BLOCK_ROWS = 50_000
_OPEN_GROUPS = 1000


def read_nmea(  # noqa: C901 - one step after another, each with its way out
    raw: bytes, *, tally: Counter[str]
) -> Iterator[Block]:
    """The positions of AIS sentences with a time in their tag block; needs the extra "ais".

    A sentence of static data is kept as heard. The time is the receiver's (UTC, NMEA 4.10 §7.9).
    """
    try:
        import pyais
        from pyais.exceptions import AISBaseException
    except ImportError:
        raise MissingExtra(
            "AIS sentences", hint="install the extra: pip install 'pastwatch[ais]'"
        ) from None
    tables.refuse_unreadable(raw)
    rows: list[tuple[str, float, float, float, float, int, int]] = []
    heard: list[tuple[str, float]] = []
    labels: dict[str, str] = {}
    open_groups: dict[bytes, dict[int, tuple[bytes, float | None, int]]] = {}
    for line in _LINE.finditer(raw):
        found = _SENTENCE.match(line[0])
        if found is None:
            tally[BAD_ROW] += 1
            continue
        if not _sums_up(found["sentence"]):
            tally[BAD_SUM] += 1
            continue
        stated = _TIME.search(found["tag"] or b"")
        time_s = float(stated[1]) if stated else None
        start, end = line.start(), line.end()
        sentences = [found["sentence"]]
        if found["of"] != b"1":
            whole = _joined(open_groups, found, time_s, start, tally)
            if whole is None:
                continue
            sentences, time_s, start = whole
        if time_s is None:
            tally[NO_TIME] += 1
            continue
        try:
            said = pyais.decode(*sentences).asdict()
        except (AISBaseException, ValueError, IndexError, KeyError, TypeError):
            tally[BAD_ROW] += 1
            continue
        subject = str(said.get("mmsi", "unnamed"))
        if name := str(said.get("shipname") or "").strip():
            labels[subject] = name[:80]
        if said.get("lat") is None or said.get("lon") is None:
            heard.append((subject, time_s))
        else:
            speed = said.get("speed")
            speed_kn = float(speed) if isinstance(speed, (int, float)) else float("nan")
            lat, lon = float(str(said["lat"])), float(str(said["lon"]))
            rows.append((subject, time_s, lat, lon, speed_kn, start, end))
        if len(rows) + len(heard) >= _BLOCK_ROWS:
            yield _block(rows, heard, labels, tally)
            rows, heard = [], []
    tally[NOT_COMPLETE] += sum(len(parts) for parts in open_groups.values())
    yield _block(rows, heard, labels, tally)


def _sums_up(sentence: bytes) -> bool:
    """Whether the two digits after the star are the exclusive or of what stands before it."""
    body, _, digits = sentence[1:].partition(b"*")
    found = functools.reduce(operator.xor, body, 0)
    return digits[:2].upper() == b"%02X" % found


def _joined(
    open_groups: dict[bytes, dict[int, tuple[bytes, float | None, int]]],
    found: re.Match[bytes],
    time_s: float | None,
    start: int,
    tally: Counter[str],
) -> tuple[list[bytes], float | None, int] | None:
    """All sentences of a group once its last has come, else None."""
    group, number = found["group"], int(found["no"])
    if number == 1 and group in open_groups:
        tally[NOT_COMPLETE] += len(open_groups.pop(group))
    parts = open_groups.setdefault(group, {})
    parts[number] = (found["sentence"], time_s, start)
    if len(open_groups) > _OPEN_GROUPS:
        tally[NOT_COMPLETE] += len(open_groups.pop(next(iter(open_groups))))
    if sorted(parts) != list(range(1, int(found["of"]) + 1)):
        return None
    whole = [open_groups[group][n] for n in sorted(parts)]
    del open_groups[group]
    times = [t for _, t, _ in whole if t is not None]
    return [s for s, _, _ in whole], times[0] if times else None, min(at for _, _, at in whole)


def _block(
    rows: list[tuple[str, float, float, float, float, int, int]],
    heard: list[tuple[str, float]],
    labels: dict[str, str],
    tally: Counter[str],
) -> Block:
    names: dict[str, int] = {}
    code = np.array([names.setdefault(r[0], len(names)) for r in rows], np.int32)
    heard_code = np.array([names.setdefault(h[0], len(names)) for h in heard], np.int32)
    columns = np.array([r[1:] for r in rows], np.float64).reshape(-1, 6)
    time_us, timed = from_numbers(columns[:, 0])
    lat, lon = columns[:, 1], columns[:, 2]
    placed = in_range(lat, lon)  # 91° and 181° say that there is no position
    tally[NO_TIME] += int((~timed).sum())
    tally[OUT_OF_RANGE] += int((timed & ~placed).sum())
    good = timed & placed
    heard_us, heard_timed = from_numbers(np.array([h[1] for h in heard], np.float64))
    return Block(
        names=list(names),
        code=code[good],
        time_us=time_us[good],
        lat=lat[good],
        lon=lon[good],
        altitude_m=np.full(int(good.sum()), np.nan),
        speed_m_s=columns[good, 3] * UNITS["speed"]["kn"],
        start=columns[good, 4].astype(np.int64),
        end=columns[good, 5].astype(np.int64),
        flags=np.zeros(int(good.sum()), np.uint8),
        heard_code=heard_code[heard_timed],
        heard_us=heard_us[heard_timed],
        labels={name: said for name, said in labels.items() if name in names},
    )
