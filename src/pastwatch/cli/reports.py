"""The commands of reports: bring open reports in, see who says what in each, correct it by hand."""

from __future__ import annotations

from pathlib import Path

import click

from pastwatch.cli import show
from pastwatch.cli.exit import DONE, NOTHING_FOUND
from pastwatch.cli.progress import StepLine
from pastwatch.cli.session import Session
from pastwatch.cli.show import count
from pastwatch.cli.tree import Command, Family, case_option

_FILE = click.Path(path_type=Path)
_LIMIT = click.IntRange(min=1)
_STANCES = click.Choice(["asserts", "denies", "hedges", "attributes"])
_SHOWN = 50


@click.group(cls=Family)
def reports() -> None:
    """Read open reports: who says what, to whom, through whom, how strongly, and from how many roots."""


@reports.command(
    cls=Command,
    examples=("reports read courier.txt wire.html", "reports read", "reports read --spans spacy"),
    statuses=(0, 1, 2, 10, 20, 30, 40, 60),
)
@case_option()
@click.argument("files", nargs=-1, type=_FILE)
@click.option("--source", default="reports", show_default=True, metavar="NAME",
              help="The source they are sealed into.")  # fmt: skip
@click.option("--ground", default="published reports", show_default=True, metavar="TEXT",
              help="The ground they are read on.")  # fmt: skip
@click.option(
    "--handover", type=_FILE, metavar="FILE", help="An order or consent to keep with them."
)
@click.option("--spans", type=click.Choice(["rules", "spacy"]), default="rules", show_default=True,
              help="What tells speakers and statements in English.")  # fmt: skip
@click.option(
    "--limit", type=_LIMIT, default=_SHOWN, show_default=True, help="Show so many claims."
)
@click.pass_obj
def read(
    session: Session,
    *,
    case_name: str | None,
    files: tuple[Path, ...],
    source: str,
    ground: str,
    handover: Path | None,
    spans: str,
    limit: int,
) -> int:
    """Seal FILES as reports of a case and keep their claims; without FILES read those it has again.

    Asks for the granting key where a file is new. What was read by the same version adds nothing.
    """
    from pastwatch.cli.reportsview import print_claims, print_read
    from pastwatch.desk.claiming import claims_of, read_reports

    line = StepLine()
    with session.case(case_name) as work:
        done = read_reports(
            work,
            files or None,
            source=source,
            ground=ground,
            spans=spans,
            handover=handover,
            on_progress=line,
        )
        line.end()
        ids = {one.record_id for one in done.reports}
        found = [one for one in claims_of(work) if one.value.report_id in ids]
        offset_s = work.event.zone_offset_s
    if session.json:
        for report in done.reports:
            show.json_line(report, kind="report")
        for one in found:
            show.json_line(one.value, kind="claim", name=one.name)
    elif done.reports:
        print_read(done.reports)
        if found:
            show.out()
            print_claims(found, limit=limit, offset_s=offset_s)
        show.out()
        struck = f", {count(done.struck)} of an earlier reading struck" if done.struck else ""
        show.out(
            f"{count(len(done.reports), 'report')}, {count(len(found), 'claim')}: "
            f"{count(done.new)} new{struck}"
        )
        _not_checked(sum(not one.is_checked for one in done.reports))
    else:
        show.out("no reports")
    return DONE if found else NOTHING_FOUND


def _not_checked(number: int) -> None:
    if number:
        show.out(
            f"{count(number, 'report')} in other languages than English, Arabic, Russian and French: "
            "not checked"
        )


@reports.command(
    cls=Command,
    examples=(
        "reports claims",
        "reports claims --stance denies",
        "reports claims --who minister --json",
    ),
    statuses=(0, 1, 2, 10, 20),
)
@case_option()
@click.option(
    "--report", metavar="REPORT", help="Of one report: the first digits of its id, or its headline."
)
@click.option("--who", metavar="TEXT", help="By speakers whose name holds TEXT.")
@click.option("--stance", type=_STANCES, help="Of one stance.")
@click.option("--struck", is_flag=True, help="Also those that no longer stand.")
@click.option("--limit", type=_LIMIT, default=_SHOWN, show_default=True, help="Show so many.")
@click.pass_obj
def claims(
    session: Session,
    *,
    case_name: str | None,
    report: str | None,
    who: str | None,
    stance: str | None,
    struck: bool,
    limit: int,
) -> int:
    """List the claims of a case, a line each, in the order they were kept."""
    from pastwatch.cli.reportsview import print_claims
    from pastwatch.desk.claiming import claims_of

    with session.case(case_name) as work:
        found = list(claims_of(work, report=report, who=who, stance=stance, struck=struck))
        offset_s = work.event.zone_offset_s
    if session.json:
        for one in found:
            told = one.struck.reason if one.struck else None
            show.json_line(
                one.value, kind="claim", name=one.name, by=one.by, at_us=one.at_us, struck=told
            )
    elif found:
        print_claims(found, limit=limit, offset_s=offset_s)
    else:
        show.out("no claims")
    return DONE if found else NOTHING_FOUND


