"""What networks cost and what they show: a million records, the town, two real sets.

    python -m benchmarks.reconstruct.network size
    python -m benchmarks.reconstruct.network slice FOLDER [RECORDS]
    python -m benchmarks.reconstruct.network town FOLDER [WORLDS]
    python -m benchmarks.reconstruct.network sets FOLDER DATA

Each part writes its figures into benchmarks/runs/2026-11-22-reconstruct/network.json. The town's
truth is read for marking alone. Times are seconds of one core, not of the clock on the wall.
"""

from __future__ import annotations

import json
import shutil
import statistics
import sys
import time
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from pastwatch.config import Settings
from pastwatch.desk.holding import Archive, OpenCase
from pastwatch.desk.networking import CaseNetwork
from pastwatch.desk.scratch import collect_town, open_self_authorised, scratch_archive
from pastwatch.drawing.network import DrawnTie, draw_matrix, draw_network
from pastwatch.model.network import Silences
from pastwatch.model.party import Role
from pastwatch.model.when import DAY_US, SECOND_US, Span, iso, parse_iso
from pastwatch.stages.reconstruct.change import compared
from pastwatch.stages.reconstruct.changerhythm import rhythm_of
from pastwatch.stages.reconstruct.communities import communities_of
from pastwatch.stages.reconstruct.network import Aggregate, Window, aggregate
from pastwatch.stages.reconstruct.networkview import view
from pastwatch.stages.reconstruct.silences import silences_of
from pastwatch.stages.reconstruct.silencesheld import SourceHeld
from pastwatch.stages.reconstruct.silencesnew import newcomers_of
from pastwatch.stages.reconstruct.talk import Talk
from pastwatch.town import build

RUN = Path(__file__).parents[1] / "runs" / "2026-11-22-reconstruct" / "network.json"
RECORDS = 1_000_000
ROUNDS = 5
WHOLE_H = 24 * 120
LAUNCH = "1970-04-11T19:13:00Z"
HEADERS = {
    "sender": "From",
    "recipients": "To",
    "time": "Date",
    "subject": "Subject",
    "text": "Subject",
    "zone": "Europe/Athens",
    "day_first": False,
}


def zipfian(records: int, *, accounts: int, seed: int, even: bool = False) -> Talk:
    """A talk of accounts that write as Zipf has it (or evenly), one recipient mostly, some groups of 400."""
    rng = np.random.default_rng(seed)
    weight = np.ones(accounts) if even else 1 / np.arange(1, accounts + 1)
    weight /= weight.sum()
    sender = rng.choice(accounts, records, p=weight)
    count = np.minimum(rng.geometric(0.7, records), 12)
    group = np.zeros(records, np.bool_) if even else rng.random(records) < 0.002
    count[group] = 400
    to = rng.choice(accounts, int(count.sum()), p=weight)
    role = np.where(np.repeat(group, count), int(Role.MEMBER), int(Role.TO)).astype(np.uint8)
    at_us = np.sort(rng.integers(0, 365 * DAY_US, records))
    blank = pa.array(np.zeros(records, np.int64)).cast(pa.large_string())
    nobody = np.zeros(0, np.int64)
    return Talk(
        record_ids=np.frombuffer(rng.bytes(16 * records), "V16"),
        source=np.zeros(records, np.int64),
        sources=("s",),
        medium=np.zeros(records, np.int64),
        media=("mail",),
        earliest_us=at_us,
        latest_us=at_us,
        dated=np.ones(records, np.bool_),
        kind=np.zeros(records, np.uint8),
        defects=np.zeros(records, np.uint32),
        conversation=np.where(group, rng.integers(0, 50, records), -1),
        conversations=tuple(("s", f"group {n}") for n in range(50)),
        sender=sender,
        to_start=np.concatenate((np.zeros(1, np.int64), np.cumsum(count))),
        to_account=to,
        to_role=role,
        account_keys=tuple(("mail", f"a{n}@x.example") for n in range(accounts)),
        native_id=blank,
        reply_to=blank,
        subject=blank,
        shown_names=(nobody, nobody, (), nobody),
    )


