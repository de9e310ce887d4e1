"""What a back-test may be called: predicted only what was in the ledger before, never tuned ahead."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from pastwatch.errors import UsageError
from pastwatch.model.backtest import Foresight
from pastwatch.model.when import DAY_US, SECOND_US, iso

EMBARGO_S: Final = 7 * 86_400
"""So long after an event that a watch was made from nothing is tried: its aftermath is not news."""


def claim_of(
    event_id: str, event_us: int, *, kept_us: int | None, tuned_us: Mapping[str, int | None]
) -> Foresight:
    """What a result on an event may be called.

    `kept_us` is when the exact text came to stand in the ledger, by the ledger's own time; at the
    event's very moment is too late. `tuned_us` has the events that the words were taken from; one
    whose time is not known (None) may be any.
    """
    if event_id in tuned_us:
        return Foresight.EXPLAINS
    if any(at_us is None or at_us >= event_us for at_us in tuned_us.values()):
        return Foresight.EXPLAINS
    if kept_us is not None and kept_us < event_us:
        return Foresight.PREDICTION
    return Foresight.RETROSPECTIVE


def check_embargo(
    events_us: Mapping[str, int], *, tuned_us: Mapping[str, int | None], embargo_s: int = EMBARGO_S
) -> None:
    """UsageError for an event that came too soon after one the watch was made from."""
    for name, event_us in events_us.items():
        for tuned, at_us in tuned_us.items():
            if (
                name != tuned
                and at_us is not None
                and 0 <= event_us - at_us < embargo_s * SECOND_US
            ):
                until = iso(at_us + embargo_s * SECOND_US)
                raise UsageError(
                    f'event "{name}" lies within {embargo_s * SECOND_US / DAY_US:g} days of '
                    f'"{tuned}", which the watch was made from',
                    hint=f"try events from {until} on, or say a shorter gap",
                )
