"""What the page on a living case tells a person to type is typed, in order, and does what it says."""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result

from pastwatch.cli import archive, brief, finding, look, record
from pastwatch.cli.main import tree
from pastwatch.cli.session import Session
from pastwatch.desk.scratch import open_self_authorised, scratch_archive
from pastwatch.errors import IntegrityError, UsageError

PAGE = (Path(__file__).parents[2] / "docs" / "living.md").read_text(encoding="utf-8")
STATUS = {"brief status": 3, "verify brief-1/": 3, "verify copy-1/": 3}


class Desk:
    """A case of two records, and its commands."""

    def __init__(self, folder: Path) -> None:
        rows = folder / "rows.jsonl"
        row = {"date": "2017-07-01T10:00:00Z", "from": "a", "to": "b"}
        texts = ("the gate was closed", "men came to the gate as on any day")
        rows.write_text(
            "".join(json.dumps({**row, "id": t, "text": t}) + "\n" for t in texts),
            encoding="utf-8",
        )
        with scratch_archive(folder, person="ana") as opened:
            opened.collect(rows, source="rows", basis="own", connector="jsonl")
            opened.add_event("e", "Event", at="2017-07-01T12:00Z", references=("report",))
            open_self_authorised(opened, "e", folder / "grant.toml", ground="own data")[0].close()
        self.where = ["--archive", str(folder / "archive"), "--keys", str(folder / "keys")]
        self.tree = click.Group(
            commands={
                "brief": brief.brief,
                "finding": finding.finding,
                "look": look.look,
                "mark": record.mark,
                "verify": archive.verify,
            }
        )

    def run(self, *words: str) -> Result:
        """One command line, its errors raised."""
        return CliRunner().invoke(
            self.tree,
            [*words, *self.where],
            obj=Session(),
            standalone_mode=False,
            catch_exceptions=False,
        )


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    monkeypatch.chdir(tmp_path)
    assert "reaffirm" in finding.finding.list_commands(click.Context(tree))
    return Desk(tmp_path)


def test_every_command_of_the_page_works(desk: Desk) -> None:
    (block,) = re.findall(r"(?ms)^```console\n(.*?)^```$", PAGE)
    printed = {}
    for line in block.splitlines():
        words = shlex.split(line.removeprefix("$ pastwatch "))
        result = desk.run(*words)
        expected = next((s for start, s in STATUS.items() if " ".join(words).startswith(start)), 0)
        assert result.return_value == expected, (line, result.stdout)
        printed[" ".join(words[:2])] = result.stdout
    assert len(printed) >= 12
    assert "f1   STALE since version 1" in printed["brief status"]
    assert "although:\n  record" in printed["finding reaffirm"]
    assert "+ finding: Men came as on any day." in printed["brief diff"]
    assert re.search(r"b1 .* superseded by entry \d+\nb2 .* stands\n", printed["brief list"])
    assert "copy 1  b1" in printed["brief copies"]
    assert "CORRECTED: this brief, f1: h1 is a quotation" in printed["verify brief-1/"]
    assert "\n  f1: The gate was closed.\n" in printed["verify brief-1/"]
    assert "SUPERSEDED: this brief, by ledger entry" in printed["verify copy-1/"]


def test_answers_in_json_name_what_the_tables_say(desk: Desk) -> None:
    desk.run("look", "gate")
    desk.run("finding", "add", "The gate was closed.", "--cites", "h1")
    first = json.loads(desk.run("brief", "--out", "one", "--json").stdout)
    assert (first["version"], first["supersedes"], first["stale"]) == (1, None, [])
    desk.run("mark", "h1", "relevant")
    (standing,) = map(json.loads, desk.run("brief", "status", "--json").stdout.splitlines())
    assert (standing["standing"], len(standing["changes"])) == ("stale", 1)
    second = json.loads(desk.run("brief", "release", "--out", "two", "--json").stdout)
    assert (second["supersedes"], second["stale"]) == (first["release_sequence"], ["f1"])
    listed = [json.loads(x) for x in desk.run("brief", "list", "--json").stdout.splitlines()]
    assert [one["told"] for one in listed] == [
        [f"superseded by entry {second['release_sequence']}"],
        [],
    ]
    copied = json.loads(
        desk.run("brief", "copy", "two", "--to", "X", "--out", "c", "--json").stdout
    )
    assert (copied["number"], copied["version"]) == (1, 2)
    (kept,) = map(json.loads, desk.run("brief", "copies", "--json").stdout.splitlines())
    assert kept["recipient"] == "X"
    told = json.loads(
        desk.run("brief", "withdraw", "--of", "b2", "--reason", "wrong", "--json").stdout
    )
    assert told["told"] == [f"withdrawn by ledger entry {told['sequence']}"]
    report = json.loads(desk.run("verify", "c", "--notice", "notice.json", "--json").stdout)
    assert report["told"][0].startswith("WITHDRAWN: this brief, the whole brief: wrong")


def test_with_nothing_released_the_commands_say_so(desk: Desk) -> None:
    for words in (("list",), ("status",), ("copies",)):
        result = desk.run("brief", *words)
        assert result.return_value == 1
        assert result.stdout.strip()
    with pytest.raises(UsageError, match="into a folder"):
        desk.run("brief")


def test_two_that_differ_from_their_release_are_not_compared_as_sound(desk: Desk) -> None:
    desk.run("look", "gate")
    desk.run("finding", "add", "The gate was closed.", "--cites", "h1")
    desk.run("brief", "--out", "one")
    assert desk.run("brief", "diff", "one", "one").return_value == 1
    Path("one/brief.md").write_text("# Another\n", encoding="utf-8")
    with pytest.raises(IntegrityError, match="not what was released"):
        desk.run("brief", "diff", "one", "one")
