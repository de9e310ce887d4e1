"""The brief of the town has every chapter, and of a town where nothing was planted only what is there."""

from __future__ import annotations

import json
from typing import Any

import pytest
from tests.desk.chapterscases import town_brief

from pastwatch.desk.demo import DemoResult

CHAPTERS = {
    "pictures-timeline",
    "network",
    "identities",
    "claims",
    "translations",
    "exhibits",
    "hypotheses",
    "dissent",
    "sources-described",
    "scales",
}
PAIR_ONLY = {"network", "identities", "translations"}


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> DemoResult:
    return town_brief(tmp_path_factory.mktemp("town") / "demo")


@pytest.fixture(scope="module")
def null_town(tmp_path_factory: pytest.TempPathFactory) -> DemoResult:
    return town_brief(tmp_path_factory.mktemp("null") / "demo", null=True)


def sections(made: DemoResult) -> dict[str, list[dict[str, Any]]]:
    """The sentences of each section of the released brief, by its key."""
    told = json.loads((made.brief.parent / "brief.json").read_text(encoding="utf-8"))
    by_id = {one["id"]: one for one in told["sentences"]}
    return {
        one["key"]: [by_id[name] for group in one["groups"] for name in group["sentences"]]
        for one in told["sections"]
    }


def test_the_towns_brief_has_every_chapter_and_is_sound(town: DemoResult) -> None:
    assert town.passed
    assert set(sections(town)) >= CHAPTERS


def test_chapters_stand_in_the_order_of_a_report(town: DemoResult) -> None:
    wanted = [
        *("judgements", "pictures-timeline", "network", "findings", "claims", "exhibits"),
        *("hypotheses", "dissent", "sources-described", "provenance", "searches", "scales"),
    ]
    keys = list(sections(town))
    assert [key for key in keys if key in wanted] == wanted


def test_a_town_where_nothing_was_planted_has_no_pair_and_no_order(null_town: DemoResult) -> None:
    assert null_town.passed
    found = sections(null_town)
    assert not set(found) & PAIR_ONLY
    assert set(found) >= CHAPTERS - PAIR_ONLY
    order = [s["text"].split("\t") for s in found["hypotheses"] if ", tied\t" in s["text"]]
    assert {cells[0] for cells in order} == {"1, tied"}
    assert len(order) == 3


def test_pictures_are_told_in_words_beside_them(town: DemoResult) -> None:
    page = town.brief.read_text(encoding="utf-8")
    assert page.count('<figure class="picture') >= 4


def test_a_question_asked_before_anything_was_opened_says_so(town: DemoResult) -> None:
    asked = [s for s in sections(town)["hypotheses"] if s["kind"] == "question"]
    assert [s["text"].split("\t")[3] for s in asked] == ["written down before the first opening"]


def test_a_translation_stands_beside_the_record_that_it_is_of(town: DemoResult) -> None:
    rows = [s for s in sections(town)["translations"] if s["kind"] == "translation"]
    assert rows
    assert all(len(s["citations"]) == 1 and "sworn translator" in s["text"] for s in rows)


def test_sources_are_described_without_their_names(town: DemoResult) -> None:
    said = "\n".join(s["text"] for s in sections(town)["sources-described"])
    names = ("room-chat", "utility-mail", "dispatch-radio", "neighbours-chat", "open-reports", "@")
    assert not [name for name in names if name in said]
    assert "C: two of the reports name whom they asked" in said
