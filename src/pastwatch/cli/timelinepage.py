"""How a timeline looks on a terminal: its marks with the event between them, volumes, entries."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pastwatch.cli import show
from pastwatch.cli.session import Session
from pastwatch.cli.show import count
from pastwatch.model.timeline import Entry, Mark, Split, Timeline, Volume
from pastwatch.model.when import SECOND_US, Span, iso

if TYPE_CHECKING:
    from pastwatch.desk.case import CaseWork

_LANE, _WHO, _WHAT = 16, 18, 64
_SPARKS = 48
_MINUTE_US = 60 * SECOND_US


def print_timeline(made: Timeline) -> None:
    """The table of marks in order of time with the event between them, and the figures around it."""
    offset_s = made.event.zone_offset_s
    at_us = made.event.when.start_us
    show.facts(
        [
            ("event", f"{_both(at_us, offset_s)}  {show.neutral(made.event.title)}"),
            ("marks", _split_said(made.split)),
            ("showing", _showing(made)),
            ("stretch", _between(made.span, offset_s)),
            ("opened", f"{_between(made.opened, offset_s)} under the authority"),
        ]
    )
    if made.marks:
        show.out()
        show.table(_rows(made), head=("", f"{_zone(offset_s)}", "UTC", "lane", "who", "what"))
    if made.volumes:
        show.out()
        show.table(
            [_volume_row(v, at_us, offset_s) for v in made.volumes],
            head=("source", "before", "during", "after", "undated", "per", "volume", "held"),
            right={1, 2, 3, 4},
        )
    for volume in made.volumes:
        for gap in volume.gaps:
            lost = (
                "nobody knows how many records"
                if gap.lost_records_at_most is None
                else f"at most {count(gap.lost_records_at_most, 'record')}"
            )
            show.out(f"gap in {volume.name}: {show.neutral(gap.reason)}, {lost}, nobody knows when")
    for note in made.notes:
        show.out(f"note: {note}")
    if not made.found:
        show.out(
            "nothing is cited or judged relevant yet: add --query q1, or 'pastwatch timeline add'"
        )


def _rows(made: Timeline) -> list[tuple[str, ...]]:
    offset_s, event = made.event.zone_offset_s, made.event.when
    rows: list[tuple[str, ...]] = []
    told = False
    for mark in made.marks:
        if not told and (mark.earliest_us is None or mark.earliest_us >= event.start_us):
            told = True
            rows.append(_event_row(made))
        rows.append(
            (
                mark.name,
                *_times(mark, offset_s),
                show.cut(show.neutral(mark.lane), _LANE),
                show.cut(show.neutral(mark.who), _WHO),
                _what(mark),
            )
        )
    if not told:
        rows.append(_event_row(made))
    return rows


def _event_row(made: Timeline) -> tuple[str, ...]:
    at_us = made.event.when.start_us
    zoned = show.moment(at_us, offset_s=made.event.zone_offset_s, seconds=True)[:19]
    return ("──", f" {zoned}", show.moment(at_us)[:16], "──", "──", "EVENT " + "─" * 20)


def _times(mark: Mark, offset_s: int) -> tuple[str, str]:
    if mark.earliest_us is None or mark.latest_us is None:
        return " no usable date", ""
    wide_us = mark.latest_us - mark.earliest_us
    sign = "?" if mark.doubtful else "~" if wide_us >= SECOND_US and not mark.lasts else " "
    zoned = show.moment(mark.earliest_us, offset_s=offset_s, seconds=True)
    return f"{sign}{zoned[:19]}", show.moment(mark.earliest_us)[:16]


def _what(mark: Mark) -> str:
    wide_s = 0
    if mark.earliest_us is not None and mark.latest_us is not None:
        wide_s = round((mark.latest_us - mark.earliest_us) / SECOND_US)
    how = ""
    if wide_s > 60:  # noqa: PLR2004 - a ~ before the time says so much
        how = (
            f"(for {show.lasting(wide_s)}) " if mark.lasts else f"(within {show.lasting(wide_s)}) "
        )
    doubt = "(doubtful date) " if mark.doubtful else ""
    place = f" [{show.cut(show.neutral(mark.place), _LANE)}]" if mark.place else ""
    rests = f"  ‹{show.cut(show.neutral(mark.rests_on), _WHAT)}›" if mark.rests_on else ""
    return f"{doubt}{how}{show.cut(show.neutral(mark.title), _WHAT)}{place}{rests}"


def _volume_row(volume: Volume, event_us: int, offset_s: int) -> tuple[str, ...]:
    split = volume.split
    held = "nothing dated"
    if volume.held_from_us is not None and volume.held_until_us is not None:
        ends = (
            show.moment(at, offset_s=offset_s)[:16]
            for at in (volume.held_from_us, volume.held_until_us)
        )
        held = " to ".join(ends)
    undated = split.undated + split.doubtful
    return (
        show.cut(show.neutral(volume.name), 2 * _LANE),
        count(split.before),
        count(split.during + split.either),
        count(split.after),
        count(undated),
        show.lasting(volume.width_us * _fold(volume) / SECOND_US),
        _sparks(volume, event_us),
        held,
    )


def _fold(volume: Volume) -> int:
    return max(-(-len(volume.counts) // _SPARKS), 1)


def _sparks(volume: Volume, event_us: int) -> str:
    """The counts in no more stretches than a line has room for, with a stroke where the event is."""
    step = _fold(volume)
    at = min(max((event_us - volume.start_us) // volume.width_us, 0), len(volume.counts))
    before, after = volume.counts[:at], volume.counts[at:]
    first = [sum(before[max(end - step, 0) : end]) for end in range(len(before), 0, -step)][::-1]
    last = [sum(after[start : start + step]) for start in range(0, len(after), step)]
    drawn = show.sparks([*first, *last])
    return f"{drawn[: len(first)]}│{drawn[len(first) :]}" if first and last else drawn


def _split_said(split: Split) -> str:
    parts = [
        f"{split.before:,} before the event",
        f"{split.during:,} during",
        f"{split.after:,} after",
    ]
    parts += [f"{split.either:,} over its edge"] if split.either else []
    parts += [f"{split.doubtful:,} of doubtful date"] if split.doubtful else []
    parts += [f"{split.undated:,} without a usable date"] if split.undated else []
    return ", ".join(parts)


def _showing(made: Timeline) -> str:
    text = f"{count(len(made.marks))} of {count(made.found)}"
    if made.outside:
        text += f"; {count(made.outside)} outside the stretch asked for"
    if len(made.marks) < made.found - made.outside:
        text += (
            "; entries and what is cited first, then the nearest to the event; --limit N for more"
        )
    return text


def stretch(earliest_us: int | None, latest_us: int | None, *, lasts: bool, offset_s: int) -> str:
    """A time in words, in both zones: a moment, or between which two, or from when to when."""
    if earliest_us is None or latest_us is None:
        return "no date"
    if latest_us - earliest_us < _MINUTE_US:
        whole = latest_us - earliest_us == _MINUTE_US - 1
        return _both(earliest_us, offset_s, seconds=not whole)
    words = ("from", "to") if lasts else ("between", "and")
    ends = (_both(earliest_us, offset_s), _both(latest_us, offset_s))
    return f"{words[0]} {ends[0]} {words[1]} {ends[1]}"


def _between(span: Span, offset_s: int) -> str:
    ends = [show.moment(at, offset_s=offset_s)[:16] for at in (span.start_us, span.end_us)]
    return f"{ends[0]} to {ends[1]}{_zone(offset_s)}"


def _both(time_us: int, offset_s: int, *, seconds: bool = True) -> str:
    zoned = show.moment(time_us, offset_s=offset_s, seconds=seconds)
    return f"{zoned} ({iso(time_us)[11 : 19 if seconds else 16]} UTC)" if offset_s else zoned


def _zone(offset_s: int) -> str:
    return " " + show.moment(0, offset_s=offset_s)[-6:]


def print_entries(session: Session, work: CaseWork, *, struck: bool) -> int:
    """Print the entries of a case, or as JSON Lines; gives how many there are."""
    from pastwatch.desk.timelining_entries import entries_of

    found = entries_of(work, struck=struck)
    offset_s = work.event.zone_offset_s
    for one in found:
        if session.json:
            show.json_line(
                one.value,
                name=one.name,
                by=one.by,
                at_us=one.at_us,
                struck=one.struck._asdict() if one.struck else None,
            )
            continue
        entry: Entry = one.value
        when = stretch(entry.earliest_us, entry.latest_us, lasts=entry.lasts, offset_s=offset_s)
        place = f", {show.neutral(entry.place)}" if entry.place else ""
        show.out(f"{show.pad(one.name, 4)} {show.neutral(entry.title)}{place}")
        rests = count(len(entry.citations), "citation") if entry.citations else "cites nothing"
        reason = f": {show.neutral(entry.reason)}" if entry.reason else ""
        show.out(f"     {when}; {rests}{reason}; by {show.neutral(one.by)}")
        if one.struck:
            show.out(
                f"     STRUCK by {show.neutral(one.struck.by)}: {show.neutral(one.struck.reason)}"
            )
    return len(found)


def print_json(made: Timeline) -> None:
    """The timeline as JSON Lines: what it is, its marks, its volumes; nothing is cut."""
    show.json_line(
        None,
        kind="timeline",
        event=made.event,
        span=made.span,
        opened=made.opened,
        found=made.found,
        shown=len(made.marks),
        outside=made.outside,
        split=made.split,
        notes=made.notes,
    )
    for mark in made.marks:
        show.json_line(mark, kind="mark")
    for volume in made.volumes:
        show.json_line(volume, kind="volume")
