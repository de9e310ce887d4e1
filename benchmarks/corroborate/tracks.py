"""Positions read and asked: rows a second for each form, and who was near among a million and ten.

    python -m benchmarks.corroborate.tracks [--rows N] [--many N]

Everything is generated. Each form is held to what a plain reader takes for the same bytes in the
same run; a question to one pass of distances over all positions.
"""

from __future__ import annotations

import argparse
import gc
import io
import json
import resource
import statistics
import sys
import time
import xml.etree.ElementTree as ET
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.csv as arrow_csv

from pastwatch.model.track import TrackKind
from pastwatch.stages.corroborate.tracks.coverageoftracks import gaps_of, listening_of
from pastwatch.stages.corroborate.tracks.earth import distance_m
from pastwatch.stages.corroborate.tracks.nearness import Asked, nearness
from pastwatch.stages.corroborate.tracks.positions import Positions
from pastwatch.stages.corroborate.tracks.reading import ReadAs, read

RUN = Path(__file__).parents[1] / "runs" / "2026-11-22-corroborate" / "tracks.json"
ROUNDS = 5
T0_S = 1_935_792_000
SUBJECTS = 2000
GPX_SHARE = 5  # XML and JSON are read more slowly: a fifth of the rows tells as much
FIRST_MANY = 2_000_000


