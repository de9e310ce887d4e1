"""Restore an original, and prove a record's place, from an opened block."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import numpy as np
import pyarrow as pa

from pastwatch.archive import leaves
from pastwatch.archive.block import RecordRef
from pastwatch.archive.blockleaves import block_leaves
from pastwatch.archive.leaves import Attested, Proof
from pastwatch.archive.pack import Pack
from pastwatch.archive.pieces import block_pieces
from pastwatch.archive.rawblock import (
    Parsed,
    attested_leaves,
    piece_salts,
    pieces_of,
    raw_leaves,
)
from pastwatch.archive.rests import together
from pastwatch.errors import PackDamaged
from pastwatch.ledger.tree import inclusion_path, root


def restore(text: pa.RecordBatch, rest: pa.RecordBatch, row: int, *, pack_id: str) -> bytes:
    """The exact original of a record; PackDamaged when its hash is not the sealed one."""
    place = rest.column("text_at")[row].as_py()
    original: bytes = rest.column("rest")[row].as_py()
    if place >= 0:
        original = together(text.column("text")[row].as_py().encode(), original, place)
    if hashlib.sha256(original).digest() != rest.column("source_sha256")[row].as_py():
        raise PackDamaged(f"pack {pack_id}: an original is not what was sealed")
    return original


def restore_raw(rest: pa.RecordBatch, row: int, *, pack_id: str) -> bytes:
    """The exact original of a record sealed unparsed; PackDamaged when its hash is another."""
    original: bytes = rest.column("original")[row].as_py()
    if hashlib.sha256(original).digest() != rest.column("source_sha256")[row].as_py():
        raise PackDamaged(f"pack {pack_id}: an original is not what was sealed")
    return original


def prove_row(
    pack: Pack,
    ref: RecordRef,
    *,
    envelope: pa.RecordBatch,
    text: pa.RecordBatch,
    rest: pa.RecordBatch,
    seed: bytes,
) -> Proof:
    """A record's pieces and paths, once the block's root is found to be the one in the footer."""
    columns = {name: envelope.column(name) for name in envelope.schema.names}
    columns.update({name: text.column(name) for name in text.schema.names})
    block = pa.RecordBatch.from_arrays(list(columns.values()), names=list(columns))
    # The envelope's conversation is a token's row; the text's is its name. Pieces take the name.
    sources = rest.column("source_sha256").to_pylist()
    held = block_leaves(block, seed, sources)
    if leaves.block_root(held) != pack.block_roots[ref.block]:
        raise PackDamaged(f"pack {ref.pack_id}: block {ref.block} does not give its root")
    made = block_pieces(block)
    before = block.num_rows + sum(len(p) for p in made[: ref.row])
    own = made[ref.row]
    salt = leaves.salts(seed, before + len(own))
    pieces = tuple(
        (kind, salt[16 * (before + i) : 16 * (before + i + 1)], content)
        for i, (kind, content) in enumerate(own)
    )
    return _proof(pack, ref, envelope=envelope, sources=sources, seed=seed, held=held, own=pieces)


def prove_raw(
    pack: Pack,
    ref: RecordRef,
    *,
    envelope: pa.RecordBatch,
    inside: pa.RecordBatch,
    rest: pa.RecordBatch,
    seed: bytes,
    parsed: Parsed,
    told: str,
) -> Proof:
    """A raw record's place, its pieces, and where the ledger's `pieces` entry tells of them.

    `inside` are the envelopes of the rows that were parsed; `told` is the root that entry names.
    """
    sources = rest.column("source_sha256").to_pylist()
    held = raw_leaves(seed, envelope.column("record_id").to_pylist(), sources)
    if leaves.block_root(held) != pack.block_roots[ref.block]:
        raise PackDamaged(f"pack {ref.pack_id}: block {ref.block} does not give its root")
    made = attested_leaves(seed, inside, rest, parsed)
    if root(made).hex() != told:
        raise PackDamaged(f"pack {ref.pack_id}: what was parsed is not what the ledger tells of")
    at = int(np.searchsorted(parsed.rows, ref.row))
    own = pieces_of(inside, parsed.columns)[at]
    salts = piece_salts(seed, ref.row, len(own))
    pieces = tuple((kind, s, content) for s, (kind, content) in zip(salts, own, strict=True))
    return _proof(
        pack,
        ref,
        envelope=envelope,
        sources=sources,
        seed=seed,
        held=held,
        own=pieces,
        attested=Attested(
            sequence=parsed.sequence,
            parser=parsed.parser,
            index=at,
            size=len(made),
            path=tuple(inclusion_path(at, len(made), made.__getitem__)),
        ),
    )


def _proof(
    pack: Pack,
    ref: RecordRef,
    *,
    envelope: pa.RecordBatch,
    sources: Sequence[bytes],
    seed: bytes,
    held: Sequence[bytes],
    own: tuple[tuple[int, bytes, bytes], ...],
    attested: Attested | None = None,
) -> Proof:
    salt = leaves.salts(seed, ref.row + 1)
    return Proof(
        record_id=envelope.column("record_id")[ref.row].as_py(),
        leaf_salt=salt[16 * ref.row : 16 * (ref.row + 1)],
        source_sha256=sources[ref.row],
        pieces=own,
        row=ref.row,
        block_records=envelope.num_rows,
        block_path=leaves.block_path(ref.row, held),
        block=ref.block,
        pack_blocks=pack.block_count,
        pack_path=leaves.pack_path(ref.block, pack.block_roots),
        pack_id=pack.pack_id,
        pack_root=pack.root,
        attested=attested,
    )
