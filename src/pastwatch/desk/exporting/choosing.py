"""Which records of a case leave it: cited, judged relevant, their neighbours, or all of the slice."""

from __future__ import annotations

import enum
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from pastwatch.archive.block import RecordRef
from pastwatch.archive.sliceindex import SliceIndex
from pastwatch.casefile.reviewing import Judged
from pastwatch.desk.case import CaseWork
from pastwatch.desk.conversations import conversations_of
from pastwatch.desk.exporting.survey import Survey, survey
from pastwatch.desk.judged import settled_as
from pastwatch.model.note import Code
from pastwatch.stages.reconstruct.timeline import rows_of

Int64s = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]


class What(enum.StrEnum):
    """How much of a case leaves it."""

    CITED = "cited"
    """What findings cite."""
    RELEVANT = "relevant"
    """What findings cite, and what was judged relevant."""
    SLICE = "slice"
    """Every record of the slice; needs the act export."""


@dataclass(frozen=True, slots=True)
class Brought:
    """A chosen record that stands in no slice but in what was brought to the case."""

    ref: RecordRef
    record_id: bytes
    earliest_us: int
    is_dated: bool


@dataclass(frozen=True, slots=True)
class Chosen:
    """The records that leave, in order of time, undated ones last.

    `order` holds places in the slice's index, and −1−n for the n-th of `brought`. `own` says by place
    which are cited or judged relevant; the others are context, or the rest of the slice. `protected`
    counts those that belong here and were judged protected.
    """

    index: SliceIndex
    order: Int64s
    own: Bools
    brought: tuple[Brought, ...]
    surveyed: Survey
    cited_in: Mapping[bytes, tuple[str, ...]]
    cited: int
    relevant: int
    protected: int

    def __len__(self) -> int:
        return len(self.order)

    @property
    def others(self) -> int:
        """How many leave that are neither cited nor judged relevant."""
        within = self.order[self.order >= 0]
        return int(np.count_nonzero(~self.own[within]))


def choose(case: CaseWork, what: What, *, context: int = 0) -> Chosen:
    """Choose records; a reply brings the record that it answers, as context.

    The blocks that hold the conversations of what is chosen are opened once, for who stands in them and
    what answers what; no record is shown by it.
    """
    shut = case.papers.protected_ids()
    cited_in: dict[bytes, list[str]] = defaultdict(list)
    for finding in case.papers.findings():
        ids = dict.fromkeys(citation.record_id for citation in finding.citations)
        stays = not shut.isdisjoint(ids)  # a finding that cites what is protected does not leave
        for record_id in ids:
            cited_in[record_id] += [] if stays else [finding.finding_id]
    cited = set(cited_in)
    relevant = _relevant(case) if what is not What.CITED else set()
    index = case.gate.index()
    barred = _places(index, shut)
    core_ids = cited | relevant
    core = _places(index, core_ids - shut)
    own = np.zeros(len(index), np.bool_)
    own[list(core.values())] = True
    brought = _brought(case, core_ids - shut - core.keys())
    if what is What.SLICE:
        taken = np.ones(len(index), np.bool_)
        talks = None
    else:
        talks = conversations_of(case) if len(core) else np.arange(len(index), dtype=np.int64)
        taken = own | _around(talks, np.flatnonzero(own), context)
    kept = np.ones(len(index), np.bool_)
    kept[list(barred.values())] = False
    reach = np.ones(len(index), np.bool_) if talks is None else np.isin(talks, talks[own])
    surveyed = survey(case, index, reach & kept, own)
    above = surveyed.parent[np.flatnonzero(own)]
    taken[above[above >= 0]] = True
    would = taken | ~kept & np.isin(
        np.arange(len(index)), [barred[i] for i in core_ids & barred.keys()]
    )
    protected = np.count_nonzero(would & ~kept) + len((core_ids & shut) - barred.keys())
    order = np.flatnonzero(taken & kept)
    return Chosen(
        index=index,
        order=_in_time(index, order, brought),
        own=own,
        brought=brought,
        surveyed=surveyed,
        cited_in={i: tuple(names) for i, names in cited_in.items()},
        cited=len(cited - shut),
        relevant=len(relevant - shut),
        protected=int(protected),
    )


def _relevant(case: CaseWork) -> set[bytes]:
    """The records that count as relevant, however many judged them."""
    given: dict[bytes, list[Judged]] = defaultdict(list)
    for one in case.papers.judged():
        given[one.judgement.record_id].append(one)
    return {i for i, several in given.items() if settled_as(several) is Code.RELEVANT}


def _places(index: SliceIndex, ids: set[bytes]) -> dict[bytes, int]:
    """The places of records that stand in the slice."""
    return {index.record_ids[row].tobytes(): row for row in rows_of(index, ids).tolist()}


def _brought(case: CaseWork, ids: set[bytes]) -> tuple[Brought, ...]:
    found = []
    for gate in case.annexes if ids else ():
        index = gate.index()
        for record_id, at in sorted(_places(index, ids).items()):
            found.append(
                Brought(index.ref(at), record_id, int(index.earliest_us[at]), bool(index.dated[at]))
            )
    return tuple(found)


def _around(talks: Int64s, core: Int64s, context: int) -> Bools:
    """By place whether a record stands at most `context` records from a chosen one of its talk."""
    near = np.zeros(len(talks), np.bool_)
    if not context or not len(core):
        return near
    order = np.argsort(talks, kind="stable")
    at = np.empty(len(talks), np.int64)
    at[order] = np.arange(len(talks))
    for step in range(-context, context + 1):
        beside = at[core] + step
        ok = (beside >= 0) & (beside < len(talks))
        places = order[beside[ok]]
        near[places[talks[places] == talks[core[ok]]]] = True
    return near


def _in_time(index: SliceIndex, places: Int64s, brought: tuple[Brought, ...]) -> Int64s:
    if not brought:
        return places
    every = np.concatenate((places, -1 - np.arange(len(brought), dtype=np.int64)))
    dated = np.concatenate((index.dated[places], [b.is_dated for b in brought]))
    time = np.concatenate((index.earliest_us[places], [b.earliest_us for b in brought]))
    return every[np.lexsort((np.where(dated, time, 0), ~dated.astype(np.bool_)))]
