"""What is taken out of a case in a format of others: records, parties, findings, and what stays."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from pastwatch.errors import BadValue
from pastwatch.model.assessment import Finding
from pastwatch.model.authority import Authority, Event
from pastwatch.model.record import Record
from pastwatch.model.source import Source


@dataclass(frozen=True, slots=True, kw_only=True)
class TakenRecord:
    """A record as it is taken out: its number in the export, and what persons said of it.

    `number` counts from 1 in the order of time, undated ones last. `parent_id` is the record it
    answers, where that is known; `thread` the name of the thread it stands in. `cited_in` names the
    findings that cite it; `judgements` are "person: word", the latest of each; `is_context` says
    that it was taken for a neighbour's sake.
    """

    number: int
    record: Record
    source: str
    parent_id: bytes | None = None
    thread: str = ""
    cited_in: tuple[str, ...] = ()
    judgements: tuple[str, ...] = ()
    is_context: bool = False

    def __post_init__(self) -> None:
        if self.number < 1:
            raise BadValue("records of an export are numbered from 1")


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """All that an export is made from; `records` can be gone through once.

    With `pseudonymous`, parties, accounts and names stand under pseudonyms already, which are the
    same throughout the export. `basis` says which records these are. `originals` gives the exact
    bytes of a record as it was collected, where the export is of records under their own names.
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
    originals: Callable[[bytes], bytes] | None = None


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
