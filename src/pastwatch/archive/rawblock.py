"""Blocks of raw packs: originals sealed unparsed, parsed only once opened, and attested then."""

from __future__ import annotations

import hashlib
import struct
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from pastwatch.archive import frames, leaves, rests
from pastwatch.archive.block import BlockRef
from pastwatch.archive.columns import octets
from pastwatch.archive.layout import PARSED, TEXT
from pastwatch.archive.pieces import Piece, block_pieces
from pastwatch.errors import PackDamaged, UsageError
from pastwatch.ledger.entry import Outcome
from pastwatch.ledger.tree import leaf_hash, root

Int64s = npt.NDArray[np.int64]
Originals = Callable[[], tuple[bytes, pa.RecordBatch]]  # opens a block's: seed, RAW_REMAINDER
Attest = Callable[[dict[str, str], dict[str, Outcome]], int]  # writes the entry, gives its number
NO_PIECES = bytes(32)
_SALT_LABEL = b"pastwatch piece salts v1\x00"
_HEAD = struct.Struct("<QII")  # ledger sequence, rows, bytes of the parser's name
_CACHE_LEVEL = 1


class Parser(Protocol):
    """Makes text of originals; `name` says which program and version did."""

    @property
    def name(self) -> str:
        """The parser and its version, one word, as it stands in the ledger."""
        ...

    def __call__(self, originals: Sequence[bytes], forms: Sequence[int], /) -> pa.RecordBatch:
        """A row (`layout.PARSED`) for each original, in order; it never raises on what they hold."""
        ...


class ParsedCache(Protocol):
    """Where a case keeps what was parsed for it; safe between threads."""

    def get(self, pack_id: str, block: int) -> bytes | None:
        """What was kept for a block, None when nothing was."""
        ...

    def put(self, pack_id: str, block: int, parsed: bytes) -> None:
        """Keep what was parsed of a block, over what was there."""
        ...


@dataclass(frozen=True, slots=True)
class Parsed:
    """The records of a block that a case parsed: their rows, columns, and ledger entry."""

    rows: Int64s
    columns: pa.RecordBatch  # layout.PARSED
    parser: str
    sequence: int

    @property
    def text(self) -> pa.RecordBatch:
        """The columns of `layout.TEXT`."""
        return self.columns.select(TEXT.names)

    def envelope(self, sealed: pa.RecordBatch) -> pa.RecordBatch:
        """The envelopes of these rows, with what the parser found wrong beside what was sealed."""
        at = sealed.schema.get_field_index("defects")
        defects = pc.bit_wise_or(sealed.column(at), self.columns.column("defects"))
        return sealed.set_column(at, sealed.schema.field(at), defects)

    def to_bytes(self) -> bytes:
        """As the case keeps it."""
        name = self.parser.encode()
        head = _HEAD.pack(self.sequence, len(self.rows), len(name))
        rows = self.rows.astype("<i8").tobytes()
        columns = frames.encode(frames.batches(self.columns), level=_CACHE_LEVEL)
        return head + name + rows + columns

    @classmethod
    def from_bytes(cls, raw: bytes) -> Parsed:
        """Back from what the case kept; PackDamaged when it does not read."""
        try:
            sequence, count, size = _HEAD.unpack_from(raw)
            at = _HEAD.size + size
            rows = np.frombuffer(raw, "<i8", count, at).astype(np.int64)
            parser = raw[_HEAD.size : at].decode()
        except (struct.error, ValueError):
            raise PackDamaged("what the case kept of a raw block does not read") from None
        _, plain = frames.decode(memoryview(raw)[at + 8 * count :])
        (columns,) = frames.read_batches(plain, PARSED)
        return cls(rows, columns, parser, sequence)


def raw_frame(
    held: pa.RecordBatch, record_ids: Sequence[bytes], seed: bytes, *, level: int
) -> tuple[bytes, bytes]:
    """The frame of a block's originals, and the block's root."""
    made = raw_leaves(seed, record_ids, held.column("source_sha256").to_pylist())
    plain = rests.sealed(held)
    return frames.encode(plain, level=frames.zstd(level), extra=seed), leaves.block_root(made)


def raw_leaves(seed: bytes, record_ids: Sequence[bytes], sources: Sequence[bytes]) -> list[bytes]:
    """The record leaves of a raw block: for the root of pieces that were not made stand zeros."""
    salt, size = leaves.salts(seed, len(record_ids)), leaves.SALT_BYTES
    return [
        leaves.record_leaf(salt[size * row : size * (row + 1)], record_id, source, NO_PIECES)
        for row, (record_id, source) in enumerate(zip(record_ids, sources, strict=True))
    ]


def parse_rows(parse: Parser, rest: pa.RecordBatch, rows: Int64s) -> pa.RecordBatch:
    """Parse these rows of a block and no other; PackDamaged when one is not what was sealed."""
    chosen = rest.take(pa.array(rows))
    originals = octets(chosen.column("original"))
    for original, sealed in zip(originals, chosen.column("source_sha256").to_pylist(), strict=True):
        if hashlib.sha256(original).digest() != sealed:
            raise PackDamaged("an original is not what was sealed")
    made = parse(originals, chosen.column("form").to_pylist())
    if made.schema != PARSED or made.num_rows != len(rows):
        raise PackDamaged("a parser gave other columns or another number of rows than asked for")
    return made


