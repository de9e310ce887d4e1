"""The command reports: reads files into a case, lists and shows claims, and mends them by hand."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from pastwatch.cli.main import main
from pastwatch.config import Settings
from pastwatch.desk.scratch import open_self_authorised, scratch_archive

COURIER = """SOURCE: Harbour Courier
TITLE: Fire at the quay
PUBLISHED: 2031-05-07

Updated

The port said on Tuesday that nobody was hurt. A watchman told the Courier that at least 14 people had run.

The operator and the union denied that the crane had been moved. The crane was reportedly old.
"""
MAIL = (
    b"From ana@port.example Tue May  6 08:00:00 2031\n"
    b"From: ana@port.example\nTo: ben@port.example\nDate: Tue, 06 May 2031 08:00:00 +0000\n"
    b"Message-ID: <1@port.example>\nSubject: quay\n\nThe crane is down.\n\n"
)


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    archive = scratch_archive(tmp_path, settings=Settings(isolate=False))
    (tmp_path / "box.mbox").write_bytes(MAIL)
    archive.collect(tmp_path / "box.mbox", source="mail", basis="own", connector="mbox")
    archive.add_event("fire", "Fire at the quay", at="2031-05-06T10:00:00+03:00")
    work, _, _ = open_self_authorised(
        archive, "fire", tmp_path / "grant.toml", ground="own material", span_hours=24
    )
    work.close()
    archive.close()
    (tmp_path / "courier.txt").write_text(COURIER, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PASTWATCH_ISOLATE", "0")
    monkeypatch.setenv("PASTWATCH_PERSON", "you")
    monkeypatch.setenv("PASTWATCH_KEYS", str(tmp_path / "keys"))
    return tmp_path


def typed(*words: str) -> int:
    with pytest.raises(SystemExit) as ended:
        main(["reports", *words])
    return int(ended.value.code or 0)


def printed(capsys: pytest.CaptureFixture[str], *words: str, status: int = 0) -> str:
    capsys.readouterr()
    assert typed(*words) == status
    return capsys.readouterr().out


def lines(capsys: pytest.CaptureFixture[str], *words: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in printed(capsys, *words, "--json").splitlines()]


def test_reading_prints_the_reports_and_a_line_a_claim(
    desk: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = printed(capsys, "read", str(desk / "courier.txt"))
    assert "2031-05-07  en" in out
    assert "mark of an update: Updated" in out
    assert "on Tuesday → 2031-05-06" in out
    assert "A watchman → the Courier" in out
    assert "≥ 14" in out
    assert "(nobody named)" in out
    assert "1 report, 5 claims: 5 new" in out
    again = printed(capsys, "read")
    assert "1 report, 5 claims: 0 new" in again


def test_a_cut_list_says_how_much_there_is(desk: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = printed(capsys, "read", str(desk / "courier.txt"), "--limit", "2")
    assert "showing 2 of 5: --limit 5 shows all" in out


def test_claims_are_listed_shown_mended_and_struck(
    desk: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    printed(capsys, "read", str(desk / "courier.txt"))
    denied = lines(capsys, "claims", "--stance", "denies")
    assert [c["who_says"] for c in denied] == ["The operator", "the union"]
    assert denied[0]["kind"] == "claim"
    shown = printed(capsys, "show", "c2")
    assert "[at least 14 people had run]" in shown
    assert "who says    A watchman  (nobody by name)" in shown
    assert "claims-rules 1; kept by you" in shown
    assert printed(capsys, "strike", "c2", "--reason", "irony").strip() == "c2"
    assert "(struck)" in printed(capsys, "claims", "--struck")
    new = printed(
        capsys, "claim", "at least 14 people", "--report", "fire", "--who", "Olaf"
    ).strip()
    assert new == "c6"
    assert (
        printed(capsys, "claim", "--speaker", "c6", "--who", "Per", "--reason", "a slip").strip()
        == "c7"
    )
    assert [c["name"] for c in lines(capsys, "claims", "--who", "per")] == ["c3", "c7"]
    assert lines(capsys, "show", "c7")[0]["maker"] == "person"


def test_nothing_found_and_nonsense_have_their_statuses(
    desk: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert "no reports" in printed(capsys, "read", status=1)
    assert "no claims" in printed(capsys, "claims", status=1)
    printed(capsys, "read", str(desk / "gone.txt"), status=30)
    printed(capsys, "show", "c1", status=2)
    printed(capsys, "claim", "words", "--who", "x", status=2)
    printed(capsys, "claim", "--who", "x", status=2)


def test_what_a_terminal_would_obey_is_shown_as_a_sign(
    desk: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (desk / "odd.txt").write_text(
        "Odd\n\nThe port said it \x1b[31mburnt red at night.\n", encoding="utf-8"
    )
    assert "\x1b" not in printed(capsys, "read", str(desk / "odd.txt"))


def test_a_report_without_a_date_is_dated_by_hand_and_says_so(
    desk: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (desk / "plain.txt").write_text("Quay burns\n\nThe port said on Tuesday that it fell.\n")
    printed(capsys, "read", "plain.txt")
    report = printed(capsys, "date", "Quay burns", "2031-05-08", "--reason", "the issue of 8 May")
    assert "c1 is now c2: on Tuesday → 2031-05-06" in report
    assert "undo: reports undo r1" in report
    assert "dated" in printed(capsys, "relations", "--kind", "dated")
    printed(capsys, "undo", "r1", "--reason", "another year")
    assert "on Tuesday → ?" in printed(capsys, "claims")
