"""Gathers records column by column into batches of bounded size, with the framing beside them."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import TypeAlias, cast

import numpy as np
import pyarrow as pa

from pastwatch.archive.layout import BATCH, NO_BASIS, PART, RECIPIENT, basis_number
from pastwatch.model.batch import Batch
from pastwatch.model.record import Draft
from pastwatch.model.source import Gap
from pastwatch.model.when import EARLIEST_US, LATEST_US
from pastwatch.stages.collect.connectors import arrays

BATCH_RECORDS = 1024
BATCH_BYTES = 8 * 1024 * 1024

clean = arrays.clean

Recipient: TypeAlias = tuple[str, str, int]  # address, name, role
PartRow: TypeAlias = tuple[str, str, int, bytes, str]  # name, media type, bytes, sha256, text

_OCTETS = pa.large_binary()
_STRINGS = (pa.string(), pa.large_string())
_NUMBERS = {pa.int64(): np.int64, pa.uint8(): np.uint8, pa.uint32(): np.uint32}
_PLAIN = {field.name: field.type for field in BATCH if field.name not in {"recipients", "parts"}}


class Columns:
    """Lists, one a column, that become a `Batch`; adding a row costs no object."""

    def __init__(self, container: str) -> None:
        self.container = container
        self.framing: Counter[str] = Counter()
        self._clear()

    def _clear(self) -> None:
        self.size_bytes = 0
        self._rows: list[tuple[object, ...]] = []
        self._recipients: list[Sequence[Recipient]] = []
        self._parts: list[Sequence[PartRow]] = []

    def __len__(self) -> int:
        return len(self._recipients)

    @property
    def is_full(self) -> bool:
        """Whether the rows gathered fill a batch."""
        return len(self._recipients) >= BATCH_RECORDS or self.size_bytes >= BATCH_BYTES

    def add(
        self,
        original: bytes,
        *,
        text: str,
        earliest_us: int | None = None,
        latest_us: int | None = None,
        basis: int = NO_BASIS,
        sender_address: str | None = None,
        sender_name: str | None = None,
        recipients: Sequence[Recipient] = (),
        conversation: str | None = None,
        native_id: str | None = None,
        reply_to: str | None = None,
        subject: str | None = None,
        parts: Sequence[PartRow] = (),
        kind: int = 0,
        area: str | None = None,
        defects: int = 0,
        position: int | None = None,
    ) -> None:
        """Add one record; times and basis are the format's own numbers."""
        if earliest_us is None or latest_us is None or not basis:
            earliest_us, latest_us, basis = None, None, NO_BASIS
        elif earliest_us < EARLIEST_US or latest_us > LATEST_US:
            earliest_us = min(max(earliest_us, EARLIEST_US), LATEST_US)
            latest_us = max(min(latest_us, LATEST_US), EARLIEST_US)
        self._rows.append(
            (
                original,
                earliest_us,
                latest_us,
                basis,
                sender_address or None,
                sender_name or None,
                conversation or None,
                native_id or None,
                reply_to or None,
                subject or None,
                text,
                kind,
                area or None,
                defects,
                position,
            )
        )
        self._recipients.append(recipients)
        self._parts.append(parts)
        self.size_bytes += len(original) + len(text)
        for part in parts:
            self.size_bytes += len(part[4])

    def frame(self, kind: str, size_bytes: int) -> None:
        """Count bytes that belong to the container and to no record."""
        if size_bytes:
            self.framing[kind] += size_bytes

    def take(self, *, cursor: str | None = None) -> Batch:
        """The batch of all rows since the last, and the framing read with them."""
        values = zip(*self._rows, strict=True) if self._rows else itertools.repeat(())
        arrays = {
            name: _array(column, kind)
            for (name, kind), column in zip(_PLAIN.items(), values, strict=False)
        }
        arrays["recipients"] = _lists(self._recipients, RECIPIENT)
        arrays["parts"] = _lists(self._parts, PART)
        columns = pa.RecordBatch.from_arrays([arrays[f.name] for f in BATCH], schema=BATCH)
        batch = Batch(
            columns=columns, container=self.container, framing=dict(self.framing), cursor=cursor
        )
        self.framing = Counter()
        self._clear()
        return batch

    def rest(self, *, cursor: str | None = None) -> Iterator[Batch]:
        """The last batch, when a row or a byte of framing is left for it."""
        if len(self) or self.framing:
            yield self.take(cursor=cursor)


def batched(
    drafts: Iterable[Draft | Gap | tuple[str, int]], *, container: str
) -> Iterator[Batch | Gap]:
    """Batches of drafts; a pair (kind, bytes) between them is framing, a gap passes through."""
    columns = Columns(container)
    for item in drafts:
        if isinstance(item, Gap):
            yield item
        elif isinstance(item, tuple):
            columns.frame(*item)
        else:
            add_draft(columns, item)
            if columns.is_full:
                yield columns.take()
    yield from columns.rest()


def add_draft(columns: Columns, draft: Draft) -> None:
    """Add a draft's fields as a row."""
    when = draft.claimed
    columns.add(
        draft.original,
        text=draft.text,
        earliest_us=when.earliest_us if when else None,
        latest_us=when.latest_us if when else None,
        basis=basis_number(when.basis) if when else NO_BASIS,
        sender_address=draft.sender.address if draft.sender else None,
        sender_name=draft.sender.name if draft.sender else None,
        recipients=[(p.address, p.name, int(p.role)) for p in draft.recipients],
        conversation=draft.conversation,
        native_id=draft.native_id,
        reply_to=draft.reply_to,
        subject=draft.subject,
        parts=[(p.name, p.media_type, p.size_bytes, p.sha256, p.text) for p in draft.parts],
        kind=int(draft.kind),
        area=draft.area,
        defects=int(draft.defects),
        position=draft.position,
    )


def part_lists(rows: Sequence[Sequence[PartRow]]) -> pa.Array:
    """The column of attachments."""
    return _lists(rows, PART)


def _array(values: Sequence[object], kind: pa.DataType) -> pa.Array:
    if kind == _OCTETS:
        held = cast("Sequence[bytes]", values)
        return arrays.octets(b"".join(held), held, kind)
    if kind in _STRINGS:
        return arrays.strings(cast("Sequence[str | None]", values), kind)
    if kind not in _NUMBERS:
        return pa.array(values, type=kind)
    width, count = _NUMBERS[kind], len(values)
    if None not in values:
        return arrays.numbers(np.array(values, width), kind)
    valid = np.fromiter((value is not None for value in values), np.bool_, count)
    return arrays.numbers(np.array([value or 0 for value in values], width), kind, valid)


def _lists(rows: Sequence[Sequence[tuple[object, ...]]], kind: pa.StructType) -> pa.Array:
    flat = list(itertools.chain.from_iterable(rows))
    columns: Sequence[Sequence[object]] = list(zip(*flat, strict=True)) or [()] * kind.num_fields
    children = [_array(column, kind.field(number).type) for number, column in enumerate(columns)]
    structs = pa.StructArray.from_arrays(children, fields=list(kind))
    return arrays.lists(list(map(len, rows)), structs)
