"""Times as a brief prints them: in the event's zone and in UTC, with what they rest on."""

from __future__ import annotations

from pastwatch.model.when import EARLIEST_US, LATEST_US, Basis, When, iso

BASES = {
    Basis.RECEIVED: "as received",
    Basis.HEADER: "as its sender's clock says",
    Basis.EXPORT: "as the export says",
    Basis.INFERRED: "inferred",
}


def both_zones(time_us: int, offset_s: int) -> str:
    """A moment in the event's zone, then in UTC; once when they are the same."""
    utc = iso(time_us).replace("T", " ").replace("Z", " UTC")
    shifted_us = time_us + offset_s * 1_000_000
    if not offset_s or not EARLIEST_US <= shifted_us <= LATEST_US:
        return utc
    return f"{local(time_us, offset_s)} ({utc})"


def made_on(time_us: int, offset_s: int, *, to_the_day: bool) -> str:
    """When a brief was made: to the day in one that is handed out with coarse times."""
    return local(time_us, offset_s)[:10] if to_the_day else both_zones(time_us, offset_s)


def local(time_us: int, offset_s: int) -> str:
    """A moment in the event's zone alone, as in 2017-04-04 06:30:00 +03:00."""
    text = iso(time_us, offset_s=offset_s).replace("T", " ")
    return text.replace("Z", " UTC") if not offset_s else f"{text[:-6]} {text[-6:]}"


def between(start_us: int, end_us: int, offset_s: int) -> str:
    """A span, or one moment when it has no length."""
    if start_us == end_us:
        return both_zones(start_us, offset_s)
    return f"{both_zones(start_us, offset_s)} to {both_zones(end_us, offset_s)}"


def claimed(when: When | None, offset_s: int) -> str:
    """When a record says it was made, and what that rests on."""
    if when is None:
        return "undated"
    return f"{between(when.earliest_us, when.latest_us, offset_s)}, {BASES[when.basis]}"
