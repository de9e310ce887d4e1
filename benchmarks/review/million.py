"""What ranking costs at size: a million short records, and a released mailbox, on two cores.

python -m benchmarks.review.million --out benchmarks/runs/RUN/million.json
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import statistics
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from pastwatch.stages.review.features import Features, Texts, features_of
from pastwatch.stages.review.learner import Learner

RECORDS = 1_000_000
WORDS = 300_000
TOPIC_WORDS = 60
RELEVANT_RATIO = 0.002
AT_ONCE = 50_000
JUDGED = (1, 20, 100, 500, 2000)


def records(count: int, *, seed: int) -> Iterator[tuple[Texts, np.ndarray[Any, np.dtype[np.int8]]]]:
    """Short records of Zipfian words, 4 to 24 a record, none repeated; two in a thousand on a topic."""
    rng = np.random.default_rng(seed)
    letters = np.array(list("etaoinshrdlucmfwypvbgkqjxz"))
    spelt = ["".join(rng.choice(letters, size=size)) for size in rng.integers(2, 12, size=WORDS)]
    words = pa.array(spelt, type=pa.large_string())
    odds = 1 / np.arange(1, WORDS + 1) ** 1.05
    edges = np.cumsum(odds / odds.sum())
    topic = rng.integers(200, 20_000, size=TOPIC_WORDS)
    for start in range(0, count, AT_ONCE):
        some = min(AT_ONCE, count - start)
        sizes = rng.integers(4, 25, size=some)
        drawn = np.searchsorted(edges, rng.random(int(sizes.sum()))).clip(max=WORDS - 1)
        told = (rng.random(some) < RELEVANT_RATIO).astype(np.int8)
        on_topic = np.repeat(told, sizes).astype(bool) & (rng.random(len(drawn)) < 0.35)
        drawn[on_topic] = rng.choice(topic, size=int(on_topic.sum()))
        ends = pa.array(np.concatenate(([0], np.cumsum(sizes))), type=pa.int64())
        lists = pa.LargeListArray.from_arrays(ends, words.take(pa.array(drawn)))
        ids = [b"%016d" % place for place in range(start, start + some)]
        yield Texts(ids, [pc.binary_join(lists, pa.scalar(" ", pa.large_string()))]), told


def peak_bytes() -> int:
    """The most memory this process has held so far."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


class Spent(NamedTuple):
    """Seconds on the clock, and of the processor: one thread, so the rest is waiting for others."""

    wall_s: float
    cpu_s: float


def timed(make: Callable[[], Any]) -> tuple[Any, Spent]:
    """What it gives, and what it took."""
    began, worked = time.perf_counter(), time.process_time()
    made = make()
    return made, Spent(time.perf_counter() - began, time.process_time() - worked)


def ranked(features: Features, truth: np.ndarray[Any, Any], *, seed: int) -> dict[str, Any]:
    """Seconds of ranking anew after so many judgements, most of them from the top of the order."""
    rng = np.random.default_rng(seed)
    learner = Learner(features, seed)
    labels = {int(rng.choice(np.flatnonzero(truth))): 1}
    turns = {}
    for judged in JUDGED:
        order = np.argsort(-learner.scores(), kind="stable")
        for row in order[: 3 * judged]:
            if len(labels) >= judged:
                break
            labels[int(row)] = int(truth[row])
        times = [timed(lambda: learner.fit(labels))[1] for _ in range(5)]
        turns[str(judged)] = {
            "median_s": round(statistics.median(t.wall_s for t in times), 3),
            "median_cpu_s": round(statistics.median(t.cpu_s for t in times), 3),
            "most_s": round(max(t.wall_s for t in times), 3),
        }
    top = np.argsort(-learner.scores(), kind="stable")[: int(truth.sum())]
    return {"turns": turns, "relevant_in_top_ratio": round(float(truth[top].mean()), 3)}


def mailbox() -> dict[str, Any] | None:
    """The same for a released mailbox, where it is unpacked: mails that name a city count as relevant."""
    path = Path(os.environ.get("PASTWATCH_DATA", "")) / "foia-mail/clinton_blind/messages.jsonl"
    if not path.is_file():
        return None
    rows = [json.loads(line) for line in path.read_text().splitlines()]
    texts = [
        [str(row.get("subject") or "") for row in rows],
        [str(row.get("text") or row.get("body") or "") for row in rows],
    ]
    ids = [b"%016d" % place for place in range(len(rows))]
    features, seen = timed(lambda: features_of([(ids, texts)]))
    _, themes = timed(lambda: features.themes)
    truth = np.array(["benghazi" in body.lower() for body in texts[1]], dtype=np.int8)
    spent = {
        "features_s": round(seen.wall_s, 1),
        "features_cpu_s": round(seen.cpu_s, 1),
        "themes_s": round(themes.wall_s, 1),
        "themes_cpu_s": round(themes.cpu_s, 1),
    }
    return {"records": len(ids), **spent, **ranked(features, truth, seed=2)}


def main() -> None:
    given = argparse.ArgumentParser(description=__doc__)
    given.add_argument("--out", type=Path)
    given.add_argument("--records", type=int, default=RECORDS)
    asked = given.parse_args()
    told: list[np.ndarray[Any, Any]] = []

    def texts() -> Iterator[Texts]:
        for some, relevant in records(asked.records, seed=1):
            told.append(relevant)
            yield some

    _, making = timed(lambda: sum(len(some.ids) for some, _ in records(asked.records, seed=1)))
    before = peak_bytes()
    features, seen = timed(lambda: features_of(texts()))
    truth = np.concatenate(told)
    learner = Learner(features, 1)
    prior = {int(np.flatnonzero(truth)[0]): 1}
    _, fit = timed(lambda: learner.fit(prior))
    found = {
        "records": len(features),
        "columns": features.matrix.shape[1],
        "weights": int(features.matrix.nnz),
        "making_the_texts_s": round(making.wall_s, 1),
        "features_s": round(seen.wall_s - making.wall_s, 1),
        "first_ranking_s": round(seen.wall_s - making.wall_s + fit.wall_s, 1),
        "first_ranking_cpu_s": round(seen.cpu_s - making.cpu_s + fit.cpu_s, 1),
        "memory_before_bytes": before,
        "memory_most_bytes": peak_bytes(),
        "cores": os.cpu_count(),
        **ranked(features, truth, seed=1),
    }
    found["memory_most_bytes"] = peak_bytes()
    found["foia-mail"] = mailbox()
    text = json.dumps(found, indent=1)
    if asked.out:
        asked.out.parent.mkdir(parents=True, exist_ok=True)
        asked.out.write_text(text + "\n")
    print(text)  # noqa: T201 - its answer


if __name__ == "__main__":
    main()
