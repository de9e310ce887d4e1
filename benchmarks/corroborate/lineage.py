"""How long copying takes over many reports, and whether planted copies are found among them.

    python -m benchmarks.corroborate.lineage [--reports 100000] [--out FILE]

Reports of words drawn by Zipf's law (Zipf 1949) about shared subjects; one in twenty is a copy of an
earlier one: half word for word with sentences dropped, half with a third of the words changed. What is
told of pairs is counted: pairs compared, planted pairs found, other pairs found.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np

from pastwatch.stages.corroborate.copying import Article, find_copies
from pastwatch.stages.corroborate.copying_blocks import candidates
from pastwatch.stages.corroborate.copying_words import Weights

RUNS = Path(__file__).parents[1] / "runs" / "2026-11-22-corroborate"
VOCABULARY = 60_000
SUBJECT_WORDS = 30
SENTENCES = (6, 14)
WORDS = (10, 24)
SYLLABLES = "ba be bi bo bu da de di do du fa fe fi fo ka ke ki ko ku la le li lo lu ma me mi mo na ne ni no pa pe pi po ra re ri ro ru sa se si so su ta te ti to va ve vi vo".split()  # noqa: SIM905


def made(count: int, seed: int) -> tuple[list[Article], set[frozenset[int]]]:
    """Invented reports, and the pairs of places of which one was made from the other."""
    dice = random.Random(seed)  # noqa: S311 - invented text
    draw = np.random.default_rng(seed)
    words = ["".join(dice.choices(SYLLABLES, k=dice.randint(2, 5))) for _ in range(VOCABULARY)]
    chances = 1 / np.arange(1, VOCABULARY + 1)
    chances /= chances.sum()
    subjects = [dice.choices(words[200:], k=SUBJECT_WORDS) for _ in range(max(count // 12, 1))]
    articles: list[Article] = []
    planted: set[frozenset[int]] = set()
    bodies: list[list[list[str]]] = []
    for place in range(count):
        if place > 50 and dice.random() < 0.05:
            source = dice.randrange(place)
            body = _copied(bodies[source], dice, words)
            planted.add(frozenset((source, place)))
        else:
            subject = dice.choice(subjects)
            lengths = [dice.randint(*WORDS) for _ in range(dice.randint(*SENTENCES))]
            drawn = draw.choice(VOCABULARY, size=sum(lengths), p=chances)
            told = iter(words[n] if dice.random() < 0.8 else dice.choice(subject) for n in drawn)
            body = [[next(told) for _ in range(length)] for length in lengths]
        bodies.append(body)
        text = " ".join(" ".join(s).capitalize() + "." for s in body)
        articles.append(Article(place.to_bytes(16, "big"), f"outlet {place % 40}", text))
    return articles, planted


def _copied(body: list[list[str]], dice: random.Random, words: list[str]) -> list[list[str]]:
    if dice.random() < 0.5:
        kept = [s for s in body if dice.random() < 0.7]
        return kept or body
    return [[w if dice.random() < 0.67 else dice.choice(words) for w in s] for s in body]


def main() -> None:
    """Run it, print it, and write it to benchmarks/runs/."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--reports", type=int, default=100_000)
    parser.add_argument("--out", type=Path, default=RUNS / "copying-scale.json")
    given = parser.parse_args()
    articles, planted = made(given.reports, 11)
    started = time.process_time()
    weights = Weights(a.words.stems for a in articles)
    weighed = time.process_time()
    pairs = candidates([a.words for a in articles], weights)
    chosen = time.process_time()
    found = list(find_copies(articles, pairs=pairs))
    ended = time.process_time()
    place = {a.report_id: n for n, a in enumerate(articles)}
    told = {frozenset((place[c.taker.report_id], place[c.giver.report_id])) for c in found}
    run: dict[str, Any] = {
        "reports": given.reports,
        "words": sum(len(a.words) for a in articles),
        "all pairs": given.reports * (given.reports - 1) // 2,
        "pairs compared": len(pairs),
        "planted": len(planted),
        "planted found": len(told & planted),
        "other pairs found": len(told - planted),
        "processor_seconds": {
            "words and weights": round(weighed - started, 1),
            "choosing pairs": round(chosen - weighed, 1),
            "comparing": round(ended - chosen, 1),
        },
    }
    given.out.parent.mkdir(parents=True, exist_ok=True)
    given.out.write_text(json.dumps(run, indent=2) + "\n", encoding="utf-8")
    sys.stdout.write(json.dumps(run, indent=2) + "\n")


if __name__ == "__main__":
    main()
