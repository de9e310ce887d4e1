"""How claims of invented reports bear on one another, and what must never be made of them."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field

import pytest

from pastwatch.model.claim import Claim, Stance
from pastwatch.model.record import Citation
from pastwatch.model.relation import Relation
from pastwatch.model.when import Basis, When
from pastwatch.stages.corroborate.copying import Article
from pastwatch.stages.corroborate.lineage import aliases_of, group, said_of
from pastwatch.stages.corroborate.relations import KINDS, Told, relate

DENIES, HEDGES = Stance.DENIES, Stance.HEDGES


@dataclass
class Desk:
    """Reports as they are written, each statement marked where it stands."""

    articles: list[Article] = field(default_factory=list)
    claims: list[tuple[str, Claim]] = field(default_factory=list)

    def report(self, outlet: str, text: str, *, hour: int | None = None) -> Article:
        when = None if hour is None else When(
            earliest_us=hour * 3_600_000_000, latest_us=hour * 3_600_000_000, basis=Basis.HEADER
        )  # fmt: skip
        report_id = hashlib.md5(text.encode(), usedforsecurity=False).digest()
        self.articles.append(Article(report_id, outlet, text, published=when))
        return self.articles[-1]

    def says(self, report: Article, who: str, statement: str, **given: object) -> str:
        raw = statement.encode()
        start = report.text.encode().index(raw)
        name = f"c{len(self.claims) + 1}"
        plain: dict[str, object] = {
            "claim_id": name, "report_id": report.report_id, "who_says": who, "maker": "hand",
            "statement": statement, "stance": Stance.ASSERTS, "version": "1",
            "citation": Citation(
                record_id=report.report_id, part=0, start_byte=start, end_byte=start + len(raw),
                text_sha256=hashlib.sha256(raw).digest(),
            ),
        }  # fmt: skip
        self.claims.append((name, Claim(**{**plain, **given})))  # type: ignore[arg-type]
        return name

    def relations(self) -> list[Relation]:
        by_id = {a.report_id: a for a in self.articles}
        said = said_of(self.claims, by_id, aliases_of(self.articles))
        return relate(Told(said, group(said), self.articles))

    def kinds(self) -> set[tuple[str, str, str]]:
        return {(r.kind, r.from_id, r.to_id) for r in self.relations()}


@pytest.fixture
def desk() -> Desk:
    return Desk()


def two(desk: Desk, first: str, second: str, **given: object) -> set[str]:
    """The kinds found between two statements of two named people in two reports."""
    one = desk.report("Courier", f"{first}, Ana Holm said.")
    other = desk.report("Evening Post", f"{second}, Ben Krall said.")
    desk.says(one, "Ana Holm", first)
    desk.says(other, "Ben Krall", second, **given)
    return {r.kind for r in desk.relations()}


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("The Marbeck plant still has nerve gas in its northern depot",
         "The nerve gas of the Marbeck plant was destroyed years ago"),
        ("The fire at the Korso mill was deliberate", "The fire at the Korso mill was an accident"),
        ("The pilot of the Linnea is alive", "The pilot of the Linnea drowned"),
        ("The pump at Lower Ness was switched off", "The pump at Lower Ness was working"),
        ("The signal at Korso junction was red", "The signal at Korso junction was not red"),
    ],
)  # fmt: skip
def test_what_cannot_both_hold_contradicts(desk: Desk, first: str, second: str) -> None:
    assert "contradicts" in two(desk, first, second)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("The Marbeck plant still has nerve gas", "The old bakery of Marbeck was destroyed"),
        ("The fire at the Korso mill was deliberate", "The fall on the Korso stairs was an accident"),
        ("The pump at Lower Ness was not switched off", "The pump at Lower Ness was working"),
        ("The signal at Korso junction was red", "There is no doubt that the Korso signal was red"),
        ("The signal at Korso junction was red", "No train stood at the mill"),
    ],
)  # fmt: skip
def test_what_can_both_hold_does_not_contradict(desk: Desk, first: str, second: str) -> None:
    assert "contradicts" not in two(desk, first, second)


@pytest.mark.parametrize(
    ("first", "second", "kind"),
    [
        ("dozens of people were killed in the quay fire", "at least 61 people were killed in the quay fire", "differs in precision"),
        ("about 60 people were hurt in the quay fire", "63 people were hurt in the quay fire", "differs in precision"),
        ("12 people were hurt in the quay fire", "19 people were hurt in the quay fire", "contradicts"),
        ("up to 20 people were hurt in the quay fire", "more than 30 people were hurt in the quay fire", "contradicts"),
    ],
)  # fmt: skip
def test_figures_of_one_thing_are_set_against_each_other(
    desk: Desk, first: str, second: str, kind: str
) -> None:
    assert kind in two(desk, first, second)


def test_a_count_that_grew_differs_in_time(desk: Desk) -> None:
    desk.report("Courier", "12 people were hurt in the quay fire.", hour=3)
    desk.report("Evening Post", "19 people were hurt in the quay fire.", hour=20)
    (found,) = desk.relations()
    assert found.kind == "differs in time or scope"
    assert "published at different times" in found.reason


@pytest.mark.parametrize(
    "second",
    [
        "at least 61 boats were sold at the quay",
        "61 people were hurt in the valley flood",
        "It happened in 1961 at the quay",
        "at 12:40 the quay fire hurt people",
    ],
)
def test_figures_of_other_things_years_and_hours_are_left_alone(desk: Desk, second: str) -> None:
    assert not two(desk, "dozens of people were killed in the quay fire", second)


def test_a_denial_stands_beside_the_statement_it_denies(desk: Desk) -> None:
    one = desk.report("Courier", "The crew had opened the gate by hand, Ana Holm said.")
    other = desk.report("Post", "Ben Krall denied that the crew opened the gate by hand.")
    desk.says(one, "Ana Holm", "The crew had opened the gate by hand")
    desk.says(other, "Ben Krall", "the crew opened the gate by hand", stance=DENIES)
    assert ("denies", "c2", "c1") in desk.kinds()


def test_a_government_that_denies_a_part_denies_what_is_laid_to_it_alone(desk: Desk) -> None:
    one = desk.report(
        "Courier",
        "Norway was behind the raid, Ana Holm said. Denmark was behind the fire, she said.",
    )
    other = desk.report("Post", "Oslo denied any involvement.")
    desk.says(one, "Ana Holm", "Norway was behind the raid")
    desk.says(one, "Ana Holm", "Denmark was behind the fire")
    desk.says(other, "Oslo", "any involvement", stance=DENIES)
    assert ("denies", "c3", "c1") in desk.kinds()
    assert ("denies", "c3", "c2") not in desk.kinds()


def test_nothing_found_and_a_suspicion_stand_against_each_other(desk: Desk) -> None:
    one = desk.report("Courier", "No evidence of Norwegian involvement was found, Ana Holm said.")
    other = desk.report("Post", "“We suspect they had help,” an officer said.")
    desk.says(one, "Ana Holm", "No evidence of Norwegian involvement was found")
    desk.says(other, "an officer", "We suspect they had help", stance=HEDGES)
    kinds = desk.kinds()
    assert ("stands against", "c1", "c2") in kinds
    assert not any(kind == "contradicts" for kind, _, _ in kinds)


def test_a_caveat_stays_with_the_finding_of_nothing_before_it(desk: Desk) -> None:
    text = (
        "No evidence of Norwegian involvement was found, she said. It was probably because the "
        "Norwegians were careful on the radio, she said. The Norwegian harvest may be poor."
    )
    one = desk.report("Courier", text)
    desk.says(one, "Ana Holm", "No evidence of Norwegian involvement was found")
    desk.says(one, "Ana Holm", "It was probably because the Norwegians were careful on the radio",
              stance=HEDGES)  # fmt: skip
    desk.says(one, "Ana Holm", "The Norwegian harvest may be poor", stance=HEDGES)
    caveats = {k for k in desk.kinds() if k[0] == "caveat"}
    assert caveats == {("caveat", "c2", "c1")}


def test_two_days_for_one_telling_differ_in_time(desk: Desk) -> None:
    one = desk.report("Courier", "The gate was open, an official told the Wire on Monday.")
    other = desk.report(
        "Post", "The gate was open, an official said, the Wire reported on Tuesday."
    )
    desk.says(one, "an official", "The gate was open", to_whom="the Wire")
    desk.says(other, "an official", "The gate was open", via=("the Wire",))
    (found,) = [r for r in desk.relations() if r.kind == "differs in time or scope"]
    quoted = [
        a.text.encode()[c.start_byte : c.end_byte]
        for a, c in zip((one, other), found.citations, strict=True)
    ]
    assert quoted == [b"Monday", b"Tuesday"]


def test_a_ruler_and_a_government_are_one_actor_under_two_names(desk: Desk) -> None:
    text = "Norwegian President Olav Brekke spoke. Brekke was behind the raid, Ana Holm said."
    one = desk.report("Courier", text)
    other = desk.report("Post", "The Norwegian government was behind the raid, Ben Krall said.")
    desk.says(one, "Ana Holm", "Brekke was behind the raid")
    desk.says(other, "Ben Krall", "The Norwegian government was behind the raid")
    (found,) = [r for r in desk.relations() if r.kind == "drift of the actor"]
    assert '"Brekke" (ruler)' in found.reason
    assert '"Norwegian government" (government)' in found.reason


@pytest.mark.parametrize(
    "text",
    [
        "A Norwegian-made drone circled over the port, Ana Holm said.",
        "Norwegian drones were seen over the port, Ana Holm said.",
        "The drone, bought from Norway, fell into the sea, Ana Holm said.",
        "The drone was built by Norway, Ana Holm said.",
    ],
)
def test_a_maker_never_becomes_an_operator(desk: Desk, text: str) -> None:
    desk.report("Courier", text)
    (found,) = desk.relations()
    assert (found.kind, found.to_id) == ("maker", "name:Norway")


def test_only_words_of_running_make_an_operator(desk: Desk) -> None:
    desk.report("Courier", "The drone was flown by Norwegian officers, Ana Holm said.")
    (found,) = desk.relations()
    assert (found.kind, found.to_id) == ("operator", "name:Norway")


@pytest.mark.parametrize(
    "text", ["Norway's drones stayed at home.", "A Norwegian missile strike hit the port."]
)
def test_owners_and_attacks_are_no_makers(desk: Desk, text: str) -> None:
    desk.report("Courier", text)
    assert not desk.relations()


def test_a_correction_withdraws_its_own_outlets_claim_alone(desk: Desk) -> None:
    statement = "The dam at Lower Ness had cracked two days before"
    one = desk.report("Courier", f"{statement}, Ana Holm said.")
    other = desk.report("Post", f"{statement}, Ben Krall said.")
    fixed = desk.report(
        "Courier",
        "Correction: an earlier version of this report said that the dam at Lower Ness had cracked "
        "two days before. It had not. The Courier regrets the error.",
    )
    desk.says(one, "Ana Holm", statement)
    desk.says(other, "Ben Krall", statement)
    withdrawn = [k for k in desk.kinds() if k[0] == "withdraws"]
    assert withdrawn == [("withdraws", fixed.report_id.hex(), "c1")]


def test_a_speaker_who_takes_it_back_withdraws_it_everywhere(desk: Desk) -> None:
    statement = "The dam at Lower Ness had cracked two days before"
    for outlet in ("Courier", "Post"):
        report = desk.report(outlet, f"{statement}, {outlet} readers heard from Ana Holm.")
        desk.says(report, "Ana Holm", statement)
    desk.report(
        "Valley Radio",
        "Ana Holm has retracted her statement that the dam at Lower Ness had cracked two days before.",
    )
    assert {to for kind, _, to in desk.kinds() if kind == "withdraws"} == {"c1", "c2"}


def test_relations_come_in_one_order_with_reasons_and_citations(desk: Desk) -> None:
    two(desk, "dozens of people were killed in the quay fire",
        "at least 61 people were killed in the quay fire")  # fmt: skip
    first, again = desk.relations(), desk.relations()
    assert first == again
    for relation in first:
        assert relation.kind in KINDS
        assert relation.reason
        assert relation.citations


def test_nothing_said_relates_to_nothing(desk: Desk) -> None:
    assert desk.relations() == []
    desk.report("Courier", "")
    assert desk.relations() == []
