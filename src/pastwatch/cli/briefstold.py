"""What is told of a released brief: corrections, withdrawals, signed notices, numbered copies."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from pastwatch.cli import show
from pastwatch.cli.exit import DONE, NOTHING_FOUND
from pastwatch.cli.session import Session
from pastwatch.cli.show import neutral
from pastwatch.cli.tree import Command, case_option, listed

if TYPE_CHECKING:
    from pastwatch.desk.briefs.notices import NoticeMade

F = TypeVar("F", bound=Callable[..., Any])

_KEPT = (0, 2, 10, 20, 60)


def _of() -> Callable[[F], F]:
    return click.option(
        "--of", "of", required=True, metavar="VERSION", help="b1, b2 … or the folder of a brief."
    )


def _out() -> Callable[[F], F]:
    return click.option(
        "--out",
        default="notice.json",
        show_default=True,
        type=click.Path(path_type=Path, dir_okay=False),
        metavar="FILE",
        help="Where the signed notice is written.",
    )


@click.command(
    cls=Command,
    examples=(
        'brief correct --of b1 --findings f2 --reason "h7 is a quotation" --out notice.json',
        'brief correct --of brief/ --findings f2,f3 --reason "two dates were swapped"',
    ),
    statuses=_KEPT,
)
@_of()
@click.option("--findings", required=True, metavar="F1,F2", help="The findings that are wrong.")
@click.option("--reason", required=True, metavar="TEXT", help="What is wrong; it is in the notice.")
@_out()
@case_option()
@click.pass_obj
def correct(
    session: Session, *, of: str, findings: str, reason: str, out: Path, case_name: str | None
) -> int:
    """Say that findings of a released brief are wrong, and write the notice for whoever has it."""
    from pastwatch.desk.briefs import notices

    with session.case(case_name) as work:
        made = notices.correct(
            work, notices.issued_named(work, of), out, findings=listed(findings), reason=reason
        )
    return _told(session, made)


@click.command(
    cls=Command,
    examples=(
        'brief withdraw --of b1 --reason "the report behind it was withdrawn"',
        'brief withdraw --of brief/ --findings f2 --reason "a copy, not a second source"',
    ),
    statuses=_KEPT,
)
@_of()
@click.option("--findings", default="", metavar="F1,F2",
              help="Only these findings.  [default: all of the brief]")  # fmt: skip
@click.option("--reason", required=True, metavar="TEXT", help="Why; it is in the notice.")
@_out()
@case_option()
@click.pass_obj
def withdraw(
    session: Session, *, of: str, findings: str, reason: str, out: Path, case_name: str | None
) -> int:
    """Withdraw a released brief, or findings of it, and write the notice for whoever has it."""
    from pastwatch.desk.briefs import notices

    with session.case(case_name) as work:
        made = notices.withdraw(
            work, notices.issued_named(work, of), out, findings=listed(findings), reason=reason
        )
    return _told(session, made)


@click.command(
    cls=Command,
    examples=("brief notice --of b1", "brief notice --of brief/ --out to-the-court.json"),
    statuses=_KEPT,
)
@_of()
@_out()
@case_option()
@click.pass_obj
def notice(session: Session, *, of: str, out: Path, case_name: str | None) -> int:
    """Write what became of a released brief as a signed notice, or that it stands as of now."""
    from pastwatch.desk.briefs import notices

    with session.case(case_name) as work:
        made = notices.write_notice(work, notices.issued_named(work, of), out)
    return _told(session, made)


@click.command(
    cls=Command,
    examples=(
        'brief copy brief/ --to "Prosecutor\'s office" --out copy-1/',
        'brief copy brief/ --to "Court of appeal" --out copy-2/ --json',
    ),
    statuses=_KEPT,
)
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path, file_okay=False))
@click.option("--to", required=True, metavar="NAME", help="Who gets it; not printed on the copy.")
@click.option("--out", required=True, type=click.Path(path_type=Path), metavar="DIR",
              help="An empty folder, or a new one.")  # fmt: skip
@case_option()
@click.pass_obj
def copy(session: Session, *, folder: Path, to: str, out: Path, case_name: str | None) -> int:
    """Make a numbered copy of a released brief for somebody; it verifies on its own."""
    from pastwatch.desk.briefs.copying import copy_brief

    with session.case(case_name) as work:
        made = copy_brief(work, folder, out, to=to)
    if session.json:
        show.json_line(made)
        return DONE
    show.facts(
        [
            ("copy", f"{made.number} of version {made.version}, in {made.folder}"),
            ("ledger", f"released as entry {made.release_sequence}"),
            ("check it", f"pastwatch verify {made.folder}"),
        ]
    )
    if made.left_out:
        show.say(f"pastwatch: left out, for no number goes on them: {', '.join(made.left_out)}")
    return DONE


@click.command(
    cls=Command, examples=("brief copies", "brief copies --json"), statuses=(0, 1, 2, 20)
)
@case_option()
@click.pass_obj
def copies(session: Session, *, case_name: str | None) -> int:
    """List who has which copy of which version."""
    from pastwatch.desk.briefs.kept import copies as kept

    with session.case(case_name) as work:
        found = kept(work)
    for one in found:
        if session.json:
            show.json_line(
                None,
                number=one.number,
                version=one.version,
                recipient=one.recipient,
                release_sequence=one.release_sequence,
            )
        else:
            show.out(
                f"copy {one.number}  b{one.version}  entry {one.release_sequence}  "
                f"{neutral(one.recipient)}"
            )
    if not found and not session.json:
        show.out('no copy was made yet: pastwatch brief copy brief/ --to "…" --out copy-1/')
    return DONE if found else NOTHING_FOUND


@click.command(
    cls=Command,
    examples=(
        'finding reaffirm f2 --reason "the new judgement bears on another date"',
        'finding reaffirm f2 --reason "…" --json',
    ),
    statuses=_KEPT,
)
@click.argument("finding_id", metavar="FINDING")
@click.option("--reason", required=True, metavar="TEXT", help="Why it stands; the brief prints it.")
@case_option()
@click.pass_obj
def reaffirm(session: Session, *, finding_id: str, reason: str, case_name: str | None) -> int:
    """Affirm a stale finding on what it rests on now, so that the next brief does not warn of it."""
    from pastwatch.desk.briefs.stale import reaffirm as affirm

    with session.case(case_name) as work:
        changes = affirm(work, finding_id, reason=reason)
    if session.json:
        show.json_line(None, finding_id=finding_id, changes=changes)
        return DONE
    show.out(f"{finding_id} is re-affirmed, although:")
    for change in changes:
        show.out(f"  {neutral(change)}")
    return DONE


def _told(session: Session, made: NoticeMade) -> int:
    if session.json:
        show.json_line(made)
        return DONE
    show.facts(
        [
            ("notice", made.path),
            ("of", f"version {made.version}"),
            ("tells", "; ".join(made.told) or "that nothing supersedes it as of now"),
            ("check it", f"pastwatch verify BRIEF --notice {made.path}"),
        ]
    )
    if made.still:
        show.say(
            f"pastwatch: {', '.join(made.still)} still in the case and so in the next brief: "
            f'pastwatch finding retract {made.still[0]} --reason "…"'
        )
    return DONE
