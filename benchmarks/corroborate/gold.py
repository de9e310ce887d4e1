"""The hand-made claims gold: loaded, checked against its own promises, and used to score answers."""

from __future__ import annotations

import csv
import datetime as dt
import json
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeAlias

from pastwatch.errors import UsageError
from pastwatch.model.claim import Stance

FOLDER = Path(__file__).with_name("gold")

# A sentence with one of these marks misleads a reader who only looks for verbs of saying.
# Figures, times and speakers after the quote are hard too, but are not counted as traps.
_MISLEADING = """
belief carried-quote chain conditional headline-run-in imperative instruction irony lives-claimed
maker-not-operator negation negative-finding noun-of-saying passive plural-denial promise question
quote-in-quote refusal reportedly retraction rhetorical unnamed-officials
"""
TRAPS = frozenset(_MISLEADING.split())
TRAP_RATIO = 0.4
MIN_OVERLAP_RATIO = 0.5
RELATIONS = frozenset({"copies", "paraphrases", "same-event-independent", "different-event"})
DIRECTIONS = frozenset({"a-from-b", "b-from-a", "both-from-third", "unknown"})
_SMALL = "a an the his her its their our my of s le la les l un une des du de d qu"
_ARTICLES = frozenset(_SMALL.split())
_TOKEN = re.compile(r"\w+")

