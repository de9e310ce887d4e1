"""Identities of people and cases: key files, with or without a passphrase."""

from __future__ import annotations

import json
import secrets
from dataclasses import dataclass, field
from typing import Any

import pyrage

from pastwatch.errors import WrongKey
from pastwatch.sealing.signing import SigningKey


@dataclass(frozen=True, slots=True)
class AgeIdentity:
    """An age X25519 identity: the secret half, and the recipient others wrap keys for."""

    age: Any = field(repr=False)

    @classmethod
    def make(cls) -> AgeIdentity:
        """A fresh identity."""
        return cls(pyrage.x25519.Identity.generate())

    @classmethod
    def from_secret(cls, text: str) -> AgeIdentity:
        """The identity written as AGE-SECRET-KEY-…."""
        try:
            return cls(pyrage.x25519.Identity.from_str(text))
        except pyrage.IdentityError:
            raise WrongKey("this is not an age identity") from None

    @property
    def secret(self) -> str:
        """The secret half as text."""
        return str(self.age)

    @property
    def recipient(self) -> str:
        """The public half as text."""
        return str(self.age.to_public())


@dataclass(frozen=True, slots=True)
class KeyFile:
    """What a person's key file holds: an identity to open with and a key to sign with."""

    person: str
    identity: AgeIdentity
    signing: SigningKey

    @classmethod
    def make(cls, person: str) -> KeyFile:
        """Fresh keys for a person."""
        return cls(person, AgeIdentity.make(), SigningKey.make())

    def to_bytes(self, passphrase: str | None = None) -> bytes:
        """The key file; with a passphrase, as an age file that asks for it (scrypt)."""
        plain = json.dumps(
            {
                "person": self.person,
                "age": self.identity.secret,
                "ed25519": self.signing.secret.hex(),
            }
        ).encode()
        return pyrage.passphrase.encrypt(plain, passphrase) if passphrase else plain

    @classmethod
    def from_bytes(cls, raw: bytes, passphrase: str | None = None) -> KeyFile:
        """Read a key file; WrongKey for a missing or wrong passphrase, or no key file at all."""
        if locked(raw):
            if passphrase is None:
                raise WrongKey("this key file has a passphrase")
            try:
                raw = pyrage.passphrase.decrypt(raw, passphrase)
            except pyrage.DecryptError:
                raise WrongKey("the passphrase does not open this key file") from None
        try:
            plain = json.loads(raw)
            signing = SigningKey(bytes.fromhex(plain["ed25519"]))
            return cls(plain["person"], AgeIdentity.from_secret(plain["age"]), signing)
        except (ValueError, KeyError, TypeError):
            raise WrongKey("this is not a key file") from None


def locked(raw: bytes) -> bool:
    """Whether a key file asks for a passphrase."""
    return raw.startswith(b"age-encryption.org/")


def new_secret() -> bytes:
    """32 random bytes."""
    return secrets.token_bytes(32)


def unwrap_own(wrapped: bytes, *, identity: AgeIdentity) -> bytes:
    """Bytes wrapped to a person or a case (never a pack's keys); WrongKey when not for this one."""
    try:
        return bytes(pyrage.decrypt(wrapped, [identity.age]))
    except pyrage.DecryptError:
        raise WrongKey("this identity does not open the file") from None
