"""The holder of a brief is told what became of it, by a later checkpoint or a notice; a forged one fails."""

import base64
import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import rfc8785
from tests.desk.briefcases import checkpoint_of, full_disk, with_findings
from tests.desk.hypothesiscases import at_the_desk
from tests.desk.offices import Desk

from pastwatch.desk.briefs import notices
from pastwatch.desk.holding import OpenCase
from pastwatch.desk.overseeing import verify_path
from pastwatch.errors import StorageError, UsageError
from pastwatch.ledger.entry import Act
from pastwatch.stages.brief.verifier import verify

REASON = "h1 is a quotation"


@pytest.fixture
def case(desk: Desk, tmp_path: Path) -> Desk:
    """Two versions released, the first of them corrected."""
    with_findings(desk, tmp_path)
    with at_the_desk(desk) as work:
        work.brief(tmp_path / "one")
        shutil.copy(checkpoint_of(work), tmp_path / "early")
        work.brief(tmp_path / "two")
        of = notices.issued_named(work, "b1")
        notices.correct(work, of, tmp_path / "notice.json", findings=["f1"], reason=REASON)
        shutil.copy(checkpoint_of(work), tmp_path / "late")
    return desk


def sequences(work: OpenCase, act: Act) -> list[int]:
    return [e.sequence for e in work.office.ledger.entries() if e.act == act]


def test_a_later_checkpoint_tells_that_a_brief_is_superseded_and_corrected(
    case: Desk, tmp_path: Path
) -> None:
    with at_the_desk(case) as work:
        (_, second), (fix,) = sequences(work, Act.RELEASE), sequences(work, Act.CORRECT)
    report = verify(tmp_path / "one", checkpoint=(tmp_path / "late").read_bytes())
    assert report.problems == ()
    assert report.told == (
        f"SUPERSEDED: this brief, by ledger entry {second}; so says given",
        f"CORRECTED: this brief, by ledger entry {fix}; so says given",
    )
    assert "is not shown" in report.trusted
    newest = verify(tmp_path / "two", checkpoint=(tmp_path / "late").read_bytes())
    assert (newest.problems, newest.told) == ((), ())
    assert any(note.startswith("nothing supersedes this brief in given") for note in newest.notes)


@pytest.mark.usefixtures("case")
def test_an_older_checkpoint_or_one_of_another_ledger_stays_an_error(tmp_path: Path) -> None:
    early = (tmp_path / "early").read_bytes()
    (problem,) = verify(tmp_path / "two", checkpoint=early).problems
    assert "is older than the brief" in problem
    other = Desk.founded(tmp_path / "other")
    with other.open() as archive:
        foreign = archive.checkpoint().read_bytes()
    (problem,) = verify(tmp_path / "one", checkpoint=foreign).problems
    assert problem == "given is a checkpoint of another ledger"
    forged = (tmp_path / "late").read_bytes().replace(b"superseded", b"withdrawn!")
    (problem,) = verify(tmp_path / "one", checkpoint=forged).problems
    assert "not signed by a checkpoint key" in problem
    (problem,) = verify(tmp_path / "one", checkpoint=b"no note").problems
    assert problem == "given is no checkpoint"


@pytest.mark.usefixtures("case")
def test_a_notice_proves_what_became_of_a_brief_and_names_the_findings(tmp_path: Path) -> None:
    notice = (tmp_path / "notice.json").read_bytes()
    report = verify(tmp_path / "one", notice=notice)
    assert report.problems == ()
    superseded, corrected = report.told
    assert superseded.startswith("SUPERSEDED: this brief, by version 2 (ledger entry ")
    assert f"f1: {REASON}" in corrected
    assert corrected.endswith("\n  f1: The gates were locked at noon.")
    late = (tmp_path / "late").read_bytes()
    both = verify(tmp_path / "one", notice=notice, checkpoint=late)
    assert both.problems == ()
    assert both.told == report.told
    assert both.trusted == "the given checkpoint, which the notice shows to extend the brief's own"


@pytest.mark.usefixtures("case")
def test_the_shipped_verifier_tells_it_alone_by_its_exit_status(tmp_path: Path) -> None:
    run = [sys.executable, "-I", "-S", str(tmp_path / "one" / "verify.py")]
    for given in (["--checkpoint", "late"], ["--notice", "notice.json"]):
        words = [*run, given[0], str(tmp_path / given[1])]
        done = subprocess.run(words, capture_output=True, check=False, text=True)
        assert (done.returncode, done.stderr) == (3, "")
        assert "\nSUPERSEDED: this brief" in done.stdout
        assert done.stdout.endswith("sound, but no longer as it stands: see above\n")
    words = [*run, "--checkpoint", str(tmp_path / "early")]
    done = subprocess.run(words, capture_output=True, check=False, text=True)
    assert done.returncode == 0


@pytest.mark.usefixtures("case")
def test_a_notice_of_another_version_is_refused(tmp_path: Path) -> None:
    report = verify(tmp_path / "two", notice=(tmp_path / "notice.json").read_bytes())
    (problem,) = report.problems
    assert "tells of the release of ledger entry" in problem
    assert report.told == ()


