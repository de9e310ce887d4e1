"""What leaves a case in a format that others read: cited or relevant records, and what stayed behind."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from pastwatch.cli import show
from pastwatch.cli.exit import DONE, NOTHING_FOUND
from pastwatch.cli.session import Session
from pastwatch.cli.show import count
from pastwatch.cli.tree import Command, Family, case_option

if TYPE_CHECKING:
    from pastwatch.desk.exporting.writing import ExportMade


class _Formats(Family):
    """A family in which any other word is the name of a format: `export rsmf` is `export write rsmf`."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """The command a word names; what names none goes to the one that writes."""
        if args and args[0] not in self.commands and not args[0].startswith("-"):
            return "write", self.commands["write"], args
        return super().resolve_command(ctx, args)


@click.group(cls=_Formats)
def export() -> None:
    """Export records of a case in a format that others read: cited or judged relevant, by default."""


@export.command(
    cls=Command,
    examples=(
        "export write ftm --out ftm/",
        "export write rsmf --out chats/ --context 5",
        "export write loadfile --out volume/ --what cited --originals --prefix ABC",
        "export write parquet --out slice/ --what slice",
    ),
    statuses=(0, 2, 10, 20, 60),
)
@click.argument("format_name", metavar="FORMAT")
@click.option("--out", required=True, type=click.Path(path_type=Path), metavar="DIR",
              help="An empty folder, or a new one.")  # fmt: skip
@click.option("--what", default="relevant", metavar="cited|relevant|slice",
              help="Cited; cited or judged relevant (default); or all, which needs the act export.")  # fmt: skip
@click.option("--context", default=0, type=click.IntRange(min=0), metavar="N",
              help="Records of the conversation either side, their parties under pseudonyms.")  # fmt: skip
@click.option("--real-names", is_flag=True,
              help="No pseudonyms for whoever is in nothing cited or relevant; needs the act export.")  # fmt: skip
@click.option("--originals", is_flag=True,
              help="The exact bytes as collected, where the format holds them; needs the act export.")  # fmt: skip
@click.option(
    "--prefix", default="PW", metavar="LETTERS", help="Of page numbers in a load file. [PW]"
)
@case_option()
@click.pass_obj
def write(
    session: Session,
    *,
    format_name: str,
    out: Path,
    what: str,
    context: int,
    real_names: bool,
    originals: bool,
    prefix: str,
    case_name: str | None,
) -> int:
    """Write records in a format; 'export FORMAT' says the same. Prints what was left out."""
    from pastwatch.desk.exporting import writing

    with session.case(case_name) as work:
        made = writing.export(
            work,
            format_name,
            out,
            what=what,
            context=context,
            real_names=real_names,
            originals=originals,
            bates_prefix=prefix,
        )
    if session.json:
        show.json_line(None, **_plain(made))
        return DONE
    show.facts(
        [
            ("export", f"{made.format}, in {made.folder}"),
            ("of", made.basis),
            ("holds", ", ".join(f"{count(n)} {noun}" for noun, n in made.counts)),
            ("files", f"{count(made.files)}, {show.size(made.bytes)}, listed in export.json"),
            ("names", _names(made.pseudonymous)),
            ("ledger", f"entry {made.sequence}, list of files {made.manifest_sha256[:12]}"),
        ]
    )
    for one in made.left_out:
        show.facts([("left out", f"{count(one.count)} {one.what}: {one.why}")])
    if not made.left_out:
        show.facts([("left out", "nothing")])
    return DONE


def _plain(made: ExportMade) -> dict[str, Any]:
    return {
        "format": made.format,
        "folder": str(made.folder),
        "basis": made.basis,
        "pseudonymous": made.pseudonymous,
        "records": made.records,
        "counts": dict(made.counts),
        "left_out": [{"what": o.what, "count": o.count, "why": o.why} for o in made.left_out],
        "files": made.files,
        "bytes": made.bytes,
        "manifest_sha256": made.manifest_sha256,
        "sequence": made.sequence,
    }


def _names(pseudonymous: bool) -> str:
    if not pseudonymous:
        return "as they are"
    return "of parties to cited or relevant records as they are; all others under pseudonyms"


@export.command(
    "list", cls=Command, examples=("export list", "export list --json"), statuses=(0, 1, 2, 20)
)
@case_option()
@click.pass_obj
def list_(session: Session, *, case_name: str | None) -> int:
    """List what left the case so far, by its entries in the ledger."""
    from pastwatch.desk.exporting.writing import exports_made

    with session.case(case_name) as work:
        lines = exports_made(work)
    if session.json:
        for line in lines:
            show.json_line(line)
    else:
        show.table(
            [
                (
                    str(line.sequence),
                    show.moment(line.time_us),
                    line.format,
                    line.what,
                    count(line.records),
                    count(line.files),
                    line.manifest_sha256[:12],
                    "pseudonyms" if line.pseudonymous else "real names",
                    show.neutral(line.folder),
                )
                for line in lines
            ],
            head=("entry", "at", "format", "what", "records", "files", "list", "names", "folder"),
            right={0, 4, 5},
        )
        if not lines:
            show.out("nothing was exported yet: pastwatch export FORMAT --out DIR")
    return DONE if lines else NOTHING_FOUND


@export.command(cls=Command, examples=("export formats", "export formats --json"), statuses=(0, 2))
@click.pass_obj
def formats(session: Session) -> int:
    """List the formats there are, a line each."""
    from pastwatch.desk.exporting.writing import formats as every

    found = every()
    for name, said in found if session.json else ():
        show.json_line(None, name=name, says=said)
    if not session.json:
        show.table(found)
    return DONE
