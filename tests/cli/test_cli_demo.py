"""The demo and the trial as a newcomer meets them."""

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


def test_the_demo_tells_eight_beats_and_the_next_three_commands() -> None:
    done = run("demo", "--keep", "town", "--records", "1000")
    assert done.exit_code == 0, done.output
    beats = [
        line[0] for line in done.stdout.splitlines() if line[:3] in {f"{n}  " for n in range(10)}
    ]
    assert beats == [str(n) for n in range(1, 9)]
    assert Path("town/brief/brief.html").is_file()
    assert Path("town/timeline.svg").is_file()
    assert "4 hypotheses written down before anything was opened" in done.stdout
    assert "an order and no probability, with 1 dissent" in done.stdout
    assert done.stdout.count("\n  pastwatch ") == 3


def test_a_trial_stands_until_it_is_forgotten() -> None:
    chat = "\n".join(f"03/04/2017, 22:0{n} - Dilan: word {n}" for n in range(5)) + "\n"
    Path("chat.txt").write_text(chat, encoding="utf-8")
    first = run("try", "chat.txt", "--at", "2017-04-04", "--look", "word", "--look", "zeppelin")
    assert first.exit_code in (0, 3), first.output
    assert "self-authorised" in first.output
    assert "word: 5 hits" in first.output
    assert run("try", "chat.txt", "--at", "2017-04-04").exit_code == 2
    assert run("forget").exit_code == 0
    assert run("forget").exit_code == 1
    assert run("try", "chat.txt", "--at", "2017-04-04", "--look", "zeppelin").exit_code in (1, 3)
