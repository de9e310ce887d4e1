"""Search over a slice of real mail: seconds to rank, count, report terms, and suggest spellings.

    python -m benchmarks.review.searching FOLDER DATA [--rounds N]

FOLDER is scratch. Each figure is the median of so many rounds with its spread, in seconds passed and
in seconds of processor: the machine may be shared. The yardstick is a look for the same query.
"""

from __future__ import annotations

import argparse
import csv
import json
import random
import re
import statistics
import sys
import time
from collections import Counter
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import regex

from pastwatch.desk.holding import OpenCase
from pastwatch.desk.scratch import open_self_authorised, scratch_archive
from pastwatch.desk.searching import paged, search
from pastwatch.desk.searching_near import similar
from pastwatch.desk.searching_terms import report_terms
from pastwatch.desk.searching_words import expansions, vocabulary
from pastwatch.matching.parse import parse
from pastwatch.model.query import Regex
from pastwatch.stages.lookback.expand_names import rule_of
from pastwatch.stages.lookback.expand_phone import phone_pattern

RUNS = Path(__file__).parents[1] / "runs" / "2026-11-22-review"
VARIANTS = Path(__file__).parents[2] / "tests" / "stages" / "lookback" / "variants.tsv"
QUERIES = {
    "a rare word": "helicopter",
    "a frequent word": "state",
    "two words": "security libya",
    "three of a kind": '"state department" OR libya OR secur*',
}
FACETS = ("source", "medium", "sender", "pair", "conversation", "day", "language", "family", "code")
NAMES = ("Gaddafi", "Mohammed", "Ahmed", "Sergey", "Yevgeny", "Khaled", "Hussein", "Youssef")
TERMS = 1000


def measured(act: Callable[[], Any], *, rounds: int) -> dict[str, Any]:
    """Medians of seconds passed and seconds of processor, with least and most."""
    passed: list[float] = []
    worked: list[float] = []
    for _ in range(rounds):
        begun = time.perf_counter(), time.process_time()
        act()
        passed.append(time.perf_counter() - begun[0])
        worked.append(time.process_time() - begun[1])
    return {
        name: [round(f(times), 3) for f in (statistics.median, min, max)]
        for name, times in (("seconds", passed), ("processor_seconds", worked))
    }


def looked(case: OpenCase, query: str) -> int:
    """Every hit of a look."""
    return sum(1 for _ in case.look(query))


def first_page(case: OpenCase, query: str, facets: Sequence[str] = ()) -> int:
    """A search, ranked and counted, and its first page."""
    return len(search(case, query, facets=facets).page())


def searched(case: OpenCase, *, rounds: int) -> dict[str, Any]:
    """Each query as a look, ranked, ranked and counted by every kind, and paged again."""
    figures: dict[str, Any] = {}
    for name, query in QUERIES.items():
        found = search(case, query)
        figures[name] = {
            "hits": found.hits,
            "look": measured(partial(looked, case, query), rounds=rounds),
            "search": measured(partial(first_page, case, query), rounds=rounds),
            "facets": measured(partial(first_page, case, query, FACETS), rounds=rounds),
            "page again": measured(partial(paged, case, found.query_id), rounds=rounds),
        }
    return figures


