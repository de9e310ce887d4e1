"""The claims of a case brought together: kept relations, statements with their roots, and undoing."""

from __future__ import annotations

import threading
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from pastwatch.desk.assessing import argued, open_relations
from pastwatch.desk.bringing import records_of_medium
from pastwatch.desk.case import CaseWork
from pastwatch.desk.claiming import DATED, dated_by_hand, published_of
from pastwatch.desk.claiming_dating import date_undone
from pastwatch.errors import UsageError
from pastwatch.model.claim import Claim, Lineage, Stance
from pastwatch.model.relation import Relation
from pastwatch.model.when import DAY_US, Basis, When
from pastwatch.stages.corroborate import copying, relations
from pastwatch.stages.corroborate.copying import Article, article_of, find_copies
from pastwatch.stages.corroborate.copying_thirds import settled
from pastwatch.stages.corroborate.lineage import Said, aliases_of, group, said_of
from pastwatch.stages.corroborate.roots import independent, interests_of, lineage_of, told
from pastwatch.stages.corroborate.roots_ends import Taken, Takings

SAME, APART, INTEREST = "same statement", "not the same", "shares interest"
DECIDED = (SAME, APART, INTEREST, DATED)
KINDS = (*copying.KINDS, *relations.KINDS, *DECIDED)
"""The kinds of relations that this part of the case is about."""
_MEDIUM = "report"


@dataclass(frozen=True, slots=True, kw_only=True)
class Related:
    """What relating the claims of a case added and what stood already."""

    new: tuple[Relation, ...]
    standing: int
    undone: int
    """Found again and left undone, because a person has undone it."""
    claims: int
    reports: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Denial:
    """A denial beside a statement."""

    name: str
    who: str
    statement: str
    relation_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Chain:
    """One claim of a statement: its report, who says it, through whom, and the roots it goes back to."""

    claim: str
    outlet: str
    report_id: bytes
    who: str
    via: tuple[str, ...]
    roots: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rooted:
    """A statement of the case with its roots, and all that stands beside it."""

    lineage: Lineage
    line: str
    """As it is printed: reports, roots, names."""
    interests: tuple[str, ...]
    independent_at_least: int
    independent_at_most: int
    chains: tuple[Chain, ...]
    denials: tuple[Denial, ...]
    in_line: tuple[Denial, ...]
    """Denials that say what the statement says: that nothing was found of the denier's part."""
    relations: tuple[Relation, ...]
    is_denied: bool = False
    """Whether the statement itself is what its speakers deny."""

    @property
    def outlets(self) -> tuple[str, ...]:
        """The outlets that carry it, each once."""
        return tuple(dict.fromkeys(chain.outlet for chain in self.chains))

    @property
    def via(self) -> tuple[str, ...]:
        """Those it came through before, each once."""
        return tuple(dict.fromkeys(v for chain in self.chains for v in chain.via))


def relate_claims(case: CaseWork, *, cancel: threading.Event | None = None) -> Related:
    """Look for copying between the reports of a case and relations between its claims, and keep them.

    Done again it adds only what is new; what a person has undone stays undone. One entry in the
    ledger where something was added. Opens every report of the case once, logged as shown. Setting
    `cancel` ends it after the pair of reports at hand, and nothing is kept.
    """
    return _relate(case, _read(case), cancel=cancel)


def _relate(case: CaseWork, read: _Read, *, cancel: threading.Event | None = None) -> Related:
    copies = settled(
        list(find_copies(read.articles, cancelled=lambda: cancel is not None and cancel.is_set()))
    )
    if cancel is not None and cancel.is_set():
        return Related(
            new=(), standing=0, undone=0, claims=len(read.said), reports=len(read.articles)
        )
    groups = group(read.said, joined=_decided(case, SAME), apart=_decided(case, APART))
    found = [copying.relation_of(one) for one in copies]
    found += relations.relate(relations.Told(read.said, groups, read.articles))
    kept = {_key(k.relation): k for k in case.papers.relations(undone=True)}
    fresh = [one for one in found if _key(one) not in kept]
    again = [kept[_key(one)] for one in found if _key(one) in kept]
    names: list[str] = []
    if fresh:
        names = case.papers.relate(fresh, by=case.office.person, at_us=case.office.clock())
        _note(case, "relate", fresh)
    return Related(
        new=tuple(replace(one, relation_id=name) for one, name in zip(fresh, names, strict=True)),
        standing=sum(k.undoing is None for k in again),
        undone=sum(k.undoing is not None for k in again),
        claims=len(read.said),
        reports=len(read.articles),
    )


