"""Contrast on the synthetic town, seed by seed: is the planted pair among the first ten, and its words?

    python -m benchmarks.review.contrasting town FOLDER [--records N] [--until HH:MM]
    python -m benchmarks.review.contrasting null FOLDER DATA

`town` runs the fifty test worlds and the ten null worlds of plan.toml, as a person would: collect,
open the slice of three days, sign a baseline, contrast. The town's truth is read for marking alone.
`null` takes pseudo-events in real mail, as it is and with its weeks shuffled.
"""

from __future__ import annotations

import argparse
import json
import shutil
import time
import tomllib
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from pastwatch.archive.layout import TEXT
from pastwatch.archive.occurrences import Gatherer, Occurrences
from pastwatch.config import Settings
from pastwatch.desk.contrasting import contrast, draft_baseline
from pastwatch.desk.holding import Archive
from pastwatch.desk.scratch import collect_town, draft_filled, scratch_archive
from pastwatch.model.unusual import LEVEL_P, Contrast, Unusual, UnusualSort
from pastwatch.model.when import DAY_US, HOUR_US, iso, parse_iso
from pastwatch.stages.lookback.contrast import asked_of, rarity, seen_in, tails
from pastwatch.stages.lookback.windows import Frame, apart, thinned, weekend
from pastwatch.town import build

PLAN = Path(__file__).with_name("plan.toml")
RUNS = Path(__file__).parents[1] / "runs" / "2026-11-22-review"
CODE = frozenset(
    ("cake", "cakes", "bride", "guests", "торт", "торта", "торте", "гости", "гостей", "невеста")
)
"""The words of the code as truth.json names them (cake, bride, guests), in both languages."""
FIRST = 10


