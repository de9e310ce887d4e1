"""What reports say, who says it, and to how many roots it goes back."""

from __future__ import annotations

import enum
from dataclasses import dataclass

from pastwatch.errors import BadValue
from pastwatch.model.record import Citation


class Stance(enum.StrEnum):
    """How a report stands to the statement it carries."""

    ASSERTS = "asserts"
    DENIES = "denies"
    HEDGES = "hedges"
    ATTRIBUTES = "attributes"


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """A statement in a report: who says it, who is said to have said it, and how strongly."""

    claim_id: str
    report_id: str
    who_says: str
    says_whom: str
    statement: str
    stance: Stance
    citation: Citation
    figure: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lineage:
    """Where a claim comes from: its roots, and the reports it came through."""

    claim_id: str
    roots: tuple[str, ...]
    via: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if len(set(self.roots)) != len(self.roots):
            raise BadValue("a root counts once")


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
