"""What a hostile child tried against its walls, and what its parent must not believe."""

from __future__ import annotations

import ctypes
import functools
import io
import os
import signal
import sys
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from pastwatch.model.source import Gap
from pastwatch.stages.collect import walls
from pastwatch.stages.collect.account import Sums
from pastwatch.stages.collect.connectors.bundle import CONNECTOR

pytestmark = [
    pytest.mark.skipif(sys.platform != "linux", reason="these walls are Linux's"),
    pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning"),
]
NEW_USER = 0x10000000
MAIL = b"From: a@example.org\nSubject: one\n\n" + b"the convoy left\n" * 20


def behind_walls(folder: Path, attempt: Callable[[], object], *, wall: str) -> str:
    """The name of the error an attempt ends in behind the walls, or "done"."""
    folder.mkdir(exist_ok=True)
    told, tell = os.pipe()
    child = os.fork()
    if child == 0:
        held = walls.put_up([], [folder])
        try:
            attempt()
            answer = "done"
        except BaseException as wrong:  # noqa: BLE001 - the child reports and ends
            answer = type(wrong).__name__
        os.write(tell, f"{' '.join(held)}|{answer}".encode())
        os._exit(0)
    os.close(tell)
    with os.fdopen(told, "rb") as answers:
        held_names, _, answer = answers.read().decode().partition("|")
    os.waitpid(child, 0)
    if wall not in held_names.split():
        pytest.skip(f"this system has no such wall: {wall}")
    return answer


def called(name: str, *arguments: object) -> None:
    """Call libc; OSError where it fails."""
    system = ctypes.CDLL(None, use_errno=True)
    if getattr(system, name)(*arguments) < 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))


def test_a_child_signals_nobody_but_itself(tmp_path: Path) -> None:
    parent = os.getpid()
    for process_id in (parent, 0, -1):
        attempt: Callable[[], object] = functools.partial(os.kill, process_id, 0)
        assert behind_walls(tmp_path / "open", attempt, wall="no-programs") == "PermissionError"
    attempt = lambda: os.kill(os.getpid(), 0)  # noqa: E731
    assert behind_walls(tmp_path / "open", attempt, wall="no-programs") == "done"
    if hasattr(os, "pidfd_open"):
        attempt = functools.partial(os.pidfd_open, parent)
        assert behind_walls(tmp_path / "open", attempt, wall="no-programs") == "PermissionError"


def test_a_child_that_aborts_still_dies() -> None:
    child = os.fork()
    if child == 0:
        walls.put_up([], [])
        os.abort()
    assert os.WIFSIGNALED(os.waitpid(child, 0)[1])


def test_a_child_changes_nothing_about_a_file_it_may_not_write(tmp_path: Path) -> None:
    kept = tmp_path / "kept"
    kept.write_bytes(b"x")
    kept.chmod(0o600)
    before = kept.stat()
    attempts: list[Callable[[], object]] = [
        lambda: kept.chmod(0o777),
        lambda: os.utime(kept, (0, 0)),
        lambda: os.chown(kept, os.getuid(), os.getgid()),
        lambda: os.setxattr(kept, "user.x", b"1"),
        lambda: os.truncate(kept, 0),
    ]
    for attempt in attempts:
        answer = behind_walls(tmp_path / "open", attempt, wall="own-files-only")
        assert answer == "PermissionError"
    after = kept.stat()
    assert (after.st_mode, after.st_mtime_ns, after.st_size) == (
        before.st_mode,
        before.st_mtime_ns,
        before.st_size,
    )


def test_a_child_reads_no_environment_but_its_own_and_no_passwords(tmp_path: Path) -> None:
    parent = os.getpid()
    for path in (f"/proc/{parent}/environ", f"/proc/{parent}/cmdline", "/etc/passwd"):
        attempt: Callable[[], object] = Path(path).read_bytes
        answer = behind_walls(tmp_path / "open", attempt, wall="own-files-only")
        assert answer == "PermissionError", path
    attempt = Path("/proc/self/stat").read_bytes
    assert behind_walls(tmp_path / "open", attempt, wall="own-files-only") == "done"


