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
        'wording choose --row 2 --reason "as our house writes"',
    ),
    statuses=(0, 2, 10, 20, 60),
)
@click.option("--scale", metavar="KEY", help="icd203 or phia.")
@click.option("--standard", metavar="NAME",
              help="A standard of proof, by its name; none: back to likelihoods.")  # fmt: skip
@click.option("--row", type=int, metavar="N", help="Which row of the scale's terms to keep to.")
@click.option("--reason", required=True, metavar="TEXT", help="Why this one; it is kept.")
@case_option()
@click.pass_obj
def choose(
    session: Session,
    *,
    scale: str | None,
    standard: str | None,
    row: int | None,
    reason: str,
    case_name: str | None,
) -> int:
    """Choose the scale, the standard of proof or both, for all that this case writes.

    Refused where a judgement that stands is worded on what was chosen before.
    """
    from pastwatch.desk import wording as desk

    with session.case(case_name) as work:
        made = desk.choose(work, scale=scale, standard=standard, row=row, reason=reason)
    if session.json:
        show.json_line(made)
    else:
        row_of = f", row {made.row}" if made.row > 1 else ""
        show.out(f"scale {made.scale}{row_of}; standard of proof: {made.standard or 'none chosen'}")
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
            found = desk.check_text(_read(file), kind=kind, choice=desk.chosen(work).choice)
    for one in found:
        if session.json:
            show.json_line(one)
        else:
            words = f'"{neutral(one.words)}": ' if one.words else ""
            show.out(f"{one.where}: {words}{one.advice}")
    if not session.json:
        show.out(count(len(found), "remark"))
    return DONE if found else NOTHING_FOUND


@wording.command(
    cls=Command,
    examples=("wording lint --brief brief/", "wording lint --brief brief/ --json"),
    statuses=(0, 1, 2),
)
@click.option("--brief", "folder", required=True, type=click.Path(path_type=Path), metavar="DIR",
              help="A folder that a brief was released into.")  # fmt: skip
@click.pass_obj
def lint(session: Session, *, folder: Path) -> int:
    """Check the words of a released brief on its own scale; needs neither archive nor case."""
    from pastwatch.desk.wording_briefs import passes, remarks_on_folder

    found = remarks_on_folder(folder)
    for one in found:
        if session.json:
            show.json_line(one)
        else:
            words = f'"{neutral(one.words)}": ' if one.words else ""
            show.out(f"{one.sentence}: {words}{one.advice}")
    if not session.json:
        verdict = "the brief passes" if passes(found) else "the brief does not pass"
        show.out(f"{count(len(found), 'remark')}; {verdict}")
    return DONE if found else NOTHING_FOUND


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        raise UsageError(f'"{path.name}" cannot be read as text') from None
