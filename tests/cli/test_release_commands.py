"""The commands release and disclose: a dry run, a signed-off version, a leak, a pack for counsel."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from tests.cli.commandcases import Place

from pastwatch.errors import IntegrityError, LeakFound, UsageError

ROWS = [
    {"id": f"m{n}", "date": f"2017-07-01T{n + 8:02d}:11:07Z",
     "from": "Nadia Okafor <nadia@quay.example>", "to": "Tomas Brandvold <tomas@quay.example>",
     "conversation": "quay", "text": f"the crane of Zelengrad, number {n}"}
    for n in range(5)
]  # fmt: skip


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Place:
    """An archive with one case, a finding in it, and its full brief."""
    made = Place(tmp_path_factory.mktemp("release"))
    with made.case(ROWS, "read") as case:
        hit = next(iter(list(case.look("crane"))))
        case.finding("Okafor speaks of a crane at Zelengrad.", cites=[hit.hit_id])
        case.brief(made.folder / "full")
    return made


def test_a_dry_run_lists_what_is_left_and_drafts_a_file_of_names(
    place: Place, tmp_path: Path
) -> None:
    names = tmp_path / "names.txt"
    done = place.run("release", "--dry-run", "--draft-names", str(names))
    assert done.return_value == 0, done.output
    assert "Zelengrad" in done.stdout
    assert "# Zelengrad\n" in names.read_text("utf-8")
    told = json.loads(place.run("release", "--dry-run", "--json").stdout)
    assert told["leaks"] == []
    assert told["left"]["Zelengrad"] >= 1


def test_a_version_signed_off_verifies_against_the_full_brief(place: Place, tmp_path: Path) -> None:
    out = tmp_path / "out"
    done = place.run("release", "--out", str(out), "--reviewed-by", "B. Moreau")
    assert done.return_value == 0, done.output
    held = place.run("verify", str(out), "--against", str(place.folder / "full"))
    assert held.return_value == 0, held.output
    assert "held against the full brief" in held.stdout
    assert isinstance(
        place.run("verify", str(out), "--against", str(tmp_path)).exception, IntegrityError
    )


def test_a_planted_text_that_got_in_refuses_the_release(place: Place, tmp_path: Path) -> None:
    asked = ("release", "--canary", "Zelengrad", "--reviewed-by", "B. Moreau")
    error = place.refused(*asked, "--out", str(tmp_path / "out"))
    assert isinstance(error, LeakFound)
    assert "Zelengrad" not in str(error)
    assert not (tmp_path / "out").exists()
    dry = place.run(*asked, "--dry-run")
    assert isinstance(dry.exception, LeakFound)
    assert "Zelengrad" in dry.stdout


def test_who_looked_is_named_and_a_file_of_names_reads(place: Place, tmp_path: Path) -> None:
    assert isinstance(place.refused("release", "--out", str(tmp_path / "out")), UsageError)
    gone = str(tmp_path / "none.txt")
    assert isinstance(place.refused("release", "--dry-run", "--names", gone), UsageError)
    (tmp_path / "bad.txt").write_text("Colour: red\n", encoding="utf-8")
    bad = place.refused("release", "--dry-run", "--names", str(tmp_path / "bad.txt"))
    assert "line 1" in str(bad)


def test_a_pack_is_laid_open(place: Place, tmp_path: Path) -> None:
    done = place.run("disclose", "--out", str(tmp_path / "pack"))
    assert done.return_value == 0, done.output
    assert (tmp_path / "pack" / "index.html").is_file()
    told = place.run("disclose", "--out", str(tmp_path / "again"), "--json")
    assert json.loads(told.stdout)["tables"]["queries"] == 1
    assert isinstance(place.refused("disclose", "--out", str(tmp_path / "pack")), UsageError)
