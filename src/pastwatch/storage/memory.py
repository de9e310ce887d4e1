"""A store in memory, for tests and for what must leave no trace on a disk."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator

from pastwatch.errors import BadValue, StorageError
from pastwatch.storage.names import check_key, check_prefix


def open_store(location: str) -> MemoryStore:
    """A new, empty store; `location` is `memory:`, there being only one such place."""
    if location not in ("", "memory", "memory:"):
        raise BadValue("a store in memory has no location", hint="write memory: and no more")
    return MemoryStore()


class MemoryStore:
    """Objects by name, gone with the process; safe between threads."""

    def __init__(self) -> None:
        self._objects: dict[str, bytes] = {}
        self._lock = threading.Lock()

    def put_new(self, key: str, chunks: Iterable[bytes]) -> None:
        """Keep an object under a name that is not taken yet."""
        check_key(key)
        self._refuse_taken(key)
        content = b"".join(chunks)
        with self._lock:
            self._refuse_taken(key)
            self._objects[key] = content

    def get(self, key: str) -> bytes:
        """The whole object."""
        try:
            return self._objects[check_key(key)]
        except KeyError:
            raise _missing(key) from None

    def get_range(self, key: str, start: int, length: int) -> bytes:
        """Exactly `length` bytes from `start`; a shorter object is an error."""
        piece = self.get(key)[start : start + length] if start >= 0 and length >= 0 else b""
        if start < 0 or len(piece) != length:
            raise StorageError(f"cannot read {key!r}: it ends before the range asked for")
        return piece

    def open_map(self, key: str) -> memoryview:
        """The object without a copy, read-only."""
        return memoryview(self.get(key))

    def list(self, prefix: str = "") -> Iterator[str]:
        """The names that begin with `prefix`, in order."""
        check_prefix(prefix)
        return iter(sorted(key for key in self._objects.copy() if key.startswith(prefix)))

    def delete(self, key: str) -> None:
        """Forget an object."""
        with self._lock:
            if self._objects.pop(check_key(key), None) is None:
                raise _missing(key)

    def size(self, key: str) -> int:
        """The object's length in bytes."""
        return len(self.get(key))

    def _refuse_taken(self, key: str) -> None:
        if key in self._objects:
            raise StorageError(f"cannot write {key!r}: it already exists")


def _missing(key: str) -> StorageError:
    return StorageError(f"cannot read {key!r}: no such object")
