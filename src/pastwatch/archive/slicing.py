"""A block as the gate hands it out: its records in scope, and nothing of any other."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from pastwatch.archive import frames
from pastwatch.archive.block import BlockRef, OpenBlock, once
from pastwatch.archive.handed import Opener
from pastwatch.archive.inplace import arrow_lanes
from pastwatch.archive.layout import TEXT
from pastwatch.archive.rawblock import Parsed
from pastwatch.errors import PackDamaged

Rows = npt.NDArray[np.int64]
Envelopes = Callable[[], tuple[pa.RecordBatch, pa.RecordBatch]]


def ready_block(
    opener: Opener,
    ref: BlockRef,
    *,
    medium: str,
    rows: Rows,
    records: int,
    keys: tuple[bytes, bytes],
    envelopes: Envelopes,
    reuse: bool,
) -> OpenBlock:
    """A block of so many records, opened with its envelope and text keys; `rows` lie in scope."""
    envelope_key, text_key = keys
    raw, count, lanes = opener.lanes(text_key, ref.block, reuse=reuse)
    if count != records:
        raise _another(ref)

    def ids() -> Sequence[bytes]:
        every = opener.ids(envelope_key, ref.block)
        if len(every) != records:
            raise _another(ref)
        return every if len(rows) == records else [every[row] for row in rows.tolist()]

    def texts() -> pa.RecordBatch:
        return frames.read_batches(raw, TEXT)[0]

    if len(rows) != records:
        # Out-of-scope records never leave the gate: their rows are cut out.
        text = texts().take(pa.array(rows))
        return OpenBlock(
            ref, medium, rows, arrow_lanes(text), lambda: text, once(envelopes), once(ids)
        )
    return OpenBlock(ref, medium, rows, lanes, once(texts), once(envelopes), once(ids))


def parsed_block(
    ref: BlockRef,
    parsed: Parsed,
    *,
    medium: str,
    rows: Rows,
    envelope: pa.RecordBatch,
    tokens: pa.RecordBatch,
) -> OpenBlock:
    """A raw block, of what was parsed of it."""
    text, whole = parsed.text, parsed.envelope(envelope)
    return OpenBlock(
        ref,
        medium,
        rows,
        arrow_lanes(text),
        lambda: text,
        lambda: (whole, tokens),
        lambda: envelope.column("record_id").to_pylist(),
    )


def _another(ref: BlockRef) -> PackDamaged:
    return PackDamaged(f"pack {ref.pack_id}: block {ref.block} is not the one granted")
