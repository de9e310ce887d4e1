"""Threads of a slice: which records answer which, what says so, and a person's corrections."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from pastwatch.cli import show
from pastwatch.cli.exit import DONE, NOTHING_FOUND
from pastwatch.cli.session import Session
from pastwatch.cli.show import count, cut, neutral
from pastwatch.cli.tree import Command, Family, case_option
from pastwatch.errors import UsageError

if TYPE_CHECKING:
    from pastwatch.desk.threaded import CrossedLine, Listed, ThreadLine
    from pastwatch.desk.threaded_tree import Branch, ThreadTree

_FILE = click.Path(path_type=Path)
_COUNT = click.IntRange(min=0)
_TITLE, _NAME, _WORDS, _DEEPEST = 44, 24, 72, 8
_HOURS_US = 3_600_000_000
_STATUSES = (0, 1, 2, 10, 20, 60)
_ARGUED = ("quoted", "subject", "ranked")


@click.group(cls=Family)
def threads() -> None:
    """See who answered whom: by headers, by quoted words, by rank; and correct it."""


@threads.command(
    "list",
    cls=Command,
    examples=(
        "threads list",
        'threads list --query "valve NEAR/5 pressure" --sort records',
        "threads list --account ann@a.example --min 5 --limit 50",
    ),
    statuses=_STATUSES,
)
@case_option()
@click.option("--query", metavar="QUERY", help="Only threads with a hit of this query.")
@click.option("--account", metavar="ADDRESS", help="Only threads this account or handle is in.")
@click.option("--medium", metavar="NAME", help="Only threads with a record of this medium.")
@click.option("--min", "least", default=2, show_default=True, type=click.IntRange(min=1), metavar="N",
              help="Only threads of so many records.")  # fmt: skip
@click.option("--sort", default="start", show_default=True, metavar="BY",
              help="start, end (last first), records or accounts.")  # fmt: skip
@click.option("--limit", default=20, show_default=True, type=_COUNT, help="Show so many.")
@click.option("--offset", default=0, type=_COUNT, help="Skip so many.")
@click.pass_obj
def list_threads(
    session: Session,
    *,
    case_name: str | None,
    query: str | None,
    account: str | None,
    medium: str | None,
    least: int,
    sort: str,
    limit: int,
    offset: int,
) -> int:
    """List the threads of the slice, with their times, accounts, and what links them."""
    from pastwatch.desk.threaded import threads_in

    with session.case(case_name) as work:
        found = threads_in(work).listed(
            query=query,
            account=account,
            medium=medium,
            least=least,
            sort=sort,
            limit=limit,
            offset=offset,
        )
        offset_s = work.event.zone_offset_s
    if session.json:
        show.json_line(found.said, kind="threads", found=found.found, shown=len(found.lines))
        for line in found.lines:
            show.json_line(line, kind="thread")
    else:
        _print_list(found, offset=offset, offset_s=offset_s)
    return DONE if found.found else NOTHING_FOUND


@threads.command(
    "show",
    cls=Command,
    examples=("threads show t3fa9c1d2e4", "threads show t3fa9c1d2e4 --picture thread.svg"),
    statuses=_STATUSES,
)
@click.argument("thread")
@case_option()
@click.option("--picture", type=_FILE, metavar="FILE", help="Draw it too: FILE.svg or FILE.png.")
@click.option("--limit", default=100, show_default=True, type=_COUNT, help="Open so many records.")
@click.pass_obj
def show_thread(
    session: Session, *, thread: str, case_name: str | None, picture: Path | None, limit: int
) -> int:
    """Open a thread as a tree; THREAD is its name, or the id of a record in it, or its beginning."""
    from pastwatch.desk.pictures import check_picture
    from pastwatch.desk.threaded import threads_in
    from pastwatch.desk.threaded_tree import draw_into, tree_of

    if picture is not None:
        check_picture(picture)
    with session.case(case_name) as work:
        tree = tree_of(threads_in(work), thread, limit=limit)
        offset_s = work.event.zone_offset_s
        if picture is not None:
            draw_into(picture, tree, zone_offset_s=offset_s)
    if session.json:
        show.json_line(tree.line, kind="thread", left_out=tree.left_out)
        for branch in tree.branches:
            show.json_line(branch, kind="branch")
    else:
        _print_tree(tree, offset_s=offset_s, colour=session.colour)
    if picture is not None:
        show.say(f"drew {picture}")
    return DONE


@threads.command(
    cls=Command,
    examples=(
        'threads link 3fa9c1d2 77b0e4aa --reason "names the pump asked about"',
        'threads link 3fa9c1d2 77b0e4aa --reason "names the pump asked about" --json',
    ),
    statuses=(0, 2, 10, 20, 60),
)
@click.argument("child")
@click.argument("parent")
@case_option()
@click.option("--reason", required=True, metavar="TEXT", help="What the link rests on.")
@click.pass_obj
def link(session: Session, *, child: str, parent: str, case_name: str | None, reason: str) -> int:
    """Say that the record CHILD answers the record PARENT; kept with the reason, undone by 'undo'."""
    from pastwatch.desk.threaded import threads_in

    with session.case(case_name) as work:
        name = threads_in(work).link(child, parent, reason=reason)
    _say_kept(session, name, "linked")
    return DONE


@threads.command(
    cls=Command,
    examples=(
        'threads unlink 3fa9c1d2 --reason "another pump"',
        'threads unlink 3fa9c1d2 --reason "another pump" --json',
    ),
    statuses=(0, 2, 10, 20, 60),
)
@click.argument("child")
@case_option()
@click.option("--reason", required=True, metavar="TEXT", help="Why it does not answer that.")
@click.pass_obj
def unlink(session: Session, *, child: str, case_name: str | None, reason: str) -> int:
    """Say that the record CHILD does not answer what it is linked to; a person's own link is undone."""
    from pastwatch.desk.threaded import threads_in

    with session.case(case_name) as work:
        name = threads_in(work).unlink(child, reason=reason)
    _say_kept(session, name, "unlinked")
    return DONE


