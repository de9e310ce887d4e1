"""A private folder that files are unpacked into: names are made harmless, and the sizes are bounded."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Protocol

MEMBERS_AT_MOST = 100_000
LAYERS_AT_MOST = 5
BYTES_AT_MOST = 8 * 1024**3
RATIO_AT_MOST = 1_000  # of a member above the next size
RATIO_FREE_BYTES = 64 * 1024 * 1024
_CHUNK_BYTES = 1024 * 1024
_STRANGE = re.compile(r"[^\w.\- ]")
_MEMORY_FOLDER = Path("/dev/shm")  # noqa: S108 - a private folder is made in it
_NAME = re.compile(r"pastwatch-(\d+)-\w+")


class Readable(Protocol):
    """Anything that gives bytes, a chunk at a time."""

    def read(self, size: int, /) -> bytes:
        """At most so many bytes; none at the end."""
        ...


class TooMuch(Exception):
    """What is unpacked outgrew a limit, named in the message."""


@dataclass(frozen=True, slots=True)
class Member:
    """A file inside another: its name there, its bytes as stored, and where it lies unpacked.

    `path` is None where it could not be unpacked, and `reason` says why.
    """

    name: str
    stored_bytes: int
    path: Path | None
    reason: str = ""


class Spool:
    """Where the members of one file are unpacked, under one budget of bytes and of members."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.names: dict[Path, str] = {}
        self._left_bytes = min(BYTES_AT_MOST, shutil.disk_usage(folder).free // 2)

    def keep(self, name: str, content: Readable, *, stored_bytes: int) -> Path:
        """Unpack one member; TooMuch above a limit, and then nothing of it is kept."""
        path = self._path(name)
        allowed = min(self._left_bytes, max(stored_bytes * RATIO_AT_MOST, RATIO_FREE_BYTES))
        with path.open("xb") as file:
            try:
                self._left_bytes -= _copy(content, file, allowed)
            except BaseException:
                path.unlink()
                raise
        self.names[path] = name
        return path

    def room_for(self, name: str) -> Path:
        """A path for a member that is to be written piece by piece."""
        path = self._path(name)
        self.names[path] = name
        return path

    def spend(self, size_bytes: int) -> None:
        """Take written bytes from the budget; TooMuch when there is none left."""
        self._left_bytes -= size_bytes
        if self._left_bytes < 0:
            raise TooMuch("more unpacked bytes than the limit")

    def _path(self, name: str) -> Path:
        """A path of our own for a member: its name is shown, and never followed."""
        if len(self.names) >= MEMBERS_AT_MOST:
            raise TooMuch("more members than the limit")
        parts = [_STRANGE.sub("_", part)[-80:].strip() for part in name.split("/")]
        kept = [part for part in parts[-8:] if part.strip(". ")] or ["member"]
        path = self.folder.joinpath(*kept)
        number = 1
        while path.exists() or any(parent in self.names for parent in path.parents):
            number += 1
            path = self.folder.joinpath(f"({number})", *kept)
        path.parent.mkdir(parents=True, exist_ok=True)
        return path


def private_folder() -> Path:
    """A folder that nobody else may enter, in memory where the system has a place for that.

    Its name bears the number of this process: what a killed one left is removed by the next.
    """
    return Path(tempfile.mkdtemp(prefix=f"pastwatch-{os.getpid()}-", dir=swept_folder()))


def swept_folder() -> Path:
    """The folder that private folders stand in, without those of processes that are gone."""
    memory = _MEMORY_FOLDER if os.access(_MEMORY_FOLDER, os.W_OK) else Path(tempfile.gettempdir())
    _sweep(memory)
    return memory


def _sweep(memory: Path) -> None:
    for left in memory.glob("pastwatch-*"):
        name = _NAME.fullmatch(left.name)
        if name and not _is_alive(int(name[1])):
            shutil.rmtree(left, ignore_errors=True)


def _is_alive(process_id: int) -> bool:
    if os.name != "posix":  # where the same call would end it
        return True
    try:
        os.kill(process_id, 0)
    except ProcessLookupError:
        return False
    except (OSError, OverflowError):
        return True
    return True


@contextlib.contextmanager
def spooled(parent: str | None) -> Iterator[Spool]:
    """A spool that is gone at the end; in memory where the system has a place for that."""
    own = None if parent else private_folder()
    try:
        with tempfile.TemporaryDirectory(prefix="bundle-", dir=parent or own) as folder:
            yield Spool(Path(folder))
    finally:
        if own:
            shutil.rmtree(own, ignore_errors=True)


def _copy(content: Readable, file: BinaryIO, allowed_bytes: int) -> int:
    written = 0
    while chunk := content.read(_CHUNK_BYTES):
        written += len(chunk)
        if written > allowed_bytes:
            raise TooMuch("it expands beyond the limit")
        file.write(chunk)
    return written
