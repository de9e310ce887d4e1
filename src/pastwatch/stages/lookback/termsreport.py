"""A list of search terms counted in one pass: hits, hits of that term alone, families, custodians."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from importlib.util import find_spec
from typing import Final

import numpy as np
import numpy.typing as npt

from pastwatch.archive.block import OpenBlock
from pastwatch.errors import BadQuery, UsageError
from pastwatch.matching.compile import Plan, asks_facts, compile_query
from pastwatch.matching.engines import PythonFinder
from pastwatch.matching.finder import Finder, nothing_found
from pastwatch.matching.matcher import RecordFacts
from pastwatch.matching.parse import parse
from pastwatch.matching.scanner import BlockScanner
from pastwatch.matching.settle import Known as Numbered
from pastwatch.matching.settle import Settled
from pastwatch.model.cell import inert
from pastwatch.model.query import Node, Query
from pastwatch.stages.lookback.facets import NONE, Known, values_of
from pastwatch.stages.lookback.rank import lanes_in
from pastwatch.stages.lookback.termsreport_runs import Runs, has_pattern, is_run

HEADS: Final = frozenset(("term", "terms", "query", "search term", "search terms"))
Int64s = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedTerm:
    """A term as the list has it: asked, or not because it does not parse or repeats another."""

    line: int
    text: str
    root: Node | None = None
    error: str = ""
    repeats: int = 0
    """The line of the same text that is counted in its place."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TermLine:
    """What one term found: records, those no other term found, families, and whose they are."""

    asked: AskedTerm
    hits: int = 0
    unique_hits: int = 0
    families: int = 0
    sources: Mapping[str, int] = field(default_factory=dict)
    accounts: Mapping[str, int] = field(default_factory=dict)

    @property
    def status(self) -> str:
        """`found`, `none`, or why it was not asked."""
        if self.asked.error:
            return f"error: {self.asked.error}"
        if self.asked.repeats:
            return f"repeats line {self.asked.repeats}"
        return "found" if self.hits else "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class TermsReport:
    """Every line of the list with its figures, and those of all terms together."""

    lines: tuple[TermLine, ...]
    records: int
    """Records that any of the terms found."""
    families: int
    timed_out: int

    def ended(self, status: str) -> list[TermLine]:
        """The lines of a status: found, none, error, repeats."""
        return [line for line in self.lines if line.status.split(":")[0].split(" ")[0] == status]


def read_terms(octets: bytes, *, plain: bool = False, zone: str = "UTC") -> list[AskedTerm]:
    """The terms of a CSV file (its column `term`, or the first), or of a plain list a line each.

    Each is a query. UsageError where the file is not UTF-8 text.
    """
    try:
        text = octets.decode("utf-8-sig")
        rows = list(_plain_rows(text) if plain else _rows(text))
    except (UnicodeDecodeError, csv.Error) as wrong:
        raise UsageError("the list of terms is not a UTF-8 text or CSV file") from wrong
    heads = [cell.strip().casefold() for cell in rows[0][1]] if rows and not plain else []
    column = next((n for n, head in enumerate(heads) if head in HEADS), -1)
    if column >= 0:
        rows = rows[1:]
    found: list[AskedTerm] = []
    first: dict[str, int] = {}
    for line, cells in rows:
        term = cells[max(column, 0)].strip() if len(cells) > max(column, 0) else ""
        if term:
            found.append(_asked(line, term, first, zone))
    return found


def _asked(line: int, term: str, first: dict[str, int], zone: str) -> AskedTerm:
    if term in first:
        return AskedTerm(line=line, text=term, repeats=first[term])
    try:
        root = parse(term, zone=zone).root
    except BadQuery as wrong:
        return AskedTerm(line=line, text=term, error=str(wrong))
    first[term] = line
    return AskedTerm(line=line, text=term, root=root)


def _plain_rows(text: str) -> Iterable[tuple[int, list[str]]]:
    return ((number, [line]) for number, line in enumerate(text.splitlines(), 1))


def _rows(text: str) -> Iterable[tuple[int, list[str]]]:
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    line = 1
    for row in reader:
        yield line, row
        line = reader.line_num + 1


