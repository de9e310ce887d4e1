"""Grades of sources (A to F) and of items (1 to 6), each with its history; never averaged."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from pastwatch.cli import show
from pastwatch.cli.exit import DONE, NOTHING_FOUND
from pastwatch.cli.session import Session
from pastwatch.cli.show import neutral
from pastwatch.cli.tree import Command, Family, case_option
from pastwatch.errors import UsageError

if TYPE_CHECKING:
    from pastwatch.desk.grades import GradedItem, GradedSource, GradeGiven

_KEPT = (0, 2, 10, 20, 60)
_NOT_JUDGED = {"F": " (cannot be judged)", "6": " (cannot be judged)"}


@click.group(cls=Family)
def grades() -> None:
    """Grade how reliable a source is and how credible an item; the two are never averaged."""


@grades.command(
    cls=Command,
    examples=(
        'grades source radio B --reason "its times agree with two logs"',
        'grades source "the harbour paper" F --reason "nothing of it was ever checked"',
    ),
    statuses=_KEPT,
)
@click.argument("source")
@click.argument("letter", metavar="A-F")
@click.option("--reason", required=True, metavar="TEXT", help="What it has been right or wrong in.")
@case_option()
@click.pass_obj
def source(
    session: Session, *, source: str, letter: str, reason: str, case_name: str | None
) -> int:
    """Grade a source: A to E, or F where it cannot be judged; earlier grades stay in its history."""
    from pastwatch.desk.grades import grade_source

    with session.case(case_name) as work:
        name = grade_source(work, source, letter, reason=reason)
    return _kept(session, name)


@grades.command(
    cls=Command,
    examples=(
        'grades item i1 2 --weighed boast=no --weighed rumour="saw it" --weighed deception=no --reason …',
        'grades item c3 1 --reason "two who did not speak" --roots c3,x1',
    ),
    statuses=_KEPT,
)
@click.argument("about", metavar="ITEM")
@click.argument("digit", metavar="1-6")
@click.option("--reason", required=True, metavar="TEXT", help="Why.")
@click.option("--question", type=click.Choice(["said", "true"]), default="true", show_default=True,
              help="Was it said on this line, or is what was said so?")  # fmt: skip
@click.option("--weighed", multiple=True, metavar="DOUBT=TEXT",
              help="Of a communication: authenticity, handover; or boast, rumour, deception.")  # fmt: skip
@click.option("--roots", default="", metavar="R1,R2",
              help="The roots it goes back to; 1 needs two.  [default: those its lineage counts]")  # fmt: skip
@case_option()
@click.pass_obj
def item(
    session: Session,
    *,
    about: str,
    digit: str,
    reason: str,
    question: str,
    weighed: tuple[str, ...],
    roots: str,
    case_name: str | None,
) -> int:
    """Grade an item, claim, exhibit or record; a sealed communication on both questions."""
    from pastwatch.desk.grades import grade_item

    doubts = {}
    for one in weighed:
        doubt, equals, found = one.partition("=")
        if not equals:
            raise UsageError(f'"{one}" weighs nothing', hint='--weighed boast="no sign of it"')
        doubts[doubt] = found
    with session.case(case_name) as work:
        name = grade_item(
            work,
            about,
            digit,
            reason=reason,
            question=question,
            weighed=doubts,
            roots=[root for root in roots.split(",") if root.strip()],
        )
    return _kept(session, name)


@grades.command(
    "list", cls=Command, examples=("grades list", "grades list --json"), statuses=(0, 1, 2, 10, 20)
)
@case_option()
@click.pass_obj
def list_(session: Session, *, case_name: str | None) -> int:
    """List sources and items with the grades that stand, and every one given before."""
    from pastwatch.desk.grades import graded_items, graded_sources

    with session.case(case_name) as work:
        sources, items = graded_sources(work), graded_items(work)
        offset_s = work.event.zone_offset_s
    if session.json:
        for one in sources:
            show.json_line(one, kind="source", judged=one.judged)
        for graded in items:
            show.json_line(graded, kind="item", shown=graded.grades.shown)
    else:
        _print_sources(sources, offset_s)
        _print_items(items, offset_s)
        if not sources and not items:
            show.out('nothing is graded yet: pastwatch grades source NAME B --reason "…"')
    return DONE if sources or items else NOTHING_FOUND


def _print_sources(sources: Sequence[GradedSource], offset_s: int) -> None:
    for one in sources:
        letter = one.reliability.value
        show.out(f"{letter}     source {neutral(one.source)}{_NOT_JUDGED.get(letter, '')}")
        _print_history(one.history, offset_s)


def _print_items(items: Sequence[GradedItem], offset_s: int) -> None:
    for one in items:
        lacking = f"; not graded yet: {', '.join(one.missing)}" if one.missing else ""
        show.out(f"{show.pad(one.grades.shown, 5)} item {one.about}{lacking}")
        for words, given in (("was it said on this line", one.said), ("is it so", one.true)):
            if given:
                show.out(f"      {words}: {given[-1].grade}{_NOT_JUDGED.get(given[-1].grade, '')}")
                _print_history(given, offset_s)
        for weighed in one.weighed:
            show.out(f"        {weighed.doubt}: {neutral(weighed.found)}")


def _print_history(given: Sequence[GradeGiven], offset_s: int) -> None:
    for one in reversed(given):
        when = show.moment(one.at_us, offset_s=offset_s)
        show.out(f"        {one.grade} by {neutral(one.by)}, {when}: {neutral(one.reason)}")


def _kept(session: Session, name: str) -> int:
    if session.json:
        show.json_line(None, grade=name)
    else:
        show.out(f"{name} kept")
    return DONE
