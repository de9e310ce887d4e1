"""Cases: open one under a signed authority, list, show and close them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from pastwatch.cli import show
from pastwatch.cli.exit import DONE, NOTHING_FOUND
from pastwatch.cli.session import Session
from pastwatch.cli.show import count, moment, share, size
from pastwatch.cli.tree import Command, Family

if TYPE_CHECKING:
    from pastwatch.desk.case import CaseWork


@click.group(cls=Family)
def case() -> None:
    """Open the slice an authority allows, and close it again."""


@case.command(
    "open",
    cls=Command,
    examples=(
        "case open idlib --authority grant.toml",
        "case open idlib --authority grant.signed.json --json",
    ),
    statuses=(0, 1, 2, 10, 20, 40, 60),
)
@click.argument("event_id", metavar="EVENT")
@click.option("--authority", required=True, type=click.Path(path_type=Path), metavar="FILE",
              help="The signed authority.")  # fmt: skip
@click.pass_obj
def open_(session: Session, *, event_id: str, authority: Path) -> int:
    """Grant an authority and open its case: the bound, then the granting key, then the estimate."""
    with session.archive() as archive:
        work, bound, estimate = archive.open_case(
            event_id, authority, on_bound=None if session.json else _print_bound
        )
        name, signed = work.case_id, work.authority
        work.close()
    if session.json:
        show.json_line(None, case_id=name, bound=bound, estimate=estimate)
        return DONE if estimate.records else NOTHING_FOUND
    _print_estimate(estimate)
    show.facts([("case", f"{name}, open until {moment(signed.valid.end_us)}")])
    if signed.self_authorised:
        show.facts([("note", "self-authorised: the person who asked is the person who granted")])
    if signed.person_centred:
        show.facts([("note", "person-centred: a span over 30 days")])
    return DONE if estimate.records else NOTHING_FOUND


@case.command("list", cls=Command, examples=("case list", "case list --json"), statuses=(0, 1, 20))
@click.pass_obj
def list_(session: Session) -> int:
    """List the cases in the order they were opened."""
    with session.archive() as archive:
        cases = archive.cases()
    if session.json:
        for each in cases:
            show.json_line(each)
    elif cases:
        show.table(
            [
                (
                    *(c.case_id, c.event_id, moment(c.opened_us)),
                    "open" if c.closed_us is None else f"closed {moment(c.closed_us)}",
                )
                for c in cases
            ],
            head=("case", "event", "opened", ""),
        )
    else:
        show.out("no cases yet: pastwatch case open EVENT --authority FILE")
    return DONE if cases else NOTHING_FOUND


@case.command(
    "show", cls=Command, examples=("case show", "case show idlib --json"), statuses=(0, 2, 20, 60)
)
@click.argument("name", required=False)
@click.pass_obj
def show_(session: Session, *, name: str | None) -> int:
    """Show what a case may open, what it has opened so far, and under which authority."""
    with session.case(name) as work:
        opened = work.papers.count_opened()
        figures, authority, event = work.facts(), work.authority, work.event
        if session.json:
            show.json_line(
                None,
                case=work.case,
                event=event,
                authority=authority,
                **figures,
                opened={"packs": opened.packs, "blocks": opened.blocks, "records": opened.records},
            )
        else:
            _print_case(work)
    return DONE


@case.command(
    cls=Command, examples=("case close", "case close idlib-3fa2c1"), statuses=(0, 2, 20, 60)
)  # fmt: skip
@click.argument("name", required=False)
@click.pass_obj
def close(session: Session, *, name: str | None) -> int:
    """Close a case: its gate is shut for good, its papers stay."""
    with session.archive() as archive:
        closed = archive.close_case(name)
    if session.json:
        show.json_line(None, case_id=closed, closed=True)
    else:
        show.out(f"{closed} is closed")
    return DONE


def _print_case(work: CaseWork) -> None:
    authority, event, facts = work.authority, work.event, work.facts()
    zone, span = event.zone_offset_s, authority.scope.span
    names = [work.source_names.get(i, i) for i in authority.scope.source_ids]
    at, start, end = (
        moment(t, offset_s=zone) for t in (event.when.start_us, span.start_us, span.end_us)
    )
    show.facts(
        [
            ("case", work.case_id),
            ("event", f'{event.event_id} "{show.neutral(event.title)}" {at}'),
            ("reference", "; ".join(map(show.neutral, event.references)) or "unsupported event"),
            ("purpose", show.neutral(authority.purpose)),
            ("ground", show.neutral(authority.ground)),
            ("may", ", ".join(authority.acts)),
            ("from", start),
            ("until", end),
            ("undated", "opened too" if authority.scope.undated else "stay sealed"),
            ("sources", ", ".join(names) or "all"),
            ("valid to", moment(authority.valid.end_us, offset_s=zone)),
            ("note", "self-authorised" if authority.self_authorised else ""),
        ]
    )
    bound, estimate = facts["bound"], facts["estimate"]
    _print_bound(_Figures(bound))
    _print_estimate(_Figures(estimate))
    opened = work.papers.count_opened()
    done = f"{count(opened.blocks, 'block')} · {count(opened.records, 'record')} in scope"
    show.facts([("opened", f"{done} · {count(opened.exposed)} exposed beside them")])


class _Figures:
    """Figures kept as a mapping, read by name."""

    def __init__(self, plain: Any) -> None:
        self._plain = plain

    def __getattr__(self, name: str) -> Any:
        return self._plain[name]


def _print_bound(bound: Any) -> None:
    part = share(bound.records_at_most, bound.held_records)
    records = f"{count(bound.records_at_most)} of {count(bound.held_records, 'record')} ({part})"
    packs = f"{count(bound.packs, 'pack')} · {size(bound.bytes)}"
    show.facts([("at most", f"{packs} · {records}")])


def _print_estimate(estimate: Any) -> None:
    beside = [
        (estimate.protected, "withheld as protected"),
        (estimate.exposed, "exposed by granularity"),
        (estimate.undated, "undated"),
        (estimate.doubtful, "of doubtful date"),
        (estimate.unknown_place, "of unknown place"),
    ]
    reached = f"{count(estimate.blocks, 'block')} · {count(estimate.records, 'record')}"
    part = share(estimate.records, estimate.held_records)
    accounts = count(estimate.accounts, "account")
    show.facts(
        [
            ("estimate", f"{reached} · {accounts} · {part} of the archive"),
            ("", " · ".join(f"{count(n)} {word}" for n, word in beside if n)),
        ]
    )
