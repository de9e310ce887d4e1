"""A lock between processes that the system lets go when its holder dies, so none is ever stale."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Self

from pastwatch.errors import ArchiveLocked, StorageError
from pastwatch.storage.durable import FILE_MODE, storage_error

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl


class FileLock:
    """An exclusive lock named by a file; `with lock.wait(): ...` or `with lock.try_now(): ...`.

    Two objects on one path exclude each other inside one process too. The file stays behind,
    empty: removing it would let two holders lock two files of one name.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._fd = -1

    @property
    def held(self) -> bool:
        """Whether this object holds the lock."""
        return self._fd >= 0

    def try_now(self) -> Self:
        """Take the lock, or raise `ArchiveLocked` if another holds it."""
        fd = self._open()
        try:
            _lock(fd, wait=False)
        except BlockingIOError:
            os.close(fd)
            raise ArchiveLocked(
                f"{self.path.name!r} is held by another process",
                hint="wait for it to finish; a lock left by a dead process frees itself",
            ) from None
        except OSError as error:
            os.close(fd)
            raise storage_error(error, "lock", self.path) from error
        self._fd = fd
        return self

    def wait(self) -> Self:
        """Take the lock, waiting as long as another holds it."""
        fd = self._open()
        try:
            _lock(fd, wait=True)
        except BaseException as error:
            os.close(fd)
            if isinstance(error, OSError):
                raise storage_error(error, "lock", self.path) from error
            raise
        self._fd = fd
        return self

    def release(self) -> None:
        """Let go; letting go of what is not held does nothing."""
        if self._fd >= 0:
            fd, self._fd = self._fd, -1
            if sys.platform == "win32":
                os.lseek(fd, 0, os.SEEK_SET)
                msvcrt.locking(fd, msvcrt.LK_UNLCK, 1)
            os.close(fd)

    def __enter__(self) -> Self:
        if not self.held:
            raise StorageError(f"{self.path.name!r} was not locked: call wait() or try_now()")
        return self

    def __exit__(self, *_: object) -> None:
        self.release()

    def _open(self) -> int:
        if self.held:
            raise ArchiveLocked(f"{self.path.name!r} is already held by this very object")
        try:
            return os.open(self.path, os.O_RDWR | os.O_CREAT, FILE_MODE)
        except OSError as error:
            raise storage_error(error, "lock", self.path) from error


if sys.platform == "win32":

    def _lock(fd: int, *, wait: bool) -> None:
        while True:
            os.lseek(fd, 0, os.SEEK_SET)
            try:
                msvcrt.locking(fd, msvcrt.LK_LOCK if wait else msvcrt.LK_NBLCK, 1)
            except OSError as error:  # LK_LOCK itself gives up after ten seconds
                if not wait:
                    raise BlockingIOError from error
            else:
                return
else:

    def _lock(fd: int, *, wait: bool) -> None:
        # flock, not lockf: a lock of the open file, so threads of one process exclude each other.
        fcntl.flock(fd, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
