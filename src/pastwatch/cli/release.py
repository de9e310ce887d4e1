"""A version of the brief for others to read: nobody named, every number kept, checked for leaks."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from pastwatch.cli import show
from pastwatch.cli.exit import DONE
from pastwatch.cli.session import Session
from pastwatch.cli.show import count
from pastwatch.cli.tree import Command, case_option
from pastwatch.errors import LeakFound, UsageError

if TYPE_CHECKING:
    from pastwatch.desk.briefs.handout import Choices, Prepared
    from pastwatch.desk.case import CaseWork

SHOWN = 40


@click.command(
    cls=Command,
    examples=(
        "release --dry-run --draft-names names.txt",
        'release --out handout/ --reviewed-by "B. Moreau"',
        'release --out handout/ --times hour --names names.txt --keep Aleppo --reviewed-by "B. Moreau"',
    ),
    statuses=(0, 2, 10, 20, 25, 60),
)
@click.option("--out", type=click.Path(path_type=Path), metavar="DIR",
              help="An empty folder, or a new one.")  # fmt: skip
@click.option("--times", type=click.Choice(("hour", "day", "none")), default="day",
              show_default=True, help="How exact times may be.")  # fmt: skip
@click.option("--names", type=click.Path(path_type=Path),
              metavar="FILE", help="Names to replace besides: a line each, or 'Place: A = B'.")  # fmt: skip
@click.option("--keep", multiple=True, metavar="NAME", help="A name that stays as it is.")
@click.option("--canary", multiple=True, metavar="TEXT", help="A text that may not be in any file.")
@click.option("--reviewed-by", default="", metavar="NAME",
              help="Who looked at what is left as it is; nothing is written without.")  # fmt: skip
@click.option("--format", "formats", multiple=True, metavar="NAME",
              help="A format besides HTML, Markdown and JSON: pdf, docx.")  # fmt: skip
@click.option("--draft-names", type=click.Path(dir_okay=False, path_type=Path), metavar="FILE",
              help="Write what is left as it is as a file of names to go through.")  # fmt: skip
@click.option(
    "--dry-run", is_flag=True, help="Say what would leak and what is left; write nothing."
)
@case_option()
@click.pass_obj
def release(
    session: Session,
    *,
    out: Path | None,
    times: str,
    names: Path | None,
    keep: tuple[str, ...],
    canary: tuple[str, ...],
    reviewed_by: str,
    formats: tuple[str, ...],
    draft_names: Path | None,
    dry_run: bool,
    case_name: str | None,
) -> int:
    """Release a version to be handed out: made anew with labels for names, and checked for leaks."""
    from pastwatch.desk.briefs.handout import Choices, hand_out

    choices = Choices(
        times=times,
        keep=keep,
        names=names,
        canaries=canary,
        reviewed_by=reviewed_by,
        formats=formats,
    )
    if dry_run:
        with session.case(case_name) as work:
            return _rehearsed(session, work, choices, draft_names)
    if out is None:
        raise UsageError("a version is released into a folder", hint="--out handout/")
    with session.case(case_name) as work:
        made = hand_out(work, out, choices)
    if session.json:
        show.json_line(
            None,
            folder=str(made.folder),
            sentences=made.sentences,
            cited=made.cited,
            labels=made.labels,
            release_sequence=made.release_sequence,
            reviewed_by=made.reviewed_by,
        )
        return DONE
    show.facts(
        [
            ("version", str(made.folder)),
            ("holds", f"{count(made.sentences, 'sentence')}, {count(made.cited, 'record')} cited"),
            ("labels", f"{count(made.labels)} stand for names, addresses and files"),
            ("ledger", f"released as entry {made.release_sequence}"),
            ("check it", f"pastwatch verify {made.folder} --against brief/"),
        ]
    )
    return DONE


def _rehearsed(session: Session, work: CaseWork, choices: Choices, draft: Path | None) -> int:
    from pastwatch.desk.briefs.handout import prepare, write_draft_names

    ready = prepare(work, choices)
    if draft is not None:
        write_draft_names(ready, draft)
    if session.json:
        show.json_line(
            None,
            leaks=[{"place": leak.place, "value": leak.value} for leak in ready.report.leaks],
            look=[{"place": leak.place, "value": leak.value} for leak in ready.report.look],
            left=dict(ready.left),
            barred=ready.report.barred,
            readings=ready.report.readings,
        )
    else:
        _told(ready)
    if ready.report.leaks:
        raise LeakFound(f"{count(len(ready.report.leaks), 'leak')}: nothing may be written yet")
    return DONE


def _told(ready: Prepared) -> None:
    show.facts(
        [
            ("barred", f"{count(ready.report.barred)} things"),
            ("looked in", f"{count(ready.report.readings)} readings of the files"),
        ]
    )
    for leak in ready.report.leaks[:SHOWN]:
        show.facts([("LEAK", show.neutral(f"{leak.place}: {leak.value}"))])
    for leak in ready.report.look[:SHOWN]:
        show.facts([("look at", show.neutral(f"{leak.place}: {leak.value}"))])
    words = ", ".join(f"{word} ({number})" for word, number in ready.left)
    show.out(f"left as they are, look at these {count(len(ready.left))}: {show.neutral(words)}")
