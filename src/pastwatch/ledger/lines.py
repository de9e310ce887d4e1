"""The ledger's file as lines: reading them in order, and finding one by its sequence."""

from __future__ import annotations

import io
import os
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from pastwatch.errors import IntegrityError
from pastwatch.ledger.entry import ENTRY_BYTES_AT_MOST, Entry
from pastwatch.storage.durable import storage_error


def lines(path: Path, *, offset: int = 0) -> Iterator[bytes]:
    """The lines of the file from `offset` on, each with its line end, the last perhaps without."""
    with open_log(path) as file:
        file.seek(offset)
        yield from file


def open_log(path: Path) -> BinaryIO:
    """The file for reading; a missing one is an error, as an empty ledger has an empty file."""
    try:
        return path.open("rb", buffering=1 << 18)
    except FileNotFoundError as error:
        raise IntegrityError(
            f"the ledger's file {path.name!r} is missing",
            hint="it is made by 'pastwatch init' and never removed; restore it from a copy",
        ) from error
    except OSError as error:
        raise storage_error(error, "read", path) from error


def offset_of(path: Path, sequence: int) -> int | None:
    """Where the line of entry `sequence` begins, by bisection; None if it is not found.

    Damage on the way makes it None as well: the caller then reads from the start and names it.
    """
    with open_log(path) as file:
        low, high = 0, file.seek(0, os.SEEK_END)  # the line begins at low or after, before high
        while low < high:
            middle = (low + high) // 2
            begin = _line_begin(file, middle, low)
            file.seek(begin)
            line = file.readline(ENTRY_BYTES_AT_MOST + 2)
            try:
                found = Entry.from_bytes(line.removesuffix(b"\n")).sequence
            except IntegrityError:
                return None
            if found == sequence:
                return begin
            if found < sequence:
                low = begin + len(line)
            else:
                high = begin
    return None


def _line_begin(file: BinaryIO, position: int, low: int) -> int:
    """The beginning of the line that holds `position`, not before `low`, itself a beginning."""
    start = max(low, position - ENTRY_BYTES_AT_MOST - 1)
    file.seek(start, io.SEEK_SET)
    newline = file.read(position - start).rfind(b"\n")
    return start if newline < 0 else start + newline + 1
