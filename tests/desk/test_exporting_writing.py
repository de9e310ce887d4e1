"""An export is whole or not there: the ledger first, then its name; formats; pages; what left so far."""

from __future__ import annotations

import hashlib
import json
import sys
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from tests.desk import exportcases
from tests.desk.exportcases import ROWS, Kept, cite, entries, judge

from pastwatch.archive.gate import Gate
from pastwatch.desk.case import CaseWork
from pastwatch.desk.exporting import taking, writing
from pastwatch.desk.exporting.writing import ExportMade, export, exports_made, formats
from pastwatch.errors import PackDamaged, StorageError, UnknownPlugin, UsageError
from pastwatch.storage import durable

archive = exportcases.archive
kept = exportcases.kept
reading = exportcases.reading
exporting = exportcases.exporting


@pytest.mark.usefixtures("kept")
def test_the_ledger_tells_of_an_export_before_it_has_its_name(
    reading: CaseWork, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    judge(reading, "idle")
    met: list[int] = []

    def step(kind: str, path: Path) -> None:
        if kind == "before:rename" and path.name == "out":
            met.append(len(entries(reading)))

    monkeypatch.setattr(durable, "on_step", step)
    made = export(reading, "kept", tmp_path / "out")
    assert met == [1]
    (entry,) = entries(reading)
    manifest = (tmp_path / "out" / "export.json").read_bytes()
    assert entry.objects["manifest"] == made.manifest_sha256 == _sha256(manifest)
    (file,) = json.loads(manifest)["files"]
    raw = (tmp_path / "out" / file["name"]).read_bytes()
    assert (file["bytes"], file["sha256"]) == (len(raw), _sha256(raw))
    assert entry.outcome["records"] == made.records == 1
    assert (tmp_path / "out").stat().st_mode & 0o077 == 0


def _sha256(raw: bytes) -> str:
    return hashlib.sha256(raw).hexdigest()


@pytest.mark.parametrize("failure", [KeyboardInterrupt, UsageError("no")], ids=["cancel", "error"])
def test_an_export_that_ends_midway_leaves_nothing(
    reading: CaseWork, kept: Kept, tmp_path: Path, failure: BaseException
) -> None:
    judge(reading, "idle")

    def fail(folder: Path) -> None:
        assert (folder / "a" / "kept.txt").exists()
        assert folder.name.startswith(".out.")
        assert durable.is_temporary(folder)
        raise failure

    kept.meanwhile = fail
    with pytest.raises((KeyboardInterrupt, UsageError)):
        export(reading, "kept", tmp_path / "out")
    assert [path.name for path in tmp_path.iterdir()] == ["desk"]
    assert entries(reading) == []
    assert exports_made(reading) == []


@pytest.mark.usefixtures("kept")
def test_a_failure_after_the_ledger_was_told_leaves_the_entry_and_no_export(
    reading: CaseWork, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    judge(reading, "idle")

    def step(kind: str, path: Path) -> None:
        if kind == "before:rename" and path.name == "out":
            raise OSError("gone")

    monkeypatch.setattr(durable, "on_step", step)
    with pytest.raises(StorageError):
        export(reading, "kept", tmp_path / "out")
    monkeypatch.setattr(durable, "on_step", None)
    assert [path.name for path in tmp_path.iterdir()] == ["desk"]
    assert len(entries(reading)) == 1
    export(reading, "kept", tmp_path / "out")
    assert [Path(line.folder).name for line in exports_made(reading)] == ["", "out"]


@pytest.mark.usefixtures("kept")
def test_a_folder_that_holds_something_is_refused_and_an_empty_one_is_filled(
    reading: CaseWork, tmp_path: Path
) -> None:
    judge(reading, "idle")
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "x").touch()
    with pytest.raises(UsageError, match="not an empty folder"):
        export(reading, "kept", tmp_path / "full")
    (tmp_path / "empty").mkdir()
    export(reading, "kept", tmp_path / "empty")
    assert (tmp_path / "empty" / "export.json").is_file()


@pytest.mark.usefixtures("kept")
def test_nothing_cited_and_nothing_relevant_is_said_before_anything_is_written(
    reading: CaseWork, tmp_path: Path
) -> None:
    with pytest.raises(UsageError, match="nothing leaves this case"):
        export(reading, "kept", tmp_path / "out")
    assert [path.name for path in tmp_path.iterdir()] == ["desk"]


def test_an_unknown_format_lists_the_known_and_so_does_an_unknown_extent(
    reading: CaseWork, tmp_path: Path
) -> None:
    with pytest.raises(UnknownPlugin) as unknown:
        export(reading, "papyrus", tmp_path / "out")
    assert "rsmf" in str(unknown.value.hint)
    with pytest.raises(UsageError) as wrong:
        export(reading, "rsmf", tmp_path / "out", what="everything")
    assert wrong.value.hint == "cited, relevant, slice"


@pytest.mark.usefixtures("kept")
def test_what_left_is_listed_in_order(reading: CaseWork, tmp_path: Path) -> None:
    judge(reading, "idle")
    made: list[ExportMade] = [export(reading, "kept", tmp_path / name) for name in ("one", "two")]
    listed = exports_made(reading)
    assert [line.sequence for line in listed] == [one.sequence for one in made]
    assert [Path(line.folder).name for line in listed] == ["one", "two"]
    assert listed[0].manifest_sha256 == made[0].manifest_sha256


def test_records_in_blocks_that_open_no_more_are_counted_as_left(
    exporting: CaseWork, kept: Kept, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    export(exporting, "kept", tmp_path / "whole", what="slice", real_names=True)
    whole = len(kept.records)

    def damaged(*_: Any, **__: Any) -> Any:
        raise PackDamaged("a block is damaged")

    monkeypatch.setattr(Gate, "show", damaged)
    made = export(exporting, "kept", tmp_path / "out", what="slice", real_names=True)
    assert kept.records == []
    assert ("records", whole, "in blocks that do not open") in [
        (one.what, one.count, one.why) for one in made.left_out
    ]


def test_pages_are_cut_by_number_and_every_record_leaves_once(
    exporting: CaseWork, kept: Kept, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(taking, "PAGE", 3)
    export(exporting, "kept", tmp_path / "out", what="slice", real_names=True)
    assert [one.number for one in kept.records] == list(range(1, len(ROWS) + 1))
    assert [one.record.native_id for one in kept.records] == [row[0] for row in ROWS]


def test_every_format_says_what_it_is_in_one_line() -> None:
    told = dict(formats())
    assert {"rsmf", "loadfile"} <= set(told)
    assert all(20 < len(said) <= 110 for said in told.values()), told
    assert writing.MANIFEST == "export.json"


@pytest.mark.parametrize("name", [name for name, _ in formats()])
def test_every_format_takes_a_slice_with_context_under_pseudonyms(
    exporting: CaseWork, tmp_path: Path, name: str
) -> None:
    judge(exporting, "idle")
    cite(exporting, "lunch")
    made = export(exporting, name, tmp_path / "out", what="slice")
    held = {p.relative_to(tmp_path / "out").as_posix() for p in (tmp_path / "out").rglob("*") if p.is_file()}  # fmt: skip
    listed = {f["name"] for f in json.loads((tmp_path / "out" / "export.json").read_bytes())["files"]}  # fmt: skip
    assert held == listed | {"export.json"}
    assert made.records == len(ROWS)
