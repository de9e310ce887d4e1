"""How watches and their alerts look on a terminal, and what every command of them does first."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from pastwatch.cli import show
from pastwatch.cli.show import bold, count, moment, neutral
from pastwatch.model.watch import WatchState

if TYPE_CHECKING:
    from pastwatch.cli.session import Session
    from pastwatch.desk.alertreading import AlertRead, AlertRecord
    from pastwatch.desk.holding import Archive
    from pastwatch.desk.overseeingwatches import AuthorityTold, WatchReport, WatchTold
    from pastwatch.desk.standingview import KeptWatch
    from pastwatch.desk.watchdesk import AlertLine
    from pastwatch.model.case import AuthorityState

DIGITS = 12
"""So many digits of an alert's id are printed; any that no other begins with will do."""
_LISTED = 12


@contextmanager
def watch_desk(session: Session) -> Iterator[Archive]:
    """The archive, once what ran out is stopped and what collectors left is taken in; owners are told."""
    from pastwatch.desk.standing import expire, follow_ledger, lock
    from pastwatch.desk.watchdesk import take_in, told

    with session.archive() as archive:
        office = archive.office
        expire(office)
        with lock(office).wait():
            follow_ledger(office)
        taken = take_in(office)
        if taken.unsigned:
            lines = f", {count(taken.damaged, 'line')} of them damaged" if taken.damaged else ""
            show.say(
                f"pastwatch: {count(taken.unsigned, 'journal')} in archive/watch/outbox not as a "
                f"collector signed it{lines}: nothing was taken from it, and it stays there"
            )
        for line in told(office):
            show.say(f"pastwatch: {neutral(line)}")
        yield archive


def state_line(kept: KeptWatch) -> str:
    """`started`, or `disabled: it takes too long a record`."""
    if not kept.states or kept.state is WatchState.STARTED:
        return kept.state.value
    reason = kept.states[-1].reason
    return f"{kept.state.value}: {neutral(reason)}" if reason else kept.state.value


def authority_line(state: AuthorityState | None) -> str:
    """`standing-3fa2c1, to 2031-06-01 …, review 2031-05-20 …`, or that there is none."""
    if state is None:
        return "(not signed yet)"
    authority = state.authority
    review = authority.review_us
    parts = [
        authority.authority_id,
        f"to {moment(authority.valid.end_us)}",
        f"review {moment(review)}" if review is not None else "",
        "revoked" if state.status.value == "revoked" else "",
    ]
    return ", ".join(part for part in parts if part)


def print_alerts(lines: Sequence[AlertLine], total: int) -> None:
    """The alerts as a table; nothing of any record stands in it."""
    show.table(
        [
            (
                *(a.alert_id[:DIGITS], moment(a.at_us, seconds=True), f"{a.watch} v{a.version}"),
                a.severity.value if a.severity else "(another desk's)",
                "read" if a.read else "",
                _verdict(a),
            )
            for a in lines
        ],
        head=("alert", "arrived", "watch", "severity", "", "acknowledged"),
    )
    show.out(f"showing {len(lines):,} of {count(total, 'alert')}; pastwatch watch read ALERT")


def print_read(read: AlertRead, *, colour: bool) -> None:
    """An alert that was opened: why it was raised, what came before, and the record, marked."""
    line = read.line
    show.facts(
        [
            ("alert", f"{line.alert_id} · {line.watch} v{line.version}"),
            ("arrived", moment(line.at_us, seconds=True)),
            ("read today", f"{read.read_today} of {read.alerts_a_day}"),
            ("ledger", f"entry {read.sequence}"),
        ]
    )
    for branch in read.branches:
        query = f" {neutral(branch.query)}" if branch.query else ""
        places = count(len(branch.spans), "place") if branch.spans else "no place of its own"
        again = places if branch.found else "the exact matcher finds it here no more"
        show.out(f"matched     {branch.name}:{query} ({again})")
    for one in read.context:
        show.out()
        _print_record(one, (), label="before it", colour=colour)
    show.out()
    _print_record(read.record, read.spans, label="record", colour=colour)


def print_report(report: WatchReport) -> None:
    """The overseer's report: counts, dates, keys and entries; what follows persons on lines of its own."""
    for told in report.watches:
        _print_told(told)
        show.out()
    directed = report.directed
    show.out(f"follow persons: {count(len(directed), 'watch', 'watches')}")
    for told in directed:
        listed = told.authority.accounts if told.authority else 0
        show.out(
            f"  {told.watch} v{told.version}  {told.state.value}  {'; '.join(told.follows_persons)}"
            f"  ({count(told.accounts_named, 'account')} named, {listed:,} listed)"
        )
    examined = sum(run.examined_by_machine for run in report.runs)
    withheld = sum(run.withheld for run in report.runs)
    show.facts(
        [
            ("examined", f"{count(examined, 'record')} by machine, {count(withheld)} withheld"),
            ("", f"entries {numbers([run.sequence for run in report.runs])}" if report.runs else ""),
            ("alerts", f"{report.alerts_in_ledger:,} in the ledger, {report.alerts_kept:,} kept"),
            ("sources", f"{report.sources_watched:,} watched, {report.sources_unwatched:,} not"),
            ("refused", f"entries {numbers(report.refused_entries)}" if report.refused_entries else ""),
            ("ledger", f"{count(report.ledger_entries, 'entry', 'entries')}, root {report.ledger_root}"),
        ]
    )  # fmt: skip
    for doubt in report.doubts:
        show.out(f"in doubt    {neutral(doubt)}")


