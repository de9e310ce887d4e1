"""The timeline as a chapter: its picture, and its marks in order of time with what they rest on."""

from __future__ import annotations

from pastwatch.desk.briefs.made.cells import joined, quoted, row, stop, stretch, zone
from pastwatch.desk.briefs.made.citing import head_of, usable
from pastwatch.desk.briefs.made.ledgered import Acts, acts_of
from pastwatch.desk.case import CaseWork
from pastwatch.desk.claiming import claims_of
from pastwatch.desk.timelinemarks import marks_of_case
from pastwatch.desk.timelining import picture_of, timeline_of
from pastwatch.model.assessment import Coverage
from pastwatch.model.record import Citation
from pastwatch.model.timeline import Mark, MarkSort, Timeline
from pastwatch.model.when import Span
from pastwatch.stages.brief.given import Chapter, Line, Picture, Stretch

LIMIT = 48
"""Marks shown at most; how many there are is said."""
COLUMNS = ("When", "What", "Where from")
_SIDES = (
    "Before the event",
    "At the event, or over its edge",
    "After the event",
    "Without a usable date",
)
_KINDS = {
    MarkSort.RECORD: "observation",
    MarkSort.CLAIM: "reported-claim",
    MarkSort.ENTRY: "entry",
    MarkSort.EXHIBIT: "exhibit",
    MarkSort.TRACK: "exhibit",
}


def make(case: CaseWork) -> Chapter | None:
    """The chapter; None where nothing stands on the timeline.

    What a search hit and nobody cited or judged relevant is not in it: a brief names no third party
    for a word they used.
    """
    found = timeline_of(case, marks=marks_of_case(case), limit=LIMIT)
    if not found.marks:
        return None
    rows = _rows(case, found)
    stretches = [
        Stretch(
            heading="",
            lines=_told(case, found),
            picture=Picture(
                name="timeline",
                svg=picture_of(found),
                caption=f"Timeline around the event: {len(found.marks):,} of {found.found:,} "
                "marks over the records held of each source.",
            ),
        )
    ]
    stretches += [
        Stretch(heading=side, columns=COLUMNS, lines=tuple(rows[side]))
        for side in _SIDES
        if rows[side]
    ]
    return Chapter(
        key="pictures-timeline", title="Timeline", stretches=tuple(stretches), after="timeline"
    )


def _told(case: CaseWork, found: Timeline) -> tuple[Line, ...]:
    split, coverage = found.split, case.coverage()
    parts = [
        f"{split.before:,} before the event",
        f"{split.during:,} during it" if split.during or case.event.when.length_us else "",
        f"{split.after:,} after it",
        f"{split.either:,} over its edge" if split.either else "",
        f"{split.doubtful:,} of doubtful date" if split.doubtful else "",
        f"{split.undated:,} without a usable date" if split.undated else "",
    ]
    said = [
        _figure(f"Of {found.found:,} marks found, {joined(parts)}.", coverage),
        _figure(
            f"Showing {len(found.marks):,} of {found.found:,} marks, first what is cited, then "
            "the nearest to the event.",
            coverage,
        ),
    ]
    said += [Line(kind="note", text=stop(note[:1].upper() + note[1:])) for note in found.notes]
    said.append(
        Line(
            kind="note",
            text=f"Times are those that records, reports and files claim, at {zone(case.event.zone_offset_s)}.",
        )
    )
    return tuple(said)


def _figure(text: str, coverage: Coverage) -> Line:
    return Line(kind="figure", text=text, coverage=coverage)


def _rows(case: CaseWork, found: Timeline) -> dict[str, list[Line]]:
    acts = acts_of(case)
    bare = [m.record_id for m in found.marks if m.record_id and not usable(case, m.cites)]
    heads = {r.record_id: head_of(r) for r in case.records(bare)} if bare else {}
    statements = {one.name: one.value.statement for one in claims_of(case)}
    rows: dict[str, list[Line]] = {side: [] for side in _SIDES}
    for mark in found.marks:
        cites = usable(case, mark.cites) or heads.get(mark.record_id, ())
        line = _row(mark, cites, acts, said=statements.get(mark.name, ""), case=case)
        rows[side_of(mark, case.event.when)].append(line)
    return rows


def side_of(mark: Mark, event: Span) -> str:
    """On which side of the event a mark stands, as the headings of the tables call it."""
    before, at, after, nowhere = _SIDES
    if mark.earliest_us is None or mark.latest_us is None or mark.doubtful:
        return nowhere
    if mark.latest_us < event.start_us:
        return before
    return after if mark.earliest_us >= event.end_us else at


def _row(mark: Mark, cites: tuple[Citation, ...], acts: Acts, *, said: str, case: CaseWork) -> Line:
    when = stretch(mark.earliest_us, mark.latest_us, case.event.zone_offset_s)
    if mark.doubtful:
        when = f"doubtful: {when}"
    elif mark.earliest_us != mark.latest_us and mark.earliest_us is not None:
        when = f"{'lasted ' if mark.lasts else 'within '}{when}"
    if mark.sort is MarkSort.CLAIM and said:
        when = f"{when}, told as {quoted(mark.title.rpartition(' (')[2].removesuffix(')'))}"
    kind, ledger = _KINDS[mark.sort], _ledger(mark, acts)
    if kind in {"observation", "reported-claim"} and not cites:
        # Nothing of it can be cited: an empty record, or a line that only counts.
        kind, ledger = "stated", ledger or acts.begun
    return Line(
        kind=kind,
        text=row(when, _what(mark, said), _source(mark)),
        citations=cites,
        ledger=ledger,
    )


def _what(mark: Mark, said: str) -> str:
    if mark.sort is MarkSort.RECORD:
        return f"{mark.who or 'not stated'}: {quoted(mark.title)}"
    if mark.sort is MarkSort.CLAIM and said:
        who = mark.title.partition(": ")[0]
        return f"{who}: {quoted(said)}"
    if mark.sort is MarkSort.CLAIM:
        return mark.title.partition(": see")[0]
    return f"{mark.title} ({mark.place})" if mark.place else mark.title


def _source(mark: Mark) -> str:
    if mark.sort is MarkSort.ENTRY:
        return f"{mark.name}, entered by {mark.who}; {mark.rests_on}"
    if mark.sort in (MarkSort.EXHIBIT, MarkSort.TRACK):
        return f"{mark.sort} {mark.name}"
    if mark.sort is MarkSort.CLAIM:
        return f"{mark.lane} {mark.name}".strip()
    return f"{mark.lane}, {_why(mark.rests_on)}" if mark.rests_on else mark.lane


def _why(rests_on: str) -> str:
    """Why a record stands here, "cited in" said once."""
    cited = "cited in "
    words = rests_on.split(", ")
    named = [w.removeprefix(cited) for w in words if w.startswith(cited)]
    rest = [w for w in words if not w.startswith(cited)]
    return ", ".join([cited + ", ".join(named)] * bool(named) + rest)


def _ledger(mark: Mark, acts: Acts) -> tuple[int, ...]:
    if mark.sort is MarkSort.ENTRY:
        return acts.numbered("timeline_entries", mark.name)
    if mark.sort is MarkSort.EXHIBIT:
        return acts.numbered("exhibits", mark.name)
    if mark.sort is MarkSort.TRACK:
        return acts.numbered("tracks", mark.name)
    return ()