def pieces_of(envelope: pa.RecordBatch, columns: pa.RecordBatch) -> list[list[Piece]]:
    """The pieces of parsed records; their times and kinds are the sealed envelope's."""
    held = {name: envelope.column(name) for name in ("earliest_us", "latest_us", "basis", "kind")}
    held.update({name: columns.column(name) for name in TEXT.names})
    return block_pieces(pa.RecordBatch.from_arrays(list(held.values()), names=list(held)))


def piece_salts(seed: bytes, row: int, count: int) -> list[bytes]:
    """The salts of one raw record's pieces: they do not depend on which others were parsed."""
    size = leaves.SALT_BYTES
    made = hashlib.shake_256(_SALT_LABEL + seed + row.to_bytes(4, "little")).digest(size * count)
    return [made[at : at + size] for at in range(0, len(made), size)]


def piece_root(seed: bytes, row: int, pieces: Sequence[Piece]) -> bytes:
    """The root over one raw record's pieces."""
    salts = piece_salts(seed, row, len(pieces))
    return root(
        [leaves.piece_hash(s, kind, held) for s, (kind, held) in zip(salts, pieces, strict=True)]
    )


def attested_leaves(
    seed: bytes, envelope: pa.RecordBatch, rest: pa.RecordBatch, parsed: Parsed
) -> list[bytes]:
    """What a `pieces` entry is the root over: SHA-256(0x00 ‖ record leaf ‖ piece root) of each."""
    rows = parsed.rows.tolist()
    salt, size = leaves.salts(seed, max(rows) + 1), leaves.SALT_BYTES
    sources = rest.column("source_sha256")
    return [
        leaf_hash(
            leaves.record_leaf(
                salt[size * row : size * (row + 1)], record_id, sources[row].as_py(), NO_PIECES
            )
            + piece_root(seed, row, own)
        )
        for row, record_id, own in zip(
            rows,
            envelope.column("record_id").to_pylist(),
            pieces_of(envelope, parsed.columns),
            strict=True,
        )
    ]


class KeptHere:
    """Keeps what was parsed in memory, for a gate that is given no other place."""

    def __init__(self) -> None:
        self._held: dict[tuple[str, int], bytes] = {}

    def get(self, pack_id: str, block: int) -> bytes | None:
        """What was kept for a block."""
        return self._held.get((pack_id, block))

    def put(self, pack_id: str, block: int, parsed: bytes) -> None:
        """Keep what was parsed of a block."""
        self._held[pack_id, block] = parsed


class RawReader:
    """Parses the records of raw blocks that a case reaches: each block once, attested, then kept."""

    def __init__(self, parser: Parser | None, kept: ParsedCache | None, attest: Attest) -> None:
        self._parser, self._kept = parser, kept or KeptHere()
        self._attest = attest
        self._lock = threading.Lock()

    def block(
        self,
        ref: BlockRef,
        rows: Int64s,
        envelope: pa.RecordBatch,
        originals: Originals,
        *,
        records: int,
    ) -> Parsed:
        """The parsed records of a block of so many; `envelope` and `rows` are those in scope.

        Order: parsed → `pieces` entry, durable → kept in the case. A crash between the last two
        leaves an entry that nothing cites, and the block is parsed again.
        """
        found = self._known(ref, rows)
        if found is not None:
            return found
        with self._lock:
            found = self._known(ref, rows)
            if found is None:
                found = self._parse(ref, rows, envelope, originals, records)
                self._kept.put(ref.pack_id, ref.block, found.to_bytes())
            return found

    def _known(self, ref: BlockRef, rows: Int64s) -> Parsed | None:
        raw = self._kept.get(ref.pack_id, ref.block)
        found = Parsed.from_bytes(raw) if raw is not None else None
        return found if found and np.array_equal(found.rows, rows) else None

    def _parse(
        self,
        ref: BlockRef,
        rows: Int64s,
        envelope: pa.RecordBatch,
        originals: Originals,
        records: int,
    ) -> Parsed:
        if self._parser is None:
            raise UsageError("these records were sealed unparsed, and no parser was handed in")
        seed, rest = originals()
        if rest.num_rows != records:
            raise PackDamaged(f"pack {ref.pack_id}: block {ref.block} is not the one granted")
        columns = parse_rows(self._parser, rest, rows)
        parsed = Parsed(rows, columns, self._parser.name, -1)
        made = attested_leaves(seed, envelope, rest, parsed)
        sequence = self._attest(
            {"pieces": root(made).hex()},
            {
                "pack_id": ref.pack_id,
                "block": ref.block,
                "records": len(rows),
                "parser": parsed.parser,
            },
        )
        return replace(parsed, sequence=sequence)
