"""A copy of a brief bears its number, says the same, verifies alone, and is told of like the brief."""

import json
from pathlib import Path

import pytest
from tests.desk.briefcases import checkpoint_of, full_disk, sentences, with_findings
from tests.desk.hypothesiscases import at_the_desk
from tests.desk.offices import Desk

from pastwatch.desk.briefs import notices
from pastwatch.desk.briefs.copying import copy_brief
from pastwatch.desk.briefs.handout import Choices, hand_out
from pastwatch.desk.briefs.kept import copies
from pastwatch.errors import IntegrityError, StorageError, UsageError
from pastwatch.stages.brief.verifier import verify

COURT = "Court of appeal"


@pytest.fixture
def case(desk: Desk, tmp_path: Path) -> Desk:
    with_findings(desk, tmp_path)
    with at_the_desk(desk) as work:
        work.brief(tmp_path / "one")
    return desk


def test_copies_are_numbered_and_say_what_the_brief_says(case: Desk, tmp_path: Path) -> None:
    with at_the_desk(case) as work:
        made = [copy_brief(work, tmp_path / "one", tmp_path / n, to=COURT) for n in ("a", "b")]
        kept = copies(work)
    assert [(one.number, one.version) for one in made] == [(1, 1), (2, 1)]
    assert [(one.number, one.recipient) for one in kept] == [(1, COURT), (2, COURT)]
    for number, name in ((1, "a"), (2, "b")):
        assert sentences(tmp_path / name) == sentences(tmp_path / "one")
        for page in ("brief.html", "brief.md", "records.html"):
            assert f"Copy {number}" in (tmp_path / name / page).read_text(encoding="utf-8")
        assert verify(tmp_path / name).problems == ()


def test_whose_a_copy_is_stands_in_no_file_of_it_and_in_the_ledger_as_a_hash(
    case: Desk, tmp_path: Path
) -> None:
    with at_the_desk(case) as work:
        made = [copy_brief(work, tmp_path / "one", tmp_path / n, to=COURT) for n in ("a", "b")]
        entries = [work.office.ledger.entry(one.release_sequence) for one in made]
    assert not any(COURT in p.read_text(encoding="utf-8") for p in (tmp_path / "a").iterdir())
    hashes = {str(e.outcome["recipient"]) for e in entries}
    assert len(hashes) == 2
    assert all(len(one) == 64 for one in hashes)


def test_a_copy_is_superseded_and_corrected_with_its_brief(case: Desk, tmp_path: Path) -> None:
    with at_the_desk(case) as work:
        copy_brief(work, tmp_path / "one", tmp_path / "a", to=COURT)
        work.brief(tmp_path / "two")
        of = notices.issued_named(work, str(tmp_path / "a"))
        notices.correct(work, of, tmp_path / "n.json", findings=["f1"], reason="two dates swapped")
        late = checkpoint_of(work).read_bytes()
    for name in ("one", "a"):
        for report in (
            verify(tmp_path / name, checkpoint=late),
            verify(tmp_path / name, notice=(tmp_path / "n.json").read_bytes()),
        ):
            assert report.problems == ()
            assert [told.split(":")[0] for told in report.told] == ["SUPERSEDED", "CORRECTED"]


def test_a_copy_is_no_version_of_its_own(case: Desk, tmp_path: Path) -> None:
    with at_the_desk(case) as work:
        copy_brief(work, tmp_path / "one", tmp_path / "a", to=COURT)
        assert work.brief(tmp_path / "two").version == 2


def test_no_copy_is_made_of_a_copy_or_of_what_was_changed(case: Desk, tmp_path: Path) -> None:
    with at_the_desk(case) as work:
        copy_brief(work, tmp_path / "one", tmp_path / "a", to=COURT)
        with pytest.raises(UsageError, match="a copy itself"):
            copy_brief(work, tmp_path / "a", tmp_path / "b", to=COURT)
        with pytest.raises(UsageError, match="for somebody"):
            copy_brief(work, tmp_path / "one", tmp_path / "b", to=" ")
        (tmp_path / "one" / "brief.md").write_text("# Another\n", encoding="utf-8")
        with pytest.raises(IntegrityError):
            copy_brief(work, tmp_path / "one", tmp_path / "b", to=COURT)
        with pytest.raises(UsageError, match="no version"):
            copy_brief(work, tmp_path / "nowhere", tmp_path / "b", to=COURT)


def test_the_number_of_a_copy_cut_short_is_not_given_again(
    case: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with at_the_desk(case) as work:
        with monkeypatch.context() as patch:
            full_disk(patch, tmp_path / "cut")
            with pytest.raises(StorageError):
                copy_brief(work, tmp_path / "one", tmp_path / "cut", to=COURT)
        made = copy_brief(work, tmp_path / "one", tmp_path / "b", to=COURT)
    assert made.number == 2
    assert json.loads((tmp_path / "b" / "ledger.json").read_bytes())["release"] == (
        made.release_sequence
    )


def test_a_version_handed_out_is_superseded_with_the_brief_it_was_made_of(
    case: Desk, tmp_path: Path
) -> None:
    with at_the_desk(case) as work:
        hand_out(work, tmp_path / "out", Choices(reviewed_by="ana"))
        assert work.brief(tmp_path / "two").version == 2
        late = checkpoint_of(work).read_bytes()
    report = verify(tmp_path / "out", checkpoint=late)
    assert report.problems == ()
    assert [told.split(":")[0] for told in report.told] == ["SUPERSEDED"]
