"""Two reports of one event, claims written down by hand: roots, relations and denials as a reader finds."""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass
from pathlib import Path

import pytest

from pastwatch.model.claim import Claim, Lineage, Stance
from pastwatch.model.record import Citation
from pastwatch.model.relation import Relation
from pastwatch.stages.corroborate.copying import Article
from pastwatch.stages.corroborate.lineage import Said, aliases_of, group, said_of
from pastwatch.stages.corroborate.relations import Told, denials_in, relate
from pastwatch.stages.corroborate.roots import lineage_of, told

ROOT = os.environ.get("PASTWATCH_DATA", "")
FOLDER = Path(ROOT) / "news-2017"
pytestmark = pytest.mark.skipif(
    not ROOT or not FOLDER.is_dir(), reason="the data set news-2017 is not here (PASTWATCH_DATA)"
)
ASSERTS, HEDGES, DENIES = Stance.ASSERTS, Stance.HEDGES, Stance.DENIES


@dataclass(frozen=True)
class Given:
    """A claim by where its statement begins and ends: few words each, looked up in the report."""

    report: int
    first: str
    last: str
    who: str
    stance: Stance = ASSERTS
    via: tuple[str, ...] = ()
    to: str = ""


GIVEN = {
    "intercepts 1": Given(0, "The U.S. intercepted", "was carried out", "a senior-level U.S. official"),
    "intercepts 2": Given(
        0, "U.S. intelligence officials had", "dozens of people", "A senior-level U.S. official",
        to="CNN",
    ),
    "regime": Given(0, "Syrian President Bashar al-Assad’s", "responsible for it", "the source"),
    "no doubt 1": Given(0, "Assad was responsible for the", "his own people", "U.S. officials"),
    "nothing on Russia 1": Given(0, "no evidence indicating", "has been discovered", ""),
    "careful 1": Given(
        0, "it appears that Russian", "the Syrian Army", "The senior-level U.S. official", HEDGES
    ),
    "denial 1": Given(0, "all allegations of", "in the attack", "Moscow", DENIES),
    "intercepts 3": Given(
        1, "military and intelligence operatives", "attack in Syria", "A senior US official",
        via=("CNN",),
    ),
    "nothing on Russia 2": Given(
        1, "No communications that", "were intercepted", "the official", via=("CNN",)
    ),
    "careful 2": Given(
        1, "it was likely due", "their communications", "he", HEDGES, via=("CNN",)
    ),
    "no doubt 2": Given(
        1, 'there was "no doubt"', "government's involvement",
        "US officials, including Defense secretary Jim Mattis",
    ),
    "possession": Given(1, "Syria was still", "chemical weapons", "Turkish officials"),
    "autopsies": Given(1, "autopsies on the", "sarin gas", "Turkish officials"),
    "destroyed": Given(1, "Syria's chemical weapons", "destroyed in 2013", "Russia"),
    "help": Given(1, "we suspect that", "have help", "a US military official", HEDGES),
    "denial 2": Given(1, "involvement in the attack.\n\nNOW", "attack.\n\nNOW", "both Russia and Syria", DENIES),
}  # fmt: skip


@dataclass(frozen=True)
class Read:
    said: list[Said]
    lineages: list[Lineage]
    relations: list[Relation]
    names: dict[str, str]

    def of(self, name: str) -> Lineage:
        return next(line for line in self.lineages if self.names[name] in line.claims)

    def between(self, kind: str, one: str, other: str) -> bool:
        ends = {self.names[one], self.names[other]}
        return any(r.kind == kind and {r.from_id, r.to_id} == ends for r in self.relations)


@pytest.fixture(scope="module")
def read() -> Read:
    paths = sorted(FOLDER.glob("*.txt"))
    articles = [
        Article(
            hashlib.md5(p.name.encode(), usedforsecurity=False).digest(),
            ("JerusalemOnline", "Business Insider")[n],
            p.read_text(encoding="utf-8"),
        )
        for n, p in enumerate(paths)
    ]
    claims = [(f"c{n}", _claim(articles[g.report], g)) for n, g in enumerate(GIVEN.values(), 1)]
    said = said_of(claims, {a.report_id: a for a in articles}, aliases_of(articles))
    groups = group(said)
    lineages = [lineage_of(g) for g in groups]
    names = {key: f"c{n}" for n, key in enumerate(GIVEN, 1)}
    return Read(said, lineages, relate(Told(said, groups, articles)), names)


