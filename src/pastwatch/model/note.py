"""What people and programs add to a case: hits, annotations, judgements, notes; append-only."""

from __future__ import annotations

import enum
from dataclasses import dataclass

from pastwatch.errors import BadValue
from pastwatch.model.record import Citation


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """A place in a record that a query matched; the first span is the citation."""

    hit_id: str
    query_id: str
    record_id: bytes
    citation: Citation
    spans: tuple[tuple[int, int, int], ...]  # (part, start_byte, end_byte)


@dataclass(frozen=True, slots=True, kw_only=True)
class Annotation:
    """A value somebody or something derived from a record, with its maker and version."""

    record_id: bytes
    kind: str
    value: str
    maker: str
    version: str
    confidence_p: float | None = None
    part: int = 0
    start_byte: int | None = None
    end_byte: int | None = None

    def __post_init__(self) -> None:
        if not self.maker or not self.version:
            raise BadValue("an annotation names its maker and version")


class Code(enum.StrEnum):
    """How a reviewer judges a record."""

    RELEVANT = "relevant"
    NOT_RELEVANT = "not-relevant"
    UNSURE = "unsure"
    DEFER = "defer"
    PROTECTED = "protected"


class Mode(enum.StrEnum):
    """How a record came before a reviewer; what a draw counts depends on it."""

    CHOSEN = "chosen"
    """Picked by the reviewer: a hit, a search, a neighbour."""
    RANKED = "ranked"
    EXPLORED = "explored"
    """Put forward for its difference, against topic lock-in."""
    CONTROL = "control"
    """Of the random control sample."""
    REST = "rest"
    """Drawn at random from what was left unread."""
    OVERLAP = "overlap"
    """Judged blind by two."""
    ADJUDICATED = "adjudicated"
    FAMILY = "family"
    """Given with another of its family, after a preview."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """One reviewer's decision on one record at one time."""

    record_id: bytes
    code: Code
    reviewer: str
    at_us: int
    note: str = ""

    def __post_init__(self) -> None:
        if not isinstance(self.code, Code):
            raise BadValue("a judgement carries a code")
        if self.code is Code.DEFER and not self.note.strip():
            raise BadValue("a deferred record says why")


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """What somebody wrote beside a record, and beside which hit."""

    note_id: str
    record_id: bytes
    text: str
    by: str
    at_us: int
    hit_id: str | None = None

    def __post_init__(self) -> None:
        if not self.text.strip() or not self.by:
            raise BadValue("a note says something, and who wrote it")