@reports.command(
    "show",
    cls=Command,
    examples=("reports show c3", "reports show c3 --json"),
    statuses=(0, 2, 10, 20),
)
@case_option()
@click.argument("name")
@click.pass_obj
def show_(session: Session, *, case_name: str | None, name: str) -> int:
    """Show a claim in its sentence, with everything known of it; the report is logged as shown."""
    from pastwatch.cli.reportsview import print_claim
    from pastwatch.desk.claiming_byhand import show_claim

    with session.case(case_name) as work:
        shown = show_claim(work, name)
        offset_s = work.event.zone_offset_s
    if session.json:
        show.json_line(
            shown.entered.value,
            kind="claim",
            name=shown.entered.name,
            before=shown.before,
            after=shown.after,
            headline=shown.headline,
            outlet=shown.outlet,
        )
    else:
        print_claim(shown, offset_s=offset_s, colour=session.colour)
    return DONE


@reports.command(
    cls=Command,
    examples=(
        'reports claim "the pump was off" --report courier --who "the watchman"',
        'reports claim "the report" --report 5ca625 --who "the port" --stance denies',
        'reports claim --speaker c3 --who "the harbour master" --reason "he is named above"',
    ),
    statuses=(0, 2, 10, 20),
)
@case_option()
@click.argument("quoting", required=False)
@click.option("--report", metavar="REPORT", help="In which report the words stand.")
@click.option(
    "--who",
    "who_says",
    required=True,
    metavar="NAME",
    help='Who says it; "" for the report itself.',
)
@click.option("--stance", type=_STANCES, default="asserts", show_default=True)
@click.option("--to", "to_whom", default="", metavar="NAME", help="To whom.")
@click.option(
    "--via",
    multiple=True,
    metavar="NAME",
    help="Through whom, from the root outward; again for more.",
)
@click.option(
    "--speaker", metavar="CLAIM", help="Correct who says a claim: it is struck and kept anew."
)
@click.option("--reason", default="", metavar="TEXT", help="Why the speaker is corrected.")
@click.pass_obj
def claim(
    session: Session,
    *,
    case_name: str | None,
    quoting: str | None,
    report: str | None,
    who_says: str,
    stance: str,
    to_whom: str,
    via: tuple[str, ...],
    speaker: str | None,
    reason: str,
) -> int:
    """Keep a claim by hand, cited by the exact words QUOTING; or correct who says one."""
    from pastwatch.desk.claiming_byhand import add_claim, correct_claim
    from pastwatch.errors import UsageError

    if (quoting is None) == (speaker is None) or (quoting is not None and report is None):
        raise UsageError(
            "name the words and their --report, or a claim with --speaker",
            hint="see 'pastwatch reports claim --help'",
        )
    with session.case(case_name) as work:
        if speaker is not None:
            name = correct_claim(work, speaker, who_says=who_says, reason=reason)
        else:
            name = add_claim(
                work,
                quoting or "",
                report=report or "",
                who_says=who_says,
                stance=stance,
                to_whom=to_whom,
                via=via,
            )
    _told(session, name)
    return DONE


def _told(session: Session, name: str) -> None:
    if session.json:
        show.json_line(None, name=name)
    else:
        show.out(name)


@reports.command(
    cls=Command,
    examples=(
        'reports strike c3 --reason "irony: he did not mean it"',
        'reports strike c3 --reason "irony: he did not mean it" --json',
    ),
    statuses=(0, 2, 10, 20),
)
@case_option()
@click.argument("name")
@click.option("--reason", required=True, metavar="TEXT", help="Why it does not stand.")
@click.pass_obj
def strike(session: Session, *, case_name: str | None, name: str, reason: str) -> int:
    """Strike a claim that was read wrongly; it stays on file, and no later reading adds it again."""
    from pastwatch.desk.claiming_byhand import strike_claim

    with session.case(case_name) as work:
        strike_claim(work, name, reason=reason)
    _told(session, name)
    return DONE


def _attach() -> None:
    """The commands on dates, roots and relations stand in files of their own."""
    from pastwatch.cli import lineage, reportsdate

    for one in (
        reportsdate.date,
        lineage.roots,
        lineage.relations,
        lineage.copies,
        lineage.same,
        lineage.apart,
        lineage.interest,
        lineage.undo,
    ):
        reports.add_command(one)


_attach()