@threads.command(
    cls=Command,
    examples=(
        'threads undo r4 --reason "it was the same pump"',
        'threads undo r4 --reason "it was the same pump" --json',
    ),
    statuses=(0, 2, 10, 20, 60),
)
@click.argument("relation")
@case_option()
@click.option("--reason", required=True, metavar="TEXT", help="Why the correction no longer holds.")
@click.pass_obj
def undo(session: Session, *, relation: str, case_name: str | None, reason: str) -> int:
    """Take back a correction by its name; it stays on file, and no longer counts."""
    from pastwatch.desk.threaded import threads_in

    with session.case(case_name) as work:
        threads_in(work).undo(relation, reason=reason)
    _say_kept(session, relation, "undone")
    return DONE


@threads.command(
    cls=Command,
    examples=("threads across", "threads across --gap 2 --limit 50"),
    statuses=_STATUSES,
)
@case_option()
@click.option("--gap", "gap_h", default=6.0, show_default=True, metavar="HOURS",
              help="The longest pause within one conversation.")  # fmt: skip
@click.option("--limit", default=20, show_default=True, type=_COUNT, help="Show so many.")
@click.pass_obj
def across(session: Session, *, case_name: str | None, gap_h: float, limit: int) -> int:
    """Argue which talk of the same two went on across media: mail, then chat, then a call."""
    from pastwatch.desk.threaded import threads_in

    if not 0 < gap_h <= 24 * 31:
        raise UsageError("a gap is more than 0 and at most 744 hours")
    with session.case(case_name) as work:
        found = threads_in(work).across(gap_us=round(gap_h * _HOURS_US))
        offset_s = work.event.zone_offset_s
    if session.json:
        for line in found[:limit]:
            show.json_line(line, kind="across")
    else:
        _print_across(found, limit=limit, offset_s=offset_s)
    return DONE if found else NOTHING_FOUND


def _say_kept(session: Session, name: str, what: str) -> None:
    if session.json:
        show.json_line(None, kind="relation", relation=name, what=what)
    else:
        show.out(f"{what}: {name}")


def _print_list(found: Listed, *, offset: int, offset_s: int) -> None:
    said = found.said
    if found.lines:
        rows = [_row(line, offset_s) for line in found.lines]
        head = ("thread", "first", "last", "records", "accounts", "media", "linked by", "title")
        show.table(rows, head=head, right={3, 4})
        show.out()
    shown = f"{offset + 1:,}–{offset + len(found.lines):,} of " if found.lines else ""
    show.out(f"showing {shown}{count(found.found, 'thread')}, out of {count(said.records, 'record')}; "
             f"{count(said.alone)} stand alone")  # fmt: skip
    met = (
        (said.missing, "named but not held"),
        (said.duplicates, "with an id that another has"),
        (said.late_parents, "before what they answer"),
        (said.self_replies, "answering themselves"),
        (said.cycles, "circles broken"),
    )
    if any(number for number, _ in met):
        show.out("met: " + ", ".join(f"{count(n)} {what}" for n, what in met if n))
    if any(how in _ARGUED for line in found.lines for how, _ in line.linked):
        show.out(
            "links by "
            + ", ".join(_ARGUED)
            + " are argued by a machine: 'threads show' gives each "
            "with its score."
        )


