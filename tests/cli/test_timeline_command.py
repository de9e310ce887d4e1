"""The timeline command prints for a reader and for a program, draws, and keeps entries."""

from __future__ import annotations

import json
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result

from pastwatch.cli import timeline as face
from pastwatch.cli.session import Session
from pastwatch.config import Settings
from pastwatch.desk.scratch import open_self_authorised, scratch_archive
from pastwatch.errors import BadValue, UsageError

ROWS = [
    {"id": "1", "date": "2017-07-01T10:00:00Z", "from": "anna@a.example", "to": "b",
     "text": "the van is hired"},
    {"id": "2", "date": "2017-07-01T11:00:00Z", "from": "\u202eevil@a.example", "to": "b",
     "text": "the van\u202e is <b>here</b> \x1b[2J"},
    {"id": "3", "date": "2017-07-01T13:00:00Z", "from": "carl@a.example", "to": "b",
     "text": "the van has gone"},
    {"id": "4", "from": "dora@a.example", "to": "b", "text": "a van without a date"},
]  # fmt: skip


@pytest.fixture
def archive(tmp_path: Path) -> list[str]:
    """Global options of an archive with a case of four records, three hours of them dated."""
    rows = tmp_path / "rows.jsonl"
    rows.write_text("".join(json.dumps(row) + "\n" for row in ROWS), encoding="utf-8")
    with scratch_archive(tmp_path, settings=Settings(isolate=False), person="ana") as opened:
        opened.collect(rows, source="rows", basis="own", connector="jsonl")
        opened.add_event("e", "The fire", at="2017-07-01T15:00+03:00", references=("report",))
        case, _, _ = open_self_authorised(
            opened, "e", tmp_path / "grant.toml", ground="own data", undated=True
        )
        assert len(list(case.look("van"))) == 4
        case.close()
    options = {"archive": tmp_path / "archive", "keys": tmp_path / "keys", "person": "ana"}
    return [part for name, value in options.items() for part in (f"--{name}", str(value))]


def invoke(*args: str) -> Result:
    tree = click.Group(commands={"timeline": face.timeline})
    return CliRunner().invoke(
        tree, ["timeline", *args], obj=Session(), standalone_mode=False, catch_exceptions=False
    )


def run(archive: list[str], *args: str) -> tuple[int, list[str]]:
    result = invoke(*args, *archive) if args else invoke(*archive)
    return int(result.return_value), result.stdout.splitlines()


def objects(archive: list[str], *args: str) -> list[dict[str, object]]:
    return [json.loads(line) for line in run(archive, *args, "--json")[1]]


def test_without_anything_cited_it_says_what_to_do_and_is_nothing_found(
    archive: list[str],
) -> None:
    for args in ((), ("show",)):
        status, lines = run(archive, *args)
        assert status == 1
        assert lines[-1].startswith("nothing is cited or judged relevant yet")
        assert any(line.startswith("rows ") for line in lines)


def test_the_table_has_both_zones_and_the_event_between_before_and_after(
    archive: list[str],
) -> None:
    status, lines = run(archive, "show", "--query", "q1")
    assert status == 0
    table = [line for line in lines if line[:1] in ("h", "─")]
    assert [line.split()[0] for line in table] == ["h1", "h2", "──", "h3", "h4"]
    assert "2017-07-01 13:00:00" in table[0]
    assert "2017-07-01 10:00" in table[0]
    assert "EVENT" in table[2]
    assert "no usable date" in table[4]
    assert any("2 before the event, 0 during, 1 after, 1 without a usable date" in x for x in lines)
    assert any(line.split() == ["showing", "4", "of", "4"] for line in lines)


def test_what_a_terminal_would_obey_is_shown_as_a_sign(archive: list[str]) -> None:
    text = "\n".join(run(archive, "show", "--hits")[1])
    assert "\u202e" not in text
    assert "\x1b" not in text
    assert "⟨U+202E⟩" in text


