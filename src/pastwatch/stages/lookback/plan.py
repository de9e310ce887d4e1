"""What a look will cost before anything is opened: the blocks that may hold a hit, and their size."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from pastwatch.archive.block import BlockRef
from pastwatch.archive.gate import Gate
from pastwatch.matching.compile import Plan
from pastwatch.stages.lookback.index import CaseIndex
from pastwatch.stages.lookback.prune import kept_blocks


@dataclass(frozen=True, slots=True, kw_only=True)
class LookPlan:
    """The blocks a look opens, in order, beside what the slice holds."""

    plan: Plan
    blocks: tuple[BlockRef, ...]
    slice_blocks: int
    slice_records: int
    indexed: bool
    """Whether whole words ruled blocks out, through the archive's word index or the case's own."""
    pruned: int = 0
    """Blocks ruled out by the query's own limits in time and source."""
    rows: Mapping[BlockRef, npt.NDArray[np.int64]] = field(default_factory=dict)
    """From the case index: of these blocks only these records can match."""

    @property
    def records_at_most(self) -> int:
        """Records that can match, as far as is known before opening."""
        return sum(len(self.rows[r]) if r in self.rows else r.inside for r in self.blocks)

    @property
    def sealed_bytes(self) -> int:
        """Bytes of text frames to decrypt."""
        return sum(ref.text_frame_bytes for ref in self.blocks)


def plan_look(
    gate: Gate,
    plan: Plan,
    *,
    index: CaseIndex | None = None,
    source_names: Mapping[str, str] | None = None,
) -> LookPlan:
    """Choose the blocks: by the query's limits, by the case index, by the sealed word index.

    No text frame is opened: a query for words that are nowhere ends with no block to open.
    """
    every = gate.blocks
    within = kept_blocks(every, plan.query.root, index=gate.index, source_names=source_names or {})
    chosen, rows = within, dict[BlockRef, npt.NDArray[np.int64]]()
    if plan.asked and within:
        covered = {ref for ref in within if index.covers(ref)} if index else set()
        rows = index.candidates(within, plan.asked) if index and covered else {}
        rest = gate.holding(plan.asked) if len(covered) < len(within) else None
        if covered:
            chosen = tuple(
                ref
                for ref in within
                if (ref in rows if ref in covered else rest is None or ref in rest)
            )
        elif rest is not None:
            packs = {ref.pack_id for ref in rest}  # most blocks stand in others
            chosen = tuple(ref for ref in within if ref.pack_id in packs and ref in rest)
    return LookPlan(
        plan=plan,
        blocks=chosen,
        slice_blocks=len(every),
        slice_records=gate.records,
        indexed=bool(plan.asked),
        pruned=len(every) - len(within),
        rows=rows,
    )
