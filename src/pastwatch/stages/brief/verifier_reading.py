"""How the verifier reads a folder that somebody else made: bounded, inside it, and without effect."""

from __future__ import annotations

import json
import os
import re
import stat
from pathlib import Path
from typing import Any

LARGEST_BYTES = 1 << 28
"""A file larger than this is not read."""
LARGEST_JSON_BYTES = 1 << 26
LONGEST_NUMBER = 20
"""More digits than this no count, time or place has."""
MOST_ENTRIES = 10_000
MOST_SENTENCES = 50_000
MOST_PROBLEMS = 1_000
"""So many are enough: the rest is not looked for."""
LINES_SHOWN = 60
LONGEST_LINE = 300
_ENTRY, _LEAF = {"entry", "path"}, {"leaf", "path"}
_SHIPPED = {"checkpoint", "policies", "release", "entries"}
_NOTICE = _SHIPPED | {"format", "consistency", "tells"}
_NAME = re.compile(r"[a-z0-9][a-z0-9_.-]{0,127}\Z")
"""What the ledger takes for the name of an object."""
_ONLY_REGULAR = sum(
    getattr(os, name, 0) for name in ("O_NOFOLLOW", "O_NONBLOCK", "O_CLOEXEC", "O_BINARY")
)


def file_bytes(path: Path, *, largest: int = LARGEST_BYTES) -> bytes:
    """A file as it stands; empty for a link, a pipe, a folder, one too large or none at all."""
    try:
        number = os.open(path, os.O_RDONLY | _ONLY_REGULAR)
    except (OSError, ValueError):
        return b""
    found = os.fstat(number)
    if not stat.S_ISREG(found.st_mode) or found.st_size > largest:
        os.close(number)
        return b""
    with os.fdopen(number, "rb") as file:
        try:
            return file.read(largest)
        except OSError:
            return b""


def is_file_name(name: str) -> bool:
    """Whether a name is one of a file in a folder, and of nothing beside or above it."""
    return _NAME.match(name) is not None


def parsed(raw: bytes) -> Any:
    """JSON with each key once and no number out of all measure; ValueError for any other."""
    if len(raw) > LARGEST_JSON_BYTES:
        raise ValueError("too large")
    return json.loads(
        raw.decode(),
        parse_int=_whole,
        parse_constant=_no_number,
        object_pairs_hook=_once,
    )


def is_shaped(shipped: dict[str, Any], *, is_notice: bool, is_handout: bool) -> bool:
    """Whether ledger.json, or a notice, holds what is checked in it, and nothing else."""
    top = _NOTICE if is_notice else _SHIPPED | {"withheld"} if is_handout else _SHIPPED
    policy = {"sequence", "keys" if is_handout else "policy"}
    numbers = [*shipped["entries"], *shipped.get("withheld", {})]
    return (
        set(shipped) == top
        and all(set(one) == _ENTRY for one in shipped["entries"].values())
        and all(set(one) == _LEAF for one in shipped.get("withheld", {}).values())
        and all(set(one) == policy for one in shipped["policies"])
        and all(str(int(number)) == number for number in numbers)
        and len(numbers) <= MOST_ENTRIES
        and shipped["checkpoint"].rpartition("\n\n")[2].count("\n") == 1
    )


def printable(text: str) -> str:
    """Words on one line, without what a terminal would obey."""
    return "".join(c if c.isprintable() else "?" for c in " ".join(text.split()))


def told_plainly(lines: list[str]) -> tuple[str, ...]:
    """Each line once, of one line's length, without what a terminal would obey."""
    cut = [line[: LONGEST_LINE + 1] for line in lines]
    return tuple(dict.fromkeys(printable(c[:-1] + "…" if c[LONGEST_LINE:] else c) for c in cut))


def first_lines(kind: str, lines: tuple[str, ...]) -> list[str]:
    """What is printed of many problems or notes."""
    more = len(lines) - LINES_SHOWN
    shown = [f"{kind}: {line}" for line in lines[:LINES_SHOWN]]
    return [*shown, f"{kind}: and {more:,} more"] if more > 0 else shown


def _whole(digits: str) -> int:
    if len(digits) > LONGEST_NUMBER:
        raise ValueError("no number of ours")
    return int(digits)


def _no_number(_: str) -> None:
    raise ValueError("no number")


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a key stands twice")
    return found
