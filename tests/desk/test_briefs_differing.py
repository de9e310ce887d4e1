"""Two briefs are held side by side by what their sentences are about, without the archive."""

import json
import shutil
from pathlib import Path

import pytest
from tests.desk.briefcases import collect_later, with_findings
from tests.desk.hypothesiscases import at_the_desk, looked
from tests.desk.offices import Desk

from pastwatch.desk.briefs.differing import Difference, diff
from pastwatch.errors import UsageError


@pytest.fixture
def case(desk: Desk, tmp_path: Path) -> Desk:
    with_findings(desk, tmp_path)
    with at_the_desk(desk) as work:
        work.brief(tmp_path / "one")
    return desk


def about(found: tuple[Difference, ...], section: str) -> list[tuple[str, str, str, str, str]]:
    return [(d.about, d.change, d.what, d.before, d.after) for d in found if d.section == section]


def test_findings_that_came_and_went_are_told_first(case: Desk, tmp_path: Path) -> None:
    with at_the_desk(case) as work:
        work.retract("f1", reason="h1 is a quotation")
        (wagon,) = looked(work, "wagon")
        work.finding("A wagon came early.", cites=[wagon])
        work.brief(tmp_path / "two")
    made = diff(tmp_path / "one", tmp_path / "two")
    assert made.problems == ()
    assert (made.before, made.after) == ("version 1, Event", "version 2, Event")
    assert made.differences[0].section == "Findings"
    assert about(made.differences, "Findings") == [
        ("f1", "gone", "finding", "The gates were locked at noon.", ""),
        ("f3", "added", "finding", "", "A wagon came early."),
    ]
    records = about(made.differences, "Cited records")
    assert [(change, what) for _, change, what, _, _ in records] == [
        ("gone", "record"),
        ("added", "record"),
    ]
    assert made.same_sentences > 20


def test_figures_that_changed_are_paired_and_a_stale_finding_is_told(
    case: Desk, tmp_path: Path
) -> None:
    collect_later(case, tmp_path)
    with at_the_desk(case) as work:
        work.brief(tmp_path / "two")
    made = diff(tmp_path / "one", tmp_path / "two")
    assert ("", "changed", "held", "3", "4") in about(made.differences, "Coverage")
    (stale,) = about(made.differences, "Findings")
    assert stale[:3] == ("f2", "added", "warning")
    assert "held is 4 (was 3)" in stale[4]


def test_a_brief_does_not_differ_from_itself_whatever_its_labels(
    case: Desk, tmp_path: Path
) -> None:
    assert diff(tmp_path / "one", tmp_path / "one").differences == ()
    with at_the_desk(case) as work:
        (wagon,) = looked(work, "wagon")
        work.finding("A wagon came early.", cites=[wagon])
        work.brief(tmp_path / "two")
        work.retract("f1", reason="a copy")
        work.brief(tmp_path / "three")
    made = diff(tmp_path / "two", tmp_path / "three")
    sides = [
        {label: r["record_id"] for label, r in json.loads(raw)["records"].items()}
        for raw in ((tmp_path / name / "brief.json").read_bytes() for name in ("two", "three"))
    ]
    assert sides[0]["r2"] == sides[1]["r1"]
    assert [d[:3] for d in about(made.differences, "Findings")] == [("f1", "gone", "finding")]


@pytest.mark.usefixtures("case")
def test_wording_and_citations_of_a_finding_are_told_apart(tmp_path: Path) -> None:
    shutil.copytree(tmp_path / "one", tmp_path / "two")
    plain = json.loads((tmp_path / "one" / "brief.json").read_bytes())
    said = next(s for s in plain["sentences"] if s["text"] == "The gates were locked at noon.")
    said["text"] = "The gates were shut at noon."
    said["citations"][0]["end_byte"] -= 1
    (tmp_path / "two" / "brief.json").write_text(json.dumps(plain), encoding="utf-8")
    made = diff(tmp_path / "one", tmp_path / "two")
    found = about(made.differences, "Findings")
    assert found[0] == (
        "f1",
        "changed",
        "wording",
        "The gates were locked at noon.",
        "The gates were shut at noon.",
    )
    assert [one[1:3] for one in found[1:]] == [("gone", "citation"), ("added", "citation")]
    assert made.problems
    assert all(problem.startswith("two: ") for problem in made.problems)


def test_what_is_no_brief_is_refused(tmp_path: Path) -> None:
    for content in (b"[]", b"{", b"{}"):
        (tmp_path / "brief.json").write_bytes(content)
        with pytest.raises(UsageError, match="no brief"):
            diff(tmp_path, tmp_path)
