"""The archive's shapes: the columns a connector yields, the columns of each section, the files."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import pyarrow as pa

from pastwatch.model.record import Draft
from pastwatch.model.when import Basis

FORMAT = 1
BLOCK_RECORDS = 256
BLOCK_TEXT_BYTES = 512 * 1024
PACK_RECORDS = 65_536
PACK_TEXT_BYTES = 128 * 1024 * 1024
TOKEN_BLOCKS = 16  # blocks that share one token frame

# How a record came to be sealed: its text made ready, or the original alone, to be parsed as this.
FORM_READY, FORM_MAIL, FORM_MBOX_MAIL = 0, 1, 2
READY, RAW = "ready", "raw"  # the depths of a pack

BASES = (Basis.RECEIVED, Basis.HEADER, Basis.EXPORT, Basis.INFERRED)  # 1-based in the format
NO_BASIS = 0

RECIPIENT = pa.struct([("address", pa.string()), ("name", pa.string()), ("role", pa.uint8())])
PART = pa.struct(
    [
        ("name", pa.string()),
        ("media_type", pa.string()),
        ("size_bytes", pa.int64()),
        ("sha256", pa.binary(32)),
        ("text", pa.large_string()),
    ]
)

# What a connector yields: one row a record, no ids, no keys. `basis` 0 = undated (times null).
# `position` is a live transport's own position, else null. Text is valid UTF-8.
BATCH = pa.schema(
    [
        pa.field("original", pa.large_binary(), nullable=False),
        pa.field("earliest_us", pa.int64()),
        pa.field("latest_us", pa.int64()),
        pa.field("basis", pa.uint8(), nullable=False),
        pa.field("sender_address", pa.string()),
        pa.field("sender_name", pa.string()),
        pa.field("recipients", pa.list_(RECIPIENT)),
        pa.field("conversation", pa.string()),
        pa.field("native_id", pa.string()),
        pa.field("reply_to", pa.string()),
        pa.field("subject", pa.large_string()),
        pa.field("text", pa.large_string(), nullable=False),
        pa.field("parts", pa.list_(PART)),
        pa.field("kind", pa.uint8(), nullable=False),
        pa.field("area", pa.string()),
        pa.field("defects", pa.uint32(), nullable=False),
        pa.field("position", pa.int64()),
    ]
)

ENVELOPE = pa.schema(
    [
        pa.field("record_id", pa.binary(16), nullable=False),
        pa.field("earliest_us", pa.int64()),
        pa.field("latest_us", pa.int64()),
        pa.field("basis", pa.uint8(), nullable=False),
        pa.field("held_us", pa.int64(), nullable=False),
        pa.field("size_bytes", pa.int64(), nullable=False),
        pa.field("kind", pa.uint8(), nullable=False),
        pa.field("defects", pa.uint32(), nullable=False),
        pa.field("accounts", pa.list_(pa.uint32()), nullable=False),  # rows of the token table
        pa.field("conversation", pa.uint32(), nullable=False),  # row of the token table
        pa.field("area", pa.string()),
    ]
)
TOKEN_TABLE = pa.schema([pa.field("token", pa.binary(8), nullable=False)])

TEXT = pa.schema(
    [
        pa.field("subject", pa.large_string()),
        pa.field("text", pa.large_string(), nullable=False),
        pa.field("sender_address", pa.string()),
        pa.field("sender_name", pa.string()),
        pa.field("recipients", pa.list_(RECIPIENT)),
        pa.field("conversation", pa.string()),
        pa.field("native_id", pa.string()),
        pa.field("reply_to", pa.string()),
        pa.field("parts", pa.list_(PART)),
    ]
)

REMAINDER = pa.schema(
    [
        pa.field("source_sha256", pa.binary(32), nullable=False),
        pa.field("text_at", pa.int64(), nullable=False),  # -1: the text stands nowhere in it
        pa.field("rest", pa.large_binary(), nullable=False),
    ]
)

# A raw pack's remainder: the originals whole, and how each is to be parsed.
RAW_REMAINDER = pa.schema(
    [
        pa.field("source_sha256", pa.binary(32), nullable=False),
        pa.field("form", pa.uint8(), nullable=False),
        pa.field("original", pa.large_binary(), nullable=False),
    ]
)
# What a parser makes of an original once it is opened: its text, and what was wrong with it.
PARSED = pa.schema([*TEXT, pa.field("defects", pa.uint32(), nullable=False)])


def batch_of(drafts: Iterable[Draft]) -> pa.RecordBatch:
    """The columns of a run of drafts, in order."""
    rows = list(drafts)
    columns = {
        "original": [d.original for d in rows],
        "earliest_us": [d.claimed.earliest_us if d.claimed else None for d in rows],
        "latest_us": [d.claimed.latest_us if d.claimed else None for d in rows],
        "basis": [basis_number(d.claimed.basis) if d.claimed else NO_BASIS for d in rows],
        "sender_address": [d.sender.address if d.sender else None for d in rows],
        "sender_name": [d.sender.name if d.sender else None for d in rows],
        "recipients": [
            [{"address": p.address, "name": p.name, "role": int(p.role)} for p in d.recipients]
            for d in rows
        ],
        "conversation": [d.conversation or None for d in rows],
        "native_id": [d.native_id or None for d in rows],
        "reply_to": [d.reply_to or None for d in rows],
        "subject": [d.subject or None for d in rows],
        "text": [d.text for d in rows],
        "parts": [_parts(d) for d in rows],
        "kind": [int(d.kind) for d in rows],
        "area": [d.area or None for d in rows],
        "defects": [int(d.defects) for d in rows],
        "position": [d.position for d in rows],
    }
    return pa.RecordBatch.from_arrays(
        [pa.array(columns[f.name], type=f.type) for f in BATCH], schema=BATCH
    )


def basis_number(basis: Basis) -> int:
    """The basis as the format writes it."""
    return BASES.index(basis) + 1


def basis_of(number: int) -> Basis | None:
    """The basis the format's number stands for; None for undated."""
    return BASES[number - 1] if 1 <= number <= len(BASES) else None


def block_bounds(text_sizes: Sequence[int]) -> list[int]:
    """Where blocks start and end: ≤ 256 records and ≤ 512 KB of text, one record at least."""
    bounds, count, size = [0], 0, 0
    for row, text_bytes in enumerate(text_sizes):
        if count and (count == BLOCK_RECORDS or size + text_bytes > BLOCK_TEXT_BYTES):
            bounds.append(row)
            count, size = 0, 0
        count += 1
        size += text_bytes
    if text_sizes:
        bounds.append(len(text_sizes))
    return bounds


def _parts(draft: Draft) -> list[dict[str, object]]:
    return [
        {
            "name": p.name,
            "media_type": p.media_type,
            "size_bytes": p.size_bytes,
            "sha256": p.sha256,
            "text": p.text or None,
        }
        for p in draft.parts
    ]