def _reason(plain: Any) -> None:
    plain["tells"][1]["body"]["reason"] = "nothing of weight"


def _finding(plain: Any) -> None:
    plain["tells"][1]["body"]["findings"] = ["f2"]


def _untold(plain: Any) -> None:
    plain["tells"].pop()


def _invented(plain: Any) -> None:
    plain["tells"].append({**plain["tells"][0], "entry": 1})


def _unproved(plain: Any) -> None:
    (path,) = plain["consistency"].values()
    path[0] = "00" * 32


def _without(plain: Any) -> None:
    plain["consistency"] = {}


def _entry(plain: Any) -> None:
    number = str(plain["tells"][1]["entry"])
    line = json.loads(base64.b64decode(plain["entries"][number]["entry"]))
    line["outcome"]["findings"] = ["f2"]
    raw = json.dumps(line, sort_keys=True, separators=(",", ":")).encode()
    plain["entries"][number]["entry"] = base64.b64encode(raw).decode()


def _grown(plain: Any) -> None:
    lines = plain["checkpoint"].split("\n")
    lines[1] = str(int(lines[1]) + 1)
    plain["checkpoint"] = "\n".join(lines)


@pytest.mark.parametrize(
    "forge", [_reason, _finding, _untold, _invented, _unproved, _without, _entry, _grown]
)
@pytest.mark.usefixtures("case")
def test_a_forged_notice_fails(forge: Callable[[Any], None], tmp_path: Path) -> None:
    plain = json.loads((tmp_path / "notice.json").read_bytes())
    forge(plain)
    report = verify(tmp_path / "one", notice=rfc8785.dumps(plain))
    assert report.problems
    assert all("the notice" in problem for problem in report.problems)


@pytest.mark.usefixtures("case")
def test_a_flipped_bit_in_a_notice_never_goes_unseen(tmp_path: Path) -> None:
    raw = bytearray((tmp_path / "notice.json").read_bytes())
    for at in range(7, len(raw), len(raw) // 40):
        raw[at] ^= 1
        assert verify(tmp_path / "one", notice=bytes(raw)).problems, at
        raw[at] ^= 1
    assert not verify(tmp_path / "one", notice=bytes(raw)).problems


def test_a_whole_brief_is_withdrawn_and_one_that_stands_says_so(case: Desk, tmp_path: Path) -> None:
    with at_the_desk(case) as work:
        two = notices.issued_named(work, str(tmp_path / "two"))
        made = notices.write_notice(work, two, tmp_path / "stands.json")
        assert made.told == ()
        stands = verify(tmp_path / "two", notice=(tmp_path / "stands.json").read_bytes())
        assert (stands.problems, stands.told) == ((), ())
        assert any("nothing supersedes" in note for note in stands.notes)
        notices.withdraw(work, two, tmp_path / "gone.json", reason="the report was withdrawn")
    gone = verify(tmp_path / "two", notice=(tmp_path / "gone.json").read_bytes())
    assert gone.problems == ()
    assert gone.told[0].startswith("WITHDRAWN: this brief, the whole brief: the report was")


def test_a_correction_cut_short_leaves_what_a_notice_is_made_of(
    case: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with at_the_desk(case) as work:
        two = notices.issued_named(work, "b2")
        with monkeypatch.context() as patch:
            full_disk(patch, tmp_path / "cut.json")
            with pytest.raises(StorageError):
                notices.withdraw(work, two, tmp_path / "cut.json", reason="wrong")
        made = notices.write_notice(work, two, tmp_path / "again.json")
    assert [told.partition(" ")[0] for told in made.told] == ["withdrawn"]
    report = verify_path(tmp_path / "two", notice=tmp_path / "again.json")
    assert report.problems == ()
    assert report.told[0].startswith("WITHDRAWN")


def test_what_is_told_of_a_brief_holds_no_words_in_the_ledger(case: Desk) -> None:
    with at_the_desk(case) as work:
        (entry,) = (e for e in work.office.ledger.entries() if e.act == Act.CORRECT)
    assert entry.outcome["findings"] == ("f1",)
    assert "quotation" not in entry.to_bytes().decode()


def test_only_what_a_version_says_is_corrected(case: Desk, tmp_path: Path) -> None:
    with at_the_desk(case) as work:
        of, out = notices.issued_named(work, "2"), tmp_path / "refused.json"
        for findings, reason, why in (
            ([], "x", "names"),
            (["f9"], "x", "no finding"),
            (["f1"], " ", "why"),
        ):
            with pytest.raises(UsageError, match=why):
                notices.correct(work, of, out, findings=findings, reason=reason)
        with pytest.raises(UsageError, match="no version"):
            notices.issued_named(work, "b7")
        with pytest.raises(UsageError, match="exists"):
            notices.write_notice(work, of, tmp_path / "notice.json")
    assert not out.exists()
