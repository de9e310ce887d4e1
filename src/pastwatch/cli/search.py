"""Search a slice: ranked hits with counts, by meaning, by likeness, by other spellings."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from pastwatch.cli import show
from pastwatch.cli.exit import DONE, NOTHING_FOUND, WITH_GAPS
from pastwatch.cli.page import hit_line
from pastwatch.cli.progress import StepLine
from pastwatch.cli.session import Session
from pastwatch.cli.show import count, neutral
from pastwatch.cli.tree import Command, case_option
from pastwatch.errors import UsageError

if TYPE_CHECKING:
    from pastwatch.desk.case import CaseWork
    from pastwatch.desk.searching import RankedHit, Searched
    from pastwatch.desk.searching_near import NearFound
    from pastwatch.desk.searching_words import Offered

_LIMIT = click.IntRange(min=0)
_FACET_LINES = 12
_OFFERED_LINES = 40


@click.command(
    cls=Command,
    examples=(
        'search "officer NEAR/5 expert" --facet sender --facet day',
        "search q7 --offset 20",
        'search "blue van" --only sender=ann@a.example',
        'search --meaning "chemical experts"',
        "search --similar h12",
        "search --expand Mohammed --take محمد,muhammad",
    ),
    statuses=(0, 1, 2, 3, 10, 20, 60, 130),
)
@click.argument("query", required=False)
@case_option()
@click.option("--limit", type=_LIMIT, default=20, show_default=True, help="Show so many.")
@click.option("--offset", type=_LIMIT, default=0, help="Skip so many, best first.")
@click.option("--facet", "facets", multiple=True, metavar="KIND", help="Count the hits by KIND.")
@click.option("--only", multiple=True, metavar="KIND=VALUE", help="Narrow to what was counted.")
@click.option("--meaning", metavar="TEXT", help="Records near in meaning, in any language.")
@click.option("--similar", metavar="HIT|RECORD", help="Records like this one.")
@click.option("--expand", metavar="TERM", help="What TERM may also be written as in this slice.")
@click.option("--take", metavar="WORDS", help="Of those, take these, commas between; logged.")
@click.pass_obj
def search(
    session: Session,
    *,
    query: str | None,
    case_name: str | None,
    limit: int,
    offset: int,
    facets: tuple[str, ...],
    only: tuple[str, ...],
    meaning: str | None,
    similar: str | None,
    expand: str | None,
    take: str | None,
) -> int:
    """Search the slice, best hits first: the hits of `look`, ranked; or by meaning, or like a hit."""
    if sum(asked is not None for asked in (query, meaning, similar, expand)) != 1:
        raise UsageError(
            "ask one thing: a QUERY, --meaning, --similar or --expand",
            hint="see 'pastwatch search --help'",
        )
    if take is not None and expand is None:
        raise UsageError("--take goes with --expand")
    if query is None and (facets or only or offset):
        raise UsageError("--facet, --only and --offset go with a QUERY")
    with session.case(case_name) as work:
        if expand is not None:
            return _expand(session, work, expand, take)
        if meaning is not None or similar is not None:
            return _near(session, work, meaning=meaning, similar=similar, limit=limit)
        return _search(
            session, work, query or "", facets=facets, only=_pairs(only), offset=offset, limit=limit
        )


def _search(
    session: Session,
    work: CaseWork,
    query: str,
    *,
    facets: Sequence[str],
    only: dict[str, str],
    offset: int,
    limit: int,
) -> int:
    from pastwatch.desk.searching import paged
    from pastwatch.desk.searching import search as ask

    earlier = query[:1] == "q" and query[1:].isdecimal()
    run = paged if earlier else ask
    found = run(work, query, facets=facets, only=only)
    page = found.page(offset=offset, limit=limit)
    _print_page(session, work, page, found.text)
    _print_facets(session, found)
    _print_end(session, found, offset=offset, shown=len(page))
    gaps = found.figures is not None and (
        found.figures.unreadable_records or found.figures.timed_out
    )
    return WITH_GAPS if gaps else DONE if len(found) else NOTHING_FOUND


def _print_page(session: Session, work: CaseWork, page: Sequence[RankedHit], query: str) -> None:
    from pastwatch.desk.searching_words import AS_ASKED, Why

    if not page:
        return
    why = Why(work, query)
    records = work.peek([ranked.hit for ranked in page])
    for ranked, record in zip(page, records, strict=True):
        source = work.source_names.get(record.envelope.source_id, "")
        rules = why.of(record, ranked.hit.spans)
        if session.json:
            show.json_line(
                None,
                place=ranked.place,
                score=round(ranked.score, 4),
                hit_id=ranked.hit.hit_id,
                source=source,
                citation=ranked.hit.citation,
                spans=ranked.hit.spans,
                rules=rules,
                record=record,
            )
            continue
        line = hit_line(
            ranked.hit.hit_id,
            record,
            ranked.hit.spans,
            ranked.hit.citation,
            source=source,
            offset_s=work.event.zone_offset_s,
            colour=session.colour,
        )
        show.out(f"{ranked.place:>4,} {ranked.score:6.2f}  {line}")
        told = [rule for rule in rules if not rule.endswith(f": {AS_ASKED}")]
        if told:
            show.out(f"{'':13}{neutral(' · '.join(told))}")


def _print_facets(session: Session, found: Searched) -> None:
    for kind in found.facets.counts if found.facets is not None else ():
        values = found.facets.listed(kind) if found.facets is not None else []
        if session.json:
            counted = [{"value": value, "records": records} for value, records in values]
            show.json_line(None, facet=kind, values=counted)
            continue
        show.out()
        show.out(f"by {kind}:")
        shown = values[:_FACET_LINES]
        show.table([(f"  {neutral(v)}", count(n)) for v, n in shown], right=(1,))
        if len(values) > len(shown):
            show.out(f"  … showing {len(shown)} of {count(len(values), 'value')}; --json shows all")


def _print_end(session: Session, found: Searched, *, offset: int, shown: int) -> None:
    if session.json:
        show.json_line(
            None,
            query_id=found.query_id,
            shown=shown,
            ranked=len(found),
            hits=found.hits,
            set_aside=found.set_aside,
            only=dict(found.only),
        )
        return
    if found.facets is not None:
        show.out()
    if not found.hits:
        show.out(f"nothing found ({found.query_id}); 'pastwatch coverage' says over what")
        return
    first = f"{offset + 1:,} to {offset + shown:,}" if shown else "none"
    narrowed = f", narrowed from {count(found.hits, 'hit')}" if len(found) < found.hits else ""
    line = f"showing {first} of {count(len(found), 'hit')}{narrowed}, best first ({found.query_id})"
    again = "".join(f" --only {kind}={value}" for kind, value in found.only.items())
    more = f"; more: pastwatch search {found.query_id}{neutral(again)} --offset {offset + shown}"
    show.out(line + (more if offset + shown < len(found) else ""))
    if found.set_aside:
        show.say(
            f"pastwatch: {count(found.set_aside, 'hit')} not ranked: judged protected, or in a "
            "block that does not open"
        )


def _near(
    session: Session, work: CaseWork, *, meaning: str | None, similar: str | None, limit: int
) -> int:
    from pastwatch.desk.searching_near import near_meaning
    from pastwatch.desk.searching_near import similar as like

    if meaning is not None:
        found = near_meaning(work, meaning, limit=limit)
    else:
        found = like(work, similar or "", limit=limit)
    for near in found.hits:
        source = work.source_names.get(near.record.envelope.source_id, "")
        if session.json:
            show.json_line(
                None,
                place=near.place,
                likeness=round(near.likeness, 4),
                model=near.model,
                how=found.how,
                hit_id=near.hit.hit_id,
                source=source,
                citation=near.hit.citation,
                record=near.record,
            )
            continue
        line = hit_line(
            near.hit.hit_id,
            near.record,
            (),
            near.hit.citation,
            source=source,
            offset_s=work.event.zone_offset_s,
            colour=session.colour,
        )
        show.out(f"{near.place:>4,} {near.likeness:6.3f} {near.model}  {line}")
    _print_how(session, found)
    return DONE if found.hits else NOTHING_FOUND


def _print_how(session: Session, found: NearFound) -> None:
    if session.json:
        show.json_line(
            None,
            query_id=found.query_id,
            models=list(found.models),
            how=found.how,
            shown=len(found.hits),
            compared=found.compared,
            records=found.records,
        )
        return
    show.out(
        f"{found.how}; the {len(found.hits):,} nearest of {found.compared:,} compared "
        f"({found.query_id})"
    )
    for model in found.models:
        show.out(f"model: {model}")
    if found.compared < found.records:
        show.out(
            f"{count(found.records - found.compared, 'record')} of the slice not compared: "
            "'pastwatch enrich' gives them vectors"
        )


def _expand(session: Session, work: CaseWork, term: str, take: str | None) -> int:
    from pastwatch.desk.searching_words import expansions, may_compare_by_meaning, word_model
    from pastwatch.desk.searching_words import take as taking

    line = StepLine()
    offered = expansions(
        work,
        term,
        embedder=word_model() if may_compare_by_meaning(work) else None,
        progress=lambda done, of: line(f"comparing words by meaning: {done:,} of {of:,}"),
    )
    line.end()
    if take is not None:
        query = taking(work, offered, [word for word in take.split(",") if word.strip()])
        if session.json:
            show.json_line(None, term=term, query=query)
        else:
            show.out(neutral(query))
            show.say("pastwatch: logged in the case; ask it with 'pastwatch search'")
        return DONE
    _print_offered(session, offered)
    return DONE if offered.suggestions else NOTHING_FOUND


def _print_offered(session: Session, offered: Offered) -> None:
    if session.json:
        for suggestion in offered.suggestions:
            show.json_line(suggestion)
        show.json_line(
            None,
            term=offered.term,
            suggested=len(offered.suggestions),
            words=offered.words,
            words_by_meaning=offered.words_by_meaning,
            model=offered.model,
        )
        return
    shown = offered.suggestions[:_OFFERED_LINES]
    rows = [
        (
            neutral(s.word),
            "" if s.count is None else count(s.count),
            ("" if s.likeness_ratio is None else f"{s.likeness_ratio:.2f} ") + "; ".join(s.rules),
        )
        for s in shown
    ]
    if rows:
        show.table(rows, head=("word", "times", "why"), right=(1,))
    by = f", {offered.words_by_meaning:,} of them by meaning" if offered.model else ""
    show.out(
        f"showing {len(shown)} of {count(len(offered.suggestions), 'suggestion')} for "
        f"{neutral(offered.term)}, from {count(offered.words, 'word')} of the slice{by}"
    )
    if offered.suggestions:
        show.out(f"take: pastwatch search --expand {neutral(offered.term)} --take WORD,WORD")
    if offered.model:
        show.out(f"model: {offered.model}")
    else:
        show.say(
            "pastwatch: not by meaning: that needs an authority to enrich, and "
            "pip install 'pastwatch[meaning]'"
        )


def _pairs(only: Sequence[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for pair in only:
        kind, equals, value = pair.partition("=")
        if not equals or kind in found:
            raise UsageError("--only takes KIND=VALUE, each kind once", hint="--only sender=ann")
        found[kind] = value
    return found