def places(rows: int, seed: int) -> tuple[np.ndarray, ...]:
    """Subject, second, latitude and longitude of ships that go straight, in order of time."""
    rng = np.random.default_rng(seed)
    steps = -(-rows // SUBJECTS)
    second = np.repeat(np.arange(steps) * 10, SUBJECTS)[:rows]
    who = np.tile(np.arange(SUBJECTS), steps)[:rows]
    lat0, lon0 = rng.uniform(54, 58, SUBJECTS), rng.uniform(8, 14, SUBJECTS)
    course, fast = rng.uniform(0, 2 * np.pi, SUBJECTS), rng.uniform(0, 1e-4, SUBJECTS)
    lat = lat0[who] + np.cos(course[who]) * fast[who] * second / 10
    lon = lon0[who] + np.sin(course[who]) * fast[who] * second / 10
    return who, second, lat, lon


def csv_text(rows: int, seed: int = 1) -> bytes:
    """A table of time, place, speed and identity."""
    who, second, lat, lon = places(rows, seed)
    lines = [
        f"{T0_S + s},{a:.6f},{o:.6f},7.2,{219000000 + w}"
        for w, s, a, o in zip(
            who.tolist(), second.tolist(), lat.tolist(), lon.tolist(), strict=True
        )
    ]
    return ("time,lat,lon,sog,mmsi\n" + "\n".join(lines) + "\n").encode()


def sbs_text(rows: int) -> bytes:
    """BaseStation lines."""
    who, second, lat, lon = places(rows, 2)
    lines = []
    for w, s, a, o in zip(who.tolist(), second.tolist(), lat.tolist(), lon.tolist(), strict=True):
        clock = f"{s // 3600 % 24:02}:{s // 60 % 60:02}:{s % 60:02}.000"
        lines.append(
            f"MSG,3,1,1,{4000000 + w:06X},1,2031/05/06,{clock},2031/05/06,{clock},,35000,,,"
            f"{a:.5f},{o:.5f},,,0,0,0,0"
        )
    return "\r\n".join(lines).encode()


def gpx_text(rows: int) -> bytes:
    """One long track."""
    _, second, lat, lon = places(rows, 3)
    points = "".join(
        f'<trkpt lat="{a:.6f}" lon="{o:.6f}"><ele>3.0</ele>'
        f"<time>2031-05-06T{s // 3600 % 24:02}:{s // 60 % 60:02}:{s % 60:02}Z</time></trkpt>\n"
        for s, a, o in zip(second.tolist(), lat.tolist(), lon.tolist(), strict=True)
    )
    head = '<gpx xmlns="http://www.topografix.com/GPX/1/1" version="1.1" creator="x"><trk><trkseg>'
    return f"{head}{points}</trkseg></trk></gpx>".encode()


def readsb_text(rows: int) -> bytes:
    """Snapshots of a receiver, one a line."""
    who, second, lat, lon = places(rows, 4)
    snapshots: dict[int, list[dict[str, Any]]] = {}
    for w, s, a, o in zip(who.tolist(), second.tolist(), lat.tolist(), lon.tolist(), strict=True):
        one = {"hex": f"{4000000 + w:06x}", "lat": round(a, 6), "lon": round(o, 6), "seen_pos": 0.4,
               "alt_baro": 35000, "gs": 450.1, "mlat": [], "rssi": -20.1}  # fmt: skip
        snapshots.setdefault(s, []).append(one)
    return "\n".join(
        json.dumps({"now": T0_S + s, "aircraft": held}) for s, held in snapshots.items()
    ).encode()


def ours(raw: bytes, kind: TrackKind) -> Positions:
    """Read as a case reads it."""
    return read([lambda: raw], ReadAs(kind=kind, zone="UTC")).positions


def timed(act: Callable[[], Any], rounds: int = ROUNDS) -> dict[str, float]:
    """Seconds of the processor: median, least and most of some rounds."""
    taken = []
    for _ in range(rounds):
        gc.collect()
        start = time.process_time()
        act()
        taken.append(time.process_time() - start)
    return {
        "median_s": round(statistics.median(taken), 4),
        "low_s": round(min(taken), 4),
        "high_s": round(max(taken), 4),
    }


def plain_xml(raw: bytes) -> int:
    """How many points the library's own reader walks over."""
    found = 0
    for _, element in ET.iterparse(io.BytesIO(raw)):  # noqa: S314 - generated above
        if element.tag.endswith("trkpt"):
            found += 1
            element.clear()
    return found


def forms(rows: int) -> dict[str, Any]:
    """Rows a second by form, beside a plain reader of the same bytes."""
    few = rows // GPX_SHARE

    def table(raw: bytes, head: bool) -> None:
        names = None if head else [f"c{n}" for n in range(22)]
        arrow_csv.read_csv(
            io.BytesIO(raw),
            read_options=arrow_csv.ReadOptions(column_names=names, use_threads=False),
        )

    cases: dict[str, tuple[bytes, TrackKind, int, str, Callable[[bytes], Any]]] = {
        "csv": (csv_text(rows), TrackKind.AIS, rows, "pyarrow.csv.read_csv", lambda r: table(r, True)),
        "sbs": (sbs_text(rows), TrackKind.SBS, rows, "pyarrow.csv.read_csv", lambda r: table(r, False)),
        "gpx": (gpx_text(few), TrackKind.GPX, few, "xml.etree iterparse", plain_xml),
        "readsb": (readsb_text(few), TrackKind.READSB, few, "json.loads",
                   lambda r: [json.loads(line) for line in r.splitlines()]),
    }  # fmt: skip
    told = {}
    for name, (raw, kind, count, yardstick, plain) in cases.items():
        held = ours(raw, kind)
        mine, theirs = timed(lambda raw=raw, kind=kind: ours(raw, kind)), timed(lambda: plain(raw))  # noqa: B023 - run at once
        told[name] = {
            "rows": count,
            "positions": len(held),
            "bytes": len(raw),
            **mine,
            "rows_a_second": round(count / mine["median_s"]),
            "megabytes_a_second": round(len(raw) / mine["median_s"] / 1e6, 1),
            "yardstick": yardstick,
            "yardstick_s": theirs,
            "times_the_yardstick": round(mine["median_s"] / theirs["median_s"], 2),
        }
        print(name, told[name]["rows_a_second"], "rows/s", told[name]["times_the_yardstick"], "x")  # noqa: T201
    return told


def questions(held: Positions) -> dict[str, Any]:
    """A question of one hour within 5 km, one over all time, and what gaps cost."""
    span_us = (int(held.time_us.min()), int(held.time_us.max()) + 1)
    hour = (span_us[0] + 600 * 10**6, span_us[0] + 4200 * 10**6)

    def ask(span: tuple[int, int]) -> Any:
        asked = Asked(lat=56.0, lon=11.0, radius_m=5000, from_us=span[0], until_us=span[1])
        return nearness(held, asked, subject_kind="vessel")

    found = ask(span_us)
    one_pass = timed(lambda: distance_m(held.lat, held.lon, 56.0, 11.0))
    told: dict[str, Any] = {
        "positions": len(held),
        "subjects": len(held.names),
        "within": len(found.within),
        "not_known": len(found.not_known),
        "one_hour": timed(lambda: ask(hour)),
        "all_time": timed(lambda: ask(span_us)),
        "yardstick": "one pass of distances over all positions",
        "yardstick_s": one_pass,
        "listening": timed(lambda: listening_of(held, subject_kind="vessel"), 3),
    }
    listening = listening_of(held, subject_kind="vessel")
    told["gaps_of_50_subjects"] = timed(lambda: [gaps_of(held, c, listening) for c in range(50)], 3)
    told["times_the_yardstick"] = round(told["all_time"]["median_s"] / one_pass["median_s"], 2)
    return told


def many(rows: int) -> dict[str, Any]:
    """Files of two million rows each, read one after another: seconds and the most memory held."""
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    one = csv_text(FIRST_MANY)
    # Each file has ships of its own: the digits before their numbers differ.
    files = [
        lambda n=n: one.replace(b",219", b",%d" % (220 + n))  # type: ignore[misc]
        for n in range(rows // FIRST_MANY)
    ]
    made_most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    start = time.process_time()
    held = read(files, ReadAs(kind=TrackKind.AIS)).positions
    taken = time.process_time() - start
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    kept = sum(
        getattr(held, n).nbytes
        for n in ("code", "time_us", "lat_e7", "lon_e7", "altitude_m", "speed_m_s", "start",
                  "length", "file", "flags")
    )  # fmt: skip
    return {
        "positions": len(held),
        "files": len(files),
        "read_s": round(taken, 2),
        "rows_a_second": round(len(held) / taken),
        "bytes_a_position": round(kept / len(held), 1),
        "most_memory_megabytes": round(most / 1024),
        "most_memory_before_megabytes": round(max(before, made_most) / 1024),
        "questions": questions(held),
    }


def main() -> None:
    """Measure and write the run."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--many", type=int, default=10_000_000)
    given = parser.parse_args()
    told: dict[str, Any] = {
        "what": "generated positions of 2,000 ships or aircraft; two shared cores",
        "python": sys.version.split()[0],
        "forms": forms(given.rows),
        "near": questions(ours(csv_text(given.rows), TrackKind.AIS)),
    }
    if given.many:
        told["many"] = many(given.many)
    RUN.parent.mkdir(parents=True, exist_ok=True)
    RUN.write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
