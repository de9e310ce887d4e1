"""The table of hypotheses as a person may see it: cells, order, what it rests on, and what if."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from pastwatch.desk.case import CaseWork
from pastwatch.desk.grades import grades_of_items, roots_of_items
from pastwatch.desk.hypotheses import (
    DISSENT,
    ITEM,
    QUESTION,
    RATING,
    REFUTER,
    RESTS_ON,
    hash_of,
    hypotheses_of,
    items_of,
)
from pastwatch.desk.hypotheses_later import Written, order_of_case
from pastwatch.errors import UsageError
from pastwatch.model.hypothesis import (
    Asked,
    Dissent,
    EvidenceItem,
    Hypothesis,
    Rated,
    Rating,
    Refuter,
)
from pastwatch.stages.assess.diagnostic import worth_of
from pastwatch.stages.assess.flips import Dependence, Flip, Turned, dependence, flips, turned
from pastwatch.stages.assess.grading import SWITCHES, Grades, dropped, read_drop
from pastwatch.stages.assess.hypotheses import (
    Matrix,
    Standing,
    check_set,
    matrix_of,
    most_diagnostic,
    order_of,
    standings,
)
from pastwatch.stages.assess.hypotheses_changes import history
from pastwatch.stages.assess.hypotheses_raters import Blind, blind, is_open, seen_by

__all__ = ["Dependence", "Table", "Trial", "changes", "listed", "resting", "table", "what_if"]

Ranks = tuple[tuple[str, ...], ...]
UNWEIGHTED = "every item alike"


@dataclass(frozen=True, slots=True, kw_only=True)
class HypothesisRow:
    """A hypothesis as it stands, when it was written down, and what was looked for against it."""

    name: str
    hypothesis: Hypothesis
    by: str
    at_us: int
    written: Written
    refuters: tuple[Refuter, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class QuestionRow:
    """A question of the case, and when it was written down."""

    name: str
    text: str
    by: str
    at_us: int
    written: Written


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemRow:
    """An item of the table: how far it tells hypotheses apart, what it counts, what became of it."""

    name: str
    item: EvidenceItem
    steps: float
    weight: float
    grades: str
    missing: tuple[str, ...]
    root: str
    worth: str
    """Of a finding of nothing: what it is worth, and by which rule."""
    diagnostic: bool
    found_p: float | None
    open: bool
    hidden_count: int
    stale: tuple[str, ...]
    """What it rests on that no longer stands."""
    cells: Mapping[str, tuple[tuple[str, Rating], ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """Hypotheses against items, and the order that comes of it; the most diagnostic items first."""

    hypotheses: tuple[HypothesisRow, ...]
    items: tuple[ItemRow, ...]
    standings: tuple[Standing, ...]
    raters: tuple[str, ...]
    agreement: Blind
    dissents: tuple[Dissent, ...]
    withheld_count: int
    """Items that rest on a record judged protected since: neither shown nor counted."""
    unrated_count: int
    one_record: tuple[tuple[str, str], ...]
    """Items of two roots that cite one record."""
    every_one_refuted: bool
    """Whether something very inconsistent stands against each hypothesis that is ranked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """What the order would be under one switch."""

    switch: str
    left_out: tuple[str, ...]
    order: Ranks
    same_top: bool
    same_order: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Resting:
    """What the top of the order hangs on."""

    order: Ranks
    flips: tuple[Flip, ...]
    turned: tuple[Turned, ...]
    dependence: Dependence | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """The order as it stood at one date of the ratings, and the items that changed it since the last."""

    as_of_us: int
    order: Ranks
    changed: bool
    by: tuple[str, ...]
    """Items that each alone brought the change."""
    together: tuple[str, ...]
    """Items that matter to it, where none alone did."""


def listed(case: CaseWork) -> tuple[tuple[HypothesisRow, ...], tuple[QuestionRow, ...]]:
    """The hypotheses and the questions that stand, each with when it was written down."""
    told = order_of_case(case)
    refuters = [one.value for one in case.papers.entered(REFUTER, Refuter)]
    rows = tuple(
        HypothesisRow(
            name=one.name,
            hypothesis=one.value,
            by=one.by,
            at_us=one.at_us,
            written=told.written(hash_of(one.value)),
            refuters=tuple(r for r in refuters if r.hypothesis == one.name),
        )
        for one in hypotheses_of(case)
    )
    asked = tuple(
        QuestionRow(
            name=one.name,
            text=one.value.text,
            by=one.by,
            at_us=one.at_us,
            written=told.written(hash_of(one.value)),
        )
        for one in case.papers.entered(QUESTION, Asked)
    )
    return rows, asked


def table(case: CaseWork, *, roots: Mapping[str, str] | None = None, shared: bool = False) -> Table:
    """The table as this person may see it: an item that two have not yet rated shows one's own alone.

    With `shared` it is the table that anybody may see: of such an item no rating at all. `roots` names the root of claims and records, as their lineage tells it. UsageError before there
    are three hypotheses with none-of-these and one that a named person argues.
    """
    rows, _ = listed(case)
    seen, hidden = _seen(case, shared=shared)
    matrix = _matrix(case, seen, roots=roots)
    items, grades = {one.name: one.value for one in items_of(case)}, grades_of_items(case)
    given = [one.value for one in case.papers.entered(RATING, Rated)]
    names, gone = [row.name for row in rows], _gone(case)
    standing = standings(matrix)
    return Table(
        hypotheses=rows,
        items=tuple(
            _item_row(
                column.item,
                items[column.item],
                matrix,
                grades=grades[column.item],
                hidden=hidden.get(column.item, 0),
                is_open=is_open(given, column.item, names),
                gone=gone,
            )
            for column in most_diagnostic(matrix)
        ),
        standings=standing,
        raters=tuple(dict.fromkeys(one.rater for one in seen)),
        agreement=blind([one for one in seen if one.item in items]),
        dissents=tuple(one.value for one in case.papers.entered(DISSENT, Dissent)),
        withheld_count=len(case.papers.entered(ITEM, EvidenceItem)) - len(items),
        unrated_count=sum(not cell for column in matrix.columns for cell in column.rated),
        one_record=_one_record(items, matrix),
        every_one_refuted=all(one.very_inconsistent for one in standing if one.rank),
    )


