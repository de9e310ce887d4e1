"""The case index: which records of the slice hold which word, so that only those are judged again.

The index rests on the tokens and the folding of the archive's own word index, so that both rule
out the same. A segment covers some blocks of the slice. Its records are numbered through; each
word's hash has the sorted numbers of the records that hold it, in any part or as who sent or received. A segment is cut into
`SHARDS` by the top bits of the hash, so that a query reads one shard a word and not the whole. Two
words with one hash only add records, which the matcher then refuses.

One shard, before it is compressed: the count of hashes and of numbers (4 bytes each, little
endian), the hashes as four byte planes, how many numbers each has as two, and the numbers, each
less the one before it under the same hash, as two.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final, Protocol

import numpy as np
import numpy.typing as npt
import zstandard

from pastwatch.archive.block import BlockRef, OpenBlock
from pastwatch.archive.byteplanes import from_planes, planes
from pastwatch.archive.columns import part_texts, text_column
from pastwatch.archive.opened import Opening
from pastwatch.archive.peoplewords import Asked, PeopleWords, key_of
from pastwatch.archive.tokens import row_hashes, token_hash
from pastwatch.errors import CaseDamaged, EngineError, PackDamaged

INDEX_FORM: Final = b"words and people"
"""What is in an index; one of another form is dropped and made anew."""
SHARDS: Final = 32
_SHARD_SHIFT: Final = 27
_SEGMENT_BLOCKS: Final = 32
_RECORD_BITS: Final = 16
_HEAD_BYTES: Final = 8
_RAW_LIMIT_BYTES: Final = 1 << 30

Keys = npt.NDArray[np.uint64]
Rows = npt.NDArray[np.int64]


class Kept(Protocol):
    """Where segments are kept: the case's papers."""

    def add_segment(self, grant_sha256: bytes, *, head: bytes, shards: Sequence[bytes]) -> None:
        """Keep a segment whole."""
        ...

    def segment_heads(self, grant_sha256: bytes) -> Sequence[tuple[int, bytes]]:
        """(segment, head), in order."""
        ...

    def segment_shards(self, grant_sha256: bytes, shard: int) -> Sequence[tuple[int, bytes]]:
        """(segment, the shard of that number), in order."""
        ...


@dataclass(slots=True)
class Indexed:
    """How far the building of an index has come."""

    blocks: int = 0
    records: int = 0
    kept_bytes: int = 0
    unreadable_blocks: int = 0
    done: bool = False


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a block's records begin in their segment, and how many there are."""

    segment: int
    first: int
    records: int


class CaseIndex:
    """What is indexed of a slice so far; the segments stay in the papers until a word is asked."""

    def __init__(self, kept: Kept, grant_sha256: bytes) -> None:
        self._kept, self._grant = kept, grant_sha256
        self._places: dict[tuple[str, int], _Place] = {}
        self._sizes: dict[int, int] = {}
        for segment, head in kept.segment_heads(grant_sha256):
            first = 0
            for pack_id, block, records in json.loads(head):
                self._places[pack_id, block] = _Place(segment, first, records)
                first += records
            self._sizes[segment] = first

    def covers_any(self, blocks: Iterable[BlockRef]) -> bool:
        """Whether one of these blocks is indexed."""
        return bool(self._places) and any(map(self.covers, blocks))

    def covers(self, ref: BlockRef) -> bool:
        """Whether the block is indexed, with as many records as are granted."""
        place = self._places.get((ref.pack_id, ref.block))
        return place is not None and place.records == ref.inside

    def candidates(
        self, blocks: Iterable[BlockRef], asked: Sequence[Asked]
    ) -> dict[BlockRef, Rows]:
        """The records of the covered blocks that hold a word of every group, by block.

        Numbers count the records in scope of a block; a block with none is left out.
        """
        masks = self._masks(asked)
        found: dict[BlockRef, Rows] = {}
        for ref in blocks:
            if self.covers(ref):
                place = self._places[ref.pack_id, ref.block]
                part = masks[place.segment][place.first : place.first + place.records]
                rows = np.flatnonzero(part)
                if len(rows):
                    found[ref] = rows
        return found

    def _masks(self, asked: Sequence[Asked]) -> dict[int, npt.NDArray[np.bool_]]:
        key16 = self._grant[:16]
        wanted = {
            (field, token): token_hash(token, key_of(field, key16))
            for field, group in asked
            for token in group
        }
        by_shard: dict[int, list[int]] = {}
        for value in sorted(set(wanted.values())):
            by_shard.setdefault(value >> _SHARD_SHIFT, []).append(value)
        held: dict[tuple[int, int], Rows] = {}
        for shard, values in by_shard.items():
            for segment, packed in self._kept.segment_shards(self._grant, shard):
                held.update(
                    ((segment, value), rows) for value, rows in _looked_up(packed, values).items()
                )
        masks = {s: np.ones(size, np.bool_) for s, size in self._sizes.items()}
        for field, group in asked:
            for segment, size in self._sizes.items():
                any_of = np.zeros(size, np.bool_)
                for token in group:
                    rows = held.get((segment, wanted[field, token]))
                    if rows is not None:
                        any_of[rows] = True
                masks[segment] &= any_of
        return masks


