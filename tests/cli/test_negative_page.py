"""What the page on findings of nothing tells a person to type is typed, in order, and works."""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path

import click
from click.testing import CliRunner

from pastwatch.cli import finding, look, negative
from pastwatch.cli.session import Session
from pastwatch.desk.scratch import open_self_authorised, scratch_archive

PAGE = Path(__file__).parents[2] / "docs" / "negative.md"
NOTHING_FOUND = ('pastwatch look "cargo"',)


def test_every_command_of_the_page_does_what_it_says(tmp_path: Path) -> None:
    text = PAGE.read_text(encoding="utf-8")
    (wording,) = re.findall(r"```toml\n(.*?)```", text, re.DOTALL)
    (tmp_path / "wording.toml").write_text(
        wording.replace("mail =", "other =").replace("voice =", "other2 ="), encoding="utf-8"
    )
    lines = [
        {
            "id": str(n),
            "date": f"2017-07-01T{n % 24:02d}:00:00Z",
            "from": f"p{n % 3}@a.example",
            "to": "q@a.example",
            "conversation": f"talk {n}",
            "text": f"lot {n} of the yard",
        }
        for n in range(40)
    ]
    for name in ("other", "other2"):
        rows = tmp_path / f"{name}.jsonl"
        rows.write_text("".join(json.dumps(one) + "\n" for one in lines), encoding="utf-8")
    with scratch_archive(tmp_path, person="ana") as opened:
        for name in ("other", "other2"):
            opened.collect(
                tmp_path / f"{name}.jsonl", source=name, basis="own", connector="jsonl", medium=name
            )
        opened.add_event("e", "Event", at="2017-07-01T12:00Z", references=("report",))
        open_self_authorised(opened, "e", tmp_path / "grant.toml", ground="own data")[0].close()
    tree = click.Group(
        commands={"negative": negative.negative, "look": look.look, "finding": finding.finding}
    )
    given = (
        *("--archive", str(tmp_path / "archive"), "--keys", str(tmp_path / "keys")),
        *("--person", "ana"),
    )
    (console,) = re.findall(r"```console\n(.*?)```", text, re.DOTALL)
    commands = re.findall(r"(?m)^\$ (.+)$", console)
    assert len(commands) == 12
    for command in commands:
        words = [
            str(tmp_path / word) if word == "wording.toml" else word
            for word in shlex.split(command)[1:]
        ]
        result = CliRunner().invoke(
            tree, [*words, *given], obj=Session(), standalone_mode=False, catch_exceptions=False
        )
        assert int(result.return_value) == int(command in NOTHING_FOUND), (command, result.output)


def test_the_numbers_of_the_page_are_those_that_come_out() -> None:
    from pastwatch.stages.assess.negative_bound import at_most

    text = " ".join(PAGE.read_text(encoding="utf-8").split())
    assert "with all of 30 conversations read and s = 0.8, division says 0" in text
    assert "This says 1." in text
    assert at_most(0, population=30, read=30, recognised=8, shown=10) == 1
