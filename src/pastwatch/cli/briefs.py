"""The versions of a case's brief: which there are, what went stale under them, how two differ."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from pastwatch.cli import show
from pastwatch.cli.exit import DONE, NOTHING_FOUND, WITH_GAPS
from pastwatch.cli.session import Session
from pastwatch.cli.show import count, moment, neutral
from pastwatch.cli.tree import Command, case_option
from pastwatch.errors import IntegrityError

if TYPE_CHECKING:
    from pastwatch.desk.briefs.differing import BriefDiff, Difference
    from pastwatch.desk.briefs.editions import Issued

_FOLDER = click.Path(path_type=Path, file_okay=False)
_SIGNS = {"added": "+", "gone": "-", "changed": "~"}


@click.command(
    "list",
    cls=Command,
    examples=("brief list", "brief list --json"),
    statuses=(0, 1, 2, 20),
)
@case_option()
@click.pass_obj
def list_(session: Session, *, case_name: str | None) -> int:
    """List the versions of the brief, and what the ledger tells of each since."""
    from pastwatch.desk.briefs.editions import issued

    with session.case(case_name) as work:
        found, offset_s = issued(work), work.event.zone_offset_s
    for one in found:
        told = [f"{t.kind} by entry {t.by}" for t in one.told]
        if session.json:
            show.json_line(
                None,
                version=one.version,
                release_sequence=one.release_sequence,
                time_us=one.time_us,
                title=one.kept.title if one.kept else None,
                told=told,
            )
            continue
        show.out(_line(one, told, offset_s))
    if not found and not session.json:
        show.out("no brief was released yet: pastwatch brief --out brief/")
    return DONE if found else NOTHING_FOUND


def _line(one: Issued, told: list[str], offset_s: int) -> str:
    title = f'"{neutral(one.kept.title)}"' if one.kept else "never finished: nothing of it is kept"
    when = moment(one.time_us, offset_s=offset_s)
    said = [f"b{one.version}", when, f"entry {one.release_sequence}", title]
    return "  ".join([*said, "; ".join(told) or "stands"])


@click.command(
    cls=Command,
    examples=("brief status", "brief status --json"),
    statuses=(0, 1, 2, 3, 10, 20),
)
@case_option()
@click.pass_obj
def status(session: Session, *, case_name: str | None) -> int:
    """Say which findings rest on what changed since they were released; 3 where any does."""
    from pastwatch.desk.briefs.stale import Standing, standings

    with session.case(case_name) as work:
        found = standings(work)
    for one in found:
        if session.json:
            show.json_line(one)
            continue
        since = f" since version {one.since_version}" if one.since_version else ""
        word = one.standing.upper() if one.standing is Standing.STALE else one.standing.value
        show.out(f"{show.pad(one.finding_id, 4)} {word}{since}")
        show.out(f"     {neutral(one.statement)}")
        for change in one.changes:
            show.out(f"       {neutral(change)}")
        if one.reaffirmed:
            show.out(f"       last re-affirmed: {neutral(one.reaffirmed)}")
    stale = [one.finding_id for one in found if one.standing is Standing.STALE]
    if not session.json:
        if stale:
            show.out(f"{count(len(stale), 'finding')} stale: the next brief prints so, unless")
            show.out(f'  pastwatch finding reaffirm {stale[0]} --reason "…"')
        elif not found:
            show.out("no finding was kept or released yet")
    if stale:
        return WITH_GAPS
    return DONE if found else NOTHING_FOUND


@click.command(
    cls=Command,
    examples=("brief diff brief-1/ brief-2/", "brief diff brief-1/ brief-2/ --json"),
    statuses=(0, 1, 2, 20),
)
@click.argument("before", type=_FOLDER)
@click.argument("after", type=_FOLDER)
@click.pass_obj
def diff(session: Session, *, before: Path, after: Path) -> int:
    """Hold two briefs side by side, by what their sentences are about; needs no archive."""
    from pastwatch.desk.briefs import differing

    made = differing.diff(before, after)
    if session.json:
        for one in made.differences:
            show.json_line(one)
    else:
        _print(made)
    if made.problems:
        for problem in made.problems:
            show.say(f"pastwatch: {neutral(problem)}")
        raise IntegrityError("one of the two is not what was released: see 'pastwatch verify'")
    return DONE if made.differences else NOTHING_FOUND


def _print(made: BriefDiff) -> None:
    show.facts([("before", neutral(made.before)), ("after", neutral(made.after))])
    last = ("", "")
    for one in made.differences:
        if one.section != last[0]:
            show.out()
            show.out(neutral(one.section))
        if one.about and (one.section, one.about) != last:
            show.out(f"  {neutral(one.about)}")
        last = (one.section, one.about)
        _print_one(one)
    show.out()
    show.out(
        f"{count(len(made.differences), 'difference')}, "
        f"{count(made.same_sentences, 'sentence')} the same"
    )


def _print_one(one: Difference) -> None:
    sign = _SIGNS[one.change]
    if one.change != "changed":
        show.out(f"    {sign} {one.what}: {_flat(one.before or one.after)}")
    elif max(len(one.before), len(one.after)) <= _SHORT:
        show.out(
            f"    {sign} {one.what}: {_flat(one.before) or 'none'} → {_flat(one.after) or 'none'}"
        )
    else:
        show.out(f"    {sign} {one.what}")
        show.out(f"        was: {_flat(one.before)}")
        show.out(f"        now: {_flat(one.after)}")


_SHORT = 24


def _flat(text: str) -> str:
    """A sentence on one line; the cells of a row apart by bars."""
    return neutral(" ".join(text.replace("\t", " | ").split()))
