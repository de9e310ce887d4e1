"""The words of who sent and who received records: in the word index too, under keys of their own."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from functools import lru_cache
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from pastwatch.archive.columns import text_column
from pastwatch.archive.tokens import Hashes, Int64s, WordList, block_hashes, row_hashes

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


def people_hashes(rows: pa.RecordBatch, key16: bytes) -> Hashes:
    """The hashes of all words in the addresses and names of some records; some may be there twice."""
    found = []
    for field, columns in _columns(rows).items():
        distinct = pc.unique(pa.concat_arrays(columns).drop_null())
        column = text_column(distinct.cast(pa.large_string()))
        found.append(block_hashes([column], key_of(field, key16)))
    return np.concatenate(found)


def people_row_hashes(rows: pa.RecordBatch, key16: bytes) -> list[tuple[Hashes, Int64s]]:
    """The hash of every such word beside the row it stands in."""
    counts = pc.fill_null(rows.column("recipients").value_lengths(), 0)
    owners = np.repeat(np.arange(rows.num_rows), counts.to_numpy(zero_copy_only=False))
    found = []
    for field, columns in _columns(rows).items():
        for column in columns:
            plain = pc.fill_null(column, "").cast(pa.large_string())
            hashes, at = row_hashes(text_column(plain), key_of(field, key16))
            found.append((hashes, at if field == SENDER else owners[at]))
    return found


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


def _columns(rows: pa.RecordBatch) -> dict[str, list[pa.StringArray]]:
    """The columns of each field, from columns of `layout.TEXT`."""
    recipients = rows.column("recipients").flatten()
    return {
        SENDER: [rows.column("sender_address"), rows.column("sender_name")],
        RECIPIENTS: [recipients.field("address"), recipients.field("name")],
    }
