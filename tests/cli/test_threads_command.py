"""The threads command prints for a reader and for a program, draws, and keeps corrections."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import CliRunner, Result

from pastwatch.cli import threads as face
from pastwatch.cli.session import Session
from pastwatch.config import Settings
from pastwatch.desk.scratch import open_self_authorised, scratch_archive
from pastwatch.errors import UsageError

RAMP = "The ramp at the north pier is broken and the ferry will not stop there this week"
ROWS = [
    {"id": "1@a", "date": "2017-07-01T08:00:00Z", "from": "anna@a.example", "to": "b@a.example",
     "subject": "Ramp\x1b[2J", "text": RAMP},
    {"id": "2@a", "date": "2017-07-01T09:00:00Z", "from": "b@a.example", "to": "anna@a.example",
     "subject": "Re: Ramp\x1b[2J", "text": f"anna@a.example wrote:\n> {RAMP}\nI\u202e see"},
    {"id": "3@a", "date": "2017-07-01T10:00:00Z", "from": "c@a.example", "to": "b@a.example",
     "subject": "Bread", "text": "there is bread left in the canteen"},
]  # fmt: skip


@pytest.fixture
def archive(tmp_path: Path) -> list[str]:
    """Global options of an archive with a case of three mails, two of them a thread."""
    rows = tmp_path / "rows.jsonl"
    rows.write_text("".join(json.dumps(row) + "\n" for row in ROWS), encoding="utf-8")
    with scratch_archive(tmp_path, settings=Settings(isolate=False), person="ana") as opened:
        opened.collect(rows, source="rows", basis="own", connector="jsonl", medium="mail")
        opened.add_event("e", "The fire", at="2017-07-01T15:00+03:00", references=("report",))
        open_self_authorised(opened, "e", tmp_path / "grant.toml", ground="own data")[0].close()
    options = {"archive": tmp_path / "archive", "keys": tmp_path / "keys", "person": "ana"}
    return [part for name, value in options.items() for part in (f"--{name}", str(value))]


def invoke(archive: list[str], *args: str) -> Result:
    tree = click.Group(commands={"threads": face.threads})
    return CliRunner().invoke(
        tree,
        ["threads", *args, *archive],
        obj=Session(),
        standalone_mode=False,
        catch_exceptions=False,
    )


def objects(archive: list[str], *args: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in invoke(archive, *args, "--json").stdout.splitlines()]


def test_the_list_gives_times_in_both_zones_and_what_links(archive: list[str]) -> None:
    done = invoke(archive, "list")
    assert done.return_value == 0
    head, row, *rest = done.stdout.splitlines()
    assert head.split()[:3] == ["thread", "first", "last"]
    assert "2017-07-01 11:00 +03:00 (08:00 UTC)" in row
    assert "quoted 1" in row
    assert "\x1b" not in row
    assert "showing 1–1 of 1 thread, out of 3 records; 1 stand alone" in rest
    assert any("argued by a machine" in line for line in rest)


def test_nothing_found_is_said(archive: list[str]) -> None:
    done = invoke(archive, "list", "--min", "9")
    assert done.return_value == 1
    assert "showing 0 threads" in done.stdout


def test_a_thread_is_shown_as_a_tree_with_what_each_link_rests_on(archive: list[str]) -> None:
    name = objects(archive, "list")[1]["thread"]
    done = invoke(archive, "show", name)
    assert done.return_value == 0
    assert "└ 2017-07-01 12:00 +03:00 (09:00 UTC)  b@a.example  mail" in done.stdout
    assert "argued (quoted " in done.stdout
    assert "\u202e" not in done.stdout


def test_json_gives_the_same_branches_exactly(archive: list[str]) -> None:
    said, line = objects(archive, "list")
    assert (said["found"], said["shown"], said["alone"]) == (1, 1, 1)
    told, first, second = objects(archive, "show", line["thread"])
    assert (told["records"], told["left_out"]) == (2, 0)
    assert second["answers"] == first["record_id"] == told["root_id"]
    assert second["argued"] is True
    assert 0 < second["score"] <= 1


def test_a_correction_is_kept_and_taken_back(archive: list[str]) -> None:
    lines = objects(archive, "list", "--min", "1")
    ramp, bread = (line["root_id"] for line in lines[1:])
    done = invoke(archive, "link", bread[:8], ramp[:8], "--reason", "bread for the ramp")
    assert done.stdout == "linked: r1\n"
    assert "a person, r1: bread for the ramp" in invoke(archive, "show", ramp).stdout
    assert invoke(archive, "undo", "r1", "--reason", "it was not").stdout == "undone: r1\n"
    assert objects(
        archive, "unlink", objects(archive, "show", ramp)[2]["record_id"], "--reason", "no"
    ) == [{"kind": "relation", "relation": "r2", "what": "unlinked"}]
    assert invoke(archive, "list").return_value == 1


@pytest.mark.parametrize("name", ["thread.svg", "thread.png"])
def test_a_picture_is_written_as_its_name_says(
    archive: list[str], tmp_path: Path, name: str
) -> None:
    if name.endswith("png"):
        pytest.importorskip("vl_convert")
    thread = objects(archive, "list")[1]["thread"]
    assert invoke(archive, "show", thread, "--picture", str(tmp_path / name)).return_value == 0
    head = (tmp_path / name).read_bytes()[:8]
    assert head.startswith(b"<svg" if name.endswith("svg") else b"\x89PNG")


def test_a_picture_of_another_kind_is_refused(archive: list[str]) -> None:
    with pytest.raises(UsageError, match="no picture file"):
        invoke(archive, "show", "t000000", "--picture", "a.gif")


def test_talk_across_media_says_when_there_is_none(archive: list[str]) -> None:
    done = invoke(archive, "across")
    assert done.return_value == 1
    assert "showing 0 of 0 stretches on several media" in done.stdout
    with pytest.raises(UsageError, match="gap"):
        invoke(archive, "across", "--gap", "0")
