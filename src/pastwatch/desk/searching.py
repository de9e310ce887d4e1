"""Search in a slice: the hits of a look, ranked, counted by facet, narrowed, and paged to the last."""

from __future__ import annotations

import threading
from array import array
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from pastwatch.archive.block import BlockRef, OpenBlock, RecordRef
from pastwatch.casefile.searches import PlacedHit
from pastwatch.desk.case import CaseWork
from pastwatch.desk.looking import CaseHit, Look
from pastwatch.desk.slicereading import blocks_of
from pastwatch.errors import UsageError
from pastwatch.matching.compile import compile_query
from pastwatch.model.query import Node, Or, Query
from pastwatch.stages.lookback.facets import DERIVED, Facets, Known, among, asked_too
from pastwatch.stages.lookback.plan import plan_look
from pastwatch.stages.lookback.rank import Ranker, asked, ranked
from pastwatch.stages.lookback.scan import Figures

_PAGE = 10_000
_JUDGED = "code"

Int64s = npt.NDArray[np.int64]
Float64s = npt.NDArray[np.float64]
Only = Mapping[str, str]
NOTHING: Only = {}


class RankedHit(NamedTuple):
    """A hit of a search with its place in the ranking, from 1, and its score."""

    place: int
    score: float
    hit: CaseHit


@dataclass(slots=True)
class Searched:
    """A search that ran to its end: every hit of it can be paged, best first."""

    case: CaseWork
    query_id: str
    text: str
    hits: int
    """Records the look of this text hit."""
    set_aside: int
    """Of them those judged protected or standing in a block that did not open: ranked nowhere."""
    order: Int64s
    """The numbers of the hits, best first, after narrowing."""
    scores: Float64s
    only: Only = field(default_factory=dict)
    facets: Facets | None = None
    figures: Figures | None = None
    """What the look met; None when an earlier search is paged again."""

    def __len__(self) -> int:
        return len(self.order)

    def page(self, *, offset: int = 0, limit: int = 20) -> list[RankedHit]:
        """Some of the hits, best first; nothing of a record is opened for it."""
        numbers = self.order[offset : offset + limit].tolist()
        scores = self.scores[offset : offset + limit].tolist()
        return [
            RankedHit(offset + n, score, case_hit(self.case, self.case.papers.hit(f"h{number}")))
            for n, (number, score) in enumerate(zip(numbers, scores, strict=True), 1)
        ]

    def record_ids(self) -> Iterator[bytes]:
        """The ids of the records, best first."""
        for at in range(0, len(self.order), _PAGE):
            for found in self.page(offset=at, limit=_PAGE):
                yield found.hit.citation.record_id


def search(
    case: CaseWork,
    text: str,
    *,
    facets: Sequence[str] = (),
    only: Only = NOTHING,
    cancel: threading.Event | None = None,
) -> Searched:
    """Ask a query of the slice as a look does, then rank and count what it hit.

    `only` narrows to records with these values, by kind of facet: in the words of the query where
    it has them, and exactly in any case. The hits of the narrowed query are kept, as of every look.
    """
    look = case.look(asked_too(text, only), cancel=cancel)
    places = _Places()
    for hit in look:
        places.add(int(hit.hit_id[1:]), hit.ref)
    return _ranked(case, look, places, look.query_id, facets=facets, only=only)


def paged(
    case: CaseWork, query_id: str, *, facets: Sequence[str] = (), only: Only = NOTHING
) -> Searched:
    """An earlier search of the case ranked again from the hits it kept; nothing is looked for anew.

    UsageError when there is none of that id.
    """
    kept = case.papers.search(query_id)
    if "ranked_by" in kept.plan:
        raise UsageError(f"search {query_id} was ranked by likeness", hint="ask it again with more")
    look = case.look(kept.text)
    places = _Places()
    for placed in kept_hits(case, query_id):
        ref = RecordRef(placed.pack_id.hex(), placed.block, placed.row)
        places.add(int(placed.hit.hit_id[1:]), ref)
    return _ranked(case, look, places, query_id, facets=facets, only=only)


def kept_hits(case: CaseWork, query_id: str) -> Iterator[PlacedHit]:
    """Every hit that a search kept, in order."""
    offset = 0
    while page := case.papers.hits(query_id, offset=offset, limit=_PAGE):
        yield from page
        offset += len(page)


