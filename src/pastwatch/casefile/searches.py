"""The search half of a case: what was asked, every hit by number, and which blocks were opened."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter
from typing import Any, NamedTuple

import numpy as np

from pastwatch.casefile.hitruns import (
    Found,
    HitRun,
    RecordsHit,
    distinct,
    runs_of,
    unpacked,
)
from pastwatch.casefile.papers import Papers, number_of, to_text
from pastwatch.casefile.sqlite import Connection, reading
from pastwatch.errors import BadValue, UsageError
from pastwatch.model.note import Hit

__all__ = ["Found", "OpenedBlock", "OpenedCount", "PlacedHit", "Search", "SearchPapers"]


class PlacedHit(NamedTuple):
    """A hit of the case and where its record stands in the archive."""

    hit: Hit
    pack_id: bytes
    block: int
    row: int


class OpenedBlock(NamedTuple):
    """A block that was decrypted: its records, and those of them outside the scope."""

    pack_id: bytes
    block: int
    records: int
    exposed: int


class OpenedCount(NamedTuple):
    """What a case has opened so far, each block counted once."""

    packs: int
    blocks: int
    records: int
    exposed: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    """A query that was run: its text, the plan shown before it, and its figures once it ended."""

    query_id: str
    text: str
    salt: bytes
    digest: bytes
    by: str
    at_us: int
    plan: Mapping[str, Any]
    hits: int | None = None
    figures: Mapping[str, Any] | None = None
    ended_us: int | None = None

    @property
    def ended(self) -> bool:
        """Whether the search ran to its end and was counted."""
        return self.hits is not None


_SEARCH = (
    "SELECT s.no, s.text, s.salt, s.digest, s.by, s.at_us, s.plan, e.hits, e.figures, e.at_us "
    "FROM searches s LEFT JOIN search_ends e ON e.no = s.no"
)
_RUN = "SELECT last_no, first_no, query_no, pack_id, block, record_ids, value FROM hit_runs"
_ADD_RUN = (
    "INSERT INTO hit_runs (last_no, first_no, query_no, pack_id, block, record_ids, value) "
    "VALUES (?, ?, ?, ?, ?, ?, ?)"
)
_LAST = "SELECT coalesce(max(last_no), 0) FROM hit_runs"
_IDS_AFTER = (
    "SELECT first_no, last_no, record_ids FROM hit_runs "
    "WHERE query_no = ? AND last_no > ? ORDER BY last_no"
)
_EVERY_ID_AFTER = (
    "SELECT query_no, first_no, last_no, record_ids FROM hit_runs WHERE last_no > ? "
    "ORDER BY query_no, last_no"
)
_EXTENTS = "SELECT first_no, last_no FROM hit_runs INDEXED BY hit_runs_in_order WHERE query_no = ?"


class SearchPapers(Papers):
    """Searches q1, q2 …, hits h1, h2 … numbered over the whole case, and opened blocks."""

    def __init__(self, connection: Connection, *, name: str) -> None:
        super().__init__(connection, name=name)
        self._known: dict[int, RecordsHit] = {}
        self._known_to = 0  # of all searches the hits up to this number are known

    def add_search(
        self,
        text: str,
        *,
        salt: bytes,
        digest: bytes,
        by: str,
        at_us: int,
        plan: Mapping[str, Any],
    ) -> str:
        """Note a query before it runs, with the plan that was shown; gives its id, as q1."""
        with self._change() as change:
            cursor = change.execute(
                "INSERT INTO searches (text, salt, digest, by, at_us, plan) "
                "VALUES (?, ?, ?, ?, ?, ?)",
                (text, salt, digest, by, at_us, to_text(plan)),
            )
            return f"q{cursor.lastrowid}"

    def finish_search(
        self, query_id: str, *, hits: int, figures: Mapping[str, Any], at_us: int
    ) -> None:
        """Note that a search ended; BadValue when `hits` is not the number of hits kept."""
        with self._change() as change:
            query_no = self._running(query_id)
            if hits != self.count_hits(query_id):
                raise BadValue(f"search {query_id} ended with another number of hits than it kept")
            change.execute(
                "INSERT INTO search_ends (no, hits, figures, at_us) VALUES (?, ?, ?, ?)",
                (query_no, hits, to_text(figures), at_us),
            )

    def search(self, query_id: str) -> Search:
        """One search by its id; UsageError when there is none."""
        rows = self._rows(f"{_SEARCH} WHERE s.no = ?", number_of("q", query_id))
        if not rows:
            raise UsageError(f"this case has no search {query_id}")
        return _search(rows[0])

    def searches(self) -> list[Search]:
        """Every search of the case, in order."""
        return [_search(row) for row in self._rows(f"{_SEARCH} ORDER BY s.no")]

    def add_hits(self, query_id: str, found: Sequence[Found]) -> list[str]:
        """Keep hits of a search that runs, durably; gives their ids in the same order.

        A record is one hit a search: found again, it keeps the id and the place it has.
        """
        numbered = self.add_runs(query_id, runs_of(found))
        return [f"h{no}" for numbers in numbered for no in numbers]

    def add_runs(self, query_id: str, runs: Sequence[HitRun]) -> list[Sequence[int]]:
        """As `add_hits`, of hits as columns; gives the numbers of each run's hits."""
        with self._change() as change:
            query_no = self._running(query_id)
            known = self._records_hit(query_no)
            next_no = self._count(_LAST) + 1
            ids = b"".join(run.record_ids for run in runs)
            if known.may_repeat(ids):
                numbered, kept = _but_known(runs, known, next_no)
            else:
                numbered, kept = [], list(runs)
                for run in runs:
                    numbered.append(range(next_no, next_no + len(run)))
                    next_no += len(run)
            added = _add(change, query_no, kept, self._count(_LAST) + 1)
        known.add(b"".join(run.record_ids for run in kept), np.array(added, np.int64))
        return numbered

    def count_hits(self, query_id: str) -> int:
        """How many records a search has hit so far, exactly."""
        return sum(last - first + 1 for first, last in self._extents(number_of("q", query_id)))

    def hits(
        self, query_id: str | None = None, *, offset: int = 0, limit: int = 50
    ) -> list[PlacedHit]:
        """A page of the hits of a search, or of the whole case, in order of their numbers."""
        if offset < 0 or limit < 0:
            raise UsageError("a page starts at 0 or later and has 0 hits or more")
        if query_id is None:
            # Nothing is ever deleted: the nth hit of the case is number n.
            return list(self._hits("last_no > ?", offset, first=offset + 1, limit=limit))
        query_no = number_of("q", query_id)
        passed = 0
        for first, last in self._extents(query_no):
            if passed + last - first >= offset:
                of_search = "query_no = ? AND last_no >= ?"
                start = first + offset - passed
                return list(self._hits(of_search, query_no, last, first=start, limit=limit))
            passed += last - first + 1
        return []

    def hit(self, hit_id: str) -> PlacedHit:
        """One hit by its id; UsageError when there is none."""
        number = number_of("h", hit_id)
        for placed in self._hits("last_no >= ?", number, first=number, limit=1):
            return placed
        raise UsageError(f"this case has no hit {hit_id}")

    def hits_of(self, record_id: bytes) -> list[PlacedHit]:
        """Every hit on one record, over all searches, in order of their numbers."""
        found = (known.number(record_id) for known in self._every_record_hit().values())
        return [self.hit(f"h{no}") for no in sorted(found) if no]

    def count_hit_records(self, query_ids: Sequence[str] = ()) -> int:
        """How many records these searches have hit, or any of the case, each counted once."""
        numbers = {number_of("q", query_id) for query_id in query_ids}
        some = [self._records_hit(query_no) for query_no in sorted(numbers)]
        known = some if query_ids else self._every_record_hit().values()
        return distinct(b"".join(one.record_ids() for one in known))

    def _hits(self, where: str, *values: Any, first: int, limit: int) -> Iterator[PlacedHit]:
        """So many hits from number `first` on, of the runs that are meant."""
        if not limit:
            return
        with reading(of=self._name):
            rows = self._connection.execute(f"{_RUN} WHERE {where} ORDER BY last_no", values)
            for last_no, first_no, query_no, pack_id, block, record_ids, value in rows:
                run = unpacked(pack_id, block, record_ids, value)
                for no in range(max(first, first_no), last_no + 1):
                    yield _placed(run, no - first_no, no=no, query_no=query_no)
                    limit -= 1
                    if not limit:
                        return

    def _extents(self, query_no: int) -> list[tuple[Any, ...]]:
        """The first and the last number of each run of a search, in order."""
        return self._rows(f"{_EXTENTS} ORDER BY last_no", query_no)

    def _records_hit(self, query_no: int) -> RecordsHit:
        """What a search has hit; read on from where it was read before."""
        known = self._known.setdefault(query_no, RecordsHit())
        rows = self._rows(_IDS_AFTER, query_no, known.last)
        if rows:
            _note(known, rows)
        return known

    def _every_record_hit(self) -> dict[int, RecordsHit]:
        """As `_records_hit`, of every search at once."""
        rows = self._rows(_EVERY_ID_AFTER, self._known_to)
        for query_no, some in groupby(rows, itemgetter(0)):
            known = self._known.setdefault(query_no, RecordsHit())
            runs = [(first, last, ids) for _, first, last, ids in some if last > known.last]
            if runs:
                _note(known, runs)
        self._known_to = max((last for _, _, last, _ in rows), default=self._known_to)
        return self._known

    def add_opened(self, blocks: Iterable[OpenedBlock], *, at_us: int) -> int:
        """Note blocks that were decrypted; gives how many were not opened in this case before."""
        with self._change() as change:
            cursor = change.executemany(
                "INSERT INTO opened (pack_id, block, records, exposed, at_us) "
                "VALUES (?, ?, ?, ?, ?) ON CONFLICT (pack_id, block) DO NOTHING",
                ((*block, at_us) for block in blocks),
            )
            return max(cursor.rowcount, 0)

    def count_opened(self) -> OpenedCount:
        """What the case has opened so far: the *actual* figures beside bound and estimate."""
        row = self._rows(
            "SELECT count(DISTINCT pack_id), count(*), coalesce(sum(records), 0), "
            "coalesce(sum(exposed), 0) FROM opened"
        )[0]
        return OpenedCount(*map(int, row))

    def _running(self, query_id: str) -> int:
        if self.search(query_id).ended:
            raise UsageError(f"search {query_id} has ended", hint="run the query again")
        return number_of("q", query_id)