def size() -> dict[str, Any]:
    """A million records to their network; a network of more than a million ties to tables and a picture."""
    window = Window(
        since_us=0, until_us=365 * DAY_US, event=Span(start_us=200 * DAY_US, end_us=200 * DAY_US)
    )
    talk = zipfian(RECORDS, accounts=50_000, seed=1)
    keys = np.random.default_rng(2).integers(0, 2**60, len(talk.to_account))
    yardstick = median_s(lambda: np.unique(keys))
    made = aggregate(talk, window)
    took = median_s(lambda: aggregate(talk, window))
    tracemalloc.start()
    aggregate(talk, window)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    wide = aggregate(zipfian(RECORDS, accounts=30_000, seed=3, even=True), window)
    return {
        "records": RECORDS,
        "recipients": len(talk.to_account),
        "ties": len(made.ties),
        "group_ties": len(made.group_account),
        "aggregate_s": took,
        "yardstick_unique_s": yardstick,
        "ratio_to_yardstick": round(took["median"] / yardstick["median"], 2),
        "peak_bytes": peak,
        **asked_of(made),
        "million": million(wide),
    }


def asked_of(network: Aggregate) -> dict[str, float]:
    """What it costs to ask a network of a million records for changes, silences, newcomers."""
    source = SourceHeld(name="s", from_us=0, until_us=365 * DAY_US)
    rhythm = rhythm_of(network, zone_offset_s=0)
    held = {0: (0, 365 * DAY_US)}
    parts: dict[str, Callable[[], object]] = {
        "changes_s": lambda: compared(network, rhythm, held=held, limit=20),
        "silences_s": lambda: silences_of(network, rhythm, (source,), limit=20),
        "newcomers_s": lambda: newcomers_of(network, rhythm, (source,), limit=20),
    }
    took = {}
    for name, act in parts.items():
        began = time.process_time()
        act()
        took[name] = round(time.process_time() - began, 2)
    return took


def million(network: Aggregate) -> dict[str, Any]:
    """A network of more than a million ties: a table, a picture, a division."""
    began = time.process_time()
    shown = view(network, limit=150)
    viewed = time.process_time()
    names = {n.account: n.account for n in shown.nodes}
    ties = [
        DrawnTie(t.from_account, t.to_account, t.records, t.before, t.after) for t in shown.ties
    ]
    ends = list(dict.fromkeys(e for t in ties for e in (t.one, t.other)))
    if len(ends) > 60:
        picture = draw_matrix([(one, 0) for one in ends[:100]], names, ties, title="a million")
    else:
        picture = draw_network(names, ties, title="a million")
    drawn = time.process_time()
    divided = communities_of(network, seeds=2, limit=5)
    return {
        "ties": len(network.ties),
        "shown": len(shown.ties),
        "hidden": shown.ties_hidden,
        "view_s": round(viewed - began, 2),
        "picture_s": round(drawn - viewed, 2),
        "picture_bytes": len(picture),
        "two_divisions_s": round(time.process_time() - drawn, 1),
        "modularity": round(divided.modularity, 3),
    }


def of_slice(folder: Path, records: int) -> dict[str, Any]:
    """From the sealed slice of a town to its network, through the gate."""
    archive, case, _ = world(folder, seed=1, records=records, null=False, hours=WHOLE_H)
    began = time.process_time()
    read = CaseNetwork(case)
    ready = time.process_time()
    silent = read.silences(limit=20)
    told = time.process_time()
    changes = read.changes(limit=20)
    found = {
        "records": len(read.talk),
        "ties": len(read.aggregate.ties),
        "read_and_aggregate_s": round(ready - began, 2),
        "silences_s": round(told - ready, 2),
        "changes_s": round(time.process_time() - told, 2),
        "silences_tried": silent.tried,
        "changes_tried": changes.tried,
    }
    archive.close()
    shutil.rmtree(folder)
    return found


def town(folder: Path, worlds: int) -> dict[str, Any]:
    """Does the planted pair's silence show, and how often is anybody called silent who is not?"""
    rows = [
        marked(folder, seed=seed, null=null, hours=hours)
        for seed in range(1001, 1001 + worlds)
        for null in (False, True)
        for hours in (72, WHOLE_H)
    ]
    return {"records": 20_000, "rows": rows, "sums": summed(rows)}


