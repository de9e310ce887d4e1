"""What the page on hypotheses tells a person to type is typed, in order, and does what it says."""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path

import click
from click.testing import CliRunner

from pastwatch.cli import hypotheses, look
from pastwatch.cli.session import Session
from pastwatch.desk.scratch import open_self_authorised, scratch_archive
from pastwatch.stages.assess.scales_weighing import weighing

PAGE = (Path(__file__).parents[2] / "docs" / "hypotheses.md").read_text(encoding="utf-8")


def test_every_command_of_the_page_works(tmp_path: Path) -> None:
    rows = tmp_path / "rows.jsonl"
    row = {"date": "2017-07-01T10:00:00Z", "from": "a", "to": "b"}
    texts = ("the gate was closed", "they came to the gate as on any day")
    rows.write_text(
        "".join(json.dumps({**row, "id": t, "text": t}) + "\n" for t in texts), encoding="utf-8"
    )
    with scratch_archive(tmp_path, person="ana") as opened:
        opened.collect(rows, source="rows", basis="own", connector="jsonl")
        opened.add_event("e", "Event", at="2017-07-01T12:00Z", references=("report",))
        open_self_authorised(opened, "e", tmp_path / "grant.toml", ground="own data")[0].close()
    where = ["--archive", str(tmp_path / "archive"), "--keys", str(tmp_path / "keys")]
    tree = click.Group(commands={"hypotheses": hypotheses.hypotheses, "look": look.look})
    (block,) = re.findall(r"(?ms)^```console\n(.*?)^```$", PAGE)
    printed = []
    for line in block.splitlines():
        words = shlex.split(line.removeprefix("$ pastwatch "))
        result = CliRunner().invoke(
            tree, [*words, *where], obj=Session(), standalone_mode=False, catch_exceptions=False
        )
        assert result.return_value == 0, line
        printed.append(result.stdout)
    assert len(printed) >= 14
    assert "y1 strike" in printed[10]
    assert "without D-E" in printed[12]


def test_the_page_gives_the_numbers_of_the_file() -> None:
    rule = weighing()
    weights = " · ".join(f"{rule.weight[steps]:g}" for steps in range(-2, 3))
    assert f"× {weights}" in PAGE
    assert f"within {rule.tie_within:g} of the first of a rank" in PAGE
    assert f"under {rule.diagnostic_from_p:.2f}, not rehearsed" in PAGE
    assert f"{rule.strong_from_p:.2f} or more" in PAGE