def _note(known: RecordsHit, runs: Sequence[tuple[Any, ...]]) -> None:
    """Note runs, each as its first number, its last and its ids."""
    numbers = [np.arange(first, last + 1) for first, last, _ in runs]
    known.add(b"".join(ids for _, _, ids in runs), np.concatenate(numbers))


def _add(change: Connection, query_no: int, runs: Sequence[HitRun], next_no: int) -> list[int]:
    """Write these runs, numbered from here on, but for empty ones; gives the numbers."""
    first_no, rows = next_no, []
    for run in filter(len, runs):
        last_no = next_no + len(run) - 1
        place = (run.pack_id, run.block, run.record_ids, run.packed())
        rows.append((last_no, next_no, query_no, *place))
        next_no = last_no + 1
    change.executemany(_ADD_RUN, rows)
    return list(range(first_no, next_no))


def _but_known(
    runs: Sequence[HitRun], known: RecordsHit, next_no: int
) -> tuple[list[Sequence[int]], list[HitRun]]:
    """The number of each hit, and what of the runs is new."""
    mine: dict[bytes, int] = {}
    numbered: list[Sequence[int]] = []
    kept: list[HitRun] = []
    for run in runs:
        numbers, new = [], []
        for at in range(len(run)):
            record_id = run.record_id(at)
            number = mine.get(record_id) or known.number(record_id)
            if not number:
                number = mine[record_id] = next_no
                next_no += 1
                new.append(at)
            numbers.append(number)
        numbered.append(numbers)
        if new:
            kept.append(run.kept(new))
    return numbered, kept


def _placed(run: HitRun, at: int, *, no: int, query_no: int) -> PlacedHit:
    citation = run.citation(at)
    hit = Hit(
        hit_id=f"h{no}",
        query_id=f"q{query_no}",
        record_id=citation.record_id,
        citation=citation,
        spans=run.spans_of(at),
    )
    return PlacedHit(hit, run.pack_id, run.block, run.row(at))


def _search(row: tuple[Any, ...]) -> Search:
    no, text, salt, digest, by, at_us, plan, hits, figures, ended_us = row
    return Search(
        query_id=f"q{no}",
        text=text,
        salt=salt,
        digest=digest,
        by=by,
        at_us=at_us,
        plan=json.loads(plan),
        hits=hits,
        figures=None if figures is None else json.loads(figures),
        ended_us=ended_us,
    )