class TermCounts:
    """Counts, block by block, which records each term hits; as many objects as terms, none a record.

    Words and phrases are counted from what the look for all terms marked. For the rest one search
    by bytes says which terms may stand in which records, and the exact matcher has the last word.
    """

    def __init__(self, terms: Sequence[AskedTerm], known: Known) -> None:
        self._terms, self._known = tuple(terms), known
        roots = {n: term.root for n, term in enumerate(terms) if term.root is not None}
        # A pattern may mark half a word: then what is marked does not say which words stand there.
        marked = not any(map(has_pattern, roots.values()))
        self._runs = Runs({n: root for n, root in roots.items() if marked and is_run(root)})
        self._others = _Others({n: r for n, r in roots.items() if not (marked and is_run(r))})
        self._names: dict[str, dict[str, int]] = {"source": {}, "sender": {}, "family": {}}
        self._held: list[tuple[Int64s, Int64s]] = []
        self._traits: dict[str, list[tuple[Int64s, Int64s]]] = {kind: [] for kind in self._names}
        self._records = 0
        self.timed_out = 0

    def add(self, block: OpenBlock, places: Int64s) -> None:
        """Count the records of a block, in which one look for all terms marked these places."""
        size = len(block.rows)
        found = list(self._others.found(block, self._known, self))
        if self._runs:
            found += self._runs.found(lanes_in(block), places)
        if found:
            keys = np.unique(np.concatenate([terms * size + rows for terms, rows in found]))
            terms, rows = keys // size, keys % size
            self._held.append((terms, rows + self._records))
            hit = np.unique(rows)
            for kind, names in self._names.items():
                values, numbers, at = values_of(block, hit, kind, self._known)
                table = np.array([_number(names, v, kind) for v in values] or [0], np.int64)
                self._traits[kind].append((hit[at] + self._records, table[numbers]))
        self._records += size

    def report(self) -> TermsReport:
        """The figures of every line."""
        none = np.zeros(0, np.int64)
        held = [np.concatenate(p) for p in zip(*self._held, strict=True)] or [none, none]
        terms, records = held
        count = len(self._terms)
        hits = np.bincount(terms, minlength=count)
        times = np.bincount(records, minlength=self._records)
        unique = np.bincount(terms[times[records] == 1], minlength=count)
        families, every_family = self._families(terms, records)
        by_source = self._by("source", terms, records)
        by_account = self._by("sender", terms, records)
        lines = tuple(
            TermLine(
                asked=term,
                hits=int(hits[n]),
                unique_hits=int(unique[n]),
                families=int(families[n]),
                sources=by_source.get(n, {}),
                accounts=by_account.get(n, {}),
            )
            for n, term in enumerate(self._terms)
        )
        return TermsReport(
            lines=lines,
            records=int((times > 0).sum()),
            families=every_family,
            timed_out=self.timed_out,
        )

    def _families(self, terms: Int64s, records: Int64s) -> tuple[Int64s, int]:
        """How many families each term meets, and all together; a record in none is one by itself."""
        names = self._names["family"]
        of = np.arange(self._records, dtype=np.int64) + len(names) + 1
        for owners, values in self._traits["family"]:
            in_one = values >= 0
            of[owners[in_one]] = values[in_one]
        width = self._records + len(names) + 2
        pairs = np.unique(terms * width + of[records])
        each = np.bincount(pairs // width, minlength=len(self._terms)).astype(np.int64)
        return each, len(np.unique(of[records]))

    def _by(self, kind: str, terms: Int64s, records: Int64s) -> dict[int, dict[str, int]]:
        """By term how many of its records have each value."""
        names = list(self._names[kind])
        if not names:
            return {}
        owners, values = (np.concatenate(p) for p in zip(*self._traits[kind], strict=True))
        of = np.zeros(self._records, np.int64)
        of[owners] = values  # one sender and one source a record
        pairs, counts = np.unique(terms * len(names) + of[records], return_counts=True)
        found: dict[int, dict[str, int]] = {}
        for pair, number in zip(pairs.tolist(), counts.tolist(), strict=True):
            found.setdefault(pair // len(names), {})[names[pair % len(names)]] = number
        return {
            n: dict(sorted(counted.items(), key=lambda c: (-c[1], c[0])))
            for n, counted in found.items()
        }


class _Others:
    """The terms that are no single whole word, looked for together and judged each by itself."""

    def __init__(self, roots: Mapping[int, Node]) -> None:
        plans: dict[int, Plan] = {n: compile_query(Query("", root)) for n, root in roots.items()}
        leaves = {leaf.node: leaf for plan in plans.values() for leaf in plan.leaves}
        self._places = {node: n for n, node in enumerate(leaves)}
        make = Finder if find_spec("hyperscan") else PythonFinder
        self._finder = make(tuple(leaves.values()))
        self._scanners = {n: BlockScanner(plan) for n, plan in plans.items()}
        self._known: dict[int, Numbered] = {n: {} for n in plans}
        self._leaves = {
            n: np.array([self._places[leaf.node] for leaf in plan.leaves], np.int64)
            for n, plan in plans.items()
        }
        nothing = nothing_found(len(leaves), 1)
        self._anywhere = {
            n for n, root in roots.items() if Settled(root, self._places, nothing, known={}).may[0]
        }
        self._roots = roots

    def found(
        self, block: OpenBlock, known: Known, counts: TermCounts
    ) -> Iterable[tuple[Int64s, Int64s]]:
        """(term, place of a record) of a block."""
        if not self._roots:
            return
        size = len(block.rows)
        lanes = lanes_in(block)
        held = self._finder.find(lanes, size) or nothing_found(len(self._places), size)
        stands = np.logical_or.reduce(held.maybe, axis=1)
        for number, root in self._roots.items():
            if number not in self._anywhere and not stands[self._leaves[number]].any():
                continue
            settled = Settled(root, self._places, held, known=self._known[number])
            rows = np.flatnonzero(settled.may & ~settled.unsure)
            unsure = np.flatnonzero(settled.unsure)
            if len(unsure):
                late: list[int] = []
                facts = _facts(block, known.source_names) if asks_facts(root) else None
                judged = self._scanners[number].scan(
                    lanes, size, only=unsure, facts=facts, timed_out=late
                )
                counts.timed_out += len(late)
                rows = np.concatenate((rows, judged.rows))
            if len(rows):
                yield np.full(len(rows), number), rows


def written(report: TermsReport) -> str:
    """The report as CSV, a line a term, with a column for each source; safe in a spreadsheet."""
    sources = sorted({name for line in report.lines for name in line.sources})
    head = ["line", "term", "status", "hits", "unique_hits", "families"]
    rows: list[list[str | int]] = [[*head, *(f"source {name}" for name in sources)]]
    rows += [
        [
            *(line.asked.line, line.asked.text, line.status),
            *(line.hits, line.unique_hits, line.families),
            *(line.sources.get(name, 0) for name in sources),
        ]
        for line in report.lines
    ]
    return _csv(rows)


def written_accounts(report: TermsReport) -> str:
    """By term and account how many records, as CSV; safe in a spreadsheet."""
    rows: list[list[str | int]] = [["line", "term", "account", "hits"]]
    rows += [
        [line.asked.line, line.asked.text, account, hits]
        for line in report.lines
        for account, hits in line.accounts.items()
    ]
    return _csv(rows)


def _csv(rows: Sequence[Sequence[str | int]]) -> str:
    made = io.StringIO(newline="")
    writer = csv.writer(made, quoting=csv.QUOTE_NONNUMERIC, lineterminator="\r\n")
    writer.writerows([[inert(c) if isinstance(c, str) else c for c in row] for row in rows])
    return made.getvalue()


def _number(names: dict[str, int], value: str, kind: str) -> int:
    if kind == "family" and value == NONE:
        return -1
    return names.setdefault(value, len(names))


def _facts(block: OpenBlock, source_names: Mapping[str, str]) -> Callable[[int], RecordFacts]:
    def of(row: int) -> RecordFacts:
        record = block.record(row)
        claimed = record.envelope.claimed
        return RecordFacts(
            sender_address=record.sender.address if record.sender else "",
            sender_name=record.sender.name if record.sender else "",
            recipients=tuple((p.address, p.name) for p in record.recipients),
            source_id=block.ref.source_id,
            source_name=source_names.get(block.ref.source_id, ""),
            earliest_us=claimed.earliest_us if claimed else None,
            latest_us=claimed.latest_us if claimed else None,
        )

    return of
