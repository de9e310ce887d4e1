"""Findings: what is held to be so, each citing hits or carrying its coverage."""

from __future__ import annotations

import click

from pastwatch.cli import show
from pastwatch.cli.exit import DONE, NOTHING_FOUND
from pastwatch.cli.session import Session
from pastwatch.cli.show import count
from pastwatch.cli.tree import Command, Family, case_option, listed
from pastwatch.model.assessment import Confidence, Finding, FindingKind, Likelihood


@click.group(cls=Family)
def finding() -> None:
    """Write down what was found, or that nothing was, for the brief."""


@finding.command(
    cls=Command,
    examples=(
        'finding add "The van was hired on the 3rd." --cites h3,h7',
        'finding add "Nobody speaks of a strike." --kind negative',
        'finding add "They met." --cites h1 --kind judgement --likelihood likely --confidence low --reasons "one source"',
    ),
    statuses=(0, 2, 10, 20, 60),
)
@click.argument("statement")
@click.option("--cites", default="", metavar="H1,H2", help="The hits it rests on.")
@click.option("--kind", default=FindingKind.OBSERVATION.value, show_default=True, metavar="KIND",
              help=f"{', '.join(FindingKind)}.")  # fmt: skip
@click.option("--likelihood", metavar="WORDS",
              help=f"Of a judgement: a term of the case's scale, or a number in one of its bands. "
              f"By default: {', '.join(Likelihood)}.")  # fmt: skip
@click.option("--standard", metavar="NAME",
              help="Of a judgement, in place of a likelihood: the case's standard of proof, met.")  # fmt: skip
@click.option("--confidence", metavar="WORD", help=f"Of a judgement: {', '.join(Confidence)}.")
@click.option("--reasons", default="", metavar="TEXT", help="What the confidence rests on.")
@click.option("--queries", default="", metavar="Q1,Q2",
              help="Of a negative finding: the searches it rests on.  [default: all]")  # fmt: skip
@case_option()
@click.pass_obj
def add(
    session: Session,
    *,
    statement: str,
    cites: str,
    kind: str,
    likelihood: str | None,
    standard: str | None,
    confidence: str | None,
    reasons: str,
    queries: str,
    case_name: str | None,
) -> int:
    """Keep a finding; remarks on its wording are talk, its rules are not."""
    cited, asked = listed(cites), listed(queries)
    with session.case(case_name) as work:
        finding_id, remarks = work.finding(
            statement,
            cites=cited,
            kind=kind,
            likelihood=likelihood,
            standard=standard,
            confidence=confidence,
            reasons=reasons,
            queries=asked,
        )
    if session.json:
        show.json_line(None, finding_id=finding_id, remarks=remarks)
        return DONE
    rests = count(len(cited), "citation") if cited else "its coverage"
    if kind == FindingKind.ASSUMPTION:
        rests = "no record: an assumption"
    show.out(f"{finding_id} kept: {kind}, rests on {rests}")
    for remark in remarks:
        show.say(f'pastwatch: wording: "{show.neutral(remark.words)}": {remark.advice}')
    return DONE


@finding.command(
    "list",
    cls=Command,
    examples=("finding list", "finding list --withdrawn"),
    statuses=(0, 1, 2, 20),
)
@click.option("--withdrawn", is_flag=True, help="Those withdrawn too.")
@case_option()
@click.pass_obj
def list_(session: Session, *, withdrawn: bool, case_name: str | None) -> int:
    """List the findings that stand."""
    with session.case(case_name) as work:
        found = work.papers.findings(with_withdrawn=withdrawn)
        gone = {w.finding_id: w.reason for w in work.papers.withdrawals()}
    for each in found:
        if session.json:
            show.json_line(each, withdrawn=gone.get(each.finding_id))
        else:
            _print(each, gone.get(each.finding_id))
    if not found and not session.json:
        show.out('no findings yet: pastwatch finding add "…" --cites h1')
    return DONE if found else NOTHING_FOUND


@finding.command(
    cls=Command,
    examples=(
        'finding retract f2 --reason "h7 is a quotation"',
        'finding retract f2 --reason "…" --json',
    ),
    statuses=(0, 2, 20, 60),
)
@click.argument("finding_id", metavar="FINDING")
@click.option("--reason", required=True, metavar="TEXT", help="Why; it is kept.")
@case_option()
@click.pass_obj
def retract(session: Session, *, finding_id: str, reason: str, case_name: str | None) -> int:
    """Withdraw a finding; it stays on file with the reason."""
    with session.case(case_name) as work:
        work.retract(finding_id, reason=reason)
    if session.json:
        show.json_line(None, finding_id=finding_id, withdrawn=reason)
    else:
        show.out(f"{finding_id} is withdrawn")
    return DONE


def _print(each: Finding, withdrawn: str | None) -> None:
    judged = f"; {each.likelihood}" if each.likelihood else ""
    sure = (
        f"; {each.confidence} confidence: {show.neutral(each.reasons)}" if each.confidence else ""
    )
    rests = count(len(each.citations), "citation") if each.citations else "its coverage"
    if each.kind is FindingKind.ASSUMPTION:
        rests = "no record: an assumption"
    show.out(f"{show.pad(each.finding_id, 4)} {show.neutral(each.statement)}")
    show.out(f"     {each.kind}{judged}{sure}; rests on {rests}")
    if withdrawn:
        show.out(f"     WITHDRAWN: {show.neutral(withdrawn)}")
