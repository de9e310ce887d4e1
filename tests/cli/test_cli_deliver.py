"""Delivering from the command line: the answer, the talk, and the exit statuses."""

from __future__ import annotations

import json
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result

from pastwatch.cli import exit as exits
from pastwatch.cli.deliver import deliver
from pastwatch.cli.main import main
from pastwatch.cli.session import Session
from pastwatch.desk.tapping import install

WATCH = b"""watch = "bridge"
version = 1
owner = "ana"
purpose = "a test"
authority = "standing-1"
alerts_a_day = 20
horizon = "24h"
query = "bridge"
"""
LINE = '{"from": "a@b.example", "text": "seen at the bridge"}\n'
TARGET = '[[target]]\nname = "kept"\nkind = "file"\naddress = "%s"\n'


class Program:
    name = "pastwatch"

    def main(self, args: list[str], **_: object) -> None:
        if args[0] != "deliver":
            main(args)
            return

        def act() -> int:
            done = deliver.main(args[1:], standalone_mode=False, obj=Session())
            return done if isinstance(done, int) else 0

        raise SystemExit(exits.run(act, debug=False))


def run(*words: str) -> Result:
    return CliRunner().invoke(Program(), list(words))  # type: ignore[arg-type]


@pytest.fixture(autouse=True)
def archive(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PASTWATCH_KEYS", "keys")
    monkeypatch.setenv("PASTWATCH_ISOLATE", "0")
    monkeypatch.delenv("PASTWATCH_ARCHIVE", raising=False)
    (tmp_path / "a.jsonl").write_text(LINE * 3, encoding="utf-8")
    assert run("init", "archive", "--throwaway", "--person", "ana").exit_code == 0
    with Session().archive(quiet=True) as opened:
        install(opened.office, WATCH)
    done = run("collect", "a.jsonl", "--source", "drop", "--basis", "own", "--watch")
    assert done.exit_code == 0, done.stderr
    return tmp_path / "archive"


def test_alerts_are_delivered_and_how_each_target_stands_is_said() -> None:
    Path("deliver.toml").write_text(TARGET % "alerts.jsonl")
    done = run("deliver", "--json")
    assert done.exit_code == 0, done.stderr
    answer = json.loads(done.stdout)
    rows = Path("alerts.jsonl").read_text().splitlines()
    assert (answer["name"], answer["delivered"], answer["waiting"]) == ("kept", len(rows), 0)
    status = run("deliver", "--status")
    assert "kept    file" in status.stdout
    assert run("deliver").exit_code == 0
    assert Path("alerts.jsonl").read_text().splitlines() == rows


def test_a_target_that_fails_is_told_and_the_answer_has_gaps() -> None:
    Path("deliver.toml").write_text(TARGET % "alerts.jsonl" + TARGET.replace("kept", "b") % "no/a")
    done = run("deliver", "--to", "kept")
    assert done.exit_code == 0, done.stderr
    done = run("deliver", "--status", "--json")
    assert done.exit_code == 3
    assert json.loads(done.stdout.splitlines()[0])["waiting"] == 0


def test_a_draft_reads_as_a_file_of_targets_and_is_not_written_over() -> None:
    assert run("deliver", "--draft", "deliver.toml").exit_code == 0
    assert run("deliver", "--draft", "deliver.toml").exit_code == 2
    assert run("deliver", "--since", "2017-01-01").exit_code == 0
    assert run("deliver", "--since", "yesterday").exit_code == 2


def test_it_is_a_command() -> None:
    assert isinstance(deliver, click.Command)
    assert run("deliver", "--targets", "none.toml").exit_code == 2
