"""Private folders: made for one process, and removed once it is gone."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from pastwatch.stages.collect import spool


@pytest.mark.skipif(os.name != "posix", reason="a process can be asked after on POSIX alone")
def test_what_a_killed_process_left_is_removed_by_the_next(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(spool, "_MEMORY_FOLDER", tmp_path)
    gone = subprocess.run(
        [sys.executable, "-c", "import os; print(os.getpid())"],
        check=True,
        capture_output=True,
        text=True,
    ).stdout.strip()
    left = tmp_path / f"pastwatch-{gone}-abc"
    alive = tmp_path / f"pastwatch-{os.getpid()}-abc"
    other = tmp_path / "pastwatch-notes"
    for folder in (left, alive, other):
        folder.mkdir()
        (folder / "member").write_text("plain")
    made = spool.private_folder()
    assert not left.exists()
    assert alive.exists()
    assert other.exists()
    assert made.stat().st_mode & 0o077 == 0
    shutil.rmtree(made)
