"""The only place that writes what must survive: write, fsync, rename, fsync the directory.

Each primitive call (open, write, fsync, rename, unlink, truncate, mkdir, fsync-dir) is announced
to `on_step` before and after, so that a fault test can count, fail or kill at every one of them.
"""

from __future__ import annotations

import contextlib
import errno
import os
import secrets
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from types import TracebackType
from typing import Self, TypeVar

from pastwatch.errors import StorageError

Bytes = bytes | bytearray | memoryview

FILE_MODE = 0o600
DIRECTORY_MODE = 0o700
BUFFER_BYTES = 1 << 20
TEMPORARY_SUFFIX = ".unfinished"

on_step: Callable[[str, Path], None] | None = None
"""Called with "before:KIND" and "after:KIND" and the path; for fault tests only."""

T = TypeVar("T")

_WORDS = {
    errno.ENOSPC: "the disk is full",
    errno.EDQUOT: "the disk quota is used up",
    errno.EACCES: "permission denied",
    errno.EPERM: "permission denied",
    errno.EROFS: "the file system is read-only",
    errno.EIO: "the disk reported a read or write error",
    errno.ENOENT: "no such file or directory",
    errno.EEXIST: "it already exists",
    errno.ENOTDIR: "a part of the path is not a directory",
    errno.EISDIR: "it is a directory",
    errno.EMFILE: "too many open files",
    errno.ENFILE: "too many open files",
    errno.EFBIG: "the file would be too large",
    errno.ENAMETOOLONG: "the name is too long",
}


class NewFile:
    """A file that appears whole and durable under its name, or not at all.

    Commits on a clean exit of the `with` block and removes its temporary file on an error. After
    a kill the temporary file stays: `is_temporary` knows it. Existing names are refused unless
    `overwrite`; two writers of one name are for a `FileLock` to keep apart.
    """

    def __init__(self, path: Path, *, overwrite: bool = False) -> None:
        self.path = path
        self.written_bytes = 0
        self._overwrite = overwrite
        self._temporary = path.with_name(f".{path.name}.{secrets.token_hex(8)}{TEMPORARY_SUFFIX}")
        self._buffer = bytearray()
        self._fd = -1

    def __enter__(self) -> Self:
        if not self._overwrite and self.path.exists():
            raise StorageError(f"cannot write {self.path.name!r}: it already exists")
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
        try:
            self._fd = _do("open", self._temporary, lambda: _opened(self._temporary, flags, self))
        except BaseException:
            self._discard()
            raise
        return self

    def write(self, data: Bytes) -> None:
        """Take `data` over; it reaches the disk at the latest on exit."""
        self._buffer += data
        self.written_bytes += len(data)
        if len(self._buffer) >= BUFFER_BYTES:
            self._flush()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if kind is not None:
            self._discard()
            return
        # A crash after any of these steps leaves the old state, or the whole new file:
        # data durable -> name given -> name durable.
        try:
            self._flush()
            _do("fsync", self._temporary, lambda: _fsync(self._fd))
            self._close()
            _do("rename", self.path, lambda: self._temporary.replace(self.path))
        except BaseException:
            self._discard()
            raise
        fsync_dir(self.path.parent)

    def _flush(self) -> None:
        if self._buffer:
            _do("write", self._temporary, lambda: _write_all(self._fd, self._buffer))
            self._buffer = bytearray()

    def _close(self) -> None:
        if self._fd >= 0:
            fd, self._fd = self._fd, -1
            os.close(fd)

    def _discard(self) -> None:
        with contextlib.suppress(OSError):
            self._close()
        with contextlib.suppress(OSError):
            self._temporary.unlink(missing_ok=True)


class AppendFile:
    """A file that only grows; what `append` returned from is on the disk.

    After a failure nothing further is accepted until the file is opened anew: a failed fsync may
    have dropped pages that later look clean, so the failed piece is cut off again where possible.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._broken = False
        flags = os.O_RDWR | os.O_APPEND | getattr(os, "O_BINARY", 0)
        if path.exists():
            self._fd = _do("open", path, lambda: os.open(path, flags))
        else:
            self._fd = _do("open", path, lambda: os.open(path, flags | os.O_CREAT, FILE_MODE))
            try:
                fsync_dir(path.parent)
            except BaseException:
                self.close()
                raise

    @property
    def size_bytes(self) -> int:
        """The length of the file now, other writers' pieces included."""
        self._refuse_if_broken()
        return _do("stat", self.path, lambda: os.fstat(self._fd).st_size)

    def append(self, data: Bytes) -> None:
        """Write `data` at the end and wait until the disk has it."""
        before_bytes = self.size_bytes
        try:
            _do("write", self.path, lambda: _write_all(self._fd, data))
            _do("fsync", self.path, lambda: _fsync(self._fd))
        except BaseException:
            self._broken = True
            with contextlib.suppress(StorageError):
                _do("truncate", self.path, lambda: os.ftruncate(self._fd, before_bytes))
            raise

    def cut(self, length_bytes: int) -> None:
        """Durably drop everything from `length_bytes` on."""
        self._refuse_if_broken()
        try:
            _do("truncate", self.path, lambda: os.ftruncate(self._fd, length_bytes))
            _do("fsync", self.path, lambda: _fsync(self._fd))
        except BaseException:
            self._broken = True
            raise

    def sync(self) -> None:
        """Wait until the disk has everything written so far, by whichever process."""
        self._refuse_if_broken()
        try:
            _do("fsync", self.path, lambda: _fsync(self._fd))
        except BaseException:
            self._broken = True
            raise

    def close(self) -> None:
        """Let go of the file; nothing is flushed, as nothing is held back."""
        if self._fd >= 0:
            fd, self._fd = self._fd, -1
            os.close(fd)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _refuse_if_broken(self) -> None:
        if self._fd < 0:
            raise StorageError(f"cannot write {self.path.name!r}: it was closed")
        if self._broken:
            raise StorageError(
                f"cannot write {self.path.name!r}: an earlier write failed",
                hint="open it anew, which checks what reached the disk",
            )


