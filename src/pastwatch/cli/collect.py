"""Collect: seal a file or folder into a source, and account for every byte of it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from pastwatch.cli import follow as live
from pastwatch.cli import show
from pastwatch.cli.exit import DONE, INTERRUPTED, NOTHING_FOUND, WITH_GAPS
from pastwatch.cli.follow import live_options
from pastwatch.cli.progress import ProgressLine, stopping
from pastwatch.cli.session import Session
from pastwatch.cli.show import count, share
from pastwatch.cli.tapped import tell_stops, watched, watched_line
from pastwatch.cli.tree import Command
from pastwatch.errors import UsageError
from pastwatch.model.source import LawfulBasis

if TYPE_CHECKING:
    from pastwatch.desk.collecting import CollectReport

_FILE = click.Path(path_type=Path)
_NAMED = 3  # files named for each reason of a gap


@click.command(
    cls=Command,
    examples=(
        "collect mail.mbox --source ministry-mail --basis order --document order.pdf",
        "collect --follow imaps://desk@mail.firm.example/INBOX --source desk --basis consent",
    ),
    statuses=(0, 1, 2, 3, 20, 30, 40, 60, 130),
)
@click.argument("path", type=_FILE, required=False)
@click.option("--source", required=True, metavar="NAME", help="The source, as in ministry-mail.")
@click.option("--basis", metavar="BASIS", help=f"For a new source: {', '.join(LawfulBasis)}.")
@click.option("--document", type=_FILE, metavar="FILE", help="The document behind the basis.")
@click.option("--handover", type=_FILE, metavar="TOML", help="Who acquired it, from what, when.")
@click.option("--connector", metavar="NAME", help="Read it as this format; found out by default.")
@click.option("--mapping", type=_FILE, metavar="TOML", help="Which column or field is what.")
@click.option("--epoch", metavar="ISO", help="The moment elapsed times count from.")
@click.option("--zone", metavar="ZONE", help="The zone of times without one: Europe/Kyiv, +03:00.")
@click.option("--level", metavar="LEVEL", help="hot (LZ4), or 1 to 19 (zstd). [PASTWATCH_LEVEL; 7]")
@click.option(
    "--depth",
    type=click.Choice(["ready", "raw"]),
    default="ready",
    show_default=True,
    help="raw: mail is sealed unparsed, and parsed only where a case opens it.",
)
@click.option("--watch", is_flag=True, help="Examine what is new with every watch started.")
@click.option("--medium", metavar="WORD", help="What carried it, where the format does not say.")
@live_options
@click.pass_obj
def collect(
    session: Session, /, *, path: Path | None, source: str, follow: str | None, **given: Any
) -> int:
    """Seal what stands at PATH, unread: new records, gaps and framing make up every byte."""
    zone = given.pop("zone") or session.settings.zone
    options = {"epoch": given.pop("epoch"), "zone": zone}
    if follow is not None:
        if path is not None:
            raise UsageError("a PATH and --follow are two sources", hint="one at a time")
        options = {k: v for k, v in options.items() if v}
        return live.follow(session, follow, source=source, options=options, **given)
    path = _only_path(path, given)
    progress = ProgressLine()
    with session.archive() as archive, stopping("stopping: sealing what was read so far") as cancel:
        try:
            report = archive.collect(
                path,
                source=source,
                options={k: v for k, v in options.items() if v},
                on_progress=progress,
                cancel=cancel,
                **given,
            )
        finally:
            progress.end()
    _print(session, report, given["document"], depth=given["depth"])
    tell_stops(report.tap)
    if given["handover"] and not report.new_source:
        show.say(
            "pastwatch: --handover not taken again: it was sealed when the source was new; a later "
            "delivery with a handover of its own is a source of its own"
        )
    if report.collected.interrupted:
        show.say(
            "pastwatch: interrupted: what is printed above stands; "
            "the same command again completes the rest"
        )
        return INTERRUPTED
    if report.collected.gaps:
        return WITH_GAPS
    taken = report.collected.taken
    return DONE if taken.records or taken.already_held else NOTHING_FOUND


def _only_path(path: Path | None, given: dict[str, Any]) -> Path:
    """The path, once it is certain that nothing was asked that only a live source can do."""
    alone = [name for name in live.FOLLOWING if given.pop(name)]
    if alone:
        raise UsageError(f"--{alone[0].replace('_', '-')} goes with --follow alone")
    if path is None:
        raise UsageError("name a PATH to collect, or a live source with --follow")
    return path


def _print(session: Session, report: CollectReport, document: Path | None, *, depth: str) -> None:
    run, done = report.run, report.collected
    gaps = _by_reason(report)
    if session.json:
        show.json_line(
            None,
            source=report.source,
            new_source=report.new_source,
            records=run.records,
            already_held=run.already_held,
            undated=done.taken.undated,
            opaque=done.taken.opaque,
            raw=done.taken.raw,
            read_bytes=run.read_bytes,
            record_bytes=run.record_bytes,
            held_bytes=run.held_bytes,
            gap_bytes=run.gap_bytes,
            framing_bytes=run.framing_bytes,
            framing=done.framing,
            gaps=[{"reason": r, "gaps": n, "bytes": b} for r, n, b in gaps],
            formats=report.formats,
            walls=report.walls,
            accounted=report.accounted,
            interrupted=done.interrupted,
            handover_matches=report.handover_matches,
            watched=watched(report.tap),
        )
        return
    new = "new source, " + (f"document {document.name}" if document else "no document")
    taken = done.taken
    framing = " · ".join(f"{kind} {count(n, 'byte')}" for kind, n in sorted(done.framing.items()))
    opaque = f"{count(taken.opaque)} ({share(taken.opaque, run.records)}), sealed whole, unparsed"
    show.facts(
        [
            ("source", report.source + (f" ({new})" if report.new_source else "")),
            ("formats", _formats(report.formats)),
            ("records", f"{count(run.records)} new · {count(run.already_held)} already held"),
            ("depth", _depth(taken.raw, run.records) if depth == "raw" else ""),
            ("undated", count(taken.undated) if taken.undated else ""),
            ("opaque", opaque if taken.opaque else ""),
            *(("gap", f"{r}: {_gap(n, b)}{_where(report, r)}") for r, n, b in gaps),
            ("framing", framing),
            ("bytes", _sum(report)),
            ("watched", watched_line(report.tap)),
            ("handover", _handover(report.handover_matches)),
        ]
    )


def _formats(formats: dict[str, int]) -> str:
    """`mbox 150 files · not recognised 2 files`; nothing for a single file."""
    if sum(formats.values()) <= 1:
        return ""
    known = sorted((name, files) for name, files in formats.items() if name)
    unknown = [("not recognised", formats[""])] if formats.get("") else []
    return " · ".join(f"{name} {count(files, 'file')}" for name, files in [*known, *unknown])


def _depth(raw: int, records: int) -> str:
    if raw == records:
        return "raw: sealed unparsed"
    if not raw:
        return "ready: this format has no raw depth"
    return f"raw: {count(raw)} sealed unparsed · ready: {count(records - raw)}, of other formats"


def _gap(gaps: int, lost_bytes: int) -> str:
    return f"{count(gaps, 'time')}, {count(lost_bytes, 'byte')}"


def _sum(report: CollectReport) -> str:
    """`900 record + 0 held + 12 gap + 88 framing = 1,000 read (100 %)`."""
    run = report.run
    parts = (
        f"{count(run.record_bytes)} record + {count(run.held_bytes)} held + "
        f"{count(run.gap_bytes)} gap + {count(run.framing_bytes)} framing"
    )
    if report.collected.surplus_bytes:
        return f"{parts}: {count(report.collected.surplus_bytes)} more than the files hold"
    if report.accounted:
        return f"{parts} = {count(run.read_bytes)} read (100 %)"
    return f"{parts} ≠ {count(run.read_bytes)} read: please report this"


def _handover(matches: bool | None) -> str:
    if matches is None:
        return ""
    return "the hash stated at handover matches" if matches else "NO file read has the hash stated"


def _by_reason(report: CollectReport) -> list[tuple[str, int, int]]:
    sums: dict[str, list[int]] = {}
    for gap in report.collected.gaps:
        held = sums.setdefault(gap.reason, [0, 0])
        held[0] += 1
        held[1] += gap.bytes
    return [(reason, n, b) for reason, (n, b) in sorted(sums.items())]


def _where(report: CollectReport, reason: str) -> str:
    """The first files with gaps of a reason, where there is more than one file; as in ` in a, b …`."""
    if sum(report.formats.values()) <= 1:
        return ""
    gaps = report.collected.gaps
    names = list(dict.fromkeys(gap.container for gap in gaps if gap.reason == reason))
    more = f" and {count(len(names) - _NAMED)} more" if len(names) > _NAMED else ""
    return f" in {', '.join(map(show.neutral, names[:_NAMED]))}{more}"
