"""Open frames and unwrap keys; for the archive's gates, grant, opener and repack alone."""

from __future__ import annotations

import json

import pyrage
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from pastwatch.errors import PackDamaged, WrongKey
from pastwatch.sealing.casekey import AgeIdentity
from pastwatch.sealing.derive import commitment, section_key
from pastwatch.sealing.seal import SECTIONS, TAG_BYTES, associated, nonce


def open_frame(  # the one decrypt call of records
    key: bytes,
    sealed: bytes | memoryview,
    into: bytearray | memoryview,
    *,
    header_hash: bytes,
    section: int,
    index: int,
    last: bool,
) -> int:
    """Decrypt into a kept buffer; the number of plain bytes written. PackDamaged when it is not so."""
    size = len(sealed) - TAG_BYTES
    if size < 0:
        raise PackDamaged(f"frame {index} of section {section} is cut short")
    bound = associated(header_hash, section, index, last=last)
    try:
        AESGCM(key).decrypt_into(nonce(index), sealed, bound, memoryview(into)[:size])
    except InvalidTag:
        raise PackDamaged(f"frame {index} of section {section} does not open") from None
    return size


def unwrap_secrets(wrapped: bytes, *, identity: AgeIdentity, pack_id: str) -> dict[str, bytes]:
    """The section secrets of a pack; WrongKey when the identity is no recipient."""
    raw = unwrap(wrapped, identity=identity)
    try:  # anyone can wrap anything to a public recipient: what is inside proves nothing yet
        plain = json.loads(raw)
        owner = plain["pack_id"]
        found = {name: bytes.fromhex(plain["sections"][name]) for name in SECTIONS}
    except (ValueError, KeyError, TypeError, RecursionError):
        raise PackDamaged(f"the keys beside pack {pack_id} do not read") from None
    if owner != pack_id:
        raise PackDamaged(f"the keys beside pack {pack_id} belong to another pack")
    return found


def checked_section_key(secret: bytes, *, pack_id: bytes, section: int, committed: bytes) -> bytes:
    """The section's key, once its commitment is the one in the pack's header."""
    if commitment(secret, pack_id=pack_id, section=section) != committed:
        raise WrongKey(f"the key of section {section} is not the one the pack commits to")
    return section_key(secret, pack_id=pack_id, section=section)


def unwrap(wrapped: bytes, *, identity: AgeIdentity) -> bytes:
    """The plain bytes of an age file; WrongKey when the identity does not open it."""
    try:
        return bytes(pyrage.decrypt(wrapped, [identity.age]))
    except pyrage.DecryptError:
        raise WrongKey("this identity does not open the file") from None
