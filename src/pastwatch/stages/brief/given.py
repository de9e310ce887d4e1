"""All that a brief is made from: frozen values the desk fills in and hands over."""

from __future__ import annotations

from dataclasses import dataclass

from pastwatch.archive.leaves import Proof
from pastwatch.model.assessment import Coverage, Finding
from pastwatch.model.authority import Authority, Event
from pastwatch.model.negative import Negative
from pastwatch.model.record import Citation, Record
from pastwatch.model.source import Gap, Handover, LawfulBasis

LIMITS = (
    "A seal proves unchanged since we got it, never genuine.",
    "A time stated by a sender or a device is a claim, not a measurement.",
    "What was never collected, and what happened without leaving a record, is not covered.",
    "The ledger shows what was opened through this program, not what was done outside it.",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceNote:
    """Where records came from, on what basis, and what is missing of them.

    `held_from_us` and `held_until_us` are the earliest and latest time of the records held (None:
    no dated record); `received_us` is when we got them. `entries`: ledger sequences behind it;
    `checked`: what checks of authenticity saw in its cited records, one line a check.
    """

    name: str
    medium: str
    lawful_basis: LawfulBasis
    document: str
    handover: Handover | None
    received_us: int
    held_from_us: int | None
    held_until_us: int | None
    records: int
    entries: tuple[int, ...]
    gaps: tuple[Gap, ...] = ()
    source_id: str = ""
    checked: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Bin:
    """How many records of a source stand in a stretch of time, and how many the brief cites."""

    start_us: int
    end_us: int
    source: str
    records: int
    cited: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchNote:
    """One search as it was run: the machine form of "we looked"."""

    query: str
    at_us: int
    by: str
    scanned: int
    hits: int
    shown: int
    blocks_opened: int
    entries: tuple[int, ...]
    estimate_blocks: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """How far something reaches; None where a figure is not known at that step."""

    packs: int | None = None
    blocks: int | None = None
    records: int | None = None
    bytes: int | None = None
    accounts: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReachNote:
    """How far the authority could reach, three figures apart, and what lay beside it in blocks."""

    bound: Figures
    estimate: Figures
    actual: Figures
    exposed: int
    entries: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CitedRecord:
    """A record the brief shows: its label, its proof, and the stretches to highlight.

    `entry_bytes` are the exact bytes of the ledger entry that committed its pack.
    """

    label: str
    record: Record
    source: str
    proof: Proof
    entry_bytes: bytes
    quotes: tuple[Citation, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A sentence of a chapter before it has its number, with what it stands on.

    In a stretch with columns it is a row of its table: the cells of `text` stand apart by tabs.
    """

    kind: str
    text: str
    citations: tuple[Citation, ...] = ()
    ledger: tuple[int, ...] = ()
    coverage: Coverage | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """A drawing of a chapter: an SVG that fetches nothing, and what it shows in words."""

    name: str
    svg: str
    caption: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """Lines of a chapter that belong together; with `columns`, a table of as many cells a line."""

    heading: str
    lines: tuple[Line, ...] = ()
    anchor: str = ""
    columns: tuple[str, ...] = ()
    picture: Picture | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Chapter:
    """A section of the brief that a room of the desk made; it stands after the section named."""

    key: str
    title: str
    stretches: tuple[Stretch, ...]
    after: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Edition:
    """Which version of the brief this is, what it supersedes, and whose copy it is.

    `number` counts from 1; `supersedes` is the ledger entry that released the version before (-1:
    none); `lines` say what changed since; `copy` is a recipient's number (0: the original).
    `released` says what was replaced in a version made to be handed out, empty in one that is whole.
    `stale` is for each finding that rests on what changed since: its name, and what changed.
    """

    number: int = 1
    supersedes: int = -1
    lines: tuple[str, ...] = ()
    copy: int = 0
    released: tuple[str, ...] = ()
    stale: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class BriefInput:
    """Everything a brief says, before it is put into sentences.

    `ledger_state` is printed in the header strip, as in "41 entries, root 9f3ab2c4". `warnings`
    are the program's own words about how far it may be trusted here; `notes` are working notes.
    """

    title: str
    event: Event
    authority: Authority
    archive_id: str
    case_id: str
    made_us: int
    made_by: str
    ledger_state: str
    event_entries: tuple[int, ...]
    authority_entries: tuple[int, ...]
    sources: tuple[SourceNote, ...]
    findings: tuple[Finding, ...]
    coverage: Coverage
    reach: ReachNote
    timeline: tuple[Bin, ...] = ()
    searches: tuple[SearchNote, ...] = ()
    cited: tuple[CitedRecord, ...] = ()
    warnings: tuple[str, ...] = ()
    limits: tuple[str, ...] = LIMITS
    notes: tuple[str, ...] = ()
    chapters: tuple[Chapter, ...] = ()
    negatives: tuple[Negative, ...] = ()
    edition: Edition = Edition()
