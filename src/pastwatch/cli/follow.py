"""Follow a live source from the command line: options, the line of health, and a clean end."""

from __future__ import annotations

import re
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any, TypeVar

import click

from pastwatch.cli import show
from pastwatch.cli.exit import DONE, NOTHING_FOUND, WITH_GAPS
from pastwatch.cli.show import count, size
from pastwatch.cli.tapped import tell_stops, watched, watched_line
from pastwatch.config import secret
from pastwatch.errors import UsageError

if TYPE_CHECKING:
    from types import FrameType

    from pastwatch.cli.session import Session
    from pastwatch.desk.following import FollowReport, Health, Rhythm

F = TypeVar("F", bound=Callable[..., Any])

FOLLOWING = ("seal_every", "health_every", "metrics", "until_idle", "lag")
_UNITS = {"": 1.0, "s": 1.0, "min": 60.0, "h": 3600.0}
_STRETCH = re.compile(r"(\d+(?:\.\d+)?)\s*(s|min|h)")


def live_options(command: F) -> F:
    """The options of a live source, in the order the help shows them."""
    for option in (
        click.option("--until-idle", is_flag=True, help="End when the source has nothing more."),
        click.option("--lag", metavar="TIME", help="A new source is as late as this at most: 1h."),
        click.option("--metrics", type=int, metavar="PORT", help="Prometheus, on 127.0.0.1 alone."),
        click.option("--health-every", metavar="TIME", help="A line of health on stderr. [60s]"),
        click.option(
            "--seal-every", metavar="WHAT", help="Seal after so much, or so long. [10000,60s]"
        ),
        click.option(
            "--follow",
            metavar="URL",
            help="Follow imaps:, nats:, kafka:, folder: or a feed. [PASTWATCH_LIVE_PASSWORD_FILE]",
        ),
    ):
        command = option(command)
    return command


def follow(session: Session, url: str, *, source: str, **given: Any) -> int:
    """Seal what arrives until told to stop; SIGINT and SIGTERM seal what is in hand and end."""
    from pastwatch.desk.following import follow_into

    live = {name: given.pop(name) for name in FOLLOWING}
    if given.pop("handover"):
        raise UsageError("a live source has no handover: nobody handed it over")
    rhythm = _rhythm(live["seal_every"], live["health_every"], watch=given["watch"])
    lag_s = round(stretch_s(live["lag"], "--lag")) if live["lag"] else None
    with ExitStack() as held:
        archive = held.enter_context(session.archive())
        stop = held.enter_context(stopping())
        on_change: Callable[[Health], None] = _unheard
        if live["metrics"] is not None:
            from pastwatch.cli.metrics import serving

            on_change = held.enter_context(serving(live["metrics"], source))
        report = follow_into(
            archive.office,
            url,
            source=source,
            rhythm=rhythm,
            lag_s=lag_s,
            until_idle=live["until_idle"],
            password=secret("LIVE_PASSWORD") or "",
            on_health=_Line(source),
            on_change=on_change,
            stop=stop,
            **given,
        )
    _print(session, report)
    tell_stops(report.tap)
    if report.health.gaps:
        return WITH_GAPS
    return DONE if report.health.records or report.health.held else NOTHING_FOUND


def stretch_s(text: str, option: str) -> float:
    """A stretch of time in seconds: 30s, 5min, 1h."""
    found = _STRETCH.fullmatch(text.strip())
    if not found or not float(found[1]):
        raise UsageError(f"{option} is a stretch of time", hint="as in 30s, 5min or 1h")
    return float(found[1]) * _UNITS[found[2]]


@contextmanager
def stopping() -> Iterator[threading.Event]:
    """Set by SIGINT or SIGTERM: seal what is in hand and end; a second SIGINT breaks off."""
    stop = threading.Event()

    def on_signal(number: int, _frame: FrameType | None) -> None:
        if stop.is_set() and number == signal.SIGINT:
            raise KeyboardInterrupt
        stop.set()

    if threading.current_thread() is not threading.main_thread():
        yield stop
        return
    before = {s: signal.signal(s, on_signal) for s in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def health_line(source: str, health: Health) -> str:
    """`ministry-mail: 1,200 records · 3 held · 0 gaps · lag 17 · 2 unsealed · 0 retries · reached`."""
    lag = "" if health.lag is None else f" · lag {count(health.lag)}"
    opaque = f" ({count(health.opaque)} opaque)" if health.opaque else ""
    state = "reached" if health.is_reached else f"not reached: {health.trouble or 'connecting'}"
    if health.is_reached and health.trouble:
        state = health.trouble
    return (
        f"{source}: {count(health.records, 'record')}{opaque} · {count(health.held)} held · "
        f"{count(health.gaps, 'gap')}{lag} · {count(health.waiting)} unsealed · "
        f"{count(health.retries, 'retry', 'retries')} · {state}"
    )


class _Line:
    """Says how the follower stands, once an interval and at each trouble; one line each."""

    def __init__(self, source: str) -> None:
        self._source = source

    def __call__(self, health: Health) -> None:
        show.say(f"pastwatch: {health_line(self._source, health)}")


def _unheard(_health: Health) -> None:
    """Where no metrics are asked for."""


def _rhythm(seal_every: str | None, health_every: str | None, *, watch: bool) -> Rhythm:
    from pastwatch.desk.following import usual_rhythm

    given: dict[str, Any] = {}
    for part in (seal_every or "").split(","):
        if part.strip().isdecimal() and int(part):
            given["seal_records"] = int(part)
        elif part.strip():
            given["seal_s"] = stretch_s(part, "--seal-every, where it is no number of records,")
    if health_every:
        given["health_s"] = stretch_s(health_every, "--health-every")
    return replace(usual_rhythm(watch=watch), **given)


def _print(session: Session, report: FollowReport) -> None:
    health = report.health
    if session.json:
        show.json_line(
            None,
            source=report.source,
            new_source=report.new_source,
            records=health.records,
            already_held=health.held,
            opaque=health.opaque,
            gaps=health.gaps,
            gap_bytes=health.gap_bytes,
            read_bytes=health.read_bytes,
            seals=health.seals,
            retries=health.retries,
            watched=watched(report.tap),
        )
        return
    show.facts(
        [
            ("source", report.source + (" (new source)" if report.new_source else "")),
            ("records", f"{count(health.records)} new · {count(health.held)} already held"),
            ("opaque", f"{count(health.opaque)}, sealed whole, unparsed" if health.opaque else ""),
            ("gap", count(health.gaps, "time") if health.gaps else ""),
            ("read", f"{size(health.read_bytes)} in {count(health.seals, 'seal')}"),
            ("retries", count(health.retries) if health.retries else ""),
            ("watched", watched_line(report.tap)),
        ]
    )
