"""A brief is checked before it is released, sentence by sentence, with what the outline says of each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from pastwatch.model.assessment import Confidence, Finding, FindingKind, Likelihood, Worded
from pastwatch.stages.brief.given import Chapter, Line, Stretch
from pastwatch.stages.brief.lint import Level, lint_brief, passes, stated_in
from pastwatch.stages.brief.outline import build
from pastwatch.stages.brief.sentences import Outline


def built(given: Any, *more: Finding) -> Outline:
    return build(
        replace(given, findings=(*given.findings, *more)),
        coverage_lines=lambda coverage: (f"{coverage.held} held.",),
    )


def nothing(_: Sequence[tuple[str, FindingKind]]) -> list[tuple[int, str, str]]:
    return []


def judged(given: Any, likelihood: Likelihood | Worded) -> Finding:
    return Finding(
        finding_id="f9",
        kind=FindingKind.JUDGEMENT,
        statement="They met.",
        coverage=given.coverage,
        likelihood=likelihood,
        confidence=Confidence.LOW,
        reasons="one source",
    )


def test_only_words_of_ours_are_checked(world: Any) -> None:
    told: list[tuple[str, FindingKind]] = []

    def check(text: Sequence[tuple[str, FindingKind]]) -> list[tuple[int, str, str]]:
        told.extend(text)
        return [(0, "word", "another"), (1, "", "not checked: no terms")]

    outline = built(world.given)
    found = lint_brief(outline, check=check)
    kinds = {one.text: one.kind for one in outline.sentences()}
    assert {kinds[text] for text, _ in told} <= {
        "judgement", "likelihood", "confidence", "observation", "reported-claim", "assumption",
        "negative", "note",
    }  # fmt: skip
    assert not any(record.record.text in {text for text, _ in told} for record in world.given.cited)
    assert [(one.words, one.level) for one in found] == [
        ("word", Level.ERROR), ("", Level.UNCHECKED),
    ]  # fmt: skip
    assert not passes(found)
    assert passes(found[1:])


def test_a_second_scale_in_a_brief_is_flagged_at_the_sentence_that_brings_it(world: Any) -> None:
    phia = Worded(term="likely", scale="PHIA", low_percent=55, high_percent=75)
    outline = built(world.given, judged(world.given, phia))
    (remark,) = lint_brief(outline, check=nothing)
    said = {one.id: one.text for one in outline.sentences()}
    assert said[remark.sentence] == "Likelihood: likely (55–75 %, PHIA)."
    assert [one.scale for one in stated_in(tuple(outline.sentences()))] == ["ICD 203", "PHIA"]
    assert lint_brief(built(world.given), check=nothing) == ()


def test_that_the_records_do_not_suffice_is_on_every_scale(world: Any) -> None:
    outline = built(world.given, judged(world.given, Likelihood.INSUFFICIENT))
    assert lint_brief(outline, check=nothing) == ()


def test_quotations_in_rows_of_claims_are_left_to_whom_the_row_names(world: Any) -> None:
    told: list[str] = []

    def check(text: Sequence[tuple[str, FindingKind]]) -> list[tuple[int, str, str]]:
        told.extend(one for one, _ in text)
        return []

    cited = world.given.findings[0].citations
    row = Line(kind="lineage", text="“no doubt of it”\t2 reports", citations=cited)
    chapter = Chapter(
        key="claims",
        title="Claims",
        after="findings",
        stretches=(Stretch(heading="", columns=("Statement", "Roots"), lines=(row,)),),
    )
    lint_brief(built(replace(world.given, chapters=(chapter,))), check=check)
    assert "…; 2 reports" in told
