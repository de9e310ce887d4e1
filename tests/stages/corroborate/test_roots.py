"""How many roots a statement has: each rule on reports invented for it."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field

import pytest

from pastwatch.model.claim import Claim, Lineage, Stance
from pastwatch.model.record import Citation
from pastwatch.model.when import Basis, When
from pastwatch.stages.corroborate.copying import Article, find_copies
from pastwatch.stages.corroborate.lineage import aliases_of, group, said_of
from pastwatch.stages.corroborate.roots import independent, interests_of, lineage_of, told
from pastwatch.stages.corroborate.roots_ends import Taken

CRACK = "the dam at Lower Ness had cracked two days before it broke"


@dataclass
class Desk:
    """Reports and claims as they are written down for a test."""

    articles: dict[str, Article] = field(default_factory=dict)
    claims: list[tuple[str, Claim]] = field(default_factory=list)

    def report(self, outlet: str, *, text: str = "", hour: int | None = None) -> str:
        key = f"{outlet}{len(self.articles)}"
        report_id = hashlib.md5(key.encode(), usedforsecurity=False).digest()
        when = None if hour is None else When(
            earliest_us=hour * 3_600_000_000, latest_us=hour * 3_600_000_000, basis=Basis.HEADER
        )  # fmt: skip
        self.articles[key] = Article(report_id, outlet, text, published=when)
        return key

    def says(
        self,
        report: str,
        who: str,
        statement: str = CRACK,
        *,
        via: Sequence[str] = (),
        stance: Stance = Stance.ASSERTS,
        to: str = "",
        unnamed: bool = False,
    ) -> str:
        article = self.articles[report]
        at = article.text.find(statement)
        start = len(article.text[:at].encode()) if at >= 0 else 0
        raw = statement.encode()
        name = f"c{len(self.claims) + 1}"
        claim = Claim(
            claim_id=name,
            report_id=article.report_id,
            who_says=who,
            statement=statement,
            stance=stance,
            citation=Citation(
                record_id=article.report_id,
                part=0,
                start_byte=start,
                end_byte=start + len(raw),
                text_sha256=hashlib.sha256(raw).digest(),
            ),
            maker="hand",
            version="1",
            to_whom=to,
            via=tuple(via),
            unnamed=unnamed,
        )
        self.claims.append((name, claim))
        return name

    def lineages(self, **given: object) -> list[Lineage]:
        articles = {a.report_id: a for a in self.articles.values()}
        said = said_of(self.claims, articles, aliases_of(list(articles.values())))
        takings = [
            Taken(
                f"r{n}",
                c.taker.report_id,
                c.giver.report_id,
                c.kind,
                c.direction.value not in {"unknown", "common"},
                tuple((a, b) for a, b, _, _ in c.passages),
                tuple((x, y) for _, _, x, y in c.passages),
                c.share,
                c.agency,
            )
            for n, c in enumerate(find_copies(list(self.articles.values())), 1)
        ]
        return [lineage_of(g, takings=takings, **given) for g in group(said)]  # type: ignore[arg-type]

    def only(self, **given: object) -> Lineage:
        (lineage,) = self.lineages(**given)
        return lineage


@pytest.fixture
def desk() -> Desk:
    return Desk()


def interval(lineage: Lineage) -> tuple[int, int]:
    return lineage.roots_at_least, lineage.roots_at_most


def test_the_same_words_of_two_named_eyewitnesses_are_two_roots(desk: Desk) -> None:
    desk.says(desk.report("Ness Post"), "Runa Falk, a farmer")
    desk.says(desk.report("Valley Radio"), "Odd Lien, a postman")
    assert interval(desk.only()) == (2, 2)


def test_one_witness_in_two_outlets_is_one_root(desk: Desk) -> None:
    desk.says(desk.report("Ness Post"), "Runa Falk, a farmer")
    desk.says(desk.report("Valley Radio"), "Ms Falk")
    lineage = desk.only()
    assert interval(lineage) == (1, 1)
    assert "named in 2 claims" in lineage.roots[0].reason


def test_two_of_one_last_name_and_other_first_names_are_two(desk: Desk) -> None:
    desk.says(desk.report("Ness Post"), "Runa Falk")
    desk.says(desk.report("Valley Radio"), "Odd Falk")
    assert interval(desk.only()) == (2, 2)


def test_one_outlet_with_two_named_officials_gives_two_roots(desk: Desk) -> None:
    desk.says(desk.report("Ness Post"), "inspector Runa Falk", via=["the Harbour Wire"])
    desk.says(desk.report("Valley Radio"), "minister Odd Lien", via=["the Harbour Wire"])
    assert interval(desk.only()) == (2, 2)


def test_unnamed_officials_through_one_outlet_are_one_root_with_one_or_two_behind(
    desk: Desk,
) -> None:
    desk.says(desk.report("Ness Post"), "a senior Swedish official", to="Harbour Wire")
    desk.says(desk.report("Valley Radio"), "a Swedish official", via=["a Harbour Wire report"])
    lineage = desk.only()
    assert interval(lineage) == (1, 1)
    assert told(lineage) == ("2 reports · 1 root (Harbour Wire ← 1–2 unnamed Swedish officials)")
    assert "they may be one and the same" in lineage.roots[0].reason


def test_unnamed_officials_of_two_countries_through_one_outlet_are_two(desk: Desk) -> None:
    desk.says(desk.report("Ness Post"), "a Swedish official", via=["Harbour Wire"])
    desk.says(desk.report("Valley Radio"), "a Norwegian official", via=["Harbour Wire"])
    assert interval(desk.only()) == (2, 2)


def test_unnamed_officials_told_to_two_outlets_are_one_or_two(desk: Desk) -> None:
    desk.says(desk.report("Ness Post"), "a senior official")
    desk.says(desk.report("Valley Radio"), "an official")
    lineage = desk.only()
    assert interval(lineage) == (1, 2)
    assert any("may be one root" in reason for reason in lineage.reasons)


def test_an_unnamed_official_twice_in_one_report_is_one(desk: Desk) -> None:
    report = desk.report("Ness Post")
    desk.says(report, "a senior official")
    desk.says(report, "the official")
    assert interval(desk.only()) == (1, 1)


def test_one_outlet_with_unnamed_officials_in_two_of_its_reports_is_one_or_two(desk: Desk) -> None:
    desk.says(desk.report("Ness Post"), "a senior official")
    desk.says(desk.report("Ness Post"), "an official")
    assert interval(desk.only()) == (1, 2)


def test_somebody_told_as_another_is_another(desk: Desk) -> None:
    report = desk.report("Ness Post")
    desk.says(report, "a senior official")
    desk.says(report, "a second official")
    assert desk.only().roots_at_most == 2


def test_an_unnamed_official_may_be_the_minister_named_elsewhere(desk: Desk) -> None:
    desk.says(desk.report("Ness Post"), "a Swedish official")
    desk.says(desk.report("Valley Radio"), "Swedish minister Odd Lien")
    lineage = desk.only()
    assert interval(lineage) == (1, 2)
    assert any("may be or include" in reason for reason in lineage.reasons)


def test_the_outlet_that_others_cite_is_followed_to_its_own_report(desk: Desk) -> None:
    desk.says(desk.report("Harbour Wire"), "engineer Runa Falk")
    desk.says(desk.report("Ness Post"), "Harbour Wire")
    desk.says(desk.report("Valley Radio"), "", via=["Harbour Wire"])
    lineage = desk.only()
    assert interval(lineage) == (1, 1)
    assert [root.name for root in lineage.roots] == ["engineer Runa Falk"]
    assert set(lineage.roots[0].claims) == {"c1", "c2", "c3"}
    assert len(lineage.reports) == 3


def test_an_outlet_cited_that_is_not_held_is_the_root_itself(desk: Desk) -> None:
    desk.says(desk.report("Ness Post"), "the Harbour Wire", via=["Harbour Wire"])
    desk.says(desk.report("Valley Radio"), "", via=["Harbour Wire"])
    lineage = desk.only()
    assert interval(lineage) == (1, 1)
    assert "whom it had it from is not told" in lineage.roots[0].reason


def test_two_that_cite_each_other_are_one_unknown_root_and_the_circle_is_shown(desk: Desk) -> None:
    desk.says(desk.report("Ness Post"), "", via=["Valley Radio"])
    desk.says(desk.report("Valley Radio"), "", via=["Ness Post"])
    lineage = desk.only()
    assert interval(lineage) == (1, 1)
    assert lineage.roots[0].name.startswith("unknown")
    assert any("Ness Post → Valley Radio → Ness Post" in r for r in lineage.reasons)


def test_a_claim_withdrawn_does_not_count(desk: Desk) -> None:
    first = desk.says(desk.report("Ness Post"), "Runa Falk")
    desk.says(desk.report("Valley Radio"), "Odd Lien")
    lineage = desk.only(withdrawn={first: "corrected by the Ness Post"})
    assert interval(lineage) == (1, 1)
    assert any("corrected by the Ness Post" in reason for reason in lineage.reasons)
    assert len(lineage.reports) == 1


def test_all_claims_withdrawn_leave_no_root(desk: Desk) -> None:
    first = desk.says(desk.report("Ness Post"), "Runa Falk")
    assert interval(desk.only(withdrawn={first: "retracted"})) == (0, 0)


def test_a_report_that_says_it_itself_and_names_a_speaker_has_that_speaker(desk: Desk) -> None:
    report = desk.report("Ness Post")
    desk.says(report, "")
    desk.says(report, "engineer Runa Falk")
    lineage = desk.only()
    assert interval(lineage) == (1, 1)
    assert lineage.roots[0].name == "engineer Runa Falk"


BODY = (
    f"Engineers knew it: {CRACK}. Water rose through the village within an hour and carried off "
    "the old bridge, the mill and eleven parked cars. Nobody was in the mill at the time."
)


def test_a_narration_that_an_aggregator_copied_has_one_unknown_root(desk: Desk) -> None:
    desk.says(desk.report("Ness Post", text=BODY, hour=1), "")
    desk.says(desk.report("All The News", text=BODY, hour=9), "")
    lineage = desk.only()
    assert interval(lineage) == (1, 1)
    assert "unknown" in lineage.roots[0].name
    assert any("same text" in root.reason for root in lineage.roots)


def test_a_wire_text_printed_without_credit_adds_no_root(desk: Desk) -> None:
    desk.says(desk.report("Ness Post", text=BODY, hour=1), "a senior official")
    desk.says(desk.report("Morning Sun", text=BODY, hour=9), "a senior official")
    desk.says(desk.report("Evening Star", text=BODY, hour=9), "a senior official")
    lineage = desk.only()
    assert interval(lineage) == (1, 1)
    assert len(lineage.reports) == 3


def test_two_narrations_of_their_own_may_rest_on_one_root(desk: Desk) -> None:
    desk.says(desk.report("Ness Post"), "")
    desk.says(desk.report("Valley Radio"), "")
    assert interval(desk.only()) == (1, 2)


def test_two_ministries_of_one_government_are_two_roots_of_one_interest(desk: Desk) -> None:
    desk.says(desk.report("Ness Post"), "the Swedish Health Ministry")
    desk.says(desk.report("Valley Radio"), "the Swedish Defence Ministry")
    lineage = desk.only()
    assert interval(lineage) == (2, 2)
    assert interests_of(lineage) == ("government of Sweden",)
    assert independent(lineage) == (1, 1)


def test_a_person_can_say_that_two_roots_share_an_interest(desk: Desk) -> None:
    desk.says(desk.report("Ness Post"), "Runa Falk")
    desk.says(desk.report("Valley Radio"), "Odd Lien")
    shared = {"runa falk": "the dam's builder", "odd lien": "the dam's builder"}
    lineage = desk.only(interests=shared)
    assert interval(lineage) == (2, 2)
    assert independent(lineage) == (1, 1)


def test_several_who_speak_together_are_followed_each(desk: Desk) -> None:
    desk.says(desk.report("Ness Post"), "officials, including engineer Runa Falk")
    lineage = desk.only()
    assert {root.name for root in lineage.roots} == {
        "engineer Runa Falk",
        "Ness Post ← unnamed officials",
    }
    assert interval(lineage) == (1, 2)
