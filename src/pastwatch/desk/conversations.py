"""Which records of a slice stand in one conversation, where those in none stand each alone."""

from __future__ import annotations

import hashlib

import numpy as np
import numpy.typing as npt

from pastwatch.archive.sliceindex import SliceIndex
from pastwatch.desk.case import CaseWork
from pastwatch.desk.slicereading import blocks_of

_KEPT = "unthreaded"

Int64s = npt.NDArray[np.int64]


def conversations_of(case: CaseWork) -> Int64s:
    """By place in the slice's index the number of its conversation; a record in none has its own.

    An envelope gives all records of a source that name no conversation one token. Which token that
    is stands in the text: the slice is read for it once, and one such record a source is kept.
    """
    index = case.gate.index()
    talks = index.conversation.copy()
    for record_id in _witnesses(case, index):
        place = np.flatnonzero(index.record_ids == np.void(record_id))[0]
        alone = np.flatnonzero(index.conversation == index.conversation[place])
        talks[alone] = -1 - alone
    return talks


def _witnesses(case: CaseWork, index: SliceIndex) -> list[bytes]:
    """Of each source one record that names no conversation, where it has any."""
    slice_sha256 = hashlib.sha256(index.record_ids.tobytes()).hexdigest()
    kept = case.papers.setting(_KEPT)
    if kept is None or kept["slice_sha256"] != slice_sha256:
        found = _looked_for(case)
        kept = {"slice_sha256": slice_sha256, "records": [i.hex() for i in found]}
        case.papers.put_setting(_KEPT, kept)
    return [bytes.fromhex(i) for i in kept["records"]]


def _looked_for(case: CaseWork) -> list[bytes]:
    found: dict[str, bytes] = {}
    by_source: dict[str, list[int]] = {}
    for number, ref in enumerate(case.gate.blocks):
        by_source.setdefault(ref.source_id, []).append(number)
    for source_id, numbers in by_source.items():
        blocks = [case.gate.blocks[number] for number in numbers]
        for block in blocks_of(case, purpose="conversations", blocks=blocks):
            named = block.text.column("conversation")
            for row, name in enumerate(named.to_pylist()):
                if not name:
                    found[source_id] = block.ids()[row]
                    break
            if source_id in found:
                break
    return list(found.values())
