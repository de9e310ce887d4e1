"""Gives records back as the exact bytes they came as."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

import pyarrow as pa

from pastwatch.archive.block import RecordRef
from pastwatch.archive.handed import Opener
from pastwatch.archive.proving import restore, restore_raw
from pastwatch.model.record import Record

Granted = Callable[[RecordRef], tuple[Opener, dict[str, bytes]]]


def rest_of(opener: Opener, keys: dict[str, bytes], ref: RecordRef) -> pa.RecordBatch:
    """The originals of a block, or what they have beyond their text."""
    if opener.is_raw:
        return opener.originals(keys["remainder_key"], ref.block)[1]
    return opener.remainder(keys["remainder_key"], ref.block, text_key=keys["text_key"])


def restored(
    asked: Iterable[tuple[RecordRef, Record]], granted: Granted
) -> Iterator[tuple[Record, bytes]]:
    """Each record with its original, checked against its hash; a block is opened once in a row."""
    at: tuple[str, int] | None = None
    rest = text = None
    for ref, record in asked:
        opener, keys = granted(ref)
        if at != (ref.pack_id, ref.block):
            at = ref.pack_id, ref.block
            rest = rest_of(opener, keys, ref)
            text = (
                None if opener.is_raw else opener.text(keys["text_key"], ref.block, reuse=False)[1]
            )
        if text is None:
            yield record, restore_raw(rest, ref.row, pack_id=ref.pack_id)
        else:
            yield record, restore(text, rest, ref.row, pack_id=ref.pack_id)
