"""Learning and suggesting a watch from the command line."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from tests.desk import offices, reviews, test_learning

from pastwatch.cli import exit as exits
from pastwatch.cli.learn import drift, learn, suggest
from pastwatch.cli.session import Session

COMMANDS = {"learn": learn, "drift": drift, "suggest": suggest}


class Program:
    name = "pastwatch"

    def main(self, args: list[str], **_: object) -> None:
        def act() -> int:
            done = COMMANDS[args[0]].main(args[1:], standalone_mode=False, obj=Session())
            return done if isinstance(done, int) else 0

        raise SystemExit(exits.run(act, debug=False))


def run(*words: str) -> Result:
    return CliRunner().invoke(Program(), list(words))  # type: ignore[arg-type]


@pytest.fixture(autouse=True)
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> offices.Desk:
    made = offices.Desk.founded(tmp_path / "desk")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PASTWATCH_ARCHIVE", made.settings.archive)
    monkeypatch.setenv("PASTWATCH_KEYS", made.settings.keys)
    monkeypatch.setenv("PASTWATCH_PERSON", "ana")
    monkeypatch.setenv("PASTWATCH_ISOLATE", "0")
    # The clock of the command is this machine's: the case must be open under it.
    made.clock.now_us = Session().archive(quiet=True).office.clock()
    with made.open() as archive:
        work = reviews.opened(made, archive, made=test_learning.rows(test_learning.COUNT))
        test_learning.judge(work)
        work.close()
    return made


def test_a_watch_is_learned_with_what_it_rests_on_said() -> None:
    done = run("learn", "--out", "valves.toml", "--false-alarms", "0.01")
    assert done.exit_code == 0, done.stderr
    assert "written: valves.toml" in done.stdout
    assert "95 % sure; 0.01 was wanted: not shown" in done.stdout
    Path("words.txt").write_text("valve\ntank\n")
    done = run("learn", "--out", "two.toml", "--without", "words.txt", "--json")
    answer = json.loads(done.stdout)
    assert not {"valve", "tank"} & set(answer["telling"])
    assert answer["shown"] is False
    assert run("learn", "--out", "two.toml").exit_code == 2
    assert run("learn", "--out", "three.toml", "--without", "no.txt").exit_code == 2


def test_a_watch_is_suggested_and_says_that_it_explains() -> None:
    done = run("suggest", "--out", "draft.toml", "--name", "valves")
    assert done.exit_code == 0, done.stderr
    assert "They explain the event they were taken from" in done.stdout
    assert "written: draft.toml" in done.stdout
    again = run("suggest", "--out", "other.toml", "--json")
    assert json.loads(again.stdout)["tried"] > 0


def test_the_drift_of_a_watch_that_is_not_kept_is_not_told() -> None:
    assert isinstance(drift, click.Command)
    done = run("drift", "nobody")
    assert done.exit_code == 2
    assert "no such watch" in done.stderr
