"""The search half of a case: what was asked, every hit by number, and which blocks were opened."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from pastwatch.casefile.papers import Papers, number_of, to_text
from pastwatch.errors import BadValue, UsageError
from pastwatch.model.note import Hit
from pastwatch.model.record import Citation


class Found(NamedTuple):
    """A hit as the scan hands it over: the citation, where its record stands, and every span."""

    citation: Citation
    pack_id: bytes
    block: int
    row: int
    spans: tuple[tuple[int, int, int], ...]  # (part, start_byte, end_byte)


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
_HIT = (
    "SELECT no, query_no, record_id, pack_id, block, row, part, start_byte, end_byte, "
    "text_sha256, spans FROM hits"
)
# A hit takes the number after the last one; a second one of a (query, record) takes none.
_ADD_HIT = (
    "INSERT INTO hits (query_no, record_id, pack_id, block, row, part, start_byte, end_byte, "
    "text_sha256, spans) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) "
    "ON CONFLICT (query_no, record_id) DO NOTHING"
)


class SearchPapers(Papers):
    """Searches q1, q2 …, hits h1, h2 … numbered over the whole case, and opened blocks."""

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
        with self._change() as change:
            query_no = self._running(query_id)
            first = self._count("SELECT coalesce(max(no), 0) FROM hits") + 1
            change.executemany(_ADD_HIT, (_hit_row(query_no, hit) for hit in found))
            last = self._count("SELECT coalesce(max(no), 0) FROM hits")
            if last - first + 1 == len(found):
                return [f"h{no}" for no in range(first, last + 1)]
            numbers = "SELECT no FROM hits WHERE query_no = ? AND record_id = ?"
            return [f"h{self._count(numbers, query_no, hit.citation.record_id)}" for hit in found]

    def count_hits(self, query_id: str) -> int:
        """How many records a search has hit so far, exactly."""
        query_no = number_of("q", query_id)
        return self._count(
            "SELECT count(*) FROM hits INDEXED BY hits_in_order WHERE query_no = ?", query_no
        )

    def hits(
        self, query_id: str | None = None, *, offset: int = 0, limit: int = 50
    ) -> list[PlacedHit]:
        """A page of the hits of a search, or of the whole case, in order of their numbers."""
        if offset < 0 or limit < 0:
            raise UsageError("a page starts at 0 or later and has 0 hits or more")
        if query_id is None:
            # Nothing is ever deleted: the nth hit of the case is number n.
            rows = self._rows(f"{_HIT} WHERE no > ? ORDER BY no LIMIT ?", offset, limit)
        else:
            # The offset is walked in the index, 4 bytes a hit, not in the table.
            numbers = (
                "SELECT no FROM hits INDEXED BY hits_in_order WHERE query_no = ? "
                "ORDER BY no LIMIT ? OFFSET ?"
            )
            query_no = number_of("q", query_id)
            rows = self._rows(
                f"{_HIT} WHERE no IN ({numbers}) ORDER BY no", query_no, limit, offset
            )
        return [_placed(row) for row in rows]

    def hit(self, hit_id: str) -> PlacedHit:
        """One hit by its id; UsageError when there is none."""
        rows = self._rows(f"{_HIT} WHERE no = ?", number_of("h", hit_id))
        if not rows:
            raise UsageError(f"this case has no hit {hit_id}")
        return _placed(rows[0])

    def hits_of(self, record_id: bytes) -> list[PlacedHit]:
        """Every hit on one record, over all searches, in order of their numbers."""
        query_numbers = "SELECT no FROM searches"
        where = f"WHERE query_no IN ({query_numbers}) AND record_id = ? ORDER BY no"
        return [_placed(row) for row in self._rows(f"{_HIT} {where}", record_id)]

    def count_hit_records(self, query_ids: Sequence[str] = ()) -> int:
        """How many records these searches have hit, or any of the case, each counted once."""
        numbers = [number_of("q", query_id) for query_id in query_ids]
        marks = ", ".join("?" * len(numbers))
        every = "SELECT count(DISTINCT record_id) FROM hits"
        return self._count(f"{every} WHERE query_no IN ({marks})" if numbers else every, *numbers)

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


def _hit_row(query_no: int, found: Found) -> tuple[Any, ...]:
    cited = found.citation
    return (
        *(query_no, cited.record_id, found.pack_id, found.block, found.row),
        *(cited.part, cited.start_byte, cited.end_byte, cited.text_sha256),
        # The same text as `to_text` gives, in a tenth of its time: a look keeps a hit a record.
        f"[{','.join([f'[{a},{b},{c}]' for a, b, c in found.spans])}]",
    )


def _placed(row: tuple[Any, ...]) -> PlacedHit:
    no, query_no, record_id, pack_id, block, place, part, start, end, text_sha256, spans = row
    citation = Citation(
        record_id=record_id, part=part, start_byte=start, end_byte=end, text_sha256=text_sha256
    )
    hit = Hit(
        hit_id=f"h{no}",
        query_id=f"q{query_no}",
        record_id=record_id,
        citation=citation,
        spans=tuple((a, b, c) for a, b, c in json.loads(spans)),
    )
    return PlacedHit(hit, pack_id, block, place)


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
