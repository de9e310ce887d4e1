"""The chosen records as they leave a case: opened a page at a time, and logged as shown."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from pastwatch.archive.block import RecordRef
from pastwatch.archive.gate import Gate
from pastwatch.desk.case import CaseWork
from pastwatch.desk.exporting.choosing import Chosen
from pastwatch.desk.exporting.pseudonyms import Pseudonyms
from pastwatch.errors import PackDamaged
from pastwatch.model.record import Record
from pastwatch.stages.export.taken import TakenRecord

PAGE = 2000
_PAGE_BYTES = 32_000_000
_THREAD_DIGITS = 10

Int64s = npt.NDArray[np.int64]
Opened = Mapping[RecordRef, tuple[Record, bytes | None]]


@dataclass(slots=True)
class Met:
    """What was met while the records were opened, counted as they leave."""

    taken: int = 0
    context: int = 0
    masked: int = 0
    withheld: int = 0
    unreadable: int = 0
    without_original: int = 0
    digest: Any = field(default_factory=hashlib.sha256)  # of the ids, one a line


@dataclass(slots=True)
class Taking:
    """The records of an export in order; gone through once. `met` is right once that ended.

    With `pseudonyms` those that are neither cited nor relevant stand under them; without `words` their
    words are kept back too.
    """

    case: CaseWork
    chosen: Chosen
    pseudonyms: Pseudonyms | None
    words: bool
    is_slice: bool
    originals: bool
    met: Met = field(default_factory=Met)

    def records(self) -> Iterator[TakenRecord]:
        """Open and yield them a page at a time."""
        judged = self._judgements()
        shut = bool(self.case.papers.protected_ids())
        answered = self._answered()
        roots = self._roots()
        for page in self._pages():
            opened = self._opened(page)
            for at in page.tolist():
                found = opened.get(self._ref(at))
                if found is None:
                    self.met.unreadable += 1
                    continue
                yield self._taken(
                    at, *found, judged=judged, shut=shut, answered=answered, roots=roots
                )

    def _taken(
        self,
        at: int,
        record: Record,
        original: bytes | None,
        *,
        judged: Mapping[bytes, tuple[str, ...]],
        shut: bool,
        answered: npt.NDArray[np.bool_],
        roots: Int64s,
    ) -> TakenRecord:
        chosen, met = self.chosen, self.met
        index = chosen.index
        is_own = at < 0 or bool(chosen.own[at])
        above = int(chosen.surveyed.parent[at]) if at >= 0 else -1
        thread = int(roots[at]) if at >= 0 else -1
        masks = self.pseudonyms if not is_own else None
        if masks is not None:
            record = masks.record(record)
        is_withheld = not is_own and not self.words
        if is_withheld:
            record = replace(record, subject="", text="", parts=())
        if shut and above < 0:  # what it names may be a record that was judged protected
            record = replace(record, reply_to="")
        met.taken += 1
        met.digest.update(f"{record.record_id.hex()}\n".encode())
        met.context += not is_own and not self.is_slice
        met.masked += masks is not None
        met.withheld += is_withheld
        met.without_original += self.originals and original is None
        return TakenRecord(
            number=met.taken,
            record=record,
            source=self.case.source_name(record.envelope.source_id),
            parent_id=index.record_ids[above].tobytes() if above >= 0 else None,
            thread=f"t{index.record_ids[thread].tobytes().hex()[:_THREAD_DIGITS]}"
            if thread >= 0
            else "",
            cited_in=chosen.cited_in.get(record.record_id, ()),
            judgements=judged.get(record.record_id, ()),
            is_context=not is_own and not self.is_slice,
            is_answered=at >= 0 and bool(answered[at]),
            is_masked=masks is not None,
            is_withheld=is_withheld,
            original=original,
        )

    def _pages(self) -> Iterator[Int64s]:
        """Places a page at a time: no more than `PAGE` records, nor many bytes of them."""
        order, index = self.chosen.order, self.chosen.index
        sizes = np.where(order >= 0, index.size_bytes[np.maximum(order, 0)], 0) if len(index) else 0
        ends = np.cumsum(np.broadcast_to(sizes, order.shape))
        start = 0
        while start < len(order):
            before = int(ends[start - 1]) if start else 0
            full = int(np.searchsorted(ends, before + _PAGE_BYTES, side="right"))
            stop = min(start + PAGE, max(full, start + 1))
            yield order[start:stop]
            start = stop

    def _opened(self, page: Int64s) -> Opened:
        """The records of a page; one in a block that does not open any more is not among them."""
        found: dict[RecordRef, tuple[Record, bytes | None]] = {}
        for is_own in (True, False):
            places = [at for at in page.tolist() if (at < 0 or self.chosen.own[at]) == is_own]
            behind: dict[Gate, list[RecordRef]] = defaultdict(list)
            for at in places:
                ref = self._ref(at)
                behind[self.case.gate_of(ref) if at < 0 else self.case.gate].append(ref)
            for gate, refs in behind.items():
                raw = self.originals and (is_own or self.pseudonyms is None)
                found |= self._through(gate, refs, raw=raw, context=not is_own)
        return found

    def _through(
        self, gate: Gate, refs: Sequence[RecordRef], *, raw: bool, context: bool
    ) -> Opened:
        try:
            return self._shown(gate, refs, raw=raw, context=context)
        except PackDamaged:
            by_block: dict[tuple[str, int], list[RecordRef]] = defaultdict(list)
            for ref in refs:
                by_block[ref.pack_id, ref.block].append(ref)
        found: dict[RecordRef, tuple[Record, bytes | None]] = {}
        for several in by_block.values():
            try:
                found |= self._shown(gate, several, raw=raw, context=context)
            except PackDamaged:
                continue
        return found

    @staticmethod
    def _shown(
        gate: Gate, refs: Sequence[RecordRef], *, raw: bool, context: bool
    ) -> dict[RecordRef, tuple[Record, bytes | None]]:
        """Records as the gate gives them, logged there; the case has not shown them to a person.

        Noted as shown, they would stand in the reader of the next brief, and in its coverage.
        """
        if not refs:
            return {}
        made: list[tuple[Record, bytes | None]]
        if raw:
            made = list(gate.originals(refs))
        else:
            made = [(record, None) for record in gate.show(refs, context=context)]
        return dict(zip(refs, made, strict=True))

    def _ref(self, at: int) -> RecordRef:
        return self.chosen.index.ref(at) if at >= 0 else self.chosen.brought[-1 - at].ref

    def _judgements(self) -> dict[bytes, tuple[str, ...]]:
        found: dict[bytes, list[str]] = defaultdict(list)
        for one in self.case.papers.latest_judgements():
            found[one.record_id].append(f"{one.reviewer}: {one.code}")
        return {record_id: tuple(said) for record_id, said in found.items()}

    def _answered(self) -> npt.NDArray[np.bool_]:
        chosen = self.chosen
        within = chosen.order[chosen.order >= 0]
        above = chosen.surveyed.parent[within]
        answered = np.zeros(len(chosen.index), np.bool_)
        answered[above[above >= 0]] = True
        return answered

    def _roots(self) -> Int64s:
        """By place the first record of its thread; −1 for a record that answers nothing and is not answered."""
        parent = self.chosen.surveyed.parent
        roots = np.where(parent >= 0, parent, np.arange(len(parent)))
        for _ in range(64):  # halving the way up; a circle ends here too
            above = roots[roots]
            if np.array_equal(above, roots):
                break
            roots = above
        lone = np.ones(len(parent), np.bool_)
        replies = np.flatnonzero(parent >= 0)
        lone[replies] = False
        lone[roots[replies]] = False
        return np.where(lone, -1, roots)
