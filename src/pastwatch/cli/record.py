"""One record at a time: show a hit with its neighbours, judge it, write a note on it."""

from __future__ import annotations

import click

from pastwatch.cli import show
from pastwatch.cli.exit import DONE
from pastwatch.cli.page import print_neighbours, print_record
from pastwatch.cli.session import Session
from pastwatch.cli.transcripts import print_transcript
from pastwatch.cli.tree import Command, case_option
from pastwatch.model.note import Code


@click.command(
    "show", cls=Command, examples=("show h3", "show h3 --around 5"), statuses=(0, 2, 10, 20, 60)
)
@click.argument("hit_id", metavar="HIT")
@click.option("--around", type=click.IntRange(min=0), metavar="N",
              help="Records of the same conversation either side.  [default: 3]")  # fmt: skip
@case_option()
@click.pass_obj
def show_(session: Session, *, hit_id: str, around: int | None, case_name: str | None) -> int:
    """Show a hit's record in full, with its neighbours in the same conversation."""
    from pastwatch.desk.transcripts import quoted_of

    with session.case(case_name) as work:
        chosen = session.settings.context if around is None else around
        shown = work.show(hit_id, around=chosen)
        heard = quoted_of(work, shown.record)
        offset_s = work.event.zone_offset_s
    if session.json:
        show.json_line(
            None,
            hit_id=shown.hit_id,
            source=shown.source,
            spans=shown.spans,
            record=shown.record,
            before=shown.before,
            after=shown.after,
            **({"heard": heard} if heard else {}),
        )
        return DONE
    colour = session.colour
    print_neighbours(shown.before, offset_s=offset_s, colour=colour)
    if shown.before:
        show.out()
    print_record(
        shown.hit_id,
        shown.record,
        shown.spans,
        source=shown.source,
        offset_s=offset_s,
        colour=colour,
    )
    if heard:
        show.out()
        print_transcript(heard)
    if shown.after:
        show.out()
    print_neighbours(shown.after, offset_s=offset_s, colour=colour)
    return DONE


@click.command(
    cls=Command,
    examples=("mark h3 relevant", 'mark h4 defer --note "needs a translator"'),
    statuses=(0, 2, 20, 60),
)
@click.argument("hit_id", metavar="HIT")
@click.argument("code", metavar="CODE")
@click.option("--note", "words", default="", metavar="TEXT", help="Why.")
@case_option()
@click.pass_obj
def mark(session: Session, *, hit_id: str, code: str, words: str, case_name: str | None) -> int:
    """Judge a hit's record: relevant, not-relevant, unsure, defer or protected."""
    with session.case(case_name) as work:
        work.mark(hit_id, code, note=words)
        reviewed = work.papers.count_reviewed()
    if session.json:
        show.json_line(None, hit_id=hit_id, code=Code(code), reviewed=reviewed)
    else:
        show.out(f"{hit_id} is {code}; {show.count(reviewed, 'record')} judged in this case")
    return DONE


@click.command(
    cls=Command,
    examples=('note h3 "who is the third man?"', 'note h7 "same van as in h3"'),
    statuses=(0, 2, 20, 60),
)
@click.argument("hit_id", metavar="HIT")
@click.argument("text")
@case_option()
@click.pass_obj
def note(session: Session, *, hit_id: str, text: str, case_name: str | None) -> int:
    """Write a note on a hit; notes are printed in the brief."""
    with session.case(case_name) as work:
        work.note(hit_id, text)
    if session.json:
        show.json_line(None, hit_id=hit_id, text=text)
    else:
        show.out(f"noted on {hit_id}")
    return DONE
