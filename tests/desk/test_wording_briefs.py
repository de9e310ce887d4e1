"""The words of a whole brief are checked: what is ours is calibrated, what is quoted has its speaker."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from tests.desk.hypothesiscases import at_the_desk, furnish, looked
from tests.desk.offices import Desk

from pastwatch.cli.main import tree
from pastwatch.cli.session import Session
from pastwatch.desk.wording import choose
from pastwatch.desk.wording_briefs import (
    BriefRemark,
    Level,
    passes,
    remarks_on_folder,
)
from pastwatch.errors import UsageError

GROUNDS = "reasonable grounds to believe"


def remarks(folder: Path, *said: tuple[str, str] | tuple[str, str, str]) -> list[BriefRemark]:
    """Remarks on a folder whose brief says these sentences: kind, text, and what it is about."""
    sentences = [
        {"id": f"s{n}", "kind": one[0], "text": one[1], "about": (*one, "")[2], "coverage": None}
        for n, one in enumerate(said, 1)
    ]
    (folder / "brief.json").write_text(json.dumps({"sentences": sentences}), encoding="utf-8")
    return list(remarks_on_folder(folder))


def flagged(folder: Path, *said: Any) -> list[tuple[str, str]]:
    return [(one.sentence, one.words) for one in remarks(folder, *said)]


LIKELY = ("likelihood", "Likelihood: likely (55–80 %, ICD 203).", "s1")
LOW = ("confidence", "Confidence: low. Reasons: one source.", "s1")
MET = ("judgement", "They met.")


def test_a_brief_that_is_calibrated_passes(tmp_path: Path) -> None:
    assert flagged(tmp_path, MET, LIKELY, LOW) == []


def test_no_doubt_is_flagged_in_our_words_and_passes_as_a_quotation(tmp_path: Path) -> None:
    found = remarks(
        tmp_path,
        ("observation", "There is no doubt that they met."),
        ("reported-claim", "The minister said that there is “no doubt” about it."),
        ("reported-claim", "It was “beyond any doubt” the depot."),
        ("quote", "There is no doubt that they met."),
        ("record", "Subject: no doubt"),
        ("stated", "Query: no doubt"),
        ("limit", "A seal proves unchanged since we got it, never genuine."),
    )
    assert [(one.sentence, one.words) for one in found] == [
        ("s1", "There is no doubt"), ("s3", "beyond any doubt"),
    ]  # fmt: skip
    assert "almost certain" in found[0].advice
    assert not passes(found)


def test_a_row_of_claims_names_who_says_what_it_quotes(tmp_path: Path) -> None:
    row = "“there is no doubt that it was them”\t2 reports\tofficials, through a paper\tnobody\tc1"
    assert flagged(tmp_path, ("lineage", row)) == []
    nested = "they: “there is “no doubt” of it, it proves much”\tdrift\tc2\tbecause\trelations/1"
    assert flagged(tmp_path, ("lineage", nested), ("reported-claim", nested)) == []
    bare = "there is no doubt that it was them\t2 reports\tofficials\tnobody\tc1"
    assert flagged(tmp_path, ("lineage", bare)) == [("s1", "there is no doubt")]


@pytest.mark.parametrize(
    ("second", "words"),
    [
        ("Likelihood: likely (55–75 %, PHIA).", "likely"),
        (f"Standard of proof met: {GROUNDS}.", GROUNDS),
    ],
)
def test_two_scales_in_one_brief_are_flagged(tmp_path: Path, second: str, words: str) -> None:
    said = [MET, LIKELY, LOW, ("judgement", "They spoke."), ("likelihood", second, "s4")]
    assert ("s5", words) in flagged(tmp_path, *said)


def test_two_rows_of_one_scale_are_flagged(tmp_path: Path) -> None:
    other = ("likelihood", "Likelihood: probable (55–80 %, ICD 203).", "s4")
    said = [MET, LIKELY, LOW, ("judgement", "They spoke."), other]
    assert flagged(tmp_path, *said) == [("s5", "probable")]
    assert flagged(tmp_path, MET, ("likelihood", other[1], "s1"), LOW) == []


def test_a_brief_is_checked_on_the_scale_that_it_states(tmp_path: Path) -> None:
    on_phia = ("likelihood", "Likelihood: realistic possibility (40–<50 %, PHIA).", "s1")
    even = ("judgement", "There is a roughly even chance that they met.")
    possible = ("judgement", "There is a realistic possibility that they met.")
    assert flagged(tmp_path, possible, on_phia, LOW) == []
    assert flagged(tmp_path, even, on_phia, LOW) == [("s1", "roughly even chance")]
    met = ("likelihood", f"Standard of proof met: {GROUNDS}.", "s1")
    assert flagged(tmp_path, MET, met, LOW) == []
    assert flagged(tmp_path, possible, met, LOW) == [("s1", "realistic possibility")]


def test_likelihood_and_confidence_stand_apart_and_on_judgements_alone(tmp_path: Path) -> None:
    both = "We judge with high confidence, as two records agree, that they likely met."
    assert flagged(tmp_path, ("judgement", both)) == [("s1", "high confidence")]
    found = flagged(tmp_path, ("observation", "They likely met."), LIKELY, LOW)
    assert [where for where, _ in found] == ["s1", "s2", "s3"]
    without = ("confidence", "Confidence: low. Reasons: .", "s1")
    assert [one.advice for one in remarks(tmp_path, MET, LIKELY, without)] == [
        "a confidence is said with its reasons"
    ]


def test_a_language_without_terms_is_told_and_does_not_fail_the_brief(tmp_path: Path) -> None:
    found = remarks(tmp_path, ("observation", "لا شك في ذلك"))
    assert [(one.level, one.advice.split(":")[0]) for one in found] == [
        (Level.UNCHECKED, "not checked")
    ]
    assert passes(found)


@pytest.mark.parametrize("raw", ["", "[]", "{}", '{"sentences": [1]}', '{"sentences": [{}]}'])
def test_a_folder_that_holds_no_brief_is_refused(tmp_path: Path, raw: str) -> None:
    with pytest.raises(UsageError, match="holds no brief"):
        remarks_on_folder(tmp_path)
    (tmp_path / "brief.json").write_text(raw, encoding="utf-8")
    with pytest.raises(UsageError, match="holds no brief"):
        remarks_on_folder(tmp_path)


def test_a_released_brief_is_checked_without_its_archive(desk: Desk, tmp_path: Path) -> None:
    furnish(desk, tmp_path)
    judged = {"kind": "judgement", "confidence": "low", "reasons": "one source"}
    with at_the_desk(desk) as work:
        (gates,) = looked(work, "gates")
        choose(work, standard=GROUNDS, reason="an inquiry")
        work.finding("The gates were shut.", cites=[gates], standard=GROUNDS, **judged)
        work.brief(tmp_path / "calm")
        work.finding("They certainly met.", cites=[gates])
        work.brief(tmp_path / "loud")
    plain = json.loads((tmp_path / "calm" / "brief.json").read_text(encoding="utf-8"))
    stated = [one["text"] for one in plain["sentences"] if one["kind"] == "likelihood"]
    assert stated == [f"Standard of proof met: {GROUNDS}."]
    session = Session(given={})
    ran = [
        CliRunner().invoke(
            tree,
            ["wording", "lint", "--brief", str(tmp_path / name)],
            obj=session,
            standalone_mode=False,
        )
        for name in ("calm", "loud")
    ]
    assert ran[0].return_value == 1, ran[0].output
    assert "0 remarks; the brief passes" in ran[0].output
    assert ran[1].return_value == 0
    assert '"certainly"' in ran[1].output
    assert "the brief does not pass" in ran[1].output
