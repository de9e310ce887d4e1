"""What is written down of competing hypotheses: add, ask, item, rate, refute, dissent, strike."""

from __future__ import annotations

from pathlib import Path

import click

from pastwatch.cli import show
from pastwatch.cli.exit import DONE
from pastwatch.cli.session import Session
from pastwatch.cli.show import count
from pastwatch.cli.tree import Command, case_option, listed
from pastwatch.errors import UsageError

_WEIGHT = click.Choice(["low", "medium", "high"])
_KEPT = (0, 2, 10, 20, 60)


@click.command(
    cls=Command,
    examples=(
        'hypotheses add "strike" --says "The depot was closed by a strike."',
        'hypotheses add "accident" --says "A wagon caught fire." --argued-by Ben',
        "hypotheses add --none",
    ),
    statuses=_KEPT,
)
@click.argument("title", default="")
@click.option("--says", default="", metavar="TEXT", help="What it states.  [default: its title]")
@click.option("--argued-by", default="", metavar="WHO", help="The person who argues for it.")
@click.option("--none", "none", is_flag=True, help="None of these, or it cannot be told.")
@case_option()
@click.pass_obj
def add(
    session: Session, *, title: str, says: str, argued_by: str, none: bool, case_name: str | None
) -> int:
    """Add a hypothesis; its hash goes into the ledger, best before anything is opened."""
    from pastwatch.desk.hypotheses import add_hypothesis

    if not title and not none:
        raise UsageError("a hypothesis has a title", hint="or say --none: none of these")
    with session.case(case_name) as work:
        name, remarks = add_hypothesis(work, title, statement=says, argued_by=argued_by, none=none)
    if session.json:
        show.json_line(None, hypothesis=name, remarks=remarks)
        return DONE
    show.out(f"{name} kept")
    for remark in remarks:
        show.say(f'pastwatch: wording: "{show.neutral(remark.words)}": {remark.advice}')
    return DONE


@click.command(
    cls=Command,
    examples=(
        'hypotheses ask "Who closed the depot?"',
        'hypotheses ask "Was it ordered?" --json',
    ),
    statuses=_KEPT,
)
@click.argument("text")
@case_option()
@click.pass_obj
def ask(session: Session, *, text: str, case_name: str | None) -> int:
    """Write down a question that the case is to answer; its hash goes into the ledger."""
    from pastwatch.desk import hypotheses as desk

    with session.case(case_name) as work:
        name = desk.ask(work, text)
    return _kept(session, "question", name)


@click.command(
    cls=Command,
    examples=(
        'hypotheses item "the gates were locked at noon" --cites h3,c1 --relevance high',
        'hypotheses item "no talk of a strike" --negative f2 --rehearsed 50:48',
    ),
    statuses=_KEPT,
)
@click.argument("title")
@click.option("--cites", default="", metavar="H3,C1",
              help="What it rests on: hits, records, claims, exhibits, findings, entries.")  # fmt: skip
@click.option("--root", default="", metavar="NAME", help="Items of one root count once.")
@click.option(
    "--source", default="", metavar="NAME", help="Whose grade it bears.  [default: its records']"
)
@click.option("--credibility", type=_WEIGHT, default="medium", show_default=True)
@click.option("--relevance", type=_WEIGHT, default="medium", show_default=True)
@click.option(
    "--negative",
    metavar="FINDING",
    help="A finding of nothing that it is (f2, or n1 with its rehearsal).",
)
@click.option("--rehearsed", default="", metavar="N:FOUND",
              help="Of a negative: copies of known wording planted, and found.")  # fmt: skip
@click.option("--elsewhere", default="", metavar="A,B",
              help="Of a negative: where it could stand that is not held.")  # fmt: skip
@case_option()
@click.pass_obj
def item(
    session: Session,
    *,
    title: str,
    cites: str,
    root: str,
    source: str,
    credibility: str,
    relevance: str,
    negative: str | None,
    rehearsed: str,
    elsewhere: str,
    case_name: str | None,
) -> int:
    """Add an item that every hypothesis is held against, with what it rests on."""
    from pastwatch.desk.hypotheses import add_item, add_unfound

    with session.case(case_name) as work:
        if negative:
            if negative.startswith("n") and rehearsed:
                raise UsageError(f"{negative} has its own rehearsal", hint="leave --rehearsed out")
            planted, found = _rehearsal(rehearsed)
            name = add_unfound(
                work,
                title,
                finding=negative,
                planted=planted,
                found=found,
                elsewhere=listed(elsewhere),
                relevance=relevance,
            )
        else:
            name = add_item(
                work,
                title,
                cites=listed(cites),
                root=root,
                source=source,
                credibility=credibility,
                relevance=relevance,
            )
    return _kept(session, "item", name)


