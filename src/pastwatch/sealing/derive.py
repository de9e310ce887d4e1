"""From one random secret to every key that hangs from it."""

from __future__ import annotations

import hashlib
import hmac
import struct

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

KEY_BYTES = 32
_FRAME = struct.Struct("<BI")


def hkdf(secret: bytes, *, purpose: str, context: bytes = b"") -> bytes:
    """A 32-byte key for one purpose (RFC 5869, HKDF-SHA-256, no salt)."""
    info = b"pastwatch " + purpose.encode() + b"\x00" + context
    return HKDF(algorithm=hashes.SHA256(), length=KEY_BYTES, salt=None, info=info).derive(secret)


def section_key(secret: bytes, *, pack_id: bytes, section: int) -> bytes:
    """The key all frame keys of a section hang from."""
    return hkdf(secret, purpose="section key v1", context=pack_id + bytes((section,)))


def commitment(secret: bytes, *, pack_id: bytes, section: int) -> bytes:
    """What the pack's header says of the key: AES-GCM alone does not commit to one."""
    return hkdf(secret, purpose="section commitment v1", context=pack_id + bytes((section,)))


def frame_key(key: bytes, *, section: int, index: int) -> bytes:
    """The key of one frame: HMAC-SHA-256(section key, u8 section ‖ u32 index)."""
    return hmac.digest(key, _FRAME.pack(section, index), "sha256")


def sha256(data: bytes | memoryview) -> bytes:
    """SHA-256 of bytes."""
    return hashlib.sha256(data).digest()


def keyed(key: bytes, data: bytes) -> bytes:
    """HMAC-SHA-256."""
    return hmac.digest(key, data, "sha256")
