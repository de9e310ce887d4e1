"""Competing hypotheses: what speaks against which, rated blind, one root once; never how sure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, TypeVar

import click

from pastwatch.cli import hypothesesadd, show
from pastwatch.cli.exit import DONE, NOTHING_FOUND
from pastwatch.cli.session import Session
from pastwatch.cli.tree import Command, Family, case_option

if TYPE_CHECKING:
    from pastwatch.desk.holding import OpenCase

F = TypeVar("F", bound=Callable[..., Any])

_READ = (0, 1, 2, 10, 20)


def _by_lineage() -> Callable[[F], F]:
    return click.option(
        "--by-lineage",
        is_flag=True,
        help="Claims of one root count once, by their lineage; opens the reports.",
    )


@click.group(cls=Family)
def hypotheses() -> None:
    """Hold evidence against competing hypotheses: what speaks against which, blind and by root."""


for _command in (hypothesesadd.add, hypothesesadd.ask):
    hypotheses.add_command(_command)


@hypotheses.command(
    "list",
    cls=Command,
    examples=("hypotheses list", "hypotheses list --json"),
    statuses=_READ,
)
@case_option()
@click.pass_obj
def list_(session: Session, *, case_name: str | None) -> int:
    """List hypotheses and questions: when they were written down, and what would refute each."""
    from pastwatch.cli import hypothesesview as view
    from pastwatch.desk.hypotheses_table import listed

    with session.case(case_name) as work:
        rows, questions = listed(work)
        offset_s = work.event.zone_offset_s
    if session.json:
        for row in rows:
            show.json_line(row, kind="hypothesis")
        for question in questions:
            show.json_line(question, kind="question")
    else:
        view.print_listed(rows, questions, offset_s=offset_s)
    return DONE if rows or questions else NOTHING_FOUND


for _command in (hypothesesadd.item, hypothesesadd.rate):
    hypotheses.add_command(_command)


@hypotheses.command(
    cls=Command,
    examples=("hypotheses matrix", "hypotheses matrix --items-in-rows"),
    statuses=_READ,
)
@click.option("--items-in-rows", is_flag=True, help="Items in rows, hypotheses in columns.")
@_by_lineage()
@case_option()
@click.pass_obj
def matrix(
    session: Session, *, by_lineage: bool, items_in_rows: bool, case_name: str | None
) -> int:
    """Show hypotheses against items, and the order by what speaks against them, with ties."""
    from pastwatch.cli import hypothesesview as view
    from pastwatch.desk.hypotheses_table import table

    with session.case(case_name) as work:
        made = table(work, roots=_roots(work, by_lineage))
    if session.json:
        view.json_table(made)
    else:
        view.print_table(made, items_in_rows=items_in_rows)
    return DONE if made.items else NOTHING_FOUND


@hypotheses.command(
    "what-if",
    cls=Command,
    examples=("hypotheses what-if", "hypotheses what-if --drop D-F,4-6"),
    statuses=_READ,
)
@click.option("--drop", "drops", multiple=True, metavar="GRADES",
              help="Leave out items of these grades; may be given again.")  # fmt: skip
@_by_lineage()
@case_option()
@click.pass_obj
def what_if(
    session: Session, *, by_lineage: bool, drops: tuple[str, ...], case_name: str | None
) -> int:
    """Show the order without poor grades, without those not judged, by each rater, unweighted."""
    from pastwatch.cli import hypothesesview as view
    from pastwatch.desk import hypotheses_table as desk

    with session.case(case_name) as work:
        order, trials = desk.what_if(work, drops, roots=_roots(work, by_lineage))
    if session.json:
        show.json_line(None, switch="as it stands", order=order)
        for trial in trials:
            show.json_line(trial)
    else:
        view.print_trials(order, trials)
    return DONE


@hypotheses.command(
    cls=Command, examples=("hypotheses flips", "hypotheses flips --json"), statuses=_READ
)
@_by_lineage()
@case_option()
@click.pass_obj
def flips(session: Session, *, by_lineage: bool, case_name: str | None) -> int:
    """Show which single item or rating flips the top of the order, and which roots it rests on."""
    from pastwatch.cli import hypothesesview as view
    from pastwatch.desk.hypotheses_table import resting

    with session.case(case_name) as work:
        found = resting(work, roots=_roots(work, by_lineage))
    if session.json:
        show.json_line(found)
    else:
        view.print_resting(found)
    return DONE if found.flips or found.turned or found.dependence else NOTHING_FOUND


@hypotheses.command(
    cls=Command, examples=("hypotheses changes", "hypotheses changes --json"), statuses=_READ
)
@_by_lineage()
@case_option()
@click.pass_obj
def changes(session: Session, *, by_lineage: bool, case_name: str | None) -> int:
    """Show the order at each date of the ratings read from files, and the item that moved it."""
    from pastwatch.cli import hypothesesview as view
    from pastwatch.desk import hypotheses_table as desk

    with session.case(case_name) as work:
        steps = desk.changes(work, roots=_roots(work, by_lineage))
        offset_s = work.event.zone_offset_s
    if session.json:
        for step in steps:
            show.json_line(step)
    else:
        view.print_changes(steps, offset_s=offset_s)
    return DONE


for _command in (hypothesesadd.refute, hypothesesadd.dissent, hypothesesadd.strike):
    hypotheses.add_command(_command)


def _roots(work: OpenCase, by_lineage: bool) -> Mapping[str, str] | None:
    """The root of each claim, where asked."""
    if not by_lineage:
        return None
    from pastwatch.desk.hypotheses_lineage import roots_told

    return roots_told(work).roots
