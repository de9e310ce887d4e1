"""Runs the watch that was fixed beforehand (missions.toml) over Apollo 13, once from launch.

python -m benchmarks.watch.missions --out benchmarks/runs/RUN/missions.json

How the watch was made, and on what it was tuned, stands in missions.md. `--tuned` runs the missions
that it was tuned on alone, and opens nothing of Apollo 13. Beside the first result stand longer
horizons, tried once it was known: they explain, and show nothing. Needs PASTWATCH_DATA.
"""

from __future__ import annotations

import argparse
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow as pa

from benchmarks.watch import tried
from pastwatch.drawing.alarms import Curve, EventDrawn, Strip, draw_alarms
from pastwatch.model.batch import Batch
from pastwatch.model.watch import Watch
from pastwatch.model.when import HOUR_US, SECOND_US, Span, iso, parse_iso
from pastwatch.stages.collect.connectors import transcript
from pastwatch.stages.watch.arrivals import Arrivals
from pastwatch.stages.watch.standing import read_watch

TEXT = Path(__file__).with_name("missions.toml")
TUNED = {"a8": "Apollo 8", "a11": "Apollo 11", "g4": "Gemini 4"}
TRIED = ("a13", "Apollo 13")
LATER_H = (12, 24)
EVENT_S = (55 * 60 + 54) * 60 + 53
"""The event of Apollo 13, after launch: 055:54:53."""


def launch_us(folder: Path) -> int:
    """When a mission was launched, as the data set says it."""
    told = json.loads((folder / "_meta").read_bytes())["utc_launch_time"]
    return parse_iso(told)[0] if isinstance(told, str) else int(told) * SECOND_US


def stream(folder: Path, start_us: int) -> Arrivals:
    """The air-to-ground transcript of a mission, each record when it was said."""
    read = transcript.CONNECTOR.read(folder / "TEC", {"epoch": iso(start_us)})
    batches = [piece.columns for piece in read if isinstance(piece, Batch)]
    return tried.in_order(pa.Table.from_batches(batches))


def mission(name: str, watch: Watch, *, event_s: int | None) -> dict[str, Any]:
    """A watch over one mission, from launch to its last record."""
    places = tried.data("mission-transcripts").joinpath("apollo", "spacelog", "missions")
    folder = places / name / "transcripts"
    start_us = launch_us(folder)
    arrivals = stream(folder, start_us)
    span = Span(start_us=start_us, end_us=int(arrivals.moments_us.max()) + 1)
    events = [] if event_s is None else [start_us + event_s * SECOND_US]
    return tried.run(watch, arrivals, span=span, events_us=events, zero_us=start_us)


def picture(report: dict[str, Any]) -> str:
    """The trial and the missions it was tuned on, in hours from launch."""
    strips = [_strip(label, told) for label, told in report["tried"].items()]
    later = [(f"{name} *", told) for name, told in report["later"].items()]
    strips += [_strip(name, told) for name, told in later]
    strips += [_strip(f"{label} †", told) for label, told in report["tuned"].items()]
    curves = [Curve(label, [tuple(p) for p in told["curve"]]) for label, told in later[:1]]
    first = next(iter(report["tried"].values()))
    curves.insert(0, Curve(TRIED[1], [tuple(p) for p in first["curve"]]))
    lines = [
        f"horizon {report['horizon_h']:g} h, said beforehand: the event was missed",
        "* the same text with a longer horizon, tried afterwards (dashed: the first): it explains",
        "† what it was tuned on",
    ]
    return draw_alarms(
        "A watch written from other missions, over Apollo 13",
        "retrospective; one event, 055:54:53 after launch",
        strips=strips,
        curves=curves,
        lines=lines,
        elapsed=True,
    )


def _strip(name: str, told: dict[str, Any]) -> Strip:
    events = []
    for event in told["events"]:
        at_us = round(event["at_h"] * HOUR_US)
        since = None if event["lead_s"] is None else at_us - event["lead_s"] * SECOND_US
        lead = "missed" if since is None else f"lead {event['lead_s'] / 3600:.2f} h"
        events.append(EventDrawn(at_us, "055:54:53", since, lead))
    return Strip(
        name=name,
        start_us=0,
        end_us=round(told["hours"] * HOUR_US),
        alerts_us=[round(at * HOUR_US) for at in told["alerts_h"]],
        alarms=[
            (round(a["from_h"] * HOUR_US), round(a["until_h"] * HOUR_US)) for a in told["alarms"]
        ],
        events=events,
        told=f"{told['alerts']} alerts; {told['under_alarm_ratio']:.1%} of the time under alarm",
    )


def main() -> None:
    """The tuned missions, and the one that was never seen."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--out", type=Path)
    parser.add_argument("--picture", type=Path)
    parser.add_argument("--tuned", action="store_true")
    chosen = parser.parse_args()
    watch = read_watch(TEXT.read_bytes())
    report: dict[str, Any] = {
        "watch": watch.name,
        "version": watch.version,
        "text_sha256": watch.text_sha256,
        "horizon_h": watch.horizon_s / 3600,
        "hours": "from launch",
        "tuned": {label: mission(name, watch, event_s=None) for name, label in TUNED.items()},
    }
    if not chosen.tuned:
        report["tried"] = {TRIED[1]: mission(TRIED[0], watch, event_s=EVENT_S)}
        report["claim"] = "retrospective"
        report["later"] = {
            f"{hours} h": mission(TRIED[0], replace(watch, horizon_s=hours * 3600), event_s=EVENT_S)
            for hours in LATER_H
        }
        report["later_claim"] = "explains"
        if chosen.picture:
            chosen.picture.write_text(picture(report))
    tried.write(report, chosen.out)


if __name__ == "__main__":
    main()
