"""Alerts on their way out: each to every target that wants it, each try kept."""

from __future__ import annotations

import contextlib
import random
import threading
import time
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Final

from pastwatch.archive.watchplace import WatchPlace
from pastwatch.casefile.watching import Delivery
from pastwatch.desk.delivering_lanes import Lane, Told
from pastwatch.desk.office import Office
from pastwatch.desk.toml import read_toml
from pastwatch.desk.watchdesk import Taken, take_in
from pastwatch.errors import UsageError
from pastwatch.model.watch import Severity
from pastwatch.stages.watch.delivery import Answer, Notice, Target, TargetLine, targets_of
from pastwatch.storage.lock import FileLock

__all__ = [
    "Answer",
    "Delivered",
    "TargetState",
    "deliver",
    "draft_targets",
    "read_targets",
    "states",
]

TRIES: Final = 4
"""How often one run tries an alert at a target before it lets the others pass."""
GIVEN_UP: Final = "given up: "
_POLL_S: Final = 0.05
_LOOK_S: Final = 2.0
_PAGE: Final = 1000

TEMPLATE: Final = """\
# Where alerts are delivered: of an alert its id, watch, severity, number and time, and no more.

[[target]]
name = "desk"
kind = "file"
address = "alerts.jsonl"

# [[target]]
# name = "duty"
# kind = "webhook"
# address = "https://alerts.example/hook"
# secret = "hook.secret"            # a file of 16 bytes or more, mode 600; signs each notice
# severities = ["warning", "urgent"]

# [[target]]
# name = "mail"
# kind = "mail"
# address = "smtp://watch@mail.example"   # STARTTLS; smtps:// for TLS from the start
# secret = "mail.password"
# from = "watch@mail.example"
# to = ["duty@mail.example"]

# [[target]]
# name = "stream"
# kind = "nats"
# address = "tls://nats.example"
# subject = "alerts.pastwatch"
"""


@dataclass(slots=True)
class TargetState:
    """How a target stands: what it was delivered, what waits, what it refused for good."""

    name: str
    kind: str
    delivered: int = 0
    waiting: int = 0
    given_up: int = 0
    tries: int = 0
    reason: str = ""
    """Why the last try failed, where it did."""
    last_us: int | None = None


@dataclass(slots=True)
class Delivered:
    """What a run delivered, by target; and what was taken in from collectors before."""

    states: list[TargetState] = field(default_factory=list)
    taken: Taken = field(default_factory=Taken)

    @property
    def waiting(self) -> int:
        """What is still to be delivered, over all targets."""
        return sum(one.waiting for one in self.states)


def draft_targets(path: Path) -> Path:
    """Write a commented file of targets, to be filled in; refused where a file stands."""
    if path.exists():
        raise UsageError(f'"{path.name}" exists already')
    path.write_text(TEMPLATE, encoding="utf-8")
    return path


def read_targets(path: Path, *, to: Collection[str] = ()) -> tuple[TargetLine, ...]:
    """The targets of a file, or those named; UsageError for a name that is none of them."""
    if not path.is_file():
        raise UsageError(f'"{path.name}" cannot be read', hint="'pastwatch watch deliver --draft'")
    lines = targets_of(read_toml(path), folder=path.parent)
    missing = sorted(set(to) - {line.name for line in lines})
    if missing:
        raise UsageError(
            f'no target is called "{missing[0]}"', hint=", ".join(line.name for line in lines)
        )
    return tuple(line for line in lines if not to or line.name in to)


