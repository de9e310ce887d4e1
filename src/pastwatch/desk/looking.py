"""One query over a slice: its plan and its price first, then its hits, each kept as it comes."""

from __future__ import annotations

import hashlib
import secrets
import threading
import time
from collections.abc import Generator, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol
from weakref import WeakSet

from pastwatch import plugins
from pastwatch.archive.block import BlockRef, RecordRef
from pastwatch.desk.indexing import Indexing, Opened
from pastwatch.matching.compile import compile_query
from pastwatch.matching.parse import parse
from pastwatch.model.authority import Event
from pastwatch.model.record import Citation, Record
from pastwatch.stages.lookback.matches import Match, Matches
from pastwatch.stages.lookback.pace import Pace, as_before, first_pace, kind_of, learnt
from pastwatch.stages.lookback.plan import LookPlan, plan_look
from pastwatch.stages.lookback.scan import Figures, scan

_PACE = "look_pace"


@dataclass(frozen=True, slots=True)
class Shown:
    """A hit as a reader sees it: the record, its matched places, and its neighbours."""

    hit_id: str
    record: Record
    source: str
    spans: tuple[tuple[int, int, int], ...]
    before: tuple[Record, ...]
    after: tuple[Record, ...]


class Searched(Opened, Protocol):
    """What of an open case a look needs, and what it tells it."""

    event: Event
    source_names: dict[str, str]
    indexing: Indexing
    looks: WeakSet[Generator[CaseHit, None, None]]

    def note_opened(self, opened: Sequence[BlockRef], damaged: Mapping[BlockRef, str]) -> None:
        """Keep which blocks were opened, and which did not open."""

    def show(self, hit_id: str, *, around: int = 0) -> Shown:
        """A hit's record and its neighbours."""
        ...


class CaseHit:
    """A hit of the case, ready to be shown."""

    __slots__ = ("case", "held", "hit_id")

    def __init__(
        self,
        case: Searched,
        hit_id: str,
        ref: RecordRef,
        citation: Citation,
        spans: tuple[tuple[int, int, int], ...],
    ) -> None:
        self.case, self.hit_id = case, hit_id
        self.held: Match | tuple[Matches, int] = Match(ref, citation, spans)

    @classmethod
    def among(cls, case: Searched, matches: Matches, numbers: Iterable[int]) -> Iterator[CaseHit]:
        """The hits under these numbers, each read out of its columns once that is asked for."""
        for at, number in enumerate(numbers):
            hit = cls.__new__(cls)
            hit.case, hit.hit_id = case, f"h{number}"
            hit.held = matches, at
            yield hit

    @property
    def ref(self) -> RecordRef:
        """Where the record stands."""
        return self._found().ref

    @property
    def citation(self) -> Citation:
        """What of the record is cited."""
        return self._found().citation

    @property
    def spans(self) -> tuple[tuple[int, int, int], ...]:
        """Every matched place: (part, start_byte, end_byte)."""
        return self._found().spans

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, CaseHit):
            return NotImplemented
        return (self.case, self.hit_id) == (other.case, other.hit_id)

    def __hash__(self) -> int:
        return hash(self.hit_id)

    def show(self, *, around: int = 0) -> Shown:
        """The record, with up to `around` records either side of the same conversation."""
        return self.case.show(self.hit_id, around=around)

    def _found(self) -> Match:
        if isinstance(self.held, tuple):
            matches, at = self.held
            self.held = matches[at]
        return self.held