def case_hit(case: CaseWork, placed: PlacedHit) -> CaseHit:
    """A kept hit as one that can be shown."""
    ref = RecordRef(placed.pack_id.hex(), placed.block, placed.row)
    return CaseHit(case, placed.hit.hit_id, ref, placed.hit.citation, placed.hit.spans)


def known_of(case: CaseWork, kinds: Iterable[str]) -> Known:
    """What the case knows of its records, for these kinds of facet."""
    added: dict[str, dict[bytes, list[str]]] = {kind: {} for kind in kinds if kind in DERIVED}
    for kind, values in added.items():
        if kind == _JUDGED:
            for judged in case.papers.judged():  # the last one of each reviewer counts
                values[judged.judgement.record_id] = [judged.judgement.code.value, *judged.codes]
        else:  # one value a record, and of several versions the last that was added counts
            for record_id, value, *_ in case.papers.annotations_of_kind(kind):
                values[record_id] = [value]
    return Known(case.source_names, case.event.zone_offset_s, added)


class _Places:
    """Where the hits of a search stand, as columns: the numbers of the hits, and their rows by block."""

    def __init__(self) -> None:
        self.numbers = array("q")
        self._rows: dict[tuple[str, int], tuple[array[int], array[int]]] = {}

    def __len__(self) -> int:
        return len(self.numbers)

    def add(self, number: int, ref: RecordRef) -> None:
        place = ref.pack_id, ref.block
        if place not in self._rows:
            self._rows[place] = array("q"), array("q")
        rows, hits = self._rows[place]
        rows.append(ref.row)
        hits.append(len(self.numbers))
        self.numbers.append(number)

    def holds(self, ref: BlockRef) -> bool:
        """Whether a block has any."""
        return (ref.pack_id, ref.block) in self._rows

    def within(self, block: OpenBlock) -> tuple[Int64s, Int64s]:
        """The places in an opened block that hold a hit, and which hit each is."""
        none = array("q"), array("q")
        rows, hits = self._rows.get((block.ref.pack_id, block.ref.block), none)
        wanted, numbers = np.asarray(rows, np.int64), np.asarray(hits, np.int64)
        order = np.argsort(block.rows, kind="stable")
        at = np.searchsorted(block.rows, wanted, sorter=order)
        there = at < len(order)
        there[there] = block.rows[order[at[there]]] == wanted[there]
        return order[at[there]], numbers[there]


def _ranked(
    case: CaseWork,
    look: Look,
    places: _Places,
    query_id: str,
    *,
    facets: Sequence[str],
    only: Only,
) -> Searched:
    root = look.plan.plan.query.root
    known = known_of(case, [*facets, *only])
    counts = Facets(facets, known) if facets else None
    ranker = Ranker(root, hits=len(places))
    kept = np.zeros(len(places), np.bool_)
    blocks = _to_read(case, root, places) if len(places) else []
    for block in blocks_of(case, purpose="search", blocks=blocks) if blocks else ():
        rows, hits = places.within(block)
        ranker.add(block, rows=rows, hits=hits)
        if only:
            narrowed = among(block, rows, only, known)
            rows, hits = rows[narrowed], hits[narrowed]
        kept[hits] = True
        if counts is not None and len(rows):
            counts.add(block, rows)
    records = sum(ref.inside for ref in case.gate.blocks) - len(case.papers.protected_ids())
    scores = ranker.scores(records=records)
    chosen = np.flatnonzero(kept)
    order = chosen[ranked(scores[chosen])]
    numbers = np.asarray(places.numbers, np.int64)
    return Searched(
        case=case,
        query_id=query_id,
        text=look.text,
        hits=len(places),
        set_aside=len(places) - int(ranker.met.sum()),
        order=numbers[order],
        scores=scores[order],
        only=only,
        facets=counts,
        figures=look.figures if look.figures.done else None,
    )


def _to_read(case: CaseWork, root: Node, places: _Places) -> list[BlockRef]:
    """The blocks with hits, and where several words are weighed those that may hold any of them."""
    nodes = asked(root)
    if len(nodes) < 2 or (isinstance(root, Or) and set(nodes) <= set(root.nodes)):  # noqa: PLR2004 - one alone decides no order
        return [ref for ref in case.gate.blocks if places.holds(ref)]
    plan = plan_look(case.gate, compile_query(Query("", Or(nodes))), index=case.indexing.index())
    may = set(plan.blocks)
    return [ref for ref in case.gate.blocks if ref in may or places.holds(ref)]