def numbers(entries: Sequence[int]) -> str:
    """`3, 7-9, 14`: runs of numbers drawn together."""
    runs: list[list[int]] = []
    for one in sorted(set(entries)):
        if runs and one == runs[-1][-1] + 1:
            runs[-1][1:] = [one]
        else:
            runs.append([one])
    return ", ".join("-".join(map(str, run)) for run in runs)


def _print_told(told: WatchTold) -> None:
    since = f" since {moment(told.kept_us)}" if told.kept_us is not None else ""
    own = f"{told.watch} v{told.version} · {told.state.value} · {told.severity.value}"
    follows = " · follows persons" if told.follows_persons else ""
    raised = f"{told.alerts:,} raised, {told.read:,} read, {told.acknowledged:,} acknowledged"
    show.facts(
        [
            ("watch", own + follows),
            ("text", f"{told.sha256} kept by key {told.kept_by}{since}"),
            ("authority", _authority(told.authority)),
            ("examined", f"{count(told.examined, 'record')} by machine"),
            ("alerts", f"{raised}, {told.useful:,} useful, {told.false_alarms:,} false"),
            ("entries", _entries(told)),
        ]
    )


def _authority(told: AuthorityTold | None) -> str:
    if told is None:
        return "none"
    review = moment(told.review_us) if told.review_us is not None else "never"
    return (
        f"{told.authority_id} to {moment(told.valid_until_us)}"
        f"{' · revoked' if told.revoked else ''} · review {review}"
        f"{' · review due' if told.review_due else ''} · signed by {', '.join(told.signed_by)}"
        f"{' · self-authorised' if told.self_authorised else ''}"
    )


def _entries(told: WatchTold) -> str:
    parts = [
        ("states", told.state_entries),
        ("authority", told.authority.entries if told.authority else ()),
        ("read", told.read_entries),
        ("verdicts", told.verdict_entries),
    ]
    return "; ".join(f"{name} {numbers(own)}" for name, own in parts if own)


def _verdict(line: AlertLine) -> str:
    if line.verdict is None:
        return ""
    event = f", event {neutral(line.event_id)}" if line.event_id else ""
    return f"{line.verdict.value} by {neutral(line.acknowledged_by)}{event}"


def _print_record(
    record: AlertRecord, spans: Sequence[tuple[int, int, int]], *, label: str, colour: bool
) -> None:
    sent = record.earliest_us
    show.facts(
        [
            (label, f"{neutral(record.source)} · record {record.record_id.hex()}"),
            ("from", neutral(record.sender.name or record.sender.address) or "(unknown)"),
            ("to", ", ".join(neutral(p.name or p.address) for p in record.recipients[:_LISTED])),
            ("time", moment(sent, seconds=True) if sent is not None else "no usable date"),
            ("in", neutral(record.conversation)),
            ("subject", _marked(record.subject, -1, spans, colour=colour, lines=False)),
        ]
    )
    show.out()
    show.out(_marked(record.text, 0, spans, colour=colour, lines=True))
    for number, part in enumerate(record.parts, 1):
        show.out()
        show.out(f"attachment {number}: {neutral(part.name)} ({neutral(part.media_type)})")
        if any(own == number for own, _, _ in spans):
            show.out(_marked(part.text, number, spans, colour=colour, lines=True))


def _marked(
    text: str, part: int, spans: Sequence[tuple[int, int, int]], *, colour: bool, lines: bool
) -> str:
    """The text as harmless text, its matched places marked."""
    raw, at, pieces = text.encode("utf-8", "surrogatepass"), 0, []
    for start, end in sorted((a, b) for own, a, b in spans if own == part):
        first = max(start, at)
        if first < end:
            pieces.append(_plain(raw[at:first], lines=lines))
            pieces.append(bold(_plain(raw[first:end], lines=lines), colour=colour))
            at = end
    pieces.append(_plain(raw[at:], lines=lines))
    return "".join(pieces).strip("\n")


def _plain(raw: bytes, *, lines: bool) -> str:
    return neutral(raw.decode("utf-8", "replace"), lines=lines)
