"""The records of a case's slice a block at a time, for whoever counts or derives: none protected."""

from __future__ import annotations

import threading
from collections.abc import Collection, Iterator

import numpy as np

from pastwatch.archive.block import BlockRef, OpenBlock
from pastwatch.desk.case import CaseWork
from pastwatch.errors import PackDamaged
from pastwatch.model.authority import Act


def blocks_of(
    case: CaseWork,
    *,
    purpose: str,
    act: Act = Act.READ,
    wanted: Collection[bytes] | None = None,
    blocks: Collection[BlockRef] | None = None,
    cancel: threading.Event | None = None,
) -> Iterator[OpenBlock]:
    """Open the slice block by block, of the wanted records only where given; empty ones are left out.

    Logged as one opening before the first block. A record that a reviewer judged protected is in
    none of them, and a block that does not open is noted in the case and skipped. `blocks` narrows
    to some blocks of the slice; setting `cancel` ends it after the block at hand.
    """
    protected = case.papers.protected_ids()
    chosen = list(case.gate.blocks if blocks is None else blocks)
    opened: list[BlockRef] = []
    with case.gate.opening(chosen, purpose=purpose, act=act) as opening:
        try:
            for ref in chosen:
                if cancel is not None and cancel.is_set():
                    return
                try:
                    block = opening.block(ref)
                    ids = block.ids()
                except PackDamaged as broken:
                    opening.unreadable(ref, str(broken))
                    continue
                opened.append(ref)
                places = [
                    place
                    for place, record_id in enumerate(ids)
                    if record_id not in protected and (wanted is None or record_id in wanted)
                ]
                if len(places) == len(ids):
                    yield block
                elif places:
                    yield block.kept(np.asarray(places, dtype=np.int64))
        finally:
            case.note_opened(opened, opening.damaged)
