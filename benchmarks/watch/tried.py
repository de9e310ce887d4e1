"""Runs a watch over records of the past that stand in no archive, and tells what it would have done."""

from __future__ import annotations

import hashlib
import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from pastwatch.archive.layout import BATCH
from pastwatch.model.watch import Watch
from pastwatch.model.when import HOUR_US, Span
from pastwatch.stages.watch import examiner as examining
from pastwatch.stages.watch.arrivals import Arrivals
from pastwatch.stages.watch.backtest import PSEUDO_EVENTS, Trial, trial
from pastwatch.stages.watch.examiner import Examiner

SEED = 8
# A busy machine stops no watch here: how long one takes is measured elsewhere.
setattr(examining, "SLOW_FROM_S", float("inf"))  # noqa: B010 - a constant, changed for a trial


def data(name: str) -> Path:
    """The folder of a real data set; SystemExit where PASTWATCH_DATA does not lead to it."""
    place = Path(os.environ.get("PASTWATCH_DATA", "")) / name
    if not os.environ.get("PASTWATCH_DATA") or not place.is_dir():
        raise SystemExit(f"{name} is not under PASTWATCH_DATA")
    return place


def in_order(rows: pa.Table) -> Arrivals:
    """Dated rows of `layout.BATCH` as one source that comes in order of time, each when it was said."""
    rows = rows.select(BATCH.names)
    rows = rows.filter(pa.compute.is_valid(rows.column("earliest_us")))
    ids = [hashlib.sha256(b"%d" % n).digest()[:16] for n in range(rows.num_rows)]
    rows = rows.append_column("record_id", pa.array(ids, pa.binary(16)))
    rows = rows.sort_by([("earliest_us", "ascending"), ("record_id", "ascending")])
    (batch,) = rows.combine_chunks().to_batches()
    moments = np.asarray(batch.column("earliest_us").to_numpy(zero_copy_only=False))
    return Arrivals.of_batch(batch, source_id="s", source_name="s", clock_us=moments)


def alerts_us(watch: Watch, arrivals: Arrivals) -> list[int]:
    """When the watch alerts; SystemExit where it is stopped."""
    examiner = Examiner([watch])
    moments = arrivals.moments_us
    found = [int(moments[one.row]) for one in examiner.examine(arrivals)]
    if examiner.accounts[0].stopped:
        raise SystemExit(f"the watch was stopped: {examiner.accounts[0].stopped}")
    return found


def told(done: Trial, *, zero_us: int, moments_us: Sequence[int]) -> dict[str, Any]:
    """A trial in figures; moments in hours from `zero_us`."""

    def hours(at_us: int) -> float:
        return round((at_us - zero_us) / HOUR_US, 3)

    return {
        "alerts": done.alerts,
        "alerts_a_day": round(done.alerts_a_day, 2),
        "under_alarm_ratio": round(done.under_alarm_ratio, 4),
        "alarms": [
            {"from_h": hours(a.start_us), "until_h": hours(a.end_us), "alerts": a.alerts}
            for a in done.alarms
        ],
        "false_alarms": done.false_alarms,
        "missed": done.missed,
        "events": [
            {
                "at_h": hours(e.event_us),
                "lead_s": e.lead_s,
                "luck_p": round(e.luck_p, 4),
                "luck_lead_p": None if e.luck_lead_p is None else round(e.luck_lead_p, 4),
                "pseudo_events": e.pseudo_events,
            }
            for e in done.events
        ],
        "detection_at_least": round(done.detection_at_least, 3),
        "curve": [[n, round(under, 4), round(missed, 4)] for n, under, missed in done.curve],
        "alerts_h": [hours(at) for at in moments_us],
    }


def run(
    watch: Watch, arrivals: Arrivals, *, span: Span, events_us: Sequence[int], zero_us: int
) -> dict[str, Any]:
    """The watch over a span, against events."""
    found = alerts_us(watch, arrivals)
    done = trial(
        found,
        events_us,
        span=span,
        horizon_s=watch.horizon_s,
        seed=SEED,
        pseudo_events=PSEUDO_EVENTS,
    )
    inside = [at for at in found if span.start_us <= at < span.end_us]
    length_h = round(span.length_us / HOUR_US, 2)
    held = {"records": len(arrivals), "hours": length_h, "matched_seed": SEED}
    return {**held, **told(done, zero_us=zero_us, moments_us=inside)}


def write(report: dict[str, Any], out: Path | None) -> None:
    """The report on stdout and, where asked, in a file."""
    text = json.dumps(report, indent=1) + "\n"
    if out:
        out.parent.mkdir(parents=True, exist_ok=True)
        out.write_text(text)
    sys.stdout.write(text)
