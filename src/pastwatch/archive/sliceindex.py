"""The envelopes of a slice as columns: when each record was, in which conversation, and where."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from pastwatch.archive.block import RecordRef
from pastwatch.archive.scope import time_class, times

Int64s = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class SliceIndex:
    """One row a record in scope, in the order of claimed time; undated ones last."""

    packs: tuple[str, ...]
    pack: Int64s
    block: Int64s
    row: Int64s
    source: tuple[str, ...]  # by pack
    earliest_us: Int64s
    latest_us: Int64s
    dated: npt.NDArray[np.bool_]
    conversation: Int64s
    defects: Int64s
    size_bytes: Int64s
    record_ids: npt.NDArray[np.void]

    def __len__(self) -> int:
        return len(self.row)

    def ref(self, at: int) -> RecordRef:
        """Where the record at this place stands."""
        return RecordRef(self.packs[int(self.pack[at])], int(self.block[at]), int(self.row[at]))

    def find(self, ref: RecordRef) -> int:
        """The place of a record, −1 when it is not in the slice."""
        if ref.pack_id not in self.packs:
            return -1
        pack = self.packs.index(ref.pack_id)
        found = np.flatnonzero(
            (self.pack == pack) & (self.block == ref.block) & (self.row == ref.row)
        )
        return int(found[0]) if len(found) else -1

    def place_of(self, record_id: bytes) -> RecordRef | None:
        """Where the record of that id stands, None when it is not in the slice."""
        found = np.flatnonzero(self.record_ids == np.void(record_id))
        return self.ref(int(found[0])) if len(found) else None

    def around(self, at: int, *, before: int, after: int) -> tuple[list[int], list[int]]:
        """The places of the records next before and after in the same conversation, in time order."""
        same = np.flatnonzero(self.conversation == self.conversation[at])
        own = int(np.flatnonzero(same == at)[0])
        first = same[max(own - before, 0) : own] if before else same[:0]
        return first.tolist(), same[own + 1 : own + 1 + after].tolist()


Held = tuple[pa.RecordBatch, Int64s, pa.RecordBatch, bool]


def index_of(held: Sequence[tuple[str, str, int, Held]]) -> SliceIndex:
    """The index over (pack id, source id, block, its envelopes in scope)."""
    packs: dict[str, int] = {}
    sources: list[str] = []
    columns: dict[str, list[np.ndarray]] = {name: [] for name in _COLUMNS}
    places: dict[str, int] = {}
    talks: list[npt.NDArray[np.void]] = []
    ids = []
    for pack_id, source_id, block, (envelope, rows, tokens, _) in held:
        if pack_id not in packs:
            packs[pack_id] = len(packs)
            sources.append(source_id)
        count = len(rows)
        earliest, latest = times(envelope)
        talk = envelope.column("conversation").to_numpy(zero_copy_only=False)
        talks.append(_fixed(tokens.column("token"))[talk])
        made = (
            np.full(count, packs[pack_id]),
            np.full(count, block),
            rows,
            earliest,
            latest,
            time_class(envelope) == 0,
            np.full(count, places.setdefault(source_id, len(places))),
            envelope.column("defects").to_numpy(zero_copy_only=False),
            envelope.column("size_bytes").to_numpy(zero_copy_only=False),
        )
        for name, column in zip(_COLUMNS, made, strict=True):
            columns[name].append(column)
        ids.append(_fixed(envelope.column("record_id")))
    whole = {
        name: np.concatenate(parts) if parts else np.zeros(0, dtype=np.int64)
        for name, parts in columns.items()
    }
    if talks:
        whole["conversation"] = _numbered(whole["conversation"], np.concatenate(talks))
    order = _in_order(whole)
    record_ids = np.concatenate(ids) if ids else np.zeros(0, "V16")
    return SliceIndex(
        packs=tuple(packs),
        source=tuple(sources),
        record_ids=record_ids[order],
        **{n: whole[n][order].astype(bool if n == "dated" else np.int64) for n in _COLUMNS},
    )


def _fixed(column: pa.FixedSizeBinaryArray) -> npt.NDArray[np.void]:
    """A column of values of one length that has no nulls, where it lies."""
    width = column.type.byte_width
    values = column.buffers()[1]
    if not len(column) or values is None:
        return np.zeros(0, f"V{width}")
    return np.frombuffer(values, f"V{width}", len(column), column.offset * width)


def _numbered(sources: Int64s, talks: npt.NDArray[np.void]) -> Int64s:
    """A number for each conversation, that is for each token of each source."""
    tokens = np.unique(talks.view(np.uint64), return_inverse=True)[1].reshape(-1)
    pairs = sources * (len(talks) + 1) + tokens
    return np.asarray(np.unique(pairs, return_inverse=True)[1].reshape(-1), np.int64)


def _in_order(whole: Mapping[str, np.ndarray]) -> Int64s:
    """Dated before undated, by time, block and row; mostly they are nearly so already."""
    places = whole["block"] << _ROW_BITS | whole["row"]
    order = np.argsort(places, kind="stable")
    order = order[np.argsort(whole["earliest_us"][order], kind="stable")]
    dated = whole["dated"].astype(bool)[order]
    return np.concatenate((order[dated], order[~dated]))


_ROW_BITS = 24
_COLUMNS = (
    "pack",
    "block",
    "row",
    "earliest_us",
    "latest_us",
    "dated",
    "conversation",
    "defects",
    "size_bytes",
)
