"""Whether two reports tell of one event: ours against TF-IDF with a threshold, in the same run.

    python -m benchmarks.corroborate.sameevent [--out FILE]

Russian and English pairs judged by people (`same-event-pairs`) and pairs of articles of one topic of
ECB+ (`event-coreference`; the same event where topic and half agree, else a like event). Weights and
every threshold come from the train parts; the exam and honey pools and the test topics are only
scored. The English pool has no second part: five folds, each scored by what the other four gave.
"""

from __future__ import annotations

import argparse
import csv
import hashlib
import json
import math
import os
import random
import sys
from collections.abc import Sequence
from itertools import combinations
from pathlib import Path
from typing import Any, NamedTuple

from pastwatch.stages.corroborate.copying import Article
from pastwatch.stages.corroborate.copying_words import Weights
from pastwatch.stages.corroborate.sameevent import BIAS, FEATURES, WEIGHTS, features, fitted

RUNS = Path(__file__).parents[1] / "runs" / "2026-11-22-corroborate"
POOLS = Path("same-event-pairs/tgcontest/toloka/clustering_pairs")
ECB = Path("event-coreference/ecbplus/data/interim/cybulska_setup")
FOLDS = 5


class Pair(NamedTuple):
    """Two reports and whether people judged them to tell of one event."""

    a: Article
    b: Article
    same: bool


class Scored(NamedTuple):
    """Pairs with our features and the baseline's cosine."""

    rows: list[tuple[float, ...]]
    cosines: list[float]
    same: list[bool]


def article(text: str, title: str = "", outlet: str = "") -> Article:
    return Article(hashlib.sha256((title + text).encode()).digest()[:16], outlet, text, title)


def pool(path: Path) -> list[Pair]:
    """A pool of judged pairs; rows without a judgement are left out."""
    csv.field_size_limit(1 << 24)
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))
    return [
        Pair(
            article(row["INPUT:first_text"], row["INPUT:first_title"]),
            article(row["INPUT:second_text"], row["INPUT:second_title"]),
            row["GOLDEN:quality"] == "OK",
        )
        for row in rows
        if row.get("GOLDEN:quality") in {"OK", "BAD"}
    ]


def ecb(path: Path) -> list[Pair]:
    """All pairs of articles of one topic: one event where they are of the same half of it."""
    words: dict[str, list[str]] = {}
    for line in path.read_text(encoding="utf-8").splitlines():
        if line.strip():
            document, _, _, word, *_ = line.split("\t")
            words.setdefault(document, []).append(word)
    texts = {d: article(" ".join(w)) for d, w in words.items()}
    return [
        Pair(texts[one], texts[other], _half(one) == _half(other))
        for one, other in combinations(sorted(texts), 2)
        if one.split("_")[0] == other.split("_")[0]
    ]


def _half(document: str) -> tuple[str, bool]:
    return document.split("_", maxsplit=1)[0], document.endswith("plus")


def score(pairs: Sequence[Pair]) -> Scored:
    """Both measures of every pair, weights of words from the articles of the same part."""
    held = {id(x): x for p in pairs for x in (p.a, p.b)}
    unique = list({x.report_id: x for x in held.values()}.values())
    weights = Weights(x.words.stems for x in unique)
    cosine = _baseline(unique)
    return Scored(
        [features(p.a, p.b, weights) for p in pairs],
        [cosine(p.a, p.b) for p in pairs],
        [p.same for p in pairs],
    )


def _baseline(articles: Sequence[Article]) -> Any:
    from sklearn.feature_extraction.text import TfidfVectorizer

    table = TfidfVectorizer().fit_transform([f"{a.headline}\n{a.text}" for a in articles])
    place = {a.report_id: n for n, a in enumerate(articles)}

    def cosine(a: Article, b: Article) -> float:
        return float((table[place[a.report_id]] @ table[place[b.report_id]].T)[0, 0])

    return cosine


def threshold(cosines: Sequence[float], same: Sequence[bool]) -> float:
    """The one that is right most often."""
    cuts = sorted({0.0, *cosines, 1.1})
    return max(
        cuts, key=lambda c: (sum((x >= c) == y for x, y in zip(cosines, same, strict=True)), c)
    )


def told(sure: Sequence[bool], same: Sequence[bool]) -> dict[str, Any]:
    """Accuracy with its counts, and F1 of the pairs of one event."""
    right = sum(x == y for x, y in zip(sure, same, strict=True))
    hit = sum(x and y for x, y in zip(sure, same, strict=True))
    f1 = 2 * hit / (sum(sure) + sum(same)) if sum(sure) + sum(same) else 0.0
    return {
        "right": right,
        "pairs": len(same),
        "accuracy": round(right / len(same), 4),
        "f1": round(f1, 4),
    }


