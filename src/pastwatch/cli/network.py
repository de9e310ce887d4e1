"""Who talked with whom: the network of a case, and what is asked of it."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from pastwatch.cli import networkjson as plainly
from pastwatch.cli import networkshow as tell
from pastwatch.cli import show
from pastwatch.cli.exit import DONE, NOTHING_FOUND
from pastwatch.cli.session import Session
from pastwatch.cli.tree import Command, Family, case_option
from pastwatch.errors import UsageError

if TYPE_CHECKING:
    from pastwatch.desk.case import CaseWork
    from pastwatch.desk.networking import CaseNetwork

F = TypeVar("F", bound=Callable[..., Any])
_STATUSES = (0, 1, 2, 10, 20, 60)
_DRAWN = 150
_SHOWN = 20
_ZONED = re.compile(r"T.*(?:[Zz]|[+-]\d\d:?\d\d)$")


class _ShowsItself(Family):
    """Without a command of its own name it shows the network."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        if "--help" not in args and not any(arg in self.commands for arg in args):
            args = ["show", *args]
        return super().parse_args(ctx, args)


@click.group(cls=_ShowsItself)
def network() -> None:
    """Who talked with whom, when, how much, before against after."""


def _stretch() -> Callable[[F], F]:
    """The case, the brush of time, the medium: for every command that reads the network."""

    def decorate(command: F) -> F:
        for option in (
            click.option("--medium", "media", multiple=True, metavar="M",
                         help="Only this medium, as mail or chat; several times for more."),
            click.option("--until", metavar="TIME", help="Nothing from this moment on."),
            click.option("--since", metavar="TIME", help="Nothing before this moment."),
            case_option(),
        ):  # fmt: skip
            command = option(command)
        return command

    return decorate


_limit_option = click.option("--limit", metavar="N", type=click.IntRange(1),
                             help=f"Lines a table; {_SHOWN} by default, in JSON all.")  # fmt: skip


def _tables(orders: Sequence[str]) -> Callable[[F], F]:
    """How long a table is, and by what it is ordered."""

    def decorate(command: F) -> F:
        command = click.option("--order", type=click.Choice(orders), default=orders[0],
                               show_default=True, help="What the table is ordered by.")(command)  # fmt: skip
        return _limit_option(command)

    return decorate


def _account_option() -> Callable[[F], F]:
    return click.option("--account", "accounts", multiple=True, metavar="A",
                        help="An address, medium:address, or a name as shown; several times for more.")  # fmt: skip


_by_handle = click.option("--by-handle", is_flag=True,
                          help="Take accounts of one handle for one person: an assumption.")  # fmt: skip


@network.command(
    name="show",
    cls=Command,
    examples=("network show --picture network.svg", "network show --account ana@port.example"),
    statuses=_STATUSES,
)
@_stretch()
@_account_option()
@click.option("--depth", default=1, show_default=True, type=click.IntRange(1, 3),
              help="How many ties away from the accounts.")  # fmt: skip
@click.option("--turns/--no-turns", "turns", default=None,
              help="Who spoke right after whom, as where nobody is addressed.")  # fmt: skip
@_tables(("volume", "name", "first", "last"))
@click.option("--picture", type=click.Path(path_type=Path), metavar="FILE",
              help="Draw it too: FILE.svg or FILE.png.")  # fmt: skip
@click.pass_obj
def show_network(session: Session, /, **given: Any) -> int:
    """Show accounts and the ties between them, with before and after the event."""
    picture = _drawn_to(given)
    accounts, depth, limit, order = (given.pop(n) for n in ("accounts", "depth", "limit", "order"))
    with session.case(given.pop("case_name")) as work:
        read = _read(work, **given)
        made = read.show(accounts, depth=depth, order=order, limit=_lines(session, limit))
        if picture is not None:
            drawn = read.show(accounts, depth=depth, order="volume", limit=max(limit or 0, _DRAWN))
            read.draw(drawn, picture)
            show.say(f"wrote {picture}")
        event, offset_s = work.event, work.event.zone_offset_s
    if session.json:
        plainly.network_lines(made)
    else:
        tell.print_network(made, event_us=event.when.start_us, offset_s=offset_s)
    return DONE if made.nodes else NOTHING_FOUND


@network.command(
    name="change",
    cls=Command,
    examples=(
        "network change",
        "network change --account ana@port.example --with ben@port.example",
    ),
    statuses=_STATUSES,
)
@_stretch()
@_account_option()
@click.option("--with", "other", metavar="B",
              help="With one --account: when the talk of the two changed.")  # fmt: skip
