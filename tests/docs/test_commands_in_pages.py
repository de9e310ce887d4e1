"""What the pages tell a person to type is typed, in order, and does what they say."""

import re
import shlex
from collections.abc import Callable
from pathlib import Path

import pytest
from sybil import Sybil
from sybil.parsers.markdown import PythonCodeBlockParser

from pastwatch.cli.main import main

Blocks = Callable[[str, str], list[str]]
ROOT = Path(__file__).parents[2]
EDITED = "$EDITOR grant.toml"


def typed(line: str) -> object:
    """Run one command line in this process and give its exit status."""
    words = shlex.split(line.replace("~/", f"{Path.home()}/"))
    assert words[0] == "pastwatch"
    with pytest.raises(SystemExit) as ended:
        main(words[1:])
    return ended.value.code or 0


def test_the_five_commands_and_the_eight_lines_end_in_verified_briefs(
    workplace: Path, blocks: Blocks, ground: Callable[[], None]
) -> None:
    (five,) = blocks("README.md", "sh")
    assert len(five.splitlines()) == 5
    for command in re.split(" && |\n", five.strip()):
        if command == EDITED:
            ground()
        else:
            assert typed(command) == 0, command
    (workplace / "brief").rename(workplace / "brief-by-command")
    (eight,) = blocks("README.md", "python")
    assert len([line for line in eight.splitlines() if line]) == 8
    (example,) = Sybil(parsers=[PythonCodeBlockParser()]).parse(ROOT / "README.md").examples()
    example.evaluate()
    assert typed("pastwatch verify brief/") == 0
    assert (workplace / "brief" / "records.html").is_file()


def test_every_command_of_the_first_hour_does_what_the_page_says(
    workplace: Path, blocks: Blocks, ground: Callable[[], None], capsys: pytest.CaptureFixture[str]
) -> None:
    nothing_found = ('pastwatch look "inspector"', "pastwatch try ")
    lines = "".join(blocks("docs/quickstart.md", "console")).splitlines()
    commands = [line.removeprefix("$ ") for line in lines]
    assert len(commands) >= 20
    for command in commands:
        if command.startswith("pastwatch demo"):  # told in full in its own test
            continue
        if command == EDITED:
            ground()
            continue
        expected = 1 if command.startswith(nothing_found) else 0
        assert typed(command) == expected, (command, capsys.readouterr().err)
    assert "unchanged since it was sealed" in capsys.readouterr().out
    assert (workplace / "archive" / "ledger" / "checkpoint").is_file()


def test_the_readme_is_short_and_in_its_order() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    assert len(text.splitlines()) <= 150
    assert not text.startswith(("#", "!", "["))
    assert re.findall("(?m)^## (.+)$", text) == [
        "Who it is for, and what it is not",
        "Two commands",
        "How it flows, and what comes out",
        "Your own data, in five commands",
        "The same in Python",
        "What makes it different",
        "Measured",
        "Why you should not use it",
        "Security in six lines",
        "Where to add a connector",
        "Licence",
    ]