def sure_of(rows: Sequence[Sequence[float]], weights: Sequence[float], bias: float) -> list[bool]:
    return [bias + math.fsum(w * f for w, f in zip(weights, row, strict=True)) >= 0 for row in rows]


def against(train: Scored, test: Scored, *, shipped: bool) -> dict[str, Any]:
    """Ours and the baseline on one part, both set up on the other."""
    weights, bias = (WEIGHTS, BIAS) if shipped else fitted(train.rows, train.same)
    cut = threshold(train.cosines, train.same)
    return {
        "same event": sum(test.same),
        "ours": told(sure_of(test.rows, weights, bias), test.same),
        "tf-idf": {**told([c >= cut for c in test.cosines], test.same), "threshold": round(cut, 3)},
    }


def folded(held: Scored) -> dict[str, Any]:
    """Five folds of one part: each pair scored by what the other folds gave."""
    order = list(range(len(held.same)))
    random.Random(7).shuffle(order)  # noqa: S311 - a fixed order
    ours: dict[int, bool] = {}
    base: dict[int, bool] = {}
    for fold in range(FOLDS):
        out = order[fold::FOLDS]
        rest = [n for n in order if n not in set(out)]
        weights, bias = fitted([held.rows[n] for n in rest], [held.same[n] for n in rest])
        cut = threshold([held.cosines[n] for n in rest], [held.same[n] for n in rest])
        ours.update(zip(out, sure_of([held.rows[n] for n in out], weights, bias), strict=True))
        base.update({n: held.cosines[n] >= cut for n in out})
    places = sorted(ours)
    same = [held.same[n] for n in places]
    return {
        "same event": sum(same),
        "ours": told([ours[n] for n in places], same),
        "tf-idf": told([base[n] for n in places], same),
    }


def joined(*parts: Scored) -> Scored:
    """Parts as one, each part weighing the same: the smaller repeated."""
    most = max(len(p.same) for p in parts)
    rows: list[tuple[float, ...]] = []
    cosines: list[float] = []
    same: list[bool] = []
    for part in parts:
        times = max(1, round(most / len(part.same)))
        rows += part.rows * times
        cosines += part.cosines * times
        same += part.same * times
    return Scored(rows, cosines, same)


def main() -> None:
    """Run it, print it, and write it to benchmarks/runs/."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--out", type=Path, default=RUNS / "sameevent.json")
    parser.add_argument("--fit", action="store_true", help="print weights from the train parts")
    given = parser.parse_args()
    root = Path(os.environ["PASTWATCH_DATA"])
    parts = {
        name: score(pool(root / POOLS / f"{name}_pool.tsv"))
        for name in ("en_train", "ru_train", "ru_exam", "ru_honey")
    }
    parts |= {
        f"ecb_{name.lower()}": score(ecb(root / ECB / f"ECB_{name}_corpus.txt"))
        for name in ("Train", "Dev", "Test")
    }
    if given.fit:
        weights, bias = fitted(
            *_rows(joined(parts["en_train"], parts["ru_train"], parts["ecb_train"]))
        )
        sys.stdout.write(f"{dict(zip(FEATURES, weights, strict=True))} {bias}\n")
    run = {
        "features": list(FEATURES),
        "shipped weights": {"weights": list(WEIGHTS), "bias": BIAS},
        "ru exam": against(parts["ru_train"], parts["ru_exam"], shipped=True),
        "ru honey": against(parts["ru_train"], parts["ru_honey"], shipped=True),
        "en pool, five folds": folded(parts["en_train"]),
        "ecb+ dev": against(parts["ecb_train"], parts["ecb_dev"], shipped=False),
        "ecb+ test, own weights": against(parts["ecb_train"], parts["ecb_test"], shipped=False),
        "ecb+ test, shipped weights": against(parts["ecb_train"], parts["ecb_test"], shipped=True),
    }
    given.out.parent.mkdir(parents=True, exist_ok=True)
    given.out.write_text(json.dumps(run, indent=2) + "\n", encoding="utf-8")
    sys.stdout.write(json.dumps(run, indent=2) + "\n")


def _rows(held: Scored) -> tuple[list[tuple[float, ...]], list[bool]]:
    return held.rows, held.same


if __name__ == "__main__":
    main()
