"""One holder at a time, and none after its death."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from pastwatch.errors import ArchiveLocked, StorageError
from pastwatch.storage.lock import FileLock

HOLD = """
import sys
from pathlib import Path
from pastwatch.storage.lock import FileLock
lock = FileLock(Path(sys.argv[1])).wait()
print("held", flush=True)
sys.stdin.read()
"""


def test_a_held_lock_is_refused_to_others_and_free_after(tmp_path: Path) -> None:
    first, second = FileLock(tmp_path / "lock"), FileLock(tmp_path / "lock")
    with first.try_now():
        assert first.held
        with pytest.raises(ArchiveLocked, match="another process"):
            second.try_now()
    with second.try_now():
        assert not first.held


def test_one_object_does_not_lock_twice_and_must_lock_before_a_block(tmp_path: Path) -> None:
    lock = FileLock(tmp_path / "lock")
    with lock.try_now(), pytest.raises(ArchiveLocked, match="this very object"):
        lock.wait()
    with pytest.raises(StorageError, match="was not locked"), lock:
        pass


def test_a_lock_in_a_missing_folder_is_told(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="no such file"):
        FileLock(tmp_path / "missing" / "lock").try_now()


def test_waiting_ends_when_the_holder_lets_go(tmp_path: Path) -> None:
    first, second = FileLock(tmp_path / "lock"), FileLock(tmp_path / "lock")
    order: list[str] = []
    first.wait()

    def wait() -> None:
        with second.wait():
            order.append("second")

    thread = threading.Thread(target=wait)
    thread.start()
    order.append("first")
    first.release()
    thread.join(timeout=60)
    assert order == ["first", "second"]


def test_a_killed_holder_leaves_no_stale_lock(tmp_path: Path) -> None:
    lock = FileLock(tmp_path / "lock")
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, str(lock.path)],
        env={"PYTHONPATH": os.pathsep.join(sys.path)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == b"held\n"
        with pytest.raises(ArchiveLocked):
            lock.try_now()
        child.kill()
        child.wait()
        with lock.try_now():
            assert lock.held
