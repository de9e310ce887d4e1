"""The wording commands show the scales with their gaps, and check a text on the case's own."""

from __future__ import annotations

import json
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from pastwatch.cli import finding, look, wording
from pastwatch.cli.session import Session
from pastwatch.desk.scratch import open_self_authorised, scratch_archive
from pastwatch.errors import BadValue, UsageError


def run(*args: str) -> tuple[int, str]:
    return typed("wording", *args)


def typed(*args: str) -> tuple[int, str]:
    tree = click.Group(
        commands={"wording": wording.wording, "finding": finding.finding, "look": look.look}
    )
    result = CliRunner().invoke(
        tree, list(args), obj=Session(), standalone_mode=False, catch_exceptions=False
    )
    return int(result.return_value), result.stdout


@pytest.fixture
def archive(tmp_path: Path) -> list[str]:
    rows = tmp_path / "rows.jsonl"
    row = {"id": "1", "date": "2017-07-01T10:00:00Z", "from": "a", "to": "b", "text": "hello"}
    rows.write_text(json.dumps(row) + "\n", encoding="utf-8")
    with scratch_archive(tmp_path, person="ana") as opened:
        opened.collect(rows, source="rows", basis="own", connector="jsonl")
        opened.add_event("e", "Event", at="2017-07-01T12:00Z", references=("report",))
        open_self_authorised(opened, "e", tmp_path / "grant.toml", ground="own data")[0].close()
    return ["--archive", str(tmp_path / "archive"), "--keys", str(tmp_path / "keys"),
            "--person", "ana"]  # fmt: skip


def test_the_scales_are_shown_with_their_bands() -> None:
    status, text = run("scales")
    assert status == 0
    assert "40–<50  realistic possibility" in text
    assert "80–95  very likely" in text
    assert "standards of proof: never a number" in text
    lines = [json.loads(line) for line in run("scales", "--json")[1].splitlines()]
    assert [line["kind"] for line in lines] == ["scale"] * 2 + ["standard"] * 4


def test_a_text_is_checked_on_the_scale_that_the_case_chose(
    archive: list[str], tmp_path: Path
) -> None:
    draft = tmp_path / "draft.txt"
    draft.write_text("There is a realistic possibility that they met.\n", encoding="utf-8")
    status, text = run("check", "--file", str(draft), *archive)
    assert (status, "not a term of the scale in use (ICD 203)" in text) == (0, True)
    assert run("choose", "--scale", "phia", "--reason", "the reader's own", *archive)[0] == 0
    status, text = run("check", "--file", str(draft), *archive)
    assert (status, text.splitlines()[-1]) == (1, "0 remarks")
    assert run("check", *archive)[0] == 1


def test_a_judgement_is_kept_on_what_the_case_chose_and_nothing_else(archive: list[str]) -> None:
    typed("look", "hello", *archive)
    judged = ["They greeted.", "--cites", "h1", "--kind", "judgement",
              "--confidence", "low", "--reasons", "one record", *archive]  # fmt: skip
    run("choose", "--scale", "phia", "--reason", "the reader's own", *archive)
    with pytest.raises(BadValue, match="the gap is meant"):
        typed("finding", "add", *judged, "--likelihood", "37%")
    assert typed("finding", "add", *judged, "--likelihood", "60%")[0] == 0
    assert "judgement; likely; low confidence" in typed("finding", "list", *archive)[1]
    (line,) = typed("finding", "list", "--json", *archive)[1].splitlines()
    assert json.loads(line)["likelihood"]["scale"] == "PHIA"
    proof = ["choose", "--standard", "clear and convincing", "--reason", "a claim", *archive]
    with pytest.raises(UsageError, match="f1 is worded otherwise"):
        run(*proof)
    typed("finding", "retract", "f1", "--reason", "another standard", *archive)
    assert run(*proof) == (0, "scale phia; standard of proof: clear and convincing\n")
    with pytest.raises(BadValue, match="takes the place of likelihood"):
        typed("finding", "add", *judged, "--likelihood", "likely")
    assert typed("finding", "add", *judged, "--standard", "clear and convincing")[0] == 0
    assert "judgement; clear and convincing" in typed("finding", "list", *archive)[1]


def test_the_row_of_a_scale_is_chosen(archive: list[str]) -> None:
    status, text = run("choose", "--row", "2", "--reason", "as our house writes", *archive)
    assert (status, text) == (0, "scale icd203, row 2; standard of proof: none chosen\n")
