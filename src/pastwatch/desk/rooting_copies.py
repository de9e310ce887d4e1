"""The copies between reports of a case as they are shown, and its outlets by what they take."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pastwatch.desk.assessing import withheld
from pastwatch.desk.case import CaseWork
from pastwatch.desk.rooting import articles_of_case, told_relations
from pastwatch.model.claim import Claim
from pastwatch.model.relation import Relation
from pastwatch.stages.corroborate import copying
from pastwatch.stages.corroborate.copying import Article, Copy, Direction
from pastwatch.stages.corroborate.copying_outlets import Outlet as Outlet  # noqa: PLC0414 - for faces
from pastwatch.stages.corroborate.copying_outlets import outlets_of, takings_of

_OPEN = (Direction.UNKNOWN, Direction.COMMON)


@dataclass(frozen=True, slots=True, kw_only=True)
class CopyShown:
    """A relation of copying with the outlets and the longest shared passage, as the taker has it."""

    relation: Relation
    taker: str
    giver: str
    is_directed: bool
    passage: str


def copies_of_case(case: CaseWork) -> list[CopyShown]:
    """The copies that stand, the largest share first."""
    by_id = {a.report_id: a for a in articles_of_case(case)}
    kept = [r for r in told_relations(case) if r.kind in copying.KINDS]
    shown = [
        CopyShown(
            relation=one,
            taker=_named(by_id[taker]),
            giver=_named(by_id[giver]),
            is_directed=_direction(one) not in _OPEN,
            passage=_passage(one, by_id[taker]),
        )
        for one in kept
        if (taker := bytes.fromhex(one.from_id)) in by_id
        and (giver := bytes.fromhex(one.to_id)) in by_id
    ]
    return sorted(shown, key=lambda c: (-(c.relation.score or 0), c.relation.relation_id))


def outlets_of_case(case: CaseWork) -> list[Outlet]:
    """The outlets of a case's reports by how much of each is taken, from the copies that stand."""
    articles = articles_of_case(case)
    by_id = {a.report_id: a for a in articles}
    copies = [
        copy
        for one in told_relations(case)
        if one.kind in copying.KINDS and (copy := _copy(one, by_id)) is not None
    ]
    return outlets_of(articles, takings_of(articles, copies), copies)


def words_of(case: CaseWork, relations: Sequence[Relation]) -> dict[str, str]:
    """The statements of the claims that relations join, by the names of the claims."""
    wanted = {name for one in relations for name in (one.from_id, one.to_id)}
    shut = withheld(case)
    return {
        e.name: e.value.statement
        for e in case.papers.entered("claim", Claim, struck=True)
        if e.name in wanted and e.value.report_id not in shut
    }


def _direction(one: Relation) -> Direction:
    return Direction(one.maker.rpartition(" ")[2])


def _named(article: Article) -> str:
    return f"{article.outlet} ({article.report_id.hex()[:8]})" if article.outlet else article.by


def _passage(one: Relation, taker: Article) -> str:
    cited = next((c for c in one.citations if c.record_id == taker.report_id), None)
    if cited is None:
        return ""
    return taker.text.encode()[cited.start_byte : cited.end_byte].decode(errors="replace")


def _copy(one: Relation, by_id: dict[bytes, Article]) -> Copy | None:
    taker, giver = by_id.get(bytes.fromhex(one.from_id)), by_id.get(bytes.fromhex(one.to_id))
    if taker is None or giver is None:
        return None
    share = one.score or 0.0
    return Copy(
        taker=taker, giver=giver, kind=one.kind, direction=_direction(one), ground=one.reason,
        score=share, share=share, passages=(), told=share,
    )  # fmt: skip
