"""Accounts and who stands behind them: what is suggested, what a person accepts, and its undoing."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from pastwatch.cli import show
from pastwatch.cli.actorsdirectory import directory
from pastwatch.cli.actorsview import actor_plain, print_actor, print_actors, print_suggestions
from pastwatch.cli.exit import DONE, NOTHING_FOUND
from pastwatch.cli.session import Session
from pastwatch.cli.tree import Command, Family, case_option, global_options
from pastwatch.errors import UsageError

if TYPE_CHECKING:
    from pastwatch.desk.holding import OpenCase

_SHOWN = 20
_STATUSES = (0, 2, 10, 20, 60)
_CITES = click.option(
    "--cites", multiple=True, metavar="WHAT",
    help="What it rests on: a hit (h3), a row of a directory (d1:7) or a record's id; may be repeated.",
)  # fmt: skip
_REASON = click.option("--reason", required=True, metavar="TEXT", help="Why.")


@click.group(cls=Family, invoke_without_command=True)
@case_option()
@click.pass_context
def actors(ctx: click.Context, *, case_name: str | None) -> int:
    """Accounts and who is argued to stand behind them; without a command, the actors that stand."""
    if ctx.invoked_subcommand is None:
        return int(ctx.invoke(list_, case_name=case_name))
    return DONE


@actors.command(
    "list", cls=Command, examples=("actors list", "actors list --json"), statuses=(0, 1, 2, 10)
)
@case_option()
@click.pass_obj
def list_(session: Session, *, case_name: str | None) -> int:
    """List the actors that stand, and accounts that are in two of them."""
    from pastwatch.desk.identifying import actors as standing
    from pastwatch.desk.identifying import conflicts

    with session.case(case_name) as work:
        found, several = standing(work), conflicts(work)
    if session.json:
        for one in found:
            show.json_line(None, **actor_plain(one))
        for account, names in several:
            show.json_line(None, kind="conflict", account=account, actors=names)
    else:
        print_actors(found, several)
    return DONE if found else NOTHING_FOUND


@actors.command(
    cls=Command,
    examples=("actors suggest", "actors suggest --account mail:ana@port.example"),
    statuses=(0, 1, 2, 10, 20),
)
@click.option("--account", metavar="ACCOUNT", help="Only with this account.")
@click.option("--least", default=0.0, metavar="SCORE", help="Only of this score or more.")
@click.option("--limit", default=_SHOWN, show_default=True, metavar="N", help="Pairs shown.")
@case_option()
@click.pass_obj
def suggest(
    session: Session, *, account: str | None, least: float, limit: int, case_name: str | None
) -> int:
    """Put forward accounts that may be one person's, with reasons; nothing is merged."""
    from pastwatch.desk.identifying_suggesting import suggest as make

    with session.case(case_name) as work:
        found = [one for one in make(work, account=account) if one.score >= least]
    if session.json:
        for one in found:
            show.json_line(one, person=None)
    else:
        print_suggestions(found, limit=limit)
    return DONE if found else NOTHING_FOUND


@actors.command(
    cls=Command,
    examples=(
        (
            'actors merge mail:ana@port.example chat:ana --label "Ana of the port" '
            '--reason "signs both with the same number" --cites h3'
        ),
        "actors merge chat:ana mail:ana@port.example --as-suggested",
        'actors merge sms:+7999 --into a1 --reason "named in the phone book" --cites d1:7',
    ),
    statuses=_STATUSES,
)
@click.argument("accounts", nargs=-1, required=True, metavar="ACCOUNT…")
@click.option("--label", default="", metavar="TEXT", help="What the actor is called in this case.")
@click.option("--into", metavar="ACTOR", help="Add them to an actor that stands.")
@click.option("--reason", default="", metavar="TEXT", help="Why.")
@click.option("--as-suggested", is_flag=True, help="Take reason and score from the suggestion.")
@_CITES
@case_option()
@click.pass_obj
def merge(
    session: Session,
    *,
    accounts: tuple[str, ...],
    label: str,
    into: str | None,
    reason: str,
    as_suggested: bool,
    cites: tuple[str, ...],
    case_name: str | None,
) -> int:
    """Take accounts for one actor, and say why; no record changes, and it can be undone."""
    from pastwatch.desk.identifying import merge as join
    from pastwatch.desk.identifying_suggesting import known_account
    from pastwatch.desk.talking import talk_of_case

    with session.case(case_name) as work:
        talk = talk_of_case(work, purpose="actors")
        named = [known_account(talk, one) for one in accounts]
        maker, score = None, None
        if as_suggested:
            reason, score = _suggested(work, named, reason)
            maker = f"suggest 1, accepted by {work.office.person}"
        made = join(
            work,
            named,
            reason=reason,
            label=label,
            into=into,
            cites=cites,
            maker=maker,
            score=score,
        )
    if session.json:
        show.json_line(None, **actor_plain(made))
    else:
        print_actor(made)
        show.out()
        show.out(f"undo with 'pastwatch actors undo {made.accounts[-1].relation_id} --reason …'")
    return DONE


