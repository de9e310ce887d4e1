"""Alerts of watches: list them without content, read one, acknowledge it, open an event; the report."""

from __future__ import annotations

import click

from pastwatch.cli import show
from pastwatch.cli.exit import DONE, NOTHING_FOUND
from pastwatch.cli.session import Session
from pastwatch.cli.show import moment, neutral
from pastwatch.cli.tree import Command
from pastwatch.cli.watchview import print_alerts, print_read, print_report, watch_desk
from pastwatch.model.watch import Verdict
from pastwatch.model.when import parse_iso


@click.command(
    cls=Command,
    examples=("watch alerts", "watch alerts valve-room --since 2031-05-06T00:00Z --limit 20"),
    statuses=(0, 1, 2, 20, 60),
)
@click.argument("name", required=False)
@click.option("--since", metavar="ISO", help="Those that arrived from then on.")
@click.option("--limit", type=click.IntRange(min=1), default=50, show_default=True, metavar="N",
              help="The last so many.")  # fmt: skip
@click.pass_obj
def alerts(session: Session, *, name: str | None, since: str | None, limit: int) -> int:
    """List alerts: when, of which watch, read or not; nothing of any record."""
    from pastwatch.desk.watchdesk import alert_lines

    since_us = parse_iso(since)[0] if since else None
    with watch_desk(session) as archive:
        found, total = alert_lines(archive.office, name, since_us=since_us, limit=limit)
    if session.json:
        for one in found:
            show.json_line(one)
    elif found:
        print_alerts(found, total)
    else:
        show.out("no alerts")
    return DONE if found else NOTHING_FOUND


@click.command(
    cls=Command,
    examples=("watch read 3fa2c1", "watch read 3fa2c1 --json"),
    statuses=(0, 2, 10, 20, 60),
)
@click.argument("alert_id", metavar="ALERT")
@click.pass_obj
def read(session: Session, *, alert_id: str) -> int:
    """Open an alert under its standing authority: which branch matched, where, and the record."""
    from pastwatch.desk.alertreading import read_alert

    with watch_desk(session) as archive:
        found = read_alert(archive.office, alert_id)
    if session.json:
        show.json_line(found)
        return DONE
    print_read(found, colour=session.colour)
    own = found.line.alert_id[:12]
    show.out()
    show.out(f"next: pastwatch watch ack {own} --verdict useful|false-alarm|unsure")
    return DONE


@click.command(
    cls=Command,
    examples=("watch ack 3fa2c1 --verdict useful",
              'watch ack 3fa2c1 --verdict false-alarm --note "a drill"'),
    statuses=(0, 2, 20, 60),
)  # fmt: skip
@click.argument("alert_id", metavar="ALERT")
@click.option("--verdict", required=True, metavar="VERDICT", help=f"One of: {', '.join(Verdict)}.")
@click.option("--note", default="", metavar="TEXT", help="Why; kept on the desk alone.")
@click.pass_obj
def ack(session: Session, *, alert_id: str, verdict: str, note: str) -> int:
    """Acknowledge an alert and say what came of it."""
    from pastwatch.desk.watchdesk import acknowledge

    with watch_desk(session) as archive:
        taken = acknowledge(archive.office, alert_id, verdict, note=note)
    if session.json:
        show.json_line(taken)
    else:
        show.out(f"{taken.alert_id[:12]} is {taken.verdict.value}, by {neutral(taken.by)}")
    return DONE


@click.command(
    cls=Command,
    examples=('watch event 3fa2c1 flood "The flood"',
              'watch event 3fa2c1 flood "The flood" --reference report.html'),
    statuses=(0, 2, 20, 60),
)  # fmt: skip
@click.argument("alert_id", metavar="ALERT")
@click.argument("event_id", metavar="EVENT")
@click.argument("title")
@click.option("--reference", "references", multiple=True, metavar="TEXT",
              help="An outside report: a file name, a title, an address; may be repeated.")  # fmt: skip
@click.pass_obj
def event(
    session: Session, *, alert_id: str, event_id: str, title: str, references: tuple[str, ...]
) -> int:
    """Declare an event at the time of an alert, and acknowledge the alert as useful."""
    from pastwatch.desk.watchdesk import open_event

    with watch_desk(session) as archive:
        made = open_event(archive.office, alert_id, event_id, title, references=references)
    if session.json:
        show.json_line(made)
        return DONE
    show.out(f'{made.event_id}  {moment(made.when.start_us)}  "{neutral(made.title)}"')
    if not made.supported:
        show.say("pastwatch: unsupported event: nothing outside the archive is named; --reference")
    show.out(f"next: pastwatch authority draft {made.event_id}")
    return DONE


@click.command(
    cls=Command,
    examples=("watch report", "watch report --json"),
    statuses=(0, 1, 20, 60),
)
@click.pass_obj
def report(session: Session) -> int:
    """Report for the overseer: every watch, authority and count, with the ledger's entries."""
    from pastwatch.desk.overseeingwatches import watch_report

    with watch_desk(session) as archive:
        found = watch_report(archive.office)
    if session.json:
        show.json_line(found)
    else:
        print_report(found)
    return DONE if found.watches else NOTHING_FOUND