def marked(folder: Path, *, seed: int, null: bool, hours: int) -> dict[str, Any]:
    """One world: where the pair stands among those silent."""
    archive, case, truth = world(folder, seed=seed, records=20_000, null=null, hours=hours)
    pair = [person["room"] for person in truth["pair"]]
    row: dict[str, Any] = {"seed": seed, "null": null, "hours": hours}
    for by_handle in (False, True):
        read = CaseNetwork(case, by_handle=by_handle)
        silent, changes = read.silences(), read.changes()
        row["by handle" if by_handle else "by account"] = {
            "tried": silent.tried,
            "silent": silent.of,
            "below_level": sum(s.p_corrected <= silent.level_p for s in silent.silences),
            "pair": [
                {"p": round(s.p, 4), "p_corrected": round(s.p_corrected, 4)}
                for s in silent.silences
                if s.about == "pair" and is_pair(s.names, pair)
            ],
            "untold": sum(n for _, n, _ in silent.untold),
            "a_week_earlier": earlier(read, silent) if hours == WHOLE_H and by_handle else None,
            "changes_tried": changes.tried,
            "changes_below_level": changes.below_level,
        }
    archive.close()
    shutil.rmtree(folder)
    return row


def earlier(read: CaseNetwork, silent: Silences) -> dict[str, int]:
    """The same question asked for a week in which nothing happened: how often is anybody silent?"""
    made = read.silences(from_us=read.case.event.when.start_us - 7 * DAY_US)
    below = sum(s.p_corrected <= silent.level_p for s in made.silences)
    return {"tried": made.tried, "silent": made.of, "below_level": below}


def is_pair(names: tuple[str, ...], pair: list[str]) -> bool:
    """Whether the two names are those of the planted pair, on whatever medium."""
    return bool(pair) and all(any(one in name for name in names) for one in pair)


def summed(rows: list[dict[str, Any]]) -> dict[str, Any]:
    """Over all worlds of a kind: how often the pair is among the silent, and alone; false alarms."""
    sums: dict[str, Any] = {}
    for hours in (72, WHOLE_H):
        for null in (False, True):
            for how in ("by account", "by handle"):
                own = [r[how] for r in rows if r["hours"] == hours and r["null"] == null]
                sums[f"{hours} h, {'null' if null else 'planted'}, {how}"] = {
                    "worlds": len(own),
                    "pair_silent": sum(bool(r["pair"]) for r in own),
                    "pair_silent_alone": sum(bool(r["pair"]) and r["silent"] == 1 for r in own),
                    "pair_below_level": sum(any(p["p_corrected"] <= 0.05 for p in r["pair"]) for r in own),
                    "anybody_silent": sum(r["silent"] > 0 for r in own),
                    "worlds_with_false_alarm": sum(
                        r["below_level"] > any(p["p_corrected"] <= 0.05 for p in r["pair"]) for r in own
                    ),
                    "tried_median": statistics.median(r["tried"] for r in own),
                    "changes_below_level_worlds": sum(r["changes_below_level"] > 0 for r in own),
                }  # fmt: skip
    return sums


