"""Back-tests: would a watch have warned, how early, at what cost; its samples read blind."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from pastwatch.cli import show
from pastwatch.cli.exit import DONE, NOTHING_FOUND
from pastwatch.cli.session import Session
from pastwatch.cli.show import count, lasting, moment, neutral
from pastwatch.cli.tree import Command, case_option
from pastwatch.errors import UsageError
from pastwatch.model.when import Span, parse_iso

if TYPE_CHECKING:
    from pastwatch.model.backtest import Backtest, EventTried, Paired, SampleRead, SpanTried

_FILE = click.Path(path_type=Path, dir_okay=False)
_DAY_S = 86_400


@click.command(
    cls=Command,
    examples=(
        "watch backtest valve --over 2031-03-01/2031-06-01 --event fire --draft baseline.toml",
        "watch backtest valve --over 2031-03-01/2031-06-01 --event fire --baseline baseline.toml",
        "watch backtest valve.toml --over 2031-03-01/2031-06-01 --baseline b.toml --picture v.svg",
    ),
    statuses=(0, 1, 2, 10, 20, 60),
)
@click.argument("named", metavar="WATCH")
@click.option("--over", required=True, metavar="FROM/UNTIL", help="The span that it is tried on.")
@click.option("--event", "event_ids", multiple=True, metavar="E",
              help="Of what it should have warned; may be repeated.")  # fmt: skip
@click.option("--version", "number", type=click.IntRange(min=1), metavar="N",
              help="This version of a kept watch.  [default: the last]")  # fmt: skip
@click.option("--baseline", type=_FILE, metavar="FILE",
              help="A signed authority with the act baseline: nothing is read.")  # fmt: skip
@click.option("--draft", type=_FILE, metavar="FILE",
              help="Write a draft of that authority, and stop.")  # fmt: skip
@click.option("--control", metavar="FROM/UNTIL", help="A quiet span too: false alarms alone.")
@click.option("--against", metavar="N|FILE", help="Another version, on the same records.")
@click.option("--embargo", type=click.IntRange(min=0), default=7, show_default=True, metavar="DAYS",
              help="So long after an event it was made from nothing is tried.")  # fmt: skip
@click.option("--sample", type=click.IntRange(min=0, max=1000), default=10, show_default=True,
              metavar="N", help="Keep so many alerts, sealed, to be read under a reading authority.")  # fmt: skip
@click.option("--seed", type=click.IntRange(min=0), default=0, show_default=True, metavar="N",
              help="Of the moments that tell luck, and of the sample.")  # fmt: skip
@click.option("--picture", type=_FILE, metavar="FILE", help="Draw it into a .svg or .png file too.")
@click.pass_obj
def backtest(
    session: Session,
    *,
    named: str,
    over: str,
    event_ids: tuple[str, ...],
    number: int | None,
    baseline: Path | None,
    draft: Path | None,
    control: str | None,
    against: str | None,
    embargo: int,
    sample: int,
    seed: int,
    picture: Path | None,
) -> int:
    """Try a watch on the past: lead time, luck, time under alarm; counted, and no record is read."""
    from pastwatch.desk import backtesting
    from pastwatch.desk.backtestchart import write_chart
    from pastwatch.desk.pictures import check_picture

    if (baseline is None) == (draft is None):
        raise UsageError(
            "a back-test counts under an authority", hint="--draft FILE first, then --baseline FILE"
        )
    if picture is not None:
        check_picture(picture)
    with session.archive() as archive:
        office = archive.office
        text = backtesting.text_of(office, named, number)
        other = None if against is None else _against(office, named, against)
        asked = backtesting.Asked(
            over=span_of(over),
            event_ids=event_ids,
            control=None if control is None else span_of(control),
            against=other,
            sample=sample,
            seed=seed,
            embargo_s=embargo * _DAY_S,
        )
        if draft is not None:
            return _drafted(session, backtesting.draft(office, text, asked, draft))
        assert baseline is not None  # noqa: S101 - told above
        made = backtesting.backtest(office, text, asked, baseline=baseline)
    if picture is not None:
        write_chart(made, picture)
    if session.json:
        show.json_line(made, kind="backtest", claim=made.claim.value)
    else:
        print_backtest(made)
        if picture is not None:
            show.out(f"drawn: {picture}")
    return DONE if made.over.alerts_us else NOTHING_FOUND


@click.command(
    cls=Command,
    examples=("watch sampled b41 --case fire-3fa2c1", "watch sampled b41 --judge 1 useful"),
    statuses=(0, 1, 2, 10, 20, 60),
)
@click.argument("backtest_id", metavar="BACKTEST")
@click.option("--judge", nargs=2, type=(click.IntRange(min=1), str), metavar="N VERDICT",
              help="Say of the N-th: useful, false-alarm or unsure. It stands.")  # fmt: skip
@case_option()
@click.pass_obj
def sampled(
    session: Session, *, backtest_id: str, judge: tuple[int, str] | None, case_name: str | None
) -> int:
    """Read the sampled alerts of a back-test one by one: text alone, not who, when or before what."""
    from pastwatch.desk.backtesting_kept import judge_sampled, next_sampled, sample_of

    with session.case(case_name) as work:
        if judge is not None:
            judge_sampled(work, backtest_id, judge[0], judge[1])
        shown = next_sampled(work, backtest_id)
        read = sample_of(work, backtest_id)
    if session.json:
        show.json_line(read, kind="sample")
        if shown is not None:
            show.json_line(shown, kind="sampled")
    else:
        if shown is not None:
            show.out(f"{shown.number} of {shown.of}")
            if shown.subject:
                show.out(neutral(shown.subject))
            show.out(neutral(shown.text, lines=True))
            show.out()
            show.out(f"say of it: pastwatch watch sampled {backtest_id} --judge {shown.number} …")
        print_sample(read)
    return NOTHING_FOUND if shown is None and judge is None else DONE


def span_of(text: str) -> Span:
    """The span between two moments in ISO 8601 with a slash between; UsageError for another."""
    start, slash, end = text.partition("/")
    if not slash:
        raise UsageError(f'"{text}" is no span', hint="write 2031-03-01/2031-06-01")
    return Span(start_us=parse_iso(start)[0], end_us=parse_iso(end)[0])


def print_backtest(made: Backtest) -> None:
    """What it would have done, event by event, at what cost, and what that does not show."""
    offset_s = made.zone_offset_s
    show.facts(
        [
            ("back-test", made.backtest_id),
            ("watch", f"{made.watch} v{made.version}: {made.claim}"),
            ("text", made.text_sha256),
            ("ledger", moment(made.kept_us, seconds=True) if made.kept_us is not None else "never"),
            ("examined", f"{count(made.examined, 'record')} counted, not read"),
            ("horizon", lasting(made.horizon_s)),
        ]
    )
    show.out()
    rows = [_span_row(f"v{made.version}", made.over)]
    if made.against is not None:
        rows.append(_span_row(f"v{made.against.version}", made.against.over))
    if made.control is not None:
        rows.append(_span_row("quiet", made.control))
    head = ("", "days", "alerts", "a day", "alarms", "false", "under alarm")
    show.table(rows, head=head, right={1, 2, 3, 4, 5, 6})
    if made.events:
        show.out()
        told = [_event_row(f"v{made.version}", e, offset_s) for e in made.events]
        if made.against is not None:
            name = f"v{made.against.version}"
            told += [_event_row(name, e, offset_s) for e in made.against.events]
        head = ("", "event", "at", "lead", "luck p", "as long p", "claim")
        show.table(told, head=head, right={3, 4, 5})
    if made.against is not None:
        show.out()
        show.out(_pair_line(made.against, made.version))
    show.out()
    for line in made.limits:
        show.out(f"note: {line}")
    if made.sampled:
        show.out(
            f"{count(made.sampled, 'alert')} kept sealed, to be judged blind: "
            f"pastwatch watch sampled {made.backtest_id} --case CASE"
        )


def print_sample(read: SampleRead) -> None:
    """What the verdicts come to: a share only where there are events enough."""
    show.out(
        f"{read.useful} useful, {count(read.false_alarms, 'false alarm')}, {read.unsure} unsure, "
        f"{read.unread} of {read.sampled} not read yet"
    )
    if read.precision is not None and read.precision_at_least is not None:
        show.out(
            f"{read.precision:.0%} useful, {read.precision_at_least:.0%} or more (one-sided 95 %)"
        )


def _drafted(session: Session, written: Path) -> int:
    if session.json:
        show.json_line(None, path=str(written))
    else:
        show.out(f"wrote {written}: read it, fill in its ground, then")
        show.out(f"  pastwatch authority sign {written}")
        show.out(f"  pastwatch watch backtest … --baseline {written}")
    return DONE


def _against(office: Any, named: str, against: str) -> bytes:
    from pastwatch.desk.backtesting import text_of

    if against.isascii() and against.isdecimal():
        return text_of(office, named, int(against))
    return text_of(office, against)


def _span_row(name: str, tried: SpanTried) -> tuple[str, ...]:
    return (
        name,
        f"{tried.span.length_us / (_DAY_S * 1_000_000):.1f}",
        count(len(tried.alerts_us)),
        f"{tried.alerts_a_day:.2f}",
        count(len(tried.alarms)),
        count(tried.false_alarms),
        f"{tried.under_alarm_ratio:.1%}",
    )


def _event_row(name: str, event: EventTried, offset_s: int) -> tuple[str, ...]:
    as_long = "" if event.luck_lead_p is None else f"{event.luck_lead_p:.3f}"
    return (
        name,
        event.event_id,
        moment(event.at_us, offset_s=offset_s),
        "missed" if event.lead_s is None else lasting(event.lead_s),
        f"{event.luck_p:.3f}" if event.pseudo_events else "",
        as_long if event.pseudo_events else "",
        event.claim.value,
    )


def _pair_line(pair: Paired, version: int) -> str:
    return (
        f"of the events: {pair.both} both, {pair.only_first} only v{version}, {pair.only_second} "
        f"only v{pair.version}, {pair.neither} neither (p = {pair.p:.3f}); earlier v{version} "
        f"{pair.earlier_first}, v{pair.version} {pair.earlier_second}; "
        f"{count(pair.shared_alerts, 'alert')} of both"
    )
