"""What a case receives: the granted frame keys, and what the gate must know to hold the scope."""

from __future__ import annotations

import hashlib
import json
import struct
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from pastwatch.archive.block import BlockTimes
from pastwatch.archive.scope import SourceScope
from pastwatch.archive.signatures import digest
from pastwatch.errors import IntegrityError
from pastwatch.ledger.entry import Act
from pastwatch.ledger.log import Ledger
from pastwatch.model.authority import Authority
from pastwatch.model.plain import from_plain, to_plain

_U32 = struct.Struct("<I")

BLOCKS = pa.schema(
    [
        pa.field("pack_id", pa.string(), nullable=False),
        pa.field("source_id", pa.string(), nullable=False),
        pa.field("time_class", pa.string(), nullable=False),
        pa.field("block", pa.uint32(), nullable=False),
        pa.field("records", pa.uint32(), nullable=False),
        pa.field("inside", pa.uint32(), nullable=False),
        pa.field("protected", pa.uint32(), nullable=False),
        pa.field("rows", pa.binary()),  # one bit a record, set in scope; null: all are
        pa.field("text_frame_bytes", pa.uint64(), nullable=False),
        pa.field("envelope_key", pa.binary(32), nullable=False),
        pa.field("text_key", pa.binary(32)),
        pa.field("remainder_key", pa.binary(32)),
        # Of the records in scope: the first and last known moment, and whether each has both.
        pa.field("first_us", pa.int64()),
        pa.field("last_us", pa.int64()),
        pa.field("timed", pa.bool_()),
    ]
)
TOKEN_FRAMES = pa.schema(
    [
        pa.field("pack_id", pa.string(), nullable=False),
        pa.field("index", pa.uint32(), nullable=False),
        pa.field("key", pa.binary(32), nullable=False),
    ]
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """The granted frames with their keys, the scope as tokens, and facts for the brief."""

    authority: Authority
    sequence: int
    blocks: pa.Table = field(repr=False)
    token_frames: pa.Table = field(repr=False)
    scopes: dict[str, SourceScope] = field(repr=False)
    facts: dict[str, Any]


def bits_of(inside: npt.NDArray[np.bool_]) -> bytes:
    """Which records of a block lie in scope, a bit each, the first the lowest."""
    return np.packbits(inside, bitorder="little").tobytes()


def times_of(row: dict[str, Any]) -> BlockTimes | None:
    """The times of a granted block, where the grant tells them."""
    if row.get("timed") is None:
        return None
    return BlockTimes(row["first_us"], row["last_us"], row["timed"])


def rows_of(bits: bytes | None, records: int) -> npt.NDArray[np.int64]:
    """The rows in scope of a block of so many records."""
    if bits is None:
        return np.arange(records)
    flags = np.unpackbits(np.frombuffer(bits, dtype=np.uint8), count=records, bitorder="little")
    return np.flatnonzero(flags)


def pack_grant(grant: Grant) -> bytes:
    """The grant as bytes, before it is wrapped to the case."""
    head = json.dumps(
        {
            "authority": to_plain(grant.authority),
            "sequence": grant.sequence,
            "facts": grant.facts,
            "scopes": {
                source: {
                    "accounts": sorted(t.hex() for t in held.accounts),
                    "protected": sorted(t.hex() for t in held.protected),
                }
                for source, held in grant.scopes.items()
            },
        }
    ).encode()
    tables = [_table_bytes(grant.blocks), _table_bytes(grant.token_frames)]
    return b"".join(_U32.pack(len(p)) + p for p in (head, *tables))


def read_grant(raw: bytes) -> Grant:
    """The grant back from its bytes."""
    pieces, at = [], 0
    try:
        for _ in range(3):
            (size,) = _U32.unpack_from(raw, at)
            pieces.append(raw[at + 4 : at + 4 + size])
            at += 4 + size
        head = json.loads(pieces[0])
        authority = from_plain(Authority, head["authority"])
        scopes = {
            source: SourceScope(
                scope=authority.scope,
                accounts=frozenset(bytes.fromhex(t) for t in held["accounts"]),
                protected=frozenset(bytes.fromhex(t) for t in held["protected"]),
            )
            for source, held in head["scopes"].items()
        }
        blocks, token_frames = (pa.ipc.open_stream(p).read_all() for p in pieces[1:])
    except (struct.error, ValueError, KeyError, TypeError, pa.ArrowInvalid):
        raise IntegrityError("the grant does not read") from None
    return Grant(
        authority=authority,
        sequence=head["sequence"],
        blocks=blocks,
        token_frames=token_frames,
        scopes=scopes,
        facts=head["facts"],
    )


def check_granted(grant: Grant, ledger: Ledger) -> None:
    """IntegrityError unless this is the very grant the ledger tells of: its frames, its authority."""
    ledger.refresh()
    if not 0 <= grant.sequence < ledger.size:
        raise IntegrityError("the grant is not the one the ledger tells of")
    entry = ledger.entry(grant.sequence)
    held = frames_digest(grant.blocks.to_pylist(), grant.token_frames.to_pylist())
    same = entry.act == Act.GRANT and entry.authority == grant.authority.authority_id
    same = same and entry.objects.get("frames") == held
    if not same or entry.objects.get("authority") != digest(grant.authority):
        raise IntegrityError("the grant is not the one the ledger tells of")


def frames_digest(blocks: Sequence[dict[str, Any]], token_frames: Sequence[dict[str, Any]]) -> str:
    """What the ledger says of a grant: SHA-256 over its frames, rows in scope and times, a line each."""
    named = [
        f"{r['pack_id']}/{r['block']}/{(r['rows'] or b'').hex()}{_times_told(r)}" for r in blocks
    ]
    named += [f"{f['pack_id']}/t{f['index']}" for f in token_frames]
    return hashlib.sha256("\n".join(named).encode()).hexdigest()


def _times_told(row: dict[str, Any]) -> str:
    """The times of a granted block as they stand in the digest; none in the first grants."""
    if row.get("timed") is None:
        return ""
    told = ("" if row[name] is None else str(row[name]) for name in ("first_us", "last_us"))
    return "/".join(("", *told, str(int(row["timed"]))))


def _table_bytes(table: pa.Table) -> bytes:
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table)
    return bytes(sink.getvalue().to_pybytes())
