"""Ed25519 keys: sign exact bytes, and check a signature."""

from __future__ import annotations

import hashlib
import secrets

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat


class SigningKey:
    """An Ed25519 key; `key_id` is the first 16 hex digits of its public half's SHA-256."""

    def __init__(self, secret: bytes) -> None:
        self.secret = secret
        self._key = Ed25519PrivateKey.from_private_bytes(secret)
        self.public = self._key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
        self.key_id = key_id(self.public)

    @classmethod
    def make(cls) -> SigningKey:
        """A fresh key."""
        return cls(secrets.token_bytes(32))

    def sign(self, message: bytes) -> bytes:
        """The 64-byte signature of exactly these bytes."""
        return self._key.sign(message)


def key_id(public: bytes) -> str:
    """How a public key is named in the policy and the ledger."""
    return hashlib.sha256(public).hexdigest()[:16]


def verified(public: bytes, signature: bytes, message: bytes) -> bool:
    """Whether the signature over exactly these bytes was made with this key."""
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, message)
    except (InvalidSignature, ValueError):
        return False
    return True
