"""How claims bear on one another: contradiction, precision, time, drift, denial, caveat, withdrawal."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from pastwatch.model.claim import Stance
from pastwatch.model.record import Citation
from pastwatch.model.relation import Relation
from pastwatch.stages.corroborate.copying import Article, cite
from pastwatch.stages.corroborate.copying_words import Weights
from pastwatch.stages.corroborate.drift import drifts
from pastwatch.stages.corroborate.lineage import Said, far_apart, pairs_worth_it
from pastwatch.stages.corroborate.outlets import outlet_key
from pastwatch.stages.corroborate.relations_claims import Bearing, bearings, far_pairs
from pastwatch.stages.corroborate.relations_figures import Mention, differences, mentions_of
from pastwatch.stages.corroborate.relations_makers import makers_in
from pastwatch.stages.corroborate.relations_times import tellings_apart, times_differ
from pastwatch.stages.corroborate.relations_withdrawn import withdrawals
from pastwatch.stages.corroborate.sameevent import same_event

MAKER = "relations/1"
CONTRADICTS, AGAINST, DENIES = "contradicts", "stands against", "denies"
PRECISION, TIME, DRIFT = "differs in precision", "differs in time or scope", "drift of the actor"
SUPPORTS, CAVEAT, WITHDRAWS = "supports", "caveat", "withdraws"
MADE_BY, RUN_BY = "maker", "operator"
KINDS = (
    CONTRADICTS, AGAINST, DENIES, PRECISION, TIME, DRIFT, SUPPORTS, CAVEAT, WITHDRAWS, MADE_BY, RUN_BY,
)  # fmt: skip
_ONE_EVENT = 0.2
"""Below this two reports surely tell of two events; figures of theirs are not held against each other."""
NAME = "name:"
"""What stands before a name that is no claim, record or account of the case."""


@dataclass(frozen=True)
class Told:
    """Everything that is compared: claims, their groups, their reports."""

    said: Sequence[Said]
    groups: Sequence[Sequence[Said]]
    articles: Sequence[Article]
    of_report: Mapping[bytes, list[Said]] = field(init=False)

    def __post_init__(self) -> None:
        held: dict[bytes, list[Said]] = {}
        for one in self.said:
            held.setdefault(one.claim.report_id, []).append(one)
        object.__setattr__(self, "of_report", held)

    def at(self, article: Article, start: int, end: int) -> str:
        """The claim that bytes of a report stand in, the shortest of several; else the report."""
        fits = [
            one for one in self.of_report.get(article.report_id, ())
            if one.claim.citation.start_byte <= start and end <= one.claim.citation.end_byte
        ]  # fmt: skip
        if fits:
            return min(
                fits, key=lambda s: s.claim.citation.end_byte - s.claim.citation.start_byte
            ).name
        return article.report_id.hex()

    def behind(self, one: Mention) -> list[Article]:
        """The report a figure stands in, and those of the outlets that it is passed on from there."""
        name = self.at(one.article, one.figure.start_byte, one.figure.end_byte)
        claim = next((s for s in self.of_report.get(one.article.report_id, ()) if s.name == name), None)  # fmt: skip
        if claim is None:
            return [one.article]
        through = {outlet_key(s.text) for s in claim.speakers if s.is_outlet}
        through |= {outlet_key(c) for c in claim.channel}
        return [
            one.article,
            *(
                a for a in self.articles
                if a is not one.article and a.outlet and outlet_key(a.outlet) in through
                and not far_apart(a, one.article)
            ),
        ]  # fmt: skip


def relate(told: Told) -> list[Relation]:
    """Every relation found, each with its reason and the bytes it rests on; in a stable order."""
    found: dict[tuple[str, str, str, int], Relation] = {}
    for one in (
        *_between_claims(told), *_in_groups(told), *_figures(told), *_makers(told), *_withdrawn(told),
    ):  # fmt: skip
        where = one.citations[0].start_byte if one.kind in {MADE_BY, RUN_BY} else 0
        found.setdefault((one.kind, *_ends(one), where), one)
    return sorted(found.values(), key=lambda r: (KINDS.index(r.kind), _order(r.from_id), _order(r.to_id)))  # fmt: skip


def _ends(one: Relation) -> tuple[str, str]:
    if one.kind in {CONTRADICTS, AGAINST, PRECISION, TIME, DRIFT, SUPPORTS}:  # the same both ways
        low, high = sorted((one.from_id, one.to_id))
        return low, high
    return one.from_id, one.to_id


def _order(name: str) -> tuple[int, str]:
    return (int(name[1:]) if name[1:].isdigit() and name[0] == "c" else 1 << 60, name)


def _between_claims(told: Told) -> Iterator[Relation]:
    weights = Weights(one.told.concepts for one in told.said)
    pairs = {(told.said[a].name, told.said[b].name): (told.said[a], told.said[b]) for a, b in pairs_worth_it(told.said)}  # fmt: skip
    for a, b in far_pairs(told.said):
        pairs.setdefault((a.name, b.name), (a, b))
    for a, b in pairs.values():
        for bearing in bearings(a, b, weights):
            yield _relation(bearing)


def _in_groups(told: Told) -> Iterator[Relation]:
    for group in told.groups:
        for drift in drifts(group):
            yield _relation(Bearing(DRIFT, drift.one, drift.other, drift.reason))
        for at, one in enumerate(group):
            for other in group[at + 1 :]:
                reason = times_differ(one, other)
                if reason:
                    yield _relation(Bearing(TIME, one, other, reason))
                    continue
                spans = tellings_apart(one, other)
                if spans is not None:
                    yield Relation(
                        relation_id="", kind=TIME, from_id=one.name, to_id=other.name, maker=MAKER,
                        reason=spans.reason,
                        citations=(
                            cite(one.article, *spans.first), cite(other.article, *spans.second),
                        ),
                    )  # fmt: skip


def _figures(told: Told) -> Iterator[Relation]:
    mentions = [m for article in told.articles for m in mentions_of(article)]
    weights = Weights(a.words.stems for a in told.articles)
    found: dict[tuple[object, ...], list[Relation]] = {}
    for one in differences(mentions, Weights(m.about for m in mentions)):
        a, b = one.vaguer, one.other
        if not _of_one_event(told, a, b, weights):
            continue
        relation = Relation(
            relation_id="", kind=one.kind, from_id=_of(told, a), to_id=_of(told, b), maker=MAKER,
            reason=one.reason,
            citations=(_cited(a), _cited(b)),
        )  # fmt: skip
        found.setdefault((*_figure_of(a), *_figure_of(b)), []).append(relation)
    for alike in found.values():  # a headline's figure is that of the claim which tells it in full
        claims = max(_claims_in(r) for r in alike)
        yield from (r for r in alike if _claims_in(r) == claims)


def _figure_of(one: Mention) -> tuple[object, ...]:
    return one.article.report_id, one.figure.low, one.figure.high


def _claims_in(one: Relation) -> int:
    return sum(_order(end)[0] < 1 << 60 for end in (one.from_id, one.to_id))


def _of_one_event(told: Told, a: Mention, b: Mention, weights: Weights) -> bool:
    """Whether two reports may tell of one event; a figure passed on is its own report's as well."""
    return any(
        same_event(one, other, weights) >= _ONE_EVENT
        for one in told.behind(a)
        for other in told.behind(b)
    )


