"""What a review hands to its faces: a record in its turn, what surrounds it, and how far it is."""

from __future__ import annotations

from dataclasses import dataclass

from pastwatch.casefile.reviewing import Judged
from pastwatch.model.note import Mode, Note
from pastwatch.model.record import Record


@dataclass(frozen=True, slots=True, kw_only=True)
class Served:
    """A record put before a reviewer: how it came to its turn, and what they themselves said of it.

    What others said, noted or tagged is left out while the record is to be judged blind.
    """

    record: Record
    source: str
    mode: Mode
    draw: int | None
    rank: int | None
    own: Judged | None
    notes: tuple[Note, ...]
    tags: tuple[str, ...]

    @property
    def record_id(self) -> bytes:
        """The id of the record."""
        return self.record.record_id


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """Records of the same conversation either side: logged as shown, and not judged by that."""

    before: tuple[Record, ...]
    after: tuple[Record, ...]
    more_before: bool
    more_after: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far the review is, a record counted once: relevant where anybody said so."""

    records: int
    relevant: int
    not_relevant: int
    unsure: int
    deferred: int
    protected: int
    mine: int
    draws: tuple[tuple[int, str, int, int], ...]  # number, purpose, judged, drawn
    ranked: bool
    learnt_from: int
    bound: str

    @property
    def judged(self) -> int:
        """Records somebody settled; those only deferred are not."""
        return self.relevant + self.not_relevant + self.unsure + self.protected

    @property
    def unread(self) -> int:
        """Records nobody judged in any way."""
        return self.records - self.judged - self.deferred
