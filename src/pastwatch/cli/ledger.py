"""The ledger, for an overseer: acts, spans, counts, and how much was ever opened; no content."""

from __future__ import annotations

import re
from itertools import islice

import click

from pastwatch.cli import show
from pastwatch.cli.exit import DONE, NOTHING_FOUND
from pastwatch.cli.session import Session
from pastwatch.cli.show import count, moment
from pastwatch.cli.tree import Command, Family
from pastwatch.model.when import HOUR_US, iso

_TIME = re.compile(r"\b(\w+)_(us|hour)=(-?\d+)")
_US = {"us": 1, "hour": HOUR_US}


@click.group(cls=Family)
def ledger() -> None:
    """Oversee who did what, when, and how much of each source was ever opened."""


@ledger.command(
    "show",
    cls=Command,
    examples=("ledger show", "ledger show --from 120 --accounts"),
    statuses=(0, 1, 2, 20, 60),
)
@click.option(
    "--from", "start", type=click.IntRange(min=0), default=0, help="The first entry shown."
)
@click.option("--limit", type=click.IntRange(min=0), help="Show so many entries; all by default.")
@click.option("--accounts", is_flag=True, help="Each account as well, by its token.")
@click.pass_obj
def show_(session: Session, *, start: int, limit: int | None, accounts: bool) -> int:
    """Show the acts in order, then how much of each source was granted and shown over all cases."""
    with session.archive() as archive:
        lines = list(islice(archive.ledger_lines(start), limit))
        total = archive.office.ledger.size
        opened = [e for e in archive.exposures() if accounts or e.account_token is None]
    if session.json:
        for line in lines:
            show.json_line(line)
        for exposure in opened:
            show.json_line(exposure)
        return DONE if lines else NOTHING_FOUND
    show.table(
        [
            (
                *(str(x.sequence), moment(x.time_us, seconds=True), x.act, show.neutral(x.actor)),
                *(x.authority or "", _figures(x.summary)),
            )
            for x in lines
        ],
        head=("entry", "time", "act", "by", "under", "figures"),
        right=(0,),
    )
    show.out(f"showing {len(lines):,} of {count(total, 'entry', 'entries')}")
    if opened:
        show.out()
        show.table(
            [(e.source, e.account_token or "", f"{e.granted:,}", f"{e.shown:,}") for e in opened],
            head=("source", "account" if accounts else "", "granted", "shown"),
            right=(2, 3),
        )
    return DONE if lines else NOTHING_FOUND


def _figures(summary: str) -> str:
    """The figures of an act, its times written out."""
    return show.neutral(_TIME.sub(lambda at: f"{at[1]}={iso(int(at[3]) * _US[at[2]])}", summary))
