"""Sessions on the command line, a text file each: `$` runs a command, `=` sets the stage."""

import re
import shlex
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner

from pastwatch.cli.main import main

# Said by every command of a throw-away archive; left out of the sessions, and tested by itself.
THROWAWAY = "pastwatch: throw-away archive: no key of it has a passphrase\n"
HERE = Path(__file__).resolve().parent
SESSIONS = sorted(HERE.glob("*.txt"))

MAIL = """\
From anna@example.org Mon Apr  3 19:14:00 2017
From: Anna Petrova <anna@example.org>
To: boris@example.net
Subject: Tuesday
Date: Mon, 3 Apr 2017 22:14:00 +0300
Message-ID: <1@example.org>

The officer said that the expert should come on Tuesday,
before the market opens.

From boris@example.net Mon Apr  3 19:20:00 2017
From: Boris <boris@example.net>
To: anna@example.org, carol@example.org
Subject: Re: Tuesday
Date: Mon, 3 Apr 2017 22:20:00 +0300
Message-ID: <2@example.org>
In-Reply-To: <1@example.org>

Understood. The expert is informed.

From anna@example.org Thu Jun  1 08:00:00 2017
From: Anna Petrova <anna@example.org>
To: boris@example.net
Subject: summer
Date: Thu, 1 Jun 2017 11:00:00 +0300
Message-ID: <3@example.org>

The expert went on holiday.

"""
CHAT = """\
03/04/2017, 21:58 - Messages and calls are end-to-end encrypted.
03/04/2017, 22:01 - Dilan: is the road open?
03/04/2017, 22:02 - Samir: الطريق مفتوح
03/04/2017, 22:05 - Dilan: then the expert can pass
13/04/2017, 09:00 - Samir: good morning
"""


class Stage:
    """What a session may do to its folder besides running commands."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.env: dict[str, str] = {"PASTWATCH_KEYS": "keys", "PASTWATCH_PERSON": "A. Reader"}

    def env_(self, name: str, value: str) -> None:
        self.env[name] = value

    def mail(self, name: str) -> None:
        (self.folder / name).write_text(MAIL, encoding="utf-8")

    def chat(self, name: str) -> None:
        (self.folder / name).write_text(CHAT, encoding="utf-8")

    def write(self, name: str, *lines: str) -> None:
        (self.folder / name).write_text("\n".join(lines) + "\n", encoding="utf-8")

    def folder_(self, name: str) -> None:
        (self.folder / name).mkdir()

    def fill(self, name: str, key: str, value: str) -> None:
        """Set one line of a TOML file."""
        path = self.folder / name
        text, changed = re.subn(
            rf"(?m)^{key} = .*$", f'{key} = "{value}"', path.read_text(encoding="utf-8")
        )
        assert changed == 1
        path.write_text(text, encoding="utf-8")

    def unreadable(self, name: str) -> None:
        """A name that no process can open, whoever runs it: a link to itself."""
        (self.folder / name).symlink_to(self.folder / name)

    def flip(self, pattern: str, ratio: str) -> None:
        """Change one bit of the byte that stands at a share of the file's length."""
        path = self._largest(pattern)
        raw = bytearray(path.read_bytes())
        raw[int(len(raw) * float(ratio))] ^= 1
        path.write_bytes(raw)

    def remove(self, pattern: str) -> None:
        self._largest(pattern).unlink()

    def says(self, name: str, words: str) -> None:
        assert words in (self.folder / name).read_text(encoding="utf-8")

    def _largest(self, pattern: str) -> Path:
        """The largest file that fits: names of packs are random, sizes are not."""
        return max(self.folder.glob(pattern), key=lambda path: path.stat().st_size)

    def act(self, line: str) -> None:
        verb, *words = shlex.split(line)
        acts: dict[str, Callable[..., None]] = {
            "env": self.env_, "mail": self.mail, "chat": self.chat, "write": self.write,
            "folder": self.folder_, "fill": self.fill, "unreadable": self.unreadable,
            "flip": self.flip, "remove": self.remove, "says": self.says,
        }  # fmt: skip
        acts[verb](*words)


class Program:
    """The `pastwatch` command as CliRunner wants it."""

    name = "pastwatch"

    def main(self, args: list[str], **_: object) -> None:
        main(args)


def run(line: str, env: dict[str, str]) -> str:
    """What a command prints, stdout and stderr as they come, and its status where it is not 0."""
    words = shlex.split(line)
    assert words[0] == "pastwatch"
    done = CliRunner().invoke(Program(), words[1:], env=env)  # type: ignore[arg-type]
    assert done.exception is None or isinstance(done.exception, SystemExit)
    status = f"[{done.exit_code}]\n" if done.exit_code else ""
    return done.output.replace(THROWAWAY, "") + status


def matches(expected: list[str], printed: list[str]) -> bool:
    """`…` stands for any words in a line; alone on a line, for any lines."""
    pieces = []
    for line in expected:
        if line == "…":
            pieces.append(r"(?:.*\n)*?")
        else:
            pieces.append(".*?".join(re.escape(part) for part in line.split("…")) + r"\n")
    return re.fullmatch("".join(pieces), "".join(line + "\n" for line in printed)) is not None


def steps(session: str) -> list[tuple[str, str, list[str]]]:
    """The sign, the line and the expected output of every step."""
    found: list[tuple[str, str, list[str]]] = []
    for line in session.splitlines():
        if line[:2] in ("$ ", "= "):
            found.append((line[0], line[2:], []))
        elif found and not line.startswith("#"):
            found[-1][2].append(line)
    return [(sign, line, _trimmed(expected)) for sign, line, expected in found]


def _trimmed(lines: list[str]) -> list[str]:
    while lines and not lines[-1]:
        lines.pop()
    return lines


def test_the_wildcard_stands_for_words_and_for_lines() -> None:
    assert matches(["a … c", "…", "z"], ["a b c", "x", "y", "z"])
    assert not matches(["a … c"], ["a b d"])
    assert not matches(["a"], ["a", "b"])


def test_there_are_sessions() -> None:
    assert len(SESSIONS) > 5


@pytest.mark.parametrize("session", SESSIONS, ids=lambda path: str(path.stem))
def test_a_session_prints_what_it_says(
    session: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("PASTWATCH_ARCHIVE", "PASTWATCH_KEYS", "PASTWATCH_PERSON", "PASTWATCH_JSON"):
        monkeypatch.delenv(name, raising=False)
    stage = Stage(tmp_path)
    for sign, line, expected in steps(session.read_text(encoding="utf-8")):
        if sign == "=":
            stage.act(line)
            continue
        printed = [text.rstrip() for text in _trimmed(run(line, stage.env).splitlines())]
        assert matches(expected, printed), "\n".join(
            ["$ " + line, *printed, "-- wanted", *expected]
        )
