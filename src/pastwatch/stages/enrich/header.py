"""The header fields of a mail's original, each with the bytes it stands in."""

from __future__ import annotations

import re
from dataclasses import dataclass

from pastwatch.stages.enrich.held import Held

HEADER_LIMIT_BYTES = 256 * 1024
_FIELD = re.compile(rb"^([!-9;-~]{1,80})[ \t]*:((?:[^\n]*\n[ \t])*[^\n]*)\n?", re.MULTILINE)
_BEGINS = re.compile(
    rb"(?:From [^\n]*\n)?[!-9;-~]{1,80}[ \t]*:[^\n]*\n(?:[!-9;-~]{1,80}[ \t]*:|[ \t]|\r?\n)"
)
_END = re.compile(rb"\r?\n\r?\n")


@dataclass(frozen=True, slots=True)
class Field:
    """One field: its name in lower case, its unfolded value, its place in the original."""

    name: str
    value: str
    start_byte: int
    end_byte: int

    @property
    def place(self) -> tuple[int, int]:
        """Where it stands in the original."""
        return self.start_byte, self.end_byte


def fields_of(held: Held) -> list[Field]:
    """The header fields in order; none for what does not begin as a mail does."""
    if not _BEGINS.match(held.original):
        return []
    found = _END.search(held.original, 0, HEADER_LIMIT_BYTES)
    end = found.start() + 1 if found else min(len(held.original), HEADER_LIMIT_BYTES)
    return [
        Field(
            match[1].decode("ascii").lower(),
            " ".join(match[2].decode("utf-8", "replace").split()),
            match.start(),
            match.end(),
        )
        for match in _FIELD.finditer(held.original, 0, end)
    ]


def named(fields: list[Field], name: str) -> list[Field]:
    """The fields of a name, in order."""
    return [field for field in fields if field.name == name]
