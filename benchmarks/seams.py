"""Looks into the two calls every sealed byte passes: what a frame holds, and what the cipher costs."""

from __future__ import annotations

import os
import struct
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import zstandard
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from pastwatch.archive import frames
from pastwatch.sealing import opening, seal

_HEAD = struct.Struct("<BBHIQ")  # as docs/format.md has it
_ZSTD = 1


@dataclass(frozen=True, slots=True)
class PlainFrame:
    """A text frame's plain bytes, still compressed."""

    plain: bytes
    raw_bytes: int


class Frames(list[PlainFrame]):
    """The text frames of a look, and how long it takes to decode or decrypt them and no more."""

    def decode(self) -> float:
        """CPU-seconds of this project's own decoding into one kept buffer."""
        kept = frames.roomy(self._largest)
        begun = time.process_time()
        for frame in self:
            frames.decode_kept(memoryview(frame.plain), kept)
        return time.process_time() - begun

    def decode_by_zstandard(self) -> float:
        """The same by python-zstandard's stream reader; infinite where a frame is not zstd."""
        kept = memoryview(bytearray(self._largest))
        decoder = zstandard.ZstdDecompressor()
        begun = time.process_time()
        for frame in self:
            codec, _, _, extra_bytes, _ = _HEAD.unpack_from(frame.plain)
            if codec != _ZSTD:
                return float("inf")
            packed = memoryview(frame.plain)[_HEAD.size + extra_bytes :]
            with decoder.stream_reader(packed) as reader:
                filled = 0
                while filled < frame.raw_bytes and (got := reader.readinto(kept[filled:])):
                    filled += got
        return time.process_time() - begun

    def decrypt(self) -> float:
        """CPU-seconds of decrypting frames of these sizes into one kept buffer."""
        key, kept = AESGCM(os.urandom(32)), memoryview(bytearray(self._largest + 4096))
        sealed = [key.encrypt(bytes(12), frame.plain, b"") for frame in self]
        begun = time.process_time()
        for frame in sealed:
            key.decrypt_into(bytes(12), frame, b"", kept[: len(frame) - 16])
        return time.process_time() - begun

    @property
    def _largest(self) -> int:
        return max((max(f.raw_bytes, len(f.plain)) for f in self), default=0) + 64


@contextmanager
def opened_frames() -> Iterator[Frames]:
    """Keeps every text frame that is decrypted meanwhile."""
    kept, whole = Frames(), opening.open_frame

    def open_frame(key: bytes, sealed: Any, into: Any, *, section: int, **named: Any) -> int:
        size = whole(key, sealed, into, section=section, **named)
        if section == seal.TEXT:
            plain = bytes(memoryview(into)[:size])
            kept.append(PlainFrame(plain, frames.raw_size(memoryview(plain))))
        return size

    opening.open_frame = open_frame
    try:
        yield kept
    finally:
        opening.open_frame = whole


@contextmanager
def timed_sealing() -> Iterator[list[float]]:
    """Seconds of each call that seals a frame, on the thread that made it."""
    took_s: list[float] = []
    whole = seal.SectionSealer.seal

    def timed(self: Any, *arguments: Any, **named: Any) -> Any:
        begun = time.thread_time()
        try:
            return whole(self, *arguments, **named)
        finally:
            took_s.append(time.thread_time() - begun)

    seal.SectionSealer.seal = timed  # type: ignore[method-assign]
    try:
        yield took_s
    finally:
        seal.SectionSealer.seal = whole  # type: ignore[method-assign]
