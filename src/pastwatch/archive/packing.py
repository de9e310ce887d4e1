"""From sorted columns to the bytes of one sealed pack, with everything its commit must state."""

from __future__ import annotations

import itertools
import secrets
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from pastwatch.archive import frames as framing
from pastwatch.archive import leaves, rests, tokens
from pastwatch.archive.blockleaves import block_leaves
from pastwatch.archive.closing import close_pack
from pastwatch.archive.columns import Column, foreign_characters, joined, part_texts, text_column
from pastwatch.archive.envelopes import Envelopes
from pastwatch.archive.envelopes import sealed as sealed_envelopes
from pastwatch.archive.gathered import Gathered
from pastwatch.archive.held import packed_ids
from pastwatch.archive.identity import Tokens
from pastwatch.archive.layout import (
    RAW,
    RAW_REMAINDER,
    READY,
    REMAINDER,
    TEXT,
    TOKEN_BLOCKS,
    block_bounds,
)
from pastwatch.archive.peoplewords import PeopleWords
from pastwatch.archive.rawblock import raw_frame
from pastwatch.archive.rowwords import RowWords
from pastwatch.matching.fold import FOLD_VERSION
from pastwatch.sealing import seal
from pastwatch.sealing.seal import SECTIONS

Order = npt.NDArray[np.int64]
ENVELOPE_LEVEL = 6  # small frames: a tenth fewer bytes for half a microsecond a record
PREFIX_LEVEL = 3
PREFIX_LEAST_BYTES = 4096


@dataclass(frozen=True, slots=True, kw_only=True)
class SealedPack:
    """A pack ready to be written: its bytes, the files beside it, and its figures."""

    pack_id: str
    chunks: tuple[bytes, ...]
    sha256: str
    root: bytes
    ids: bytes
    keys: bytes
    records: int
    blocks: int
    text_bytes: int
    original_bytes: int
    pack_bytes: int
    text_frame_bytes: int


def seal_pack(
    rows: pa.RecordBatch | Gathered,
    *,
    source_id: str,
    account_tokens: Tokens,
    recipients: Sequence[str],
    level: int,
    order: Order | None = None,
    depth: str = READY,
    words: RowWords | None = None,
) -> SealedPack:
    """Seal rows (`layout.BATCH` plus record_id, source_sha256, held_us; `form` for a raw pack).

    `order` gives the rows to seal and their order; without it all are sealed as they stand.
    `words` are the words of all rows, where they were found before: they are not looked for again.
    """
    held = rows if isinstance(rows, Gathered) else Gathered([rows])
    if order is None:
        order = np.arange(held.small.num_rows)
    sizes = held.sizes("original")[order]
    text_sizes = held.sizes("text")[order]
    bounds = block_bounds((sizes if depth == RAW else text_sizes).tolist())
    cut = [order[a:b] for a, b in itertools.pairwise(bounds)]
    if depth == RAW:
        plain, roots = _raw_frames(held, cut, account_tokens, level)
    else:
        plain, roots = _plain_frames(held, cut, account_tokens, level, words)
    closed = close_pack(
        plain,
        roots,
        source_id=source_id,
        recipients=recipients,
        fold_version=FOLD_VERSION,
        depth=depth,
    )
    return SealedPack(
        pack_id=closed.pack_id,
        chunks=closed.chunks,
        sha256=closed.sha256,
        root=leaves.pack_root(roots),
        ids=packed_ids(held.small.column("record_id").take(pa.array(order)).to_pylist()),
        keys=closed.keys,
        records=len(order),
        blocks=len(bounds) - 1,
        text_bytes=int(text_sizes.sum()),
        original_bytes=int(sizes.sum()),
        pack_bytes=closed.pack_bytes,
        text_frame_bytes=closed.text_frame_bytes,
    )


