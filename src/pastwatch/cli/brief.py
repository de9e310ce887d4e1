"""What a case comes to: the coverage of its searches, and the brief released from it."""

from __future__ import annotations

from pathlib import Path

import click

from pastwatch.cli import show
from pastwatch.cli.exit import DONE, NOTHING_FOUND, WITH_GAPS
from pastwatch.cli.session import Session
from pastwatch.cli.show import bar, count, pad, share
from pastwatch.cli.tree import Command, case_option
from pastwatch.model.assessment import Coverage


@click.command(
    cls=Command,
    examples=("coverage", "coverage --case idlib --json"),
    statuses=(0, 1, 2, 3, 10, 20),
)
@case_option()
@click.pass_obj
def coverage(session: Session, *, case_name: str | None) -> int:
    """Say what the searches so far stand on: held, in scope, readable, scanned, matched, shown."""
    with session.case(case_name) as work:
        made, names = work.coverage(), work.source_names
    if session.json:
        show.json_line(made)
    else:
        _print(made, names)
    if made.gaps or made.unreadable:
        return WITH_GAPS
    return DONE if made.matched else NOTHING_FOUND


@click.command(
    cls=Command,
    examples=("brief --out brief/", 'brief --out brief/ --title "Idlib, 4 April 2017"'),
    statuses=(0, 2, 10, 20, 60),
)
@click.option("--out", required=True, type=click.Path(path_type=Path), metavar="DIR",
              help="An empty folder, or a new one.")  # fmt: skip
@click.option("--title", metavar="TEXT", help="The event's title by default.")
@case_option()
@click.pass_obj
def brief(session: Session, *, out: Path, title: str | None, case_name: str | None) -> int:
    """Release the brief: every sentence cites a sealed record or says over what nothing was found."""
    with session.case(case_name) as work:
        made = work.brief(out, title=title)
    if session.json:
        show.json_line(
            None,
            folder=str(made.folder),
            sentences=made.sentences,
            cited=made.cited,
            release_sequence=made.release_sequence,
        )
        return DONE
    show.facts(
        [
            ("brief", str(made.folder)),
            ("holds", f"{count(made.sentences, 'sentence')}, {count(made.cited, 'record')} cited"),
            ("ledger", f"released as entry {made.release_sequence}"),
            ("check it", f"pastwatch verify {made.folder}"),
        ]
    )
    return DONE


def _print(made: Coverage, names: dict[str, str]) -> None:
    from pastwatch.desk.covering import sound_sentences

    steps = [
        ("held", made.held),
        ("in scope", made.in_scope),
        ("readable", made.readable),
        ("scanned", made.scanned),
        ("matched", made.matched),
        ("shown", made.shown),
        ("reviewed", made.reviewed),
    ]
    columns = max(len(f"{n:,}") for _, n in steps)
    for name, number in steps:
        out = (
            f"{pad(name, 9)}  {number:>{columns},}  {pad(share(number, made.held), 8, right=True)}"
        )
        show.out(f"{out}  {bar(number, made.held)}".rstrip())
    show.out()
    beside = [
        (made.undated, "undated"),
        (made.doubtful, "of doubtful date"),
        (made.protected, "withheld as protected"),
        (made.exposed, "exposed by granularity"),
        (made.counted, "counted, not read"),
        (made.unreadable, "unreadable"),
        (made.unknown_place, "of unknown place"),
    ]
    show.facts([("beside", " · ".join(f"{count(n)} {word}" for n, word in beside if n))])
    for line in sound_sentences(made):
        show.out(line)
    for gap in made.gaps:
        lost = gap.lost_records_at_most
        hides = f"at most {count(lost, 'record')}" if lost is not None else "an unknown number"
        source = names.get(gap.source_id, gap.source_id)
        show.facts([("gap", f"{source}: {gap.reason}, {count(gap.bytes, 'byte')}, hides {hides}")])
    for query in made.queries:
        show.facts([("asked", show.neutral(query))])
    if not made.queries:
        show.out("nothing was asked yet: pastwatch look QUERY")
