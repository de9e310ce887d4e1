"""How records under one subject were answered and handed on: chains, link by link."""

from __future__ import annotations

import enum
from dataclasses import dataclass


class Handing(enum.StrEnum):
    """How a record stands to those before it of the same subject, by its prefix."""

    FIRST = "first"
    REPLY = "reply"
    FORWARD = "forward"


@dataclass(frozen=True, slots=True, kw_only=True)
class ChainLink:
    """One record of a chain: who handed it to whom, when, and how."""

    record_id: bytes
    at_us: int | None
    from_account: str
    to_accounts: tuple[str, ...]
    handing: Handing


@dataclass(frozen=True, slots=True, kw_only=True)
class Chain:
    """Records of one source under one subject, in order of time: taken for one exchange."""

    subject: str
    source: str
    links: tuple[ChainLink, ...]
    replies: int
    forwards: int
    accounts: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Chains:
    """Exchanges that went on by reply or were handed on, and how many there are of them."""

    chains: tuple[Chain, ...]
    of: int
    records: int
    """Records in all of them."""
    notes: tuple[str, ...] = ()
