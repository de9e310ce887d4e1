"""Who stands in the records around what leaves a case, and which record answers which."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from pastwatch.archive.block import OpenBlock
from pastwatch.archive.identity import normal_address
from pastwatch.archive.sliceindex import SliceIndex
from pastwatch.desk.case import CaseWork
from pastwatch.desk.slicereading import blocks_of

Int64s = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]
Spelt = tuple[str, str, str]
"""(medium, address as tokens see it, name shown)"""
_NONE = -1


@dataclass(slots=True)
class Survey:
    """What one opening told: parties of the chosen and of others, conversations, answers.

    `parent` gives by place the place of the record answered, −1 where none is known.
    """

    parent: Int64s
    named: set[Spelt] = field(default_factory=set)
    others: set[Spelt] = field(default_factory=set)
    talks: set[tuple[str, str]] = field(default_factory=set)
    natives: set[str] = field(default_factory=set)


def survey(case: CaseWork, index: SliceIndex, wanted: Bools, own: Bools) -> Survey:
    """Open the blocks that hold wanted records, once; `own` are those that leave as they are."""
    surveyed = Survey(np.full(len(index), _NONE, np.int64))
    packs = {name: number for number, name in enumerate(index.packs)}
    order = np.lexsort((index.row, index.block, index.pack))
    keys = (index.pack[order] << 32) | index.block[order]
    holding = set(np.unique(keys[wanted[order]]).tolist())
    blocks = [b for b in case.gate.blocks if (packs.get(b.pack_id, -1) << 32) | b.block in holding]
    if not blocks:
        return surveyed
    links = _Links()
    for block in blocks_of(case, purpose="export", blocks=blocks):
        key = (packs[block.ref.pack_id] << 32) | block.ref.block
        low, high = np.searchsorted(keys, [key, key + 1])
        places = order[low:high][np.searchsorted(index.row[order[low:high]], block.rows)]
        _add(surveyed, block, places, wanted, own)
        links.add(block, places, wanted)
    links.into(surveyed.parent)
    surveyed.others -= surveyed.named
    return surveyed


class _Links:
    """Ids of records and what replies name, until all were seen."""

    def __init__(self) -> None:
        self._by_id: dict[int, int] = {}
        self._replies: list[tuple[int, int, int]] = []

    def add(self, block: OpenBlock, places: Int64s, wanted: Bools) -> None:
        text, source = block.text, block.ref.source_id
        columns = zip(
            places.tolist(),
            text.column("conversation").to_pylist(),
            text.column("native_id").to_pylist(),
            text.column("reply_to").to_pylist(),
            strict=True,
        )
        for place, talk, native, above in columns:
            if not wanted[place]:
                continue
            if native:
                for key in _keys(source, talk, native):
                    self._by_id.setdefault(key, place)
            if above:
                inside, *anywhere = _keys(source, talk, above)
                self._replies.append((place, inside, anywhere[0] if anywhere else inside))

    def into(self, parent: Int64s) -> None:
        for place, inside, anywhere in self._replies:
            above = self._by_id.get(inside, self._by_id.get(anywhere, _NONE))
            if above != place:
                parent[place] = above


def _keys(source: str, talk: str | None, native: str) -> Iterator[int]:
    """How an id is known: in its conversation, and anywhere where it is one of the whole world."""
    yield hash((source, talk or "", native))
    if "@" in native:
        yield hash(("", native))


def _add(surveyed: Survey, block: OpenBlock, places: Int64s, wanted: Bools, own: Bools) -> None:
    text, medium = block.text, block.medium
    columns: Any = zip(
        places.tolist(),
        text.column("sender_address").to_pylist(),
        text.column("sender_name").to_pylist(),
        text.column("recipients").to_pylist(),
        text.column("conversation").to_pylist(),
        text.column("native_id").to_pylist(),
        strict=True,
    )
    for place, address, name, recipients, talk, native in columns:
        if not wanted[place]:
            continue
        into = surveyed.named if own[place] else surveyed.others
        into.add(spelt(medium, address or "", name or ""))
        for one in recipients or ():
            into.add(spelt(medium, one["address"] or "", one["name"] or ""))
        if own[place]:
            surveyed.talks.add((block.ref.source_id, talk or ""))
            surveyed.natives.add(native or "")


def spelt(medium: str, address: str, name: str) -> Spelt:
    """A party as the survey knows it; one without an address goes by its name."""
    return medium, normal_address(address or name), name
