"""The table of hypotheses in a brief: items by hypotheses, the order, and what the order hangs on."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from pastwatch.desk.briefs.made.cells import NOTHING, joined, many, row
from pastwatch.desk.briefs.made.citing import usable
from pastwatch.desk.briefs.made.ledgered import Acts
from pastwatch.desk.case import CaseWork
from pastwatch.desk.claiming import claims_of
from pastwatch.desk.hypotheses import items_of
from pastwatch.desk.hypotheses_lineage import roots_told_of
from pastwatch.desk.hypotheses_table import (
    ItemRow,
    Ranks,
    Resting,
    Table,
    Trial,
    resting,
    table,
    what_if,
)
from pastwatch.desk.timelining_entries import entries_of
from pastwatch.model.record import Citation
from pastwatch.stages.assess.hypotheses_raters import Blind
from pastwatch.stages.brief.given import Line, Stretch

COLUMNS_AT_MOST = 9
"""Items beside each other in one table; more of them make another table under it."""
OPEN = "open"
_RATINGS = "ratings"


def table_stretches(case: CaseWork, acts: Acts) -> list[Stretch]:
    """The stretches of a whole set of hypotheses; UsageError before the set is one.

    Ratings of an item that two have not yet rated are shown to nobody, and count in no order.
    """
    names = [name for one in items_of(case) for name in one.value.rests_on]
    roots = roots_told_of(case, names).roots
    found = table(case, roots=roots, shared=True)
    ledger = acts.of_kind(_RATINGS)
    if not found.items:
        return []
    stretches = [_items(case, found, acts), *_cells(found, ledger)]
    if not any(item.open for item in found.items):
        said = "No order: nothing was rated by two against every hypothesis yet."
        return [*stretches, Stretch(heading="Order", lines=(_line(said, ledger),))]
    stretches.append(_order(found, ledger))
    hangs = resting(case, roots=roots, shared=True)
    stretches.append(
        Stretch(heading="What the order hangs on", lines=_lines(_hangs(hangs), ledger))
    )
    stretches += _turned(hangs, ledger)
    order, trials = what_if(case, roots=roots, shared=True)
    stretches.append(_switches(order, trials, ledger))
    stretches += _raters(found.agreement, found.raters, ledger)
    return stretches


def _beneath(case: CaseWork) -> Callable[[ItemRow], list[Citation]]:
    """What the claims, entries and findings that an item rests on cite themselves."""
    claims = {one.name: (one.value.citation,) for one in claims_of(case)}
    entries = {one.name: one.value.citations for one in entries_of(case)}
    findings = {one.finding_id: one.citations for one in case.papers.findings()}
    cites = claims | entries | findings
    return lambda one: [c for name in one.item.rests_on for c in cites.get(name, ())]


def _items(case: CaseWork, found: Table, acts: Acts) -> Stretch:
    beneath = _beneath(case)
    return Stretch(
        heading="Items, those that tell the hypotheses furthest apart first",
        columns=("", "Item", "Steps apart", "Weight", "Graded", "Root", "Remarks"),
        lines=tuple(
            Line(
                kind="item",
                text=row(
                    one.name,
                    one.item.title,
                    f"{one.steps:g}" if one.open else OPEN,
                    f"{one.weight:.2g}",
                    one.grades,
                    one.root,
                    _remarks(one),
                ),
                citations=usable(case, (*one.item.citations, *beneath(one))),
                ledger=acts.numbered("items", one.name),
            )
            for one in found.items
        ),
    )


def _remarks(one: ItemRow) -> str:
    said = [f"rests on {joined(one.item.rests_on)}"] if one.item.rests_on else []
    if one.worth:
        said.append(one.worth)
    if not one.diagnostic:
        said.append("not diagnostic")
    if one.missing:
        said.append(f"not graded yet: {joined(one.missing)}")
    if one.stale:
        said.append(f"no longer stands: {joined(one.stale)}")
    if not one.open:
        said.append("not yet rated by two")
    return "; ".join(said)


def _cells(found: Table, ledger: tuple[int, ...]) -> Iterator[Stretch]:
    """Hypotheses in rows, items in columns."""
    for at in range(0, len(found.items), COLUMNS_AT_MOST):
        items = found.items[at : at + COLUMNS_AT_MOST]
        which = f", {items[0].name} to {items[-1].name}" if len(found.items) > len(items) else ""
        yield Stretch(
            heading=f"How each item sits with each hypothesis{which}",
            columns=("Hypothesis", *(item.name for item in items)),
            lines=tuple(
                Line(
                    kind="hypothesis",
                    text=row(
                        f"{one.name} {one.hypothesis.title}",
                        *(_cell(item, one.name) for item in items),
                    ),
                    ledger=ledger,
                )
                for one in found.hypotheses
            ),
        )


def _cell(item: ItemRow, hypothesis: str) -> str:
    """The rating, or those of all raters where they differ; nothing of what two have not rated."""
    if not item.open:
        return OPEN
    return " / ".join(dict.fromkeys(str(rating) for _, rating in item.cells[hypothesis])) or NOTHING


def _order(found: Table, ledger: tuple[int, ...]) -> Stretch:
    titles = {one.name: one.hypothesis.title for one in found.hypotheses}
    of_rank: dict[int, int] = {}
    for one in found.standings:
        of_rank[one.rank] = of_rank.get(one.rank, 0) + 1
    lines = tuple(
        _line(
            row(
                "not ranked"
                if not one.rank
                else f"{one.rank}{', tied' if of_rank[one.rank] > 1 else ''}",
                f"{one.hypothesis} {titles[one.hypothesis]}",
                f"{one.against:.2f}" if one.rank else NOTHING,
                f"{one.inconsistent:,}",
                f"{one.very_inconsistent:,}",
            ),
            ledger,
        )
        for one in found.standings
    )
    columns = ("Rank", "Hypothesis", "Weighted against", "Inconsistent", "Very inconsistent")
    return Stretch(
        heading="What speaks against each, the least first; no probability",
        columns=columns,
        lines=lines,
    )


def _hangs(found: Resting) -> list[str]:
    said = [f"Without {flip.item} alone {_first(flip.top)}." for flip in found.flips]
    said = said or ["No single item, left out, changes which is first."]
    rests = found.dependence
    if rests is not None:
        leans = joined(f"{one.root} {one.lead:+.2f}" for one in rests.leans if one.lead)
        said.append(
            f"{rests.runner} has {rests.lead:.2f} more against it than {rests.last}; by roots: {leans}."
        )
        if rests.fewest:
            sets = "; ".join(" with ".join(one) for one in rests.fewest)
            said.append(f"The fewest roots without which another is first: {sets}.")
        else:
            said.append(f"No {rests.tried} roots or fewer, left out, change which is first.")
    return said


def _first(top: Sequence[str]) -> str:
    """Who is first: one of them, or several at once."""
    if len(top) == 1:
        return f"{top[0]} is first"
    return f"{joined(top)} are first together"


def _turned(found: Resting, ledger: tuple[int, ...]) -> list[Stretch]:
    """The single ratings that, given otherwise, would make another first."""
    rows = [row(one.item, one.hypothesis, " or ".join(one.instead)) for one in found.turned]
    if not rows:
        return []
    return [
        Stretch(
            heading="Single ratings that, given otherwise by all, make another first",
            columns=("Item", "Against", "If it were"),
            lines=_lines(rows, ledger),
        )
    ]


def _switches(order: Ranks, trials: Sequence[Trial], ledger: tuple[int, ...]) -> Stretch:
    lines = [_line(row("as it stands", NOTHING, told_order(order), NOTHING), ledger)]
    for trial in trials:
        same = "yes" if trial.same_order else "first the same" if trial.same_top else "no"
        lines.append(
            _line(row(trial.switch, joined(trial.left_out), told_order(trial.order), same), ledger)
        )
    return Stretch(
        heading="The order again under each switch",
        columns=("Switch", "Left out", "Order", "The same"),
        lines=tuple(lines),
    )


def told_order(order: Ranks) -> str:
    """An order with its ties: y1, then y2 = y3."""
    return ", then ".join(" = ".join(rank) for rank in order) or NOTHING


def _raters(found: Blind, raters: Sequence[str], ledger: tuple[int, ...]) -> list[Stretch]:
    said = [
        (
            f"{many(len(raters), 'rater')}: {joined(raters)}. {found.alike:,} of "
            f"{many(found.cells, 'cell')} rated blind by two are alike."
        )
    ]
    if found.changed_since:
        said.append(
            f"{many(found.changed_since, 'cell')} rated anew after the other's rating was open."
        )
    stretches = [Stretch(heading="Raters", lines=_lines(said, ledger))]
    if found.differing:
        rows = [
            row(
                one.item,
                one.hypothesis,
                "; ".join(f"{who}: {rating} ({reason})" for who, rating, reason in one.said),
                "one for, one against" if one.opposed else "by degree",
            )
            for one in found.differing
        ]
        columns = ("Item", "Hypothesis", "Who said what, blind", "How they differ")
        heading = "Where they differ, which stands"
        stretches.append(Stretch(heading=heading, columns=columns, lines=_lines(rows, ledger)))
    return stretches


def _lines(texts: Sequence[str], ledger: tuple[int, ...]) -> tuple[Line, ...]:
    return tuple(_line(text, ledger) for text in texts)


def _line(text: str, ledger: tuple[int, ...]) -> Line:
    return Line(kind="hypothesis", text=text, ledger=ledger)
