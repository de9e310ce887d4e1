"""Who is who as a chapter: accounts argued to be one actor, by whom, because of what, and conflicts."""

from __future__ import annotations

import hashlib

from pastwatch.desk.briefs.made.cells import cell, joined, many, row, showing, stop
from pastwatch.desk.briefs.made.citing import usable
from pastwatch.desk.briefs.made.ledgered import Acts, acts_of
from pastwatch.desk.case import CaseWork
from pastwatch.desk.identifying import Attribution, KnownActor, actors, conflicts
from pastwatch.stages.brief.given import Chapter, Line, Stretch

ACTORS_AT_MOST = 60
COLUMNS = ("Actor", "Account", "Argued by", "Because", "Also in")
_LEVELS = {"account": "has the accounts", "device": "had the device", "speaker": "spoke"}


def make(case: CaseWork) -> Chapter | None:
    """The chapter; None where no accounts were argued to be one actor."""
    found = actors(case)
    if not found:
        return None
    acts, shown = acts_of(case), found[:ACTORS_AT_MOST]
    said = f"{many(len(found), 'actor')} argued from accounts."
    if len(found) > len(shown):
        said += f" {showing(len(shown), len(found), 'actors')}"
    merges = acts.saying("merge") or acts.begun
    stretches = [
        Stretch(
            heading="",
            lines=(
                Line(kind="stated", text=said, ledger=merges),
                Line(
                    kind="note",
                    text="An account is a fact of the record; that accounts are one actor is an "
                    "argument, made by a person, and can be undone.",
                ),
            ),
        ),
        Stretch(
            heading="Accounts taken for one",
            columns=COLUMNS,
            lines=tuple(line for one in shown for line in _accounts(case, one, acts)),
        ),
    ]
    told = [line for one in shown for line in _attributions(case, one, acts)]
    if told:
        stretches.append(Stretch(heading="Persons and titles", lines=tuple(told)))
    apart = conflicts(case)
    if apart:
        stretches.append(
            Stretch(
                heading="Conflicts",
                lines=tuple(
                    Line(
                        kind="stated",
                        text=f"{cell(account)} stands in several actors: {joined(names)}. "
                        "Which of them it is was not settled.",
                        ledger=merges,
                    )
                    for account, names in apart
                ),
            )
        )
    return Chapter(
        key="identities", title="Who is who", stretches=tuple(stretches), after="findings"
    )


def _accounts(case: CaseWork, one: KnownActor, acts: Acts) -> list[Line]:
    lines = []
    for account in one.accounts:
        together = [o.account for o in one.accounts if o.at_us == account.at_us]
        named = hashlib.sha256("\n".join((one.name, *together)).encode()).hexdigest()
        score = f" ({account.score:.2f} by its own measure)" if account.score is not None else ""
        by = f"{account.by}, on a suggestion of {account.maker}" if account.maker != account.by else account.by  # fmt: skip
        lines.append(
            Line(
                kind="stated",
                text=row(
                    f"{one.name} {one.label}",
                    account.account,
                    by,
                    f"{account.reason}{score}",
                    joined(account.also_in),
                ),
                citations=usable(case, account.citations),
                ledger=acts.hashed(named, otherwise=acts.saying("merge")),
            )
        )
    return lines


def _attributions(case: CaseWork, one: KnownActor, acts: Acts) -> list[Line]:
    lines = []
    for told in one.attributions:
        named = hashlib.sha256(f"{told.relation_id}\n{told.of}".encode()).hexdigest()
        lines.append(
            Line(
                kind="stated",
                text=_attributed(one, told),
                citations=usable(case, told.citations),
                ledger=acts.hashed(named, otherwise=acts.saying("attribute")),
            )
        )
    return lines


def _attributed(one: KnownActor, told: Attribution) -> str:
    what = "bears the title" if told.level is None else f"is said to be who {_LEVELS[told.level]}"
    of = f"{one.name} {one.label}" if told.of == one.name else told.of
    if told.level is None:
        return f"{cell(of)} {what} {cell(told.named)}, argued by {told.by} because: {stop(told.reason)}"
    return (
        f"{cell(told.named)} {what} of {cell(of)}, argued by {told.by} because: {stop(told.reason)}"
    )
