"""Killed, or failed by the disk, at every durable call: nothing acknowledged is lost, none twice."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from tests.desk import killed, offices

from pastwatch.archive.held import listed_ids
from pastwatch.archive.repair import repair
from pastwatch.archive.verify import verify_archive
from pastwatch.errors import StorageError
from pastwatch.storage import durable

RECORDS = 20
ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def pristine(tmp_path: Path) -> Path:
    """An archive with nothing in it yet, and a file to collect."""
    root = tmp_path / "pristine"
    offices.Desk.founded(root)
    offices.write_lines(root / "input.jsonl", offices.lines(RECORDS))
    return root


def check(folder: Path, *, look_inside: bool) -> int:
    """Reopen, repair, look, run again: how many records stood before the second run."""
    desk = offices.Desk(folder, offices.Clock())
    noted = folder / killed.ACKNOWLEDGED
    acknowledged = noted.read_text().split() if noted.exists() else []
    with desk.open() as archive:
        held = {row.pack_id: row.records for row in archive.office.catalogue.packs()}
    assert set(acknowledged) <= set(held), "acknowledged, and gone"
    repair(desk.place, dry_run=False)
    report = verify_archive(desk.place)
    assert report.problems == []
    assert report.notes == [], "repair sweeps what was never committed"
    assert not list(desk.place.folder.rglob(f".*{durable.TEMPORARY_SUFFIX}"))
    assert repair(desk.place, dry_run=False).nothing
    if look_inside:
        assert len(desk.texts()) == sum(held.values())
    before = sum(held.values())
    with desk.open() as archive:
        run = archive.collect(folder / "input.jsonl", source="mail", basis="own", connector="jsonl")
        assert run.accounted
        assert (run.run.records, run.run.already_held) == (RECORDS - before, before)
        assert len(archive.office.sources()) == 1
    assert verify_archive(desk.place).problems == []
    files = [p.read_bytes() for p in desk.place.packs.rglob("*.ids")]
    ids = [one.tobytes() for file in files for one in listed_ids(file)]
    assert len(set(ids)) == len(ids) == RECORDS, "no record twice"
    if look_inside:
        assert sorted(desk.texts()) == sorted(f"text of number {n}" for n in range(RECORDS))
    return before


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Checking after the fact waits for no disk."""
    monkeypatch.setattr(durable, "_fsync", lambda _: None)
    monkeypatch.setattr(durable, "_fsync_directory", lambda _: None)


@pytest.mark.skipif(sys.platform == "win32", reason="needs fork and SIGKILL")
@pytest.mark.usefixtures("quick")
def test_a_kill_at_any_durable_call_loses_nothing_acknowledged(pristine: Path) -> None:
    root = pristine.parent
    environment = {**os.environ, "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'src'}"}
    done = subprocess.run(
        [sys.executable, "-m", "tests.desk.killed", str(root)],
        env=environment,
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    folders = sorted(p for p in root.iterdir() if p.name.isdigit())
    assert len(folders) > 60, "there are so many durable calls in a run"
    assert [(f / killed.RETURNED).exists() for f in folders] == [False] * (len(folders) - 1) + [
        True
    ]
    stood = [check(folder, look_inside=n % 10 == 0) for n, folder in enumerate(folders)]
    assert stood == sorted(stood), "the later the kill, the more stands"
    assert (stood[0], stood[-1]) == (0, RECORDS)
    assert len(set(stood)) == 3, "nothing, the dated pack, both packs"


@pytest.mark.usefixtures("quick")
@pytest.mark.parametrize("moment", ["before", "after"])
def test_every_write_fails_lost_or_stored_and_nothing_is_lost_or_doubled(
    pristine: Path, moment: str
) -> None:
    """Lost: it fails before it is done. Stored: it is done, and answered with an error."""
    failing = 0
    while True:
        failing += 1
        folder = pristine.parent / f"{moment}{failing}"
        shutil.copytree(pristine, folder)
        left = failing

        def fail(kind: str, _path: Path) -> None:
            nonlocal left
            if kind.startswith(moment):
                left -= 1
                if left == 0:
                    raise StorageError("cannot write: the disk is full")

        with contextlib.suppress(StorageError):
            killed.collect(folder, fail)
        assert check(folder, look_inside=failing % 10 == 0) <= RECORDS
        shutil.rmtree(folder)
        if left > 0:
            break
    assert failing > 30


@pytest.mark.usefixtures("quick")
def test_a_full_disk_leaves_nothing_half(desk: offices.Desk, tmp_path: Path) -> None:
    path = offices.write_lines(tmp_path / "mail.jsonl", offices.lines(30))
    with desk.open() as archive:
        archive.collect(path, source="mail", basis="own", connector="jsonl")
    more = offices.write_lines(tmp_path / "more.jsonl", offices.lines(30, first=100))
    before = sorted(p for p in desk.place.packs.rglob("*") if p.is_file())

    def full(kind: str, path: Path) -> None:
        if kind == "before:write" and ".pack." in path.name:
            raise OSError(28, "No space left on device")

    try:
        with desk.open() as archive:
            durable.on_step = full
            with pytest.raises(StorageError, match="the disk is full") as failure:
                archive.collect(more, source="mail", connector="jsonl")
            assert failure.value.hint == "free some space and start again"
    finally:
        durable.on_step = None
    names = {p.suffix for p in set(desk.place.packs.rglob("*.*")) - set(before)}
    assert names <= {".keys", ".ids"}
    repair(desk.place, dry_run=False)
    assert sorted(p for p in desk.place.packs.rglob("*") if p.is_file()) == before
    with desk.open() as archive:
        assert archive.collect(more, source="mail", connector="jsonl").run.records == 30
    assert verify_archive(desk.place).problems == []
