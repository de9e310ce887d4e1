"""A brief from two reports of one event alone: roots, relations, denials, and what is not held."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from pastwatch.config import Settings
from pastwatch.desk.claiming import read_reports
from pastwatch.desk.negative.making import add_negative
from pastwatch.desk.scratch import open_self_authorised, scratch_archive
from pastwatch.desk.wording_briefs import passes, remarks_on_folder
from pastwatch.stages.brief.verifier import verify

PARTY = "Russian intelligence"


@dataclass(frozen=True)
class Released:
    """Two briefs of the case: one in calibrated words, and one that takes over what officials said."""

    calm: Path
    loud: Path


@pytest.fixture(scope="module")
def released(data_set: Callable[[str], Path], tmp_path_factory: pytest.TempPathFactory) -> Released:
    folder = tmp_path_factory.mktemp("news")
    with scratch_archive(folder, settings=Settings(isolate=False)) as archive:
        archive.collect(
            data_set("news-2017"), source="reports", basis="published", connector="report"
        )
        archive.add_event(
            "attack", "The attack", at="2017-04-04T03:30:00+00:00", references=("two reports",)
        )
        work, _, _ = open_self_authorised(
            archive, "attack", folder / "grant.toml", ground="published", undated=True
        )
        read_reports(work)
        doubts = [hit.hit_id for hit in work.look('"no doubt"')]
        assert len(doubts) == 2
        (list(work.look("russia*")), list(work.look("moscow")))
        work.finding(
            'Both reports tell that officials said that there was "no doubt" of who did it.',
            cites=doubts,
            kind="reported-claim",
        )
        nothing, _ = work.finding(
            "No record was found in which a Russian party itself speaks of the attack.",
            kind="negative",
            queries=["q2", "q3"],
        )
        add_negative(
            work,
            "Did a Russian party take part in it, or know of it beforehand?",
            would_count="a communication of a Russian party about it",
            finding=nothing,
            queries=["q2", "q3"],
            parties=[PARTY],
            not_held=["communications of anybody: two published reports are all that is held"],
        )
        work.brief(folder / "calm")
        work.finding("There is no doubt who did it.", cites=doubts)
        work.brief(folder / "loud")
        work.close()
    return Released(folder / "calm", folder / "loud")


def sentences(brief: Path) -> list[dict[str, Any]]:
    plain: dict[str, Any] = json.loads((brief / "brief.json").read_text(encoding="utf-8"))
    return list(plain["sentences"])


def rows(brief: Path) -> list[list[str]]:
    """The rows of the chapter of claims."""
    said = [one["text"] for one in sentences(brief) if one["kind"] == "lineage"]
    return [text.split("\t") for text in said if "\t" in text]


def test_the_intercepts_stand_as_two_reports_and_one_root(released: Released) -> None:
    counted = [row[1] for row in rows(released.calm)]
    assert counted[0] == "2 reports · 1 root (CNN ← 1–2 unnamed US officials)"


def test_the_denials_stand_with_roots_of_their_own(released: Released) -> None:
    (denied,) = (row for row in rows(released.calm) if row[0].startswith("denied: "))
    assert denied[1] == "2 reports · 2 roots (Russia; Syria)"


def test_relations_of_claims_are_told_with_their_reasons(released: Released) -> None:
    kinds = {row[1] for row in rows(released.calm)}
    assert kinds >= {
        "contradicts",
        "stands against",
        "differs in precision",
        "differs in time or scope",
        "drift of the actor",
        "caveat",
        "maker",
    }
    for one in sentences(released.calm):
        if one["kind"] == "lineage" and "\t" in one["text"]:
            assert one["citations"], one["id"]


def test_the_finding_on_russia_says_that_no_communications_are_held(released: Released) -> None:
    figures = [one["text"] for one in sentences(released.calm) if one["negative"] == "n1"]
    assert f"Never held: no communications of {PARTY} are held." in figures
    assert any(text.startswith("Never held: communications of anybody") for text in figures)
    assert "Sampled part: no bound: nothing was sampled." in figures


def test_the_brief_is_checked_on_a_machine_without_archive_or_key(released: Released) -> None:
    report = verify(released.calm)
    assert report.problems == ()
    assert report.sentences == len(sentences(released.calm))


def test_no_doubt_passes_in_the_mouths_of_officials_and_not_in_ours(released: Released) -> None:
    assert any("no doubt" in one["text"] for one in sentences(released.calm))
    calm = remarks_on_folder(released.calm)
    assert passes(calm), calm
    loud = remarks_on_folder(released.loud)
    assert [(one.words, "almost certain" in one.advice) for one in loud] == [
        ("There is no doubt", True)
    ]
    assert not passes(loud)
