"""Review beside the reading: where it stands, codes, families, two coders and their conflicts."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from pastwatch.cli import show
from pastwatch.cli.exit import DONE, NOTHING_FOUND
from pastwatch.cli.review import review, reviewing
from pastwatch.cli.session import Session
from pastwatch.cli.show import count, neutral
from pastwatch.cli.tree import Command, case_option
from pastwatch.model.note import Code

if TYPE_CHECKING:
    from pastwatch.desk.agreeing import Agreed

_RECORD = "RECORD"
_SHOWN = 20


@review.command(
    cls=Command, examples=("review status", "review status --json"), statuses=(0, 2, 20)
)
@case_option()
@click.pass_obj
def status(session: Session, *, case_name: str | None) -> int:
    """How much was judged, what is put off, which draws are open, and the bound reached so far."""
    with reviewing(session, case_name) as work:
        progress, deferred = work.progress(), work.deferred()
    if session.json:
        show.json_line(progress, deferred_records=[one.hex() for one in deferred])
        return DONE
    drawn = [f"{n} ({purpose}): {done:,} of {of:,}" for n, purpose, done, of in progress.draws]
    order = (
        f"learnt from {count(progress.learnt_from, 'judgement')}" if progress.ranked else "random"
    )
    show.facts(
        [
            ("records", f"{count(progress.records)}; {count(progress.unread)} unread"),
            ("judged", f"{count(progress.judged)}; {count(progress.mine)} by you"),
            ("relevant", count(progress.relevant)),
            ("not", count(progress.not_relevant)),
            ("unsure", count(progress.unsure)),
            (
                "deferred",
                ", ".join([count(progress.deferred), *(i.hex()[:8] for i in deferred[:_SHOWN])]),
            ),
            ("protected", count(progress.protected)),
            ("draws", "; ".join(drawn)),
            ("order", order),
            ("bound", progress.bound),
        ]
    )
    return DONE


@review.command(
    cls=Command,
    examples=("review codes", 'review codes --add valve "Who opened the valve"'),
    statuses=(0, 1, 2, 20, 60),
)
@click.option("--add", nargs=2, metavar="NAME TITLE", help="Add a code of the case's own.")
@case_option()
@click.pass_obj
def codes(session: Session, *, add: tuple[str, str] | None, case_name: str | None) -> int:
    """The case's own codes, beside the five that every case has."""
    with reviewing(session, case_name) as work:
        if add:
            work.add_code(*add)
        known = work.codes()
    for code, title in known.items():
        if session.json:
            show.json_line(None, code=code, title=title)
        else:
            show.out(f"{neutral(code)}  {neutral(title)}")
    return DONE if known else NOTHING_FOUND


@review.command(
    cls=Command,
    examples=("review family 3fa94c01", "review family 3fa94c01 --judge not-relevant"),
    statuses=(0, 1, 2, 10, 20, 60),
)
@click.argument("record", metavar=_RECORD)
@click.option(
    "--judge",
    "code",
    type=click.Choice([code.value for code in Code]),
    help="Give this to those shown.",
)
@click.option("--note", "words", default="", metavar="TEXT", help="Why.")
@case_option()
@click.pass_obj
def family(
    session: Session, *, record: str, code: str | None, words: str, case_name: str | None
) -> int:
    """Show the records that say the same as one, or nearly; judge those shown where asked."""
    from pastwatch.cli.reviewerview import preview_lines
    from pastwatch.desk.familial import family_preview, judge_family

    with reviewing(session, case_name) as work:
        preview = family_preview(work, work.record_named(record))
        for member in preview.members if session.json else ():
            show.json_line(None, record=member.record, source=member.source, why=member.why)
        if not session.json:
            for line in preview_lines(preview, offset_s=work.case.event.zone_offset_s):
                show.out(line)
        if code is not None and preview.members:
            numbers = judge_family(work, preview, code, note=words)
            show.say(f"{count(len(numbers), 'record')} of the family: {code}")
    return DONE if preview.members else NOTHING_FOUND


@review.command(
    cls=Command,
    examples=("review overlap 60", "review overlap 60 --judged"),
    statuses=(0, 2, 10, 20, 60),
)
@click.argument("records", type=click.IntRange(min=1))
@click.option("--judged", is_flag=True, help="Among records that one reviewer has judged.")
@case_option()
@click.pass_obj
def overlap(session: Session, *, records: int, judged: bool, case_name: str | None) -> int:
    """Draw records that two judge blind: from the top of the ranking down, each with a known chance."""
    from pastwatch.desk.agreeing import lay_overlap

    with reviewing(session, case_name) as work:
        number = lay_overlap(work, records, judged_only=judged)
    if session.json:
        show.json_line(None, draw=number, records=records)
    else:
        show.out(f"draw {number}: {count(records, 'record')} to be judged by two; "
                 "each reads them with 'pastwatch review --only overlap'")  # fmt: skip
    return DONE


