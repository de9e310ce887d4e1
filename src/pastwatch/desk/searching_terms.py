"""A list of search terms over a slice: one look for all of them, then the report a term at a time."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from pathlib import Path

from pastwatch.desk.case import CaseWork
from pastwatch.desk.searching import known_of
from pastwatch.desk.slicereading import blocks_of
from pastwatch.errors import UsageError
from pastwatch.stages.lookback.rank import whole_word
from pastwatch.stages.lookback.scan import Figures
from pastwatch.stages.lookback.termsreport import (
    AskedTerm,
    TermCounts,
    TermsReport,
    read_terms,
    written,
    written_accounts,
)
from pastwatch.stages.lookback.termsreport_runs import Spans

LISTS = frozenset((".txt", ".list"))


@dataclass(frozen=True, slots=True)
class Reported:
    """A report with the search it rests on; no search where no term could be asked."""

    report: TermsReport
    query_id: str | None
    figures: Figures

    def as_csv(self) -> str:
        """A line a term."""
        return written(self.report)

    def accounts_as_csv(self) -> str:
        """A line a term and account."""
        return written_accounts(self.report)


def report_terms(case: CaseWork, path: Path, *, cancel: threading.Event | None = None) -> Reported:
    """Ask every term of a CSV file (or of a `.txt`, a line each) at once, and count each.

    The one look for all of them is kept with its hits, as every look. A term that does not parse
    is counted as an error by its line. UsageError where the file cannot be read.
    """
    try:
        octets = path.read_bytes()
    except OSError as wrong:
        raise UsageError(f'"{path.name}" cannot be read') from wrong
    terms = read_terms(octets, plain=path.suffix.lower() in LISTS, zone=_zone(case))
    counts = TermCounts(terms, known_of(case, ("family",)))
    asked = [term for term in terms if term.root is not None]
    if not asked:
        return Reported(counts.report(), None, Figures())
    look = case.look(_together(asked), cancel=cancel)
    spans = Spans()
    for found in look:
        spans.add(found.ref.pack_id, found.ref.block, found.ref.row, found.spans)
    blocks = [ref for ref in case.gate.blocks if spans.holds(ref.pack_id, ref.block)]
    for block in blocks_of(case, purpose="terms", blocks=blocks, cancel=cancel):
        counts.add(block, spans.within(block))
    return Reported(counts.report(), look.query_id, look.figures)


def _together(terms: list[AskedTerm]) -> str:
    """One query for all; whole words stand in a group of their own, which is looked for at once."""
    words = [t.text for t in terms if t.root is not None and whole_word(t.root)]
    rest = [f"({t.text})" for t in terms if t.root is None or not whole_word(t.root)]
    group = [f"({' OR '.join(words)})"] if words else []
    return " OR ".join([*group, *rest])


def _zone(case: CaseWork) -> str:
    offset_s = case.event.zone_offset_s
    sign = "-" if offset_s < 0 else "+"
    return f"{sign}{abs(offset_s) // 3600:02d}:{abs(offset_s) // 60 % 60:02d}"
