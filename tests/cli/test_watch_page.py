"""What the page on watching tells to type is typed, and every line that it shows is printed."""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path

import pytest
from click.testing import CliRunner

from pastwatch.cli.main import tree
from pastwatch.cli.session import Session
from pastwatch.cli.watch import watch
from pastwatch.desk.scratch import scratch_archive

PAGE = (Path(__file__).parents[2] / "docs" / "watching.md").read_text(encoding="utf-8")
EDITED = {
    "authority_id": "plant",
    "purpose": "know at once when a pump stands",
    "ground": "our own plant, order 17",
}
SAID = [
    ("13:02", "north@plant.example", "all quiet at the north end"),
    ("13:10", "north@plant.example", "the valve by the ladder is stuck again, sending Ilse"),
    ("13:11", "control@plant.example", "cake at four"),
]


def blocks(language: str) -> list[str]:
    return re.findall(rf"(?ms)^```{language}\n(.*?)^```$", PAGE)


def plain(line: str) -> str:
    """A line without what differs from run to run: ids, times, key ids."""
    line = re.sub(r"\d{4}-\d\d-\d\d \d\d:\d\d(:\d\d)? \+00:00", "TIME", line)
    return re.sub(r"\b[0-9a-f]{12,64}\b", "ID", line).rstrip()


def edit(path: Path) -> None:
    lines = []
    for line in path.read_text(encoding="utf-8").splitlines():
        name = line.partition(" = ")[0]
        lines.append(f'{name} = "{EDITED[name]}"' if name in EDITED else line)
    path.write_text("\n".join(lines), encoding="utf-8")


def test_every_command_of_the_page_prints_what_the_page_shows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    scratch_archive(tmp_path, person="kim").close()
    (toml,) = blocks("toml")
    (tmp_path / "valve.toml").write_text(toml, encoding="utf-8")
    rows = [
        {
            "id": at,
            "date": f"2031-05-06T{at}:00Z",
            "conversation": "shift",
            "from": by,
            "to": "control@plant.example",
            "text": text,
        }
        for at, by, text in SAID
    ]
    (tmp_path / "radio.jsonl").write_text("".join(json.dumps(r) + "\n" for r in rows))
    alert, typed = "", 0
    for part in "".join(blocks("console")).split("$ ")[1:]:
        if part.startswith(("EDITOR", "$EDITOR")) or not part.strip():
            continue
        command, *expected = part.rstrip("\n").split("\n")
        words = [alert if re.fullmatch("[0-9a-f]{12}", w) else w for w in shlex.split(command)]
        out = said(words[1:])
        typed += 1
        if words[1:3] == ["watch", "alerts"]:
            alert = out.splitlines()[1].split()[0]
        if words[2:4] == ["authority", "draft"]:
            edit(tmp_path / "standing.toml")
        printed = [plain(line) for line in out.splitlines()]
        for line in expected:
            assert plain(line) in printed, (command, line)
    assert typed == 9


def said(words: list[str]) -> str:
    place = ["--archive", "archive", "--keys", "keys", "--person", "kim"]
    top, own = (watch, words[1:]) if words[0] == "watch" else (tree, words)
    given = [*own, *place] if top is watch else [*place, *own]
    found = CliRunner().invoke(top, given, obj=Session(), standalone_mode=False)
    if found.exception is not None:
        raise found.exception
    return found.stdout


def test_the_page_names_every_command_of_the_family() -> None:
    for name in ("draft", "add", "start", "end", "show", "sources", "alerts", "read", "ack"):
        assert f"watch {name}" in PAGE
