"""The records that a finding of nothing is about: which are readable, and in which conversation."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, cast

import numpy as np

from pastwatch.archive.sliceindex import SliceIndex
from pastwatch.casefile.reviewing import Judged
from pastwatch.desk.case import CaseWork
from pastwatch.desk.stoppingcalls import Calls, calls_of
from pastwatch.model.note import Code, Mode
from pastwatch.model.record import Defect

_DECIDED = {Code.RELEVANT: True, Code.NOT_RELEVANT: False}


@dataclass(frozen=True)
class Ground:
    """The slice by place in its index: what can be read, what cannot and why, and what was called.

    `damaged_records` stand in `damaged_blocks` that do not open, whether or not their envelopes do;
    `opaque` were kept whole, unparsed; `withheld` were judged protected.
    """

    index: SliceIndex
    calls: Calls
    in_scope: int
    readable: frozenset[int]
    damaged_records: int
    damaged_blocks: int
    opaque: int
    withheld: int

    @property
    def unaccounted(self) -> int:
        """Records in scope by the grant that no envelope tells of."""
        told = len(self.readable) + self.damaged_records + self.opaque + self.withheld
        return max(self.in_scope - told, 0)

    def sizes(self, places: Collection[int]) -> int:
        """The bytes of these records as they came."""
        return int(self.index.size_bytes[np.fromiter(places, dtype=np.int64)].sum())

    def by_conversation(self) -> dict[int, list[int]]:
        """The readable records of each conversation, in order of time; one in none stands alone."""
        found: dict[int, list[int]] = {}
        talks = self.calls.conversation
        for place in sorted(self.readable):
            found.setdefault(talks[place], []).append(place)
        return found


def ground_of(case: CaseWork) -> Ground:
    """The ground as it is now; the envelopes are opened for it once a process."""
    index = case.gate.index()
    damaged: dict[str, int] = dict(case.papers.setting("damaged", otherwise={}))
    damaged |= {f"{r.pack_id}/{r.block}": r.inside for r in case.gate.unreadable}
    calls = calls_of(case)
    shut = np.zeros(len(index), dtype=np.bool_)
    for name in damaged:
        pack, _, block = name.partition("/")
        if pack in index.packs:
            shut |= (index.pack == index.packs.index(pack)) & (index.block == int(block))
    opaque = ((index.defects & int(Defect.OPAQUE)) != 0) & ~shut
    outside = np.zeros(len(index), dtype=np.bool_)
    outside[list(calls.outside)] = True
    withheld = outside & ~shut & ~opaque
    estimate = cast("Mapping[str, Any]", case.papers.setting("estimate"))
    return Ground(
        index=index,
        calls=calls,
        in_scope=int(estimate["records"]),
        readable=frozenset(np.flatnonzero(~(shut | opaque | outside)).tolist()),
        damaged_records=sum(damaged.values()),
        damaged_blocks=len(damaged),
        opaque=int(opaque.sum()),
        withheld=int(withheld.sum()),
    )


def last_judgement(case: CaseWork) -> int:
    """The number of the last judgement that stands; 0 where there is none."""
    return max((one.number for one in case.papers.judged()), default=0)


def called_to(case: CaseWork, calls: Calls, until: int) -> dict[int, bool]:
    """The calls as they stood after judgement `until`, but for those taken back since."""
    standing: dict[int, Judged] = {}
    for one in case.papers.judged():
        place = calls.place_of.get(one.judgement.record_id)
        if place is None or one.number > until:
            continue
        held = standing.get(place)
        if held is None or held.mode is not Mode.ADJUDICATED or one.mode is Mode.ADJUDICATED:
            standing[place] = one
    return {
        place: _DECIDED[one.judgement.code]
        for place, one in standing.items()
        if one.judgement.code in _DECIDED
    }


def population_of(
    ground: Ground, called: Mapping[int, bool]
) -> tuple[dict[int, list[int]], list[int]]:
    """The conversations not reviewed in full, with what of each is to be read; then the others.

    Reviewed in full is one all of whose readable records were judged not relevant: what would have
    counted would have been judged relevant.
    """
    left: dict[int, list[int]] = {}
    full: list[int] = []
    for talk, places in ground.by_conversation().items():
        unread = [place for place in places if called.get(place) is not False]
        if unread:
            left[talk] = unread
        else:
            full.append(talk)
    return left, full
