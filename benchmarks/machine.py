"""The machine's own limits, measured beside every run: copying, decoding, decrypting, hashing."""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Callable

import pyarrow as pa
import zstandard
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from benchmarks.measure import ROUNDS, figure
from pastwatch.town.makers import mail_text

SIZE_BYTES = 32_000_000
FRAME_BYTES = 512 * 1024


def limits() -> dict[str, dict[str, float]]:  # noqa: C901 - a list of small acts
    """GB/s on one core: median, low and high of five."""
    text = "\n".join(mail_text(11, 4000)).encode()[:SIZE_BYTES]
    frames = [text[at : at + FRAME_BYTES] for at in range(0, len(text), FRAME_BYTES)]
    packed = [zstandard.ZstdCompressor(level=1).compress(frame) for frame in frames]
    lz4 = pa.Codec("lz4")
    hot = [(lz4.compress(frame, asbytes=True), len(frame)) for frame in frames]
    key = AESGCM(os.urandom(32))
    sealed = [key.encrypt(bytes(12), frame, b"") for frame in frames]
    buffer = bytearray(FRAME_BYTES)
    whole = memoryview(bytearray(len(text)))
    decoder = zstandard.ZstdDecompressor()

    def copy() -> None:
        whole[:] = text

    def decode() -> None:
        for frame in packed:
            with decoder.stream_reader(frame) as reader:
                reader.readinto(buffer)

    def decode_lz4() -> None:
        for frame, size in hot:
            lz4.decompress(frame, decompressed_size=size, asbytes=False)

    def decrypt() -> None:
        for frame in sealed:
            key.decrypt_into(bytes(12), frame, b"", memoryview(buffer)[: len(frame) - 16])

    def encode() -> None:
        compressor = zstandard.ZstdCompressor(level=1)
        for frame in frames:
            compressor.compress(frame)

    def sha256() -> None:
        hashlib.sha256(text).digest()

    acts: dict[str, Callable[[], None]] = {
        "memory copy": copy,
        "zstd decode": decode,
        "LZ4 decode": decode_lz4,
        "zstd-1 encode": encode,
        "AES-256-GCM decrypt": decrypt,
        "SHA-256": sha256,
    }
    return {name: _rate(act, len(text)) for name, act in acts.items()}


def _rate(act: Callable[[], None], size_bytes: int) -> dict[str, float]:
    rates = []
    for _ in range(ROUNDS + 1):
        before = time.process_time()
        act()
        rates.append(size_bytes / max(time.process_time() - before, 1e-9) / 1e9)
    found = figure(rates[1:])  # the first one warms up
    return {"median": found.median, "low": found.low, "high": found.high}
