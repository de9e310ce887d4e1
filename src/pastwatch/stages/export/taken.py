"""What is taken out of a case in a format of others: records, parties, findings, and what stays."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from pastwatch.errors import BadValue
from pastwatch.model.assessment import Finding
from pastwatch.model.authority import Authority, Event
from pastwatch.model.grading import ItemGrade, SourceGrade
from pastwatch.model.party import Actor
from pastwatch.model.record import Record
from pastwatch.model.source import Source


@dataclass(frozen=True, slots=True, kw_only=True)
class TakenRecord:
    """A record as it is taken out: its number in the export, and what persons said of it.

    `number` counts from 1 in the order of time, undated ones last. `parent_id` is the record it
    answers, where that is known; `thread` the name of the thread it stands in. `cited_in` names the
    findings that cite it; `judgements` are "person: word", the latest of each; `is_context` says
    that it was taken for a neighbour's sake, and `is_answered` that one taken after it answers it.

    A record that is cited or was judged relevant leaves as it is sealed. Of others, `is_masked` says
    that parties, names and ids in it stand under pseudonyms, so that it is not exact to the byte any
    more; `is_withheld` that its words were kept back: subject, text and parts are empty. `original`
    is the exact bytes it was collected as, where they were asked for and may leave.
    """

    number: int
    record: Record
    source: str
    parent_id: bytes | None = None
    thread: str = ""
    cited_in: tuple[str, ...] = ()
    judgements: tuple[str, ...] = ()
    is_context: bool = False
    is_answered: bool = False
    is_masked: bool = False
    is_withheld: bool = False
    original: bytes | None = None

    def __post_init__(self) -> None:
        if self.number < 1:
            raise BadValue("records of an export are numbered from 1")


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """All that an export is made from; `records` can be gone through once.

    With `pseudonymous`, whoever stands in no record that is cited or relevant is under a pseudonym
    already, the same throughout the case. `basis` says which records these are, `withheld_count` how
    many more would be among them and were judged protected: nothing of those is here. `actors` are
    those argued to stand behind accounts under their own names; grades are those that stand.
    """

    case_id: str
    archive_id: str
    event: Event
    authority: Authority
    made_us: int
    made_by: str
    basis: str
    pseudonymous: bool
    sources: tuple[Source, ...]
    findings: tuple[Finding, ...]
    records: Iterable[TakenRecord]
    record_count: int
    withheld_count: int = 0
    bates_prefix: str = "PW"
    source_grades: tuple[SourceGrade, ...] = ()
    item_grades: tuple[ItemGrade, ...] = ()
    actors: tuple[Actor, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class LeftBehind:
    """Something the format could not hold: what, how many, and why."""

    what: str
    count: int
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Exported:
    """What an export wrote: its files, how many of what it holds, and what it left out."""

    files: tuple[str, ...]
    counts: tuple[tuple[str, int], ...]
    left_out: tuple[LeftBehind, ...] = ()
