"""A sentence that stands on nothing does not build, nor does one that misquotes."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from pastwatch.errors import BadValue
from pastwatch.model.assessment import Coverage, Finding, FindingKind
from pastwatch.model.record import Citation
from pastwatch.stages.brief.outline import build
from pastwatch.stages.brief.sentences import KINDS, STANDS_ALONE, Outline, Sentence


def lines(coverage: Coverage) -> tuple[str, ...]:
    return (f"{coverage.held} held.",)


def built(given: Any) -> Outline:
    return build(given, coverage_lines=lines)


@pytest.mark.parametrize("kind", sorted(KINDS - STANDS_ALONE))
def test_a_sentence_that_stands_on_nothing_does_not_build(kind: str) -> None:
    with pytest.raises(BadValue, match="sentence s1"):
        Sentence(id="s1", kind=kind, text="It happened.")


def test_a_figure_that_cites_no_ledger_entry_does_not_build(world: Any) -> None:
    source = replace(world.given.sources[0], entries=())
    with pytest.raises(BadValue, match="no ledger entry"):
        built(replace(world.given, sources=(source,)))


def test_a_finding_that_rests_on_its_coverage_alone_is_no_observation(world: Any) -> None:
    found = Finding(
        finding_id="f9",
        kind=FindingKind.OBSERVATION,
        statement="It happened",
        coverage=world.given.coverage,
    )
    with pytest.raises(BadValue, match=r"observation.* has no citation"):
        built(replace(world.given, findings=(found,)))


def test_a_citation_of_a_record_the_brief_does_not_show_does_not_build(world: Any) -> None:
    with pytest.raises(BadValue, match="does not show"):
        built(replace(world.given, cited=world.given.cited[1:]))


def test_a_citation_with_another_hash_does_not_build(
    world: Any, cite: Callable[..., Citation]
) -> None:
    shown = world.given.cited[0]
    wrong = replace(cite(shown.record, "before dawn"), text_sha256=bytes(32))
    with pytest.raises(BadValue, match="hash is not that of the bytes it names in r1"):
        built(replace(world.given, cited=(replace(shown, quotes=(wrong,)), *world.given.cited[1:])))


def test_a_record_with_the_proof_of_another_does_not_build(world: Any) -> None:
    first, second, third = world.given.cited
    swapped = replace(first, proof=second.proof)
    with pytest.raises(BadValue, match="r1 is of another record"):
        built(replace(world.given, cited=(swapped, second, third)))


def test_a_proof_that_leads_elsewhere_does_not_build(world: Any) -> None:
    first = world.given.cited[0]
    elsewhere = replace(first, proof=replace(first.proof, pack_root=bytes(32)))
    with pytest.raises(BadValue, match="does not lead to its pack's root"):
        built(replace(world.given, cited=(elsewhere, *world.given.cited[1:])))


def test_likelihood_and_confidence_stand_in_sentences_of_their_own(world: Any) -> None:
    said = list(built(world.given).sentences())
    assert [s.kind for s in said[:3]] == ["judgement", "likelihood", "confidence"]
    assert said[1].text == "Likelihood: likely (55–80 %, ICD 203)."
    assert "likely" not in said[2].text
    assert "Reasons: Two records of one source" in said[2].text
    assert said[1].about == said[2].about == "s1"


def test_sentences_are_numbered_in_the_order_they_are_said(world: Any) -> None:
    said = [s.id for s in built(world.given).sentences()]
    assert said == [f"s{n}" for n in range(1, len(said) + 1)]


def test_a_negative_finding_prints_its_coverage(world: Any) -> None:
    section = built(world.given).section("judgements")
    assert section is not None
    negative = section.groups[1]
    assert [s.kind for s in negative.sentences] == ["negative", "coverage"]
    assert negative.sentences[0].coverage == world.given.coverage


def test_a_brief_without_findings_says_that_it_judges_nothing(world: Any) -> None:
    section = built(replace(world.given, findings=())).section("judgements")
    assert section is not None
    assert section.groups[0].sentences[0].text == "This brief states no judgement."


def said_in(outline: Outline, key: str) -> list[str]:
    section = outline.section(key)
    assert section is not None
    return [s.text for group in section.groups for s in group.sentences]


def test_what_lacks_support_or_a_second_person_is_said(world: Any) -> None:
    given = replace(
        world.given,
        event=replace(world.given.event, references=()),
        authority=replace(world.given.authority, granted_by="N. Analyst"),
    )
    assert said_in(built(given), "event")[-1].startswith("Unsupported event")
    assert "Self-authorised: who asked is who granted." in said_in(built(given), "authority")
    assert not any("Self-authorised" in s for s in said_in(built(world.given), "authority"))


def test_a_source_without_a_handover_says_from_when_its_provenance_is_unknown(world: Any) -> None:
    said = said_in(built(world.given), "provenance")
    assert (
        "Provenance before 2017-05-15 06:30:00 +03:00 (2017-05-15 03:30:00 UTC) not stated." in said
    )
    assert "Held on the basis: consent (no document)" in said
    assert any(s.startswith("Nothing before 2017-04-02 06:30:00 +03:00") for s in said)


def test_a_long_record_shows_its_quote_with_context_and_counts_the_rest(world: Any) -> None:
    section = built(world.given).section("records")
    assert section is not None
    group = section.groups[1]
    quote = group.sentences[-1]
    start, end = quote.marks[0]
    assert quote.text.encode()[start:end].decode() == "The bread is on the road."
    before, after = group.cuts[quote.id]
    assert before + len(quote.text.encode()) + after == len(
        world.given.cited[1].record.text.encode()
    )
