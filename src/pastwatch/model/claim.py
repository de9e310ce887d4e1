"""What reports say, who says it, through whom it came, and to how many roots it goes back."""

from __future__ import annotations

import enum
from dataclasses import dataclass

from pastwatch.errors import BadValue
from pastwatch.model.record import Citation


class Stance(enum.StrEnum):
    """How a speaker stands to the statement."""

    ASSERTS = "asserts"
    DENIES = "denies"
    HEDGES = "hedges"
    """Says it with doubt: suspects, believes, may, appears."""
    ATTRIBUTES = "attributes"
    """Passes on what somebody else said."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """A number as said, and between what it lies; an open end is None ("at least 83")."""

    text: str
    start_byte: int
    end_byte: int
    low: float | None = None
    high: float | None = None
    of: str = ""
    """What is counted, as said."""

    def __post_init__(self) -> None:
        if self.start_byte >= self.end_byte:
            raise BadValue("a figure stands somewhere in the text")
        if self.low is not None and self.high is not None and self.low > self.high:
            raise BadValue("a figure's low end is above its high end")


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeSaid:
    """A time as said, and the stretch that it can mean; without a stretch where nothing tells it."""

    text: str
    start_byte: int
    end_byte: int
    earliest_us: int | None = None
    latest_us: int | None = None

    def __post_init__(self) -> None:
        if (self.earliest_us is None) != (self.latest_us is None):
            raise BadValue("a time said has both ends or none")
        if (self.earliest_us or 0) > (self.latest_us or 0):
            raise BadValue("a time said ends before it begins")


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """A statement in a report: who says it, to whom, through whom it came, and how strongly.

    `who_says` is the one the words go back to, as the report names them; "" is the report itself.
    `via` lists those it came through, from the root outward. Byte offsets are into the cited part.
    """

    claim_id: str
    report_id: bytes
    who_says: str
    statement: str
    stance: Stance
    citation: Citation
    maker: str
    version: str
    to_whom: str = ""
    via: tuple[str, ...] = ()
    figures: tuple[Figure, ...] = ()
    times: tuple[TimeSaid, ...] = ()
    cue: str = ""
    """The words that show that something is said: "said", "according to", "denied"."""
    sentence: tuple[int, int] = (0, 0)
    """The bytes of the sentence it stands in."""
    unnamed: bool = False
    """Whether who says it is nobody by name: "a senior official"."""

    def __post_init__(self) -> None:
        if not self.statement.strip():
            raise BadValue("a claim states something")
        if not isinstance(self.stance, Stance):
            raise BadValue("a claim has a stance")
        if self.citation.record_id != self.report_id:
            raise BadValue("a claim cites its own report")
        if not self.maker or not self.version:
            raise BadValue("a claim names its maker and version")


@dataclass(frozen=True, slots=True, kw_only=True)
class Root:
    """Where a statement begins, as far as it is told: who, in which report or by what means.

    `interest` says on whose side it stands, where that is known: roots of one interest are separate
    and still not independent.
    """

    name: str
    claims: tuple[str, ...]
    reason: str
    interest: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lineage:
    """One statement over several reports: its claims, and to between how many roots it goes back."""

    statement: str
    claims: tuple[str, ...]
    reports: tuple[bytes, ...]
    roots: tuple[Root, ...]
    roots_at_least: int
    roots_at_most: int
    reasons: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not self.claims:
            raise BadValue("a lineage is of at least one claim")
        if len({root.name for root in self.roots}) != len(self.roots):
            raise BadValue("a root counts once")
        if not 0 <= self.roots_at_least <= self.roots_at_most:
            raise BadValue("a statement has at least as many roots as its least number")


class Reliability(enum.StrEnum):
    """How reliable a source has been (Admiralty code, letters)."""

    A = "A"
    B = "B"
    C = "C"
    D = "D"
    E = "E"
    F = "F"


@dataclass(frozen=True, slots=True, kw_only=True)
class Grade:
    """Reliability of the source and credibility of the item, side by side; never averaged."""

    reliability: Reliability
    credibility: int

    def __post_init__(self) -> None:
        if not 1 <= self.credibility <= 6:  # noqa: PLR2004 - Admiralty code
            raise BadValue("credibility is 1 to 6")