def _of(told: Told, one: Mention) -> str:
    return told.at(one.article, one.figure.start_byte, one.figure.end_byte)


def _cited(one: Mention) -> Citation:
    return cite(one.article, one.figure.start_byte, one.figure.end_byte)


def _makers(told: Told) -> Iterator[Relation]:
    for article in told.articles:
        for made in makers_in(article):
            yield Relation(
                relation_id="", kind=made.kind, from_id=told.at(article, made.start_byte, made.end_byte),
                to_id=NAME + made.place, maker=MAKER, reason=f'"{made.surface}": {made.reason}',
                citations=(cite(article, made.start_byte, made.end_byte),),
            )  # fmt: skip


def _withdrawn(told: Told) -> Iterator[Relation]:
    for one in withdrawals(told.articles, told.said):
        yield Relation(
            relation_id="", kind=WITHDRAWS, from_id=one.article.report_id.hex(), to_id=one.said.name,
            maker=MAKER, reason=one.reason,
            citations=(cite(one.article, one.start_byte, one.end_byte), one.said.claim.citation),
        )  # fmt: skip


def _relation(bearing: Bearing) -> Relation:
    return Relation(
        relation_id="",
        kind=bearing.kind,
        from_id=bearing.one.name,
        to_id=bearing.other.name,
        maker=MAKER,
        reason=bearing.reason,
        citations=(bearing.one.claim.citation, bearing.other.claim.citation),
        score=bearing.score,
    )


def denials_in(said: Sequence[Said]) -> list[Said]:
    """The claims whose speakers deny something."""
    return [one for one in said if one.claim.stance is Stance.DENIES]
