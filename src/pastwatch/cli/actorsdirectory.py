"""Directories of a case: org charts, phone books, rosters, each with its source, date and grade."""

from __future__ import annotations

from pathlib import Path

import click

from pastwatch.cli import show
from pastwatch.cli.actorsview import print_rows
from pastwatch.cli.exit import DONE, NOTHING_FOUND
from pastwatch.cli.session import Session
from pastwatch.cli.show import count
from pastwatch.cli.tree import Command, Family, case_option
from pastwatch.errors import UsageError

_FILE = click.Path(path_type=Path)
_SHOWN = 20


@click.group(cls=Family)
def directory() -> None:
    """Org charts, phone books and rosters, each with its own source, date and grade."""


@directory.command(
    cls=Command,
    examples=(
        (
            'actors directory add staff.csv --source "the utility\'s staff list" --dated 2031-03-01 '
            "--grade B2 --basis own --map name=name,phone=telephone,role=post"
        ),
        'actors directory add chart.ftm.json --source "an org chart" --dated 2031 --grade C3 --basis own',
    ),
    statuses=(0, 2, 10, 20, 30, 60),
)
@click.argument("file", type=_FILE, metavar="FILE")
@click.option("--source", required=True, metavar="TEXT", help="Where the directory is from.")
@click.option(
    "--dated", required=True, metavar="DATE", help="Of which date: 2031, 2031-03, 2031-03-01."
)
@click.option("--grade", required=True, metavar="GRADE",
              help="Reliability A to F and credibility 1 to 6, as B2.")  # fmt: skip
@click.option("--basis", required=True, metavar="BASIS",
              help="The lawful basis: own, consent, order, statute, published, other.")  # fmt: skip
@click.option("--map", "mapped", default="", metavar="LIST",
              help="Which column is which: name=Name,phone=Tel,role=Title.")  # fmt: skip
@case_option()
@click.pass_obj
def add(
    session: Session,
    *,
    file: Path,
    source: str,
    dated: str,
    grade: str,
    basis: str,
    mapped: str,
    case_name: str | None,
) -> int:
    """Seal a directory (CSV or FollowTheMoney lines) into the case; asks for the granting key."""
    from pastwatch.desk.identifying_directories import add_directory

    with session.case(case_name) as work:
        entered = add_directory(
            work,
            file,
            source=source,
            dated=dated,
            grade=grade,
            basis=basis,
            columns=_mapped(mapped) or None,
        )
    made = entered.value
    if session.json:
        show.json_line(made, directory=entered.name)
        return DONE
    taken = ", ".join(
        f"{field} from {show.neutral(name)!r}" for field, name in made.columns.items()
    )
    show.out(
        f"{entered.name}: {count(made.rows, 'row')}, as of {made.dated}, grade {grade.upper()}"
    )
    if taken:
        show.out(f"  {taken}")
    if made.citable_rows < made.rows:
        show.out(
            f"  only the first {count(made.citable_rows, 'row')} can be cited: the file is longer than "
            "a record's text; bring it in pieces to cite the rest"
        )
    return DONE


@directory.command(
    "list",
    cls=Command,
    examples=("actors directory list", "actors directory list --json"),
    statuses=(0, 1, 2, 10),
)
@case_option()
@click.pass_obj
def list_(session: Session, *, case_name: str | None) -> int:
    """List the directories of the case with their source, date and grade."""
    from pastwatch.desk.identifying_directories import directories, is_older

    with session.case(case_name) as work:
        found = directories(work)
        event_us = work.event.when.start_us
    if session.json:
        for one in found:
            show.json_line(
                one.value, directory=one.name, before_event=is_older(one.value, event_us)
            )
    elif found:
        rows = [
            (
                one.name,
                count(one.value.rows, "row"),
                f"as of {one.value.dated}"
                + (", before the event" if is_older(one.value, event_us) else ""),
                f"{one.value.grade.reliability}{one.value.grade.credibility}",
                show.neutral(one.value.source),
                one.value.record_id.hex(),
            )
            for one in found
        ]
        show.table(rows, head=("", "", "date", "grade", "source", "record"), right={1})
    else:
        show.out("no directory yet: 'pastwatch actors directory add FILE'")
    return DONE if found else NOTHING_FOUND


@directory.command(
    cls=Command,
    examples=(
        'actors directory find --name "Ana Petrova"',
        'actors directory find --phone "+7 (999) 123-45-67"',
    ),
    statuses=(0, 1, 2, 10, 20),
)
@click.option("--name", default="", metavar="NAME", help="Sounds like this, in any script.")
@click.option("--phone", default="", metavar="NUMBER", help="However it is spelt.")
@click.option("--account", default="", metavar="ADDRESS", help="A mail address or a handle.")
@click.option("--limit", default=_SHOWN, show_default=True, metavar="N", help="Rows shown.")
@case_option()
@click.pass_obj
def find(
    session: Session, *, name: str, phone: str, account: str, limit: int, case_name: str | None
) -> int:
    """Find rows by a name in any script, a number in any spelling, or an address."""
    from pastwatch.desk.identifying_directories import find_rows
    from pastwatch.desk.identifying_rows import with_dates

    if not (name or phone or account):
        raise UsageError("nothing to find was given", hint="--name, --phone or --account")
    with session.case(case_name) as work:
        rows = with_dates(work, find_rows(work, name=name, phone=phone, account=account))
    if session.json:
        for row in rows:
            show.json_line(row)
    elif rows:
        print_rows(rows, title=f"{count(len(rows), 'row')} found", limit=limit)
    else:
        show.out("no row of any directory: that tells nothing of who is not listed")
    return DONE if rows else NOTHING_FOUND


def _mapped(listed: str) -> dict[str, str]:
    found = {}
    for piece in filter(None, (one.strip() for one in listed.split(","))):
        field, equals, column = piece.partition("=")
        if not equals or not column.strip():
            raise UsageError(f'"{piece}" maps no column', hint="field=Column, as phone=Tel")
        found[field.strip()] = column.strip()
    return found
