"""The tree of commands: summaries, examples, statuses, global options, and the page of them."""

import dataclasses
import importlib.util
import json
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import click
import pytest
from click.testing import CliRunner, Result

from pastwatch.cli.exit import MEANINGS
from pastwatch.cli.main import main, tree
from pastwatch.cli.tree import Command
from pastwatch.config import Settings

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"


class Program:
    name = "pastwatch"

    def main(self, args: list[str], **_: object) -> None:
        main(args)


def run(*words: str, env: dict[str, str] | None = None) -> Result:
    return CliRunner().invoke(Program(), list(words), env=env)  # type: ignore[arg-type]


def leaves(group: click.Group = tree) -> Iterator[tuple[str, click.Command]]:
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            yield from ((f"{name} {below}", leaf) for below, leaf in leaves(command))
        else:
            yield name, command


LEAVES = dict(leaves())


@pytest.fixture(autouse=True)
def stage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name in [n for n in os.environ if n.startswith("PASTWATCH_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("PASTWATCH_KEYS", str(tmp_path / "keys"))


def generator() -> ModuleType:
    spec = importlib.util.spec_from_file_location("generate_cli", DOCS / "generate_cli.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("name", LEAVES)
def test_a_command_has_a_summary_a_few_examples_and_its_statuses(name: str) -> None:
    command = LEAVES[name]
    assert isinstance(command, Command)
    assert len((command.help or "").splitlines()[0]) <= 100
    assert 2 <= len(command.examples) <= 6
    assert {0} < set(command.statuses) <= set(MEANINGS)
    assert list(command.statuses) == sorted(command.statuses)


@pytest.mark.parametrize("name", LEAVES)
def test_an_example_parses(name: str) -> None:
    for example in LEAVES[name].examples:  # type: ignore[attr-defined]
        words = shlex.split(example)
        depth = len(name.split())
        assert words[:depth] == name.split()
        LEAVES[name].make_context(name, words[depth:], help_option_names=["-h", "--help"])


@pytest.mark.parametrize("name", LEAVES)
def test_help_shows_examples_and_exit_statuses(name: str) -> None:
    shown = run(*name.split(), "--help")
    assert shown.exit_code == 0
    assert "Examples:" in shown.output
    assert "Exit status:" in shown.output


def test_no_option_takes_a_secret() -> None:
    secret = re.compile("pass(word|phrase)|secret")
    named = [p for c in LEAVES.values() for p in c.params if secret.search(p.name or "")]
    assert [p.name for p in named] == ["user_passphrase"]
    assert isinstance(named[0], click.Option)
    assert named[0].is_flag  # asks for one; takes none


def test_the_page_is_what_the_program_says() -> None:
    page = (DOCS / "cli.md").read_text(encoding="utf-8")
    assert page == generator().page(), "run: python docs/generate_cli.py"


def test_the_table_of_defaults_is_that_of_the_settings() -> None:
    module = generator()
    assert list(module.SETTINGS) == [f.name for f in dataclasses.fields(Settings)]
    page = (DOCS / "cli.md").read_text(encoding="utf-8")
    defaults = Settings()
    assert f"| ±{defaults.span_hours} h |" in page
    assert f"| {defaults.context} | `show --around`" in page
    assert f"| {defaults.valid_days} days |" in page
    assert (defaults.keys, defaults.zone, defaults.workers) == ("", "", 0)
    assert defaults.keys_dir == Path.home() / ".local" / "share" / "pastwatch"


def test_help_repeats_the_defaults_of_the_settings() -> None:
    defaults = Settings()
    assert f"[default: {defaults.span_hours}]" in run("authority", "draft", "--help").output
    assert f"[default: {defaults.context}]" in run("show", "--help").output


def test_without_a_command_the_help_is_shown_and_the_status_says_so() -> None:
    shown = run()
    assert shown.exit_code == 2
    assert "Commands:" in shown.output


def test_a_throw_away_archive_says_so_at_every_start(tmp_path: Path) -> None:
    assert run("init", "archive", "--throwaway", "--person", "A. Reader").exit_code == 0
    for words in (["event", "list"], ["repair"], ["ledger", "show"]):
        assert "throw-away archive" in run(*words).stderr
    assert "throw-away" in run("status").stderr
    assert (tmp_path / "keys").is_dir()


def test_global_options_stand_before_and_after_and_the_last_wins() -> None:
    run("init", "one", "--throwaway", "--person", "A. Reader")
    before = run("--json", "--archive", "one", "status")
    after = run("status", "--json", "--archive", "one")
    both = run("--archive", "two", "status", "--json", "--archive", "one")
    variable = run("status", env={"PASTWATCH_ARCHIVE": "one", "PASTWATCH_JSON": "yes"})
    answers = [json.loads(done.stdout)["archive_id"] for done in (before, after, both, variable)]
    assert len(set(answers)) == 1


def test_a_flag_wins_over_its_variable() -> None:
    run("init", "one", "--throwaway", "--person", "A. Reader")
    env = {"PASTWATCH_ARCHIVE": "nowhere"}
    assert run("--archive", "one", "status", env=env).exit_code == 1
    assert run("status", "--archive", "one", env=env).exit_code == 1
    assert run("status", env=env).exit_code == 2


def test_the_answer_goes_to_stdout_and_the_talk_to_stderr() -> None:
    run("init", "archive", "--throwaway", "--person", "A. Reader")
    done = run("event", "add", "flood", "The flood", "--at", "2021-07-14T20:00+02:00")
    assert "unsupported event: nothing outside" in done.stderr
    assert done.stdout == 'flood  2021-07-14 20:00 +02:00  "The flood"  unsupported event\n'


def test_any_value_of_no_color_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    from pastwatch.cli import show
    from pastwatch.cli.session import Session

    monkeypatch.setattr(show, "is_terminal", lambda: True)
    seen: list[bool] = []

    def look(env: dict[str, str]) -> None:
        @click.pass_obj
        def spy(session: Session) -> int:
            seen.append(session.colour)
            return 0

        monkeypatch.setattr(LEAVES["forget"], "callback", spy)
        assert run("forget", env=env).exit_code == 0

    look({})
    look({"NO_COLOR": "please"})
    look({"PASTWATCH_NO_COLOR": "1"})
    assert seen == [True, False, False]


def test_the_real_entry_point_answers(tmp_path: Path) -> None:
    env = {"PYTHONPATH": str(ROOT / "src"), "PATH": "", "HOME": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "-m", "pastwatch", "status"],
        capture_output=True,
        text=True,
        cwd=tmp_path,
        env=env,
        check=False,
    )
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr.startswith('pastwatch: error: no archive stands in "archive"')
    assert "Traceback" not in done.stderr