def _claim(article: Article, given: Given) -> Claim:
    start = article.text.index(given.first)
    end = article.text.index(given.last, start) + len(given.last)
    if given.last.endswith("NOW"):
        end = article.text.index("\n", start)
    statement = article.text[start:end]
    at = len(article.text[:start].encode())
    raw = statement.encode()
    return Claim(
        claim_id="", report_id=article.report_id, who_says=given.who, statement=statement,
        stance=given.stance, via=given.via, to_whom=given.to, maker="hand", version="1",
        citation=Citation(
            record_id=article.report_id, part=0, start_byte=at, end_byte=at + len(raw),
            text_sha256=hashlib.sha256(raw).digest(),
        ),
    )  # fmt: skip


def test_the_intercepts_go_back_to_one_outlet_and_one_or_two_officials(read: Read) -> None:
    line = read.of("intercepts 2")
    names = {read.names[n] for n in ("intercepts 1", "intercepts 2", "intercepts 3")}
    assert set(line.claims) == names
    assert told(line) == "2 reports · 1 root (CNN ← 1–2 unnamed US officials)"


@pytest.mark.parametrize("other", ["no doubt 2", "autopsies", "help"])
def test_other_claims_have_roots_of_their_own(read: Read, other: str) -> None:
    roots = {root.name for root in read.of(other).roots}
    assert roots
    assert not roots & {root.name for root in read.of("intercepts 2").roots}


def test_no_doubt_is_said_by_officials_and_mattis(read: Read) -> None:
    line = read.of("no doubt 2")
    assert read.names["no doubt 1"] in line.claims
    assert "Defense secretary Jim Mattis" in {root.name for root in line.roots}
    assert {root.interest for root in line.roots} == {"government of the US"}


def test_the_autopsies_go_back_to_turkish_officials(read: Read) -> None:
    (root,) = read.of("autopsies").roots
    assert "Turkish officials" in root.name


def test_the_day_of_the_telling_differs(read: Read) -> None:
    assert read.between("differs in time or scope", "intercepts 2", "intercepts 3")
    (found,) = [r for r in read.relations if r.kind == "differs in time or scope"]
    assert "Thursday" in found.reason
    assert "Wednesday" in found.reason


def test_dozens_and_at_least_83_differ_in_precision(read: Read) -> None:
    (found,) = [r for r in read.relations if r.kind == "differs in precision"]
    assert found.from_id == read.names["intercepts 2"]
    assert found.reason == '"dozens" leaves room for "at least 83"'


def test_destroyed_stocks_contradict_stocks_still_held(read: Read) -> None:
    assert read.between("contradicts", "destroyed", "possession")
    assert len([r for r in read.relations if r.kind == "contradicts"]) == 1


def test_nothing_on_russia_stands_against_the_suspicion_of_help(read: Read) -> None:
    assert read.between("stands against", "nothing on Russia 1", "help")
    assert read.between("stands against", "nothing on Russia 2", "help")


def test_the_finding_of_nothing_keeps_its_caveat_in_both_reports(read: Read) -> None:
    assert read.between("caveat", "careful 1", "nothing on Russia 1")
    assert read.between("caveat", "careful 2", "nothing on Russia 2")


def test_the_actor_drifts_from_assad_to_the_government(read: Read) -> None:
    assert read.between("drift of the actor", "no doubt 1", "no doubt 2")
    reasons = [r.reason for r in read.relations if r.kind == "drift of the actor"]
    assert any('"Assad"' in r and "Syrian government" in r for r in reasons)


def test_russia_and_syria_deny(read: Read) -> None:
    places = {p for one in denials_in(read.said) for s in one.speakers for p in s.countries}
    assert places == {"Russia", "Syria"}
    assert read.between("denies", "denial 2", "no doubt 2")
    assert read.between("denies", "denial 2", "no doubt 1")
    assert not read.between("denies", "denial 1", "no doubt 1")


def test_who_made_a_thing_never_becomes_who_ran_it(read: Read) -> None:
    made = {(r.kind, r.to_id, r.reason.split('"')[1]) for r in read.relations if r.to_id[0] == "n"}
    assert {kind for kind, _, _ in made} == {"maker"}
    assert ("maker", "name:Russia", "Russian jets") in made
    assert ("maker", "name:Russia", "Russian-made drone") in made
    assert all(to == "name:Russia" for _, to, _ in made)


def test_every_relation_says_what_it_rests_on(read: Read) -> None:
    for relation in read.relations:
        assert relation.reason
        assert relation.citations
