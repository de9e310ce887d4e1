"""How actors, suggestions and directory rows are printed: no person without a source."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from pastwatch.cli import show
from pastwatch.cli.show import count, neutral

if TYPE_CHECKING:
    from pastwatch.desk.identifying import Attribution, JoinedAccount, KeptRelation, KnownActor
    from pastwatch.desk.identifying_rows import ActorRow
    from pastwatch.desk.identifying_suggesting import Suggested

_NAME = 40
_LINE = 100
_NUMBERS = frozenset(("sms", "call", "cdr", "whatsapp", "signal", "imessage", "phone"))


def named(account: str) -> str:
    """An account for a reader: number X or account X, never a person."""
    medium, _, address = account.partition(":")
    is_number = address.lstrip("+").replace(" ", "").isdigit() and len(address) > 4  # noqa: PLR2004 - shorter ones are ids
    return f"{'number' if is_number else 'account'} {neutral(address)} ({neutral(medium)})"


def who(actor: KnownActor) -> str:
    """What may be said of who an actor is: a person with a source, else that none is attributed."""
    people = [a for a in actor.attributions if a.level is not None]
    if not people:
        return "no person attributed"
    return "; ".join(f'{a.level} of person "{neutral(a.named)}" ({a.relation_id})' for a in people)


def actor_plain(actor: KnownActor) -> dict[str, Any]:
    """An actor for JSON; `person` is null unless its accounts are attributed to one with a citation."""
    return {
        "kind": "actor",
        "actor": actor.name,
        "label": actor.label,
        "basis": actor.basis,
        "person": actor.person,
        "titles": [
            {"title": a.named, "citations": a.citations}
            for a in actor.attributions
            if a.level is None
        ],
        "by": actor.by,
        "at_us": actor.at_us,
        "in_conflict": actor.in_conflict,
        "accounts": actor.accounts,
        "attributions": actor.attributions,
    }


def print_actors(
    found: Sequence[KnownActor], several: Sequence[tuple[str, tuple[str, ...]]]
) -> None:
    """A line an actor, then the accounts that are in several."""
    if not found:
        show.out("no actors yet: 'pastwatch actors suggest' puts accounts forward")
        return
    rows = [
        (
            one.name,
            show.cut(neutral(one.label), _NAME),
            count(len(one.accounts), "account"),
            show.cut(", ".join(named(a.account) for a in one.accounts), _LINE),
            who(one),
        )
        for one in found
    ]
    show.table(rows, head=("actor", "called", "", "accounts", "who"))
    for account, names in several:
        show.out(
            f"conflict: {named(account)} is in {', '.join(names)}: undo one, or keep both and say so"
        )


def print_actor(
    actor: KnownActor,
    *,
    rows: Sequence[ActorRow] = (),
    undone: Sequence[KeptRelation] = (),
    offset_s: int = 0,
) -> None:
    """An actor in full."""
    show.facts(
        [
            (actor.name, neutral(actor.label)),
            ("basis", neutral(actor.basis)),
            ("who", who(actor)),
            ("entered", f"{show.moment(actor.at_us, offset_s=offset_s)} by {neutral(actor.by)}"),
        ]
    )
    show.out()
    show.table(
        [_account_row(one) for one in actor.accounts],
        head=("", "account", "score", "by", "because"),
    )
    for one in actor.accounts:
        if one.also_in:
            show.out(f"conflict: {named(one.account)} is also in {', '.join(one.also_in)}")
    for told in actor.attributions:
        _print_attribution(told)
    if rows:
        print_rows(list(rows), title="Rows of directories")
    for kept in undone:
        why = neutral(kept.undoing.reason) if kept.undoing else ""
        show.out(f"undone: {kept.relation.relation_id}, {named(kept.relation.from_id)}: {why}")


def print_rows(rows: Sequence[ActorRow], *, title: str, limit: int | None = None) -> None:
    """Rows of directories with their date, grade and how each is cited."""
    shown = rows[:limit]
    show.out()
    rest = f" (showing {len(shown)} of {count(len(rows))})" if len(shown) < len(rows) else ""
    show.out(f"{title}{rest}")
    table = [
        (
            row.row.name if row.row.citation else f"{row.row.name} (not citable)",
            show.cut(neutral(row.row.values.get("name", "")), _NAME),
            show.cut(neutral(row.row.values.get("role", "")), _NAME),
            show.cut(neutral(_reached(row)), _NAME),
            f"{row.as_of}{', before the event' if row.before_event else ''}",
            row.grade,
            row.row.found_by
            + (f" ({row.row.score:.2f})" if row.row.score not in (None, 1.0) else ""),
        )
        for row in shown
    ]
    show.table(table, head=("row", "name", "role", "reached at", "date", "grade", "found by"))
    show.out("A row found by a name is of somebody of that name: not yet of this actor.")


def print_suggestions(found: Sequence[Suggested], *, limit: int) -> None:
    """Pairs with their reasons below them."""
    if not found:
        show.out("no two accounts have a reason to be taken for one person's")
        return
    shown = found[:limit]
    show.out(
        f"showing {len(shown)} of {count(len(found), 'pair')}; a score is a measure, no probability"
    )
    for one in shown:
        show.out()
        show.out(f"{one.score:.2f}  {_account(one.one, one.one_shown)}")
        show.out(f"      {_account(one.two, one.two_shown)}")
        for why in one.reasons:
            cites = (
                f"  [{', '.join(i.hex()[:8] for i in why.record_ids)}]" if why.record_ids else ""
            )
            show.out(f"      + {why.text}{cites}")
        for against in one.against:
            show.out(f"      − {against}")
    show.out()
    show.out(
        "accept with 'pastwatch actors merge ACCOUNT ACCOUNT --as-suggested'; nothing is merged by itself"
    )


def _account(account: str, shown: str) -> str:
    return named(account) + (f', shown as "{show.cut(neutral(shown), _NAME)}"' if shown else "")


def _account_row(one: JoinedAccount) -> tuple[str, ...]:
    return (
        one.relation_id,
        named(one.account),
        "" if one.score is None else f"{one.score:.2f}",
        neutral(one.maker),
        show.cut(neutral(one.reason), _LINE) + ("" if one.citations else " (no citation)"),
    )


def _print_attribution(told: Attribution) -> None:
    from pastwatch.desk.identifying_citing import citation_name

    what = "title" if told.level is None else f"{told.level} of person"
    cites = ", ".join(citation_name(c) for c in told.citations)
    show.out(
        f'{told.relation_id}: {what} "{neutral(told.named)}": {neutral(told.reason)}; cites {cites}'
    )


def _reached(row: ActorRow) -> str:
    values = row.row.values
    return " ".join(
        values[f] for f in ("mail", "account", "phone", "organisation") if values.get(f)
    )
