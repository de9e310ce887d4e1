"""Topic lock-in: how soon each of five planted themes is met, with exploring and by relevance alone."""

from __future__ import annotations

import argparse
import json
import os
import statistics
import sys
from pathlib import Path

import numpy as np
import numpy.typing as npt

from benchmarks.review.topics import Topic, topics
from pastwatch.model.note import Mode
from pastwatch.stages.review.exploring import CLUSTERS, FIRST_SHARE, Explorer, spread_of
from pastwatch.stages.review.features import Features, Texts, features_of
from pastwatch.stages.review.learner import Learner
from pastwatch.stages.review.queue import Queue

THEMES = 5
_RERANK_SHARE = 8  # learnt anew whenever an eighth more was read


def first_met(
    themes: list[Topic], features: Features, *, explorer: Explorer | None, seed: int
) -> list[int]:
    """After how many records read the first of each theme was met, beginning from one of the first."""
    labels = [topic.labels.astype(bool) for topic in themes]
    relevant = np.logical_or.reduce(labels)
    alone = labels[0] & ~np.logical_or.reduce(labels[1:])
    row = int(np.random.default_rng(seed).choice(np.flatnonzero(alone)))
    queue, learner = Queue(len(features), seed=seed), Learner(features, seed)
    told: dict[int, int] = {}
    met: dict[int, int] = {}
    due = 0
    while len(met) < len(themes):
        told[row] = int(relevant[row])
        queue.settle(row)
        for number, label in enumerate(labels):
            if label[row]:
                met.setdefault(number, len(told))
        if len(told) > due:
            learner.fit(told)
            queue.put_order(np.argsort(-learner.scores(), kind="stable"))
            due = len(told) + len(told) // _RERANK_SHARE
            if explorer is not None:
                queue.put_explorer(explorer)
        turn, _ = queue.next(turns=len(told))
        if turn is None:
            break
        assert turn.mode in (Mode.RANKED, Mode.EXPLORED)
        row = turn.row
    return [met.get(number, len(features)) for number in range(len(themes))]


def measured(part: str, worlds: int) -> dict[str, object]:
    """The same worlds both ways; ratios of exploring to relevance alone."""
    every = [topic for topic in topics(part) if topic.set == "reuters21578"]
    texts = every[0].texts
    features = features_of([Texts(texts.ids, (texts.subjects, texts.bodies))])
    spread = spread_of(features.matrix[:, : features.word_columns], seed=0)
    rows = []
    dice = np.random.default_rng(17)
    for seed in range(worlds):
        chosen = [every[int(n)] for n in dice.permutation(len(every))[:THEMES]]
        plain = first_met(chosen, features, explorer=None, seed=seed)
        ours = first_met(chosen, features, explorer=Explorer(spread), seed=seed)
        rows.append({"themes": [t.name for t in chosen], "plain": plain, "explored": ours})
        sys.stderr.write(f"{rows[-1]}\n")
    return {"part": part, "share": FIRST_SHARE, "clusters": CLUSTERS, "worlds": rows, **_told(rows)}


def _told(rows: list[dict[str, object]]) -> dict[str, object]:
    plain: npt.NDArray[np.int64] = np.array([row["plain"] for row in rows])
    ours: npt.NDArray[np.int64] = np.array([row["explored"] for row in rows])
    all_ratios = ours.max(axis=1) / plain.max(axis=1)
    dice = np.random.default_rng(1)
    picks = dice.integers(0, len(rows), size=(2000, len(rows)))
    sums = ours.max(axis=1)[picks].sum(axis=1) / plain.max(axis=1)[picks].sum(axis=1)
    return {
        "read_until_all_five": [int(plain.max(axis=1).sum()), int(ours.max(axis=1).sum())],
        "ratio_of_sums": float(ours.max(axis=1).sum() / plain.max(axis=1).sum()),
        "ratio_of_sums_95": [float(q) for q in np.quantile(sums, [0.025, 0.975])],
        "median_ratio": statistics.median(all_ratios.tolist()),
        "mean_to_another_theme": [float(plain[:, 1:].mean()), float(ours[:, 1:].mean())],
        "worlds_at_half_or_less": int((all_ratios <= 0.5).sum()),
    }


def main() -> None:
    """Measure and keep."""
    reader = argparse.ArgumentParser(description=__doc__)
    reader.add_argument("part", choices=("tune", "test"))
    reader.add_argument("--worlds", type=int, default=20)
    reader.add_argument("--out", type=Path)
    given = reader.parse_args()
    found = measured(given.part, given.worlds)
    sys.stdout.write(json.dumps({k: v for k, v in found.items() if k != "worlds"}, indent=1) + "\n")
    if given.out:
        given.out.parent.mkdir(parents=True, exist_ok=True)
        given.out.write_text(json.dumps({**found, "cores": os.cpu_count()}, indent=1) + "\n")


if __name__ == "__main__":
    main()