def sets(folder: Path, data: Path) -> dict[str, Any]:
    """The headers of kronos and the loops of Apollo 13: counts only."""
    found: dict[str, Any] = {}
    with fresh(folder) as archive:
        headers = data / "kronos-2021" / "vast" / "2014_mc1" / "MC1 Data" / "email headers.csv"
        report = archive.collect(
            headers, source="headers", basis="published", connector="csv", medium="mail", options=HEADERS
        )  # fmt: skip
        case = opened(archive, folder, at="2014-01-13T10:00:00+02:00", hours=20 * 24)
        read = CaseNetwork(case)
        divided, changes = read.communities(), read.changes()
        found["kronos headers"] = {
            "records": report.run.records,
            "accounts": len(read.talk.account_keys),
            "ties": len(read.aggregate.ties),
            "broadcasts": int(read.aggregate.broadcasts.sum()),
            "groups": [c.accounts_of for c in divided.communities],
            "modularity": round(divided.modularity, 3),
            "agreement_low": round(divided.agreement_low, 3),
            "changes_tried": changes.tried,
            "changes_below_level": changes.below_level,
        }
    with fresh(folder) as archive:
        script = data / "apollo13-loops" / "apollo" / "apollo13rt" / "script"
        row = {"time": "start", "time_end": "end", "sender": "source", "text": "message", "id": "id", "epoch": LAUNCH}  # fmt: skip
        for loop in ("flight-director-loop", "air-ground-loop"):
            archive.collect(script / f"{loop}.json", source=loop, basis="published", options=row)
        at_us = parse_iso(LAUNCH)[0] + (55 * 3600 + 54 * 60 + 53) * SECOND_US
        read = CaseNetwork(opened(archive, folder, at=iso(at_us), hours=1))
        changes = read.changes()
        found["apollo loops"] = {
            "records": len(read.aggregate.rows),
            "turns": len(read.aggregate.links.row),
            "ties": len(read.aggregate.ties),
            "compared_s": changes.equal_us // SECOND_US,
            "changes_tried": changes.tried,
        }
    return found


class fresh:  # noqa: N801 - read as a phrase
    """An archive in a folder that is removed afterwards."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def __enter__(self) -> Archive:
        shutil.rmtree(self._folder, ignore_errors=True)
        self._folder.mkdir(parents=True)
        self._archive = scratch_archive(
            self._folder, settings=Settings(isolate=False), person="trial"
        )
        return self._archive

    def __exit__(self, *_: object) -> None:
        self._archive.close()
        shutil.rmtree(self._folder)


def world(
    folder: Path, *, seed: int, records: int, null: bool, hours: int
) -> tuple[Archive, OpenCase, dict[str, Any]]:
    """A town collected, its case opened over so many hours on either side, and its truth."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    plan = build(folder / "exports", seed=seed, records=records, null=null, truth=folder / "truth")
    archive = scratch_archive(folder, settings=Settings(isolate=False), person="trial")
    collect_town(archive, plan)
    case = opened(archive, folder, at=iso(plan.event_us, offset_s=3 * 3600), hours=hours)
    truth = json.loads((folder / "truth" / "truth.json").read_text(encoding="utf-8"))
    return archive, case, truth


def opened(archive: Archive, folder: Path, *, at: str, hours: int) -> OpenCase:
    """A case over so many hours on either side of a moment."""
    archive.add_event("e", "Event", at=at, references=("r",))
    return open_self_authorised(
        archive, "e", folder / "grant.toml", ground="trial", span_hours=hours, necessity="measured"
    )[0]


def median_s(act: Callable[[], Any]) -> dict[str, float]:
    """The median of five runs in seconds of one core, with the fastest and the slowest."""
    took = []
    for _ in range(ROUNDS):
        began = time.process_time()
        act()
        took.append(time.process_time() - began)
    return {
        "median": round(statistics.median(took), 3),
        "low": round(min(took), 3),
        "high": round(max(took), 3),
    }


def main(args: list[str]) -> None:
    """Run one part and keep its figures."""
    if not args or args[0] not in {"size", "slice", "town", "sets"}:
        sys.exit(__doc__)
    part, rest = args[0], args[1:]
    if part == "size":
        found = size()
    elif part == "slice":
        found = of_slice(Path(rest[0]), int(rest[1]) if len(rest) > 1 else RECORDS)
    elif part == "town":
        found = town(Path(rest[0]), int(rest[1]) if len(rest) > 1 else 20)
    else:
        found = sets(Path(rest[0]), Path(rest[1]))
    RUN.parent.mkdir(parents=True, exist_ok=True)
    kept = json.loads(RUN.read_text(encoding="utf-8")) if RUN.exists() else {}
    kept[part] = found
    RUN.write_text(json.dumps(kept, indent=1) + "\n", encoding="utf-8")
    shown = {k: v for k, v in found.items() if k != "rows"}
    sys.stdout.write(json.dumps(shown, indent=1) + "\n")


if __name__ == "__main__":
    main(sys.argv[1:])
