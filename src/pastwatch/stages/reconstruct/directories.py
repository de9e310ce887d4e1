"""Rows of an org chart, phone book or roster as columns, each row with the bytes it stands in."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from pastwatch.archive.identity import normal_address
from pastwatch.errors import BadValue
from pastwatch.model.directory import FIELDS
from pastwatch.stages.reconstruct.directories_letters import may_be_alike
from pastwatch.stages.reconstruct.identities_spelling import SAME_NAME, phone_key
from pastwatch.stages.reconstruct.samename import likeness

Int64s = npt.NDArray[np.int64]
CSV, FTM = "csv", "followthemoney"


@dataclass(frozen=True)
class DirectoryTable:
    """The rows of one directory; `start_byte` and `end_byte` are into the text of its record.

    `columns` has one for each field found. Equal rows stand once, the first of them; `repeated`
    counts the others.
    """

    columns: Mapping[str, pa.LargeStringArray]
    start_byte: Int64s
    end_byte: Int64s
    repeated: int

    def __len__(self) -> int:
        return len(self.start_byte)

    @cached_property
    def sha256(self) -> bytes:
        """Over every value and place, in order."""
        made = hashlib.sha256()
        for name in sorted(self.columns):
            made.update(f"{name}\n".encode())
            column = self.columns[name]
            ends = np.concatenate(([0], np.cumsum(_bytes(column), dtype=np.int64)))
            made.update(ends.astype("<i8").tobytes())
            made.update(_joined(column))
        made.update(self.start_byte.astype("<i8").tobytes())
        made.update(self.end_byte.astype("<i8").tobytes())
        return made.digest()

    def values(self, row: int) -> dict[str, str]:
        """The filled fields of a row, which counts from 0."""
        found = {name: self.columns[name][row].as_py() for name in FIELDS if name in self.columns}
        return {name: value for name, value in found.items() if value}

    def by_phone(self, number: str) -> list[int]:
        """The rows with a phone number, however it is spelt."""
        key = phone_key(number)
        return _places(self._phones, key) if key else []

    def by_account(self, address: str) -> list[int]:
        """The rows with an address, as account or mail."""
        own = normal_address(address)
        found: set[int] = set()
        for name in ("account", "mail"):
            if name in self._addresses:
                found.update(_places(self._addresses[name], own))
        return sorted(found)

    def by_name(self, name: str, *, at_least: float = SAME_NAME) -> list[tuple[int, float]]:
        """The rows with a name that sounds alike, in any script, with how alike; the likest first."""
        if "name" not in self.columns:
            return []
        coded = self._names
        places = may_be_alike(name, coded.dictionary)
        alike: dict[int, float] = {}
        for place in places.tolist():
            like = likeness(name, coded.dictionary[place].as_py())
            if like >= at_least:
                alike[place] = like
        if not alike:
            return []
        codes = coded.indices.to_numpy(zero_copy_only=False)
        rows = np.flatnonzero(np.isin(codes, list(alike)))
        return sorted(
            ((row, alike[int(codes[row])]) for row in rows.tolist()), key=lambda r: (-r[1], r[0])
        )

    @cached_property
    def _names(self) -> pa.DictionaryArray:
        return self.columns["name"].dictionary_encode()

    @cached_property
    def _phones(self) -> pa.LargeStringArray:
        return _mapped(self.columns, "phone", phone_key)

    @cached_property
    def _addresses(self) -> dict[str, pa.LargeStringArray]:
        return {
            name: _mapped(self.columns, name, normal_address)
            for name in ("account", "mail")
            if name in self.columns
        }


def table_of(
    text: str, columns: Mapping[str, str] | None = None, *, form: str
) -> tuple[DirectoryTable, dict[str, str]]:
    """The rows of a directory's text, and which column was taken for which field.

    `columns` maps fields to the file's columns; without any, columns that bear a known name are
    taken. BadValue, with the columns there are, where one is missing or none is known.
    """
    if form == FTM:
        from pastwatch.stages.reconstruct.directories_ftm import entity_rows

        return _made(*entity_rows(text)), {}
    from pastwatch.stages.reconstruct.directories_csv import csv_rows

    header, read, start, end = csv_rows(text)
    taken = _taken(header, columns or {})
    return _made(
        {field: read(header.index(name)) for field, name in taken.items()}, start, end
    ), taken


def form_of(text: str) -> str:
    """Whether a text is FollowTheMoney's JSON lines, or a table with a header."""
    return FTM if text.lstrip("\ufeff \t\r\n").startswith("{") else CSV


