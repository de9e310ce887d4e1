"""What a back-test must rest on, and the limits that are always printed with it."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Final

from pastwatch.archive.identity import normal_address
from pastwatch.desk.office import Office
from pastwatch.errors import NoAuthority, OutsideScope, UsageError
from pastwatch.model.authority import Authority
from pastwatch.model.backtest import Backtest, Foresight
from pastwatch.model.watch import Watch
from pastwatch.model.when import SECOND_US, Span
from pastwatch.stages.watch.limits import accounts_of, directed, matches_nearly_everything

FEW_EVENTS: Final = 5
FEW_HOURS: Final = 20
DIRECTED_SIGNATURES: Final = 2


def check_watch(watch: Watch) -> None:
    """UsageError for a watch that no back-test can try."""
    if matches_nearly_everything(watch):
        raise UsageError("this watch asks for nothing in particular: it would be refused")


def check_spans(spans: Sequence[Span], events_us: Mapping[str, int], *, horizon_s: int) -> None:
    """UsageError where an event lies outside the span, or a span is shorter than the horizon."""
    for name, at_us in events_us.items():
        if not spans[0].start_us <= at_us < spans[0].end_us:
            raise UsageError(f'event "{name}" lies outside the span that is tried')
    if any(span.length_us < horizon_s * SECOND_US for span in spans):
        raise UsageError("a span is shorter than an alarm lasts: nothing could be told of it")


def check_authority(authority: Authority, spans: Sequence[Span], events: Collection[str]) -> None:
    """Refuse an authority of another event, or that does not reach over what is tried."""
    if events and authority.event_id not in events:
        raise UsageError(f'this baseline is for event "{authority.event_id}"')
    own = authority.scope.span
    for span in spans:
        if span.start_us < own.start_us or span.end_us > own.end_us:
            raise OutsideScope(
                f"authority {authority.authority_id} does not reach over the whole span",
                hint="draft one with 'pastwatch watch backtest … --draft FILE'",
            )


def check_directed(watch: Watch, authority: Authority) -> None:
    """NoAuthority where a watch follows persons and the authority does not list and sign for them.

    The times of such alerts are the times of those persons' own records.
    """
    if not directed(watch):
        return
    listed = {normal_address(a) for a in authority.scope.accounts}
    missing = [a for a in accounts_of(watch) if a not in listed]
    if missing or not listed:
        raise NoAuthority(
            f'watch "{watch.name}" follows persons: {len(missing) or "all"} of the accounts it '
            "names are not listed in the baseline authority"
        )
    if len({s.key_id for s in authority.signatures}) < DIRECTED_SIGNATURES:
        raise NoAuthority(
            f'watch "{watch.name}" follows persons: the baseline authority needs a second signature'
        )


def check_control(office: Office, control: Span, *, horizon_s: int) -> None:
    """UsageError where a span said to be quiet holds an event that this desk knows, or its warning."""
    for event in office.desk.events():
        until_us = control.end_us + horizon_s * SECOND_US
        if control.start_us <= event.when.start_us < until_us:
            raise UsageError(f'the quiet span holds, or leads up to, event "{event.event_id}"')


def limits_of(made: Backtest) -> tuple[str, ...]:
    """What must be printed with a back-test, whatever it found."""
    return tuple(_limits(made))


def _limits(made: Backtest) -> Iterator[str]:
    count = len(made.events)
    if count:
        warned = count - made.missed
        yield (
            f"{warned} of {count} {'event' if count == 1 else 'events'} bounds detection only at "
            f"{100 * made.detection_at_least:.0f} % (one-sided 95 %)"
        )
    if count < FEW_EVENTS:
        yield "fewer than five events: counts are told, and no share of useful alerts"
    match made.claim:
        case Foresight.EXPLAINS:
            yield "explains: its words were taken from an event tried here, or from a later one"
        case Foresight.RETROSPECTIVE if count:
            yield (
                "retrospective: its exact text did not stand in the ledger before the event, "
                "so whoever wrote it may have known"
            )
        case _:
            pass
    yield "records stand at the moment they claim: one that arrives late would warn later"
    hours = min((event.matched_hours for event in made.events), default=FEW_HOURS)
    if hours < FEW_HOURS:
        yield (
            f"the span holds {hours} other hours of that hour and sort of day: luck is known no "
            "finer than that"
        )
    if made.left_out:
        yield f"{made.left_out:,} records without a usable time stand nowhere and were not tried"
    if made.unwatched_sources:
        yield f"{made.unwatched_sources} sources that meet no watch were left out"
    if made.stopped:
        yield f"the watch was stopped on the way: {made.stopped}"