@_by_handle
@_tables(("volume", "name"))
@click.pass_obj
def change(session: Session, /, **given: Any) -> int:
    """Say which pairs and accounts talk more, less, newly or no longer after the event.

    With one --account also when its volume changed, within what interval.
    """
    accounts, limit, order, other = (given.pop(n) for n in ("accounts", "limit", "order", "other"))
    if other is not None and len(accounts) != 1:
        raise UsageError("--with goes with one --account")
    with session.case(given.pop("case_name")) as work:
        read = _read(work, **given)
        made = read.changes(accounts, order=order, limit=_lines(session, limit))
        points = read.change_points(accounts[0], other) if len(accounts) == 1 else ()
        offset_s = work.event.zone_offset_s
    if session.json:
        plainly.changes_lines(made, points)
    else:
        tell.print_changes(made, points, offset_s=offset_s)
    found = made.below_level or any(one.points for one in points)
    return DONE if found else NOTHING_FOUND


@network.command(
    name="silences",
    cls=Command,
    examples=("network silences --by-handle", "network silences --from 2031-05-05T06:00+02:00"),
    statuses=_STATUSES,
)
@_stretch()
@_account_option()
@click.option("--from", "start", metavar="TIME",
              help="When the silence sought begins; the event by default.")  # fmt: skip
@_by_handle
@_tables(("name", "volume", "last"))
@click.pass_obj
def silences(session: Session, /, **given: Any) -> int:
    """Say who says nothing from the event on, against the collection first and their own rhythm."""
    accounts, limit, order, start = (given.pop(n) for n in ("accounts", "limit", "order", "start"))
    with session.case(given.pop("case_name")) as work:
        read = _read(work, **given)
        from_us = _moment(work, start)
        made = read.silences(accounts, from_us=from_us, order=order, limit=_lines(session, limit))
        offset_s = work.event.zone_offset_s
    if session.json:
        plainly.silences_lines(made)
    else:
        tell.print_silences(made, offset_s=offset_s)
    return (
        DONE if any(plainly.is_below(one, made.level_p) for one in made.silences) else NOTHING_FOUND
    )


@network.command(
    name="newcomers",
    cls=Command,
    examples=("network newcomers", "network newcomers --medium mail --order name"),
    statuses=_STATUSES,
)
@_stretch()
@_tables(("first", "name", "volume"))
@click.pass_obj
def newcomers(session: Session, /, **given: Any) -> int:
    """List accounts first seen after the event, each beside what else may explain it."""
    limit, order = given.pop("limit"), given.pop("order")
    with session.case(given.pop("case_name")) as work:
        read = _read(work, **given)
        made = read.newcomers(order=order, limit=_lines(session, limit))
        offset_s = work.event.zone_offset_s
    if session.json:
        plainly.newcomers_lines(made)
    else:
        tell.print_newcomers(made, offset_s=offset_s)
    return DONE if made.newcomers else NOTHING_FOUND


@network.command(
    name="communities",
    cls=Command,
    examples=("network communities", "network communities --seed 7"),
    statuses=_STATUSES,
)
@_stretch()
@click.option("--seed", default=1, show_default=True, help="The division of which seed is shown.")
@click.option("--seeds", default=10, show_default=True, type=click.IntRange(2, 100),
              help="How many are drawn to see how firm it is.")  # fmt: skip
@_limit_option
@click.pass_obj
def communities(session: Session, /, **given: Any) -> int:
    """Divide the accounts into groups that talk more with each other than with the rest."""
    limit, seed, seeds = (given.pop(n) for n in ("limit", "seed", "seeds"))
    with session.case(given.pop("case_name")) as work:
        read = _read(work, **given)
        made = read.communities(seed=seed, seeds=seeds, limit=_lines(session, limit))
    if session.json:
        plainly.communities_lines(made)
    else:
        tell.print_communities(made)
    return DONE if made.communities else NOTHING_FOUND


@network.command(
    name="chains",
    cls=Command,
    examples=("network chains --forwarded", "network chains --limit 3 --picture chains.svg"),
    statuses=_STATUSES,
)
@_stretch()
@_account_option()
@click.option("--forwarded", is_flag=True, help="Only those that were handed on.")
@_tables(("volume", "first", "name"))
@click.option("--picture", type=click.Path(path_type=Path), metavar="FILE",
              help="Draw the first six: FILE.svg or FILE.png.")  # fmt: skip
@click.pass_obj
def chains(session: Session, /, **given: Any) -> int:
    """Follow exchanges by their subject: who wrote first, answered, handed on, in order of time."""
    picture = _drawn_to(given)
    names = ("accounts", "limit", "order", "forwarded")
    accounts, limit, order, forwarded = (given.pop(n) for n in names)
    with session.case(given.pop("case_name")) as work:
        read = _read(work, **given)
        made = read.chains(accounts, forwarded=forwarded, order=order, limit=_lines(session, limit))
        if picture is not None:
            read.draw_chains(made, picture)
            show.say(f"wrote {picture}")
        offset_s = work.event.zone_offset_s
    if session.json:
        plainly.chains_lines(made)
    else:
        tell.print_chains(made, offset_s=offset_s)
    return DONE if made.chains else NOTHING_FOUND