def write_new(path: Path, data: Bytes | Iterable[Bytes]) -> None:
    """Write a file that must not exist yet; whole and durable on return."""
    _write(path, data, overwrite=False)


def replace(path: Path, data: Bytes | Iterable[Bytes]) -> None:
    """Write a file over whatever stood there; a crash leaves the old one or the new one whole."""
    _write(path, data, overwrite=True)


def remove(path: Path) -> None:
    """Unlink a file, durably; says nothing about copies or the disk's old blocks."""
    _do("unlink", path, path.unlink)
    fsync_dir(path.parent)


def make_dir(path: Path) -> None:
    """Make a directory (0700) and the missing ones above it, durably; an existing one is kept."""
    if path.is_dir():
        return
    if not path.parent.is_dir():
        make_dir(path.parent)
    # Another process may make it between the look and the call; its name must be durable for us.
    _do("mkdir", path, lambda: path.mkdir(mode=DIRECTORY_MODE, exist_ok=True))
    fsync_dir(path.parent)


def move_folder(path: Path, to: Path) -> None:
    """Give a folder that was filled its name, durably; StorageError where something stands there.

    An empty folder of that name gives way. Both stand on one file system.
    """
    if to.is_dir() and not any(to.iterdir()):
        _do("rmdir", to, to.rmdir)
    if to.exists():
        raise StorageError(f"cannot write {to.name!r}: it already exists")
    make_dir(to.absolute().parent)
    fsync_dir(path)
    _do("rename", to, lambda: path.rename(to))
    fsync_dir(to.absolute().parent)


def fsync_dir(path: Path) -> None:
    """Make the names in a directory durable; Windows has no such call and needs none."""
    if sys.platform != "win32":
        _do("fsync-dir", path, lambda: _fsync_directory(path))


def is_temporary(path: Path) -> bool:
    """Whether a file is what an interrupted `NewFile` left; it was never acknowledged."""
    return path.name.startswith(".") and path.name.endswith(TEMPORARY_SUFFIX)


def storage_error(error: OSError, act: str, path: Path) -> StorageError:
    """The failure in words: the act, the file's own name, and why."""
    words = _WORDS.get(error.errno or 0) or (error.strerror or "unknown error").lower()
    hint = "free some space and start again" if error.errno == errno.ENOSPC else None
    return StorageError(f"cannot {act} {path.name!r}: {words}", hint=hint)


def _write(path: Path, data: Bytes | Iterable[Bytes], *, overwrite: bool) -> None:
    with NewFile(path, overwrite=overwrite) as file:
        if isinstance(data, bytes | bytearray | memoryview):
            file.write(data)
        else:
            for chunk in data:
                file.write(chunk)


def _do(kind: str, path: Path, act: Callable[[], T]) -> T:
    """Do one primitive, announced on both sides; an OSError comes out as a StorageError."""
    try:
        _step(f"before:{kind}", path)
        result = act()
        _step(f"after:{kind}", path)
    except OSError as error:
        raise storage_error(error, kind.replace("-dir", " directory"), path) from error
    return result


def _step(kind: str, path: Path) -> None:
    if on_step is not None:
        on_step(kind, path)


def _opened(path: Path, flags: int, owner: NewFile) -> int:
    fd = os.open(path, flags, FILE_MODE)
    owner._fd = fd  # noqa: SLF001  # known at once, so that a fault after opening leaks nothing
    return fd


def _write_all(fd: int, data: Bytes) -> None:
    view = memoryview(data).cast("B")
    while view:
        view = view[os.write(fd, view) :]


def _fsync(fd: int) -> None:
    if sys.platform == "darwin":
        import fcntl  # not there on Windows

        # fsync on macOS stops at the drive's own cache.
        fcntl.fcntl(fd, fcntl.F_FULLFSYNC)
    else:
        os.fsync(fd)


def _fsync_directory(path: Path) -> None:
    fd = os.open(path, os.O_RDONLY)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)