def roots_of_case(case: CaseWork, *, relate: bool = True) -> list[Rooted]:
    """Every statement of the case with its roots, those in most reports first.

    Relates the claims first, unless told not to. Counts only relations that stand.
    """
    read = _read(case)
    if relate:
        _relate(case, read)
    standing = told_relations(case)
    takings = Takings(_taken(one) for one in standing if one.kind in copying.KINDS)
    withdrawn = {r.to_id: f"{r.reason} ({r.relation_id})" for r in standing if r.kind == relations.WITHDRAWS}  # fmt: skip
    shared = _interests(standing)
    groups = group(read.said, joined=_decided(case, SAME), apart=_decided(case, APART))
    of = {one.name: one for one in read.said}
    touching: dict[str, list[Relation]] = {}
    for one in standing:
        for end in {one.from_id, one.to_id}:
            touching.setdefault(end, []).append(one)
    rooted = []
    for members in groups:
        lineage = lineage_of(members, takings=takings, withdrawn=withdrawn, interests=shared)
        names = set(lineage.claims)
        beside = tuple(_beside(touching, lineage.claims))
        least, most = independent(lineage)
        rooted.append(
            Rooted(
                lineage=lineage,
                line=told(lineage),
                interests=interests_of(lineage),
                independent_at_least=least,
                independent_at_most=most,
                chains=tuple(_chain(one, lineage) for one in members),
                denials=_denials(of, beside, names, relations.DENIES),
                in_line=_denials(of, beside, names, relations.SUPPORTS),
                relations=beside,
                is_denied=all(one.claim.stance is Stance.DENIES for one in members),
            )
        )
    return sorted(rooted, key=lambda r: (-len(r.lineage.reports), -len(r.lineage.claims), _number(r.lineage.claims[0])))  # fmt: skip


def relations_of_case(case: CaseWork, *, undone: bool = False) -> list[Relation]:
    """The relations between claims and reports that stand, copying left out; in order."""
    kinds = (*relations.KINDS, *DECIDED)
    return [one for one in told_relations(case, undone=undone) if one.kind in kinds]


def told_relations(case: CaseWork, *, undone: bool = False) -> list[Relation]:
    """The relations of these kinds that rest on no record judged protected; in order."""
    kept = open_relations(case, undone=undone)
    return [one.relation for one in kept if one.relation.kind in KINDS]


def say_same(case: CaseWork, one: str, other: str, *, reason: str) -> str:
    """Decide that two claims state the same; gives the name of the relation."""
    return _decide(case, SAME, one, other, reason)


def say_apart(case: CaseWork, one: str, other: str, *, reason: str) -> str:
    """Decide that two claims do not state the same; gives the name of the relation."""
    return _decide(case, APART, one, other, reason)


def share_interest(case: CaseWork, root: str, interest: str, *, reason: str) -> str:
    """Argue on which side a root stands; gives the name of the relation.

    `root` is the name of a root, or of one who says something, as it is printed.
    """
    if not root.strip() or not interest.strip():
        raise UsageError("an interest has a root and a side")
    return _keep(case, INTEREST, relations.NAME + root.strip(), relations.NAME + interest.strip(), reason)  # fmt: skip


def undo(case: CaseWork, name: str, *, reason: str) -> Relation:
    """Undo a relation of these kinds by its name (r3); what rests on it changes at once."""
    if not reason.strip():
        raise UsageError("an undoing says why", hint="--reason")
    kept = next((k for k in case.papers.relations(undone=True) if k.relation.relation_id == name), None)  # fmt: skip
    if kept is None or kept.relation.kind not in KINDS:
        raise UsageError(f'no relation of reports or claims is called "{name}"')
    case.papers.unrelate(name, by=case.office.person, reason=reason, at_us=case.office.clock())
    _note(case, "undo", [kept.relation])
    if kept.relation.kind == DATED:
        date_undone(case, kept.relation, reason=reason)
    return kept.relation


@dataclass(frozen=True, slots=True)
class _Read:
    articles: list[Article]
    said: list[Said]


def articles_of_case(case: CaseWork) -> list[Article]:
    """The reports of a case as they are compared, in order of time; opened and logged as shown."""
    ids = records_of_medium(case, _MEDIUM)
    articles = []
    for record in case.records(ids) if ids else ():
        article, given = article_of(record), dated_by_hand(case, record.record_id)
        if given is not None and article.published is None:
            published = published_of(case, record)
            if published is not None:
                at_us = published.at_us
                article = replace(
                    article,
                    published=When(
                        earliest_us=at_us, latest_us=at_us + DAY_US - 1, basis=Basis.INFERRED
                    ),
                )
        articles.append(article)
    return articles


def _read(case: CaseWork) -> _Read:
    articles = articles_of_case(case)
    entered = [(e.name, e.value) for e in case.papers.entered("claim", Claim)]
    by_id = {a.report_id: a for a in articles}
    return _Read(articles, said_of(entered, by_id, aliases_of(articles)))


