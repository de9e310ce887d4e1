"""The scale and the standard of proof of a case, and a check of words against them."""

from __future__ import annotations

from pathlib import Path

import click

from pastwatch.cli import show
from pastwatch.cli.exit import DONE, NOTHING_FOUND
from pastwatch.cli.session import Session
from pastwatch.cli.show import count, neutral
from pastwatch.cli.tree import Command, Family, case_option
from pastwatch.errors import UsageError


@click.group(cls=Family)
def wording() -> None:
    """Choose a case's scale and standard of proof, and check what is written against them."""


@wording.command(cls=Command, examples=("wording scales", "wording scales --json"), statuses=(0, 2))
@click.pass_obj
def scales(session: Session) -> int:
    """Show the scales of likelihood with their bands and gaps, and the standards of proof."""
    from pastwatch.desk import wording as desk

    if session.json:
        for scale in desk.scales():
            show.json_line(scale, kind="scale")
        for standard in desk.standards_of_proof():
            show.json_line(standard, kind="standard")
        return DONE
    for scale in desk.scales():
        rows = "two rows, not to be mixed" if scale.rows > 1 else "one row"
        show.out(f"{scale.key}: {scale.name}, {rows}, in per cent")
        show.table(
            [["", band.shown, *(", ".join(row) for row in band.terms)] for band in scale.bands]
        )
    show.out("standards of proof: never a number")
    show.table([["", one.name, one.says] for one in desk.standards_of_proof()])
    return DONE


@wording.command(
    cls=Command,
    examples=(
        'wording choose --scale phia --reason "the reader\'s own scale"',
        'wording choose --standard "balance of probabilities" --reason "a civil claim"',
    ),
    statuses=(0, 2, 10, 20, 60),
)
@click.option("--scale", metavar="KEY", help="icd203 or phia.")
@click.option("--standard", metavar="NAME", help="A standard of proof, by its name.")
@click.option("--reason", required=True, metavar="TEXT", help="Why this one; it is kept.")
@case_option()
@click.pass_obj
def choose(
    session: Session, *, scale: str | None, standard: str | None, reason: str, case_name: str | None
) -> int:
    """Choose the scale, the standard of proof or both, for all that this case writes."""
    from pastwatch.desk import wording as desk

    with session.case(case_name) as work:
        made = desk.choose(work, scale=scale, standard=standard, reason=reason)
    if session.json:
        show.json_line(made)
    else:
        show.out(f"scale {made.scale}; standard of proof: {made.standard or 'none chosen'}")
    return DONE


@wording.command(
    cls=Command,
    examples=("wording check", "wording check --file draft.txt --kind observation"),
    statuses=(0, 1, 2, 10, 20),
)
@click.option("--file", "file", type=click.Path(path_type=Path), metavar="FILE",
              help="A text, a line a statement.  [default: the findings that stand]")  # fmt: skip
@click.option("--kind", default="judgement", show_default=True, metavar="KIND",
              help="What the lines of the file are.")  # fmt: skip
@case_option()
@click.pass_obj
def check(session: Session, *, file: Path | None, kind: str, case_name: str | None) -> int:
    """Check findings, or a file, on the scale of the case; remarks are the answer."""
    from pastwatch.desk import wording as desk

    with session.case(case_name) as work:
        if file is None:
            found = desk.check_findings(work)
        else:
            found = desk.check_text(_read(file), kind=kind, scale=desk.chosen(work).scale)
    for one in found:
        if session.json:
            show.json_line(one)
        else:
            words = f'"{neutral(one.words)}": ' if one.words else ""
            show.out(f"{one.where}: {words}{one.advice}")
    if not session.json:
        show.out(count(len(found), "remark"))
    return DONE if found else NOTHING_FOUND


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        raise UsageError(f'"{path.name}" cannot be read as text') from None
