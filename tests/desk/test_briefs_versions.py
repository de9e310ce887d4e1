"""Each brief is a version that supersedes the last, whatever a crash leaves of one."""

from pathlib import Path

import pytest
from tests.desk.briefcases import checkpoint_of, full_disk, sentences, with_findings
from tests.desk.hypothesiscases import at_the_desk
from tests.desk.offices import Desk

from pastwatch.desk.briefs import releasing
from pastwatch.desk.briefs.editions import issued
from pastwatch.desk.briefs.kept import version_named, versions
from pastwatch.desk.briefs.notices import correct, issued_named, withdraw
from pastwatch.errors import StorageError, UsageError
from pastwatch.ledger.checkpoint import parse_checkpoint
from pastwatch.stages.brief.verifier import verify


@pytest.fixture
def case(desk: Desk, tmp_path: Path) -> Desk:
    with_findings(desk, tmp_path)
    return desk


def test_a_brief_supersedes_the_last_and_both_stay_sound(case: Desk, tmp_path: Path) -> None:
    with at_the_desk(case) as work:
        first, second = (work.brief(tmp_path / name) for name in ("one", "two"))
        entries = {e.sequence: e for e in work.office.ledger.entries()}
        assert [v.version for v in versions(work)] == [1, 2]
    assert (first.version, first.supersedes) == (1, -1)
    assert (second.version, second.supersedes) == (2, first.release_sequence)
    assert "supersedes" not in entries[first.release_sequence].outcome
    assert entries[second.release_sequence].outcome["supersedes"] == first.release_sequence
    assert sentences(tmp_path / "one", "warning") == sentences(tmp_path / "two", "warning")
    said = f"Version: 2, supersedes version 1 (ledger entry {first.release_sequence})"
    assert said in sentences(tmp_path / "two")
    assert not any(text.startswith("Version:") for text in sentences(tmp_path / "one"))
    assert all(verify(tmp_path / name).is_sound for name in ("one", "two"))


def test_a_version_says_which_findings_came_and_went(case: Desk, tmp_path: Path) -> None:
    with at_the_desk(case) as work:
        work.brief(tmp_path / "one")
        work.retract("f1", reason="h1 is a quotation")
        work.finding("A wagon came.", cites=["h1"])
        work.brief(tmp_path / "two")
    said = sentences(tmp_path / "two")
    assert "Finding f3 is new since version 1." in said
    assert "Finding f1 of version 1 was withdrawn: h1 is a quotation" in said


def test_the_checkpoint_lists_what_was_superseded(case: Desk, tmp_path: Path) -> None:
    with at_the_desk(case) as work:
        made = [work.brief(tmp_path / str(number)).release_sequence for number in range(3)]
        note = checkpoint_of(work).read_bytes()
    assert parse_checkpoint(note).extensions == (
        f"pastwatch.superseded {made[0]} {made[1]}",
        f"pastwatch.superseded {made[1]} {made[2]}",
    )


def test_a_release_cut_short_leaves_an_entry_that_the_next_supersedes(
    case: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with at_the_desk(case) as work:
        first = work.brief(tmp_path / "one")
        with monkeypatch.context() as patch:
            full_disk(patch, tmp_path / "cut")
            with pytest.raises(StorageError):
                work.brief(tmp_path / "cut")
        assert [one.kept is None for one in issued(work)] == [False, True]
        third = work.brief(tmp_path / "three")
        told = [[(t.kind, t.by) for t in one.told] for one in issued(work)]
    cut = third.supersedes
    assert third.version == 3
    assert told == [[("superseded", cut)], [("superseded", third.release_sequence)], []]
    assert first.release_sequence < cut < third.release_sequence
    assert verify(tmp_path / "three").is_sound


def test_a_brief_that_the_papers_do_not_know_still_counts_as_a_version(
    case: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise StorageError("the disk is full")

    with at_the_desk(case) as work:
        work.brief(tmp_path / "one")
        with monkeypatch.context() as patch:
            patch.setattr(releasing, "keep_version", fail)
            with pytest.raises(StorageError):
                work.brief(tmp_path / "two")
        assert verify(tmp_path / "two").is_sound
        work.mark("h1", "relevant")
        third = work.brief(tmp_path / "three")
        assert [v.version for v in versions(work)] == [1, 3]
        with pytest.raises(UsageError, match="no version"):
            version_named(work, "b2")
        assert version_named(work, "3").release_sequence == third.release_sequence
    assert third.stale == ("f1",)


def test_the_next_version_tells_what_was_corrected_of_the_ones_before(
    case: Desk, tmp_path: Path
) -> None:
    with at_the_desk(case) as work:
        work.brief(tmp_path / "one")
        of = issued_named(work, "b1")
        made = correct(work, of, tmp_path / "n.json", findings=["f1"], reason="two dates swapped")
        assert made.still == ("f1",)
        withdraw(work, of, tmp_path / "m.json", reason="two dates swapped")
        work.brief(tmp_path / "two")
        work.brief(tmp_path / "three")
    told = [s for s in sentences(tmp_path / "two", "note") if s.startswith("Version 1 was")]
    assert told == [
        f"Version 1 was corrected (ledger entry {made.sequence}): f1.",
        f"Version 1 was withdrawn (ledger entry {(made.sequence or 0) + 1}): all of it.",
    ]
    assert not any("Version 1 was" in s for s in sentences(tmp_path / "three", "note"))
