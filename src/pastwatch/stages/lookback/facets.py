"""Counts over hits by who, where, when and what is known of them, and the records one count is of."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from pastwatch.archive.block import OpenBlock
from pastwatch.errors import UsageError
from pastwatch.model.when import DAY_US, SECOND_US

DERIVED: Final = ("language", "family", "code")
"""What somebody or something added to a record, and the record itself does not say."""
KINDS: Final = ("source", "medium", "sender", "pair", "conversation", "day", *DERIVED)
NONE: Final = "(none)"
ARROW: Final = " → "

Int64s = npt.NDArray[np.int64]
Rows = npt.NDArray[np.bool_]
Values = tuple[Sequence[str], Int64s, Int64s]
"""The values there are, and of each time one is meant its number and the place of its record."""
_COLUMNS: Final = {
    "sender": ["sender_address", "sender_name"],
    "pair": ["sender_address", "sender_name", "recipients"],
    "conversation": ["conversation"],
}
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Known:
    """What of a case a count needs beside the records: names, its zone, and what was added to them."""

    source_names: Mapping[str, str]
    offset_s: int = 0
    added: Mapping[str, Mapping[bytes, Sequence[str]]] = field(default_factory=dict)


class Facets:
    """Counts of records by value; one that has several values of a kind counts under each."""

    def __init__(self, kinds: Sequence[str], known: Known) -> None:
        for kind in kinds:
            check_kind(kind)
        self._known = known
        self.counts: dict[str, Counter[str]] = {kind: Counter() for kind in dict.fromkeys(kinds)}

    def add(self, block: OpenBlock, rows: Int64s) -> None:
        """Count the records at these places of a block."""
        for kind, counter in self.counts.items():
            values, numbers, at = values_of(block, rows, kind, self._known)
            pairs = np.unique(numbers * max(len(rows), 1) + at) // max(len(rows), 1)
            each = np.bincount(pairs, minlength=len(values)).tolist()
            counter.update({v: n for v, n in zip(values, each, strict=True) if n})

    def listed(self, kind: str) -> list[tuple[str, int]]:
        """(value, records), most first; days in their order."""
        counts = self.counts[kind].items()
        if kind == "day":
            return sorted(counts)
        return sorted(counts, key=lambda pair: (-pair[1], pair[0]))


def check_kind(kind: str) -> str:
    """The kind, or UsageError with those there are."""
    if kind not in KINDS:
        raise UsageError(f'hits are not counted by "{kind}"', hint=f"by {', '.join(KINDS)}")
    return kind


def among(block: OpenBlock, rows: Int64s, only: Mapping[str, str], known: Known) -> Rows:
    """Which of the records at these places have each of these values, by kind."""
    kept = np.ones(len(rows), np.bool_)
    for kind, wanted in only.items():
        values, numbers, at = values_of(block, rows, check_kind(kind), known)
        meant = np.array([value == wanted for value in values] or [False], np.bool_)
        have = np.zeros(len(rows), np.bool_)
        have[at[meant[numbers]]] = True
        kept &= have
    return kept


def asked_too(text: str, only: Mapping[str, str]) -> str:
    """The query narrowed to these values as far as its language can say them; the text itself if not.

    What it says is never narrower than the values: `among` decides in the end.
    """
    more = [part for kind, value in only.items() for part in _said(check_kind(kind), value)]
    return " AND ".join([f"({text})", *more]) if more else text


def values_of(block: OpenBlock, rows: Int64s, kind: str, known: Known) -> Values:
    """The values of a kind that the records at these places of a block have."""
    every = np.arange(len(rows), dtype=np.int64)
    if kind in {"source", "medium"}:
        source = known.source_names.get(block.ref.source_id, block.ref.source_id)
        return [source if kind == "source" else block.medium], np.zeros_like(every), every
    if kind == "day":
        return _days(block, rows, known.offset_s)
    if kind in DERIVED:
        return _added(block, rows, known.added.get(kind, {}))
    text = block.text.select(_COLUMNS[kind]).take(pa.array(rows))
    if kind == "pair":
        return _pairs(text)
    if kind == "sender":
        return (*_coded(_called(text.column("sender_address"), text.column("sender_name"))), every)
    return (*_coded(_filled(text.column("conversation"))), every)


def _days(block: OpenBlock, rows: Int64s, offset_s: int) -> Values:
    earliest = block.envelope.column("earliest_us").take(pa.array(rows))
    dated = earliest.is_valid().to_numpy(zero_copy_only=False)
    times = pc.fill_null(earliest, 0).to_numpy(zero_copy_only=False)
    days = np.where(dated, (times + offset_s * SECOND_US) // DAY_US, np.iinfo(np.int64).max)
    distinct, numbers = np.unique(days, return_inverse=True)
    names = [_day(day) for day in distinct.tolist()]
    return names, numbers.astype(np.int64), np.arange(len(rows), dtype=np.int64)


def _day(day: int) -> str:
    try:
        return f"{_EPOCH + timedelta(days=day):%Y-%m-%d}"
    except OverflowError:
        return NONE


def _added(
    block: OpenBlock, rows: Int64s, added: Mapping[bytes, Sequence[str]]
) -> tuple[list[str], Int64s, Int64s]:
    ids, names = block.ids(), dict[str, int]()
    numbers: list[int] = []
    at: list[int] = []
    for place, row in enumerate(rows.tolist()):
        for value in dict.fromkeys(added.get(ids[row], (NONE,))):
            numbers.append(names.setdefault(value, len(names)))
            at.append(place)
    return list(names), np.array(numbers, np.int64), np.array(at, np.int64)


def _pairs(text: pa.RecordBatch) -> Values:
    """Sender and each recipient; a record without any counts as sent to nobody named."""
    recipients = text.column("recipients")
    senders = _called(text.column("sender_address"), text.column("sender_name"))
    flat = recipients.flatten()
    owners = pc.list_parent_indices(recipients).to_numpy(zero_copy_only=False).astype(np.int64)
    alone = np.setdiff1d(np.arange(len(text)), owners)
    to = pa.concat_arrays([_called(flat.field("address"), flat.field("name")), _nobody(len(alone))])
    at = np.concatenate((owners, alone))
    return (*_coded(pc.binary_join_element_wise(senders.take(pa.array(at)), to, ARROW)), at)


def _nobody(count: int) -> pa.Array:
    return pa.array([NONE] * count, pa.string())


def _called(address: pa.Array, name: pa.Array) -> pa.Array:
    def known(column: pa.Array) -> pa.Array:
        return pc.if_else(pc.equal(column, ""), pa.scalar(None, pa.string()), column)

    return pc.coalesce(known(address), known(name), pa.scalar(NONE))


def _filled(column: pa.Array) -> pa.Array:
    return _called(column, column)


def _coded(column: pa.Array) -> tuple[list[str], Int64s]:
    coded = column.dictionary_encode()
    numbers = coded.indices.to_numpy(zero_copy_only=False).astype(np.int64)
    return coded.dictionary.to_pylist(), numbers


def _said(kind: str, value: str) -> list[str]:
    """A value as conditions of the query language; none where it has no words for it."""
    if kind == "source":
        return [f'source:"{value}"'] if _quotable(value) else []
    if kind == "sender":
        return [f'from:"{value}"'] if _quotable(value) else []
    if kind == "pair":
        sender, _, to = value.partition(ARROW)
        ends = (("from", sender), ("to", to))
        return [f'{name}:"{end}"' for name, end in ends if _quotable(end)]
    if kind == "day":
        try:
            begins = datetime.fromisoformat(value)
        except ValueError:
            return []
        return [f"after:{value}", f"before:{begins + timedelta(days=1):%Y-%m-%d}"]
    return []


def _quotable(value: str) -> bool:
    """Whether it can stand between quotes, and holds a word to look for."""
    return value != NONE and not set(value) & set('"“”„') and any(map(str.isalnum, value))