@actors.command(
    cls=Command,
    examples=(
        'actors undo r3 --reason "another Ana"',
        'actors undo r3 --reason "another Ana" --json',
    ),
    statuses=(0, 2, 10, 60),
)
@click.argument("relation", metavar="RELATION")
@_REASON
@case_option()
@click.pass_obj
def undo(session: Session, *, relation: str, reason: str, case_name: str | None) -> int:
    """Undo a merge or an attribution by its name (r3); everything is as it was before it."""
    from pastwatch.desk.identifying import actors as standing
    from pastwatch.desk.identifying import undo as take_back

    with session.case(case_name) as work:
        of = take_back(work, relation, reason=reason)
        stands = any(one.name == of for one in standing(work))
    if session.json:
        show.json_line(None, undone=relation, of=of, stands=stands)
    else:
        left = (
            "" if stands or not of.startswith("a") else f"; {of} had no other account and is gone"
        )
        show.out(f"{relation} is undone{left}")
    return DONE


@actors.command(
    "show",
    cls=Command,
    examples=("actors show a1", "actors show a1 --json"),
    statuses=(0, 2, 10, 20),
)
@click.argument("actor", metavar="ACTOR")
@case_option()
@click.pass_obj
def show_(session: Session, *, actor: str, case_name: str | None) -> int:
    """Show an actor: its accounts and what each rests on, its directory rows, what was undone."""
    from pastwatch.desk.identifying import actor as one_actor
    from pastwatch.desk.identifying import history
    from pastwatch.desk.identifying_rows import rows_of_actor

    with session.case(case_name) as work:
        found = one_actor(work, actor)
        rows = rows_of_actor(work, found)
        undone = [kept for kept in history(work, actor) if kept.undoing is not None]
        offset_s = work.event.zone_offset_s
    if session.json:
        show.json_line(None, **actor_plain(found), directory_rows=rows, undone=undone)
    else:
        print_actor(found, rows=rows, undone=undone, offset_s=offset_s)
    return DONE


@actors.command(
    cls=Command,
    examples=(
        'actors attribute a1 --to "Ana Petrova" --cites d1:7 --reason "her number in the list"',
        'actors attribute a1 --title "dosing technician" --cites d1:7 --reason "her post in 2031"',
        'actors attribute radio:3 --to "Omar" --level speaker --cites h9 --reason "says so"',
    ),
    statuses=_STATUSES,
)
@click.argument("of", metavar="ACTOR|ACCOUNT")
@click.option("--to", "named", default="", metavar="NAME", help="The person whose it is.")
@click.option("--title", default="", metavar="TEXT", help="The post or role, instead of a person.")
@click.option("--level", default="account", show_default=True,
              type=click.Choice(["account", "device", "speaker"]),
              help="What is theirs: the account, the device, or the voice.")  # fmt: skip
@_REASON
@_CITES
@case_option()
@click.pass_obj
def attribute(
    session: Session,
    *,
    of: str,
    named: str,
    title: str,
    level: str,
    reason: str,
    cites: tuple[str, ...],
    case_name: str | None,
) -> int:
    """Say whose an actor's accounts are, or which post they bear; it needs a citation."""
    from pastwatch.desk.identifying import Level
    from pastwatch.desk.identifying import attribute as say
    from pastwatch.desk.identifying_citing import citation_name

    with session.case(case_name) as work:
        told = say(
            work, of, cites=cites, reason=reason, person=named, title=title, level=Level(level)
        )
    if session.json:
        show.json_line(told)
        return DONE
    what = "title" if told.level is None else f"{told.level} of person"
    show.out(f'{told.relation_id}: {told.of}: {what} "{show.neutral(told.named)}"')
    show.out(f"  cites {', '.join(citation_name(c) for c in told.citations)}")
    return DONE


actors.add_command(directory)
actors.params.extend(global_options(on_command=True))


def _suggested(work: OpenCase, named: list[str], reason: str) -> tuple[str, float]:
    from pastwatch.desk.identifying_suggesting import suggest as make

    wanted = set(named)
    for one in make(work, account=named[0]):
        if {one.one, one.two} == wanted:
            said = "; ".join(why.text for why in one.reasons)
            return (f"{reason}: {said}" if reason else said), one.score
    raise UsageError(
        "no suggestion joins exactly these accounts", hint="'pastwatch actors suggest' lists them"
    )
