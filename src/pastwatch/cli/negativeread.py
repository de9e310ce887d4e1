"""The sample of a finding of nothing: what it costs, its draw, the next to read, what it holds."""

from __future__ import annotations

import click

from pastwatch.cli import show
from pastwatch.cli.exit import DONE, NOTHING_FOUND
from pastwatch.cli.session import Session
from pastwatch.cli.show import count
from pastwatch.cli.tree import Command, case_option
from pastwatch.errors import UsageError

_KEPT = (0, 2, 10, 20, 60)


@click.command(
    cls=Command,
    examples=("negative price --at-most 20 --reader 10:9", "negative price --size 60 --json"),
    statuses=(0, 2, 10, 20),
)
@click.option(
    "--at-most", type=int, metavar="M", help="So many conversations could remain at most."
)
@click.option("--size", type=int, metavar="N", help="So many conversations are to be read.")
@click.option("--reader", default="", metavar="N:FOUND",
              help="Of copies shown to this reader before, how many were recognised.")  # fmt: skip
@case_option()
@click.pass_obj
def price(
    session: Session,
    *,
    at_most: int | None,
    size: int | None,
    reader: str,
    case_name: str | None,
) -> int:
    """Say how much has to be read before anything is: by a wished bound, or what a size leaves."""
    from pastwatch.desk.negative.sampling import price_of_reading

    _one_of(at_most, size)
    shown, recognised = _reader(reader)
    with session.case(case_name) as work:
        told = price_of_reading(work, wished=at_most, size=size, recognised=recognised, shown=shown)
    if session.json:
        show.json_line(told)
        return DONE
    show.out(
        f"{count(told.population, 'conversation')} readable, in scope and not reviewed in full"
    )
    show.out(f"to read: {count(told.read, 'conversation')}, about {count(told.records, 'record')}")
    show.out(f"none found: at most {told.at_most:,} could remain (95 %, one-sided, exact)")
    if reader:
        show.out(f"by a reader who recognises {told.recognised:,} of {told.shown:,}")
    else:
        show.out("reader sensitivity taken as perfect: one who passes over some has to read more")
    return DONE


@click.command(
    cls=Command,
    examples=(
        'negative sample "Did anybody order it?" --would-count "an order" --size 60',
        'negative sample "Was it paid?" --would-count "a sum and a payer" --at-most 20',
    ),
    statuses=_KEPT,
)
@click.argument("question")
@click.option("--would-count", required=True, metavar="TEXT", help="What would count.")
@click.option("--size", type=int, metavar="N", help="Conversations to draw.")
@click.option("--at-most", type=int, metavar="M",
              help="Draw so many that, none found, at most M could remain.")  # fmt: skip
@case_option()
@click.pass_obj
def sample(
    session: Session,
    *,
    question: str,
    would_count: str,
    size: int | None,
    at_most: int | None,
    case_name: str | None,
) -> int:
    """Draw conversations at random to be read; the seed is committed to the ledger before."""
    from pastwatch.desk.negative.sampling import draw_sample, price_of_reading, sample_named

    _one_of(at_most, size)
    with session.case(case_name) as work:
        if size is None:
            size = price_of_reading(work, wished=at_most).read
        name = draw_sample(work, question, would_count=would_count, size=size)
        drawn = sample_named(work, name)
    if session.json:
        show.json_line(drawn, name=name)
        return DONE
    show.out(
        f"{name} drawn: {drawn.drawn:,} of {count(drawn.population, 'conversation')} not reviewed in full"
    )
    show.out(f"simple random, without replacement; seed in ledger entry {drawn.sequence:,}")
    show.say(f"pastwatch: mix in copies first: pastwatch negative rehearse FILE --sample {name}")
    show.say(f"pastwatch: then read: pastwatch negative next {name}")
    return DONE