def _taken(header: Sequence[str], wanted: Mapping[str, str]) -> dict[str, str]:
    there = ", ".join(header)
    if not wanted:
        plain = {name.strip().casefold().replace("_", " "): name for name in reversed(header)}
        found = {
            field: plain[known]
            for field in FIELDS
            for known in reversed(_KNOWN[field])
            if known in plain
        }
        if not found:
            raise BadValue(
                "no column of the directory bears a known name", hint=f"--map; columns: {there}"
            )
        return found
    for field, name in wanted.items():
        if field not in FIELDS:
            raise BadValue(
                f'a directory has no field "{field}"', hint=f"known: {', '.join(FIELDS)}"
            )
        if name not in header:
            raise BadValue(f'the directory has no column "{name}"', hint=f"columns: {there}")
    return dict(wanted)


_KNOWN: Final[dict[str, tuple[str, ...]]] = {
    "name": ("name", "full name", "display name", "имя", "фио", "الاسم", "שם"),
    "account": ("account", "handle", "username", "user", "nick", "room"),
    "phone": ("phone", "telephone", "tel", "mobile", "number", "телефон", "هاتف", "טלפון"),
    "mail": ("mail", "email", "e-mail", "почта"),
    "role": ("role", "title", "post", "position", "rank", "должность", "المنصب", "תפקיד"),
    "organisation": ("organisation", "organization", "org", "unit", "department", "отдел"),
    "since": ("since", "from", "start", "start date"),
    "until": ("until", "to", "end", "end date"),
}


def _made(columns: Mapping[str, pa.LargeStringArray], start: Int64s, end: Int64s) -> DirectoryTable:
    """The table without rows that repeat an earlier one in every field."""
    count = len(start)
    if not count or not columns:
        return DirectoryTable(columns, start, end, 0)
    codes = [
        c.dictionary_encode().indices.to_numpy(zero_copy_only=False).astype(np.int64)
        for c in columns.values()
    ]
    whole = codes[0]
    for code in codes[1:]:
        pair = whole * (int(code.max()) + 1) + code
        whole = np.unique(pair, return_inverse=True)[1].astype(np.int64)
    first = np.sort(np.unique(whole, return_index=True)[1])
    kept = pa.array(first)
    return DirectoryTable(
        {name: column.take(kept) for name, column in columns.items()},
        start[first],
        end[first],
        count - len(first),
    )


def _mapped(
    columns: Mapping[str, pa.LargeStringArray], name: str, key: object
) -> pa.LargeStringArray:
    """A column with each different value put through `key`, made once a value."""
    if name not in columns:
        return pa.array([], pa.large_string())
    coded = columns[name].dictionary_encode()
    made = pa.array([key(v or "") for v in coded.dictionary.to_pylist()], pa.large_string())  # type: ignore[operator]
    return made.take(coded.indices)


def _places(column: pa.LargeStringArray, value: str) -> list[int]:
    found: list[int] = pc.indices_nonzero(pc.equal(column, value)).to_pylist()
    return found


def _bytes(column: pa.LargeStringArray) -> Int64s:
    return np.asarray(pc.binary_length(column).to_numpy(zero_copy_only=False), np.int64)


def _joined(column: pa.LargeStringArray) -> bytes:
    """The values of a column one after another."""
    own = pa.concat_arrays([column, column[:0]])
    _, offsets, content = own.buffers()
    if content is None or not len(own):
        return b""
    bounds = np.frombuffer(offsets, np.int64)[own.offset : own.offset + len(own) + 1]
    return bytes(content[int(bounds[0]) : int(bounds[-1])])
