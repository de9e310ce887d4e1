"""What a collector says of the watches it ran: how many records were examined, alerts, and stops."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pastwatch.cli import show
from pastwatch.cli.show import count

if TYPE_CHECKING:
    from pastwatch.desk.tapping import Tap


def watched(tap: Tap | None) -> dict[str, Any] | None:
    """The counts as JSON; None where no watches were asked for."""
    if tap is None:
        return None
    tally = tap.tally
    return {
        "watches": len(tap.seats),
        "examined": tally.examined,
        "withheld": tally.withheld,
        "unparsed": tally.unparsed,
        "alerts": tally.alerts,
        "stopped": [
            {"watch": one.watch, "version": one.version, "reason": one.reason}
            for one in tally.stops
        ],
    }


def watched_line(tap: Tap | None) -> str:
    """`1,200 records examined by 3 watches · 7 alerts · 2 withheld`; nothing where none were asked for."""
    if tap is None:
        return ""
    tally = tap.tally
    parts = [
        f"{count(tally.examined, 'record')} examined by {count(len(tap.seats), 'watch', 'watches')}",
        count(tally.alerts, "alert"),
        f"{count(tally.withheld)} withheld" if tally.withheld else "",
        f"{count(tally.unparsed)} not examined: sealed unparsed" if tally.unparsed else "",
        f"{count(len(tally.stops))} stopped" if tally.stops else "",
    ]
    return " · ".join(part for part in parts if part)


def tell_stops(tap: Tap | None) -> None:
    """Say on stderr which watches do not run, or no longer, and why."""
    if tap is None:
        return
    if not tap.memory_reads:
        show.say("pastwatch: what rhythms counted before does not read: they count anew")
    for one in tap.tally.stops:
        show.say(f"pastwatch: watch {one.watch} version {one.version} does not run: {one.reason}")
    if not tap.seats:
        show.say("pastwatch: no watch examined this source: none is started that may meet it")
