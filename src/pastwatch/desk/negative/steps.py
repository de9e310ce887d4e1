"""How far looking went, what of the scope could be any, and what was never held: all as counted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, Final

from pastwatch.casefile.searches import PlacedHit, Search
from pastwatch.desk.case import CaseWork, sources_told
from pastwatch.desk.negative.ground import Ground
from pastwatch.desk.soundlist import heard_of, passages_by_record, recordings, spans
from pastwatch.errors import UsageError
from pastwatch.model.negative import Looked, LookStep, LostPart, NamedQuery
from pastwatch.model.passage import covered_ms
from pastwatch.model.when import iso

_PAGE: Final = 10_000
UNHEARD: Final = "recorded sound that no person heard and no machine wrote down"

Sound = Mapping[bytes, tuple[int, int, int]]
"""By record: its length, what a machine alone wrote down, and what a person heard, in ms."""


def searches_named(case: CaseWork, names: Sequence[str]) -> list[Search]:
    """The finished searches named, or all that finished; UsageError for one that did not."""
    searches = [case.papers.search(name) for name in names] or [
        one for one in case.papers.searches() if one.ended
    ]
    for one in searches:
        if not one.ended:
            raise UsageError(
                f"search {one.query_id} did not run to its end", hint="run it again, and name that"
            )
    return searches


def queries_told(
    case: CaseWork, ground: Ground, searches: Sequence[Search]
) -> tuple[NamedQuery, ...]:
    """Each search with what it matched, and what a person made of that; none protected is counted."""
    calls, told = ground.calls, []
    for one in searches:
        matched, judged = 0, Counter[bool]()
        found: list[PlacedHit] = []
        while page := case.papers.hits(one.query_id, offset=len(found), limit=_PAGE):
            found += page
        for hit in found:
            place = calls.place_of.get(hit.hit.record_id)
            if place in calls.outside:
                continue
            matched += 1
            if place in calls.called:
                judged[calls.called[place]] += 1
        told.append(
            NamedQuery(
                query_id=one.query_id,
                text=one.text,
                matched=matched,
                relevant=judged[True],
                not_relevant=judged[False],
            )
        )
    return tuple(told)


def looked_steps(
    case: CaseWork, ground: Ground, searches: Sequence[Search], *, sampled: Collection[bytes] = ()
) -> tuple[Looked, ...]:
    """Held, in scope, readable, scanned, searched, reviewed, sampled, in each unit."""
    sources = case.authority.scope.source_ids or tuple(case.office.sources())
    packs = [row for row in case.office.catalogue.packs() if row.source_id in sources]
    sound, ids = sound_of(case), ground.calls.record_ids
    every = range(len(ids))
    some_ran = any(one.ended for one in case.papers.searches())
    reviewed = [place for place in ground.calls.called if place in ground.readable]
    read = [p for i in sampled if (p := ground.calls.place_of.get(i)) in ground.readable]

    def step(name: LookStep, places: Collection[int], records: int | None = None) -> Looked:
        heard = [sound[ids[place]] for place in places if ids[place] in sound]
        length, machine, human = (sum(row[at] for row in heard) for at in range(3))
        return Looked(
            step=name,
            records=len(places) if records is None else records,
            bytes=ground.sizes(places),
            sound_ms=length,
            machine_ms=machine,
            human_ms=human,
        )

    whole = step(LookStep.IN_SCOPE, every, ground.in_scope)
    if ground.in_scope != len(ids):  # of what has no envelope that opens, no size is known
        whole = Looked(step=LookStep.IN_SCOPE, records=ground.in_scope)
    return (
        Looked(
            step=LookStep.HELD,
            records=sum(row.records for row in packs),
            bytes=sum(row.original_bytes for row in packs),
        ),
        whole,
        step(LookStep.READABLE, ground.readable),
        step(LookStep.SCANNED, ground.readable if some_ran else ()),
        step(LookStep.SEARCHED, ground.readable if searches else ()),
        step(LookStep.REVIEWED, reviewed),
        step(LookStep.SAMPLED, [place for place in read if place is not None]),
    )


def lost_parts(case: CaseWork, ground: Ground, searches: Sequence[Search]) -> tuple[LostPart, ...]:
    """What could be any: unreadable, unparsed, withheld, lost, unheard; each counted by itself."""
    estimate: dict[str, Any] = case.papers.setting("estimate")
    of_scope = (
        ("in blocks that do not open", ground.damaged_records, ground.damaged_blocks),
        ("kept whole and not parsed", ground.opaque, ground.opaque),
        ("judged protected by a reviewer", ground.withheld, ground.withheld),
        ("in scope, but under no envelope that opens", ground.unaccounted, 1),
    )
    found = [
        LostPart(what=what, records=records, places=places, of_scope=True)
        for what, records, places in of_scope
        if records
    ]
    sources = case.authority.scope.source_ids or tuple(case.office.sources())
    rows = [row for row in case.office.catalogue.packs() if row.source_id in sources]
    undated = sum(row.records for row in rows if row.time_class == "undated")
    beside = (
        ("withheld as protected when the slice was opened", int(estimate["protected"])),
        (
            "held without a usable time, and so not in scope",
            0 if case.authority.scope.undated else undated,
        ),
        ("a pattern ran out of time in them", _timed_out(searches)),
        (UNHEARD, _unheard(sound_of(case).values())),
    )
    found += [LostPart(what=what, records=records) for what, records in beside if records]
    return (*found, *_gaps(case, sources))


def never_held(case: CaseWork, named: Sequence[str] = ()) -> tuple[str, ...]:
    """What of the scope no source holds: the stretches outside each, and what a person named."""
    span, found = case.authority.scope.span, []
    told = sources_told(case.gate)
    for source_id in case.authority.scope.source_ids or tuple(told):
        source = told.get(source_id, {})
        name = case.source_names.get(source_id, source_id)
        first, last = source.get("from_us"), source.get("until_us")
        if first is None or last is None:
            found.append(f"{name}, of which nothing has a usable time")
            continue
        if first > span.start_us or last < span.end_us:
            found.append(f"{name} outside {iso(first)} to {iso(last)}")
    return (*found, *(word for one in named if (word := " ".join(one.split()))))


def sound_of(case: CaseWork) -> Sound:
    """The recorded sound listed so far, by the record it stands under."""
    by_record = passages_by_record(case.papers)
    found: dict[bytes, tuple[int, int, int]] = {}
    for one in recordings(case.papers):
        length, heard = one.length_ms or 0, heard_of(one, by_record)
        people = min(covered_ms(spans(heard, person=True)), length)
        either = min(covered_ms([*spans(heard, person=True), *spans(heard, person=False)]), length)
        before = found.get(one.record_id, (0, 0, 0))
        found[one.record_id] = (
            before[0] + length,
            before[1] + either - people,
            before[2] + people,
        )
    return found


def _timed_out(searches: Sequence[Search]) -> int:
    return sum(int((one.figures or {}).get("timed_out", 0)) for one in searches)


def _unheard(heard: Iterable[tuple[int, int, int]]) -> int:
    return sum(1 for length, machine, human in heard if length and not machine + human)


def _gaps(case: CaseWork, sources: Sequence[str]) -> list[LostPart]:
    """The gaps of the sources, one a reason."""
    by_reason: dict[str, list[Any]] = {}
    for row in case.office.catalogue.gaps():
        if row.source_id in sources:
            by_reason.setdefault(row.reason, []).append(row)
    return [
        LostPart(
            what=f"gap, {reason}",
            records=None
            if any(row.lost is None for row in by_reason[reason])
            else sum(row.lost or 0 for row in by_reason[reason]),
            bytes=sum(row.bytes for row in by_reason[reason]),
            places=len(by_reason[reason]),
        )
        for reason in sorted(by_reason)
    ]
