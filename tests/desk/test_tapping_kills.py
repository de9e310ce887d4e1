"""Killed, or failed by the disk, at every durable call: no alert of a held record is missing."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from tests.desk import offices, tapkilled, taps

from pastwatch.archive.held import LISTED_BYTES, listed_ids
from pastwatch.errors import StorageError
from pastwatch.storage import durable

RECORDS = 6
ROOT = Path(__file__).resolve().parents[2]
RHYTHM = '[[count]]\nat_least = 4\nwithin = "1d"\nquery = "number"\n'
RISE = '[[rise]]\nquery = "number"\ntimes = 2.0\nwithin = "1h"\nbaseline = "1d"\n'


@pytest.fixture
def pristine(tmp_path: Path) -> Path:
    """An archive with two watches started, and a file to collect: dated and undated records."""
    root = tmp_path / "pristine"
    desk = offices.Desk.founded(root)
    taps.start(desk, taps.toml("number", "number"), taps.toml("four", rest=RHYTHM + RISE))
    offices.write_lines(root / "input.jsonl", offices.lines(RECORDS))
    return root


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Checking after the fact waits for no disk."""
    monkeypatch.setattr(durable, "_fsync", lambda _: None)
    monkeypatch.setattr(durable, "_fsync_directory", lambda _: None)


def check(folder: Path) -> int:
    """Every held record has its alert; after another run every record has, and none a second one."""
    desk = offices.Desk(folder, offices.Clock())
    with desk.open() as archive:
        packs = archive.office.catalogue.packs()
        held = {
            one.tobytes()
            for row in packs
            for file in [desk.place.packs / row.pack_id[:2] / f"{row.pack_id}.ids"]
            for one in listed_ids(file.read_bytes())
        }
    left = taps.left(desk)
    assert held <= {
        a.alert.record_id[:LISTED_BYTES] for a in left.alerts if a.alert.watch == "number"
    }
    tapkilled.collect(folder, None)
    left = taps.left(desk)
    assert left.texts("number") == [f"text of number {n}" for n in range(RECORDS)]
    assert left.texts("four") == ["text of number 3"], "counted once, whatever was offered twice"
    assert len(left.ids) == RECORDS + 1
    assert all(journal.signed_by and not journal.damaged for journal in left.journals)
    return len(held)


@pytest.mark.skipif(sys.platform == "win32", reason="needs fork and SIGKILL")
@pytest.mark.usefixtures("quick")
def test_a_kill_at_any_durable_call_loses_no_alert_of_a_held_record(pristine: Path) -> None:
    root = pristine.parent
    done = subprocess.run(
        [sys.executable, "-m", "tests.desk.tapkilled", str(root)],
        env={**os.environ, "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'src'}"},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    folders = sorted(p for p in root.iterdir() if p.name.isdigit())
    assert len(folders) > 25
    stood = [check(folder) for folder in folders]
    assert set(stood) == {0, 5, RECORDS}, "nothing, the dated pack, both packs"


@pytest.mark.usefixtures("quick")
@pytest.mark.parametrize("moment", ["before", "after"])
def test_a_disk_that_fails_on_what_the_tap_writes_loses_no_alert(
    pristine: Path, moment: str
) -> None:
    """Lost: it fails before it is done. Stored: it is done, and answered with an error."""
    failing = 0
    while True:
        failing += 1
        folder = pristine.parent / f"{moment}{failing}"
        shutil.copytree(pristine, folder)
        left = failing

        def fail(kind: str, path: Path) -> None:
            nonlocal left
            if kind == f"{moment}:rename" and "watch" in path.parts:
                left -= 1
                if left == 0:
                    raise StorageError("cannot write: the disk is full")

        with contextlib.suppress(StorageError):
            tapkilled.collect(folder, fail)
        check(folder)
        if left > 0:
            break
    assert failing == 3, "the journal, what rhythms counted, and none more"
