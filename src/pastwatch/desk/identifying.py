"""From accounts to actors: what a person accepts, what it rests on, and how all of it is undone.

An account is a fact of the record, an actor an argument. Nothing is joined but by a person, and
nothing in a record changes by it. Three levels stay apart: whose an account is, whose the device
was, who spoke; a person is named at one of them, and only with a citation.
"""

from __future__ import annotations

import enum
from collections.abc import Sequence
from dataclasses import dataclass, replace

from pastwatch.archive.identity import normal_address
from pastwatch.casefile.relations import KeptRelation as KeptRelation  # noqa: PLC0414 - shown by the face
from pastwatch.desk.assessing import argued, open_relations
from pastwatch.desk.case import CaseWork
from pastwatch.desk.identifying_citing import cited
from pastwatch.errors import UsageError
from pastwatch.model.authority import Act as Allowed
from pastwatch.model.party import Account, Actor
from pastwatch.model.record import Citation
from pastwatch.model.relation import Relation

IS: str = "is"
ROLE: str = "role"
_PERSON, _TITLE = "person:", "title:"
_NO_ACCOUNT_LEFT = "no account of it is left"


class Level(enum.StrEnum):
    """What is attributed to a person: having an account is not having its device, nor speaking."""

    ACCOUNT = "account"
    DEVICE = "device"
    SPEAKER = "speaker"


_KINDS = {level: f"attributed {level}" for level in Level}


@dataclass(frozen=True, slots=True, kw_only=True)
class JoinedAccount:
    """An account of an actor, with who argued it from what, and with which other actors it is."""

    account: str
    relation_id: str
    reason: str
    maker: str
    score: float | None
    citations: tuple[Citation, ...]
    by: str
    at_us: int
    also_in: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Attribution:
    """A person, or a title, argued of an actor or an account; never without a citation."""

    of: str
    level: Level | None  # None: a title, not a person
    named: str
    relation_id: str
    reason: str
    citations: tuple[Citation, ...]
    by: str
    at_us: int


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownActor:
    """An actor as it stands now."""

    name: str
    label: str
    basis: str
    by: str
    at_us: int
    accounts: tuple[JoinedAccount, ...]
    attributions: tuple[Attribution, ...]

    @property
    def person(self) -> str | None:
        """The person its accounts are attributed to, with a citation; None without, or with several."""
        people = {a.named for a in self.attributions if a.level is Level.ACCOUNT}
        return people.pop() if len(people) == 1 else None

    @property
    def in_conflict(self) -> bool:
        """Whether an account of it is in another actor too."""
        return any(one.also_in for one in self.accounts)


def actors(case: CaseWork) -> list[KnownActor]:
    """Every actor of the case that stands, in order; none that rests on protected records alone."""
    joined = open_relations(case, IS)
    said = {k.relation.reason for k in open_relations(case, IS, undone=True)}
    homes: dict[str, list[str]] = {}
    for kept in joined:
        homes.setdefault(kept.relation.from_id, []).append(kept.relation.to_id)
    told = attributions(case)
    found = []
    for entered in case.papers.entered("actor", Actor):
        own = tuple(
            _joined(kept, homes[kept.relation.from_id], entered.name)
            for kept in joined
            if kept.relation.to_id == entered.name
        )
        if not own:
            continue
        about = {entered.name, *(one.account for one in own)}
        found.append(
            KnownActor(
                name=entered.name,
                label=entered.value.label,
                basis=entered.value.basis if entered.value.basis in said else "",
                by=entered.by,
                at_us=entered.at_us,
                accounts=own,
                attributions=tuple(a for a in told if a.of in about),
            )
        )
    return found


def actor(case: CaseWork, name: str) -> KnownActor:
    """One actor by its name (a1); UsageError when none stands under it."""
    found = next((one for one in actors(case) if one.name == name), None)
    if found is None:
        raise UsageError(
            f'this case has no actor "{name}"', hint="'pastwatch actors' lists those that stand"
        )
    return found


def merge(
    case: CaseWork,
    accounts: Sequence[str],
    *,
    reason: str,
    label: str = "",
    into: str | None = None,
    cites: Sequence[str] = (),
    maker: str | None = None,
    score: float | None = None,
) -> KnownActor:
    """Take accounts for one actor, a new one or one that stands, and say why; gives the actor.

    `accounts` are `medium:address`, as `known_account` gives them. One that is in another actor
    already is taken too: both then show the conflict.
    """
    if not reason.strip():
        raise UsageError("a merge says why", hint="--reason")
    case.gate.check(Allowed.READ)
    chosen = tuple(dict.fromkeys(accounts))
    standing = actor(case, into) if into else None
    inside = {one.account for one in standing.accounts} if standing else set()
    chosen = tuple(one for one in chosen if one not in inside)
    if not chosen:
        raise UsageError("no account was named that is not in the actor already")
    person, at_us = case.office.person, case.office.clock()
    citations = tuple(cited(case, one) for one in cites)
    if standing is None:
        value = Actor(
            actor_id="",
            label=label.strip() or chosen[0],
            accounts=tuple(as_account(one) for one in chosen),
            basis=reason,
        )
        (name,) = case.papers.enter("actor", [value], by=person, at_us=at_us)
    else:
        name = standing.name
    case.papers.relate(
        [
            Relation(
                relation_id="",
                kind=IS,
                from_id=one,
                to_id=name,
                maker=maker or person,
                reason=reason,
                citations=citations,
                score=score,
            )
            for one in chosen
        ],
        by=person,
        at_us=at_us,
    )
    argued(case, what="merge", of=(name, *chosen), citations=citations)
    return actor(case, name)