@click.command(
    "next",
    cls=Command,
    examples=("negative next p1", "negative next p1 --json"),
    statuses=(0, 1, 2, 10, 20),
)
@click.argument("name")
@case_option()
@click.pass_obj
def next_(session: Session, *, name: str, case_name: str | None) -> int:
    """Show the next conversation of a sample; whether it is a copy is not to be told."""
    from pastwatch.desk.negative.sampling import next_turn, state_of

    with session.case(case_name) as work:
        put = next_turn(work, name)
        state = state_of(work, name)
        offset_s = work.event.zone_offset_s
    if put is None:
        if session.json:
            show.json_line(state)
        else:
            show.out(f"{name} is read: {state.called:,} of {count(state.turns, 'turn')} called")
        return NOTHING_FOUND
    if session.json:
        rows = [
            {
                "when": record.envelope.claimed,
                "sender": record.sender,
                "recipients": record.recipients,
                "subject": record.subject,
                "text": record.text,
                "attachments": [part.text for part in record.parts],
            }
            for record in put.records
        ]
        show.json_line(None, sample=name, turn=put.turn, of=put.of, records=rows,
                       would_count=state.sample.would_count)  # fmt: skip
        return DONE
    show.out(
        f"{name}, turn {put.turn:,} of {put.of:,}. Counts: {show.neutral(state.sample.would_count)}"
    )
    for record in put.records:
        parties = ", ".join(party.shown for party in record.recipients)
        sender = record.sender.shown if record.sender else "not stated"
        show.out()
        show.out(f"{show.claimed(record.envelope.claimed, offset_s=offset_s)}  "
                 f"{show.neutral(sender)} → {show.neutral(parties) or 'not stated'}")  # fmt: skip
        if record.subject:
            show.out(f"  {show.neutral(record.subject)}")
        for text in (record.text, *(part.text for part in record.parts)):
            for line in show.neutral(text, lines=True).splitlines():
                show.out(f"  {line}")
    if not put.records:
        show.out("nothing of it may be shown any more: call it --none")
    show.say(f"pastwatch: negative call {name} --none, or --found")
    return DONE


@click.command(
    cls=Command,
    examples=("negative call p1 --none", "negative call p1 --found", "negative call p1 --end"),
    statuses=_KEPT,
)
@click.argument("name")
@click.option("--none", "verdict", flag_value="none", help="It holds nothing that counts.")
@click.option("--found", "verdict", flag_value="found", help="It holds what counts.")
@click.option("--end", "verdict", flag_value="end", help="Read no more: what was read stands.")
@click.option("--turn", type=int, metavar="N", help="An earlier turn, on second thoughts.")
@case_option()
@click.pass_obj
def call(
    session: Session, *, name: str, verdict: str | None, turn: int | None, case_name: str | None
) -> int:
    """Say whether the conversation at hand holds what counts; told apart once all are read."""
    from pastwatch.cli.negativeview import print_state
    from pastwatch.desk.negative.sampling import call_turn, end_reading, state_of

    if verdict is None:
        raise UsageError("say what it holds", hint="--none, --found, or --end")
    with session.case(case_name) as work:
        if verdict == "end":
            end_reading(work, name)
        else:
            turn = call_turn(work, name, found=verdict == "found", turn=turn)
        state = state_of(work, name)
    if session.json:
        show.json_line(state, turn=turn)
    elif state.over:
        print_state(state)
    else:
        show.out(f"turn {turn}: {verdict}; {state.turns - state.called:,} to read")
    return DONE


def _one_of(at_most: int | None, size: int | None) -> None:
    if (at_most is None) == (size is None):
        raise UsageError("say how many are to be read, or how many may remain",
                         hint="--size 60, or --at-most 20")  # fmt: skip


def _reader(text: str) -> tuple[int, int]:
    """(shown, recognised)."""
    if not text:
        return 1, 1
    shown, _, recognised = text.partition(":")
    try:
        return int(shown), int(recognised)
    except ValueError:
        raise UsageError(f'"{text}" is no reader', hint="--reader 10:9") from None
