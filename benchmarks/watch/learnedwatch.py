"""What a learned watch does on what comes later: its false alarms against those stated, what it finds, its cost.

python -m benchmarks.watch.learnedwatch --out benchmarks/runs/RUN/learned.json

Newswire in the order of its files: the first half is judged, and learned from and tried on by turns; the
rest arrives. The topics were named before the first run, by size: large, middling, small.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from benchmarks.review.topics import _reuters as reuters
from pastwatch.archive.columns import text_column
from pastwatch.archive.tokens import row_hashes
from pastwatch.stages.watch.drift import binned, drift
from pastwatch.stages.watch.learned import KEY
from pastwatch.stages.watch.learned_fit import Fit, Lesson, Vocabulary, at_most, fit

TOPICS = ("acq", "crude", "ship", "sugar", "gold")
RATES = (0.01, 0.001)
GROUP = 20
"""Stories are parted by twenties in their order: one story told twice stands on one side, mostly."""
AT_ONCE = 2_000


def main() -> None:
    """Every topic at every rate."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--out", type=Path)
    chosen = parser.parse_args()
    texts, topics = reuters()
    whole = [f"{s}\n{b}" for s, b in zip(texts.subjects, texts.bodies, strict=True)]
    column = text_column(pa.array(whole, pa.large_string()))
    begun = time.perf_counter()
    hashes, rows = row_hashes(column, KEY)
    words_s = time.perf_counter() - begun
    order = np.argsort(rows, kind="stable")
    hashes, rows = hashes[order], rows[order]
    bounds = np.searchsorted(rows, range(len(whole) + 1))
    half = len(whole) // 2
    vocabulary = Vocabulary()
    for number in range(half):
        if not number // GROUP % 2:
            vocabulary.text(whole[number])
    words = vocabulary.words()
    found = []
    for topic in TOPICS:
        lessons = (Lesson(), Lesson())
        for number in range(half):
            own = hashes[bounds[number] : bounds[number + 1]]
            lessons[number // GROUP % 2].add(own, int(topic in topics[number]))
        told = np.array([topic in held for held in topics[half:]])
        for rate in RATES:
            made = fit(*lessons, words, rate=rate)
            found.append(
                arrived(topic, made, told, hashes[bounds[half] :], rows[bounds[half] :] - half)
            )
    report = {
        "what": "a watch learned from the first half of a newswire, on the second half as it arrives",
        "records": len(whole),
        "words_weighed": len(words),
        "word_finding_us_a_record": round(1e6 * words_s / len(whole), 1),
        "load": round(os.getloadavg()[0], 1),
        "topics": found,
    }
    text = json.dumps(report, indent=1) + "\n"
    if chosen.out:
        chosen.out.parent.mkdir(parents=True, exist_ok=True)
        chosen.out.write_text(text)
    sys.stdout.write(text)


def arrived(
    topic: str, made: Fit, told: np.ndarray, hashes: np.ndarray, rows: np.ndarray
) -> dict[str, Any]:
    """What a fit does on what arrives."""
    count = len(told)
    pieces = []
    begun = time.perf_counter()
    for first in range(0, count, AT_ONCE):
        low, high = np.searchsorted(rows, (first, first + AT_ONCE))
        size = min(AT_ONCE, count - first)
        pieces.append(made.model.scores(hashes[low:high], rows[low:high] - first, size))
    seconds = time.perf_counter() - begun
    scores = np.concatenate(pieces)
    alerts = scores >= made.threshold
    false, others = int((alerts & ~told).sum()), int((~told).sum())
    moved = drift(made.model.counts, binned(scores, made.model.bars).tolist())
    return {
        "topic": topic,
        "wanted_rate": made.wanted_rate,
        "learned": [made.learned_relevant, made.learned_others],
        "tried": [made.tried_relevant, made.tried_others],
        "tried_found": made.found_relevant,
        "tried_false_alarms": made.false_alarms,
        "stated_at_most": round(made.rate_at_most, 5),
        "shown": made.shown,
        "arrived": [int(told.sum()), others],
        "found": int((alerts & told).sum()),
        "false_alarms": false,
        "false_alarm_rate": round(false / others, 5),
        "within_stated": false / others <= made.rate_at_most,
        "false_alarm_rate_at_most": round(at_most(false, others), 5),
        "stability_index": round(moved.stability, 3),
        "scoring_us_a_record": round(1e6 * seconds / count, 1),
    }


if __name__ == "__main__":
    main()
