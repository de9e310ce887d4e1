"""The command that gives a report without a date the date it came out, with a reason."""

from __future__ import annotations

import click

from pastwatch.cli import show
from pastwatch.cli.exit import DONE
from pastwatch.cli.session import Session
from pastwatch.cli.tree import Command, case_option


@click.command(
    cls=Command,
    examples=(
        'reports date 5ca625 2031-05-07 --reason "the issue of 7 May"',
        'reports date "Fire at the quay" 2031-05-07T18:30 --reason "the page\'s own archive"',
    ),
    statuses=(0, 2, 10, 20),
)
@case_option()
@click.argument("report")
@click.argument("day", metavar="ISO")
@click.option("--reason", required=True, metavar="TEXT", help="How the date is known.")
@click.pass_obj
def date(session: Session, *, case_name: str | None, report: str, day: str, reason: str) -> int:
    """Say when a report that states no date came out; "on Thursday" is then told by it. It can be undone."""
    from pastwatch.cli.reportsview import time_said
    from pastwatch.desk.claiming_byhand import claim_named
    from pastwatch.desk.claiming_dating import date_report

    with session.case(case_name) as work:
        dated = date_report(work, report, day, reason=reason)
        claims = [(old, claim_named(work, new)) for old, new in dated.claims]
        offset_s = work.event.zone_offset_s
    if session.json:
        show.json_line(dated, kind="dated")
        return DONE
    show.out(
        f"{dated.relation_id}: report {dated.report_id.hex()[:6]} is dated {show.neutral(day)}"
    )
    for old, one in claims:
        times = "; ".join(time_said(t, offset_s=offset_s) for t in one.value.times)
        show.out(f"  {old} is now {one.name}: {times}")
    show.out(
        f"{show.count(len(claims), 'claim')} told by it; undo: reports undo {dated.relation_id}"
    )
    return DONE