def deliver(
    office: Office,
    lines: Collection[TargetLine],
    *,
    follow: bool = False,
    again: bool = False,
    since_us: int | None = None,
    tries: int = TRIES,
    stop: threading.Event | None = None,
    on_answer: Callable[[str, Answer], None] = lambda _target, _answer: None,
    make: Callable[[TargetLine, Callable[[], int]], Target] | None = None,
    ticks: Callable[[], float] = time.monotonic,
    luck: Callable[[], float] = random.random,
) -> Delivered:
    """Take in what collectors left and deliver what each target was not delivered yet.

    A run tries each alert `tries` times, waiting longer from try to try, and ends; with `follow` it
    goes on until `stop`. Each try is kept in the desk after it was made: a crash between the two
    has the alert sent again, under the same idempotency key. What a target refused for good is not
    tried again unless `again`. `since_us` leaves out what arrived before. ArchiveLocked where
    another process delivers.
    """
    build = make or target_of
    stop = stop or threading.Event()
    done = Delivered()
    with (
        FileLock(office.place.locks / "deliver.lock").try_now(),
        _lanes(office, lines, build, luck=luck, tries=tries, forever=follow) as (lanes, told),
    ):
        sent, refused = _history(office)
        alerts = _Alerts(office, since_us=since_us)
        for lane in lanes:
            lane.attempts = Counter(
                {a: n for (t, a), n in sent.tries.items() if t == lane.line.name}
            )
        looked_s = float("-inf")
        outbox = _Outbox(WatchPlace.of(office.place).outbox)
        while not stop.is_set():
            if outbox.changed():
                _add(done.taken, take_in(office))
                looked_s = float("-inf")
            if ticks() - looked_s >= _LOOK_S:
                looked_s = ticks()
                new = list(alerts.new())
                for lane in lanes:
                    name = lane.line.name
                    left_out = sent.delivered.get(name, set()) | (
                        set() if again else refused.get(name, set())
                    )
                    lane.add(n for n in new if n.alert_id not in left_out)
            for lane in lanes:
                for answer in lane.step(ticks()):
                    _keep(office, lane, answer, ticks(), on_answer)
            if not follow and all(lane.is_over() for lane in lanes):
                break
            _hear(office, lanes, told, ticks, on_answer)
    done.states = states(office, lines)
    return done


def states(office: Office, lines: Collection[TargetLine]) -> list[TargetState]:
    """How each target stands, from what the desk keeps."""
    found = {line.name: TargetState(line.name, line.kind) for line in lines}
    last: dict[tuple[str, str], Delivery] = {}
    for one in office.desk.deliveries():
        state = found.get(one.target)
        if state is None:
            continue
        known = last.get((one.target, one.alert_id))
        if known is None or not known.delivered:
            last[one.target, one.alert_id] = one
        state.tries += 1
        state.reason = one.reason
        state.last_us = one.at_us
    notices = list(_Alerts(office).new())
    for line in lines:
        state = found[line.name]
        for notice in filter(line.wants, notices):
            kept = last.get((line.name, notice.alert_id))
            state.delivered += kept is not None and kept.delivered
            given_up = kept is not None and kept.reason.startswith(GIVEN_UP)
            state.given_up += given_up
            state.waiting += (kept is None or not kept.delivered) and not given_up
    return list(found.values())


def target_of(line: TargetLine, clock: Callable[[], int]) -> Target:
    """The target a line describes; nothing is connected yet. UsageError for what makes no sense."""
    match line.kind:
        case "webhook":
            from pastwatch.stages.watch.targets.webhook import Webhook

            return Webhook(line, clock=clock)
        case "mail":
            from pastwatch.stages.watch.targets.smtp import Mail

            return Mail(line, clock=clock)
        case "nats":
            from pastwatch.stages.watch.targets.nats import Stream

            return Stream(line)
        case _:
            from pastwatch.stages.watch.targets.lines import Lines

            return Lines(line)


@dataclass(slots=True)
class _Sent:
    """What earlier runs did, by target."""

    delivered: dict[str, set[str]] = field(default_factory=dict)
    tries: Counter[tuple[str, str]] = field(default_factory=Counter)


def _history(office: Office) -> tuple[_Sent, dict[str, set[str]]]:
    """What was delivered and how often it was tried; and what was refused for good."""
    sent = _Sent()
    refused: dict[str, set[str]] = {}
    for one in office.desk.deliveries():
        sent.tries[one.target, one.alert_id] += 1
        if one.delivered:
            sent.delivered.setdefault(one.target, set()).add(one.alert_id)
        elif one.reason.startswith(GIVEN_UP):
            refused.setdefault(one.target, set()).add(one.alert_id)
    return sent, refused