Span: TypeAlias = tuple[float | None, float | None]
Dates: TypeAlias = tuple[str | None, str | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """A figure inside a statement; ``None`` is an open end."""

    text: str
    low: float | None
    high: float | None
    kind: str


@dataclass(frozen=True, slots=True, kw_only=True)
class When:
    """A time inside a statement, as the first and last calendar date it can mean."""

    text: str
    earliest: str | None
    latest: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class GoldClaim:
    """One claim as a reader marked it; offsets are characters of the sentence."""

    speaker: str
    also: str
    via: tuple[str, ...]
    to: str
    stance: Stance
    start: int
    statement: str
    figures: tuple[Figure, ...]
    times: tuple[When, ...]

    @property
    def end(self) -> int:
        """Where the statement ends."""
        return self.start + len(self.statement)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sentence:
    """One sentence of a report with what it is hard for, and the claims in it."""

    report_id: str
    n: int
    text: str
    phenomena: tuple[str, ...]
    claims: tuple[GoldClaim, ...]

    @property
    def misleads(self) -> bool:
        """Whether it holds no claim or a trap."""
        return not self.claims or not TRAPS.isdisjoint(self.phenomena)


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """One invented report; ``published`` is ISO with zone, or empty."""

    report_id: str
    outlet: str
    published: str
    headline: str
    byline: str
    language: str
    domain: str
    sentences: tuple[Sentence, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """Two articles of the Kronos set as OUTLET/NNN, and what a reader made of them."""

    a: str
    b: str
    relation: str
    direction: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """One claim as an extractor hands it in; figures and times are those of the statement."""

    report_id: str
    n: int
    speaker: str
    stance: str
    start: int
    end: int
    via: tuple[str, ...] = ()
    figures: tuple[Span, ...] = ()
    times: tuple[Dates, ...] = ()


@dataclass(slots=True)
class Hits:
    """How many were there, how many were handed in, how many of those were right."""

    gold: int = 0
    found: int = 0
    right: int = 0

    @property
    def precision(self) -> float | None:
        """Right of handed in; nothing handed in has none."""
        return self.right / self.found if self.found else None

    @property
    def recall(self) -> float | None:
        """Right of what was there; where nothing was there it has none."""
        return self.right / self.gold if self.gold else None

    @property
    def f1(self) -> float | None:
        """Twice the right over both counts (van Rijsbergen 1979, ch. 7, with equal weights)."""
        both = self.gold + self.found
        return 2 * self.right / both if both else None


@dataclass(slots=True)
class Score:
    """What an answer is worth; everything below ``by_phenomenon`` counts matched claims only."""

    overall: Hits = field(default_factory=Hits)
    by_language: dict[str, Hits] = field(default_factory=dict)
    by_phenomenon: dict[str, Hits] = field(default_factory=dict)
    claimless: int = 0
    claimless_hit: int = 0
    stance: Hits = field(default_factory=Hits)
    confused: Counter[tuple[str, str]] = field(default_factory=Counter)
    via: Hits = field(default_factory=Hits)
    figures: Hits = field(default_factory=Hits)
    times: Hits = field(default_factory=Hits)
    exactness: list[float] = field(default_factory=list)

    @property
    def exact_ratio(self) -> float | None:
        """Mean Jaccard of the statements' tokens: a whole sentence handed in shows here."""
        return sum(self.exactness) / len(self.exactness) if self.exactness else None


def load(part: str, folder: Path = FOLDER) -> tuple[Report, ...]:
    """Every report of ``dev`` or ``test``, in the order of the file."""
    path = folder / f"claims-{part}.jsonl"
    if not path.is_file():
        raise UsageError(f"no claims gold of the part {part}")
    heads: dict[str, dict[str, Any]] = {}
    bodies: dict[str, list[Sentence]] = {}
    for line in path.read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        if row.pop("kind") == "report":
            heads[row["report_id"]] = row
        else:
            bodies.setdefault(row["report_id"], []).append(_sentence(row))
    if heads.keys() != bodies.keys():
        raise UsageError("a report without sentences, or sentences without a report")
    return tuple(Report(**head, sentences=tuple(bodies[key])) for key, head in heads.items())


def load_pairs(folder: Path = FOLDER) -> tuple[Pair, ...]:
    """Every judged pair; a word outside the two lists raises :class:`UsageError`."""
    with (folder / "kronos-pairs.csv").open(encoding="utf-8", newline="") as file:
        pairs = tuple(Pair(**row) for row in csv.DictReader(file))
    if any(p.relation not in RELATIONS or p.direction not in DIRECTIONS for p in pairs):
        raise UsageError("a relation or direction that is not in the list")
    return pairs


def _sentence(row: Mapping[str, Any]) -> Sentence:
    claims = tuple(
        GoldClaim(
            **{
                **claim,
                "stance": Stance(claim["stance"]),
                "via": tuple(claim["via"]),
                "figures": tuple(Figure(**f) for f in claim["figures"]),
                "times": tuple(When(**t) for t in claim["times"]),
            }
        )
        for claim in row["claims"]
    )
    return Sentence(
        report_id=row["report_id"],
        n=row["n"],
        text=row["text"],
        phenomena=tuple(row["phenomena"]),
        claims=claims,
    )


def sentences(reports: Iterable[Report]) -> list[Sentence]:
    """Every sentence of the reports, in order."""
    return [sentence for report in reports for sentence in report.sentences]


def phenomena(reports: Iterable[Report]) -> Counter[str]:
    """How many sentences carry each mark."""
    return Counter(mark for s in sentences(reports) for mark in s.phenomena)


def misleading_ratio(reports: Iterable[Report]) -> float:
    """The share of sentences that hold no claim or a trap."""
    every = sentences(reports)
    return sum(s.misleads for s in every) / len(every)


def validate(reports: Iterable[Report]) -> list[str]:
    """What is wrong with the gold, a line each by its place; empty when it keeps its promises."""
    reports = tuple(reports)
    wrong = [f"{r.report_id}: published has no zone" for r in reports if _zoneless(r.published)]
    for name, ids in (
        ("report", [r.report_id for r in reports]),
        ("sentence", [f"{s.report_id}/{s.n}" for s in sentences(reports)]),
        ("text", [s.text for s in sentences(reports)]),
    ):
        wrong += [f"{name} twice: {key}" for key, count in Counter(ids).items() if count > 1]
    for report in reports:
        whole = f"{report.headline} {' '.join(s.text for s in report.sentences)}"
        for s in report.sentences:
            wrong += [f"{s.report_id}/{s.n}: {fault}" for fault in _faults(s, whole)]
    if reports and misleading_ratio(reports) < TRAP_RATIO:
        wrong.append("too few sentences without a claim or with a trap")
    return wrong


def _zoneless(published: str) -> bool:
    return bool(published) and dt.datetime.fromisoformat(published).tzinfo is None


def _faults(s: Sentence, whole: str) -> Iterable[str]:
    if (not s.claims) is not ("no-claim" in s.phenomena):
        yield "the mark no-claim and the claims disagree"
    for claim in s.claims:
        if not claim.statement or s.text[claim.start : claim.end] != claim.statement:
            yield "the statement does not stand where it says"
        if any(name not in whole for name in (claim.speaker, claim.also, claim.to, *claim.via)):
            yield "a name that is not in the report"
        inside = [f.text for f in claim.figures] + [t.text for t in claim.times]
        if any(text not in claim.statement for text in inside):
            yield "a figure or time outside its statement"
        if any(f.low is not None and f.high is not None and f.low > f.high for f in claim.figures):
            yield "a figure whose ends are swapped"
        if any(t.earliest and t.latest and t.earliest > t.latest for t in claim.times):
            yield "a time whose ends are swapped"


def score(found: Iterable[Found], gold: Iterable[Report]) -> Score:
    """What the answer is worth against the gold; how two claims match is in the folder's README.

    Claims of the same sentence are paired best overlap first, each used once. A found claim of a
    sentence that the gold does not hold raises :class:`UsageError`.
    """
    answers: dict[tuple[str, int], list[Found]] = {}
    for each in found:
        answers.setdefault((each.report_id, each.n), []).append(each)
    result = Score()
    for report in gold:
        for s in report.sentences:
            given = answers.pop((s.report_id, s.n), [])
            pairs = _pairs(s, given)
            for hits in (
                result.overall,
                result.by_language.setdefault(report.language, Hits()),
                *(result.by_phenomenon.setdefault(mark, Hits()) for mark in s.phenomena),
            ):
                hits.gold += len(s.claims)
                hits.found += len(given)
                hits.right += len(pairs)
            result.claimless += not s.claims
            result.claimless_hit += not s.claims and bool(given)
            for claim, answer, exact_ratio in pairs:
                result.exactness.append(exact_ratio)
                _compare(result, claim, answer)
    if answers:
        raise UsageError("a found claim stands in a sentence that the gold does not hold")
    return result


def _pairs(s: Sentence, given: list[Found]) -> list[tuple[GoldClaim, Found, float]]:
    spans = [m.span() for m in _TOKEN.finditer(s.text)]

    def held(start: int, end: int) -> set[int]:
        return {i for i, (a, b) in enumerate(spans) if start <= a and b <= end}

    fits = []
    for i, claim in enumerate(s.claims):
        ours = held(claim.start, claim.end)
        for j, answer in enumerate(given):
            theirs = held(answer.start, answer.end)
            shared = len(ours & theirs)
            shorter = min(len(ours), len(theirs))
            if not shorter or shared / shorter < MIN_OVERLAP_RATIO:
                continue
            if same_speaker(answer.speaker, claim.speaker) or (
                claim.also and same_speaker(answer.speaker, claim.also)
            ):
                fits.append((-shared / len(ours | theirs), i, j))
    pairs: list[tuple[GoldClaim, Found, float]] = []
    used_gold: set[int] = set()
    used_found: set[int] = set()
    for minus, i, j in sorted(fits):
        if i not in used_gold and j not in used_found:
            used_gold.add(i)
            used_found.add(j)
            pairs.append((s.claims[i], given[j], -minus))
    return pairs


def same_speaker(one: str, two: str) -> bool:
    """Whether the names share half the words of the shorter, without articles; empty fits empty."""
    a, b = _words(one), _words(two)
    if not a or not b:
        return not a and not b
    return len(a & b) / min(len(a), len(b)) >= MIN_OVERLAP_RATIO


def _words(name: str) -> set[str]:
    words = (w.removeprefix("ال") for w in _TOKEN.findall(name.casefold()))
    return {w for w in words if w not in _ARTICLES}


def _compare(result: Score, claim: GoldClaim, answer: Found) -> None:
    result.stance.gold += 1
    result.stance.found += 1
    if answer.stance == claim.stance:
        result.stance.right += 1
    else:
        result.confused[claim.stance.value, answer.stance] += 1
    result.via.gold += len(claim.via)
    result.via.found += len(answer.via)
    result.via.right += sum(map(same_speaker, answer.via, claim.via))
    figures: Counter[object] = Counter((f.low, f.high) for f in claim.figures)
    times: Counter[object] = Counter((t.earliest, t.latest) for t in claim.times)
    for hits, wanted, given in (
        (result.figures, figures, Counter[object](answer.figures)),
        (result.times, times, Counter[object](answer.times)),
    ):
        hits.gold += wanted.total()
        hits.found += given.total()
        hits.right += (wanted & given).total()
