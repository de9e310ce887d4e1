"""The archive itself: make it, say what it holds, check it, put it right."""

from __future__ import annotations

import getpass
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from pastwatch.cli import ask, show
from pastwatch.cli.exit import DONE, NOTHING_FOUND, WITH_GAPS
from pastwatch.cli.progress import ProgressLine
from pastwatch.cli.session import Session
from pastwatch.cli.show import count, moment, pad, share, size
from pastwatch.cli.tree import Command
from pastwatch.errors import IntegrityError

if TYPE_CHECKING:
    from pastwatch.desk.overview import SourceStatus, Status

_LACKS = """\
single-user mode lacks: a second person who approves. Whoever holds these keys and the granting
passphrase can open everything, and briefs print "self-authorised". Anyone with this account can
collect. Hand a 'pastwatch checkpoint' to somebody else: it shows later whether the ledger was
rewritten."""


@click.command(
    cls=Command,
    examples=("init archive/", 'init archive/ --person "A. Reader" --user-passphrase'),
    statuses=(0, 2, 60),
)
@click.argument("folder", type=click.Path(path_type=Path), metavar="DIR")
@click.option("--throwaway", is_flag=True, help="No granting passphrase; every start says so.")
@click.option("--user-passphrase", is_flag=True, help="Protect the reader's own key as well.")
@click.pass_obj
def init(session: Session, *, folder: Path, throwaway: bool, user_passphrase: bool) -> int:
    """Make an archive and its keys; asks for the granting passphrase twice."""
    from pastwatch.desk.clock import now_us
    from pastwatch.desk.founding import found

    settings = session.settings
    founded = found(
        folder,
        settings=settings,
        person=settings.person or getpass.getuser(),
        granting_passphrase=None if throwaway else ask.new_passphrase("granting.key"),
        user_passphrase=ask.new_passphrase("user.key") if user_passphrase else None,
        throwaway=throwaway,
        clock=now_us,
    )
    if session.json:
        show.json_line(None, archive_id=founded.archive_id, keys=[str(k) for k in founded.keys])
        return DONE
    locked = {"granting.key": not throwaway, "user.key": user_passphrase}
    show.facts([("archive", f"{founded.archive_id} in {folder}")])
    for key in founded.keys:
        words = "with a passphrase" if locked.get(key.name) else "no passphrase"
        show.facts([("key", f"{key} ({words})")])
    show.out("keep a copy of these keys elsewhere: without granting.key nothing opens again")
    show.out(_LACKS)
    return DONE


@click.command(cls=Command, examples=("status", "status --json"), statuses=(0, 1, 2, 3, 20, 60))
@click.pass_obj
def status(session: Session) -> int:
    """Show what the archive holds: sources, spans, records, bytes, gaps, and a line of time."""
    with session.archive(quiet=True) as archive:  # the warnings below say it
        held = archive.status()
    if session.json:
        show.json_line(held)
    else:
        _print_status(held)
    for warning in held.warnings:
        show.say(f"pastwatch: {warning}")
    if any(source.gaps for source in held.sources):
        return WITH_GAPS
    return DONE if held.records else NOTHING_FOUND


def _print_status(held: Status) -> None:
    sizes = f"{size(held.bytes)} as it came, {size(held.sealed_bytes)} sealed"
    show.facts(
        [
            ("archive", held.archive_id),
            ("records", f"{count(held.records)} · {sizes}"),
            ("span", _span(held.from_us, held.until_us)),
            ("ledger", count(held.ledger_entries, "entry", "entries")),
        ]
    )
    if not held.sources:
        show.out("no sources yet: pastwatch collect PATH --source NAME --basis BASIS")
        return
    show.out()
    show.table(
        [_row(source) for source in held.sources],
        head=(
            "source",
            "medium",
            "basis",
            "records",
            "bytes",
            "packs",
            "undated",
            "opaque",
            "gaps",
        ),
        right=range(3, 9),
    )
    show.out()
    columns = max(show.width(s.name) for s in held.sources)
    for source in held.sources:
        bins = show.sparks(source.bins)
        show.out(f"{pad(source.name, columns)}  |{bins}|  {_span(source.from_us, source.until_us)}")
    for source in held.sources:
        for gap in source.gaps:
            part = share(gap.bytes, source.read_bytes)
            show.out(f"gap in {source.name}: {gap.reason}, {count(gap.bytes, 'byte')} ({part})")


def _row(source: SourceStatus) -> tuple[str, ...]:
    document = "" if source.document == "no document" else " +document"
    return (
        *(source.name, source.medium, source.basis + document, count(source.records)),
        *(size(source.bytes), count(source.packs), count(source.undated), count(source.opaque)),
        size(sum(gap.bytes for gap in source.gaps)),
    )


def _span(from_us: int | None, until_us: int | None) -> str:
    if from_us is None or until_us is None:
        return "no usable dates"
    return f"{moment(from_us)[:10]} to {moment(until_us)[:10]}"


