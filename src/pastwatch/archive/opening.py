"""Open the frames of a pack with keys that were granted; the gate, the grant and repack alone may."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from typing import TypeVar

import pyarrow as pa

from pastwatch.archive import envelopes, frames, inplace, place, rests
from pastwatch.archive.layout import RAW, RAW_REMAINDER, REMAINDER, TEXT
from pastwatch.archive.pack import Pack, read_pack
from pastwatch.errors import PackDamaged, StorageError
from pastwatch.matching.lanes import Lane
from pastwatch.sealing import opening as sealed
from pastwatch.sealing import seal
from pastwatch.sealing.casekey import AgeIdentity
from pastwatch.sealing.derive import frame_key
from pastwatch.sealing.seal import SECTIONS
from pastwatch.storage.local import LocalStore

SPARE_BYTES = 64 * 1024
_kept = threading.local()
T = TypeVar("T")


class PackOpener:
    """One pack's sealed bytes, mapped, and its structure; holds no key."""

    def __init__(self, store: LocalStore, pack_id: str) -> None:
        try:
            self._view = store.open_map(place.pack_key(pack_id))
        except StorageError as missing:
            raise PackDamaged(f"pack {pack_id} is missing or cannot be read") from missing
        self.pack: Pack = read_pack(self._view, name=pack_id)
        if self.pack.pack_id != pack_id:
            raise PackDamaged(f"pack {pack_id} is another pack under its name")

    def section_keys(self, wrapped: bytes, identity: AgeIdentity) -> dict[int, bytes]:
        """The section keys of the pack, each checked against its commitment (custodian only)."""
        pack = self.pack
        secrets = sealed.unwrap_secrets(wrapped, identity=identity, pack_id=pack.pack_id)
        return {
            number: sealed.checked_section_key(
                secrets[name],
                pack_id=bytes.fromhex(pack.pack_id),
                section=number,
                committed=pack.commitments[number],
            )
            for number, name in enumerate(SECTIONS)
        }

    def envelope(self, key: bytes, index: int) -> tuple[pa.RecordBatch, pa.RecordBatch]:
        """A block's envelopes and its table of account and conversation tokens."""
        _, raw = self._raw(key, seal.ENVELOPE, index, reuse=False)
        return self._named(lambda: envelopes.read(raw))

    def text(self, key: bytes, index: int, *, reuse: bool) -> tuple[bytes, pa.RecordBatch]:
        """A block's salt seed and text columns; with `reuse` valid until this thread opens the next."""
        seed, raw = self._raw(key, seal.TEXT, index, reuse=reuse)
        (text,) = frames.read_batches(raw, TEXT)
        return seed, text

    def lanes(self, key: bytes, index: int, *, reuse: bool) -> tuple[memoryview, int, list[Lane]]:
        """A block's raw text frame, its records, and the columns to search; for `reuse` see `text`."""
        _, raw = self._raw(key, seal.TEXT, index, reuse=reuse)
        try:
            return raw, *inplace.text_lanes(raw)
        except PackDamaged as broken:
            raise PackDamaged(f"pack {self.pack.pack_id}: {broken}") from None

    def ids(self, key: bytes, index: int) -> list[bytes]:
        """The record ids of a block."""
        _, raw = self._raw(key, seal.ENVELOPE, index, reuse=False)
        return self._named(lambda: inplace.record_ids(raw))

    def remainder(self, key: bytes, index: int, *, text_key: bytes) -> pa.RecordBatch:
        """What a block's originals have beyond their text (against which it may be compressed)."""
        _, raw, prefix = self.whole(key, seal.REMAINDER, index, text_key=text_key)
        if prefix is None:
            _, prefix = self._raw(text_key, seal.TEXT, index, reuse=False)
        (text,) = frames.read_batches(prefix, TEXT)
        return self._named(lambda: rests.read(raw, REMAINDER, rests.with_texts(text)))

    def originals(self, key: bytes, index: int) -> tuple[bytes, pa.RecordBatch]:
        """A raw block's salt seed and originals."""
        seed, raw = self._raw(key, seal.REMAINDER, index, reuse=False)
        return seed, self._named(lambda: rests.read(raw, RAW_REMAINDER, rests.whole))

    @property
    def is_raw(self) -> bool:
        """Whether the pack holds originals alone."""
        return self.pack.depth == RAW

    def whole(
        self, key: bytes, section: int, index: int, *, text_key: bytes
    ) -> tuple[bytes, memoryview, memoryview | None]:
        """A frame's extra and raw bytes, and the text it was compressed against, if it was."""
        plain = bytes(self._plain(key, section, index))
        prefix = None
        if frames.needs_prefix(memoryview(plain)):
            _, prefix = self._raw(text_key, seal.TEXT, index, reuse=False)
        extra, raw = self._named(lambda: frames.decode(plain, prefix=prefix))
        return extra, raw, prefix

    def tokens(self, key: bytes, index: int) -> tuple[bytes, memoryview]:
        """The hash key and the token index of sixteen blocks."""
        return self._raw(key, seal.TOKENS, index, reuse=False)

    def _raw(
        self, key: bytes, section: int, index: int, *, reuse: bool
    ) -> tuple[bytes, memoryview]:
        view = self._plain(key, section, index)
        if not reuse:
            return self._named(lambda: frames.decode(view))
        kept = _buffer("raw", self._named(lambda: frames.raw_size(view)))
        return self._named(lambda: frames.decode_kept(view, kept))

    def _plain(self, key: bytes, section: int, index: int) -> memoryview:
        """A frame's plain bytes, in this thread's kept buffer until it opens the next."""
        table = self.pack.frames[section]
        if index >= len(table):
            raise PackDamaged(f"pack {self.pack.pack_id} has no {SECTIONS[section]} frame {index}")
        frame = table[index]
        plain = _buffer("plain", frame.size)
        size = self._named(
            lambda: sealed.open_frame(
                key,
                self._view[frame.offset : frame.offset + frame.size],
                plain,
                header_hash=self.pack.header_hash,
                section=section,
                index=index,
                last=index == len(table) - 1,
            )
        )
        return plain[:size]

    def _named(self, act: Callable[[], T]) -> T:
        """Run a step; damage names the pack."""
        try:
            return act()
        except PackDamaged as broken:
            raise PackDamaged(f"pack {self.pack.pack_id}: {broken}") from None


def frame_keys(keys: Mapping[int, bytes], section: int, index: int) -> bytes:
    """The key of one frame, from the section's key."""
    return frame_key(keys[section], section=section, index=index)


def _buffer(name: str, size: int) -> memoryview:
    """A buffer this thread keeps, at least so large: allocating anew costs up to four times more."""
    held: memoryview | None = getattr(_kept, name, None)
    if held is None or len(held) < size:
        held = frames.roomy(size + SPARE_BYTES)
        setattr(_kept, name, held)
    return held
