"""What happened around the event: the timeline as a table or a picture, and analysts' own entries."""

from __future__ import annotations

from pathlib import Path

import click

from pastwatch.cli import show
from pastwatch.cli.exit import DONE, NOTHING_FOUND
from pastwatch.cli.session import Session
from pastwatch.cli.show import count
from pastwatch.cli.timelinepage import print_entries, print_json, print_timeline, stretch
from pastwatch.cli.tree import Command, Family, case_option, global_options
from pastwatch.errors import UsageError
from pastwatch.model.when import parse_iso

_FILE = click.Path(path_type=Path, dir_okay=False)
_LIMIT = 40


@click.group(
    cls=Family,
    invoke_without_command=True,
    params=[*global_options(on_command=True)],
    epilog="Without a command it shows the timeline: 'pastwatch timeline show --help' has the options.",
)
@case_option()
@click.pass_context
def timeline(ctx: click.Context, *, case_name: str | None) -> int:
    """Show what stands around the event: cited records, analysts' entries, gaps, before and after."""
    if ctx.invoked_subcommand is not None:
        return DONE
    return int(ctx.invoke(show_, case_name=case_name))


@timeline.command(
    "show",
    cls=Command,
    examples=(
        "timeline show",
        "timeline show --query q1 --limit 100 --picture timeline.svg",
        "timeline show --since 2017-04-03T18:00+03:00 --until 2017-04-04T09:00+03:00",
    ),
    statuses=(0, 1, 2, 10, 20, 60),
)
@click.option("--query", "queries", multiple=True, metavar="Q",
              help="Add the records a search hit: q1, q2 …; may be repeated.")  # fmt: skip
@click.option("--hits", is_flag=True, help="Add the hits of every search of the case.")
@click.option("--since", metavar="ISO", help="Begin there.")
@click.option("--until", metavar="ISO", help="End there.")
@click.option("--limit", type=click.IntRange(min=0), default=_LIMIT, show_default=True, metavar="N",
              help="So many marks: the cited first, then the nearest to the event.")  # fmt: skip
@click.option("--picture", type=_FILE, metavar="FILE", help="Draw it into a .svg or .png file too.")
@case_option()
@click.pass_obj
def show_(
    session: Session,
    *,
    queries: tuple[str, ...] = (),
    hits: bool = False,
    since: str | None = None,
    until: str | None = None,
    limit: int = _LIMIT,
    picture: Path | None = None,
    case_name: str | None = None,
) -> int:
    """Show entries, records cited or judged relevant, hits where asked; never all of the slice."""
    from pastwatch.desk.pictures import check_picture, write_picture
    from pastwatch.desk.timelinemarks import marks_of_case
    from pastwatch.desk.timelining import picture_of, timeline_of

    if picture is not None:
        check_picture(picture)
    with session.case(case_name) as work:
        made = timeline_of(
            work,
            queries=queries,
            hits=hits,
            since_us=parse_iso(since)[0] if since else None,
            until_us=parse_iso(until)[0] if until else None,
            limit=limit,
            marks=marks_of_case(work),
        )
    if picture is not None:
        write_picture(picture_of(made), picture)
    if session.json:
        print_json(made)
    else:
        print_timeline(made)
        if picture is not None:
            show.out(f"drawn: {picture}")
    return DONE if made.marks else NOTHING_FOUND


@timeline.command(
    cls=Command,
    examples=(
        'timeline add "The van was hired" --at 2017-04-03T14:00+03:00 --cites h3,h7',
        'timeline add "Met at the mill" --at 2017-04-03 --until 2017-04-04T05:00+03:00',
        'timeline add "The key was handed over" --undated --reason "nobody says when"',
    ),
    statuses=(0, 2, 10, 20, 60),
)
@click.argument("title")
@click.option("--at", metavar="ISO", help="When, as exactly as it is known: a day, a minute.")
@click.option("--until", metavar="ISO", help="At some moment between --at and this.")
@click.option(
    "--lasting", is_flag=True, help="All the time from --at to --until, not a moment in it."
)
@click.option("--undated", is_flag=True, help="Nobody knows when: it stands in a lane of its own.")
@click.option("--cites", multiple=True, metavar="H1,H2",
              help="Hits, or records by their 32 digits; may be repeated.")  # fmt: skip
@click.option("--reason", default="", metavar="TEXT", help="What it rests on, in words.")
@click.option("--place", default="", metavar="TEXT", help="Where.")
@click.option(
    "--lane", default="", metavar="NAME", help="The lane it stands in.  [default: entries]"
)
@case_option()
@click.pass_obj
def add(
    session: Session,
    *,
    title: str,
    at: str | None,
    until: str | None,
    lasting: bool,
    undated: bool,
    cites: tuple[str, ...],
    reason: str,
    place: str,
    lane: str,
    case_name: str | None,
) -> int:
    """Put an entry of your own on the timeline; the ledger keeps that you did, not what it says."""
    from pastwatch.desk.timelining_entries import add_entry

    if undated == (at is not None):
        raise UsageError(
            "an entry has a time, or says that it has none", hint="--at ISO or --undated"
        )
    named = [part.strip() for group in cites for part in group.split(",") if part.strip()]
    with session.case(case_name) as work:
        name, entry = add_entry(
            work,
            title,
            at=at,
            until=until,
            lasts=lasting,
            cites=named,
            reason=reason,
            place=place,
            lane=lane,
        )
        offset_s = work.event.zone_offset_s
    if session.json:
        show.json_line(entry, name=name)
        return DONE
    when = stretch(entry.earliest_us, entry.latest_us, lasts=entry.lasts, offset_s=offset_s)
    rests = count(len(entry.citations), "citation") if entry.citations else "nothing: it cites none"
    show.out(f"{name} kept: {when}; rests on {rests}")
    return DONE


@timeline.command(
    cls=Command,
    examples=(
        'timeline strike e3 --reason "the receipt is of another van"',
        "timeline strike e3 --reason x --json",
    ),
    statuses=(0, 2, 10, 20, 60),
)
@click.argument("name", metavar="ENTRY")
@click.option("--reason", required=True, metavar="TEXT", help="Why; it is kept.")
@case_option()
@click.pass_obj
def strike(session: Session, *, name: str, reason: str, case_name: str | None) -> int:
    """Say that an entry no longer stands; it stays on file and leaves the timeline."""
    from pastwatch.desk.timelining_entries import strike_entry

    with session.case(case_name) as work:
        strike_entry(work, name, reason=reason)
    if session.json:
        show.json_line(None, name=name, struck=reason)
    else:
        show.out(f"{name} is struck; it stays on file")
    return DONE


@timeline.command(
    "entries",
    cls=Command,
    examples=("timeline entries", "timeline entries --struck --json"),
    statuses=(0, 1, 2, 20),
)
@click.option("--struck", is_flag=True, help="Those struck too, with the reason.")
@case_option()
@click.pass_obj
def entries_(session: Session, *, struck: bool, case_name: str | None) -> int:
    """List the entries analysts made, who made them, and what they rest on."""
    with session.case(case_name) as work:
        found = print_entries(session, work, struck=struck)
    if not found and not session.json:
        show.out('no entries yet: pastwatch timeline add "…" --at ISO')
    return DONE if found else NOTHING_FOUND