@network.command(
    name="roles",
    cls=Command,
    examples=('network roles --query "stir" --after 3', "network roles --brokers"),
    statuses=_STATUSES,
)
@case_option()
@_account_option()
@click.option(
    "--query", metavar="Q", help="Read what this finds; by default what was cited, judged or hit."
)
@click.option("--after", default=0, show_default=True, type=click.IntRange(0, 20), metavar="N",
              help="With --query: also read the N records behind each hit.")  # fmt: skip
@click.option("--brokers", is_flag=True, help="Look for the only ties between groups too.")
@click.option("--limit", default=200, show_default=True, type=click.IntRange(1), metavar="N",
              help="Records read.")  # fmt: skip
@click.pass_obj
def roles(session: Session, /, **given: Any) -> int:
    """Suggest who asks, orders, reports or acknowledges in records cited, judged or found.

    Each is a suggestion by a named rule, with its words; a person argues a label.
    """
    from pastwatch.desk.networking_roles import labels, roles_of

    with session.case(given["case_name"]) as work:
        made = roles_of(
            work,
            query=given["query"],
            after=given["after"],
            accounts=given["accounts"],
            limit=given["limit"],
            network=_read(work) if given["brokers"] else None,
        )
        kept = labels(work, struck=True)
        offset_s = work.event.zone_offset_s
    if session.json:
        plainly.roles_lines(made, kept)
    else:
        tell.print_roles(made, kept, offset_s=offset_s)
    return DONE if made.suggestions or kept else NOTHING_FOUND


@network.command(
    name="label",
    cls=Command,
    examples=(
        'network label mail:ana@port.example orders --cites h3,h5 --reason "her own words"',
        'network label radio:control asks --cites h7 --reason "the question is put by name"',
    ),
    statuses=(0, 2, 10, 20, 60),
)
@case_option()
@click.argument("account")
@click.argument("role")
@click.option("--cites", required=True, metavar="LIST", help="Hits (h3) or records, by commas.")
@click.option("--reason", required=True, metavar="TEXT", help="Why the records show it.")
@click.pass_obj
def label(
    session: Session, *, case_name: str | None, account: str, role: str, cites: str, reason: str
) -> int:
    """Argue that an account has a role, from cited records, with a reason."""
    from pastwatch.desk.networking_roles import label as enter

    with session.case(case_name) as work:
        name = enter(work, account, role, cites=_listed(cites), reason=reason)
    if session.json:
        show.json_line(None, kind="label", name=name)
    else:
        show.out(f"{name}: {show.neutral(account)} {show.neutral(role)}")
    return DONE


@network.command(
    name="strike",
    cls=Command,
    examples=('network strike l1 --reason "she quotes"', 'network strike l2 --reason "twice"'),
    statuses=(0, 2, 10, 20, 60),
)
@case_option()
@click.argument("name")
@click.option("--reason", required=True, metavar="TEXT", help="Why it no longer stands.")
@click.pass_obj
def strike(session: Session, *, case_name: str | None, name: str, reason: str) -> int:
    """Say that a label no longer stands; it stays on file."""
    from pastwatch.desk.networking_roles import strike as undo

    with session.case(case_name) as work:
        undo(work, name, reason=reason)
    if session.json:
        show.json_line(None, kind="struck", name=name)
    else:
        show.out(f"{name} is struck")
    return DONE


def _read(work: CaseWork, **given: Any) -> CaseNetwork:
    from pastwatch.desk.networking import CaseNetwork

    return CaseNetwork(
        work,
        since_us=_moment(work, given.pop("since", None)),
        until_us=_moment(work, given.pop("until", None)),
        media=given.pop("media", ()),
        **given,
    )


def _drawn_to(given: dict[str, Any]) -> Path | None:
    from pastwatch.desk.pictures import check_picture

    picture: Path | None = given.pop("picture")
    if picture is not None:
        check_picture(picture)
    return picture


def _lines(session: Session, limit: int | None) -> int | None:
    """How many lines a table has: as asked, else a screenful, and all in JSON."""
    return limit or (None if session.json else _SHOWN)


def _moment(work: CaseWork, text: str | None) -> int | None:
    """A time as written; without a zone it is one of the case's zone."""
    from pastwatch.model.when import SECOND_US, parse_iso

    if text is None:
        return None
    at_us, _ = parse_iso(text)
    return at_us if _ZONED.search(text) else at_us - work.event.zone_offset_s * SECOND_US


def _listed(text: str) -> list[str]:
    return [part.strip() for part in text.split(",") if part.strip()]
