"""How a case came to what it says, laid open to counsel."""

from __future__ import annotations

from pathlib import Path

import click

from pastwatch.cli import show
from pastwatch.cli.exit import DONE
from pastwatch.cli.session import Session
from pastwatch.cli.show import count
from pastwatch.cli.tree import Command, case_option


@click.command(
    cls=Command,
    examples=("disclose --out disclosure/", "disclose --out disclosure/ --case idlib --json"),
    statuses=(0, 2, 10, 20, 60),
)
@click.option("--out", required=True, type=click.Path(path_type=Path), metavar="DIR",
              help="An empty folder, or a new one.")  # fmt: skip
@case_option()
@click.pass_obj
def disclose(session: Session, *, out: Path, case_name: str | None) -> int:
    """Lay open notes, searches, judgements, what was withdrawn, and what speaks against the conclusion."""
    from pastwatch.desk.briefs.disclosing import disclose as laid_open

    with session.case(case_name) as work:
        made = laid_open(work, out)
    if session.json:
        show.json_line(
            None,
            folder=str(made.folder),
            tables=dict(made.tables),
            withheld=made.withheld,
            protected=made.protected,
            release_sequence=made.release_sequence,
        )
        return DONE
    show.facts(
        [
            ("pack", str(made.folder)),
            (
                "holds",
                f"{count(len(made.tables), 'table')}, {sum(n for _, n in made.tables):,} rows",
            ),
            (
                "withheld",
                f"{count(made.protected, 'protected record')}, {made.withheld:,} rows on them",
            ),
            ("ledger", f"released as entry {made.release_sequence}"),
            ("check it", f"sha256sum -c hashes.txt, in {made.folder}"),
        ]
    )
    return DONE
