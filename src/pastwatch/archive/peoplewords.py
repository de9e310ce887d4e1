"""The words of who sent and who received records: in the word index too, under keys of their own."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from functools import lru_cache
from typing import Final, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from pastwatch.archive.columns import spread, text_column
from pastwatch.archive.tokens import Hashes, Int64s, WordList, row_hashes

SENDER: Final = "from"
RECIPIENTS: Final = "to"
TEXT: Final = ""
Asked = tuple[str, frozenset[str]]
"""A field ("" for the text), and words of which one must stand in it."""


@lru_cache(maxsize=16)
def key_of(field: str, key16: bytes) -> bytes:
    """The key that words of a field are hashed under, from the pack's: the text has the pack's own."""
    if field == TEXT:
        return key16
    return hashlib.sha256(b"pastwatch people words 1" + field.encode() + key16).digest()[:16]


class PeopleWords:
    """The words of the people of some records, hashed once for each name that is met."""

    def __init__(self, rows: pa.RecordBatch, key16: bytes) -> None:
        recipients = rows.column("recipients")
        listed = pc.fill_null(recipients.value_lengths(), 0).to_numpy(zero_copy_only=False)
        each, count = np.arange(rows.num_rows), rows.num_rows
        people = recipients.flatten()
        told = {
            SENDER: ([rows.column("sender_address"), rows.column("sender_name")], each),
            RECIPIENTS: ([people.field("address"), people.field("name")], np.repeat(each, listed)),
        }
        self._fields = [
            _Field.of(pa.concat_arrays(pair), np.tile(owners, 2), count, key_of(name, key16))
            for name, (pair, owners) in told.items()
        ]

    def of(self, chosen: Int64s) -> Hashes:
        """The hashes of all words in the addresses and names of these records; some twice."""
        return np.concatenate([field.in_rows(chosen) for field in self._fields])

    def by_row(self) -> list[tuple[Hashes, Int64s]]:
        """The hash of every word beside the row it stands in."""
        return [field.by_row() for field in self._fields]


class _Field(NamedTuple):
    """Of each distinct name its words' hashes, and of each row its names."""

    hashes: Hashes
    starts: Int64s  # where the hashes of each name start
    names: Int64s
    row_starts: Int64s  # where the names of each row start

    @classmethod
    def of(cls, entries: pa.StringArray, owners: Int64s, count: int, key: bytes) -> _Field:
        """Names, each in a row of so many."""
        coded = pc.fill_null(entries, "").dictionary_encode()
        hashes, at = row_hashes(text_column(coded.dictionary.cast(pa.large_string())), key)
        in_order, by_owner = np.argsort(at, kind="stable"), np.argsort(owners, kind="stable")
        return cls(
            hashes[in_order],
            np.searchsorted(at[in_order], np.arange(len(coded.dictionary) + 1)),
            coded.indices.to_numpy(zero_copy_only=False)[by_owner].astype(np.int64),
            np.searchsorted(owners[by_owner], np.arange(count + 1)),
        )

    def in_rows(self, chosen: Int64s) -> Hashes:
        at, _ = spread(self.row_starts[chosen], self.row_starts[chosen + 1])
        names = np.unique(self.names[at])
        return self.hashes[spread(self.starts[names], self.starts[names + 1])[0]]

    def by_row(self) -> tuple[Hashes, Int64s]:
        at, ends = spread(self.starts[self.names], self.starts[self.names + 1])
        rows = np.repeat(np.arange(len(self.row_starts) - 1), np.diff(self.row_starts))
        return self.hashes[at], np.repeat(rows, np.diff(ends))


class AskedWords:
    """Groups of words of which each needs one; hashed under each pack's key when it is met."""

    def __init__(self, asked: Sequence[Asked]) -> None:
        groups: dict[str, list[list[str]]] = {TEXT: []}
        for field, words in asked:
            groups.setdefault(field, []).append(sorted(words))
        self._words = {
            f: WordList([w for own in every for w in own]) for f, every in groups.items()
        }
        sizes = {f: list(map(len, every)) for f, every in groups.items()}
        self._starts = {
            True: _starts([size for every in sizes.values() for size in every]),
            False: _starts(sizes[TEXT]),
        }
        self._known: dict[tuple[bytes, bool], tuple[Hashes, Int64s]] = {}

    def under(self, key16: bytes, *, people: bool) -> tuple[Hashes, Int64s]:
        """All hashes, and where those of each group start; `people`: also those of other fields."""
        known = self._known.get((key16, people))
        if known is None:
            fields = self._words if people else (TEXT,)
            hashes = [self._words[field].under(key_of(field, key16)) for field in fields]
            known = np.concatenate(hashes), self._starts[people]
            self._known[key16, people] = known
        return known


def _starts(sizes: Sequence[int]) -> Int64s:
    return np.cumsum([0, *sizes])[:-1]