def _key(one: Relation) -> tuple[str, str, str, int]:
    """By which a relation found again is known: kind and ends, and where it stands if to a name."""
    ends = (one.from_id, one.to_id)
    low, high = sorted(ends) if one.kind not in {*copying.KINDS, "maker", "operator", "denies", "withdraws"} else ends  # fmt: skip
    named = one.to_id.startswith(relations.NAME) and one.citations
    return one.kind, low, high, one.citations[0].start_byte if named else 0


def _taken(one: Relation) -> Taken:
    direction = one.maker.rpartition(" ")[2]
    taker, giver = bytes.fromhex(one.from_id), bytes.fromhex(one.to_id)
    spans = {
        report: tuple((c.start_byte, c.end_byte) for c in one.citations if c.record_id == report)
        for report in (taker, giver)
    }
    agency = one.reason.partition("both credit ")[2] if direction == "common" else ""
    return Taken(
        one.relation_id,
        taker,
        giver,
        one.kind,
        direction not in {"unknown", "common"},
        spans[taker],
        spans[giver],
        one.score or 0.0,
        agency,
    )


def _interests(standing: Sequence[Relation]) -> dict[str, str]:
    cut = len(relations.NAME)
    return {r.from_id[cut:].lower(): r.to_id[cut:] for r in standing if r.kind == INTEREST}


def _decided(case: CaseWork, kind: str) -> list[tuple[str, str]]:
    return [(k.relation.from_id, k.relation.to_id) for k in case.papers.relations(kind)]


def _decide(case: CaseWork, kind: str, one: str, other: str, reason: str) -> str:
    entered = {e.name: e.value for e in case.papers.entered("claim", Claim)}
    for name in (one, other):
        if name not in entered:
            raise UsageError(f'this case has no claim "{name}"', hint="'pastwatch reports claims'")
    if one == other:
        raise UsageError("two claims are named")
    against = APART if kind == SAME else SAME
    for kept in case.papers.relations(against, of=one):
        if other in {kept.relation.from_id, kept.relation.to_id}:
            raise UsageError(
                f"{kept.relation.relation_id} says the opposite",
                hint=f"pastwatch reports undo {kept.relation.relation_id} --reason …",
            )
    return _keep(case, kind, one, other, reason, citations=[entered[n] for n in (one, other)])


def _keep(
    case: CaseWork, kind: str, one: str, other: str, reason: str, *, citations: Sequence[Claim] = ()
) -> str:
    if not reason.strip():
        raise UsageError("a decision says why", hint="--reason")
    relation = Relation(
        relation_id="",
        kind=kind,
        from_id=one,
        to_id=other,
        maker=f"person {case.office.person}",
        reason=reason,
        citations=tuple(c.citation for c in citations),
    )
    (name,) = case.papers.relate([relation], by=case.office.person, at_us=case.office.clock())
    _note(case, "decide", [relation])
    return name


def _note(case: CaseWork, what: str, kept: Sequence[Relation]) -> None:
    """Put into the ledger that relations were kept or undone: a count and a hash, no names."""
    named = [f"{r.kind}\t{r.from_id}\t{r.to_id}" for r in kept]
    argued(case, what=what, of=named, citations=[c for r in kept for c in r.citations])


def _chain(said: Said, lineage: Lineage) -> Chain:
    return Chain(
        claim=said.name,
        outlet=said.article.by,
        report_id=said.claim.report_id,
        who=", ".join(s.text for s in said.speakers),
        via=said.channel,
        roots=tuple(root.name for root in lineage.roots if said.name in root.claims),
    )


def _beside(touching: Mapping[str, Sequence[Relation]], claims: Sequence[str]) -> list[Relation]:
    """The relations that touch some claims, each once, in the order of their names."""
    found = {one.relation_id: one for name in claims for one in touching.get(name, ())}
    return sorted(found.values(), key=lambda one: _number(one.relation_id))


def _denials(
    of: Mapping[str, Said], beside: Sequence[Relation], names: Collection[str], kind: str
) -> tuple[Denial, ...]:
    """The denials from outside a statement that bear on it in one way, each once."""
    found: dict[str, Denial] = {}
    for one in beside:
        said = of.get(one.from_id)
        if one.kind != kind or one.to_id not in names or said is None or said.name in names:
            continue
        if said.claim.stance is Stance.DENIES:
            found.setdefault(said.name, _denial(said, one))
    return tuple(found.values())


def _denial(said: Said, relation: Relation) -> Denial:
    who = ", ".join(s.text for s in said.speakers) or said.article.by
    return Denial(name=said.name, who=who, statement=said.claim.statement, relation_id=relation.relation_id)  # fmt: skip


def _number(name: str) -> int:
    return int(name[1:])
