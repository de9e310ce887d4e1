"""Findings of nothing: what was looked through, a sample, a rehearsal, and three parts never summed."""

from __future__ import annotations

from pathlib import Path

import click

from pastwatch.cli import negativeread, show
from pastwatch.cli.exit import DONE, NOTHING_FOUND, WITH_GAPS
from pastwatch.cli.session import Session
from pastwatch.cli.show import count
from pastwatch.cli.tree import Command, Family, case_option, listed
from pastwatch.errors import UsageError

_KEPT = (0, 2, 10, 20, 60)
_READ = (0, 1, 2, 10, 20)
_BROKEN = 20


@click.group(cls=Family)
def negative() -> None:
    """Say that nothing was found, and what that is worth: coverage, a bound, a rehearsal."""


for _command in (negativeread.price, negativeread.sample):
    negative.add_command(_command)


@negative.command(
    cls=Command,
    examples=(
        "negative rehearse wording.toml --queries q1,q2",
        "negative rehearse wording.toml --sample p1 --shown 12",
        "negative rehearse --judged --as-written",
    ),
    statuses=_KEPT,
)
@click.argument("file", type=click.Path(path_type=Path), required=False)
@click.option("--judged", is_flag=True, help="Take the wording of records judged relevant.")
@click.option(
    "--queries", default="", metavar="Q1,Q2", help="Searches to rehearse.  [default: all]"
)
@click.option("--sample", default="", metavar="SAMPLE", help="Mix copies among what is read of it.")
@click.option("--shown", type=int, default=10, show_default=True, metavar="N",
              help="Copies put before the reader of the sample.")  # fmt: skip
@click.option("--as-written", is_flag=True, help="Do not vary the wording.")
@case_option()
@click.pass_obj
def rehearse(
    session: Session,
    *,
    file: Path | None,
    judged: bool,
    queries: str,
    sample: str,
    shown: int,
    as_written: bool,
    case_name: str | None,
) -> int:
    """Put copies of known wording through the searches and, unmarked, before a sample's reader."""
    from pastwatch.cli import negativeview as view
    from pastwatch.desk.negative import rehearsing as desk

    if judged == (file is not None):
        raise UsageError("name a file of wording, or say --judged")
    with session.case(case_name) as work:
        wordings = desk.judged_wordings(work) if file is None else desk.read_wordings(file)
        name = desk.rehearse(
            work,
            wordings,
            queries=listed(queries),
            sample=sample,
            shown=shown,
            vary=not as_written,
        )
        parts = desk.rehearsed_parts(work, name)
        missing = desk.not_rehearsed(work, parts)
        mixed = sum(copy.in_review for copy in desk.rehearsal_named(work, name).value.copies)
    if session.json:
        show.json_line(None, rehearsal=name, parts=parts, not_rehearsed=missing, mixed_in=mixed)
        return DONE
    view.print_rehearsal(name, parts, missing)
    if sample:
        show.out(f"mixed into {sample}: {count(mixed, 'copy', 'copies')}")
        if mixed < min(shown, sum(one.planted for one in parts)):
            show.say("pastwatch: no conversation outside the sample is left to carry more")
    return DONE


for _command in (negativeread.next_, negativeread.call):
    negative.add_command(_command)


@negative.command(
    cls=Command,
    examples=(
        'negative add "Did anybody order it?" --would-count "an order, by whoever" --queries q1',
        "negative add --sample p1 --rehearsal j1 --finding f2",
        'negative add "Did Nemo speak of it?" --would-count "any word of it" --parties Nemo',
    ),
    statuses=_KEPT,
)
@click.argument("question", default="")
@click.option("--would-count", default="", metavar="TEXT", help="What would have counted.")
@click.option(
    "--queries", default="", metavar="Q1,Q2", help="Searches it rests on.  [default: all]"
)
@click.option(
    "--finding", default="", metavar="FINDING", help="The negative finding it belongs to."
)
@click.option("--sample", default="", metavar="SAMPLE", help="A sample that was read for it.")
@click.option("--rehearsal", default="", metavar="REHEARSAL", help="How well its searches find.")
@click.option(
    "--not-held",
    default="",
    metavar="A,B",
    help="What was never held, beside what the grant tells.",
)
@click.option("--parties", default="", metavar="A,B", help="Whose communications were looked for.")
@click.option("--accounts", default="", metavar="A,B", help="Accounts whose traffic is measured.")
@case_option()
@click.pass_obj
def add(
    session: Session,
    *,
    question: str,
    would_count: str,
    queries: str,
    finding: str,
    sample: str,
    rehearsal: str,
    not_held: str,
    parties: str,
    accounts: str,
    case_name: str | None,
) -> int:
    """Work out a finding of nothing from the case and keep it; refused where the sample found one."""
    from pastwatch.cli import negativeview as view
    from pastwatch.desk.negative import making as desk

    with session.case(case_name) as work:
        name = desk.add_negative(
            work,
            question,
            would_count=would_count,
            queries=listed(queries),
            finding=finding,
            sample=sample,
            rehearsal=rehearsal,
            not_held=listed(not_held),
            parties=listed(parties),
            accounts=listed(accounts),
        )
        made = desk.negative_named(work, name)
    if session.json:
        show.json_line(made)
    else:
        view.print_negative(made)
    return DONE


