"""A translation of written words is kept from the command line, with who answers for it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from pastwatch.cli.main import main


class Program:
    name = "pastwatch"

    def main(self, args: list[str], **_: object) -> None:
        main(args)


def run(*words: str) -> Result:
    return CliRunner().invoke(Program(), list(words))  # type: ignore[arg-type]


@pytest.fixture(autouse=True)
def stage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PASTWATCH_KEYS", str(tmp_path / "keys"))
    chat = "\n".join(f"03/04/2017, 22:0{n} - Dilan: kelime {n}" for n in range(3)) + "\n"
    Path("chat.txt").write_text(chat, encoding="utf-8")
    tried = run("try", "chat.txt", "--at", "2017-04-04", "--look", "kelime")
    assert tried.exit_code in (0, 3), tried.output


def test_a_translation_is_kept_and_says_where_it_stands_in_the_ledger() -> None:
    given = ("--text", "word 0", "--qualification", "sworn, tr–en", "--by", "I. Varn")
    place = next(Path.cwd().rglob("archive"))
    archive = ("--archive", str(place), "--keys", str(place.with_name("keys")))
    done = run(*archive, "translate", "h1", *given, "--json")
    assert done.exit_code == 0, done.output
    told = json.loads(done.stdout)
    assert (told["of"], told["by"], told["language"]) == ("h1", "I. Varn", "en")
    assert run(*archive, "translate", "h1", *given).stdout.startswith("h1 translated by I. Varn")
    assert run(*archive, "translate", "h99", *given).exit_code == 2
    assert run(*archive, "translate", "h1", *given, "--language", "?").exit_code == 2