def build_index(
    opening: Opening,
    blocks: Sequence[BlockRef],
    *,
    kept: Kept,
    grant_sha256: bytes,
    engine: Any,
    workers: int,
    progress: Indexed,
    cancel: threading.Event,
    saved: Callable[[Sequence[BlockRef]], None],
    withheld: frozenset[bytes] = frozenset(),
) -> None:
    """Index these blocks, segment by segment, each kept as soon as it is made.

    No word of a record in `withheld` is in it: to the index such a record is empty.

    Cancelled, it leaves what is kept standing, and another run goes on from there. `saved` is
    told the blocks of each segment. A block that does not open is left out, and a look meets it.
    """
    size = max(1, min(_SEGMENT_BLOCKS, -(-len(blocks) // (2 * workers))))
    chunks = [blocks[at : at + size] for at in range(0, len(blocks), size)]

    def task(chunk: Sequence[BlockRef]) -> tuple[Sequence[BlockRef], _Segment]:
        made = _segment(opening, chunk, key16=grant_sha256[:16], cancel=cancel, withheld=withheld)
        return chunk, made

    # All are handed over at once: nothing is begun after the interpreter has begun to end.
    made = engine.map_unordered(
        task, chunks, workers=workers, cancel=cancel, queue_depth=len(chunks)
    )
    try:
        for chunk, segment in made:
            if cancel.is_set():
                return
            if segment.blocks:
                kept.add_segment(grant_sha256, head=segment.head(), shards=segment.shards)
                saved([ref for ref, _ in segment.blocks])
            progress.blocks += len(chunk)
            progress.unreadable_blocks += len(chunk) - len(segment.blocks)
            progress.records += sum(records for _, records in segment.blocks)
            progress.kept_bytes += sum(map(len, segment.shards))
    except EngineError:
        if not cancel.is_set():
            raise
        return
    progress.done = True


@dataclass(frozen=True, slots=True)
class _Segment:
    blocks: list[tuple[BlockRef, int]]
    shards: list[bytes]

    def head(self) -> bytes:
        return json.dumps([[r.pack_id, r.block, n] for r, n in self.blocks]).encode()


def _segment(
    opening: Opening,
    chunk: Sequence[BlockRef],
    *,
    key16: bytes,
    cancel: threading.Event,
    withheld: frozenset[bytes],
) -> _Segment:
    blocks: list[tuple[BlockRef, int]] = []
    found: list[Keys] = []
    first = 0
    for ref in chunk:
        if cancel.is_set():
            break
        try:
            block = opening.block(ref, reuse=True)
        except PackDamaged as broken:
            opening.unreadable(ref, str(broken))
            continue
        found.append(_without(_keys(block, key16), block, withheld) + np.uint64(first))
        blocks.append((ref, len(block.rows)))
        first += len(block.rows)
    keys = np.concatenate(found) if found else np.zeros(0, np.uint64)
    keys.sort()
    bounds = np.arange(SHARDS + 1, dtype=np.uint64) << np.uint64(_SHARD_SHIFT + _RECORD_BITS)
    cuts = np.searchsorted(keys, bounds).tolist()
    shards = [_packed(keys[a:b]) for a, b in pairwise(cuts)]
    return _Segment(blocks, shards)


def _keys(block: OpenBlock, key16: bytes) -> Keys:
    """For each (word, record) of a block its hash above the record's number, sorted, each once.

    The words of senders and recipients among them.
    """
    parts, owners, _ = part_texts(block.text.column("parts"))
    columns = (text_column(block.text.column(name)) for name in ("subject", "text"))
    found = [row_hashes(column, key16) for column in columns]
    if len(owners):
        hashes, rows = row_hashes(parts, key16)
        found.append((hashes, owners[rows]))
    found += PeopleWords(block.text, key16).by_row()
    keys = np.concatenate(
        [(h.astype(np.uint64) << np.uint64(_RECORD_BITS)) | r.astype(np.uint64) for h, r in found]
    )
    keys.sort()
    return keys[_firsts(keys)]


def _without(keys: Keys, block: OpenBlock, withheld: frozenset[bytes]) -> Keys:
    if not withheld:
        return keys
    rows = [row for row, record_id in enumerate(block.ids()) if record_id in withheld]
    numbers = keys & np.uint64((1 << _RECORD_BITS) - 1)
    return keys[~np.isin(numbers, np.array(rows, np.uint64))]


def _firsts(sorted_values: npt.NDArray[Any]) -> npt.NDArray[np.bool_]:
    kept = np.ones(len(sorted_values), np.bool_)
    np.not_equal(sorted_values[1:], sorted_values[:-1], out=kept[1:])
    return kept


def _packed(keys: Keys) -> bytes:
    hashes = (keys >> np.uint64(_RECORD_BITS)).astype(np.uint32)
    numbers = (keys & np.uint64((1 << _RECORD_BITS) - 1)).astype(np.uint16)
    first = _firsts(hashes)
    at = np.flatnonzero(first)
    counts = np.diff(np.append(at, len(keys)))
    steps = numbers.copy()
    steps[1:] -= numbers[:-1]
    steps[at] = numbers[at]
    # A word of every record of a full segment would be one too many for two bytes.
    raw = b"".join(
        (
            len(at).to_bytes(4, "little"),
            len(keys).to_bytes(4, "little"),
            planes(hashes[at], "<u4"),
            planes(counts - 1, "<u2"),
            planes(steps, "<u2"),
        )
    )
    return zstandard.ZstdCompressor(level=1).compress(raw)


def _looked_up(packed: bytes, hashes: Sequence[int]) -> Mapping[int, Rows]:
    """The record numbers under each of these hashes that is there."""
    try:
        raw = zstandard.ZstdDecompressor().decompress(packed, max_output_size=_RAW_LIMIT_BYTES)
    except zstandard.ZstdError:
        raise CaseDamaged("a piece of the slice index does not read") from None
    words, numbers = (int.from_bytes(raw[at : at + 4], "little") for at in (0, 4))
    if len(raw) != _HEAD_BYTES + 6 * words + 2 * numbers:
        raise CaseDamaged("a piece of the slice index is not as long as it says")
    held = from_planes(raw, _HEAD_BYTES, words, "<u4")
    ends = np.cumsum(from_planes(raw, _HEAD_BYTES + 4 * words, words, "<u2").astype(np.int64) + 1)
    steps = np.frombuffer(raw, np.uint8, 2 * numbers, _HEAD_BYTES + 6 * words)
    found: dict[int, Rows] = {}
    for value in hashes:
        at = int(np.searchsorted(held, value))
        if at < words and held[at] == value:
            first, end = int(ends[at - 1]) if at else 0, int(ends[at])
            low = steps[first:end].astype(np.int64)
            high = steps[numbers + first : numbers + end].astype(np.int64)
            found[value] = np.cumsum(low | high << 8)
    return found