def test_a_child_gets_no_rights_in_a_namespace_of_its_own_making(tmp_path: Path) -> None:
    attempt = lambda: called("unshare", NEW_USER)  # noqa: E731
    assert behind_walls(tmp_path / "open", attempt, wall="no-programs") == "PermissionError"


def test_a_child_limits_and_slows_nobody_else(tmp_path: Path) -> None:
    import resource

    parent = os.getpid()
    limit = resource.getrlimit(resource.RLIMIT_NOFILE)
    attempts: list[Callable[[], object]] = [
        lambda: resource.prlimit(parent, resource.RLIMIT_NOFILE, limit),
        lambda: os.setpriority(os.PRIO_PROCESS, parent, 0),
        lambda: os.sched_setaffinity(parent, os.sched_getaffinity(0)),
    ]
    for attempt in attempts:
        answer = behind_walls(tmp_path / "open", attempt, wall="no-programs")
        assert answer == "PermissionError"
    own = lambda: resource.getrlimit(resource.RLIMIT_NOFILE)  # noqa: E731
    assert behind_walls(tmp_path / "open", own, wall="no-programs") == "done"


def test_a_child_that_is_stopped_by_a_signal_of_its_own_is_told_by_its_number() -> None:
    child = os.fork()
    if child == 0:
        walls.put_up([], [])
        os.kill(os.getpid(), signal.SIGKILL)
        os._exit(0)
    assert os.WTERMSIG(os.waitpid(child, 0)[1]) == signal.SIGKILL


def tar_of(*names: str) -> bytes:
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w") as outer:
        for name in names:
            member = tarfile.TarInfo(name)
            member.size = len(MAIL)
            outer.addfile(member, io.BytesIO(MAIL))
    return made.getvalue()


def gaps_of(path: Path) -> list[tuple[str, int]]:
    read = list(CONNECTOR.read(path, {}))
    sums = Sums()
    for piece in read:
        sums.add(piece, container=path.name)
    assert sums.outer_bytes == path.stat().st_size
    return [(piece.reason, piece.bytes) for piece in read if isinstance(piece, Gap)]


def test_what_follows_a_damaged_header_of_a_tar_is_a_gap_and_no_framing(tmp_path: Path) -> None:
    path = tmp_path / "a.tar"
    whole = bytearray(tar_of("0.eml", "1.eml", "2.eml"))
    path.write_bytes(whole)
    assert gaps_of(path) == []
    at = whole.index(b"1.eml\0")
    whole[at] ^= 1
    path.write_bytes(whole)
    ((reason, lost_bytes),) = gaps_of(path)
    assert reason == "not unpacked: damaged"
    assert lost_bytes >= 1024 + 2 * len(MAIL)


def test_a_tar_after_the_end_of_a_tar_is_a_gap(tmp_path: Path) -> None:
    path = tmp_path / "a.tar"
    path.write_bytes(tar_of("0.eml") + tar_of("1.eml"))
    ((reason, lost_bytes),) = gaps_of(path)
    assert reason == "not unpacked: bytes after its end"
    assert lost_bytes >= len(MAIL)


def test_a_member_that_the_directory_of_a_zip_does_not_list_is_a_gap(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as outer:
        for name in ("0.eml", "1.eml", "2.eml"):
            outer.writestr(name, MAIL)
        outer.filelist = [one for one in outer.filelist if one.filename != "1.eml"]
    assert gaps_of(path) == [("not unpacked: bytes of no member", 30 + len("1.eml") + len(MAIL))]


def test_sizes_written_after_the_members_of_a_zip_are_framing(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    made = Unseekable()
    with zipfile.ZipFile(made, "w") as outer:
        outer.writestr("0.eml", MAIL)
        outer.writestr("1.eml", MAIL)
    path.write_bytes(made.getvalue())
    assert outer.infolist()[0].flag_bits & 8
    assert gaps_of(path) == []


class Unseekable(io.BytesIO):
    """A pipe, as far as a writer of zips can tell."""

    def tell(self) -> int:
        raise OSError
