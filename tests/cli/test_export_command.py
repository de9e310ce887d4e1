"""The export commands: a format by its name, what was left out, what left so far, refusals by status."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from tests.cli.commandcases import Place

ROWS = [
    {"id": f"m{n}", "date": f"2017-07-01T{n + 8:02d}:00:00Z", "from": f"u{n}@a.example",
     "to": "v@a.example", "conversation": "quay", "text": f"the crane {n}"}
    for n in range(5)
]  # fmt: skip


def filled(folder: Path, *acts: str) -> Place:
    """An archive with one case, in which one record is judged relevant."""
    place = Place(folder)
    with place.case(ROWS, *acts) as case:
        (hit,) = case.look("2")
        case.mark(hit.hit_id, "relevant")
    return place


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Place:
    return filled(tmp_path_factory.mktemp("export"), "read", "export")


def test_the_name_of_a_format_writes_it(place: Place, tmp_path: Path) -> None:
    done = place.run("export", "rsmf", "--out", str(tmp_path / "out"))
    assert done.return_value == 0, done.output
    assert "1 record" in done.stdout
    assert "names       as they are" in done.stdout
    assert "left out    nothing" in done.stdout
    assert (tmp_path / "out" / "export.json").is_file()
    assert len(list((tmp_path / "out").glob("*.rsmf"))) == 1


def test_what_is_left_out_and_who_is_under_a_pseudonym_is_printed(
    place: Place, tmp_path: Path
) -> None:
    done = place.run(
        *("export", "write", "loadfile", "--out", str(tmp_path / "out")),
        *("--what", "slice", "--originals", "--prefix", "ABC"),
    )
    assert done.return_value == 0, done.output
    assert "all others under pseudonyms" in done.stdout
    assert "left out    4 originals" in done.stdout
    assert (tmp_path / "out" / "VOL001" / "TEXT" / "0001" / "ABC0000005.txt").is_file()


def test_json_is_one_line_with_every_figure(place: Place, tmp_path: Path) -> None:
    done = place.run("export", "rsmf", "--out", str(tmp_path / "out"), "--context", "1", "--json")
    (line,) = done.stdout.splitlines()
    told = json.loads(line)
    assert (told["format"], told["records"], told["pseudonymous"]) == ("rsmf", 3, True)
    listed = [json.loads(one) for one in place.run("export", "list", "--json").stdout.splitlines()]
    assert listed[-1]["sequence"] == told["sequence"]
    assert listed[-1]["manifest_sha256"] == told["manifest_sha256"]


def test_what_left_is_listed_and_so_are_the_formats(place: Place, tmp_path: Path) -> None:
    place.run("export", "rsmf", "--out", str(tmp_path / "listed-here"))
    assert "listed-here" in place.run("export", "list").stdout
    formats = place.run("export", "formats").stdout
    assert {"loadfile", "rsmf"} <= {line.split()[0] for line in formats.splitlines()}
    told = [json.loads(one) for one in place.run("export", "formats", "--json").stdout.splitlines()]
    assert all(one["says"] for one in told)


def test_a_format_that_is_none_lists_the_known(place: Place, tmp_path: Path) -> None:
    error = place.refused("export", "papyrus", "--out", str(tmp_path / "out"))
    assert error.exit_status == 2
    assert "loadfile" in str(error.hint)


def test_a_folder_that_is_not_empty_is_refused(place: Place, tmp_path: Path) -> None:
    (tmp_path / "x").touch()
    error = place.refused("export", "rsmf", "--out", str(tmp_path))
    assert error.exit_status == 2
    assert [p.name for p in tmp_path.iterdir()] == ["x"]


def test_a_whole_slice_without_the_act_ends_with_status_ten(tmp_path: Path) -> None:
    place = filled(tmp_path, "read")
    assert place.run("export", "list").return_value == 1
    error = place.refused("export", "rsmf", "--out", str(tmp_path / "out"), "--what", "slice")
    assert error.exit_status == 10
    assert not (tmp_path / "out").exists()
    done = place.run("export", "rsmf", "--out", str(tmp_path / "out"), "--context", "1")
    assert "left out    2 words of records" in done.stdout