@click.command(
    cls=Command,
    examples=(
        'hypotheses rate i1 y1=C y2=II y3=N --reason "a strike locks gates"',
        "hypotheses rate --file ratings.toml",
    ),
    statuses=_KEPT,
)
@click.argument("item_name", metavar="[ITEM]", default="")
@click.argument("signs", metavar="[Y1=C …]", nargs=-1)
@click.option("--reason", default="", metavar="TEXT", help="Why it is rated so.")
@click.option("--file", "file", type=click.Path(path_type=Path), metavar="FILE",
              help="A dated file of ratings (TOML).")  # fmt: skip
@case_option()
@click.pass_obj
def rate(
    session: Session,
    *,
    item_name: str,
    signs: tuple[str, ...],
    reason: str,
    file: Path | None,
    case_name: str | None,
) -> int:
    """Rate an item against hypotheses (CC C N I II NA), not seeing what others said of it."""
    from pastwatch.desk import hypotheses as desk

    if bool(item_name) == (file is not None):
        raise UsageError("name an item or a file of ratings", hint="rate i1 y1=C …, or --file FILE")
    with session.case(case_name) as work:
        if file is not None:
            kept, as_of_us = desk.rate_file(work, file)
            moment = show.moment(as_of_us, offset_s=work.event.zone_offset_s, seconds=True)
        else:
            kept = len(desk.rate(work, item_name, _signs(signs), reason=reason))
            as_of_us, moment = None, ""
    if session.json:
        show.json_line(None, ratings=kept, as_of_us=as_of_us)
    else:
        show.out(f"{count(kept, 'rating')} kept" + (f", written up to {moment}" if moment else ""))
    return DONE


@click.command(
    cls=Command,
    examples=(
        'hypotheses refute y1 "an order to open the gates" --queries q2 --outcome "none found"',
        'hypotheses refute y2 "a wagon list of the day"',
    ),
    statuses=_KEPT,
)
@click.argument("hypothesis", metavar="HYPOTHESIS")
@click.argument("would_refute", metavar="TEXT")
@click.option(
    "--queries", default="", metavar="Q1,Q2", help="The searches in which it was looked for."
)
@click.option("--outcome", default="", metavar="TEXT", help="What came of them.")
@case_option()
@click.pass_obj
def refute(
    session: Session,
    *,
    hypothesis: str,
    would_refute: str,
    queries: str,
    outcome: str,
    case_name: str | None,
) -> int:
    """Write down what would refute a hypothesis, and where it was looked for."""
    from pastwatch.desk import hypotheses as desk

    with session.case(case_name) as work:
        name = desk.refute(work, hypothesis, would_refute, queries=listed(queries), outcome=outcome)
    return _kept(session, "refuter", name)


@click.command(
    cls=Command,
    examples=(
        'hypotheses dissent y2 "the gauge was known to stick" --who Cleo',
        'hypotheses dissent order "two of the roots are one"',
    ),
    statuses=_KEPT,
)
@click.argument("about", metavar="WHAT")
@click.argument("says", metavar="TEXT")
@click.option("--who", default="", metavar="WHO", help="Who dissents.  [default: you]")
@case_option()
@click.pass_obj
def dissent(session: Session, *, about: str, says: str, who: str, case_name: str | None) -> int:
    """Record a dissent from a hypothesis, an item or the order; it stands for good."""
    from pastwatch.desk import hypotheses as desk

    with session.case(case_name) as work:
        name = desk.dissent(work, about, says, who=who)
    return _kept(session, "dissent", name)


@click.command(
    cls=Command,
    examples=(
        'hypotheses strike y3 --reason "the same as y1"',
        'hypotheses strike i4 --reason "h9 is a quotation"',
    ),
    statuses=_KEPT,
)
@click.argument("name")
@click.option("--reason", required=True, metavar="TEXT", help="Why; it is kept.")
@case_option()
@click.pass_obj
def strike(session: Session, *, name: str, reason: str, case_name: str | None) -> int:
    """Strike a hypothesis, item, refuter or question; it stays on file with the reason."""
    from pastwatch.desk import hypotheses as desk

    with session.case(case_name) as work:
        desk.strike(work, name, reason=reason)
    if session.json:
        show.json_line(None, name=name, struck=reason)
    else:
        show.out(f"{name} is struck")
    return DONE


def _kept(session: Session, what: str, name: str) -> int:
    if session.json:
        show.json_line(None, **{what: name})
    else:
        show.out(f"{name} kept")
    return DONE


def _signs(given: tuple[str, ...]) -> dict[str, str]:
    found = {}
    for one in given:
        name, equals, sign = one.partition("=")
        if not equals:
            raise UsageError(f'"{one}" is no rating', hint="y1=C y2=II")
        found[name] = sign
    return found


def _rehearsal(text: str) -> tuple[int, int]:
    if not text:
        return 0, 0
    planted, _, found = text.partition(":")
    try:
        return int(planted), int(found)
    except ValueError:
        raise UsageError(f'"{text}" is no rehearsal', hint="--rehearsed 50:48") from None