def _row(line: ThreadLine, offset_s: int) -> tuple[str, ...]:
    linked = ", ".join(f"{how} {number:,}" for how, number in line.linked)
    if line.unlinked:
        linked = ", ".join(part for part in (linked, f"unlinked {line.unlinked:,}") if part)
    return (
        line.thread,
        _both(line.start_us, offset_s),
        _both(line.end_us, offset_s),
        count(line.records),
        count(line.accounts),
        ", ".join(line.media),
        linked,
        ("(over 50 records) " if line.oversized else "") + cut(neutral(line.title), _TITLE),
    )


def _both(time_us: int | None, offset_s: int) -> str:
    """A time in the case's zone, and in UTC where that is another."""
    if time_us is None:
        return "undated"
    own = show.moment(time_us, offset_s=offset_s)
    if not offset_s:
        return own
    utc = show.moment(time_us)
    return f"{own} ({utc[11:16] if utc[:10] == own[:10] else utc[5:16]} UTC)"


def _print_tree(tree: ThreadTree, *, offset_s: int, colour: bool) -> None:
    line = tree.line
    title = f' "{cut(neutral(line.title), 2 * _TITLE)}"' if line.title else ""
    show.out(
        f"thread {line.thread}{title}: {count(line.records, 'record')}, "
        f"{count(line.accounts, 'account')}, {', '.join(line.media)}"
    )
    show.out(f"{_both(line.start_us, offset_s)} to {_both(line.end_us, offset_s)}")
    show.out()
    for branch in tree.branches:
        _print_branch(branch, offset_s=offset_s, colour=colour)
    if tree.left_out:
        show.out()
        shown = len(tree.branches)
        show.out(
            f"showing {shown:,} of {count(shown + tree.left_out, 'record')}: --limit shows more"
        )


def _print_branch(branch: Branch, *, offset_s: int, colour: bool) -> None:
    deep = min(branch.depth, _DEEPEST)
    mark = "" if not branch.depth else "  " * (deep - 1) + "└ "
    if branch.depth > _DEEPEST:
        mark += f"({branch.depth} deep) "
    when = "undated" if branch.when is None else _both(branch.when.earliest_us, offset_s)
    who = cut(neutral(branch.sender or "unknown"), _NAME)
    show.out(f"{mark}{when}  {who}  {branch.medium}  [{branch.record_id[:8]}]")
    words = cut(neutral(branch.words), _WORDS)
    under = "  " * deep
    if words:
        show.out(f"{under}  {words}")
    if rests := _rests_on(branch):
        show.out(f"{under}  " + show.dim(rests, colour=colour))


def _rests_on(branch: Branch) -> str:
    parts = []
    if branch.argued and branch.score is not None:
        parts.append(f"argued ({branch.how} {branch.score:.2f}): {branch.reason}")
    elif branch.answers or branch.reason:
        said = "a person, " if branch.how in ("person", "none") and branch.reason else ""
        parts.append(said + neutral(branch.reason))
    if branch.awaits:
        parts.append("answers a record that is not held")
    if branch.copy_of:
        parts.append(f"has the same id as [{branch.copy_of[:8]}]")
    return "; ".join(parts)


def _print_across(found: Sequence[CrossedLine], *, limit: int, offset_s: int) -> None:
    rows = [
        (
            cut(neutral(line.one), _NAME),
            cut(neutral(line.other), _NAME),
            _both(line.start_us, offset_s),
            show.lasting((line.end_us - line.start_us) / 1_000_000),
            count(line.records),
            " → ".join(line.media),
            line.by,
            " ".join(i[:8] for i in line.record_ids),
        )
        for line in found[:limit]
    ]
    if rows:
        head = ("one", "other", "from", "lasting", "records", "media", "by", "first records")
        show.table(rows, head=head, right={4})
        show.out()
    show.out(
        f"showing {len(rows):,} of {count(len(found), 'stretch', 'stretches')} on several media"
    )
    if any(line.by == "handle" for line in found[:limit]):
        show.out(
            "by handle: the addresses alone are alike; that one person is behind them is an "
            "assumption. Merge accounts with 'pastwatch actors' to argue it."
        )
