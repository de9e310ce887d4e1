"""What a case comes to: the coverage of its searches, and the brief released from it."""

from __future__ import annotations

from pathlib import Path

import click

from pastwatch.cli import briefs, briefstold, show
from pastwatch.cli.exit import DONE, NOTHING_FOUND, WITH_GAPS
from pastwatch.cli.session import Session
from pastwatch.cli.show import bar, count, pad, share
from pastwatch.cli.tree import Command, Family, case_option, global_options
from pastwatch.errors import UsageError
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


_FORMATS = "pdf or docx, beside HTML, Markdown and JSON.  [default: both, with the extra papers]"


@click.group(
    cls=Family,
    invoke_without_command=True,
    params=[*global_options(on_command=True)],
    epilog="With --out it releases the brief: 'pastwatch brief release --help' has examples.",
)
@click.option("--out", type=click.Path(path_type=Path), metavar="DIR",
              help="An empty folder, or a new one.")  # fmt: skip
@click.option("--title", metavar="TEXT", help="The event's title by default.")
@click.option("--format", "formats", multiple=True, metavar="NAME", help=_FORMATS)
@case_option()
@click.pass_context
def brief(
    ctx: click.Context,
    *,
    out: Path | None,
    title: str | None,
    formats: tuple[str, ...],
    case_name: str | None,
) -> int:
    """Release the brief: every sentence cites a sealed record or says over what nothing was found."""
    if ctx.invoked_subcommand is not None:
        return DONE
    if out is None:
        raise UsageError("a brief is released into a folder", hint="--out brief/")
    return int(ctx.invoke(release, out=out, title=title, formats=formats, case_name=case_name))


@brief.command(
    cls=Command,
    examples=(
        "brief release --out brief/",
        "brief release --out brief/ --format pdf",
        'brief release --out brief-2/ --title "Idlib, 4 April"',
    ),
    statuses=(0, 2, 10, 20, 60),
)
@click.option("--out", required=True, type=click.Path(path_type=Path), metavar="DIR",
              help="An empty folder, or a new one.")  # fmt: skip
@click.option("--title", metavar="TEXT", help="The event's title by default.")
@click.option("--format", "formats", multiple=True, metavar="NAME", help=_FORMATS)
@case_option()
@click.pass_obj
def release(
    session: Session,
    *,
    out: Path,
    title: str | None,
    formats: tuple[str, ...],
    case_name: str | None,
) -> int:
    """Release the next version of the brief; it supersedes the one before."""
    with session.case(case_name) as work:
        made = work.brief(out, title=title, formats=formats or None)
    if session.json:
        show.json_line(
            None,
            folder=str(made.folder),
            sentences=made.sentences,
            cited=made.cited,
            release_sequence=made.release_sequence,
            version=made.version,
            supersedes=made.supersedes if made.supersedes >= 0 else None,
            stale=made.stale,
            remarks=made.remarks,
            files=made.files,
        )
        return DONE
    told = f", supersedes entry {made.supersedes}" if made.supersedes >= 0 else ""
    show.facts(
        [
            ("brief", str(made.folder)),
            ("holds", f"{count(made.sentences, 'sentence')}, {count(made.cited, 'record')} cited"),
            ("ledger", f"version {made.version}, released as entry {made.release_sequence}{told}"),
            ("check it", f"pastwatch verify {made.folder}"),
        ]
    )
    if not formats and "brief.pdf" not in made.files:
        show.say("pastwatch: no PDF and no Word file: pip install 'pastwatch[papers]'")
    if made.stale:
        show.say(
            f"pastwatch: printed as stale: {', '.join(made.stale)}; 'pastwatch brief status' says why"
        )
    for one in made.remarks:
        words = f'"{show.neutral(one.words)}": ' if one.words else ""
        show.say(f"pastwatch: wording: {one.sentence} {words}{one.advice}")
    return DONE


for _command in (
    *(briefs.list_, briefs.status, briefs.diff),
    *(briefstold.correct, briefstold.withdraw, briefstold.notice),
    *(briefstold.copy, briefstold.copies),
):
    brief.add_command(_command)


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
