"""What a reader may know of a world: its files, its event, the reports, and no truth."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class TownSource:
    """One export file of the town and how to read it."""

    name: str
    path: Path
    connector: str
    options: Mapping[str, object]
    """What the connector must be told: epoch, zone, or which field of a row holds what."""
    medium: str
    records: int
    """All records of the file, membership events of a group among them."""
    membership_events: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """A query that somebody who has read only the reports would try, and why."""

    query: str
    report: str
    """The report's file name."""
    quotation: str
    """The sentence of the report that the words come from."""
    about: str
    """"seen" for what was seen at the place, "suspect" for a name the reports bring up."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """Files that an investigator is given beside the records, and where the event took place."""

    directory: Path
    """A staff list (CSV): name, post, mail, room, telephone."""
    directory_dated: str
    """The date that the staff list bears."""
    exhibit: Path
    """A laboratory's note on two swabs."""
    track: Path
    """Positions of the utility's vans (CSV)."""
    latitude: float
    longitude: float


@dataclass(frozen=True, slots=True, kw_only=True)
class TownPlan:
    """A built world as an outsider sees it; nothing here says whether anything was planted."""

    seed: int
    title: str
    event_us: int
    place: str
    zone: str
    start_us: int
    end_us: int
    reports: Path
    """The folder of the reports."""
    references: tuple[str, ...]
    """The reports' file names, the first published first."""
    sources: tuple[TownSource, ...]
    questions: tuple[Question, ...]
    evidence: Evidence
    protected: tuple[str, ...]
    """Addresses a policy would withhold: a lawyer's."""

    @property
    def records(self) -> int:
        """The records of all sources together."""
        return sum(source.records for source in self.sources)


@dataclass(frozen=True, slots=True, kw_only=True)
class Shares:
    """How many records each medium of a world holds."""

    mail: int
    group: int
    room: int
    radio: int


def shares_of(records: int) -> Shares:
    """A third of the records is mail; the rest is short. The four add up to `records`."""
    mail, room, radio = records * 32 // 100, records * 22 // 100, records * 14 // 100
    return Shares(mail=mail, group=records - mail - room - radio, room=room, radio=radio)