def what_if(
    case: CaseWork,
    drops: Sequence[str] = (),
    *,
    roots: Mapping[str, str] | None = None,
    shared: bool = False,
) -> tuple[Ranks, tuple[Trial, ...]]:
    """The order as it stands, and under each switch: grades left out, one rater alone, all alike."""
    seen, _ = _seen(case, shared=shared)
    matrix, grades = _matrix(case, seen, roots=roots), grades_of_items(case)
    order = order_of(matrix)
    trials = []
    for switch in drops or SWITCHES:
        left_out = dropped(grades, read_drop(switch))
        trials.append(_trial(f"without {switch}", left_out, matrix.without(left_out), order))
    if not drops:
        raters = tuple(dict.fromkeys(one.rater for one in seen))
        for rater in raters if len(raters) > 1 else ():
            own = [one for one in seen if one.rater == rater]
            trials.append(_trial(f"{rater} alone", (), _matrix(case, own, roots=roots), order))
        alike = tuple(replace(column, weight=1.0) for column in matrix.columns)
        trials.append(_trial(UNWEIGHTED, (), replace(matrix, columns=alike), order))
    return order, tuple(trials)


def resting(
    case: CaseWork, *, roots: Mapping[str, str] | None = None, shared: bool = False
) -> Resting:
    """Which single item or rating flips the top, and which roots it rests on."""
    matrix = _matrix(case, _seen(case, shared=shared)[0], roots=roots)
    return Resting(
        order=order_of(matrix),
        flips=flips(matrix),
        turned=turned(matrix),
        dependence=dependence(matrix),
    )


def changes(case: CaseWork, *, roots: Mapping[str, str] | None = None) -> tuple[Moment, ...]:
    """The order as it stood at each date of the ratings read from files, and the item that moved it."""
    seen, _ = _seen(case)
    moments = sorted({one.as_of_us for one in seen if one.as_of_us is not None})
    if not moments:
        raise UsageError(
            "no rating is dated: an order over time needs files of ratings",
            hint="pastwatch hypotheses rate --file ratings.toml",
        )
    matrices = [
        (
            str(moment),
            _matrix(
                case,
                [r for r in seen if r.as_of_us is not None and r.as_of_us <= moment],
                roots=roots,
            ),
        )
        for moment in moments
    ]
    return tuple(
        Moment(
            as_of_us=moment,
            order=step.order,
            changed=step.changed,
            by=step.by,
            together=step.together,
        )
        for moment, step in zip(moments, history(matrices), strict=True)
    )


def _seen(case: CaseWork, *, shared: bool = False) -> tuple[list[Rated], dict[str, int]]:
    given = [one.value for one in case.papers.entered(RATING, Rated)]
    names = [one.name for one in hypotheses_of(case)]
    return seen_by(given, "" if shared else case.office.person, names)


def _matrix(case: CaseWork, ratings: Iterable[Rated], *, roots: Mapping[str, str] | None) -> Matrix:
    hypotheses = {one.name: one.value for one in hypotheses_of(case)}
    check_set(hypotheses.values())
    items = {one.name: one.value for one in items_of(case)}
    return matrix_of(hypotheses, items, ratings, roots=roots_of_items(case, roots))


def _item_row(
    name: str,
    item: EvidenceItem,
    matrix: Matrix,
    *,
    grades: Grades,
    hidden: int,
    is_open: bool,
    gone: set[str],
) -> ItemRow:
    column = next(c for c in matrix.columns if c.item == name)
    worth = worth_of(item.unfound) if item.unfound else None
    return ItemRow(
        name=name,
        item=item,
        steps=column.steps,
        weight=column.weight,
        grades=grades.shown,
        missing=grades.missing,
        root=column.root,
        worth=worth.why if worth else "",
        diagnostic=worth.diagnostic if worth else True,
        found_p=worth.found_p if worth else None,
        open=is_open,
        hidden_count=hidden,
        stale=tuple(one for one in item.rests_on if one in gone),
        cells=dict(zip(matrix.hypotheses, column.rated, strict=True)),
    )


def _gone(case: CaseWork) -> set[str]:
    """The findings withdrawn, and the claims, exhibits and entries struck."""
    struck = {
        one.name
        for kind, of in RESTS_ON.values()
        for one in case.papers.entered(kind, of, struck=True)
        if one.struck is not None
    }
    return struck | {gone.finding_id for gone in case.papers.withdrawals()}


def _one_record(items: Mapping[str, EvidenceItem], matrix: Matrix) -> tuple[tuple[str, str], ...]:
    root = {column.item: column.root for column in matrix.columns}
    first: dict[bytes, str] = {}
    found: dict[tuple[str, str], None] = {}
    for name, item in items.items():
        for cite in item.citations:
            other = first.setdefault(cite.record_id, name)
            if other != name and root[other] != root[name]:
                found[other, name] = None
    return tuple(found)


def _trial(switch: str, left_out: tuple[str, ...], matrix: Matrix, before: Ranks) -> Trial:
    order = order_of(matrix)
    return Trial(
        switch=switch,
        left_out=left_out,
        order=order,
        same_top=order[:1] == before[:1],
        same_order=order == before,
    )
