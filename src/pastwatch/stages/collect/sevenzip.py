"""Unpacks 7z by py7zr, an optional part, into a spool whose paths are our own."""

from __future__ import annotations

import lzma
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pastwatch.errors import MissingExtra
from pastwatch.stages.collect.spool import Member, Spool, TooMuch

_HELD = "in the run of another member"


_FAILURES = (
    lzma.LZMAError,
    zlib.error,
    ValueError,
    OSError,
    EOFError,
    TypeError,
    LookupError,
    AttributeError,
    RuntimeError,
)


def extracted(path: Path, spool: Spool, size_bytes: int) -> Iterator[Member]:
    """The members of a 7z: the first is told all the stored bytes, for they share one run.

    MissingExtra without py7zr.
    """
    made: list[Any] = []
    reason = _extract(path, spool, made)
    for kept in made:
        kept.close()
    if reason or not made:
        yield Member("", size_bytes, None, reason or "no members")
    for number, kept in enumerate(made):
        stored = size_bytes if number == 0 and not reason else 0
        yield Member(spool.names[kept.path], stored, kept.path, _HELD if number else "")


def _extract(path: Path, spool: Spool, made: list[Any]) -> str:
    """Unpack all members into the spool and list them; says why where that broke off."""
    try:
        import py7zr
        from py7zr.exceptions import ArchiveError
    except ModuleNotFoundError as missing:
        raise MissingExtra(
            "7z needs the package py7zr", hint="pip install 'pastwatch[sevenzip]'"
        ) from missing
    try:
        with py7zr.SevenZipFile(path, "r") as outer:
            if outer.needs_password():
                return "locked with a password"
            outer.extractall(factory=_factory(spool, made))
    except TooMuch as wrong:
        return str(wrong)
    except (ArchiveError, *_FAILURES):
        return "damaged"
    return ""


def _factory(spool: Spool, made: list[Any]) -> Any:
    """What py7zr asks for a place to write each member to."""
    from py7zr.io import Py7zIO, WriterFactory

    class Kept(Py7zIO):
        """A member on its way into the spool."""

        def __init__(self, name: str) -> None:
            self.path = spool.room_for(name)
            self._file = self.path.open("xb+")

        def write(self, s: bytes | bytearray) -> int:
            spool.spend(len(s))
            return self._file.write(s)

        def read(self, size: int | None = None) -> bytes:
            return self._file.read(-1 if size is None else size)

        def seek(self, offset: int, whence: int = 0) -> int:
            return self._file.seek(offset, whence)

        def flush(self) -> None:
            self._file.flush()

        def size(self) -> int:
            return self._file.seek(0, 2)

        def close(self) -> None:
            self._file.close()

    class Factory(WriterFactory):
        """Remembers what was made, in order."""

        def create(self, filename: str, **_: Any) -> Kept:
            made.append(Kept(filename.replace("\\", "/").strip("/") or "member"))
            return made[-1]  # type: ignore[no-any-return]

    return Factory()
