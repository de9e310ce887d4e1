"""Records as a watch meets them: their texts as lanes, their moments, who wrote in which conversation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from pastwatch.archive.block import OpenBlock
from pastwatch.archive.columns import part_texts, text_column
from pastwatch.archive.identity import normal_address
from pastwatch.archive.scope import time_class, times
from pastwatch.matching.lanes import Lane, lanes_of
from pastwatch.matching.matcher import RecordFacts
from pastwatch.model.when import SECOND_US

Int64s = npt.NDArray[np.int64]
AHEAD_US: Final = 300 * SECOND_US
"""A record that claims to be from later than this after its arrival stands at its arrival."""


@dataclass(frozen=True)
class Arrivals:
    """Some records in the order they came; `columns` has the text columns and the claimed times.

    `arrived_us` is when they came, or each of them; None where records of the past are examined,
    which then stand at the moments they claim.
    """

    columns: pa.RecordBatch
    source_id: str
    source_name: str
    arrived_us: int | Int64s | None
    record_ids: Sequence[bytes]
    dated: npt.NDArray[np.bool_]
    earliest_us: Int64s
    latest_us: Int64s
    _facts: dict[int, RecordFacts] = field(default_factory=dict)

    @classmethod
    def of_batch(
        cls, rows: pa.RecordBatch, *, source_id: str, source_name: str, clock_us: int | Int64s
    ) -> Arrivals:
        """Rows about to be sealed (`layout.BATCH` with their record ids)."""
        earliest_us, latest_us = times(rows)
        ids = rows.column("record_id").to_pylist()
        dated = time_class(rows) == 0
        return cls(rows, source_id, source_name, clock_us, ids, dated, earliest_us, latest_us)

    @classmethod
    def of_block(cls, block: OpenBlock, *, source_name: str) -> Arrivals:
        """Records of the past, from an opened block."""
        earliest_us, latest_us = times(block.envelope)
        dated = time_class(block.envelope) == 0
        source_id = block.ref.source_id
        ids = block.ids()
        return cls(block.text, source_id, source_name, None, ids, dated, earliest_us, latest_us)

    def __len__(self) -> int:
        return len(self.dated)

    @cached_property
    def lanes(self) -> list[Lane]:
        """The texts that are searched: subject, text, attachments."""
        parts, rows, _ = part_texts(self.columns.column("parts"))
        text = text_column(self.columns.column("text"))
        return lanes_of(text, text_column(self.columns.column("subject")), (*parts, rows))

    @cached_property
    def moments_us(self) -> Int64s:
        """When each record stands: as it claims where that can be, else when it came.

        Of a record of the past that claims no usable time it is the least integer: it stands nowhere.
        """
        nowhere = np.iinfo(np.int64).min
        if self.arrived_us is None:
            return np.where(self.dated, self.earliest_us, nowhere)
        usable = self.dated & (self.earliest_us <= self.arrived_us + AHEAD_US)
        return np.where(usable, np.minimum(self.earliest_us, self.arrived_us), self.arrived_us)

    @cached_property
    def senders(self) -> list[str]:
        """The normal address of each sender, "" where there is none."""
        named = self.columns.column("sender_name")
        address = self.columns.column("sender_address")
        spoken = pc.if_else(pc.equal(pc.fill_null(address, ""), ""), named, address)
        return [normal_address(one or "") for one in spoken.to_pylist()]

    def recipients(self, row: int) -> list[str]:
        """The normal addresses of a record's recipients."""
        people = self.columns.column("recipients")[row].as_py() or ()
        return [normal_address(p["address"] or p["name"] or "") for p in people]

    def conversation(self, row: int) -> str:
        """The conversation of a record, with its source; a record in none stands alone."""
        named = self.columns.column("conversation")[row].as_py()
        own = named or self.record_ids[row].hex()
        return f"{self.source_id}/{own}"

    def facts(self, row: int) -> RecordFacts:
        """What a record's envelope says; asked for by queries that ask who, when or where."""
        kept = self._facts.get(row)
        if kept is None:
            kept = self._facts[row] = self._made(row)
        return kept

    def _made(self, row: int) -> RecordFacts:
        def of(name: str) -> Any:
            return self.columns.column(name)[row].as_py()

        people = of("recipients") or ()
        dated = bool(self.dated[row])
        return RecordFacts(
            sender_address=of("sender_address") or "",
            sender_name=of("sender_name") or "",
            recipients=tuple((p["address"] or "", p["name"] or "") for p in people),
            source_id=self.source_id,
            source_name=self.source_name,
            earliest_us=int(self.earliest_us[row]) if dated else None,
            latest_us=int(self.latest_us[row]) if dated else None,
        )
