"""Review on the command line: the reader's screen, and each of its acts without one."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

from pastwatch.cli import show
from pastwatch.cli.exit import DONE, NOTHING_FOUND
from pastwatch.cli.page import print_neighbours, print_record
from pastwatch.cli.session import Session
from pastwatch.cli.show import count, neutral
from pastwatch.cli.tree import Command, Family, case_option, global_options
from pastwatch.errors import MissingExtra
from pastwatch.model.note import Code, Mode

if TYPE_CHECKING:
    from pastwatch.desk.reviewing import Review
    from pastwatch.desk.served import Served

ONLY = tuple(mode.value for mode in (Mode.CONTROL, Mode.REST, Mode.OVERLAP))
_RECORD = "RECORD"
_HALF = 50
_READ_IN_STEPS = 20  # lines of progress while a slice is read


@contextmanager
def reviewing(
    session: Session,
    case_name: str | None,
    *,
    learn: bool | None = False,
    seed_text: str = "",
    explore: int = _HALF,
) -> Iterator[Review]:
    """The review of a case; it ends with the order kept and the ledger told."""
    from pastwatch.desk.reviewing import Review

    told = 0

    def progress(done: int, total: int) -> None:
        nonlocal told
        if show.is_terminal() and done * _READ_IN_STEPS >= (told + 1) * total:
            told = done * _READ_IN_STEPS // total
            show.say(f"reading the slice: {count(done)} of {count(total, 'record')}")

    with (
        session.case(case_name) as work,
        Review(
            work,
            learn=learn,
            seed_text=seed_text,
            explore=explore / 100,
            on_progress=progress,
        ) as review,
    ):
        yield review


@click.group(
    cls=Family,
    invoke_without_command=True,
    params=[*global_options(on_command=True)],
    epilog="Without a command it opens the reviewer's screen; '?' there shows its keys.",
)
@click.option("--seed", "seed_text", default="", metavar="TEXT",
              help="What is looked for, in plain words: read first what is like it.")  # fmt: skip
@click.option("--only", type=click.Choice(ONLY), help="Records of random draws of this kind alone.")
@click.option("--explore", type=click.IntRange(0, _HALF), default=_HALF, show_default=True,
              metavar="PERCENT", help="Turns for what is unlike all that was read, at first.")  # fmt: skip
@case_option()
@click.pass_context
def review(
    ctx: click.Context, *, seed_text: str, only: str | None, explore: int, case_name: str | None
) -> int:
    """Read what is likely relevant first, judge it, and see how much was found."""
    if ctx.invoked_subcommand is not None:
        return DONE
    try:
        from pastwatch.cli.reviewer import Reviewer
    except ModuleNotFoundError as missing:
        if (missing.name or "").split(".")[0] not in ("textual", "rich"):
            raise
        raise MissingExtra(
            "the reviewer's screen needs the package textual",
            hint="pip install 'pastwatch[review]', or use 'pastwatch review next' and 'judge'",
        ) from missing
    session: Session = ctx.obj
    with reviewing(session, case_name, learn=True, seed_text=seed_text, explore=explore) as work:
        app = Reviewer(work, only=Mode(only) if only else None)
        app.run()
        if app.over is not None:
            show.say("pastwatch: everything judged so far is kept")
            raise app.over
        progress = work.progress()
    show.out(f"{count(progress.judged)} of {count(progress.records, 'record')} judged, "
             f"{count(progress.relevant)} relevant")  # fmt: skip
    show.out(progress.bound)
    return DONE


@review.command(
    "next",
    cls=Command,
    examples=("review next", "review next --around 3 --json"),
    statuses=(0, 1, 2, 10, 20, 60),
)
@click.option("--around", type=click.IntRange(min=0), default=0, metavar="N",
              help="Records of the same conversation either side, shown and not judged.")  # fmt: skip
@click.option("--only", type=click.Choice(ONLY), help="Records of random draws of this kind alone.")
@click.option(
    "--seed", "seed_text", default="", metavar="TEXT", help="What is looked for, in words."
)
@click.option("--learn/--no-learn", default=None,
              help="Learn anew first, or not.  [default: once a tenth more was judged]")  # fmt: skip
@case_option()
@click.pass_obj
def next_(
    session: Session,
    *,
    around: int,
    only: str | None,
    seed_text: str,
    learn: bool | None,
    case_name: str | None,
) -> int:
    """Show the next record to judge, and how it came to its turn."""
    chosen = True if seed_text else learn
    with reviewing(session, case_name, learn=chosen, seed_text=seed_text) as work:
        work.wait()
        served = work.next(only=Mode(only) if only else None)
        if served is None:
            show.out("nothing is left to read here") if not session.json else None
            return NOTHING_FOUND
        _print(session, work, served, around=around)
    return DONE


@review.command(
    "show",
    cls=Command,
    examples=("review show 3fa94c01", "review show h3 --around 5"),
    statuses=(0, 2, 10, 20, 60),
)
@click.argument("record", metavar=_RECORD)
@click.option("--around", type=click.IntRange(min=0), default=0, metavar="N",
              help="Records of the same conversation either side, shown and not judged.")  # fmt: skip
@case_option()
@click.pass_obj
def show_(session: Session, *, record: str, around: int, case_name: str | None) -> int:
    """Show a record of the slice by the first digits of its id, or by a hit."""
    with reviewing(session, case_name) as work:
        _print(session, work, work.show(work.record_named(record)), around=around)
    return DONE


@review.command(
    cls=Command,
    examples=(
        "review judge 3fa94c01 relevant --tag valve",
        'review judge h3 defer --note "needs a translator"',
    ),
    statuses=(0, 2, 20, 60),
)
@click.argument("record", metavar=_RECORD)
@click.argument("code", type=click.Choice([code.value for code in Code]), metavar="CODE")
@click.option("--note", "words", default="", metavar="TEXT", help="Why; a deferral needs it.")
@click.option("--code", "codes", multiple=True, metavar="NAME", help="A code of the case's own.")
@click.option("--tag", "tags", multiple=True, metavar="WORDS", help="Put a tag on it.")
@case_option()
@click.pass_obj
def judge(
    session: Session,
    *,
    record: str,
    code: str,
    words: str,
    codes: tuple[str, ...],
    tags: tuple[str, ...],
    case_name: str | None,
) -> int:
    """Judge one record, and no other: relevant, not-relevant, unsure, defer or protected."""
    with reviewing(session, case_name) as work:
        record_id = work.record_named(record)
        number = work.judge(record_id, code, note=words, codes=codes, tags=tags)
        progress = work.progress(bound=False)
    if session.json:
        show.json_line(None, number=number, record_id=record_id.hex(), code=code)
    else:
        show.out(f"{record_id.hex()[:12]} is {code}; {count(progress.judged)} of "
                 f"{count(progress.records, 'record')} judged")  # fmt: skip
    return DONE


@review.command(
    cls=Command, examples=("review undo", "review undo --json"), statuses=(0, 2, 20, 60)
)
@case_option()
@click.pass_obj
def undo(session: Session, *, case_name: str | None) -> int:
    """Take your last judgement back, with the family it was given to."""
    with reviewing(session, case_name) as work:
        taken = work.undo()
    for one in taken:
        judgement = one.judgement
        if session.json:
            show.json_line(None, number=one.number, record_id=judgement.record_id.hex(),
                           code=judgement.code)  # fmt: skip
        else:
            show.out(f"taken back: {judgement.record_id.hex()[:12]} was {judgement.code}")
    return DONE


@review.command(
    cls=Command, examples=("review note 3fa94c01 'who is that?'", "review note h3 'see h7'"),
    statuses=(0, 2, 20, 60),
)  # fmt: skip
@click.argument("record", metavar=_RECORD)
@click.argument("text")
@case_option()
@click.pass_obj
def note(session: Session, *, record: str, text: str, case_name: str | None) -> int:
    """Write a note beside a record."""
    with reviewing(session, case_name) as work:
        note_id = work.note(work.record_named(record), text)
    if session.json:
        show.json_line(None, note_id=note_id, text=text)
    else:
        show.out(f"noted: {note_id}")
    return DONE


@review.command(
    cls=Command, examples=("review tag 3fa94c01 valve", "review tag h3 valve --off"),
    statuses=(0, 2, 20, 60),
)  # fmt: skip
@click.argument("record", metavar=_RECORD)
@click.argument("tag")
@click.option("--off", is_flag=True, help="Take it off.")
@case_option()
@click.pass_obj
def tag(session: Session, *, record: str, tag: str, off: bool, case_name: str | None) -> int:
    """Put a tag on a record, or take it off."""
    with reviewing(session, case_name) as work:
        record_id = work.record_named(record)
        work.tag(record_id, tag, taken_off=off)
    if session.json:
        show.json_line(None, record_id=record_id.hex(), tag=tag, taken_off=off)
    else:
        show.out(f"{record_id.hex()[:12]}: {neutral(tag)} {'taken off' if off else 'put on'}")
    return DONE


def _print(session: Session, work: Review, served: Served, *, around: int) -> None:
    from pastwatch.cli.reviewerview import turn_of

    near = work.around(served.record_id, before=around, after=around) if around else None
    offset_s, colour = work.case.event.zone_offset_s, session.colour
    if session.json:
        show.json_line(
            None,
            record=served.record,
            source=served.source,
            mode=served.mode,
            draw=served.draw,
            rank=served.rank,
            own=served.own.judgement if served.own else None,
            tags=served.tags,
            notes=served.notes,
            before=near.before if near else (),
            after=near.after if near else (),
        )
        return
    if near:
        print_neighbours(near.before, offset_s=offset_s, colour=colour)
        show.out()
    name = served.record_id.hex()[:8]
    print_record(name, served.record, (), source=served.source, offset_s=offset_s, colour=colour)
    if near:
        show.out()
        print_neighbours(near.after, offset_s=offset_s, colour=colour)
    show.say(f"{turn_of(served)}; judge it with: pastwatch review judge {name} CODE")
