"""Gathers mails into batches of either depth: read into columns, or sealed unparsed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import pyarrow as pa

from pastwatch.archive.columns import keep_freed_memory
from pastwatch.archive.layout import BATCH, FORM_MBOX_MAIL, FORM_READY, RECIPIENT
from pastwatch.model.batch import Batch
from pastwatch.model.record import Defect
from pastwatch.stages.collect.connectors import arrays
from pastwatch.stages.collect.connectors.batched import BATCH_BYTES, BATCH_RECORDS
from pastwatch.stages.collect.connectors.borders import Border
from pastwatch.stages.collect.connectors.mailcolumns import MailColumns
from pastwatch.stages.collect.headscan import HeadScan
from pastwatch.stages.collect.mailread import unquoted
from pastwatch.stages.collect.mailtime import Moment


def is_raw(options: Mapping[str, Any]) -> bool:
    """Whether a run asks for records to be sealed unparsed."""
    return options.get("depth") == "raw"


class Mails:
    """Mails that become a `Batch`: with `raw` of the envelope alone, from their headers.

    `form` says how an original is to be read (`layout.FORM_MBOX_MAIL`: unquoted first), `received`
    gives the moment that a mail's From line states.
    """

    def __init__(
        self,
        container: str,
        *,
        form: int,
        raw: bool,
        received: Callable[[Border | None], Moment | None] = lambda _: None,
    ) -> None:
        self.container = container
        self.framing: Counter[str] = Counter()
        self._form, self._received, self._raw = form, received, raw
        self._scan = HeadScan()
        self._columns = MailColumns()
        self._clear()
        keep_freed_memory()

    def _clear(self) -> None:
        self._originals: list[bytes] = []
        self._borders: list[Border | None] = []
        self._cut: list[int] = []
        self._unquoted: dict[int, bytes] = {}
        self._size_bytes = 0

    def __len__(self) -> int:
        return len(self._originals)

    @property
    def is_full(self) -> bool:
        """Whether the rows gathered fill a batch."""
        return len(self._originals) >= BATCH_RECORDS or self._size_bytes >= BATCH_BYTES

    @property
    def room(self) -> int:
        """How many more rows fill a batch."""
        return BATCH_RECORDS - len(self._originals)

    def extend(self, originals: Sequence[bytes], borders: Sequence[Border]) -> None:
        """Add mails that are whole and quote no From line, and the From lines before them."""
        self._originals += originals
        self._borders += borders
        self._size_bytes += sum(map(len, originals))

    def add(
        self,
        original: bytes,
        border: Border | None = None,
        *,
        is_cut: bool = False,
        may_quote: bool = True,
    ) -> None:
        """Add one mail; `border` is the From line before it."""
        row = len(self._originals)
        if is_cut:
            self._cut.append(row)
        if may_quote and self._form == FORM_MBOX_MAIL:
            raw = unquoted(original)
            if raw is not original:
                self._unquoted[row] = raw
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
            columns=self._envelopes() if self._raw else self._read(),
            container=self.container,
            framing=dict(self.framing),
            form=self._form if self._raw else FORM_READY,
        )
        self.framing = Counter()
        self._clear()
        return batch

    def rest(self) -> Iterator[Batch]:
        """The last batch, when a row or a byte of framing is left for it."""
        if len(self) or self.framing:
            yield self.take()

    def _read(self) -> pa.RecordBatch:
        raws = self._originals
        if self._unquoted:
            raws = raws.copy()
            for row, raw in self._unquoted.items():
                raws[row] = raw
        return self._columns.read(self._originals, raws, received_of=self._moment, cut=self._cut)

    def _envelopes(self) -> pa.RecordBatch:
        originals, count = self._originals, len(self._originals)
        heads = self._scan.scan(originals, raw_of=self._raw_of, received_of=self._moment)
        whens = heads.whens
        whens.defects[self._cut] |= int(Defect.CUT_SHORT)
        addresses = arrays.strings(heads.recipients, pa.string())
        recipients = pa.StructArray.from_arrays(
            [addresses, pa.nulls(len(addresses), pa.string()), _zeros(len(addresses))],
            fields=list(RECIPIENT),
        )
        made: dict[str, pa.Array] = {
            "original": arrays.octets(b"".join(originals), originals, pa.large_binary()),
            "earliest_us": arrays.numbers(whens.earliest_us, pa.int64(), whens.dated),
            "latest_us": arrays.numbers(whens.latest_us, pa.int64(), whens.dated),
            "basis": arrays.numbers(whens.basis, pa.uint8()),
            "sender_address": arrays.strings(heads.senders, pa.string()),
            "recipients": arrays.lists(heads.counts, recipients),
            "conversation": arrays.strings(heads.conversations, pa.string()),
            "text": arrays.octets(b"", [b""] * count, pa.large_string()),
            "kind": _zeros(count),
            "defects": arrays.numbers(whens.defects, pa.uint32()),
        }
        columns = [made[f.name] if f.name in made else pa.nulls(count, f.type) for f in BATCH]
        return pa.RecordBatch.from_arrays(columns, schema=BATCH)

    def _raw_of(self, row: int) -> bytes:
        return self._unquoted.get(row, self._originals[row])

    def _moment(self, row: int) -> Moment | None:
        return self._received(self._borders[row])


def _zeros(count: int) -> pa.Array:
    return arrays.numbers(np.zeros(count, np.uint8), pa.uint8())
