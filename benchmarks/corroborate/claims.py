"""Scores the extractor of claims against the hand-made gold, and measures how fast it reads.

    python -m benchmarks.corroborate.claims dev [--misses]
    python -m benchmarks.corroborate.claims test --out FILE

A report is put together as text (headline, byline, a paragraph a sentence) and read as a whole, so
that cutting into sentences, headlines and page furniture count too.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
import time
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

from benchmarks.corroborate.gold import Found, Report, Score, load, score
from pastwatch.model.claim import Claim
from pastwatch.model.when import EPOCH
from pastwatch.stages.corroborate.claims import MAKER, VERSION, read_claims
from pastwatch.stages.corroborate.timessaid import Published

_ID = b"gold report 0001"


def text_of(report: Report) -> tuple[str, list[tuple[int, int]]]:
    """The report as one text, and where in its bytes each sentence stands."""
    parts = [report.headline]
    if report.byline:
        parts.append(f"By {report.byline}")
    text = "\n\n".join(parts)
    places = []
    for sentence in report.sentences:
        text += "\n\n"
        start = len(text.encode())
        text += sentence.text
        places.append((start, len(text.encode())))
    return text, places


def published_of(report: Report) -> Published | None:
    """When the report came out, with its zone."""
    if not report.published:
        return None
    moment = datetime.fromisoformat(report.published)
    offset = moment.utcoffset() or timedelta(0)
    return Published((moment - EPOCH) // timedelta(microseconds=1), int(offset.total_seconds()))


def found_in(
    report: Report, *, language: str = "", **given: Any
) -> tuple[list[Found], list[Claim]]:
    """The claims read in a report, told as the scorer takes them."""
    text, places = text_of(report)
    raw = text.encode()
    published = published_of(report)
    reading = read_claims(
        text, report_id=_ID, language=language or report.language, published=published,
        headline=report.headline, **given,
    )  # fmt: skip
    offset_s = published.offset_s if published else 0
    found, claims = [], []
    for claim in reading.claims:
        at = claim.citation.start_byte
        n = next((i for i, (a, b) in enumerate(places) if a <= at < b), None)
        if n is None:
            continue
        a, b = places[n]
        start = len(raw[a:at].decode())
        end = start + len(raw[at : min(claim.citation.end_byte, b)].decode())
        inside = [
            t
            for t in claim.times
            if claim.citation.start_byte <= t.start_byte and t.end_byte <= claim.citation.end_byte
        ]
        found.append(
            Found(
                report_id=report.report_id, n=report.sentences[n].n, speaker=claim.who_says,
                stance=claim.stance.value, start=start, end=end, via=claim.via,
                figures=tuple((f.low, f.high) for f in claim.figures),
                times=tuple(
                    (_day(t.earliest_us, offset_s), _day(t.latest_us, offset_s)) for t in inside
                ),
            )
        )  # fmt: skip
        claims.append(claim)
    return found, claims


def _day(at_us: int | None, offset_s: int) -> str | None:
    if at_us is None:
        return None
    zone = timezone(timedelta(seconds=offset_s))
    moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=at_us)
    return moment.astimezone(zone).date().isoformat()


def totals(result: Score) -> dict[str, Any]:
    """The score as plain figures."""

    def of(hits: Any) -> dict[str, Any]:
        shares = {n: getattr(hits, n) for n in ("precision", "recall", "f1")}
        rounded = {n: None if v is None else round(v, 3) for n, v in shares.items()}
        return {"gold": hits.gold, "found": hits.found, "right": hits.right, **rounded}

    return {
        "overall": of(result.overall),
        "by_language": {k: of(v) for k, v in sorted(result.by_language.items())},
        "by_phenomenon": {k: of(v) for k, v in sorted(result.by_phenomenon.items())},
        "claimless": {"sentences": result.claimless, "with_a_claim": result.claimless_hit},
        "stance": of(result.stance),
        "confused": {f"{a} taken for {b}": n for (a, b), n in result.confused.most_common()},
        "via": of(result.via),
        "figures": of(result.figures),
        "times": of(result.times),
        "exact_ratio": round(result.exact_ratio or 0, 3),
    }


def speed(reports: tuple[Report, ...], *, rounds: int = 5, copies: int = 40) -> dict[str, float]:
    """Sentences read in a second of one core, the median of some rounds, beside a bare split of the same text."""
    texts = [(text_of(r)[0], r) for r in reports]
    count = copies * sum(len(r.sentences) for r in reports)
    rates, bare = [], []
    for _ in range(rounds):
        began = time.process_time()
        for text, report in texts:
            for _ in range(copies):
                read_claims(
                    text, report_id=_ID, language=report.language, published=published_of(report)
                )
        rates.append(count / (time.process_time() - began))
        began = time.process_time()
        for text, _ in texts:
            for _ in range(copies):
                re.findall(r"\w+|[^\w\s]", text)
        bare.append(count / (time.process_time() - began))
    rates.sort()
    bare.sort()
    middle = rounds // 2
    return {
        "sentences_per_s": round(rates[middle]),
        "lowest": round(rates[0]),
        "highest": round(rates[-1]),
        "bare_tokens_sentences_per_s": round(bare[middle]),
    }


def main(given: list[str]) -> int:
    """Print the totals; with --misses (of dev alone) what was missed and what was found by mistake."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("part", choices=("dev", "test"))
    parser.add_argument("--misses", action="store_true")
    parser.add_argument("--speed", action="store_true")
    parser.add_argument("--spans", choices=("rules", "spacy"), default="rules")
    parser.add_argument("--note", default="")
    parser.add_argument("--out", type=Path)
    chosen = parser.parse_args(given)
    reports = load(chosen.part)
    extra: dict[str, Any] = {}
    maker = MAKER
    if chosen.spans == "spacy":
        from pastwatch.stages.corroborate.claims_spacy import MAKER as SPACY_MAKER
        from pastwatch.stages.corroborate.claims_spacy import spacy_sayings

        extra, maker = {"sayings": spacy_sayings()}, SPACY_MAKER
    found: list[Found] = []
    for report in reports:
        more = extra if report.language == "en" else {}
        found += found_in(report, **more)[0]
    if chosen.misses and chosen.part == "dev":
        _misses(reports, found)
    result: dict[str, Any] = {
        "part": chosen.part, "maker": maker, "version": VERSION, "note": chosen.note,
        **totals(score(found, reports)),
    }  # fmt: skip
    if chosen.speed:
        result["speed"] = speed(reports)
    text = json.dumps(result, indent=1, ensure_ascii=False)
    if chosen.out:
        chosen.out.parent.mkdir(parents=True, exist_ok=True)
        chosen.out.write_text(text + "\n", encoding="utf-8")
    _line(text)
    return 0


