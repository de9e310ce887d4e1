"""Counts by source and day under an authority that allows the act baseline: nothing is read."""

from __future__ import annotations

from pathlib import Path

import click

from pastwatch.cli import show
from pastwatch.cli.exit import DONE, NOTHING_FOUND
from pastwatch.cli.session import Session
from pastwatch.cli.show import count
from pastwatch.cli.tree import Command

DAY = 10  # the characters of a date in ISO 8601


@click.command(
    "baseline",
    cls=Command,
    examples=("baseline --authority baseline.toml", "baseline --authority baseline.toml --json"),
    statuses=(0, 1, 2, 10, 20, 60),
)
@click.option("--authority", required=True, type=click.Path(path_type=Path), metavar="FILE",
              help="A signed authority that lists the act baseline.")  # fmt: skip
@click.pass_obj
def baseline(session: Session, *, authority: Path) -> int:
    """Count records by source and day; asks for the granting key, and no record is read."""
    with session.archive() as archive:
        counted = archive.baseline(authority)
        names = {i: s.name for i, s in archive.office.sources().items()}
    rows = [(names[source], show.moment(day_us)[:DAY], n) for source, day_us, n in counted.days]
    if session.json:
        for name, day, number in rows:
            show.json_line(None, source=name, day=day, records=number)
    else:
        show.table([(name, day, count(number)) for name, day, number in rows])
        show.out(
            f"{count(counted.counted)} records counted, not read; {count(counted.suppressed)} of "
            f"them on days of fewer than {counted.least}, not told"
        )
    return DONE if counted.counted else NOTHING_FOUND
