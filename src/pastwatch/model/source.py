"""Where records come from, on what lawful basis, and what was lost on the way."""

from __future__ import annotations

import enum
import re
from dataclasses import dataclass

from pastwatch.errors import BadValue
from pastwatch.model.when import Span

NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")


class LawfulBasis(enum.StrEnum):
    """On what ground the material is held."""

    OWN = "own"
    CONSENT = "consent"
    ORDER = "order"
    STATUTE = "statute"
    PUBLISHED = "published"
    OTHER = "other"


@dataclass(frozen=True, slots=True, kw_only=True)
class Handover:
    """How the material came to us: who acquired it, from what, when, with which tool."""

    acquired_by: str
    acquired_from: str
    acquired_at: str
    tool: str = ""
    sha256: str = ""
    left_out: str = ""
    received_us: int | None = None

    def __post_init__(self) -> None:
        if not self.acquired_by or not self.acquired_from or not self.acquired_at:
            raise BadValue("a handover names who acquired the material, from what, and when")


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A stream of records from one place on one medium, held on a stated lawful basis."""

    source_id: str
    name: str
    medium: str
    lawful_basis: LawfulBasis
    held_since_us: int
    document_sha256: str = ""
    retention_s: int | None = None
    live: bool = False
    lag_s: int = 86_400

    def __post_init__(self) -> None:
        if not NAME.fullmatch(self.name):
            raise BadValue(
                f'"{self.name}" is not a source name',
                hint="use lower-case letters, digits, dots and dashes, as in ministry-mail",
            )
        if not isinstance(self.lawful_basis, LawfulBasis):
            raise BadValue("a source needs a lawful basis")

    @property
    def document(self) -> str:
        """The document behind the basis: its hash, or the words that there is none."""
        return self.document_sha256 or "no document"


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """Bytes that could not become records: how many, why, and how many records they may hide."""

    source_id: str
    reason: str
    bytes: int
    lost_records_at_most: int | None = None
    span: Span | None = None
    container: str = ""
    offset: int | None = None

    def __post_init__(self) -> None:
        if self.bytes < 0 or not self.reason:
            raise BadValue("a gap has a reason and a number of bytes")
