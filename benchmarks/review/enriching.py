"""Enriching a slice: seconds by enricher on the released mails, a narrow case beside the whole, languages.

    nice python -m benchmarks.review.enriching DATA FOLDER [--only languages|mails] [--enrichers a,b]

DATA holds the real sets by name; FOLDER takes the archive of the run. Rules for languages were made on
the even lines of the parallel news and are measured here on the odd ones.
"""

from __future__ import annotations

import argparse
import itertools
import json
import os
import re
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from pastwatch.desk.enriching import Enrichment
from pastwatch.desk.holding import Archive
from pastwatch.desk.scratch import open_self_authorised, scratch_archive
from pastwatch.stages.enrich.enrichers.language import ENRICHER as LANGUAGE

RUN = Path(__file__).parent.parent / "runs" / "2026-11-22-review"
AT = "2012-09-11T15:42:00-04:00"
# The narrow case takes about a hundredth of the records, from nearly as many blocks.
SPANS = {
    "whole": ("1990-01-01T00:00:00+00:00", "2026-01-01T00:00:00+00:00"),
    "narrow": ("2012-09-10T00:00:00-04:00", "2012-09-15T02:00:00-04:00"),
}
NEWS = {
    "en": "src.eng", "ar": "ref.arb", "ru": "ref.rus", "uk": "ref.ukr",
    "fa": "ref.fas", "he": "ref.heb", "fr": "ref.fra", "zh": "ref.zho-CN",
}  # fmt: skip
WORKERS = 2
SNIPPET_WORDS, SNIPPET_SIGNS = 3, 6


def languages(data: Path, *, first: int = 1) -> dict[str, dict[str, float]]:
    """Ratios right by language, of every other line from `first` on and of the snippets cut from them."""
    enricher = LANGUAGE.setup({"languages": tuple(NEWS)})
    figures = {}
    for code, name in NEWS.items():
        file = data / "parallel-news" / "ntrex" / "NTREX-128" / f"newstest2019-{name}.txt"
        lines = [line for line in file.read_text(encoding="utf-8").split("\n") if line][first::2]
        snippets = [snippet for line in lines for snippet in _snippets(line, code)]
        right = [
            Counter(enricher.tell(text).language for text in texts) for texts in (lines, snippets)
        ]
        figures[code] = {
            "sentences": len(lines),
            "sentences_right_ratio": round(right[0][code] / len(lines), 4),
            "snippets": len(snippets),
            "snippets_right_ratio": round(right[1][code] / len(snippets), 4),
            "snippets_undecided": right[1]["und"],
        }
    return figures


def _snippets(line: str, code: str) -> list[str]:
    """Runs of three words, of six characters in Chinese, that do not overlap."""
    if code == "zh":
        signs = re.sub(r"\s", "", line)
        ends = range(SNIPPET_SIGNS, len(signs) + 1, SNIPPET_SIGNS)
        return [signs[end - SNIPPET_SIGNS : end] for end in ends]
    words = line.split()
    ends = range(SNIPPET_WORDS, len(words) + 1, SNIPPET_WORDS)
    return [" ".join(words[end - SNIPPET_WORDS : end]) for end in ends]


def mails(data: Path, folder: Path, names: Sequence[str]) -> dict[str, Any]:
    """The released mails enriched whole, then in a narrow case; models are loaded for the first alone."""
    figures: dict[str, Any] = {}
    with _archive(data, folder) as archive:
        for name, (start, until) in SPANS.items():
            _open_case(archive, folder, name, start, until)
    for name in SPANS:
        figures[name] = _enriched(folder, name, names)
    whole, narrow = figures["whole"], figures["narrow"]
    figures["narrow_records_ratio"] = round(narrow["records"] / whole["records"], 4)
    for name in ("seconds", "processor_seconds"):
        figures[f"narrow_{name}_ratio"] = round(narrow[name] / whole[name], 4)
    return figures


def _clocks() -> tuple[float, float]:
    """Time passed, and time that this run had processors: the machine may be shared."""
    own = os.times()
    return time.perf_counter(), own.user + own.system + own.children_user + own.children_system


def _archive(data: Path, folder: Path) -> Archive:
    archive = scratch_archive(folder, person="bench")
    file = data / "foia-mail" / "clinton_blind" / "messages.jsonl"
    archive.collect(file, source="released", basis="own", options={"zone": "America/New_York"})
    return archive


def _open_case(archive: Archive, folder: Path, name: str, start: str, until: str) -> None:
    archive.add_event(name, "A moment", at=AT, references=("public record",))
    open_self_authorised(
        archive,
        name,
        folder / f"{name}.toml",
        ground="public record",
        necessity="a measurement",
        since=start,
        until=until,
        undated=name == "whole",
        acts=["read", "enrich"],
    )[0].close()


def _enriched(folder: Path, name: str, names: Sequence[str]) -> dict[str, Any]:
    with scratch_archive(folder, person="bench") as archive:
        case = archive.case(name)
        clocks = [_clocks()]
        work = Enrichment(case, names=names)
        clocks.append(_clocks())
        costs = work.cost()
        clocks.append(_clocks())
        run = work.run(workers=WORKERS)
        clocks.append(_clocks())
        again = Enrichment(case, names=names).run()
        clocks.append(_clocks())
        ready, measured, worked, once_more = (
            [later - earlier for earlier, later in zip(*pair, strict=True)]
            for pair in itertools.pairwise(clocks)
        )
        figures = {
            "records": max(cost.records for cost in costs),
            "seconds": round(ready[0] + measured[0] + worked[0], 2),
            "processor_seconds": round(ready[1] + measured[1] + worked[1], 2),
            "ready_processor_seconds": round(ready[1], 2),
            "measuring_processor_seconds": round(measured[1], 2),
            "second_run_processor_seconds": round(once_more[1], 2),
            "second_run_records": again.records,
            "expected_seconds_of_one": {c.enricher: round(c.expected_s, 1) for c in costs},
            "enricher_seconds": {n: round(s, 2) for n, s in sorted(run.seconds.items())},
            "values": run.values,
            "defects": {" ".join(key): count for key, count in run.defects.items()},
            "left_out": work.left_out,
        }
        case.close()
    return figures


def main() -> None:
    """Measure, print and keep."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("data", type=Path)
    asked.add_argument("folder", type=Path)
    asked.add_argument("--only", choices=["languages", "mails"])
    asked.add_argument("--enrichers", default="")
    given = asked.parse_args()
    figures: dict[str, Any] = {}
    if given.only != "mails":
        figures["languages"] = languages(given.data)
    if given.only != "languages":
        names = [name for name in given.enrichers.split(",") if name]
        given.folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=given.folder) as scratch:
            figures["mails"] = mails(given.data, Path(scratch), names)
    text = json.dumps(figures, indent=1, ensure_ascii=False)
    print(text)  # noqa: T201 - the answer
    RUN.mkdir(parents=True, exist_ok=True)
    name = f"enriching-{given.only}.json" if given.only else "enriching.json"
    (RUN / name).write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
