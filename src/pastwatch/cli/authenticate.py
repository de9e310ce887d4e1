"""Authenticate: run the checks over the originals of a case, and say what they saw."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from pastwatch.cli import show
from pastwatch.cli.exit import DONE, NOTHING_FOUND
from pastwatch.cli.session import Session
from pastwatch.cli.show import count
from pastwatch.cli.tree import Command, case_option

if TYPE_CHECKING:
    from pastwatch.desk.authenticating import Checked

_FILE = click.Path(path_type=Path)
_SHOWN = 20


@click.command(
    cls=Command,
    examples=("authenticate", "authenticate --slice --sides ana-phone omar-phone"),
    statuses=(0, 1, 2, 10, 20, 60),
)
@case_option()
@click.option("--slice", "whole_slice", is_flag=True, help="Every record, not only those hit.")
@click.option("--dkim-keys", type=_FILE, metavar="FILE", help="Keys as the zone states them.")
@click.option("--sides", nargs=2, metavar="SOURCE SOURCE", help="Two that hold one conversation.")
@click.pass_obj
def authenticate(
    session: Session,
    *,
    case_name: str | None,
    whole_slice: bool,
    dkim_keys: Path | None,
    sides: tuple[str, str] | None,
) -> int:
    """Check originals: stations, signatures, ids, numbers, programs, dates inside. No verdict."""
    from pastwatch.desk.authenticating import authenticate as check

    with session.case(case_name) as work:
        done = check(work, whole_slice=whole_slice, keys=dkim_keys, sides=sides or ())
    _print(session, done)
    return DONE if done.records else NOTHING_FOUND


def _print(session: Session, done: Checked) -> None:
    if session.json:
        for remark in done.remarks:
            show.json_line(
                None,
                record=remark.record_id.hex(),
                check=remark.check,
                outcome=str(remark.outcome),
                says=remark.says,
                start_byte=remark.start_byte,
                end_byte=remark.end_byte,
            )
        return
    rows = [("read", f"{count(done.records, 'original')}; not authenticated: these are remarks")]
    for check, outcomes in done.counts().items():
        told = " · ".join(f"{count(n)} {outcome}" for outcome, n in sorted(outcomes.items()))
        rows.append((check, told))
    show.facts(rows)
    differing = [remark for remark in done.remarks if remark.outcome == "differs"]
    for remark in differing[:_SHOWN]:
        place = ""
        if remark.start_byte is not None:
            place = f" [bytes {remark.start_byte}–{remark.end_byte}]"
        show.out(f"{remark.record_id.hex()[:12]}  {remark.check}: {remark.says}{place}")
    if len(differing) > _SHOWN:
        show.out(f"… and {count(len(differing) - _SHOWN)} more that differ: --json shows all")
