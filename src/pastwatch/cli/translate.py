"""Keep a person's translation of written words, with how they are qualified, for the brief."""

from __future__ import annotations

import click

from pastwatch.cli import show
from pastwatch.cli.exit import DONE
from pastwatch.cli.session import Session
from pastwatch.cli.show import neutral
from pastwatch.cli.tree import Command, case_option


@click.command(
    cls=Command,
    examples=(
        'translate h3 --text "I have the key" --qualification "sworn translator, ru–en"',
        'translate h3 --text "…" --qualification "sworn" --by "I. Varn" --language en --json',
    ),
    statuses=(0, 2, 10, 20, 60),
)
@click.argument("name", metavar="HIT")
@click.option("--text", required=True, metavar="TEXT", help="The translation of the whole text.")
@click.option(
    "--qualification", required=True, metavar="TEXT", help="Of whoever answers for the translation."
)
@click.option("--language", default="en", show_default=True, metavar="TAG", help="Translated into.")
@click.option("--by", metavar="NAME", help="Who answers for it.  [default: you]")
@case_option()
@click.pass_obj
def translate(
    session: Session,
    *,
    name: str,
    text: str,
    qualification: str,
    language: str,
    by: str | None,
    case_name: str | None,
) -> int:
    """Keep a certified translation of a record's text; a brief shows it beside the original."""
    from pastwatch.desk.translating import certify

    with session.case(case_name) as work:
        who = by or work.office.person
        sha256 = certify(work, name, text, qualification=qualification, language=language, by=by)
    if session.json:
        show.json_line(None, kind="translation", of=name, by=who, language=language, sha256=sha256)
    else:
        show.out(f"{neutral(name)} translated by {neutral(who)}; in the ledger as {sha256[:16]}")
    return DONE