class Look:
    """One query over the slice: its plan first, then its hits as they come."""

    def __init__(self, case: Searched, text: str, *, cancel: threading.Event | None = None) -> None:
        zone = case.event.zone_offset_s
        self._case, self.text, self._cancel = case, text, cancel
        self.plan: LookPlan = plan_look(
            case.gate,
            compile_query(parse(text, zone=_zone(zone))),
            index=case.indexing.index(),
            source_names=case.source_names,
        )
        self.figures = Figures()
        self.query_id = ""
        self.withheld = 0  # matches in records judged protected: neither kept nor shown
        self._workers = case.office.settings.worker_count
        self._kind = kind_of(self.plan.plan, workers=self._workers, narrowed=bool(self.plan.rows))

    @property
    def matched(self) -> int:
        """Matches so far but those withheld."""
        return self.figures.matched - self.withheld

    def pace(self) -> Pace:
        """What such a look costs, by earlier ones of this case or else by a small trial."""
        kept = self._kept_paces().get(self._kind)
        if kept is None:
            return first_pace(self.plan.plan, workers=self._workers, stopwatch=time.perf_counter)
        pace, last = Pace(**kept), self.last_figures() or {}
        if self.plan.sealed_bytes and last.get("sealed_bytes") == self.plan.sealed_bytes:
            told = {n: last[n] for n in ("sealed_bytes", "decoded_bytes", "seconds")}
            return as_before(pace, **told)
        return pace

    def __iter__(self) -> Iterator[CaseHit]:
        """Run the query; each hit is kept in the case before it is handed out."""
        hits = self._hits()
        self._case.looks.add(hits)
        return hits

    def _hits(self) -> Generator[CaseHit, None, None]:
        case, office = self._case, self._case.office
        salt = secrets.token_bytes(16)
        digest = hashlib.sha256(salt + self.text.encode()).digest()
        self.query_id = case.papers.add_search(
            self.text,
            salt=salt,
            digest=digest,
            by=office.person,
            at_us=office.clock(),
            plan={
                "blocks": len(self.plan.blocks),
                "slice_blocks": self.plan.slice_blocks,
                "records_at_most": self.plan.records_at_most,
                "sealed_bytes": self.plan.sealed_bytes,
                "indexed": self.plan.indexed,
            },
        )
        found = scan(
            case.gate,
            self.plan,
            engine=plugins.load("engines", "local"),
            workers=self._workers,
            digest=digest.hex(),
            source_names=case.source_names,
            figures=self.figures,
            stopwatch=time.perf_counter,
            cancel=self._cancel,
        )
        held_s, ended = 0.0, False
        shut = case.papers.protected_ids()
        try:
            for several in found:
                blocks = (
                    [matches.but(shut) for matches in several.blocks] if shut else several.blocks
                )
                self.withheld += len(several) - sum(map(len, blocks))
                runs = [matches.run for matches in blocks]
                numbered = case.papers.add_runs(self.query_id, runs)
                given = time.perf_counter()
                for matches, numbers in zip(blocks, numbered, strict=True):
                    yield from CaseHit.among(case, matches, numbers)
                held_s += time.perf_counter() - given
            ended = True
        finally:
            found.close()
            with case.papers.together():
                case.note_opened(self.figures.opened, self.figures.damaged)
                if ended:
                    self._finish(held_s)
        case.indexing.begin_if_due()

    def _finish(self, held_s: float) -> None:
        case, figures = self._case, self.figures
        case.papers.finish_search(
            self.query_id,
            hits=case.papers.count_hits(self.query_id),
            figures={
                "blocks": figures.blocks,
                "records": figures.records,
                "sealed_bytes": figures.sealed_bytes,
                "decoded_bytes": figures.decoded_bytes,
                "seconds": round(figures.seconds, 4),
                "unreadable_records": figures.unreadable_records,
                "timed_out": figures.timed_out,
            },
            at_us=case.office.clock(),
        )
        if figures.took is not None:
            paces = self._kept_paces()
            before = paces.get(self._kind)
            now = learnt(Pace(**before) if before else None, figures.took, held_s=held_s)
            if now is not None:
                case.papers.put_setting(_PACE, {**paces, self._kind: now.to_plain()})

    def last_figures(self) -> dict[str, Any] | None:
        """What the last finished look with this very text took; None when there was none."""
        ended = [s for s in self._case.papers.searches() if s.ended and s.text == self.text]
        return dict(ended[-1].figures or {}) if ended else None

    def _kept_paces(self) -> dict[str, dict[str, float]]:
        paces: dict[str, dict[str, float]] = self._case.papers.setting(_PACE, otherwise={})
        return paces


def _zone(offset_s: int) -> str:
    sign = "-" if offset_s < 0 else "+"
    return f"{sign}{abs(offset_s) // 3600:02d}:{abs(offset_s) // 60 % 60:02d}"
