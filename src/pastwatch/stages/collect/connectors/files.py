"""Opens what was handed over: a clear error where it cannot be read, a window where it can."""

from __future__ import annotations

import mmap
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from pastwatch.errors import SourceError


@contextmanager
def opened(path: Path) -> Iterator[mmap.mmap | bytes]:
    """The bytes of a file, mapped and not loaded; SourceError when it cannot be read at all."""
    try:
        if path.is_dir():
            raise SourceError(
                f'"{path.name}" is a folder, and a file was expected',
                hint="name a file in it; a folder with cur/ and new/ reads as a Maildir",
            )
        with path.open("rb") as file:
            size_bytes = file.seek(0, 2)
            if not size_bytes:
                yield b""
                return
            with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as view:
                yield view
    except OSError as failure:
        raise unreadable(path, failure) from None


def unreadable(path: Path, failure: OSError) -> SourceError:
    """The error for a file the system will not let us read; it names the file alone."""
    return SourceError(
        f'"{path.name}" cannot be read: {(failure.strerror or "read error").lower()}'
    )


def whole(path: Path, *, limit_bytes: int) -> bytes:
    """A file's bytes at once; SourceError above the limit."""
    with opened(path) as view:
        if len(view) > limit_bytes:
            raise SourceError(
                f'"{path.name}" is larger than {limit_bytes >> 20} MiB, the most this format reads'
            )
        return bytes(view)


def container_name(path: Path, options: Mapping[str, Any]) -> str:
    """The name records of this file count their repeats under."""
    given = options.get("container")
    return str(given) if given else path.name