def listed(case: OpenCase, folder: Path, mails: Path, *, rounds: int) -> dict[str, Any]:
    """Reports of 1,000 terms from the mails themselves: whole words, and half phrases and wildcards."""
    counts: Counter[str] = Counter()
    with mails.open(encoding="utf-8") as lines:
        for number, line in enumerate(lines):
            if number % 10 == 0:
                text = str(json.loads(line).get("text") or "").lower()
                counts.update(set(re.findall(r"[a-z]{4,}", text)))
    words = sorted(w for w, n in counts.items() if 3 <= n <= max(counts.values()) // 20)
    draw = random.Random(1)  # noqa: S311 - a sample
    plain = draw.sample(words, TERMS)
    mixed = [
        word if n % 2 else f'"{word} {draw.choice(words)}"' if n % 4 else f"{word[:5]}*"
        for n, word in enumerate(draw.sample(words, TERMS))
    ]
    figures: dict[str, Any] = {"words to draw from": len(words)}
    for name, terms in (("1 term", plain[:1]), ("1,000 words", plain), ("1,000 mixed", mixed)):
        path = folder / "terms.csv"
        with path.open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows([term] for term in terms)
        done = report_terms(case, path)
        together = case.papers.search(str(done.query_id)).text
        figures[name] = {
            "records": done.report.records,
            "without a hit": len(done.report.ended("none")),
            "one look for all": measured(partial(looked, case, together), rounds=rounds),
            "report": measured(partial(report_terms, case, path), rounds=rounds),
        }
    return figures


def suggested(case: OpenCase, *, rounds: int) -> dict[str, Any]:
    """What it costs to gather the words, and what names it suggests for one, by how many rules."""
    begun = time.perf_counter(), time.process_time()
    words = len(vocabulary(case).counts)
    gathered = [
        round(t, 2) for t in (time.perf_counter() - begun[0], time.process_time() - begun[1])
    ]
    offered = {name: expansions(case, name).suggestions for name in NAMES}
    return {
        "words": words,
        "gathered once, seconds and processor seconds": gathered,
        "suggestions a name": {name: len(found) for name, found in offered.items()},
        "expand": measured(lambda: expansions(case, NAMES[0]), rounds=rounds),
    }


def recalled() -> dict[str, Any]:
    """Of the published pairs how many are recognised, and of others of its list how many are not."""
    with VARIANTS.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file, delimiter="\t"))
    missed = [f"{r['asked']} {r['written']}" for r in rows if not _recognised(r["asked"], r)]
    phones = [r for r in rows if r["kind"] == "phone"]
    names = [r for r in rows if r["kind"] != "phone"]
    others = [
        (one["asked"], two["written"])
        for one in names
        for two in names
        if one["asked"] != two["asked"] and not rule_of(one["asked"], two["asked"])
    ]
    return {
        "pairs": len(rows),
        "recognised": len(rows) - len(missed),
        "missed": missed,
        "phone pairs": len(phones),
        "other pairs": len(others),
        "other pairs recognised": sum(bool(rule_of(one, two)) for one, two in others),
    }


def _recognised(asked: str, row: dict[str, str]) -> bool:
    if row["kind"] != "phone":
        return bool(rule_of(asked, row["written"]))
    root = parse(phone_pattern(asked)).root
    return isinstance(root, Regex) and bool(regex.search(root.pattern, row["written"]))


def main(arguments: Sequence[str] | None = None) -> None:
    """Make the case, measure, and write the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("data", type=Path)
    parser.add_argument("--rounds", type=int, default=5)
    given = parser.parse_args(arguments)
    mails = given.data / "foia-mail" / "clinton_blind" / "messages.jsonl"
    with scratch_archive(given.folder, person="bench") as archive:
        archive.collect(mails, source="mail", basis="own")
        archive.add_event("e", "An event", at="2012-09-11T12:00+00:00", references=("report",))
        case, _, estimate = open_self_authorised(
            archive,
            "e",
            given.folder / "grant.toml",
            ground="own data",
            since="1990-01-01T00:00:00Z",
            until="2030-01-01T00:00:00Z",
            undated=True,
            necessity="a measurement",
        )
        case.indexing.begin()
        case.indexing.wait()
        figures: dict[str, Any] = {"records": estimate.records, "rounds": given.rounds}
        parts: dict[str, Callable[[], Any]] = {
            "variants": recalled,
            "searches": partial(searched, case, rounds=given.rounds),
            "words": partial(suggested, case, rounds=given.rounds),
            "terms": partial(listed, case, given.folder, mails, rounds=given.rounds),
            "similar by words": partial(
                measured, partial(similar, case, "h1"), rounds=given.rounds
            ),
        }
        RUNS.mkdir(parents=True, exist_ok=True)
        for name, part in parts.items():
            figures[name] = part()
            told = json.dumps(figures, indent=1, ensure_ascii=False) + "\n"
            (RUNS / "searching.json").write_text(told, encoding="utf-8")
            sys.stdout.write(f"{name}: {json.dumps(figures[name], ensure_ascii=False)}\n")
        case.close()


if __name__ == "__main__":
    main()
