"""A store in a directory: one durable file an object, the name being its relative path."""

from __future__ import annotations

import mmap
import os
from collections.abc import Iterable, Iterator
from pathlib import Path

from pastwatch.errors import StorageError
from pastwatch.storage import durable
from pastwatch.storage.names import check_key, check_prefix


def open_store(location: str) -> LocalStore:
    """The store in the directory at `location`: a path, or `file:///path`; made if missing."""
    return LocalStore(Path(location.removeprefix("file://")))


class LocalStore:
    """Objects as files (0600) under one directory; an object is whole and durable or not there."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._sure: set[Path] = set()
        durable.make_dir(root)

    def put_new(self, key: str, chunks: Iterable[bytes]) -> None:
        """Keep an object under a name that is not taken yet; durable on return."""
        path = self._path(key)
        self._ensure(path.parent)
        durable.write_new(path, chunks)

    def get(self, key: str) -> bytes:
        """The whole object."""
        path = self._path(key)
        try:
            return path.read_bytes()
        except OSError as error:
            raise durable.storage_error(error, "read", path) from error

    def get_range(self, key: str, start: int, length: int) -> bytes:
        """Exactly `length` bytes from `start`; a shorter object is an error."""
        path = self._path(key)
        piece = b""
        if start >= 0 and length >= 0:
            try:
                with path.open("rb") as file:
                    file.seek(start)
                    piece = file.read(length)
            except OSError as error:
                raise durable.storage_error(error, "read", path) from error
        if start < 0 or len(piece) != length:
            raise StorageError(f"cannot read {path.name!r}: it ends before the range asked for")
        return piece

    def open_map(self, key: str) -> memoryview:
        """The object mapped into memory, read-only; released when the last view of it goes."""
        path = self._path(key)
        try:
            with path.open("rb") as file:
                if os.fstat(file.fileno()).st_size == 0:  # nothing cannot be mapped
                    return memoryview(b"")
                return memoryview(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))
        except OSError as error:
            raise durable.storage_error(error, "read", path) from error

    def list(self, prefix: str = "") -> Iterator[str]:
        """The names that begin with `prefix`, in order; unfinished files are not objects."""
        check_prefix(prefix)
        folder = self.root.joinpath(*prefix.split("/")[:-1])
        found = (path for path in folder.rglob("*") if path.is_file())
        keys = (path.relative_to(self.root).as_posix() for path in found if path.name[0] != ".")
        return iter(sorted(key for key in keys if key.startswith(prefix)))

    def delete(self, key: str) -> None:
        """Remove an object, durably."""
        durable.remove(self._path(key))

    def size(self, key: str) -> int:
        """The object's length in bytes."""
        path = self._path(key)
        try:
            return path.stat().st_size
        except OSError as error:
            raise durable.storage_error(error, "read", path) from error

    def _path(self, key: str) -> Path:
        return self.root.joinpath(*check_key(key).split("/"))

    def _ensure(self, folder: Path) -> None:
        """Make the folders down to `folder` durable, once a process.

        A folder that is there may have been made by a process killed before its name was durable.
        """
        if folder in self._sure or folder == self.root:
            return
        self._ensure(folder.parent)
        if folder.is_dir():
            durable.fsync_dir(folder.parent)
        else:
            durable.make_dir(folder)
        self._sure.add(folder)
