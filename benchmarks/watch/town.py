"""Runs a general watch (town.toml) over many demo towns, and over as many in which nothing was planted.

python -m benchmarks.watch.town --out benchmarks/runs/RUN/town.json

Each town is one seed; the span ends with its event, so what is said of it afterwards is no alarm.
Rhythms are counted a source each, as a tap counts them. Who wrote the watch had run it on no town, but
knew that the demo is about chlorine and a waterworks. Beside the general watch stands one of each
town's own reports: every question that a reader of them would ask. That is hindsight, and explains.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow as pa

from benchmarks.watch import tried
from pastwatch import plugins
from pastwatch.model.batch import Batch
from pastwatch.model.watch import Watch
from pastwatch.model.when import SECOND_US, Span
from pastwatch.stages.watch.backtest import Trial, trial
from pastwatch.stages.watch.limits import directed
from pastwatch.stages.watch.standing import read_watch
from pastwatch.town import TownPlan, build

TEXT = Path(__file__).with_name("town.toml")
SEEDS, RECORDS = 50, 5_000


def one(watch: Watch, seed: int, *, null: bool) -> tuple[Trial, Trial]:
    """The watch, and the one of hindsight, over one town up to its event."""
    with tempfile.TemporaryDirectory() as folder:
        plan = build(Path(folder) / "town", seed=seed, records=RECORDS, null=null)
        asked = [f"({question.query})" for question in plan.questions if question.about == "seen"]
        known = replace(watch, query=" OR ".join(asked), counts=())
        found, first_us = alerts([watch, known], plan)
    span = Span(start_us=first_us, end_us=plan.event_us + 1)
    events = () if null else (plan.event_us,)
    first, second = (
        trial(own, events, span=span, horizon_s=watch.horizon_s, seed=tried.SEED) for own in found
    )
    return first, second


def alerts(watches: Sequence[Watch], plan: TownPlan) -> tuple[list[list[int]], int]:
    """When each watch alerts in a town, source by source; and when its first record stands."""
    connectors = plugins.every("connectors")
    found: list[list[int]] = [[] for _ in watches]
    first_us = plan.event_us
    for source in plan.sources:
        read = connectors[source.connector].read(source.path, dict(source.options))
        batches = [piece.columns for piece in read if isinstance(piece, Batch)]
        arrivals = tried.in_order(pa.Table.from_batches(batches))
        for own, watch in zip(found, watches, strict=True):
            own.extend(tried.alerts_us(watch, arrivals))
        first_us = min(first_us, int(arrivals.moments_us.min()))
    return found, first_us


def spread(values: Sequence[float]) -> dict[str, float | int]:
    """Median, quartiles and ends of a figure over towns."""
    if not values:
        return {"towns": 0}
    ordered = sorted(values)
    low, middle, high = (
        statistics.quantiles(ordered, n=4, method="inclusive")
        if len(ordered) > 1
        else [ordered[0]] * 3
    )
    named = {"least": ordered[0], "quarter": low, "median": middle, "three_quarters": high}
    return {
        "towns": len(ordered),
        **{name: round(value, 4) for name, value in {**named, "most": ordered[-1]}.items()},
    }


def told(trials: Sequence[Trial]) -> dict[str, Any]:
    """Many towns in figures."""
    events = [one for done in trials for one in done.events]
    days = sum(done.span.length_us for done in trials) / (86_400 * SECOND_US)
    warned = [e for e in events if e.lead_s is not None]
    return {
        "towns": len(trials),
        "days": round(days, 1),
        "alerts": sum(done.alerts for done in trials),
        "warned": len(warned),
        "under_alarm_at_the_end": sum(
            any(a.end_us >= done.span.end_us for a in done.alarms) for done in trials
        ),
        "lead_h": spread([e.lead_s / 3600 for e in warned if e.lead_s is not None]),
        "luck_p": spread([e.luck_p for e in events]),
        "false_alarms": spread([done.false_alarms for done in trials]),
        "false_alarms_a_year": round(365.25 * sum(d.false_alarms for d in trials) / days, 2),
        "under_alarm_ratio": spread([done.under_alarm_ratio for done in trials]),
    }


def main() -> None:
    """Fifty towns, and fifty without a plan."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--out", type=Path)
    parser.add_argument("--seeds", type=int, default=SEEDS)
    chosen = parser.parse_args()
    watch = read_watch(TEXT.read_bytes())
    if directed(watch):
        raise SystemExit("the watch follows persons")
    seeds = range(1, chosen.seeds + 1)
    report: dict[str, Any] = {
        "watch": watch.name,
        "text_sha256": watch.text_sha256,
        "horizon_h": watch.horizon_s / 3600,
        "records_a_town": RECORDS,
        "claim": "retrospective",
    }
    for name, null in (("planted", False), ("null", True)):
        pairs = [one(watch, seed, null=null) for seed in seeds]
        report[name] = told([first for first, _ in pairs])
        report[f"{name}_hindsight"] = told([second for _, second in pairs])
    tried.write(report, chosen.out)


if __name__ == "__main__":
    main()