@click.command(
    cls=Command,
    examples=(
        "verify archive/",
        "verify brief/ --checkpoint kept-elsewhere.txt",
        "verify brief/ --notice notice.json",
        "verify handout/ --against brief/",
    ),
    statuses=(0, 2, 3, 20),
)
@click.argument("path", type=click.Path(path_type=Path), required=False)
@click.option(
    "--checkpoint", type=click.Path(path_type=Path), metavar="FILE", help="One kept elsewhere."
)
@click.option("--notice", type=click.Path(path_type=Path), metavar="FILE",
              help="What became of a brief: superseded, corrected or withdrawn gives status 3.")  # fmt: skip
@click.option("--against", type=click.Path(path_type=Path), metavar="DIR",
              help="The full brief that a version handed out was made of.")  # fmt: skip
@click.pass_obj
def verify(
    session: Session,
    *,
    path: Path | None,
    checkpoint: Path | None,
    notice: Path | None,
    against: Path | None,
) -> int:
    """Check an archive or a brief without any key, and say which checkpoint was trusted."""
    from pastwatch.desk.overseeing import verify_path

    target = path or Path(session.settings.archive)
    report = verify_path(target, checkpoint=checkpoint, notice=notice)
    if against is not None:
        from pastwatch.desk.briefs.handout import agrees

        wrong, held = agrees(target, against)
        report = replace(report, problems=(*report.problems, *wrong), notes=(*report.notes, *held))
    if session.json:
        show.json_line(report)
    else:
        figures = show.neutral(" · ".join(report.figures))
        show.facts([(report.kind, figures), ("trusted", show.neutral(report.trusted))])
        for note in report.notes:
            show.facts([("note", show.neutral(note))])
        for problem in report.problems:
            show.facts([("PROBLEM", show.neutral(problem))])
    if report.problems:
        raise IntegrityError(
            f'"{target.name}" is not what was sealed: {count(len(report.problems), "problem")}'
        )
    if not session.json:
        for told in report.told:
            show.out(show.neutral(told, lines=True))
        show.out("unchanged since it was sealed; that says nothing on whether it is genuine")
    return WITH_GAPS if report.told else DONE


@click.command(cls=Command, examples=("repair", "repair --apply"), statuses=(0, 2, 20, 40, 60))
@click.option("--apply", is_flag=True, help="Do it; without this nothing is changed.")
@click.pass_obj
def repair(session: Session, *, apply: bool) -> int:
    """Put right what a crash left behind; says what it would do, and does it with --apply."""
    with session.archive() as archive:
        done = archive.repair(apply=apply)
    if session.json:
        show.json_line(done, applied=apply)
        return DONE
    if done.nothing:
        show.out("nothing to put right; what is damaged or missing, 'pastwatch verify' names")
        return DONE
    show.facts([("catalogue", "is damaged, made anew from the ledger" if done.remade else "")])
    for word, names in (
        ("adopted", done.adopted),
        ("swept", done.swept),
        ("dropped", done.dropped),
    ):
        for name in names:
            show.facts([(word, name)])
    if not apply:
        show.out("nothing was changed: 'pastwatch repair --apply' does it")
    return DONE


@click.command(
    cls=Command,
    examples=("repack --level 9 --dry-run", "repack --level hot --source ministry-mail"),
    statuses=(0, 1, 2, 20, 40, 60, 130),
)
@click.option("--level", required=True, metavar="LEVEL", help="hot (LZ4), or 1 to 19 (zstd).")
@click.option("--source", metavar="NAME", help="The packs of this source alone.")
@click.option("--dry-run", is_flag=True, help="Say what would be rewritten; needs no key.")
@click.pass_obj
def repack(session: Session, *, level: str, source: str | None, dry_run: bool) -> int:
    """Rewrite packs hotter (faster to look through) or colder (smaller), records and proofs alike.

    Every pack is opened for it, so it needs the granting key and stands in the ledger. The old
    pack and its keys are destroyed once the new one is durable and read back.
    """
    progress = ProgressLine()
    with session.archive() as archive:
        try:
            done = archive.repack(level=level, source=source, dry_run=dry_run, on_progress=progress)
        finally:
            progress.end()
    if session.json:
        show.json_line(done)
        return DONE if done.packs else NOTHING_FOUND
    if not done.packs:
        show.out(f"nothing to rewrite: {count(done.already, 'pack')} at level {done.level} already")
        return NOTHING_FOUND
    written = "to rewrite" if dry_run else "rewritten"
    after = "" if dry_run else f" before · {size(done.pack_bytes)} after"
    already = f" · {count(done.already)} at it already" if done.already else ""
    show.facts(
        [
            ("level", done.level),
            ("packs", f"{count(done.packs)} {written}{already}"),
            ("records", count(done.records)),
            ("bytes", f"{size(done.old_bytes)}{after}"),
        ]
    )
    return DONE


@click.command(cls=Command, examples=("checkpoint", "checkpoint --json"), statuses=(0, 2, 20, 60))
@click.pass_obj
def checkpoint(session: Session) -> int:
    """Sign the ledger as it stands, to hand to somebody outside."""
    with session.archive() as archive:
        path = archive.checkpoint()
    if session.json:
        show.json_line(None, path=str(path))
    else:
        show.out(str(path))
    return DONE
