"""Two reports of one event, claims as the rules read them: the same roots, relations and denials."""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass
from pathlib import Path

import pytest

from pastwatch.model.claim import Claim, Lineage
from pastwatch.model.relation import Relation
from pastwatch.stages.corroborate.claims import read_claims
from pastwatch.stages.corroborate.copying import Article
from pastwatch.stages.corroborate.lineage import Said, aliases_of, group, said_of
from pastwatch.stages.corroborate.relations import Told, denials_in, relate
from pastwatch.stages.corroborate.roots import lineage_of, told

ROOT = os.environ.get("PASTWATCH_DATA", "")
FOLDER = Path(ROOT) / "news-2017"
pytestmark = pytest.mark.skipif(
    not ROOT or not FOLDER.is_dir(), reason="the data set news-2017 is not here (PASTWATCH_DATA)"
)


@dataclass(frozen=True)
class Read:
    said: list[Said]
    lineages: list[Lineage]
    relations: list[Relation]

    def named(self, *words: str) -> set[str]:
        """The claims whose statement holds all of some words."""
        return {s.name for s in self.said if all(w in s.claim.statement for w in words)}

    def line(self, *words: str) -> Lineage:
        """The only statement with a claim that holds the words."""
        names = self.named(*words)
        (found,) = [line for line in self.lineages if names & set(line.claims)]
        return found

    def between(self, kind: str, one: set[str], other: set[str]) -> list[Relation]:
        return [
            r for r in self.relations
            if r.kind == kind and (({r.from_id} <= one and {r.to_id} <= other) or ({r.from_id} <= other and {r.to_id} <= one))
        ]  # fmt: skip


@pytest.fixture(scope="module")
def read() -> Read:
    articles: list[Article] = []
    claims: list[Claim] = []
    for n, path in enumerate(sorted(FOLDER.glob("*.txt"))):
        key = hashlib.md5(path.name.encode(), usedforsecurity=False).digest()
        text = path.read_text(encoding="utf-8")
        articles.append(Article(key, ("JerusalemOnline", "Business Insider")[n], text))
        claims += read_claims(text, report_id=key, language="en").claims
    named = [(f"c{n}", claim) for n, claim in enumerate(claims, 1)]
    said = said_of(named, {a.report_id: a for a in articles}, aliases_of(articles))
    groups = group(said)
    return Read(said, [lineage_of(g) for g in groups], relate(Told(said, groups, articles)))


def test_the_intercepts_count_once(read: Read) -> None:
    line = read.line("intercepted co", "chemical experts")
    assert told(line) == "2 reports · 1 root (CNN ← 1–2 unnamed US officials)"


def test_no_doubt_autopsies_and_help_have_roots_of_their_own(read: Read) -> None:
    intercepts = {r.name for r in read.line("intercepted co", "chemical experts").roots}
    doubtless = {r.name for r in read.line("no doubt").roots}
    autopsies = {r.name for r in read.line("autopsies").roots}
    helped = {r.name for r in read.line("suspect that", "help").roots}
    assert any("Mattis" in name for name in doubtless)
    assert any("US officials" in name for name in doubtless)
    assert any("Turkish officials" in name for name in autopsies)
    assert any("military official" in name for name in helped)
    for other in (doubtless, autopsies, helped):
        assert not other & intercepts


def test_the_four_sorts_of_difference_are_found(read: Read) -> None:
    times = [r.reason for r in read.relations if r.kind == "differs in time or scope"]
    assert any("Thursday" in t and "Wednesday" in t for t in times)
    precise = [r.reason for r in read.relations if r.kind == "differs in precision"]
    assert '"dozens" leaves room for "at least 83"' in precise
    assert read.between("contradicts", read.named("in possession"), read.named("destroyed in 2013"))
    drift = [r.reason for r in read.relations if r.kind == "drift of the actor"]
    assert any('"Assad"' in d and "Syrian government" in d for d in drift)


def test_nothing_on_russia_keeps_its_caveat_and_meets_the_suspicion(read: Read) -> None:
    nothing = read.named("no evidence", "Russia") | read.named("No communications")
    assert len(nothing) == 2
    assert len(read.between("stands against", nothing, read.named("suspect that"))) == 2
    assert len(read.between("caveat", nothing, read.named("careful"))) == 2


def test_the_denials_are_russias_and_syrias(read: Read) -> None:
    places = {p for one in denials_in(read.said) for s in one.speakers for p in s.countries}
    assert places == {"Russia", "Syria"}
    denied = [r for r in read.relations if r.kind == "denies"]
    by = {s.name: s for s in read.said}
    assert {p for r in denied for s in by[r.from_id].speakers for p in s.countries} == {"Syria"}


def test_makers_stay_makers(read: Read) -> None:
    made = [r for r in read.relations if r.to_id.startswith("name:")]
    assert {(r.kind, r.to_id) for r in made} == {("maker", "name:Russia")}
    assert {r.reason.split('"')[1] for r in made} >= {"Russian jets", "Russian-made drone"}
