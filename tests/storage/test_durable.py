"""Whole or not at all: every durable step counted, failed and killed at."""

from __future__ import annotations

import errno
import os
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from pastwatch.errors import StorageError
from pastwatch.storage import durable

Acts = dict[str, Callable[[Path], None]]

ACTS: Acts = {
    "write_new": lambda path: durable.write_new(path, [b"new ", b"content"]),
    "replace": lambda path: durable.replace(path, b"new content"),
}

KILLED = """
import os, signal, sys
from pathlib import Path
from pastwatch.storage import durable
left = int(sys.argv[2])
def kill(kind, path):
    global left
    left -= 1
    if left < 0:
        os.kill(os.getpid(), signal.SIGKILL)
durable.on_step = kill
durable.replace(Path(sys.argv[1]), b"new content")
print("acknowledged")
"""


@pytest.fixture
def steps(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    seen: list[str] = []
    monkeypatch.setattr(durable, "on_step", lambda kind, _path: seen.append(kind))
    return seen


def fail_at(monkeypatch: pytest.MonkeyPatch, number: int, code: int = errno.EIO) -> None:
    left = iter(range(number, -1000, -1))

    def fail(_kind: str, _path: Path) -> None:
        if next(left) == 0:
            raise OSError(code, "made up")

    monkeypatch.setattr(durable, "on_step", fail)


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_new_file_is_written_synced_named_and_its_name_synced_in_this_order(
    tmp_path: Path, steps: list[str]
) -> None:
    durable.write_new(tmp_path / "pack", b"content")
    done = [kind.removeprefix("after:") for kind in steps if kind.startswith("after:")]
    assert done == ["open", "write", "fsync", "rename", "fsync-dir"]
    assert (tmp_path / "pack").read_bytes() == b"content"
    assert stat.S_IMODE((tmp_path / "pack").stat().st_mode) == 0o600


def test_a_file_that_exists_is_not_written_over(tmp_path: Path) -> None:
    durable.write_new(tmp_path / "pack", b"one")
    with pytest.raises(StorageError, match="'pack': it already exists"):
        durable.write_new(tmp_path / "pack", b"two")
    assert (tmp_path / "pack").read_bytes() == b"one"
    assert names(tmp_path) == ["pack"]


def test_an_error_while_streaming_leaves_nothing(tmp_path: Path) -> None:
    def chunks() -> Iterator[bytes]:
        yield bytes(3 << 20)
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        durable.write_new(tmp_path / "pack", chunks())
    assert names(tmp_path) == []


@pytest.mark.parametrize("act", ACTS)
def test_a_failure_at_any_step_is_told_and_leaves_the_old_or_the_new_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, steps: list[str], act: str
) -> None:
    ACTS[act](tmp_path / "count")
    assert len(steps) == 10
    for number in range(len(steps)):
        folder = tmp_path / str(number)
        folder.mkdir()
        path = folder / "file"
        if act == "replace":
            path.write_bytes(b"old")
        fail_at(monkeypatch, number)
        with pytest.raises(StorageError, match="the disk reported"):
            ACTS[act](path)
        if path.exists():
            assert path.read_bytes() in (b"old", b"new content")
        assert names(folder) in ([], ["file"])


@pytest.mark.parametrize("number", range(10))
def test_a_kill_at_any_step_leaves_the_old_or_the_new_whole(tmp_path: Path, number: int) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"old")
    child = subprocess.run(
        [sys.executable, "-c", KILLED, str(path), str(number)],
        env={"PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        check=False,
    )
    assert child.returncode == -9
    assert child.stdout == b""
    assert path.read_bytes() in (b"old", b"new content")
    others = [other for other in tmp_path.iterdir() if other != path]
    assert all(durable.is_temporary(other) for other in others)


@pytest.mark.parametrize(
    ("code", "words"),
    [(errno.ENOSPC, "the disk is full"), (errno.EACCES, "permission denied")],
)
def test_a_failure_is_told_in_words_without_the_path_above(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: int, words: str
) -> None:
    fail_at(monkeypatch, 0, code)
    with pytest.raises(StorageError, match=words) as failure:
        durable.write_new(tmp_path / "file", b"secret")
    assert str(tmp_path) not in str(failure.value)
    assert "secret" not in str(failure.value)


def test_after_a_failed_fsync_an_append_file_takes_nothing_more(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with durable.AppendFile(tmp_path / "log") as log:
        log.append(b"one\n")

        def fail(kind: str, _path: Path) -> None:
            if kind == "before:fsync":
                raise OSError(errno.EIO, "made up")

        monkeypatch.setattr(durable, "on_step", fail)
        with pytest.raises(StorageError, match="the disk reported"):
            log.append(b"two\n")
        monkeypatch.setattr(durable, "on_step", None)
        with pytest.raises(StorageError, match="an earlier write failed"):
            log.append(b"three\n")
    assert (tmp_path / "log").read_bytes() == b"one\n"
    with durable.AppendFile(tmp_path / "log") as log:
        log.append(b"two\n")
    assert (tmp_path / "log").read_bytes() == b"one\ntwo\n"


def test_a_cut_is_durable_and_appending_goes_on_after_it(tmp_path: Path, steps: list[str]) -> None:
    with durable.AppendFile(tmp_path / "log") as log:
        log.append(b"one\ntw")
        log.cut(4)
        assert steps[-4:] == ["before:truncate", "after:truncate", "before:fsync", "after:fsync"]
        log.append(b"two\n")
    assert (tmp_path / "log").read_bytes() == b"one\ntwo\n"


def test_a_closed_append_file_says_so(tmp_path: Path) -> None:
    log = durable.AppendFile(tmp_path / "log")
    log.close()
    with pytest.raises(StorageError, match="closed"):
        log.append(b"one\n")


def test_directories_are_made_private_and_their_names_durable(
    tmp_path: Path, steps: list[str]
) -> None:
    durable.make_dir(tmp_path / "one" / "two")
    assert steps.count("after:fsync-dir") == 2
    assert stat.S_IMODE((tmp_path / "one").stat().st_mode) == 0o700
    durable.make_dir(tmp_path / "one" / "two")
    assert steps.count("after:mkdir") == 2


def test_a_removed_file_is_gone_durably_and_a_missing_one_is_told(
    tmp_path: Path, steps: list[str]
) -> None:
    (tmp_path / "file").write_bytes(b"")
    durable.remove(tmp_path / "file")
    assert steps[-2:] == ["before:fsync-dir", "after:fsync-dir"]
    with pytest.raises(StorageError, match="no such file"):
        durable.remove(tmp_path / "file")
