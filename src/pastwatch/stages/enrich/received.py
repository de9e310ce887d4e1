"""Whether the stations a mail names follow each other in time, and the date it claims with them."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime

from pastwatch.stages.enrich.header import Field, fields_of, named
from pastwatch.stages.enrich.held import Held, Outcome, Remark, remark

CHECK = "received"
CLOCKS_MAY_DIFFER = timedelta(minutes=5)
LONG_ON_ITS_WAY = timedelta(days=2)


def received(given: list[Held]) -> Iterator[Remark]:
    """One remark a mail at least: each step back in time, or that there is none."""
    for held in given:
        fields = fields_of(held)
        if not fields:
            continue
        yield from _of(held, fields)


def _of(held: Held, fields: list[Field]) -> Iterator[Remark]:
    stations = [(field, _time(field.value.rpartition(";")[2])) for field in named(fields, CHECK)]
    dated = [(field, time) for field, time in reversed(stations) if time is not None]
    if not dated:
        says = "no station on the way states a time" if stations else "no station is named"
        yield remark(held, CHECK, Outcome.ABSENT, says)
        return
    is_back = False
    for (_, before), (field, after) in itertools.pairwise(dated):
        if before - after > CLOCKS_MAY_DIFFER:
            is_back = True
            says = (
                f"a station states a time {_length(before - after)} before the one it had it from"
            )
            yield remark(held, CHECK, Outcome.DIFFERS, says, field.place)
    yield from _against_date(held, fields, dated[0])
    if not is_back:
        says = f"{len(dated)} stations follow each other in time"
        unread = len(stations) - len(dated)
        yield remark(held, CHECK, Outcome.AGREES, says + (f", {unread} undated" if unread else ""))


def _against_date(
    held: Held, fields: list[Field], first: tuple[Field, datetime]
) -> Iterator[Remark]:
    """The claimed date beside the time of the first station."""
    claims = [(field, time) for field in named(fields, "date") if (time := _time(field.value))]
    if not claims:
        return
    field, claimed = claims[0]
    if claimed - first[1] > CLOCKS_MAY_DIFFER:
        says = (
            f"it claims to be written {_length(claimed - first[1])} after its first station had it"
        )
        yield remark(held, CHECK, Outcome.DIFFERS, says, field.place)
    elif first[1] - claimed > LONG_ON_ITS_WAY:
        says = f"its first station had it {_length(first[1] - claimed)} after the date it claims"
        yield remark(held, CHECK, Outcome.DIFFERS, says, field.place)


def _time(value: str) -> datetime | None:
    try:
        found = parsedate_to_datetime(value.strip())
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return found if found.tzinfo is not None else None


def _length(length: timedelta) -> str:
    seconds = int(length.total_seconds())
    for unit, size in (("day", 86_400), ("hour", 3_600), ("minute", 60)):
        if seconds >= size:
            count = seconds // size
            return f"{count} {unit}{'' if count == 1 else 's'}"
    return f"{seconds} seconds"