class _Alerts:
    """The alerts of the desk as notices: those that came since it was last asked."""

    def __init__(self, office: Office, *, since_us: int | None = None) -> None:
        self._office, self._since_us = office, since_us
        self._seen = 0
        self._counts: Counter[str] = Counter()

    def new(self) -> Iterator[Notice]:
        severities: Mapping[tuple[str, int], Severity] | None = None
        while page := self._office.desk.alerts(offset=self._seen, limit=_PAGE):
            if severities is None:
                watches = [kept.watch for kept in self._office.desk.watches()]
                severities = {(w.name, w.version): w.severity for w in watches}
            self._seen += len(page)
            for alert, _sealed in page:
                self._counts[alert.watch] += 1
                if self._since_us is not None and alert.at_us < self._since_us:
                    continue
                yield Notice(
                    alert_id=alert.alert_id,
                    watch=alert.watch,
                    version=alert.version,
                    # Of a watch whose text this desk does not keep nobody can say it is less.
                    severity=severities.get((alert.watch, alert.version), Severity.URGENT),
                    count=self._counts[alert.watch],
                    at_us=alert.at_us,
                )


class _Outbox:
    """Whether collectors left something that was not there before."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._known: frozenset[str] | None = None

    def changed(self) -> bool:
        try:
            now = frozenset(one.name for one in self._folder.iterdir())
        except OSError:
            now = frozenset()
        known, self._known = self._known, now
        return known is None or bool(now - known)


@contextlib.contextmanager
def _lanes(
    office: Office,
    lines: Collection[TargetLine],
    build: Callable[[TargetLine, Callable[[], int]], Target],
    *,
    luck: Callable[[], float],
    tries: int,
    forever: bool,
) -> Iterator[tuple[list[Lane], SimpleQueue[Told]]]:
    """A lane for each target; what makes no sense is told before anything is sent."""

    def made(line: TargetLine) -> Target:
        return build(line, office.clock)

    for line in lines:
        made(line)
    told: SimpleQueue[Told] = SimpleQueue()
    lanes = [
        Lane(number, line, made, told, luck=luck, tries=tries, forever=forever)
        for number, line in enumerate(lines)
    ]
    try:
        yield lanes, told
    finally:
        for lane in lanes:
            lane.close()


def _hear(
    office: Office,
    lanes: list[Lane],
    told: SimpleQueue[Told],
    ticks: Callable[[], float],
    on_answer: Callable[[str, Answer], None],
) -> None:
    """Wait a moment for an answer, and keep all that are there."""
    with contextlib.suppress(Empty):
        one = told.get(timeout=_POLL_S)
        while True:
            lane = lanes[one.lane]
            answer = lane.heard(one, ticks())
            if answer is not None:
                _keep(office, lane, answer, ticks(), on_answer)
            one = told.get_nowait()


def _keep(
    office: Office,
    lane: Lane,
    answer: Answer,
    now_s: float,
    on_answer: Callable[[str, Answer], None],
) -> None:
    """Keep a try; a crash before it has the alert sent again, under the same key."""
    lane.note(answer, now_s)
    for_good = not answer.delivered and not answer.again
    office.desk.add_delivery(
        Delivery(
            alert_id=answer.alert_id,
            target=lane.line.name,
            delivered=answer.delivered,
            attempt=lane.attempts[answer.alert_id],
            reason=(GIVEN_UP if for_good else "") + answer.reason,
            at_us=office.clock(),
        )
    )
    on_answer(lane.line.name, answer)


def _add(taken: Taken, more: Taken) -> None:
    taken.journals += more.journals
    taken.alerts += more.alerts
    taken.examined += more.examined
    taken.stopped += more.stopped
    taken.unsigned, taken.damaged = more.unsigned, more.damaged