def _plain_frames(
    held: Gathered,
    cut: Sequence[Order],
    account_tokens: Tokens,
    level: int,
    words: RowWords | None = None,
) -> tuple[list[list[bytes]], list[bytes]]:
    """The frames of each section, and the blocks' roots.

    Blocks come copied, not sliced: Arrow would write up to 63 bytes of the next block's rows with
    a slice. One is held at a time, so that it stays in the cache.
    """
    plain: list[list[bytes]] = [[] for _ in SECTIONS]
    roots: list[bytes] = []
    token_key = secrets.token_bytes(16) if words is None else words.key16
    searched: list[tokens.Hashes] = []
    envelopes = Envelopes(held.small, held.sizes("original"), account_tokens)
    people = PeopleWords(held.small, token_key)
    for chosen in cut:
        texts = held.octets("text", chosen)
        block = held.block(chosen, texts)
        seed = secrets.token_bytes(leaves.SEED_BYTES)
        sources = block.column("source_sha256")
        roots.append(leaves.block_root(block_leaves(block, seed, sources.to_pylist())))
        envelope = sealed_envelopes(*envelopes.of(chosen))
        plain[seal.ENVELOPE].append(framing.encode(envelope, level=max(level, ENVELOPE_LEVEL)))
        shown = pa.RecordBatch.from_arrays([block.column(f.name) for f in TEXT], schema=TEXT)
        columns = _searched(block, texts)
        text = framing.with_characters(framing.batches(shown), foreign_characters(columns))
        plain[seal.TEXT].append(framing.encode(text, level=level, extra=seed))
        rest = _remainder(held.octets("original", chosen), texts, sources)
        plain[seal.REMAINDER].append(_remainder_frame(rest, text, level))
        said = tokens.block_hashes(columns, token_key) if words is None else words.of(chosen)
        searched.append(np.concatenate((said, people.of(chosen))))
        if len(searched) == TOKEN_BLOCKS:
            plain[seal.TOKENS].append(_token_frame(searched, token_key, level))
            searched = []
    if searched:
        plain[seal.TOKENS].append(_token_frame(searched, token_key, level))
    return plain, roots


def _raw_frames(
    held: Gathered, cut: Sequence[Order], account_tokens: Tokens, level: int
) -> tuple[list[list[bytes]], list[bytes]]:
    """The frames of a raw pack: envelopes and originals alone, and the blocks' roots."""
    plain: list[list[bytes]] = [[] for _ in SECTIONS]
    roots: list[bytes] = []
    envelopes = Envelopes(held.small, held.sizes("original"), account_tokens)
    for chosen in cut:
        envelope, table = envelopes.of(chosen)
        told = sealed_envelopes(envelope, table)
        plain[seal.ENVELOPE].append(framing.encode(told, level=max(level, ENVELOPE_LEVEL)))
        seed = secrets.token_bytes(leaves.SEED_BYTES)
        ids = envelope.column("record_id").to_pylist()
        frame, root = raw_frame(_raw_rows(held, chosen), ids, seed, level=level)
        plain[seal.REMAINDER].append(frame)
        roots.append(root)
    return plain, roots


def _raw_rows(held: Gathered, chosen: Order) -> pa.RecordBatch:
    """The remainder columns of these rows of a raw pack."""
    small = held.small.select(["source_sha256", "form"]).take(pa.array(chosen))
    originals = joined(held.octets("original", chosen), pa.large_binary())
    return pa.RecordBatch.from_arrays([*small.columns, originals], schema=RAW_REMAINDER)


def _remainder_frame(rest: pa.RecordBatch, text: bytes, level: int) -> bytes:
    """The remainder, compressed against the text frame: names, ids and subjects stand in both.

    Of mail that saves a quarter of the remainder. Where the text itself stands in the originals
    escaped (JSON, quoted-printable) and cannot be cut out whole, they cost a third. Below level 3
    zstd hardly looks at a prefix: there only such originals are worth it.
    """
    sizes = np.diff(text_column(rest.column("rest"))[1])
    whole = rest.column("text_at").to_numpy() < 0
    raw = rests.sealed(rest)
    escaped = sizes[whole].sum() * 4 > sizes.sum()
    if (escaped or level >= PREFIX_LEVEL) and len(text) > PREFIX_LEAST_BYTES:
        return framing.encode(raw, level=max(level, PREFIX_LEVEL), prefix=text)
    return framing.encode(raw, level=framing.zstd(level))


def _remainder(
    originals: Sequence[bytes], texts: Sequence[bytes], sources: pa.Array
) -> pa.RecordBatch:
    """What each original has beyond its text: where the text stands in it, and all the rest."""
    places, rests = [], []
    for original, text in zip(originals, texts, strict=True):
        size = len(text)
        if size and original.endswith(text):  # most mail: and found without a search
            place = len(original) - size
            rests.append(original[:place])
        else:
            place = original.find(text) if size else -1
            rests.append(original if place < 0 else original[:place] + original[place + size :])
        places.append(place)
    return pa.RecordBatch.from_arrays(
        [
            sources,
            pa.array(np.array(places, np.int64)),
            joined(rests, pa.large_binary()),
        ],
        schema=REMAINDER,
    )


def _searched(block: pa.RecordBatch, texts: Sequence[bytes]) -> list[Column]:
    """What of a block is searched; the texts as one, apart by what is of no word."""
    parts, _, _ = part_texts(block.column("parts"))
    whole = b"\0".join(texts)
    text = (memoryview(whole), np.array([0, len(whole)], np.int64))
    return [text_column(block.column("subject")), text, parts]


def _token_frame(blocks: list[tokens.Hashes], key: bytes, level: int) -> bytes:
    return framing.encode(tokens.frame(blocks, people=True), level=max(level, 3), extra=key)
