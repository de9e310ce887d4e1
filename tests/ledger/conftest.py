"""A signer with a fixed key, drafts to sign, and a small ledger."""

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from pastwatch.ledger.entry import Act, EntryDraft, Signer, key_id
from pastwatch.ledger.log import Ledger

SEED = bytes(range(32))  # a published test key: it signs nothing but these tests


@dataclass
class FixedSigner:
    private: Ed25519PrivateKey = field(
        default_factory=lambda: Ed25519PrivateKey.from_private_bytes(SEED)
    )

    @property
    def key_id(self) -> str:
        return key_id(self.private.public_key().public_bytes_raw())

    def sign(self, data: bytes, /) -> bytes:
        return self.private.sign(data)


def make_drafts(count: int, seed: int = 0) -> list[EntryDraft]:
    draw = random.Random(seed)  # noqa: S311  # test data, not keys
    return [
        EntryDraft(
            act=draw.choice(list(Act)),
            clock_us=1_700_000_000_000_000 + number,
            authority=draw.choice([None, "case-17", "watch/3"]),
            objects={"pack": draw.randbytes(32).hex()},
            outcome={"records": draw.randrange(10**6), "complete": True, "sources": ["mail"]},
        )
        for number in range(count)
    ]


@pytest.fixture
def signer() -> Signer:
    return FixedSigner()


@pytest.fixture
def public_key() -> bytes:
    return Ed25519PrivateKey.from_private_bytes(SEED).public_key().public_bytes_raw()


@pytest.fixture
def drafts() -> Callable[..., list[EntryDraft]]:
    return make_drafts


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    return Ledger.create(tmp_path / "ledger")