def world(folder: Path, *, seed: int, records: int, null: bool) -> dict[str, Any]:
    """One world from its files to the marked contrast."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    plan = build(folder / "exports", seed=seed, records=records, null=null, truth=folder / "truth")
    settings = Settings(isolate=False)
    with scratch_archive(folder, settings=settings, person="trial") as archive:
        collect_town(archive, plan)
        for address in plan.protected:
            archive.protect(address, reason="a lawyer's correspondence")
        archive.add_event("bridge", plan.title, at=_at(plan.event_us), references=plan.references)
        archive.open_case(
            "bridge", draft_filled(archive, "bridge", folder / "grant.toml", ground="trial")
        )
        with_case = archive.case()
        reference = draft_baseline(with_case, folder / "baseline.toml")
        began = time.process_time()
        made = contrast(with_case, baseline=_signed(archive, reference))
        took_s = time.process_time() - began
        with_case.close()
    truth = json.loads((folder / "truth" / "truth.json").read_text(encoding="utf-8"))
    shutil.rmtree(folder)
    return {"seed": seed, "null": null, "cpu_s": round(took_s, 1), **marked(made, truth)}


def marked(made: Contrast, truth: dict[str, Any]) -> dict[str, Any]:
    """Where the planted pair and its words stand, and what was called unusual."""
    pairs = made.of(UnusualSort.PAIR)
    terms = [one for one in made.of(UnusualSort.TERM) if one.about == "term" and not one.flag]
    between = [one for one in made.of(UnusualSort.TERM) if one.about == "term between two"]
    planted = {person["room"] for person in truth["pair"]}
    innocent = {person["room"] for person in truth["innocent_pair"]}
    return {
        "windows": made.windows,
        "tried": made.tried,
        "pairs": len(pairs),
        "pair_rank": _rank(pairs, lambda one: _handles(one) == planted) if planted else None,
        "innocent_rank": _rank(pairs, lambda one: _handles(one) == innocent),
        "term_rank": _rank(terms, lambda one: one.names[0] in CODE),
        "between_rank": _rank(between, lambda one: one.names[0] in CODE),
        "unusual": [
            (one.sort, one.about, " ".join(one.names), one.hours, one.runs, round(one.p, 4))
            for one in made.unusual
            if one.is_unusual
        ],
        "least_p": {
            sort: min((one.p for one in made.of(sort)), default=1.0) for sort in UnusualSort
        },
    }


def _rank(found: Any, is_wanted: Any) -> int | None:
    return next((place for place, one in enumerate(found, 1) if is_wanted(one)), None)


def _handles(one: Unusual) -> set[str]:
    return {name.split(" / ")[0].split("@")[0] for name in one.names}


def _at(event_us: int) -> str:
    return iso(event_us, offset_s=3 * 3600)


def _signed(archive: Archive, path: Path) -> Path:
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace('ground = ""', 'ground = "trial"'), encoding="utf-8")
    archive.sign_authority(path)
    return path


def town(folder: Path, *, records: int, until: str) -> None:
    """The test worlds, then the null worlds, written down one by one."""
    plan = tomllib.loads(PLAN.read_text(encoding="utf-8"))["town"]
    first, nulls = plan["first_test_seed"], plan["first_null_seed"]
    seeds = [(seed, False) for seed in range(first, first + plan["test_seeds"])]
    null_seeds = [(seed, True) for seed in range(nulls, nulls + plan["null_seeds"])]
    # Interleaved, so that a run that must end early has both.
    order = [one for at in range(0, 50, 5) for one in (*seeds[at : at + 5], null_seeds[at // 5])]
    kept = RUNS / "contrast-town.json"
    rows: list[dict[str, Any]] = []
    if kept.exists():  # a run that was stopped goes on
        rows = json.loads(kept.read_text(encoding="utf-8"))["worlds"]
    done = {row["seed"] for row in rows}
    for seed, null in order:
        if seed in done:
            continue
        if until and datetime.now(UTC).strftime("%H:%M") >= until:
            break
        rows.append(world(folder / str(seed), seed=seed, records=records, null=null))
        summed = {"records": records, "worlds_run": len(rows), **sums(rows), "worlds": rows}
        RUNS.mkdir(parents=True, exist_ok=True)
        text = json.dumps(summed, ensure_ascii=False, indent=1)
        kept.write_text(text + "\n", encoding="utf-8")
        print(json.dumps(rows[-1], ensure_ascii=False), flush=True)  # noqa: T201 - its answer


def sums(rows: list[dict[str, Any]]) -> dict[str, Any]:
    """How many worlds have it among the first ten, and the worst of them."""
    planted = [row for row in rows if not row["null"]]
    nulls = [row for row in rows if row["null"]]

    def within(name: str) -> int:
        return sum(1 for row in planted if row[name] is not None and row[name] <= FIRST)

    def rank(row: dict[str, Any]) -> int:
        return row["pair_rank"] or 10**6

    worst = max(planted, key=rank, default=None)
    return {
        "planted_worlds": len(planted),
        "pair_in_first_ten": within("pair_rank"),
        "pair_first": sum(1 for row in planted if row["pair_rank"] == 1),
        "worst_seed": worst and {"seed": worst["seed"], "pair_rank": worst["pair_rank"]},
        "code_word_in_first_ten_of_many": within("term_rank"),
        "code_word_in_first_ten_between_two": within("between_rank"),
        "null_worlds": len(nulls),
        "null_worlds_with_a_pair_or_term": sum(
            1 for row in nulls if any(u[0] in ("pair", "term") for u in row["unusual"])
        ),
        "null_worlds_with_anything": sum(1 for row in nulls if row["unusual"]),
    }


def null(data: Path) -> None:
    """Pseudo-events at three in the afternoon of working days drawn at random: how many find anything.

    Each is held to the matched windows before it, as an event is. In `shuffled` the weeks stand in
    random order, so that no window differs from another but by chance; in `as it is` what was
    unusual in those years is found too.
    """
    held = _mail(data)
    rng = np.random.default_rng(7)
    rows = []
    for name in ("shuffled 1", "shuffled 2", "shuffled 3", "as it is"):
        own = held if name == "as it is" else _shuffled(held, rng)
        rows.append({"mail": name, **_found(own, rng, events=100)})
        print(json.dumps(rows[-1]), flush=True)  # noqa: T201 - its answer
    shuffled = rows[:-1]
    events = sum(row["events"] for row in shuffled)
    found = sum(row["found"] for row in shuffled)
    summed = {
        "level": LEVEL_P,
        "shuffled": {"events": events, "found": found, "interval_95": _interval(found, events)},
        "rows": rows,
    }
    RUNS.mkdir(parents=True, exist_ok=True)
    (RUNS / "contrast-null.json").write_text(json.dumps(summed, indent=1) + "\n", encoding="utf-8")
    print(json.dumps(summed["shuffled"]))  # noqa: T201 - its answer


def _found(held: Occurrences, rng: np.random.Generator, *, events: int) -> dict[str, Any]:
    last = int(held.time_us[-1]) // DAY_US * DAY_US + 15 * HOUR_US
    frame = Frame(event_us=last, most_windows=10**6)
    while weekend(np.array([frame.event_us]), 0)[0]:
        frame = replace(frame, event_us=frame.event_us - DAY_US)
    ends = frame.ends(int(held.time_us[0]))
    seen = seen_in(held, ends, asked=asked_of(held, frame), frame=frame)
    days = np.flatnonzero((ends - frame.event_us) % DAY_US == 0)
    days = days[[np.count_nonzero(ends <= ends[d] - frame.longest_us) >= 400 for d in days]]
    drawn = rng.choice(days, size=min(events, len(days)), replace=False)
    found, by_sort = 0, dict.fromkeys((one.sort for one in seen), 0)
    for at in drawn.tolist():
        before = np.flatnonzero(ends <= ends[at] - frame.longest_us)
        chosen = before[np.isin(ends[before], thinned(ends[before]))]
        scales = tails(seen, chosen)
        scaled = [(s.most[chosen] - a) / e for s, (a, e) in zip(seen, scales, strict=True)]
        highest = np.max(scaled, axis=0)
        hit = set()
        for one, (start, excess) in zip(seen, scales, strict=True):
            own = (one.most[at] - start) / excess
            if rarity(highest, own, apart(ends[chosen], one.scale_us)) <= LEVEL_P:
                hit.add(one.sort)
        found += bool(hit)
        for sort in hit:
            by_sort[sort] += 1
    return {
        "records": len(held),
        "windows": len(ends),
        "events": len(drawn),
        "found": found,
        "interval_95": _interval(found, len(drawn)),
        "by_sort": by_sort,
    }


def _interval(found: int, of: int) -> tuple[float, float]:
    """The 95 % interval of a share (Wilson 1927)."""
    z, share = 1.96, found / of
    middle = (share + z * z / (2 * of)) / (1 + z * z / of)
    half = z / (1 + z * z / of) * (share * (1 - share) / of + z * z / (4 * of * of)) ** 0.5
    return round(middle - half, 4), round(middle + half, 4)


def _mail(data: Path) -> Occurrences:
    """The released mails of the set foia-mail as occurrences, without an archive between."""
    lines = (data / "foia-mail" / "clinton_blind" / "messages.jsonl").read_text(encoding="utf-8")
    rows = [row for line in lines.splitlines() if (row := json.loads(line))["date"]]
    at_us = np.array([parse_iso(_zoned(row["date"]))[0] for row in rows], np.int64)
    people = [[{"address": a, "name": a, "role": 1} for a in _names(row)] for row in rows]
    text = pa.RecordBatch.from_pylist(
        [
            {
                "subject": row["subject"] or "",
                "text": row["text"] or "",
                "sender_address": row["from"] or "",
                "sender_name": "",
                "recipients": own,
            }
            for row, own in zip(rows, people, strict=True)
        ],
        schema=TEXT,
    )
    kept = np.flatnonzero(at_us > np.int64(1_230_000_000_000_000))  # 2008-12-23: one is of 2001
    gatherer = Gatherer(bytes(16))
    gatherer.add("mail", at_us[kept], text.take(pa.array(kept)))
    return gatherer.done()


def _names(row: dict[str, Any]) -> list[str]:
    held = [row["to"] or [], row["cc"] or []]
    return [a for own in held for a in (own if isinstance(own, list) else own.split(";")) if a]


def _zoned(date: str) -> str:
    return date if "+" in date[10:] or date.endswith("Z") or "-" in date[10:] else f"{date}+00:00"


def _shuffled(held: Occurrences, rng: np.random.Generator) -> Occurrences:
    """The same records with their weeks in another order."""
    week = (held.time_us + 3 * DAY_US) // (7 * DAY_US)
    weeks = np.unique(week)
    other = dict(zip(weeks.tolist(), rng.permutation(weeks).tolist(), strict=True))
    moved = np.array([other[w] for w in week.tolist()], np.int64)
    time_us = held.time_us + (moved - week) * 7 * DAY_US
    order = np.argsort(time_us, kind="stable")
    place = np.empty(len(order), np.int64)
    place[order] = np.arange(len(order))
    by_term = np.argsort(place[held.term_record], kind="stable")
    by_pair = np.argsort(place[held.pair_record], kind="stable")
    return Occurrences(
        held.sources,
        time_us[order],
        held.source[order],
        held.speaker[order],
        place[held.term_record][by_term],
        held.term[by_term],
        place[held.pair_record][by_pair],
        held.pair[by_pair],
    )


def main() -> None:
    """Run what was asked."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", choices=("town", "null"))
    parser.add_argument("folder", type=Path)
    parser.add_argument("data", type=Path, nargs="?")
    parser.add_argument("--records", type=int, default=20_000)
    parser.add_argument("--until", default="")
    given = parser.parse_args()
    if given.what == "town":
        town(given.folder, records=given.records, until=given.until)
    else:
        null(given.data)


if __name__ == "__main__":
    main()
