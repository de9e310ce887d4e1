"""An opened block: the columns of its records in scope, and records made of them one at a time."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple, TypeVar

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from pastwatch.archive.layout import basis_of
from pastwatch.matching.lanes import Lane
from pastwatch.model.party import Party, Role
from pastwatch.model.record import Defect, Envelope, Kind, Part, Record
from pastwatch.model.when import When

T = TypeVar("T")


class BlockTimes(NamedTuple):
    """The first and last known moment of a block's records in scope; `whole`: each has both."""

    first_us: int | None
    last_us: int | None
    whole: bool


@dataclass(frozen=True, slots=True, order=True)
class BlockRef:
    """A granted block, and how many of its records lie in scope."""

    pack_id: str
    block: int
    source_id: str
    inside: int
    text_frame_bytes: int
    dated: bool
    times: BlockTimes | None = field(default=None, compare=False)
    """None where the grant does not tell."""

    def __hash__(self) -> int:
        return hash((self.pack_id, self.block))


@dataclass(frozen=True, slots=True, order=True)
class RecordRef:
    """Where a record stands; meaningful to the gate alone."""

    pack_id: str
    block: int
    row: int


@dataclass(frozen=True, slots=True)
class OpenBlock:
    """The records of one block that lie in scope; nothing of any other record is in it.

    `rows` gives each record's place in the sealed block. `text` follows `layout.TEXT`, `envelope`
    follows `layout.ENVELOPE`; `lanes` are what of the text is searched. Inside a scan all of it is
    valid until the task returns.
    """

    ref: BlockRef
    medium: str
    rows: npt.NDArray[np.int64]
    lanes: Sequence[Lane]
    texts: Callable[[], pa.RecordBatch]
    envelopes: Callable[[], tuple[pa.RecordBatch, pa.RecordBatch]]
    ids: Callable[[], Sequence[bytes]]
    sources: tuple[bytes, ...] | None = None

    @property
    def text(self) -> pa.RecordBatch:
        """The text columns of the records."""
        return self.texts()

    @property
    def envelope(self) -> pa.RecordBatch:
        """The envelopes of the records; opened when they are first asked for."""
        return self.envelopes()[0]

    @property
    def tokens(self) -> pa.RecordBatch:
        """The table of account and conversation tokens that the envelopes point into."""
        return self.envelopes()[1]

    def kept(self, places: npt.NDArray[np.int64]) -> OpenBlock:
        """The block with the records at these places alone, in order; it has no lanes to search."""
        sources = None if self.sources is None else tuple(self.sources[i] for i in places)
        return OpenBlock(
            ref=self.ref,
            medium=self.medium,
            rows=self.rows[places],
            lanes=(),
            texts=once(lambda: self.text.take(pa.array(places))),
            envelopes=once(lambda: cut(self.envelope, self.tokens, places)),
            ids=once(lambda: [self.ids()[i] for i in places]),
            sources=sources,
        )

    def record_ref(self, index: int) -> RecordRef:
        """Where the index-th record in scope stands."""
        return RecordRef(self.ref.pack_id, self.ref.block, int(self.rows[index]))

    def record_id(self, index: int) -> bytes:
        """The id of the index-th record in scope."""
        return self.ids()[index]

    def when(self, index: int) -> When | None:
        """The claimed time of the index-th record in scope."""
        basis = basis_of(self.envelope.column("basis")[index].as_py())
        earliest = self.envelope.column("earliest_us")[index].as_py()
        latest = self.envelope.column("latest_us")[index].as_py()
        if basis is None or earliest is None or latest is None:
            return None
        return When(earliest_us=earliest, latest_us=latest, basis=basis)

    def record(self, index: int) -> Record:
        """The index-th record in scope as an object."""
        text = self.text
        row = {name: text.column(name)[index].as_py() for name in text.schema.names}
        return Record(
            envelope=self._envelope(index),
            source_sha256=self.sources[index] if self.sources else bytes(32),
            sender=_sender(row),
            recipients=tuple(_party(p) for p in row["recipients"] or ()),
            conversation=row["conversation"] or "",
            native_id=row["native_id"] or "",
            reply_to=row["reply_to"] or "",
            subject=row["subject"] or "",
            text=row["text"],
            parts=tuple(_part(p) for p in row["parts"] or ()),
        )

    def _envelope(self, index: int) -> Envelope:
        row = {n: self.envelope.column(n)[index].as_py() for n in self.envelope.schema.names}
        table = self.tokens.column("token")
        return Envelope(
            record_id=row["record_id"],
            source_id=self.ref.source_id,
            medium=self.medium,
            claimed=self.when(index),
            held_us=row["held_us"],
            size_bytes=row["size_bytes"],
            account_tokens=tuple(table[i].as_py() for i in row["accounts"]),
            conversation_token=table[row["conversation"]].as_py(),
            area=row["area"] or "",
            kind=Kind(row["kind"]),
            defects=Defect(row["defects"]),
        )


def once(make: Callable[[], T]) -> Callable[[], T]:
    """What `make` gives, made at the first call and kept."""
    kept: list[T] = []

    def get() -> T:
        if not kept:
            kept.append(make())
        return kept[0]

    return get


def cut(
    envelope: pa.RecordBatch, tokens: pa.RecordBatch, rows: npt.NDArray[np.int64]
) -> tuple[pa.RecordBatch, pa.RecordBatch]:
    """The envelopes of some rows, with the tokens of those rows alone."""
    kept = envelope.take(pa.array(rows))
    accounts = kept.column("accounts")
    flat = accounts.flatten().to_numpy(zero_copy_only=False)
    talk = kept.column("conversation").to_numpy(zero_copy_only=False)
    used = np.unique(np.concatenate((flat, talk)))
    ends = np.cumsum(accounts.value_lengths().to_numpy(zero_copy_only=False))
    remade = pa.ListArray.from_arrays(
        pa.array(np.concatenate(([0], ends)), type=pa.int32()),
        pa.array(np.searchsorted(used, flat), type=pa.uint32()),
    )
    talks = pa.array(np.searchsorted(used, talk), type=pa.uint32())
    made = {"accounts": remade, "conversation": talks}
    columns = [made.get(name, kept.column(name)) for name in kept.schema.names]
    return (
        pa.RecordBatch.from_arrays(columns, schema=kept.schema),
        tokens.take(pa.array(used)),
    )


def _sender(row: dict[str, Any]) -> Party | None:
    if not row["sender_address"] and not row["sender_name"]:
        return None
    return Party(address=row["sender_address"] or "", name=row["sender_name"] or "")


def _party(row: dict[str, Any]) -> Party:
    return Party(address=row["address"] or "", name=row["name"] or "", role=Role(row["role"]))


def _part(row: dict[str, Any]) -> Part:
    return Part(
        name=row["name"] or "",
        media_type=row["media_type"] or "",
        size_bytes=row["size_bytes"] or 0,
        sha256=row["sha256"] or bytes(32),
        text=row["text"] or "",
    )
