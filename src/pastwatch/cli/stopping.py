"""Recall and when to stop: the price, the random samples, the bound so far, and the decision."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from pastwatch.cli import show
from pastwatch.cli.exit import DONE, NOTHING_FOUND
from pastwatch.cli.session import Session
from pastwatch.cli.show import count
from pastwatch.cli.tree import Command, case_option
from pastwatch.errors import UsageError

if TYPE_CHECKING:
    from pastwatch.desk.stoppingstanding import Standing

_PERCENT = 100
_UNITS = click.Choice(["record", "conversation"])
_target = click.option(
    "--recall",
    default="95",
    show_default=True,
    metavar="PERCENT",
    help="What is to be said at the end: at least so much was found.",
)
_unit = click.option(
    "--unit", type=_UNITS, default="record", show_default=True, help="What recall is counted in."
)


def _ratio(percent: str) -> str:
    """A percentage as the decimal it is: 95 → 0.95, 99.5 → 0.995."""
    from decimal import Decimal, InvalidOperation

    try:
        return str(Decimal(percent) / _PERCENT)
    except InvalidOperation:
        raise UsageError("a recall to reach is a percentage, as 95") from None


@click.command(
    cls=Command,
    examples=("review price --relevant 50 400", "review price --recall 95 --recall 90"),
    statuses=(0, 2, 10, 20, 60),
)
@case_option()
@click.option("--relevant", nargs=2, type=click.IntRange(min=0), metavar="LEAST MOST",
              help="How many records may be relevant; without it, by the sample read first.")  # fmt: skip
@click.option("--recall", multiple=True, default=("95", "80"), metavar="PERCENT",
              help="What is to be said at the end.  [default: 95 and 80]")  # fmt: skip
@click.pass_obj
def price(
    session: Session,
    *,
    case_name: str | None,
    relevant: tuple[int, int] | None,
    recall: tuple[str, ...],
) -> int:
    """What a review will cost: records to read before a recall may be said, with the spread."""
    from pastwatch.desk.stopping import price_of

    with session.case(case_name) as work:
        prices = price_of(work, targets=[_ratio(one) for one in recall], relevant=relevant)
    for one in prices:
        if session.json:
            show.json_line(
                None,
                target=float(one.goal.target),
                records=one.population,
                relevant=list(one.relevant),
                about=one.about,
                least=one.least,
                most=one.most,
                by_control=one.by_control,
            )
        else:
            show.out(one.line())
    if not session.json:
        low, likely, high = prices[0].relevant
        show.out(
            f"worked out for {count(low)} to {count(high)} relevant ones, {count(likely)} likely"
        )
        for one in prices:
            told = "cannot close" if one.by_control is None else f"about {count(one.by_control)}"
            show.out(f"by a control sample instead, {_shown(float(one.goal.target))}: {told}")
        show.out("a price is an estimate; the guarantee is the rule's")
    return DONE


@click.command(
    cls=Command,
    examples=("review control 200 --pilot", "review control 1500 --recall 90"),
    statuses=(0, 2, 10, 20, 60),
)
@case_option()
@click.argument("size", type=click.IntRange(min=1), metavar="SIZE")
@click.option("--pilot", is_flag=True, help="For the price and a first bound alone; learned from.")
@_target
@_unit
@click.pass_obj
def control(
    session: Session, *, case_name: str | None, size: int, pilot: bool, recall: str, unit: str
) -> int:
    """Draw a random sample once, before ranking; a review that has one stops by it, unless a pilot."""
    from pastwatch.desk.stopping import draw_control
    from pastwatch.desk.stoppingstanding import standing

    with session.case(case_name) as work:
        draw_control(work, size, target=_ratio(recall), unit=unit, pilot=pilot)
        _print(session, standing(work))
    return DONE


@click.command(
    cls=Command,
    examples=("review look", "review look --recall 80 --unit conversation"),
    statuses=(0, 2, 10, 20, 60),
)
@case_option()
@click.option("--anytime", is_flag=True, help="Look after every record: reads more, plans nothing.")
@_target
@_unit
@click.pass_obj
def look(session: Session, *, case_name: str | None, anytime: bool, recall: str, unit: str) -> int:
    """Take the one look: lay the plan down, and draw at random from what is unread."""
    from pastwatch.desk.stopping import look as take
    from pastwatch.desk.stoppingstanding import standing

    with session.case(case_name) as work:
        take(work, target=_ratio(recall), unit=unit, anytime=anytime)
        _print(session, standing(work))
    return DONE


@click.command(
    cls=Command,
    examples=("review recall", "review recall --json"),
    statuses=(0, 1, 2, 10, 20, 60),
)
@case_option()
@click.pass_obj
def recall(session: Session, *, case_name: str | None) -> int:
    """The bound reached so far, what is still to be read, and what rules of thumb say."""
    from pastwatch.desk.stopping import heuristics, look_due
    from pastwatch.desk.stoppingstanding import standing

    with session.case(case_name) as work:
        now = standing(work)
        thumbs = heuristics(work)
        due, run, needed = look_due(work)
    _print(session, now)
    if session.json:
        for one in thumbs:
            show.json_line(None, heuristic=one.name, says_stop=one.says_stop, says=one.says,
                           guarantee=False)  # fmt: skip
        return DONE
    if now.rule in {"none", "pilot"}:
        says = "is worth taking now" if due else f"comes too early before {count(needed)}"
        if not due and run >= needed:
            says = "comes too early: much was found of late"
        show.out(f"{count(run)} in a row not relevant: the one look {says}")
    for one in thumbs:
        show.out(one.line)
    return DONE if now.bound.lower_ratio else NOTHING_FOUND


@click.command(
    cls=Command,
    examples=("review stop", "review stop --json"),
    statuses=(0, 2, 10, 20, 60),
)
@case_option()
@click.pass_obj
def stop(session: Session, *, case_name: str | None) -> int:
    """Decide to stop, where the rule laid down allows it; kept with the figures it rests on."""
    from pastwatch.desk.stopping import stop as decide
    from pastwatch.desk.stoppingstanding import standing

    with session.case(case_name) as work:
        number = decide(work)
        now = standing(work)
    if session.json:
        show.json_line(None, decision=number, **now.figures)
    else:
        show.out(f"decision {number}: the review has stopped; {now.says}")
        show.out(now.bound.line())
    return DONE


COMMANDS = (price, control, look, recall, stop)
"""In the order of the work, for the group `review`."""


def _shown(ratio: float) -> str:
    return f"{_PERCENT * ratio:g} %"


def _print(session: Session, now: Standing) -> None:
    waiting = now.waiting
    if session.json:
        show.json_line(
            None,
            **now.figures,
            says=now.says,
            may_stop=now.may_stop,
            waiting=len(waiting.record_ids) if waiting else 0,
        )
        return
    show.out(now.bound.line())
    show.out(now.says)
    if waiting:
        show.out(f"{count(len(waiting.record_ids), 'drawn record')} to be read next")
    if now.may_stop:
        show.out("the review may stop: 'pastwatch review stop'")
