"""Look back: run a query over a case's slice, its plan first, its hits as they come; page hits."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import TYPE_CHECKING, Any, cast

import click

from pastwatch.cli import show
from pastwatch.cli.exit import DONE, NOTHING_FOUND, WITH_GAPS
from pastwatch.cli.page import hit_line
from pastwatch.cli.progress import StepLine
from pastwatch.cli.session import Session
from pastwatch.cli.show import count, size
from pastwatch.cli.tree import Command, case_option
from pastwatch.errors import UsageError

if TYPE_CHECKING:
    from pastwatch.desk.case import CaseWork
    from pastwatch.desk.looking import CaseHit, Look

_LIMIT = click.IntRange(min=0)
_WAIT_S = 0.1
_FIRST_PAGES = (1, 4)  # the first hit at once; then more at a time: showing is logged each time


@click.command(
    cls=Command,
    examples=('look "officer NEAR/5 expert"', "look 'from:anna \"blue van\"' --limit 50"),
    statuses=(0, 1, 2, 3, 10, 20, 60, 130),
)
@click.argument("query", required=False)
@case_option()
@click.option(
    "--limit", type=_LIMIT, default=20, show_default=True, help="Hits to show; all count."
)
@click.option("--plan", "plan_only", is_flag=True, help="Bound, estimate, actual; opens no text.")
@click.option("--index", "index_first", is_flag=True, help="First index the slice by its words.")
@click.pass_obj
def look(
    session: Session,
    *,
    query: str | None,
    case_name: str | None,
    limit: int,
    plan_only: bool,
    index_first: bool,
) -> int:
    """Search the slice: words, "phrases", AND OR NOT, NEAR/5, wild*, /regex/, from: to: source:."""
    if query is None and not index_first:
        raise UsageError("missing argument 'QUERY'", hint="see 'pastwatch look --help'")
    with session.case(case_name) as work:
        if index_first:
            _index(session, work)
        if query is None:
            return DONE
        asked = work.look(query)
        if plan_only:
            _print_plan(session, asked, talk=False)
            _print_figures(session, work, asked)
            return DONE
        if not session.json:
            _print_plan(session, asked, talk=True)
        shown = _run(session, work, asked, limit)
        _print_end(session, asked, shown)
        _wait_for_index(work)
    figures = asked.figures
    if figures.unreadable_records or figures.timed_out:
        return WITH_GAPS
    return DONE if asked.matched else NOTHING_FOUND


@click.command(
    cls=Command,
    examples=("hits", "hits q2 --offset 20 --limit 100"),
    statuses=(0, 1, 2, 10, 20, 60),
)
@click.argument("query_id", required=False)
@case_option()
@click.option("--offset", type=click.IntRange(min=0), default=0, help="Skip so many.")
@click.option("--limit", type=_LIMIT, default=20, show_default=True, help="Show so many.")
@click.pass_obj
def hits(
    session: Session, *, query_id: str | None, case_name: str | None, offset: int, limit: int
) -> int:
    """Page through the hits already found, of one search or of the whole case."""
    with session.case(case_name) as work:
        searches = work.papers.searches()
        if query_id is not None:
            searches = [work.papers.search(query_id)]
        total = sum(work.papers.count_hits(s.query_id) for s in searches)
        found = work.hits(query_id, offset=offset, limit=limit)
        _print_hits(session, work, found)
    if not session.json:
        of = f" of {searches[0].query_id}: {show.neutral(searches[0].text)}" if query_id else ""
        first = f"{count(offset + 1)} to {count(offset + len(found))}" if found else "none"
        show.out(f"showing {first} of {count(total, 'hit')}{of}")
    return DONE if found else NOTHING_FOUND


def _run(session: Session, work: CaseWork, asked: Look, limit: int) -> int:
    """Show the first hits as they come, and run to the end so that all are counted."""
    coming: Iterator[CaseHit] = iter(asked)
    shown = 0
    for page in (*_FIRST_PAGES, limit):
        some = list(islice(coming, min(page, limit - shown)))
        _print_hits(session, work, some)
        shown += len(some)
    for _ in coming:
        pass
    return shown


def _print_hits(session: Session, work: CaseWork, found: list[CaseHit]) -> None:
    if not found:
        return
    for hit, record in zip(found, work.peek(found), strict=True):
        source = work.source_names.get(record.envelope.source_id, "")
        if session.json:
            show.json_line(
                None,
                hit_id=hit.hit_id,
                source=source,
                citation=hit.citation,
                spans=hit.spans,
                record=record,
            )
            continue
        line = hit_line(
            hit.hit_id,
            record,
            hit.spans,
            hit.citation,
            source=source,
            offset_s=work.event.zone_offset_s,
            colour=session.colour,
        )
        show.out(line)


def _index(session: Session, work: CaseWork) -> None:
    """Index what is not indexed yet, and say what that made."""
    begun = work.indexing.begin()
    _wait_for_index(work)
    made = work.indexing.progress
    if session.json:
        show.json_line(
            None, indexed_blocks=made.blocks, records=made.records, kept_bytes=made.kept_bytes
        )
    elif begun:
        show.out(
            f"indexed {count(made.records, 'record')} in {count(made.blocks, 'block')}; "
            f"the index takes {size(made.kept_bytes)} in the case's papers"
        )
    else:
        show.out("the slice is indexed already")
    if made.unreadable_blocks:
        show.say(
            f"pastwatch: gap: {count(made.unreadable_blocks, 'block')} could not be read to index"
        )


def _wait_for_index(work: CaseWork) -> None:
    """Stay until the slice is indexed; interrupted, what is made so far is kept."""
    indexing = work.indexing
    line = StepLine()
    try:
        while not indexing.wait(_WAIT_S):
            line(
                f"indexing the slice: {indexing.progress.blocks:,} of {indexing.total_blocks:,} blocks"
            )
    except KeyboardInterrupt:
        indexing.cancel()
        line.end()
        show.say("pastwatch: indexing was stopped; it goes on after a later look")
        return
    line.end()


def _print_plan(session: Session, asked: Look, *, talk: bool) -> None:
    plan = asked.plan
    if session.json:
        return
    how = "" if plan.indexed else "; this query cannot use the word index"
    if plan.indexed and len(plan.blocks) < plan.slice_blocks:
        how = "; the word index rules out the rest"
    if plan.pruned:
        how += f"; its times and sources rule out {plan.pruned:,}"
    line = (
        f"plan: open {len(plan.blocks):,} of {count(plan.slice_blocks, 'block')}, "
        f"{size(plan.sealed_bytes)}, {plan.records_at_most:,} of "
        f"{count(plan.slice_records, 'record')} in scope{how}"
    )
    (show.say if talk else show.out)(line)


def _print_figures(session: Session, work: CaseWork, asked: Look) -> None:
    """Bound, estimate, actual: what could be, what is likely, and what it was the last time."""
    plan, pace, last = asked.plan, asked.pace(), asked.last_figures()
    decoded_bytes, likely_s = pace.decoded(plan.sealed_bytes), pace.seconds(plan.sealed_bytes)
    bound = cast("dict[str, int]", work.facts()["bound"])
    if session.json:
        show.json_line(
            None,
            query=asked.text,
            blocks=len(plan.blocks),
            slice_blocks=plan.slice_blocks,
            pruned=plan.pruned,
            records_at_most=plan.records_at_most,
            slice_records=plan.slice_records,
            sealed_bytes=plan.sealed_bytes,
            indexed=plan.indexed,
            bound=bound,
            estimate={"decoded_bytes": decoded_bytes, "seconds": round(likely_s, 4)},
            actual=last,
        )
        return
    show.facts(
        (
            (
                "bound",
                _figures(
                    count(bound["packs"], "pack"),
                    size(bound["bytes"]),
                    f"at most {count(bound['records_at_most'], 'record')}",
                ),
            ),
            (
                "estimate",
                _figures(
                    count(len(plan.blocks), "block"),
                    f"{size(decoded_bytes)} to decode",
                    _seconds(likely_s),
                ),
            ),
            ("actual", _actual(last) if last else "not asked yet"),
        )
    )


def _actual(last: dict[str, Any]) -> str:
    return _figures(
        count(last["blocks"], "block"),
        f"{size(last.get('decoded_bytes', 0))} decoded",
        f"{_seconds(last.get('seconds', 0.0))}, when it was last asked",
    )


def _figures(*figures: str) -> str:
    return " · ".join(figures)


def _seconds(took_s: float) -> str:
    return f"{took_s:.2f} s" if took_s < 10 else f"{took_s:.0f} s"  # noqa: PLR2004 - two digits


def _print_end(session: Session, asked: Look, shown: int) -> None:
    figures, matched = asked.figures, asked.matched
    if session.json:
        show.json_line(None, query_id=asked.query_id, shown=shown, figures=_plain(asked))
        return
    if asked.withheld:
        show.say(
            f"pastwatch: {count(asked.withheld, 'match', 'matches')} withheld: in records judged protected"
        )
    if not matched:
        show.out(f"nothing found ({asked.query_id}); 'pastwatch coverage' says over what")
    else:
        line = f"showing {shown:,} of {count(matched, 'hit')} ({asked.query_id})"
        more = f"; more: pastwatch hits {asked.query_id} --offset {shown}"
        show.out(line + (more if shown < matched else ""))
    if figures.unreadable_records:
        show.say(
            f"pastwatch: gap: {count(figures.unreadable_blocks, 'block')} with "
            f"{count(figures.unreadable_records, 'record')} in scope could not be read"
        )
        for why in sorted(set(figures.damaged.values())):
            show.say(f"pastwatch: gap: {why}")
    if figures.timed_out:
        show.say(f"pastwatch: gap: {count(figures.timed_out, 'record')} took too long to match")


def _plain(asked: Look) -> dict[str, object]:
    figures = asked.figures
    return {
        "matched": asked.matched,
        "withheld": asked.withheld,
        "blocks": figures.blocks,
        "records": figures.records,
        "unreadable_blocks": figures.unreadable_blocks,
        "unreadable_records": figures.unreadable_records,
        "timed_out": figures.timed_out,
        "done": figures.done,
    }
