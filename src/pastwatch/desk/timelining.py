"""The timeline of a case: what stands around its event, how full each source is, and a picture of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Final

from pastwatch.casefile.entered import Entered
from pastwatch.desk.case import CaseWork
from pastwatch.desk.covering import gaps_of
from pastwatch.desk.timelining_entries import count_withheld, entries_of
from pastwatch.desk.timelining_records import candidates_of, marks_of, sources_of
from pastwatch.errors import UsageError
from pastwatch.model.authority import Act
from pastwatch.model.source import Gap
from pastwatch.model.timeline import Entry, Mark, MarkSort, Timeline, Volume
from pastwatch.model.when import Span
from pastwatch.stages.reconstruct.timeline import (
    chosen,
    inside_of,
    span_of,
    split_of,
    times_of_marks,
    volumes_of,
)
from pastwatch.stages.reconstruct.timelinedraw import draw

LIMIT: Final = 40
ENTRIES: Final = "entries"
"""The lane of entries that name none."""
NO_CITES: Final = "analyst's entry, cites nothing"


def timeline_of(
    case: CaseWork,
    *,
    queries: Sequence[str] = (),
    hits: bool = False,
    since_us: int | None = None,
    until_us: int | None = None,
    limit: int = LIMIT,
    marks: Sequence[Mark] = (),
) -> Timeline:
    """The timeline of a case: its entries, the records cited or judged relevant, and `marks` given.

    `queries` (q1 …) adds the records they hit, `hits` those of every search of the case. Never is
    all of a slice shown. Of more than `limit` the cited come first, then the nearest to the event.
    Only what is shown is opened, and logged as shown; a record judged protected is nowhere in it,
    not in the counts either.
    """
    case.gate.check(Act.READ)
    if since_us is not None and until_us is not None and since_us >= until_us:
        raise UsageError("the timeline ends before it begins")
    event = case.event.when
    entries = entries_of(case)
    found = candidates_of(case, entries=entries, queries=queries, hits=hits)
    given = [*(_entry_mark(one) for one in entries), *_open_marks(case, marks)]
    times = times_of_marks(given).joined(found.times)
    asked = Span(
        start_us=since_us if since_us is not None else -(2**62),
        end_us=until_us if until_us is not None else 2**62,
    )
    inside = inside_of(times, asked).nonzero()[0]
    shown = inside[chosen(times.take(inside), event=event, limit=limit)]
    span = case.authority.scope.span
    if len(inside) or since_us is not None or until_us is not None:
        drawn = times.take(shown if len(shown) else inside)
        span = span_of(drawn, event=event, since_us=since_us, until_us=until_us)
    opened = marks_of(
        case, found, [row - len(given) for row in shown.tolist() if row >= len(given)]
    )
    coming = iter(opened)
    return Timeline(
        event=case.event,
        span=span,
        opened=case.authority.scope.span,
        marks=tuple(given[row] if row < len(given) else next(coming) for row in shown.tolist()),
        found=len(times),
        outside=len(times) - len(inside),
        split=split_of(times, event),
        volumes=_volumes(case, span),
        notes=_notes(case),
    )


def picture_of(timeline: Timeline) -> str:
    """The timeline as SVG."""
    return draw(timeline)


def _entry_mark(one: Entered[Entry]) -> Mark:
    entry = one.value
    rests = f"cites {len(entry.citations)}" if entry.citations else NO_CITES
    return Mark(
        sort=MarkSort.ENTRY,
        lane=entry.lane or ENTRIES,
        title=entry.title,
        earliest_us=entry.earliest_us,
        latest_us=entry.latest_us,
        name=one.name,
        who=one.by,
        lasts=entry.lasts,
        place=entry.place,
        rests_on=f"{rests}: {entry.reason}" if entry.reason else rests,
        cites=entry.citations,
    )


def _open_marks(case: CaseWork, marks: Sequence[Mark]) -> list[Mark]:
    """What was given but what is, or cites, a record judged protected."""
    shut = case.papers.protected_ids()
    return [
        replace(mark, rests_on=mark.rests_on or "cites nothing") if not mark.cites else mark
        for mark in marks
        if mark.record_id not in shut and not any(c.record_id in shut for c in mark.cites)
    ]


def _volumes(case: CaseWork, span: Span) -> tuple[Volume, ...]:
    facts = sources_of(case)
    chosen_ids = case.authority.scope.source_ids or tuple(case.source_names)
    named = sorted(((i, case.source_names.get(i, i)) for i in chosen_ids), key=lambda one: one[1])
    return volumes_of(
        case.gate.index(),
        span=span,
        event=case.event.when,
        names=named,
        held={i: _held(facts.get(i, {})) for i in chosen_ids},
        gaps=_gaps(case, chosen_ids),
        withheld=case.papers.protected_ids(),
    )


def _held(facts: dict[str, Any]) -> tuple[int | None, int | None]:
    start, end = facts.get("from_us"), facts.get("until_us")
    return (None if start is None else int(start), None if end is None else int(end))


def _gaps(case: CaseWork, source_ids: Sequence[str]) -> list[Gap]:
    """The gaps that may hide records; a gap that hides none is no hole in time."""
    every = gaps_of(case.office, tuple(source_ids))
    return [gap for gap in every if gap.lost_records_at_most != 0]


def _notes(case: CaseWork) -> tuple[str, ...]:
    withheld = count_withheld(case)
    if not withheld:
        return ()
    noun = "entry cites" if withheld == 1 else "entries cite"
    return (f"{withheld} {noun} a record that was judged protected since, and is left out",)
