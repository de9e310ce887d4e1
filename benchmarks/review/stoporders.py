"""Ranked orders of the labelled sets, kept as one line of judgements each, for the stop rules' trials.

    nice python -m benchmarks.review.stoporders tune 20 FOLDER

A plain active learner (TF-IDF, logistic regression, batches that grow by a tenth, in large sets by a
fifth) reads every topic from one relevant record onward, so that the trials of the stop rules do not
hang on the learner that Pastwatch ships. A file holds, for each seed, what the reader called each
record in the order of reading: 1 relevant, 0 not.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression

from benchmarks.review.topics import Topic, topics

Bits = npt.NDArray[np.uint8]
READERS = ((1.0, 1.0), (0.85, 1.0), (0.7, 1.0), (1.0, 0.98), (0.85, 0.98), (0.7, 0.98))
_NEGATIVES = 1500  # judged "not" that a training takes at most, drawn at random
_LEARNED_RATIO = 0.4  # of the set: after it the last order stands
LARGE = 5000  # records from which the batches grow by a fifth


def name_of(topic: Topic, sensitivity: float, specificity: float) -> str:
    """The file's name for a topic and a reader."""
    plain = f"{topic.set}--{topic.name}".replace("/", "_").replace(" ", "-")
    return f"{plain}--{sensitivity:g}-{specificity:g}.npz"


def calls(truth: Bits, sensitivity: float, specificity: float, seed: int) -> Bits:
    """What a reader of that sensitivity and specificity calls each record: once and for all."""
    chance = np.random.default_rng([seed, 7]).random(len(truth))
    return np.where(truth == 1, chance < sensitivity, chance < 1 - specificity).astype(np.uint8)


def ranked(matrix: Any, called: Bits, seed: int) -> Bits:
    """Read everything in the order of an active learner; gives the calls in that order."""
    chance = np.random.default_rng([seed, 11])
    total = len(called)
    first = int(chance.choice(np.flatnonzero(called)))
    read = np.zeros(total, dtype=bool)
    order = [first]
    read[first] = True
    batch = 1
    while len(order) < total:
        seen = np.asarray(order)
        good, bad = seen[called[seen] == 1], seen[called[seen] == 0]
        if len(bad) > _NEGATIVES:
            bad = chance.choice(bad, _NEGATIVES, replace=False)
        guessed = chance.choice(np.flatnonzero(~read), min(100, total - len(order)), replace=False)
        rows = np.concatenate((good, bad, guessed))
        wanted = np.zeros(len(rows), dtype=np.int8)
        wanted[: len(good)] = 1
        model = LogisticRegression(C=1.0, class_weight="balanced", solver="liblinear")
        model.fit(matrix[rows], wanted)
        scores = np.asarray(matrix @ model.coef_[0].astype(np.float32)).ravel()
        scores[read] = -np.inf
        left = total - len(order)
        size = left if len(order) > _LEARNED_RATIO * total else min(batch, left)
        chosen = np.argsort(-scores, kind="stable")[:size]
        order.extend(chosen.tolist())
        read[chosen] = True
        batch += -(-batch // (10 if total < LARGE else 5))
    read_calls: Bits = called[np.asarray(order)]
    return read_calls


def main() -> None:
    """Make the files of a part that are not there yet, for every reader or some."""
    part, seeds, folder = sys.argv[1], int(sys.argv[2]), Path(sys.argv[3])
    readers = (
        READERS if len(sys.argv) <= 4 else READERS[:1] if sys.argv[4] == "exact" else READERS[1:]
    )
    folder.mkdir(parents=True, exist_ok=True)
    held: tuple[str, Any] = ("", None)
    for topic in topics(part):
        if held[0] != topic.texts.name:
            vectors = TfidfVectorizer(sublinear_tf=True, min_df=2, dtype=np.float32)
            held = (topic.texts.name, vectors.fit_transform(topic.texts.whole))
        truth = topic.labels.astype(np.uint8)
        for sensitivity, specificity in readers:
            path = folder / part / name_of(topic, sensitivity, specificity)
            if path.exists():
                continue
            path.parent.mkdir(exist_ok=True)
            rows = []
            for seed in range(seeds):
                called = calls(truth, sensitivity, specificity, seed)
                rows.append(np.packbits(ranked(held[1], called, seed)))
            np.savez_compressed(path, total=len(truth), bits=np.stack(rows))
        sys.stdout.write(f"{topic.set} {topic.name} {len(truth)} {topic.relevant_count}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