def test_a_limit_is_told(archive: list[str]) -> None:
    _, lines = run(archive, "show", "--hits", "--limit", "2")
    assert any("2 of 4; entries and what is cited first" in line for line in lines)
    _, lines = run(archive, "show", "--hits", "--since", "2017-07-01T12:30Z")
    assert any("2 of 4; 2 outside the stretch asked for" in line for line in lines)


def test_the_lines_are_json_and_exact(archive: list[str]) -> None:
    first, *rest = objects(archive, "show", "--hits")
    assert (first["kind"], first["found"], first["shown"]) == ("timeline", 4, 4)
    marks = [one for one in rest if one["kind"] == "mark"]
    assert [one["name"] for one in marks] == ["h1", "h2", "h3", "h4"]
    assert marks[1]["who"] == "\u202eevil@a.example"
    assert len(str(marks[0]["record_id"])) == 32
    (volume,) = [one for one in rest if one["kind"] == "volume"]
    assert sum(volume["counts"]) == 3  # type: ignore[call-overload]


def test_an_entry_is_added_listed_struck_and_gone(archive: list[str]) -> None:
    status, lines = run(
        archive, "add", "The van was hired", "--at", "2017-07-01T12:30+03:00", "--cites", "h1,h2"
    )
    assert (status, lines) == (
        0,
        ["e1 kept: 2017-07-01 12:30 +03:00 (09:30 UTC); rests on 2 citations"],
    )
    run(archive, "add", "Closed road", "--at", "2017-07-01", "--until", "2017-07-02", "--lasting")
    run(archive, "add", "A key", "--undated", "--place", "the mill", "--reason", "a rumour")
    text = "\n".join(run(archive, "entries")[1])
    assert "cites nothing: a rumour; by ana" in text
    assert "A key, the mill" in text
    assert "from 2017-07-01 00:00:00 +03:00" in text
    shown = "\n".join(run(archive, "show")[1])
    assert "(for 2 d) Closed road" in shown
    assert "analyst's entry, cites nothing" in shown
    assert run(archive, "strike", "e2", "--reason", "of another day") == (
        0,
        ["e2 is struck; it stays on file"],
    )
    assert "Closed road" not in "\n".join(run(archive, "show")[1])
    assert "STRUCK by ana: of another day" in "\n".join(run(archive, "entries", "--struck")[1])
    kept = objects(archive, "entries", "--struck")
    assert [one["name"] for one in kept] == ["e1", "e2", "e3"]
    assert kept[1]["struck"]
    assert objects(archive, "strike", "e3", "--reason", "x") == [{"name": "e3", "struck": "x"}]


def test_no_entries_is_nothing_found(archive: list[str]) -> None:
    status, (line,) = run(archive, "entries")
    assert (status, line) == (1, 'no entries yet: pastwatch timeline add "…" --at ISO')


def test_an_entry_says_its_time_or_that_it_has_none(archive: list[str]) -> None:
    with pytest.raises(UsageError, match="has a time"):
        run(archive, "add", "x")
    with pytest.raises(UsageError, match="has a time"):
        run(archive, "add", "x", "--at", "2017-07-01", "--undated")
    with pytest.raises(BadValue, match="not a date"):
        run(archive, "add", "x", "--at", "noon")


def test_it_draws_svg_and_png_and_nothing_else(archive: list[str], tmp_path: Path) -> None:
    picture = tmp_path / "t.svg"
    _, lines = run(archive, "show", "--hits", "--picture", str(picture))
    assert lines[-1] == f"drawn: {picture}"
    assert picture.read_text(encoding="utf-8").startswith("<svg")
    pytest.importorskip("vl_convert")
    run(archive, "show", "--hits", "--json", "--picture", str(tmp_path / "t.png"))
    assert (tmp_path / "t.png").read_bytes().startswith(b"\x89PNG")
    with pytest.raises(UsageError, match="is no picture"):
        run(archive, "show", "--picture", str(tmp_path / "t.gif"))
