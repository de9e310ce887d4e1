"""The envelopes of a slice as columns: when each record was, in which conversation, and where."""

from __future__ import annotations

from collections.abc import Sequence
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
    conversations: dict[bytes, int] = {}
    columns: dict[str, list[np.ndarray]] = {name: [] for name in _COLUMNS}
    ids = []
    for pack_id, source_id, block, (envelope, rows, tokens, _) in held:
        if pack_id not in packs:
            packs[pack_id] = len(packs)
            sources.append(source_id)
        count = len(rows)
        earliest, latest = times(envelope)
        table = np.array(
            [
                conversations.setdefault(source_id.encode() + t, len(conversations))
                for t in tokens.column("token").to_pylist()
            ],
            dtype=np.int64,
        )
        talk = envelope.column("conversation").to_numpy(zero_copy_only=False)
        made = (
            np.full(count, packs[pack_id]),
            np.full(count, block),
            rows,
            earliest,
            latest,
            time_class(envelope) == 0,
            table[talk] if count else talk,
            envelope.column("defects").to_numpy(zero_copy_only=False),
            envelope.column("size_bytes").to_numpy(zero_copy_only=False),
        )
        for name, column in zip(_COLUMNS, made, strict=True):
            columns[name].append(column)
        ids.append(b"".join(envelope.column("record_id").to_pylist()))
    whole = {
        name: np.concatenate(parts) if parts else np.zeros(0, dtype=np.int64)
        for name, parts in columns.items()
    }
    order = np.lexsort(
        (whole["row"], whole["block"], whole["earliest_us"], ~whole["dated"].astype(bool))
    )
    record_ids = np.frombuffer(b"".join(ids), dtype="V16")
    return SliceIndex(
        packs=tuple(packs),
        source=tuple(sources),
        record_ids=record_ids[order],
        **{n: whole[n][order].astype(bool if n == "dated" else np.int64) for n in _COLUMNS},
    )


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
