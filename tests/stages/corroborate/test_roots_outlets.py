"""Outlets under one name whatever their form, and claims followed to their own reports."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path

import pytest

from pastwatch.model.claim import Claim, Lineage
from pastwatch.model.when import Basis, When
from pastwatch.stages.collect.connectors.report import read_article
from pastwatch.stages.collect.connectors.writtendates import WrittenDates
from pastwatch.stages.corroborate.claims import read_claims
from pastwatch.stages.corroborate.copying import Article, find_copies
from pastwatch.stages.corroborate.lineage import Said, aliases_of, group, said_of
from pastwatch.stages.corroborate.outlets import Outlets
from pastwatch.stages.corroborate.outlets_bylines import issuer_in, outlet_in_byline
from pastwatch.stages.corroborate.relations import Told, relate
from pastwatch.stages.corroborate.roots import lineage_of, told
from pastwatch.stages.corroborate.roots_ends import Taken
from pastwatch.town import build


def article(outlet: str, text: str) -> Article:
    return Article(hashlib.sha256((outlet + text).encode()).digest()[:16], outlet, text)


def claimed(articles: Sequence[Article]) -> list[Said]:
    claims = [
        c for a in articles for c in read_claims(a.text, report_id=a.report_id, language="en").claims
    ]  # fmt: skip
    return said_of(
        [(f"c{n}", c) for n, c in enumerate(claims, 1)],
        {a.report_id: a for a in articles}, aliases_of(articles),
    )  # fmt: skip


def lineages(articles: Sequence[Article]) -> list[Lineage]:
    takings = [
        Taken(
            f"r{n}", c.taker.report_id, c.giver.report_id, c.kind,
            c.direction.value not in {"unknown", "common"},
            tuple((a, b) for a, b, _, _ in c.passages), tuple((x, y) for _, _, x, y in c.passages),
            c.share, c.agency,
        )
        for n, c in enumerate(find_copies(list(articles)), 1)
    ]  # fmt: skip
    return [lineage_of(g, takings=takings) for g in group(claimed(articles))]


@pytest.mark.parametrize(
    ("byline", "outlet"),
    [
        ("By Runa Falk, Ness Courier", "Ness Courier"),
        ("staff, The Lantern", "The Lantern"),
        ("Runa Falk for the Ness Courier", "Ness Courier"),
        ("Runa Falk, Ole Strand", "Runa Falk, Ole Strand"),
        ("Runa Falk", "Runa Falk"),
    ],
)
def test_a_byline_gives_the_outlet_where_one_is_told_apart(byline: str, outlet: str) -> None:
    assert outlet_in_byline(byline) == outlet


def test_a_statement_without_byline_is_by_the_line_between_headline_and_date() -> None:
    assert issuer_in("On the dam\nNess Water Board\n2031-05-07 10:00\n\nNothing broke.") == "Ness Water Board"  # fmt: skip
    assert issuer_in("On the dam\n\nNothing broke in 2031.") == ""


def test_forms_of_one_outlet_are_one_name() -> None:
    outlets = Outlets([article("Ness Courier", "x"), article("Upper Tarn Post", "y")])
    for form in ("The Ness Courier", "Ness Courier", "the Courier", "a Courier report"):
        assert outlets.known(form) == "Ness Courier"
    assert outlets.known("Strand") == ""
    assert outlets.known("the courier") == ""


def test_a_form_that_could_be_two_outlets_is_neither() -> None:
    outlets = Outlets([article("Ness Courier", "x"), article("Tarn Courier", "y")])
    assert outlets.known("the Courier") == ""


def test_two_outlets_that_reports_stand_in_are_two_however_alike() -> None:
    outlets = Outlets([article("The Truth", "x"), article("The Light of Truth", "y")])
    assert outlets.known("the Truth") == "The Truth"
    assert outlets.known("The Light of Truth") == "The Light of Truth"


def test_a_common_word_is_no_outlet_of_that_name() -> None:
    assert Outlets([article("The World", "x")]).known("the world") == ""


def test_the_newspaper_is_the_only_outlet_named_before() -> None:
    own = article("Ness Courier", "A watchman told the Courier that the dam had cracked at noon.")
    other = article("Tarn Post", "The dam broke, the Ness Courier said. The newspaper said that the dam had cracked at noon.")  # fmt: skip
    (found,) = [line for line in lineages([own, other]) if "cracked" in line.statement]
    assert told(found) == "2 reports · 1 root (Ness Courier ← 1 unnamed watchman)"
    assert any("the only outlet named before" in r for r in found.reasons)


def test_the_newspaper_after_two_outlets_stays_unread() -> None:
    both = article("Tarn Post", "The dam broke, the Ness Courier said. It was old, the Lee Herald said. The newspaper said that the dam had cracked.")  # fmt: skip
    known = [article("Ness Courier", "It broke."), article("Lee Herald", "It was old.")]
    (last,) = [s for s in claimed([*known, both]) if "cracked" in s.claim.statement]
    assert last.notes == ()
    assert last.speakers[0].text == "The newspaper"


def test_an_agency_named_as_a_body_before_is_no_outlet() -> None:
    text = "The Ness Courier said the dam broke. The Water Agency said it was old. The agency said that the dam had cracked."  # fmt: skip
    said = claimed([article("Ness Courier", "It broke."), article("Tarn Post", text)])
    (last,) = [s for s in said if "cracked" in s.claim.statement]
    assert not any("outlet named before" in n for n in last.notes)


def test_two_described_alike_through_one_outlet_are_one_and_others_two() -> None:
    told_by = "told the Ness Courier that the dam had cracked at noon."
    one = article("Tarn Post", f"A night watchman {told_by}")
    same = article("Lee Herald", f"A watchman {told_by}")
    other = article("Falk Mail", f"A baker {told_by}")
    (two,) = lineages([one, same])
    assert (two.roots_at_least, two.roots_at_most) == (1, 1)
    (three,) = lineages([one, same, other])
    assert (three.roots_at_least, three.roots_at_most) == (2, 2)


def _town(folder: Path, seed: int, *, null: bool) -> tuple[list[Article], dict[str, str]]:
    plan = build(folder / "town", seed=seed, records=1_500, null=null, truth=folder / "truth")
    articles = []
    for name in plan.references:
        read = read_article((plan.reports / name).read_bytes(), WrittenDates({}))
        assert read.published
        when = When(earliest_us=read.published.earliest_us, latest_us=read.published.latest_us, basis=Basis.HEADER)  # fmt: skip
        outlet = read.outlet or outlet_in_byline(read.byline)
        key = hashlib.sha256(name.encode()).digest()[:16]
        articles.append(Article(key, outlet, read.text, read.subject, when, issuer_in(read.text)))
    truth = json.loads((folder / "truth" / "truth.json").read_text())
    return articles, {a.report_id.hex(): truth["reports_roots"][n] for a, n in zip(articles, plan.references, strict=True)}  # fmt: skip


@pytest.mark.parametrize("null", [False, True])
@pytest.mark.parametrize("seed", range(10))
def test_the_reports_of_a_town_count_as_many_roots_as_they_have(
    tmp_path: Path, seed: int, null: bool
) -> None:
    articles, truth = _town(tmp_path, seed, null=null)
    found = lineages(articles)
    (van,) = [line for line in found if "white bakery van" in line.statement]
    assert {truth[r.hex()] for r in van.reports} == {"courier.txt"}
    assert len(van.reports) == 3
    assert (van.roots_at_least, van.roots_at_most) == (1, 1)
    assert van.roots[0].name.endswith("Courier ← 1 unnamed night watchman")
    names = {root.name for line in found for root in line.roots}
    assert {"the clinic", "Northern Wire ← 1 unnamed official", "The Department"} <= names
    for line in found:
        own = {truth[r.hex()] for r in line.reports}
        assert len(own) == line.roots_at_least == line.roots_at_most


def test_dozens_injured_and_at_least_14_differ_in_precision(tmp_path: Path) -> None:
    articles, _ = _town(tmp_path, 3, null=False)
    said = claimed(articles)
    of = {s.name: s.claim for s in said}
    differ = [r for r in relate(Told(said, group(said), articles)) if r.kind == "differs in precision"]  # fmt: skip
    ends: list[set[Claim]] = [{of[r.from_id], of[r.to_id]} for r in differ]
    assert any("the number of injured at dozens" in {c.statement for c in e} for e in ends)
