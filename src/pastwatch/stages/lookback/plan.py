"""What a look will cost before anything is opened: the blocks that may hold a hit, and their size."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pastwatch.archive.block import BlockRef
from pastwatch.archive.gate import Gate
from pastwatch.archive.tokens import token_hash
from pastwatch.matching.compile import Plan


@dataclass(frozen=True, slots=True, kw_only=True)
class LookPlan:
    """The blocks a look opens, in order, beside what the slice holds."""

    plan: Plan
    blocks: tuple[BlockRef, ...]
    slice_blocks: int
    slice_records: int
    indexed: bool

    @property
    def records_at_most(self) -> int:
        """Records in scope in the blocks to open."""
        return sum(ref.inside for ref in self.blocks)

    @property
    def sealed_bytes(self) -> int:
        """Bytes of text frames to decrypt."""
        return sum(ref.text_frame_bytes for ref in self.blocks)


def plan_look(gate: Gate, plan: Plan) -> LookPlan:
    """Choose blocks with the sealed word index where the query requires whole words."""
    every = gate.blocks
    chosen: set[BlockRef] | None = None
    groups = plan.required
    if groups:
        wanted = [sorted(group) for group in groups]
        chosen = gate.holding(
            lambda key: [
                np.array([token_hash(token, key) for token in group], dtype=np.uint32)
                for group in wanted
            ]
        )
    blocks = every if chosen is None else tuple(ref for ref in every if ref in chosen)
    return LookPlan(
        plan=plan,
        blocks=blocks,
        slice_blocks=len(every),
        slice_records=sum(ref.inside for ref in every),
        indexed=chosen is not None,
    )