@review.command(
    cls=Command, examples=("review agree", "review agree --draw 2 --json"), statuses=(0, 1, 2, 20)
)
@click.option("--draw", type=int, metavar="N", help="The overlap; the last one by default.")
@case_option()
@click.pass_obj
def agree(session: Session, *, draw: int | None, case_name: str | None) -> int:
    """How far two blind coders agree: the table first, agreement on either answer, then κ and AC1."""
    from pastwatch.desk.agreeing import agreed

    with session.case(case_name) as work:
        told = agreed(work, draw=draw)
    found = told.found
    if session.json:
        _agree_json(told)
        return DONE if found.pairs else NOTHING_FOUND
    table, weighed = found.counts, found.weighted
    show.out(
        f"draw {told.draw.number}: {count(told.drawn, 'record')}; judged by two: "
        f"{count(told.both_judged)}, {count(told.undecided)} of them unsure or deferred; "
        f"{count(told.conflicts, 'conflict')} open"
    )
    show.out()
    rows = [
        ("first: relevant", f"{table.both:,.0f}", f"{table.first_only:,.0f}"),
        ("first: not", f"{table.second_only:,.0f}", f"{table.neither:,.0f}"),
        ("weighed: relevant", f"{weighed.both:,.1f}", f"{weighed.first_only:,.1f}"),
        ("weighed: not", f"{weighed.second_only:,.1f}", f"{weighed.neither:,.1f}"),
    ]
    show.table(rows, head=("", "second: relevant", "second: not"), right={1, 2})
    show.out()
    for name, figure in (
        ("agreement on relevant", found.positive),
        ("agreement on not relevant", found.negative),
        ("Cohen's κ", found.kappa),
        ("Gwet's AC1", found.ac1),
    ):
        show.out(f"{show.pad(name, 26)} {_figure(figure.value, figure.low, figure.high)}")
    show.out(
        f"weighed by the chance of each record; 95 % over {count(found.conversations, 'conversation')}"
    )
    return DONE if found.pairs else NOTHING_FOUND


@review.command(
    cls=Command,
    examples=(
        "review conflicts",
        'review conflicts --settle 3fa94c01 relevant --note "named in it"',
    ),
    statuses=(0, 1, 2, 20, 60),
)
@click.option(
    "--settle", nargs=2, metavar="RECORD CODE", help="Settle one, as neither of its coders."
)
@click.option("--note", "words", default="", metavar="TEXT", help="Why.")
@case_option()
@click.pass_obj
def conflicts(
    session: Session, *, settle: tuple[str, str] | None, words: str, case_name: str | None
) -> int:
    """The records on which two coders differ and nobody has settled yet."""
    from pastwatch.desk.agreeing import adjudicate
    from pastwatch.desk.agreeing import conflicts as open_conflicts

    with reviewing(session, case_name) as work:
        if settle:
            adjudicate(work.case, work.record_named(settle[0]), settle[1], note=words)
        left = open_conflicts(work.case)
    for one in left:
        said = [{"reviewer": who, "code": code.value} for who, code in one.said]
        if session.json:
            show.json_line(None, record_id=one.record_id.hex(), said=said)
        else:
            words_ = " · ".join(f"{neutral(who)}: {code}" for who, code in one.said)
            show.out(f"{one.record_id.hex()[:12]}  {words_}")
    if not left and not session.json:
        show.out("no conflict is open")
    return DONE if left or settle else NOTHING_FOUND


def _agree_json(told: Agreed) -> None:
    found = told.found
    figures = {"positive": found.positive, "negative": found.negative, "kappa": found.kappa,
               "ac1": found.ac1}  # fmt: skip
    show.json_line(
        None,
        draw=told.draw.number,
        drawn=told.drawn,
        both_judged=told.both_judged,
        undecided=told.undecided,
        conflicts=told.conflicts,
        pairs=found.pairs,
        conversations=found.conversations,
        counts=found.counts._asdict(),
        weighted=found.weighted._asdict(),
        **{name: figure._asdict() for name, figure in figures.items()},
    )


def _figure(value: float | None, low: float | None, high: float | None) -> str:
    if value is None:
        return "–  nothing bears on it yet"
    if low is None or high is None:
        return f"{value:.2f}  no interval: they never differ"
    return f"{value:.2f}  ({low:.2f} to {high:.2f})"
