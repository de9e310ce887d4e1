"""Who could have seen a record, and its three states: held, could have been found, known to a person."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from pastwatch.cli import show
from pastwatch.cli.actorsview import named
from pastwatch.cli.exit import DONE, NOTHING_FOUND
from pastwatch.cli.session import Session
from pastwatch.cli.show import count, cut, neutral
from pastwatch.cli.tree import Command, case_option
from pastwatch.model.when import iso, parse_iso

if TYPE_CHECKING:
    from pastwatch.desk.holding import OpenCase
    from pastwatch.desk.identifying import KnownActor
    from pastwatch.desk.reaching_states import FactStates
    from pastwatch.model.reach import Reach, States

_SHOWN = 40
_NAME = 30
_BASIS, _ACTOR = 70, 32


@click.command(
    cls=Command,
    examples=(
        "reach h3",
        "reach h3 --limit 200",
        "reach f1 --as-of 2017-04-03T22:00+03:00",
        "reach 5f0c6a1e9b7d4c3f8a2e1d0c9b8a7f6e --json",
    ),
    statuses=(0, 1, 2, 10, 20),
)
@click.argument("what", metavar="HIT|RECORD|FINDING|CLAIM")
@click.option("--as-of", "as_of", metavar="TIME", help="The three states as they stood then.")
@click.option("--limit", default=_SHOWN, show_default=True, metavar="N", help="Accounts shown.")
@case_option()
@click.pass_obj
def reach(
    session: Session, *, what: str, as_of: str | None, limit: int, case_name: str | None
) -> int:
    """Show who could have seen a record, and whether it was held, findable, known; shows no words."""
    from pastwatch.desk.identifying import actors
    from pastwatch.desk.reaching import cited_by, record_named
    from pastwatch.desk.reaching import reach as reach_of
    from pastwatch.desk.reaching_states import fact_states, states

    as_of_us = parse_iso(as_of)[0] if as_of else None
    with session.case(case_name) as work:
        cited = cited_by(work, what)
        if cited:
            facts = fact_states(work, what, cited, as_of_us=as_of_us)
            if session.json:
                _json_facts(facts)
            else:
                _print_facts(facts, work)
            return DONE
        record_id = record_named(work, what)
        # First: reading who could have seen it is no reading of it.
        stood = states(work, record_id, as_of_us=as_of_us)
        found = reach_of(work, what)
        known = actors(work)
        if session.json:
            _json(found, stood, known, event_us=work.event.when.start_us)
        else:
            print_reach(found, known, limit=limit, offset_s=work.event.zone_offset_s)
            show.out()
            print_states(
                stood, event_us=work.event.when.start_us, offset_s=work.event.zone_offset_s
            )
    return DONE if found.accounts else NOTHING_FOUND


def print_reach(
    found: Reach, actors: list[KnownActor], *, limit: int = _SHOWN, offset_s: int = 0
) -> None:
    """A line an account and way: certain, possible, unknown, with since when and the basis."""
    from pastwatch.desk.reaching import counts_line

    when = "no usable time"
    if found.earliest_us is not None and found.latest_us is not None:
        when = _both(found.earliest_us, offset_s)
        last = _both(found.latest_us, offset_s)
        if last != when:
            when = f"between {when} and {last}"
        elif found.latest_us != found.earliest_us:
            when = f"{when}, to the minute"
    show.facts(
        [
            ("record", found.record_id.hex()),
            ("claimed", when),
            ("in", neutral(found.conversation)),
            ("reached", counts_line(found)),
        ]
    )
    homes = _homes(actors)
    shown = found.rows[:limit]
    rows = [
        (
            one.certainty.value,
            one.way.value,
            show.cut(named(one.account), 60) if one.account else "(nobody named)",
            show.cut(neutral(one.name), _NAME),
            cut(", ".join(map(neutral, homes.get(one.account, ()))), _ACTOR),
            show.moment(one.since_us, offset_s=offset_s) if one.since_us is not None else "",
            show.cut(neutral(one.basis), _BASIS),
            one.record_id.hex()[:8] if one.record_id and one.record_id != found.record_id else "",
        )
        for one in shown
    ]
    show.out()
    show.table(
        rows, head=("certainty", "way", "who", "shown as", "actor", "since", "basis", "by record")
    )
    if len(shown) < len(found.rows):
        show.out(f"showing {len(shown):,} of {count(len(found.rows), 'line')}; --limit shows more")
    for note in found.notes:
        show.out(f"note: {note}")
    show.out("could have seen is not has read: only a receipt, an answer or a later use shows that")


def print_states(stood: States, *, event_us: int, offset_s: int = 0) -> None:
    """The three states apart, each yes or no with its basis, and each against the event."""
    from pastwatch.desk.reaching_states import first_findable, first_known

    held = [("no", "not held by then")]
    if stood.held:
        since = f"yes, since {_both(stood.held.since_us, offset_s)}"
        held = [(since, f"source {neutral(stood.held.source)}; {stood.held.basis}")]
    findable = [
        (
            f"by {neutral(one.by)}, since {_both(one.since_us, offset_s)}"
            + (f" until {_both(one.until_us, offset_s)}" if one.until_us else ""),
            f"with {one.query_id} “{show.cut(neutral(one.query), _NAME)}” under {one.authority_id}: {one.basis}",
        )
        for one in first_findable(stood.findable)
    ]
    known = [
        (
            f"to {neutral(one.by)}, {_both(one.at_us, offset_s)}"
            + (" as context" if one.as_context else ""),
            one.basis,
        )
        for one in first_known(stood.known)
    ]
    show.out(f"as of {_both(stood.as_of_us, offset_s)}")
    for name, lines, times in (
        ("held", held, [stood.held.since_us] if stood.held else []),
        (
            *("could have been found", findable or [("no", stood.not_findable)]),
            [one.since_us for one in stood.findable],
        ),
        (
            *("known to a person", known or [("not known", stood.not_known)]),
            [one.at_us for one in stood.known],
        ),
    ):
        before = "yes" if times and min(times) <= event_us else "no"
        show.out(f"{show.pad(name, 22)} {lines[0][0]}   [at the event: {before}]")
        show.out(f"{' ' * 22} {lines[0][1]}")
        for line in lines[1:]:
            for said in line:
                show.out(f"{' ' * 22} {said}")
    if not stood.known:
        show.out(
            "nothing on file is no proof: other cases keep their own papers, and no file sees a screen"
        )


def _json(found: Reach, stood: States, actors: list[KnownActor], *, event_us: int) -> None:
    show.json_line(
        None,
        kind="reach",
        record_id=found.record_id,
        earliest_us=found.earliest_us,
        latest_us=found.latest_us,
        conversation=found.conversation,
        accounts=len(found.accounts),
        notes=found.notes,
    )
    homes = _homes(actors)
    people = _people(actors)
    for one in found.rows:
        show.json_line(
            one,
            kind="reached",
            actors=homes.get(one.account, ()),
            person=people.get(one.account),
        )
    show.json_line(stood, kind="states", event_us=event_us)


def _json_facts(facts: FactStates) -> None:
    show.json_line(
        None,
        kind="fact",
        fact=facts.name,
        records=len(facts.records),
        held_us=facts.held_us,
        findable_us=facts.findable_us,
        known_us=facts.known_us,
    )
    for one in facts.records:
        show.json_line(one, kind="states")


def _print_facts(facts: FactStates, work: OpenCase) -> None:
    offset_s, event_us = work.event.zone_offset_s, work.event.when.start_us
    show.out(
        f"{facts.name} rests on {count(len(facts.records), 'record')}; it is as each of them is"
    )
    held = _both(facts.held_us, offset_s) if facts.held_us is not None else ""
    findable = ", ".join(
        f"by {neutral(by)} since {_both(t, offset_s)}" for by, t in facts.findable_us.items()
    )
    known = ", ".join(
        f"to {neutral(by)} since {_both(t, offset_s)}" for by, t in facts.known_us.items()
    )
    show.facts(
        [
            ("held", f"all of it since {held}" if held else "no: not all of it is held"),
            ("could have been found", findable or "no: by nobody, all of it"),
            ("known to a person", known or "not known: nobody is on file as having read all of it"),
        ],
        label=22,
    )
    for one in facts.records:
        show.out()
        show.out(f"record {one.record_id.hex()}")
        print_states(one, event_us=event_us, offset_s=offset_s)


def _homes(actors: list[KnownActor]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for actor in actors:
        who = f'{actor.name} "{actor.label}"'
        for one in actor.accounts:
            found.setdefault(one.account, []).append(who)
    return found


def _people(actors: list[KnownActor]) -> dict[str, str]:
    """By account the person it is attributed to with a citation; none where actors disagree."""
    found: dict[str, set[str]] = {}
    for actor in actors:
        for one in actor.accounts:
            if actor.person is not None:
                found.setdefault(one.account, set()).add(actor.person)
    return {account: next(iter(own)) for account, own in found.items() if len(own) == 1}


def _both(time_us: int, offset_s: int) -> str:
    """A moment in the event's zone, and in UTC where that is another."""
    own = show.moment(time_us, offset_s=offset_s)
    return own if not offset_s else f"{own} ({iso(time_us)})"
