"""Gathers mails unparsed into batches: the originals, and from their headers the envelope alone."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from itertools import accumulate
from typing import Any

import numpy as np
import pyarrow as pa

from pastwatch.archive.layout import BATCH, FORM_MBOX_MAIL, RECIPIENT
from pastwatch.model.batch import Batch
from pastwatch.model.record import Defect
from pastwatch.stages.collect.connectors.batched import BATCH_BYTES, BATCH_RECORDS, clean
from pastwatch.stages.collect.connectors.borders import Border
from pastwatch.stages.collect.headscan import HeadScan
from pastwatch.stages.collect.mailread import unquoted
from pastwatch.stages.collect.mailtime import Moment


def is_raw(options: Mapping[str, Any]) -> bool:
    """Whether a run asks for records to be sealed unparsed."""
    return options.get("depth") == "raw"


class RawMails:
    """Mails that become a `Batch` of depth raw: no text, no subject, no names, no parts."""

    def __init__(
        self,
        container: str,
        *,
        form: int,
        received: Callable[[Border | None], Moment | None] = lambda _: None,
    ) -> None:
        self.container = container
        self.framing: Counter[str] = Counter()
        self._form, self._received = form, received
        self._scan = HeadScan()
        self._clear()

    def _clear(self) -> None:
        self._originals: list[bytes] = []
        self._borders: list[Border | None] = []
        self._cut: list[int] = []
        self._size_bytes = 0

    def __len__(self) -> int:
        return len(self._originals)

    @property
    def is_full(self) -> bool:
        """Whether the rows gathered fill a batch."""
        return len(self._originals) >= BATCH_RECORDS or self._size_bytes >= BATCH_BYTES

    def add(self, original: bytes, border: Border | None = None, *, is_cut: bool = False) -> None:
        """Add one mail; `border` is the From line before it."""
        if is_cut:
            self._cut.append(len(self._originals))
        self._originals.append(original)
        self._borders.append(border)
        self._size_bytes += len(original)

    def frame(self, kind: str, size_bytes: int) -> None:
        """Count bytes that belong to the container and to no record."""
        if size_bytes:
            self.framing[kind] += size_bytes

    def take(self) -> Batch:
        """The batch of all rows since the last, and the framing read with them."""
        batch = Batch(
            columns=self._columns(),
            container=self.container,
            framing=dict(self.framing),
            form=self._form,
        )
        self.framing = Counter()
        self._clear()
        return batch

    def rest(self) -> Iterator[Batch]:
        """The last batch, when a row or a byte of framing is left for it."""
        if len(self) or self.framing:
            yield self.take()

    def _columns(self) -> pa.RecordBatch:
        originals, count = self._originals, len(self._originals)
        heads = self._scan.scan(
            originals,
            raw_of=self._raw,
            received_of=lambda row: self._received(self._borders[row]),
        )
        for row in self._cut:
            heads.defects[row] |= int(Defect.CUT_SHORT)
        addresses = _texts(heads.recipients)
        recipients = pa.StructArray.from_arrays(
            [addresses, pa.nulls(len(addresses), pa.string()), _zeros(len(addresses))],
            fields=list(RECIPIENT),
        )
        made: dict[str, pa.Array] = {
            "original": _joined(originals),
            "earliest_us": pa.array(heads.earliest_us, pa.int64()),
            "latest_us": pa.array(heads.latest_us, pa.int64()),
            "basis": pa.array(heads.basis, pa.uint8()),
            "sender_address": _texts(heads.senders),
            "recipients": pa.ListArray.from_arrays(
                pa.array([0, *accumulate(heads.counts)], pa.int32()), recipients
            ),
            "conversation": _texts(heads.conversations),
            "text": pa.array([""] * count, pa.large_string()),
            "kind": _zeros(count),
            "defects": pa.array(heads.defects, pa.uint32()),
        }
        arrays = [made[f.name] if f.name in made else pa.nulls(count, f.type) for f in BATCH]
        return pa.RecordBatch.from_arrays(arrays, schema=BATCH)

    def _raw(self, row: int) -> bytes:
        original = self._originals[row]
        return unquoted(original) if self._form == FORM_MBOX_MAIL else original


def _joined(originals: list[bytes]) -> pa.Array:
    """The originals as a column, copied once."""
    ends = pa.array([0, *accumulate(map(len, originals))], pa.int64())
    return pa.LargeBinaryArray.from_buffers(
        pa.large_binary(),
        len(originals),
        [None, ends.buffers()[1], pa.py_buffer(b"".join(originals))],
    )


def _texts(values: list[str] | list[str | None]) -> pa.Array:
    try:
        return pa.array(values, pa.string())
    except UnicodeEncodeError:
        return pa.array([clean(v) if v else v for v in values], pa.string())


def _zeros(count: int) -> pa.Array:
    return pa.array(np.zeros(count, np.uint8))
