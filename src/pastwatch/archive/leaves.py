"""Proof that a record, or a piece of one, stood in a pack: salts, leaves, trees and paths."""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from pastwatch.ledger.tree import inclusion_path, leaf_hash, root

SENDER, RECIPIENTS, WHEN, SUBJECT, CONTEXT, TEXT, PART = range(7)
CHUNK_BYTES = 1024
SALT_BYTES = 16
SEED_BYTES = 32
_SALT_LABEL = b"pastwatch salts v1\x00"
_U32 = struct.Struct("<I")
_WHEN = struct.Struct("<qqB")
_U64 = struct.Struct("<Q")
_I64 = struct.Struct("<q")


@dataclass(frozen=True, slots=True, kw_only=True)
class Attested:
    """Where a ledger entry of act `pieces` names a record that was sealed unparsed."""

    sequence: int
    parser: str
    index: int
    size: int
    path: tuple[bytes, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """One record's place in its pack: its pieces with salts, and the path to the pack's root."""

    record_id: bytes
    leaf_salt: bytes
    source_sha256: bytes
    pieces: tuple[tuple[int, bytes, bytes], ...]  # (kind, salt, content)
    row: int
    block_records: int
    block_path: tuple[bytes, ...]
    block: int
    pack_blocks: int
    pack_path: tuple[bytes, ...]
    pack_id: str
    pack_root: bytes
    attested: Attested | None = (
        None  # its pieces: not under its leaf, but told of by a parser's run
    )


def chunks(text: bytes) -> list[tuple[int, int]]:
    """Where the text is cut into pieces: (start, end) byte positions, each ≤ 1 KiB."""
    if len(text) <= CHUNK_BYTES:
        return [(0, len(text))] if text else []
    cuts = []
    start, size = 0, len(text)
    while start < size:
        end = start + CHUNK_BYTES
        if end >= size:
            end = size
        else:
            line = text.rfind(b"\n", start, end)
            if line >= start:
                end = line + 1
            else:
                while text[end] & 0xC0 == 0x80:  # noqa: PLR2004 - a UTF-8 continuation byte
                    end -= 1
        cuts.append((start, end))
        start = end
    return cuts


def text_of(string: str | None) -> bytes:
    """A string as the format writes it: length, then UTF-8."""
    raw = (string or "").encode()
    return _U32.pack(len(raw)) + raw


def pieces(row: dict[str, Any], text: bytes) -> list[tuple[int, bytes]]:
    """The (kind, content) of every piece of a record given as a plain row of the pack."""
    sender = b""
    if row["sender_address"] or row["sender_name"]:
        sender = text_of(row["sender_address"]) + text_of(row["sender_name"])
    recipients = b"".join(
        bytes((p["role"],)) + text_of(p["address"]) + text_of(p["name"])
        for p in row["recipients"] or ()
    )
    when = _WHEN.pack(row["earliest_us"] or 0, row["latest_us"] or 0, row["basis"])
    context = (
        bytes((row["kind"],))
        + text_of(row["conversation"])
        + text_of(row["native_id"])
        + text_of(row["reply_to"])
    )
    found = [
        (SENDER, sender),
        (RECIPIENTS, recipients),
        (WHEN, when),
        (SUBJECT, (row["subject"] or "").encode()),
        (CONTEXT, context),
    ]
    found += [(TEXT, _U64.pack(start) + text[start:end]) for start, end in chunks(text)]
    found += [(PART, part_content(p)) for p in row["parts"] or ()]
    return found


def salts(seed: bytes, count: int) -> bytes:
    """The first `count` 16-byte salts of a block."""
    return hashlib.shake_256(_SALT_LABEL + seed).digest(SALT_BYTES * count)


def piece_hash(salt: bytes, kind: int, content: bytes) -> bytes:
    """The hash of one piece."""
    return hashlib.sha256(b"\x00" + salt + bytes((kind,)) + content).digest()


def record_leaf(salt: bytes, record_id: bytes, source_sha256: bytes, piece_root: bytes) -> bytes:
    """The leaf of one record."""
    return hashlib.sha256(b"\x00" + salt + record_id + source_sha256 + piece_root).digest()


def block_leaves(
    seed: bytes,
    record_ids: Sequence[bytes],
    sources: Sequence[bytes],
    pieces_of: Sequence[Sequence[tuple[int, bytes]]],
) -> list[bytes]:
    """The record leaves of a block, in order; `sources` are the originals' SHA-256.

    The format in plain words; `blockleaves` makes the same of columns, sooner.
    """
    count = len(record_ids)
    made = salts(seed, count + sum(map(len, pieces_of)))
    each = [made[at : at + SALT_BYTES] for at in range(0, len(made), SALT_BYTES)]
    others = iter(each[count:])
    return [
        record_leaf(
            each[row],
            record_ids[row],
            sources[row],
            root([piece_hash(next(others), kind, content) for kind, content in held]),
        )
        for row, held in enumerate(pieces_of)
    ]


def block_root(leaves: Sequence[bytes]) -> bytes:
    """The root over a block's record leaves."""
    return root(list(leaves))


def pack_root(block_roots: Sequence[bytes]) -> bytes:
    """The root over a pack's blocks."""
    return root([leaf_hash(r) for r in block_roots])


def pack_path(block: int, block_roots: Sequence[bytes]) -> tuple[bytes, ...]:
    """The path from a block's root to the pack's root."""
    hashes = [leaf_hash(r) for r in block_roots]
    return tuple(inclusion_path(block, len(hashes), hashes.__getitem__))


def block_path(row: int, leaves: Sequence[bytes]) -> tuple[bytes, ...]:
    """The path from a record's leaf to its block's root."""
    return tuple(inclusion_path(row, len(leaves), leaves.__getitem__))


def part_content(part: dict[str, Any]) -> bytes:
    """The content of an attachment's piece."""
    return (
        (part["sha256"] or bytes(32))
        + _I64.pack(part["size_bytes"] or 0)
        + text_of(part["name"])
        + text_of(part["media_type"])
        + hashlib.sha256((part["text"] or "").encode()).digest()
    )
