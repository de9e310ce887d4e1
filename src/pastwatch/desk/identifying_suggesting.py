"""Suggestions of which accounts may be one person's, over a case's slice; and accounts by name."""

from __future__ import annotations

import threading
from dataclasses import dataclass

from pastwatch.archive.identity import normal_address
from pastwatch.casefile.relations import KeptRelation
from pastwatch.desk.assessing import open_relations
from pastwatch.desk.case import CaseWork
from pastwatch.desk.identifying import IS
from pastwatch.desk.slicereading import blocks_of
from pastwatch.errors import UsageError
from pastwatch.stages.reconstruct.identities import suggestions
from pastwatch.stages.reconstruct.identities_selfnaming import SelfNaming
from pastwatch.stages.reconstruct.talk import Gatherer, Talk

_LISTED = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class WhyAlike:
    """One reason of a suggestion, with a few of the records that it stands in."""

    kind: str
    text: str
    score: float
    record_ids: tuple[bytes, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Suggested:
    """Two accounts that may be one person's: the reasons, and what speaks against it.

    The score is the program's own measure from 0 to 1, no probability.
    """

    one: str
    two: str
    one_shown: str
    two_shown: str
    score: float
    reasons: tuple[WhyAlike, ...]
    against: tuple[str, ...]


def suggest(
    case: CaseWork, *, account: str | None = None, cancel: threading.Event | None = None
) -> list[Suggested]:
    """Read the slice once and give the pairs of accounts with a reason, highest score first.

    Accounts that a person merged already are taken for one in what follows, and not put forward
    again. Nothing is merged.
    """
    gatherer, said = Gatherer(), SelfNaming()
    for block in blocks_of(case, purpose="suggest", cancel=cancel):
        gatherer.add(block)
        said.add(block)
    talk = gatherer.done()
    place = {f"{m}:{a}": n for n, (m, a) in enumerate(talk.account_keys)}
    only = place[known_account(talk, account)] if account is not None else None
    found = suggestions(
        talk,
        said=said.evidence(talk),
        only=only,
        stands_for=_merged(open_relations(case, IS), place),
    )
    names = list(place)
    return [
        Suggested(
            one=names[one.one],
            two=names[one.two],
            one_shown=_shown(talk, one.one),
            two_shown=_shown(talk, one.two),
            score=round(one.score, 3),
            reasons=tuple(
                WhyAlike(
                    kind=reason.kind,
                    text=reason.text,
                    score=reason.score,
                    record_ids=tuple(talk.record_ids[row].tobytes() for row in reason.rows),
                )
                for reason in one.reasons
            ),
            against=one.against,
        )
        for one in found
    ]


def known_account(talk: Talk, word: str) -> str:
    """An account of the talk by `medium:address`, or by an address that is of one medium alone.

    UsageError for one that no record names, and for an address of several media.
    """
    medium, _, address = word.partition(":")
    if (medium, normal_address(address)) in talk.account_keys:
        return f"{medium}:{normal_address(address)}"
    own = normal_address(word)
    found = [f"{m}:{a}" for m, a in talk.account_keys if a == own]
    if len(found) == 1:
        return found[0]
    if found:
        raise UsageError(
            f'"{word}" is an address on several media',
            hint=f"write one of {', '.join(found[:_LISTED])}",
        )
    raise UsageError(
        f'no record of this case has an account "{word}"',
        hint="medium:address, as 'pastwatch actors suggest' or 'pastwatch network' write it",
    )


def shown_names(talk: Talk, account: str) -> tuple[str, ...]:
    """The names an account was shown with, most often first."""
    medium, _, address = account.partition(":")
    places = {key: n for n, key in enumerate(talk.account_keys)}
    at = places.get((medium, address))
    return tuple(name for name, _ in talk.names.get(at, ())) if at is not None else ()


def _shown(talk: Talk, account: int) -> str:
    own = talk.account_keys[account][1]
    names = (name for name, _ in talk.names.get(account, ()) if normal_address(name) != own)
    return next(names, "")


def _merged(joined: list[KeptRelation], place: dict[str, int]) -> dict[int, int]:
    """Of the accounts of each actor, the one that stands for all: the first of them in the talk."""
    first: dict[str, int] = {}
    found: dict[int, int] = {}
    for kept in joined:
        at = place.get(kept.relation.from_id)
        if at is not None:
            found[at] = first.setdefault(kept.relation.to_id, at)
    return found
