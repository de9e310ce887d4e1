"""Terms: a list of search terms asked at once, and a report of each."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from pastwatch.cli import show
from pastwatch.cli.exit import DONE, NOTHING_FOUND, WITH_GAPS
from pastwatch.cli.session import Session
from pastwatch.cli.show import count, neutral
from pastwatch.cli.tree import Command, case_option
from pastwatch.errors import UsageError

if TYPE_CHECKING:
    from pastwatch.desk.searching_terms import Reported

_FILE = click.Path(path_type=Path, dir_okay=False)
_SHOWN = 12
_NAMED = 8


@click.command(
    cls=Command,
    examples=("terms list.csv --out report.csv", "terms list.txt --accounts accounts.csv"),
    statuses=(0, 1, 2, 3, 10, 20, 60, 130),
)
@click.argument("file", type=_FILE, metavar="FILE.csv")
@case_option()
@click.option("--out", type=_FILE, metavar="FILE", help="Write the report as CSV.")
@click.option("--accounts", type=_FILE, metavar="FILE", help="Write hits by account as CSV.")
@click.pass_obj
def terms(
    session: Session,
    *,
    file: Path,
    case_name: str | None,
    out: Path | None,
    accounts: Path | None,
) -> int:
    """Ask a list of terms at once: hits of each, hits of it alone, families, by custodian."""
    from pastwatch.desk.searching_terms import report_terms

    with session.case(case_name) as work:
        done = report_terms(work, file)
        for path, text in ((out, done.as_csv), (accounts, done.accounts_as_csv)):
            if path is not None:
                _write(path, text())
        _print_report(session, done)
    if done.figures.unreadable_records or done.report.timed_out:
        return WITH_GAPS
    return DONE if done.report.records else NOTHING_FOUND


def _print_report(session: Session, done: Reported) -> None:
    report = done.report
    if session.json:
        for line in report.lines:
            show.json_line(
                None,
                line=line.asked.line,
                term=line.asked.text,
                status=line.status,
                hits=line.hits,
                unique_hits=line.unique_hits,
                families=line.families,
                sources=dict(line.sources),
                accounts=dict(line.accounts),
            )
        show.json_line(
            None, query_id=done.query_id, records=report.records, families=report.families
        )
        return
    top = sorted(report.ended("found"), key=lambda t: (-t.hits, t.asked.line))
    rows = [
        (neutral(t.asked.text), count(t.hits), count(t.unique_hits), count(t.families))
        for t in top[:_SHOWN]
    ]
    if rows:
        show.table(rows, head=("term", "hits", "of it alone", "families"), right=(1, 2, 3))
    if len(top) > len(rows):
        show.out(f"… showing {len(rows)} of {count(len(top), 'term')} with hits")
    show.out(
        f"{count(len(report.lines), 'term')}: {count(report.records, 'record')} hit in "
        f"{count(report.families, 'family', 'families')} ({done.query_id or 'nothing asked'})"
    )
    for status, what in (("none", "without a hit"), ("error", "in error"), ("repeats", "repeated")):
        lines = report.ended(status)
        if lines:
            named = ", ".join(
                f"line {t.asked.line}" if status == "error" else neutral(t.asked.text)
                for t in lines[:_NAMED]
            )
            more = " …" if len(lines) > _NAMED else ""
            show.out(f"{count(len(lines), 'term')} {what}: {named}{more}")
    if report.timed_out:
        show.say(f"pastwatch: gap: {count(report.timed_out, 'record')} took too long to match")


def _write(path: Path, text: str) -> None:
    try:
        path.write_text(text, encoding="utf-8", newline="")
    except OSError as wrong:
        raise UsageError(f'"{path.name}" cannot be written') from wrong
