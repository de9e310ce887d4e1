"""Of reports: statements with their roots, relations between claims, copies, decisions and undoing."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from pastwatch.cli import show
from pastwatch.cli.exit import DONE, NOTHING_FOUND
from pastwatch.cli.lineageview import print_copies, print_relations, print_rooted
from pastwatch.cli.session import Session
from pastwatch.cli.tree import Command, case_option
from pastwatch.errors import UsageError

if TYPE_CHECKING:
    from pastwatch.desk.rooting import Rooted

_SHOWN = 20
_DRAWN = 12
_FILE = click.Path(path_type=Path, dir_okay=False)
_LIMIT = click.option("--limit", default=_SHOWN, show_default=True, metavar="N", help="How many to show.")  # fmt: skip
_REASON = click.option("--reason", required=True, metavar="TEXT", help="Why; it is kept.")


@click.command(
    cls=Command,
    examples=("reports roots", "reports roots --picture roots.svg", "reports roots --all --json"),
    statuses=(0, 1, 2, 10, 20, 60),
)
@case_option()
@click.option("--all", "every", is_flag=True, help="Also statements of one report with one root.")
@click.option("--picture", type=_FILE, metavar="FILE.svg|FILE.png", help="Draw it.")
@_LIMIT
@click.pass_obj
def roots(
    session: Session, *, case_name: str | None, every: bool, picture: Path | None, limit: int
) -> int:
    """Show each statement with its reports, its roots and the denials beside it."""
    from pastwatch.desk.rooting import roots_of_case

    with session.case(case_name) as work:
        rooted = roots_of_case(work)
    wanted = rooted if every or session.json else [r for r in rooted if _tells(r)]
    if picture is not None:
        _draw(picture, wanted[:_DRAWN], of=len(wanted))
    if session.json:
        for one in rooted:
            show.json_line(one)
    else:
        print_rooted(wanted[:limit], of=len(wanted), left=len(rooted) - len(wanted))
    return DONE if rooted else NOTHING_FOUND


def _tells(one: Rooted) -> bool:
    """Whether there is more to a statement than one report and who said it."""
    return len(one.lineage.reports) > 1 or one.lineage.roots_at_most > 1 or bool(one.relations)


@click.command(
    cls=Command,
    examples=("reports relations", "reports relations --kind contradicts", "reports relations --undone"),
    statuses=(0, 1, 2, 10, 20, 60),
)  # fmt: skip
@case_option()
@click.option("--kind", metavar="KIND", help="One kind only, as it is printed.")
@click.option("--undone", is_flag=True, help="Also those that a person has undone.")
@_LIMIT
@click.pass_obj
def relations(
    session: Session, *, case_name: str | None, kind: str | None, undone: bool, limit: int
) -> int:
    """Show how claims bear on one another, each with its reason."""
    from pastwatch.desk.rooting import KINDS, relate_claims, relations_of_case
    from pastwatch.desk.rooting_copies import words_of

    if kind is not None and kind not in KINDS:
        raise UsageError(f'"{kind}" is no kind of relation', hint=", ".join(KINDS))
    with session.case(case_name) as work:
        relate_claims(work)
        found = [r for r in relations_of_case(work, undone=undone) if kind in (None, r.kind)]
        words = {} if session.json else words_of(work, found[:limit])
    if session.json:
        for one in found:
            show.json_line(one)
    else:
        print_relations(found[:limit], words, of=len(found))
    return DONE if found else NOTHING_FOUND


@click.command(
    cls=Command,
    examples=("reports copies", "reports copies --outlets", "reports copies --json"),
    statuses=(0, 1, 2, 10, 20, 60),
)
@case_option()
@click.option("--outlets", is_flag=True, help="Which outlets take from which, not which reports.")
@_LIMIT
@click.pass_obj
def copies(session: Session, *, case_name: str | None, outlets: bool, limit: int) -> int:
    """Show which reports copy or rewrite which, with the share, the ground and the longest passage."""
    from pastwatch.cli.lineageview import print_outlets
    from pastwatch.desk.rooting import relate_claims
    from pastwatch.desk.rooting_copies import copies_of_case, outlets_of_case

    with session.case(case_name) as work:
        relate_claims(work)
        if outlets:
            lines = outlets_of_case(work)
            if session.json:
                for line in lines:
                    show.json_line(None, **line._asdict())
            else:
                print_outlets(lines[:limit], of=len(lines))
            return DONE if any(line.taken or line.open for line in lines) else NOTHING_FOUND
        found = copies_of_case(work)
    if session.json:
        for one in found:
            show.json_line(one)
    else:
        print_copies(found[:limit], of=len(found))
    return DONE if found else NOTHING_FOUND


@click.command(
    cls=Command,
    examples=('reports undo r3 --reason "two valves"', 'reports undo r7 --reason "a slip"'),
    statuses=(0, 2, 10, 20, 60),
)
@click.argument("relation", metavar="RELATION")
@_REASON
@case_option()
@click.pass_obj
def undo(session: Session, *, relation: str, reason: str, case_name: str | None) -> int:
    """Undo a relation by its name: it stays on file, and counts no more."""
    from pastwatch.desk.rooting import undo as undo_it

    with session.case(case_name) as work:
        gone = undo_it(work, relation, reason=reason)
    show.out(f"undone: {relation}, {gone.kind} ({gone.from_id} → {show.neutral(gone.to_id)})")
    return DONE


@click.command(
    cls=Command,
    examples=(
        'reports same c3 c9 --reason "one valve"',
        'reports same c3 c9 --reason "one valve" --json',
    ),
    statuses=(0, 2, 10, 20, 60),
)
@click.argument("claim", metavar="CLAIM")
@click.argument("other", metavar="CLAIM")
@_REASON
@case_option()
@click.pass_obj
def same(
    session: Session, *, claim: str, other: str, reason: str, case_name: str | None
) -> int:  # fmt: skip
    """Decide that two claims state the same; it can be undone."""
    from pastwatch.desk.rooting import say_same

    with session.case(case_name) as work:
        name = say_same(work, claim, other, reason=reason)
    show.out(f"{name}: {claim} and {other} state the same")
    return DONE


@click.command(
    cls=Command,
    examples=(
        'reports apart c3 c9 --reason "two valves"',
        'reports apart c3 c9 --reason "two valves" --json',
    ),
    statuses=(0, 2, 10, 20, 60),
)
@click.argument("claim", metavar="CLAIM")
@click.argument("other", metavar="CLAIM")
@_REASON
@case_option()
@click.pass_obj
def apart(
    session: Session, *, claim: str, other: str, reason: str, case_name: str | None
) -> int:  # fmt: skip
    """Decide that two claims do not state the same; it can be undone."""
    from pastwatch.desk.rooting import say_apart

    with session.case(case_name) as work:
        name = say_apart(work, claim, other, reason=reason)
    show.out(f"{name}: {claim} and {other} do not state the same")
    return DONE


@click.command(
    cls=Command,
    examples=(
        'reports interest "Lena Voss" "the port" --reason "paid by it"',
        'reports interest "Lena Voss" "the port" --reason "paid by it" --json',
    ),
    statuses=(0, 2, 10, 20, 60),
)
@click.argument("root", metavar="ROOT")
@click.argument("side", metavar="SIDE")
@_REASON
@case_option()
@click.pass_obj
def interest(
    session: Session, *, root: str, side: str, reason: str, case_name: str | None
) -> int:  # fmt: skip
    """Argue on whose side a root stands; roots of one side are not independent."""
    from pastwatch.desk.rooting import share_interest

    with session.case(case_name) as work:
        name = share_interest(work, root, side, reason=reason)
    show.out(f"{name}: {show.neutral(root)} stands with {show.neutral(side)}")
    return DONE


COMMANDS = (roots, relations, copies, same, apart, interest, undo)
"""For the family `reports`, in the order of the work."""


def _draw(path: Path, rooted: list[Rooted], *, of: int) -> None:
    from pastwatch.desk.pictures import write_picture
    from pastwatch.desk.rooting_picture import picture_of

    write_picture(picture_of(rooted, of=of), path)
    show.say(f"wrote {path}")
