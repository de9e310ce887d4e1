"""Alerts at the desk: taken in from collectors, listed without content, acknowledged, made an event."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from pastwatch.archive.policy import Office as Post
from pastwatch.archive.watchplace import WatchPlace
from pastwatch.casefile.watching import KeptAlert, KeptWatch
from pastwatch.desk.office import Office
from pastwatch.desk.standing import follow_ledger, lock, states_by_text, stop
from pastwatch.desk.tapping import Stop
from pastwatch.errors import BadValue, UsageError
from pastwatch.ledger.acts import entries_of
from pastwatch.ledger.entry import Act, EntryDraft
from pastwatch.model.authority import Event
from pastwatch.model.watch import Acknowledged, Severity, Verdict, Watch, WatchState
from pastwatch.model.when import Span
from pastwatch.stages.watch.journal import SUFFIX, Journal, read_journal
from pastwatch.stages.watch.tap import EXPIRED
from pastwatch.storage import durable

PURPOSE: Final = "alert"
NOT_RUN: Final = "a collector did not run it: "


@dataclass(slots=True)
class Taken:
    """What was taken in from collectors' journals, and what was not."""

    journals: int = 0
    alerts: int = 0
    examined: int = 0
    stopped: tuple[Stop, ...] = ()
    unsigned: int = 0
    """Journals that no collector of this archive signed as they stand: left where they are."""
    damaged: int = 0
    """Lines in those that do not read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertLine:
    """One alert as it is listed: nothing of its record."""

    alert_id: str
    at_us: int
    watch: str
    version: int
    severity: Severity | None
    read: bool
    verdict: Verdict | None
    acknowledged_by: str = ""
    event_id: str = ""


def take_in(office: Office) -> Taken:
    """Take what collectors left into the desk, and remove their journals once it is kept there.

    Whole files that a collector signed are taken, in order, each once however often it is tried:
    a crash before its removal has it taken again, and nothing is counted twice. A file that was
    cut or changed stays in the outbox and is told each time: nothing in it can be trusted.
    """
    folder, taken = WatchPlace.of(office.place).outbox, Taken()
    if not any(folder.glob(f"*{SUFFIX}")):  # asked often: nothing is locked for nothing
        return taken
    with lock(office).wait():
        for path in sorted(folder.glob(f"*{SUFFIX}"), key=_in_order):
            journal = _journal(office, path)
            if journal is None:
                continue
            if office.policy.holder(journal.signed_by, Post.COLLECTOR) is None:
                taken.unsigned += 1
                taken.damaged += journal.damaged
                continue
            _take(office, journal, taken)
            durable.remove(path)
    return taken


def alert_lines(
    office: Office,
    name: str | None = None,
    *,
    since_us: int | None = None,
    limit: int = 50,
) -> tuple[list[AlertLine], int]:
    """The latest alerts, oldest first, and how many there are in all."""
    if name is not None:
        office.desk.watch(name)
    total = office.desk.count_alerts(name, since_us=since_us)
    page = office.desk.alerts(
        name, since_us=since_us, offset=max(total - limit, 0), limit=max(limit, 1)
    )
    return _lines(office, page), total


def alert_line(office: Office, alert_id: str) -> AlertLine:
    """One alert as it is listed, by its id or the first digits of it."""
    return _lines(office, [office.desk.alert(alert_id)])[0]


def watch_of(office: Office, kept: KeptAlert) -> KeptWatch:
    """The version of a watch that raised an alert; UsageError where this desk does not keep it."""
    return office.desk.watch(kept.alert.watch, kept.alert.version)


def shown_alerts(office: Office) -> dict[str, list[int]]:
    """By its id each alert that was ever shown, with the entries that say so."""
    found: dict[str, list[int]] = {}
    for entry in entries_of(office.ledger, Act.SHOWN):
        if entry.outcome.get("purpose") == PURPOSE:
            found.setdefault(str(entry.outcome.get("alert")), []).append(entry.sequence)
    return found


def acknowledge(
    office: Office, alert_id: str, verdict: str, *, note: str = "", event_id: str = ""
) -> Acknowledged:
    """Take note of an alert and say what came of it; ledgered without the note."""
    try:
        chosen = Verdict(verdict)
    except ValueError:
        raise UsageError(f'"{verdict}" is no verdict', hint=", ".join(Verdict)) from None
    kept = office.desk.alert(alert_id)
    watch = watch_of(office, kept).watch
    taken = Acknowledged(
        alert_id=kept.alert.alert_id,
        by=office.person,
        at_us=office.clock(),
        verdict=chosen,
        note=note.strip(),
        event_id=event_id,
    )
    _enter_verdict(office, watch, taken)
    office.desk.acknowledge(taken)
    return taken


def open_event(
    office: Office, alert_id: str, event_id: str, title: str, *, references: tuple[str, ...] = ()
) -> Event:
    """Declare an event at the time of an alert, which is thereby acknowledged as useful."""
    kept = office.desk.alert(alert_id)
    watch_of(office, kept)
    event = Event(
        event_id=event_id,
        title=title,
        when=Span(start_us=kept.alert.at_us, end_us=kept.alert.at_us),
        description=f"opened from alert {kept.alert.alert_id} of watch {kept.alert.watch}",
        references=references,
    )
    if not event_id.strip() or not title.strip():
        raise BadValue("an event has an id and a title")
    office.desk.add_event(event, by=office.person, at_us=office.clock())
    acknowledge(office, kept.alert.alert_id, Verdict.USEFUL.value, event_id=event_id)
    return event


def told(office: Office) -> list[str]:
    """What the owners of watches are to be told: those that stopped by themselves, reviews due."""
    found, now_us = [], office.ledger.now_us(office.clock())
    every = office.desk.watches()
    latest = {k.watch.name: k for k in every}
    for kept in every:
        own = f"watch {kept.watch.name} version {kept.watch.version}"
        whose = f"told to its owner {kept.watch.owner}"
        if (
            kept.state in (WatchState.EXPIRED, WatchState.DISABLED)
            and latest[kept.watch.name] is kept
        ):
            found.append(f"{own} stopped: {kept.states[-1].reason}; {whose}")
        elif kept.state is WatchState.STARTED:
            states = office.desk.authority_states(kept.watch.authority_id)
            review_us = states[-1].authority.review_us if states else None
            if review_us is not None and review_us <= now_us:
                found.append(
                    f"{own}: the review of authority {kept.watch.authority_id} is due; {whose}"
                )
            if kept.states[-1].reason.startswith(NOT_RUN):
                found.append(f"{own}: {kept.states[-1].reason}; {whose}")
    return found


def _in_order(path: Path) -> tuple[int, int]:
    """When a journal was written, and its number in its run."""
    number = path.stem.rpartition("-")[2]
    try:
        written_ns = path.stat().st_mtime_ns
    except OSError:  # another process has just taken it
        written_ns = 0
    return written_ns, int(number) if number.isdecimal() else 0


def _journal(office: Office, path: Path) -> Journal | None:
    """What a file holds; None where another process has just taken it."""
    try:
        raw = path.read_bytes()
    except FileNotFoundError:
        return None
    except OSError:
        return Journal(damaged=1)
    return read_journal(raw, public=office.policy.public)


def _take(office: Office, journal: Journal, taken: Taken) -> None:
    """Keep one journal: its alerts, its counts, its stops; each call is durable by itself."""
    taken.journals += 1
    taken.alerts += office.desk.add_alerts(journal.alerts)
    # The counts of a journal are kept in one transaction: where the first is there, all are.
    for first in journal.examined[:1]:
        if first not in office.desk.examined(first.watch):
            office.desk.add_examined(journal.examined)
    taken.examined += sum(p.records for p in journal.passed)
    if journal.stops:
        follow_ledger(office)
    for one in journal.stops:
        if _stop(office, one):
            taken.stopped += (one,)


def _stop(office: Office, told_: Stop) -> bool:
    """Note why a collector does not run a watch: what broke is disabled, in every collector."""
    kept = next(
        (k for k in office.desk.watches(told_.watch) if k.watch.version == told_.version), None
    )
    if kept is None or kept.state is not WatchState.STARTED:
        return False
    if told_.text_sha256 != kept.watch.text_sha256:  # its file is not what was started
        reason = NOT_RUN + told_.reason
        if kept.states[-1].reason != reason:
            _note(office, kept.watch, reason)
        return True
    begun = states_by_text(office).get(kept.watch.text_sha256)
    if begun is not None and begun.time_us > told_.at_us:  # it was started anew since
        return False
    if told_.reason == EXPIRED:
        stop(office, kept.watch, WatchState.EXPIRED, told_.reason)
    else:
        stop(office, kept.watch, WatchState.DISABLED, told_.reason)
    return True


def _note(office: Office, watch: Watch, reason: str) -> None:
    office.desk.put_watch_state(
        watch.name,
        watch.version,
        WatchState.STARTED,
        by=office.person,
        at_us=office.clock(),
        reason=reason,
    )


def _lines(office: Office, page: Iterable[KeptAlert]) -> list[AlertLine]:
    severities = {(k.watch.name, k.watch.version): k.watch.severity for k in office.desk.watches()}
    last = {one.alert_id: one for one in office.desk.acknowledged()}
    office.ledger.refresh()
    shown = shown_alerts(office)
    found = []
    for kept in page:
        alert, noted = kept.alert, last.get(kept.alert.alert_id)
        found.append(
            AlertLine(
                alert_id=alert.alert_id,
                at_us=alert.at_us,
                watch=alert.watch,
                version=alert.version,
                severity=severities.get((alert.watch, alert.version)),
                read=alert.alert_id in shown,
                verdict=noted.verdict if noted else None,
                acknowledged_by=noted.by if noted else "",
                event_id=noted.event_id if noted else "",
            )
        )
    return found


def _enter_verdict(office: Office, watch: Watch, taken: Acknowledged) -> None:
    draft = EntryDraft(
        act=Act.JUDGE,
        clock_us=office.clock(),
        authority=watch.authority_id,
        objects={"watch": watch.text_sha256},
        outcome={
            "purpose": PURPOSE,
            "watch": watch.name,
            "version": watch.version,
            "alert": taken.alert_id,
            "verdict": taken.verdict.value,
        },
    )
    office.ledger.append([draft], office.ring.user().signing)
