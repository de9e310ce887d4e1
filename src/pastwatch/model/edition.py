"""Versions of a brief, copies of it, and what each finding rested on when it was released."""

from __future__ import annotations

import enum
from dataclasses import dataclass

from pastwatch.errors import BadValue


class SupportKind(enum.StrEnum):
    """What sort of thing a finding rests on; its state is what a change is told by."""

    JUDGEMENT = "judgement"
    """What was judged of a cited record."""
    RELATION = "relation"
    """A merge, an attribution or another link that bears on a cited record or who speaks in it."""
    THING = "thing"
    """A claim, an exhibit, a track or an entry of the timeline that cites the same record."""
    SEARCH = "search"
    """A search that a finding of nothing rests on."""
    COVERAGE = "coverage"
    """A figure of what such a finding was looked for in."""
    PACKS = "packs"
    """What a source holds in scope of the authority."""
    AUTHORITY = "authority"
    """Whether an authority that the records were opened under stands."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Support:
    """One thing that a finding rests on, as it stood; `name` is how the case names it."""

    kind: SupportKind
    name: str
    state: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Footing:
    """What a finding rested on when it was last released as sound, or re-affirmed.

    `accounts` are those named in the records it cites; `since_version` is the version of the brief
    that this footing is of.
    """

    finding_id: str
    since_version: int
    supports: tuple[Support, ...] = ()
    accounts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class BriefVersion:
    """A brief that was released: its number, its entry of the ledger, and what it rested on.

    `supersedes` is the entry that released the version before (-1: none); `ledger_size` that of the
    checkpoint it carries. `statements` are its findings by their names, as they were printed.
    """

    version: int
    release_sequence: int
    supersedes: int
    ledger_size: int
    brief_sha256: bytes
    title: str
    footings: tuple[Footing, ...] = ()
    statements: tuple[tuple[str, str], ...] = ()

    def __post_init__(self) -> None:
        if self.version < 1 or self.release_sequence <= self.supersedes:
            raise BadValue("a version of a brief counts from 1, and comes after what it supersedes")


@dataclass(frozen=True, slots=True, kw_only=True)
class BriefCopy:
    """A numbered copy of a released brief, and whose it is; the ledger holds a keyed hash of that.

    `copy_of` is the entry that released the version, `release_sequence` the copy's own; `salt` is
    the key of the hash.
    """

    number: int
    version: int
    copy_of: int
    release_sequence: int
    ledger_size: int
    recipient: str
    salt: bytes

    def __post_init__(self) -> None:
        if self.number < 1 or not self.recipient.strip():
            raise BadValue("a copy has a number, and somebody whose it is")