def _line(*parts: object) -> None:
    sys.stdout.write(" ".join(map(str, parts)) + "\n")


def _misses(reports: tuple[Report, ...], found: list[Found]) -> None:
    for report in reports:
        for s in report.sentences:
            given = [f for f in found if (f.report_id, f.n) == (report.report_id, s.n)]
            one = Report(**{**{n: getattr(report, n) for n in report.__slots__}, "sentences": (s,)})
            hits = score(given, [one])
            whole = hits.overall
            poor = (hits.exact_ratio or 1) < 0.7
            fields = (hits.stance, hits.via, hits.figures, hits.times)
            if (
                whole.gold == whole.found == whole.right
                and not poor
                and all(h.gold == h.right == h.found for h in fields)
            ):
                continue
            _line(f"\n{report.report_id}/{s.n} {s.text}  {s.phenomena}")
            for c in s.claims:
                _line("   gold ", c.speaker, "|", c.via, "|", c.stance.value, "|", c.statement, "|",
                      [(f.low, f.high) for f in c.figures], [(t.earliest, t.latest) for t in c.times])  # fmt: skip
            for f in given:
                _line("   found", f.speaker, "|", f.via, "|", f.stance, "|", s.text[f.start : f.end], "|",
                      f.figures, f.times)  # fmt: skip


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
