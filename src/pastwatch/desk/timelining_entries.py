"""What analysts put on a case's timeline themselves: entries added, struck, and told to the ledger."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Sequence
from datetime import date
from typing import Final

from pastwatch.casefile.entered import Entered
from pastwatch.desk.assessing import assessed, cited_hit, cited_record, withheld
from pastwatch.desk.case import CaseWork
from pastwatch.errors import BadValue, UsageError
from pastwatch.model.authority import Act as Allowed
from pastwatch.model.record import Citation
from pastwatch.model.timeline import Entry
from pastwatch.model.when import DAY_US, HOUR_US, SECOND_US, parse_iso

KIND: Final = "entry"
_RECORD_ID = re.compile(r"[0-9a-f]{32}")
_MINUTE_US = 60 * SECOND_US
_CLOCK = re.compile(
    r".+[T ]\d{2}(?P<minute>:?\d{2}(?P<second>:?\d{2}(?P<part>[.,]\d+)?)?)?(?:Z|[+-]\d{2}(?::?\d{2})?)?"
)


def add_entry(
    case: CaseWork,
    title: str,
    *,
    at: str | None,
    until: str | None = None,
    lasts: bool = False,
    cites: Sequence[str] = (),
    reason: str = "",
    place: str = "",
    lane: str = "",
) -> tuple[str, Entry]:
    """Keep an entry of the timeline; gives its name (e1, e2 …) and what was understood.

    `at` is a date, or a time as exactly as it is known: 2017-04-04 is somewhere in that day of the
    event's zone, 06:30 somewhere in that minute. With `until` it is some moment between the two, or
    all of the time between them where it `lasts`; None is an entry without a date. `cites` names
    hits (h3) or records by their 32 digits. A zone that is not written is UTC, as everywhere.
    """
    case.gate.check(Allowed.READ)
    earliest, latest = time_meant(at, until, zone_offset_s=case.event.zone_offset_s)
    entry = Entry(
        title=title,
        earliest_us=earliest,
        latest_us=latest,
        lasts=lasts,
        reason=reason,
        citations=tuple(cited(case, name) for name in cites),
        place=place,
        lane=lane,
    )
    assessed(case, {"timeline_entries": 1, "citations": len(entry.citations)})
    (name,) = case.papers.enter(KIND, [entry], by=case.office.person, at_us=case.office.clock())
    return name, entry


def strike_entry(case: CaseWork, name: str, *, reason: str) -> None:
    """Say that an entry no longer stands; it stays on file with the reason, and leaves the picture."""
    case.gate.check(Allowed.READ)
    if not reason.strip():
        raise UsageError("an entry is struck for a reason", hint='--reason "…"')
    case.papers.entered_raw(KIND, name)
    assessed(case, {"timeline_struck": 1})
    case.papers.strike(KIND, name, by=case.office.person, reason=reason, at_us=case.office.clock())


def entries_of(case: CaseWork, *, struck: bool = False) -> list[Entered[Entry]]:
    """The entries that stand, in the order they were made; with `struck` also those that do not.

    One that cites a record judged protected since is left out, for its words may give it away.
    """
    shut = withheld(case)
    return [
        one
        for one in case.papers.entered(KIND, Entry, struck=struck)
        if not any(cite.record_id in shut for cite in one.value.citations)
    ]


def count_withheld(case: CaseWork) -> int:
    """How many entries that stand cite a record judged protected since."""
    return len(case.papers.entered(KIND, Entry)) - len(entries_of(case))


def time_meant(
    at: str | None, until: str | None, *, zone_offset_s: int
) -> tuple[int | None, int | None]:
    """The earliest and the latest moment that what is written can mean, both included."""
    if at is None:
        if until is not None:
            raise UsageError("an end without a beginning", hint="say --at too, or --undated")
        return None, None
    first_us, last_us = _meant(at, zone_offset_s)
    if until is not None:
        until_us, last_us = _meant(until, zone_offset_s)
        if until_us < first_us:
            raise BadValue("an entry of a timeline ends before it begins")
    return first_us, last_us


def cited(case: CaseWork, name: str) -> Citation:
    """The citation that a hit (h3) stands for, or all the text of a record named by its 32 digits.

    UsageError for a record that was judged protected.
    """
    if not _RECORD_ID.fullmatch(name):
        return cited_hit(case, name)
    return cited_record(case, bytes.fromhex(name))


def _meant(text: str, zone_offset_s: int) -> tuple[int, int]:
    start_us, _ = parse_iso(text)
    with contextlib.suppress(ValueError):
        date.fromisoformat(text.strip())
        start_us -= zone_offset_s * SECOND_US
        return start_us, start_us + DAY_US - 1
    written = _CLOCK.fullmatch(text.strip())
    if written is None or written["part"]:
        return start_us, start_us
    length_us = SECOND_US if written["second"] else _MINUTE_US if written["minute"] else HOUR_US
    return start_us, start_us + length_us - 1
