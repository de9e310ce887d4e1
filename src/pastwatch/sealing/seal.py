"""Close frames under a key of their own, and wrap section secrets for the custodians."""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping, Sequence

import pyrage
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from pastwatch.sealing.derive import KEY_BYTES, commitment, frame_key, section_key

ENVELOPE, TOKENS, TEXT, REMAINDER = range(4)
SECTIONS = ("envelope", "tokens", "text", "remainder")
TAG_BYTES = 16


class SectionSealer:
    """Seals the frames of one section of one pack; a sealer is never continued after a crash."""

    def __init__(self, *, pack_id: bytes, section: int) -> None:
        self.secret = secrets.token_bytes(KEY_BYTES)
        self.commitment = commitment(self.secret, pack_id=pack_id, section=section)
        self._key = section_key(self.secret, pack_id=pack_id, section=section)
        self._section = section

    def seal(self, plain: bytes, *, header_hash: bytes, index: int, last: bool) -> bytes:
        """The frame's ciphertext and tag (plain length + 16 bytes)."""
        key = frame_key(self._key, section=self._section, index=index)
        return AESGCM(key).encrypt(
            nonce(index), plain, associated(header_hash, self._section, index, last=last)
        )


def nonce(index: int) -> bytes:
    """The nonce of a frame: its number. Safe because every frame has a key of its own."""
    return index.to_bytes(12, "little")


def associated(header_hash: bytes, section: int, index: int, *, last: bool) -> bytes:
    """What a frame is bound to: its pack, its section, its place, and whether it ends the section."""
    return header_hash + bytes((section,)) + index.to_bytes(4, "little") + bytes((last,))


def wrap_secrets(
    section_secrets: Mapping[str, bytes], *, pack_id: str, recipients: Sequence[str]
) -> bytes:
    """The section secrets as an age file that each recipient can open."""
    plain = {"pack_id": pack_id, "sections": {k: v.hex() for k, v in section_secrets.items()}}
    return wrap(json.dumps(plain, sort_keys=True).encode(), recipients=recipients)


def wrap(plain: bytes, *, recipients: Sequence[str]) -> bytes:
    """Bytes as an age file for the recipients."""
    return bytes(pyrage.encrypt(plain, [pyrage.x25519.Recipient.from_str(r) for r in recipients]))
