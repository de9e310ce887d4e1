"""Originals beside their text, as they are sealed and as they are read: hashes worked out again.

A random hash of 32 bytes would be a third of what a mail's original has beyond its text, and it
follows from the original. Of each the first eight bytes are sealed, which tell damage; the record's
leaf holds the whole.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from typing import Final

import pyarrow as pa

from pastwatch.archive import frames, inplace
from pastwatch.archive.columns import fixed, octets
from pastwatch.errors import PackDamaged

CHECK_BYTES: Final = 8
_HASH_BYTES: Final = 32
_CHECK: Final = pa.field("source_check", pa.binary(CHECK_BYTES), nullable=False)

Originals = Callable[[pa.RecordBatch], Sequence[bytes]]


def sealed(rest: pa.RecordBatch) -> bytes:
    """The raw bytes of a frame of such columns, of which the first is `source_sha256`."""
    checks = [whole[:CHECK_BYTES] for whole in rest.column(0).to_pylist()]
    columns = [fixed(checks, CHECK_BYTES), *rest.columns[1:]]
    return frames.batches(pa.RecordBatch.from_arrays(columns, schema=rest.schema.set(0, _CHECK)))


def read(raw: memoryview, schema: pa.Schema, originals: Originals) -> pa.RecordBatch:
    """The columns with whole hashes; PackDamaged when they do not read.

    A hash that does not begin as sealed ends in zeros: no original has it. The first packs hold the
    hashes whole.
    """
    width = inplace.width(raw)
    if width == _HASH_BYTES:
        (rest,) = frames.read_batches(raw, schema)
        return rest
    if width != CHECK_BYTES:
        raise PackDamaged("a frame's columns do not read")
    (rest,) = frames.read_batches(raw, schema.set(0, _CHECK))
    made = (hashlib.sha256(original).digest() for original in originals(rest))
    hashes = [
        whole if whole.startswith(check) else check.ljust(_HASH_BYTES, b"\0")
        for whole, check in zip(made, rest.column(0).to_pylist(), strict=True)
    ]
    columns = [fixed(hashes, _HASH_BYTES), *rest.columns[1:]]
    return pa.RecordBatch.from_arrays(columns, schema=schema)


def with_texts(text: pa.RecordBatch) -> Originals:
    """How originals are put together from what they have beyond these texts."""

    def put(rest: pa.RecordBatch) -> list[bytes]:
        if rest.num_rows != text.num_rows:
            raise PackDamaged("a frame's columns do not read")
        return [
            together(own, beyond, place)
            for own, beyond, place in zip(
                octets(text.column("text")),
                octets(rest.column("rest")),
                rest.column("text_at").to_pylist(),
                strict=True,
            )
        ]

    return put


def whole(rest: pa.RecordBatch) -> list[bytes]:
    """The originals of a raw block."""
    return octets(rest.column("original"))


def together(text: bytes, beyond: bytes, place: int) -> bytes:
    """An original: its text put into what it has beyond, where it has a place in it."""
    return beyond[:place] + text + beyond[place:] if place >= 0 else beyond
