"""The talk of a case's slice: who wrote to whom and when, read once, of no protected record."""

from __future__ import annotations

import threading

from pastwatch.desk.case import CaseWork
from pastwatch.desk.slicereading import blocks_of
from pastwatch.stages.reconstruct.talk import Gatherer, Talk


def talk_of_case(case: CaseWork, *, purpose: str, cancel: threading.Event | None = None) -> Talk:
    """Read the slice once for its talk; logged as one opening under `purpose`."""
    gatherer = Gatherer()
    for block in blocks_of(case, purpose=purpose, cancel=cancel):
        gatherer.add(block)
    return gatherer.done()