@negative.command(
    "list",
    cls=Command,
    examples=("negative list", "negative list --json"),
    statuses=_READ,
)
@case_option()
@click.pass_obj
def list_(session: Session, *, case_name: str | None) -> int:
    """List findings of nothing, samples and rehearsals."""
    from pastwatch.cli import negativeview as view
    from pastwatch.desk.negative.making import negatives_of
    from pastwatch.desk.negative.rehearsing import rehearsed_parts
    from pastwatch.desk.negative.sampling import rehearsals_of, samples_of, state_of

    with session.case(case_name) as work:
        negatives = [one.value for one in negatives_of(work)]
        states = [state_of(work, one.name) for one in samples_of(work)]
        rehearsals = [(one.name, rehearsed_parts(work, one.name)) for one in rehearsals_of(work)]
    if session.json:
        for found in negatives:
            show.json_line(found, kind="negative")
        for state in states:
            show.json_line(state, kind="sample")
        for name, parts in rehearsals:
            show.json_line(None, kind="rehearsal", name=name, parts=parts)
    else:
        view.print_listed(negatives, states, rehearsals)
    return DONE if negatives or states or rehearsals else NOTHING_FOUND


@negative.command(
    "show",
    cls=Command,
    examples=("negative show n1", "negative show p1", "negative show j1 --json"),
    statuses=(0, 2, 10, 20),
)
@click.argument("name")
@case_option()
@click.pass_obj
def show_(session: Session, *, name: str, case_name: str | None) -> int:
    """Show a finding of nothing, how far a sample is read, or which copies were found."""
    from pastwatch.cli import negativeview as view
    from pastwatch.desk.negative import making, rehearsing, sampling

    with session.case(case_name) as work:
        if name.startswith("p"):
            state = sampling.state_of(work, name)
            if session.json:
                show.json_line(state)
            else:
                view.print_state(state)
        elif name.startswith("j"):
            parts = rehearsing.rehearsed_parts(work, name)
            copies = rehearsing.copies_shown(work, name)
            if session.json:
                told = "still unmarked" if copies is None else copies
                show.json_line(None, name=name, parts=parts, copies=told)
            else:
                missing = rehearsing.not_rehearsed(work, parts)
                view.print_rehearsal(name, parts, missing, copies=copies)
        else:
            found = making.negative_named(work, name)
            if session.json:
                show.json_line(found)
            else:
                view.print_negative(found)
    return DONE


@negative.command(
    cls=Command,
    examples=("negative check n1", "negative check n1 --json"),
    statuses=(0, 2, 3, 10, 20),
)
@click.argument("name")
@case_option()
@click.pass_obj
def check(session: Session, *, name: str, case_name: str | None) -> int:
    """Work a finding of nothing out again from ledger and papers, and say what differs (3, or 20)."""
    from pastwatch.desk.negative.making import checked

    with session.case(case_name) as work:
        differences = checked(work, name)
    for one in differences:
        if session.json:
            show.json_line(one, name=name)
        else:
            show.out(
                f"{show.neutral(one.what)}: {show.neutral(one.then)} then, {show.neutral(one.now)} now"
            )
    if session.json and not differences:
        show.json_line(None, name=name, differences=0)
    elif not session.json:
        told = count(len(differences), "difference") if differences else "it comes out the same"
        show.out(f"{name} worked out again from ledger and papers: {told}")
    if any(one.broken for one in differences):
        return _BROKEN
    return WITH_GAPS if differences else DONE


@negative.command(
    cls=Command,
    examples=(
        'negative strike n1 --reason "more was collected"',
        'negative strike n2 --reason "…" --json',
    ),
    statuses=_KEPT,
)
@click.argument("name")
@click.option("--reason", required=True, metavar="TEXT", help="Why; it is kept.")
@case_option()
@click.pass_obj
def strike(session: Session, *, name: str, reason: str, case_name: str | None) -> int:
    """Strike a finding of nothing; it stays on file with the reason."""
    from pastwatch.desk.negative.making import strike_negative

    with session.case(case_name) as work:
        strike_negative(work, name, reason=reason)
    if session.json:
        show.json_line(None, name=name, struck=reason)
    else:
        show.out(f"{name} is struck")
    return DONE