def undo(case: CaseWork, relation_id: str, *, reason: str) -> str:
    """Undo a merge, an attribution or a title by its name (r3); gives the actor that it was of.

    An actor whose last account goes is struck: everything is as it was before it.
    """
    if not reason.strip():
        raise UsageError("an undoing says why", hint="--reason")
    case.gate.check(Allowed.READ)
    kept = next(
        (k for k in case.papers.relations(undone=True) if k.relation.relation_id == relation_id),
        None,
    )
    if kept is None or kept.relation.kind not in {IS, ROLE, *_KINDS.values()}:
        raise UsageError(f'no actor rests on a relation "{relation_id}"')
    person, at_us = case.office.person, case.office.clock()
    case.papers.unrelate(relation_id, by=person, reason=reason, at_us=at_us)
    of = kept.relation.to_id if kept.relation.kind == IS else kept.relation.from_id
    if kept.relation.kind == IS and not case.papers.relations(IS, of=of):
        for told in attributions(case):
            if told.of == of:
                case.papers.unrelate(
                    told.relation_id, by=person, reason=_NO_ACCOUNT_LEFT, at_us=at_us
                )
        case.papers.strike("actor", of, by=person, reason=_NO_ACCOUNT_LEFT, at_us=at_us)
    argued(case, what="undo", of=(relation_id, of))
    return of


def attribute(
    case: CaseWork,
    of: str,
    *,
    cites: Sequence[str],
    reason: str,
    person: str = "",
    level: Level = Level.ACCOUNT,
    title: str = "",
) -> Attribution:
    """Say whose an actor's accounts are, who had the device or spoke, or which title they bear.

    `of` is an actor (a1) or an account. UsageError without a citation: a name is never argued from
    nothing.
    """
    named = person.strip() or title.strip()
    if bool(person.strip()) == bool(title.strip()):
        raise UsageError("either a person or a title is attributed", hint="--to or --title")
    if not cites:
        raise UsageError(
            "a person or a title needs a citation",
            hint="--cites with a hit (h3), a row of a directory (d1:7) or a record's id",
        )
    if not reason.strip():
        raise UsageError("an attribution says why", hint="--reason")
    case.gate.check(Allowed.READ)
    if ":" not in of:
        of = actor(case, of).name
    citations = tuple(cited(case, one) for one in cites)
    maker, at_us = case.office.person, case.office.clock()
    relation = Relation(
        relation_id="",
        kind=_KINDS[level] if person.strip() else ROLE,
        from_id=of,
        to_id=(_PERSON if person.strip() else _TITLE) + named,
        maker=maker,
        reason=reason,
        citations=citations,
    )
    (name,) = case.papers.relate([relation], by=maker, at_us=at_us)
    argued(case, what="attribute", of=(name, of), citations=citations)
    return next(a for a in attributions(case) if a.relation_id == name)


def attributions(case: CaseWork) -> list[Attribution]:
    """Every person and title attributed that stands, in order."""
    levels = {kind: level for level, kind in _KINDS.items()}
    found = []
    for kept in open_relations(case):
        relation = kept.relation
        if relation.kind in levels or relation.kind == ROLE:
            level = levels.get(relation.kind)
            prefix = _TITLE if level is None else _PERSON
            found.append(
                Attribution(
                    of=relation.from_id,
                    level=level,
                    named=relation.to_id.removeprefix(prefix),
                    relation_id=relation.relation_id,
                    reason=relation.reason,
                    citations=relation.citations,
                    by=kept.by,
                    at_us=kept.at_us,
                )
            )
    return found


def conflicts(case: CaseWork) -> list[tuple[str, tuple[str, ...]]]:
    """Accounts that stand in more than one actor, with those actors."""
    homes: dict[str, list[str]] = {}
    for kept in open_relations(case, IS):
        homes.setdefault(kept.relation.from_id, []).append(kept.relation.to_id)
    return [(account, tuple(own)) for account, own in homes.items() if len(set(own)) > 1]


def history(case: CaseWork, name: str) -> list[KeptRelation]:
    """Everything ever argued of an actor, undone or not, in order."""
    return [
        k
        for k in open_relations(case, of=name, undone=True)
        if k.relation.kind in {IS, ROLE, *_KINDS.values()}
    ]


def as_account(name: str) -> Account:
    """The account that `medium:address` names; UsageError for another word."""
    medium, colon, address = name.partition(":")
    if not colon or not medium or not normal_address(address):
        raise UsageError(f'"{name}" names no account', hint="medium:address, as mail:ana@a.example")
    return Account(medium=medium, address=normal_address(address))


def account_name(account: Account) -> str:
    """How an account is named in a case."""
    return f"{account.medium}:{account.address}"


def _joined(kept: KeptRelation, homes: Sequence[str], own: str) -> JoinedAccount:
    relation = kept.relation
    made = JoinedAccount(
        account=relation.from_id,
        relation_id=relation.relation_id,
        reason=relation.reason,
        maker=relation.maker,
        score=relation.score,
        citations=relation.citations,
        by=kept.by,
        at_us=kept.at_us,
    )
    return replace(made, also_in=tuple(sorted({home for home in homes if home != own})))
