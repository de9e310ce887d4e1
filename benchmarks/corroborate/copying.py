"""Copying between reports, against sixty pairs judged by hand, and over all 845 articles of kronos-2021.

    python -m benchmarks.corroborate.copying [--out FILE]

PASTWATCH_DATA names the folder of the data sets. Prints and writes precision and recall by relation,
the directions, and the outlets that take from each other. The pairs are judged by hand beside this
file (`gold/kronos-pairs.csv`); the detector never sees them.
"""

from __future__ import annotations

import argparse
import csv
import hashlib
import json
import os
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Any

from pastwatch.model.when import Basis, When
from pastwatch.stages.collect.connectors.report import read_article
from pastwatch.stages.collect.connectors.writtendates import WrittenDates
from pastwatch.stages.corroborate.copying import Article, Copy, Direction, find_copies
from pastwatch.stages.corroborate.copying_outlets import outlets_of, takings_of
from pastwatch.stages.corroborate.copying_thirds import settled

FOLDER = Path("kronos-2021/vast/2021_mc1/MC1/News Articles")
GOLD = Path(__file__).with_name("gold") / "kronos-pairs.csv"
RUNS = Path(__file__).parents[1] / "runs" / "2026-11-22-corroborate"
NONE = "none"
COUNTED = ("copies", "paraphrases")


def articles(root: Path) -> dict[str, Article]:
    """Every article, by outlet and file as the pairs name it."""
    dates = WrittenDates({})
    found: dict[str, Article] = {}
    for path in sorted(root.rglob("*.txt")):
        read = read_article(path.read_bytes(), dates)
        when = None
        if read.published is not None:
            when = When(
                earliest_us=read.published.earliest_us,
                latest_us=read.published.latest_us,
                basis=Basis.INFERRED,
            )
        name = f"{path.parent.name}/{path.stem}"
        report_id = hashlib.sha256(name.encode()).digest()[:16]
        found[name] = Article(report_id, path.parent.name, read.text, read.subject, when)
    return found


def answer(copy: Copy | None, a: Article) -> tuple[str, str]:
    """The relation and the direction in the words of the pairs."""
    if copy is None:
        return NONE, "unknown"
    kind = copy.kind
    if copy.direction is Direction.COMMON:
        return kind, "both-from-third"
    if copy.direction is Direction.UNKNOWN:
        return kind, "unknown"
    return kind, "a-from-b" if copy.taker is a else "b-from-a"


def scored(
    pairs: list[dict[str, str]], held: dict[str, Article], copies: list[Copy]
) -> dict[str, Any]:
    """Precision and recall by relation, with what was taken for what, and the directions."""
    found = {frozenset((c.taker.report_id, c.giver.report_id)): c for c in copies}
    confused: Counter[tuple[str, str]] = Counter()
    directions: Counter[tuple[str, str]] = Counter()
    for row in pairs:
        a, b = held[row["a"]], held[row["b"]]
        kind, direction = answer(found.get(frozenset((a.report_id, b.report_id))), a)
        confused[row["relation"], kind] += 1
        if row["relation"] in COUNTED and kind != NONE:
            directions[row["direction"], direction] += 1
    told: dict[str, Any] = {"pairs": len(pairs)}
    for name, gold, said in (
        *((r, {r}, {r}) for r in COUNTED),
        ("copies or paraphrases", set(COUNTED), set(COUNTED)),
    ):
        right = sum(n for (g, s), n in confused.items() if g in gold and s in said)
        handed = sum(n for (_, s), n in confused.items() if s in said)
        there = sum(n for (g, _), n in confused.items() if g in gold)
        told[name] = {
            "judged": there,
            "found": handed,
            "right": right,
            "precision": round(right / handed, 3) if handed else None,
            "recall": round(right / there, 3) if there else None,
        }
    told["judged as"] = {f"{g} → {s}": n for (g, s), n in sorted(confused.items())}
    told["direction"] = {
        "asked": sum(directions.values()),
        "right": sum(n for (g, s), n in directions.items() if g == s),
        "judged as": {f"{g} → {s}": n for (g, s), n in sorted(directions.items())},
    }
    return told


def main() -> None:
    """Run it, print it, and write it to benchmarks/runs/."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--out", type=Path, default=RUNS / "copying.json")
    out: Path = parser.parse_args().out
    held = articles(Path(os.environ["PASTWATCH_DATA"]) / FOLDER)
    started = time.process_time()
    copies = settled(list(find_copies(list(held.values()))))
    seconds = time.process_time() - started
    with GOLD.open(encoding="utf-8", newline="") as file:
        pairs = list(csv.DictReader(file))
    run: dict[str, Any] = {
        "articles": len(held),
        "processor_seconds": round(seconds, 2),
        "relations": dict(sorted(Counter(f"{c.kind}, {c.direction}" for c in copies).items())),
        "sixty pairs": scored(pairs, held, copies),
    }
    takings = takings_of(list(held.values()), copies)
    run["outlets"] = [line._asdict() for line in outlets_of(list(held.values()), takings, copies)]
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text(json.dumps(run, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    sys.stdout.write(json.dumps({k: v for k, v in run.items() if k != "outlets"}, indent=2) + "\n")
    for line in run["outlets"]:
        sys.stdout.write(json.dumps(line, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
