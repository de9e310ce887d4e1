"""How hypotheses, items and their order look in a terminal of a hundred columns."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from typing import TYPE_CHECKING

from pastwatch.cli import show
from pastwatch.cli.show import count, neutral

if TYPE_CHECKING:
    from pastwatch.desk.hypotheses_table import (
        Dependence,
        HypothesisRow,
        ItemRow,
        Moment,
        QuestionRow,
        Ranks,
        Resting,
        Table,
        Trial,
    )
    from pastwatch.model.hypothesis import Rating

COLUMNS = 100
_NAME = 28
_TITLE = 56
_ROOT = 12
_SAYS_NOTHING = (
    "Fewest first, with ties: a weighted sum of what speaks against each. It says nothing of how "
    "sure anybody may be."
)


def print_listed(
    rows: Sequence[HypothesisRow], questions: Sequence[QuestionRow], *, offset_s: int
) -> None:
    """Hypotheses and questions, with when each was written down."""
    for question in questions:
        show.out(f"{show.pad(question.name, 4)} {neutral(question.text)}")
        show.out(f"     asked by {question.by} {_when(question, offset_s)}")
    for row in rows:
        made = row.hypothesis
        show.out(f"{show.pad(row.name, 4)} {neutral(made.title)}: {neutral(made.statement)}")
        argued = f"argued by {neutral(made.argued_by)}; " if made.argued_by else ""
        show.out(f"     {argued}written down by {row.by} {_when(row, offset_s)}")
        for refuter in row.refuters:
            looked = ", ".join(refuter.queries)
            came = f": {neutral(refuter.outcome)}" if refuter.outcome else ""
            sought = f"looked for in {looked}{came}" if looked else "NOT LOOKED FOR"
            show.out(f"     would be refuted by {neutral(refuter.would_refute)} ({sought})")
        if not row.refuters and made.sort != "none":
            show.out("     nothing is said that would refute it")
    if not rows:
        show.out('no hypotheses yet: pastwatch hypotheses add "…"')


def _when(row: HypothesisRow | QuestionRow, offset_s: int) -> str:
    said = {"later": "LATER than the first opening", "not in the ledger": "NOT IN THE LEDGER"}
    return f"{_moment(row.at_us, offset_s)}, {said.get(row.written, row.written)}"


def _moment(time_us: int, offset_s: int, *, seconds: bool = False) -> str:
    local = show.moment(time_us, offset_s=offset_s, seconds=seconds)
    return local if not offset_s else f"{local} ({show.moment(time_us, seconds=seconds)[11:]})"


def print_table(made: Table, *, items_in_rows: bool = False) -> None:
    """The matrix in blocks of a hundred columns, then the items, the order and all that qualifies it."""
    if not made.items:
        show.out('no items yet: pastwatch hypotheses item "…" --cites h1')
        return
    if items_in_rows:
        _print_by_item(made)
    else:
        _print_by_hypothesis(made)
    _print_items(made.items)
    _print_order(made)
    show.out()
    for line in remarks(made):
        _wrapped(line)


def _print_by_hypothesis(made: Table) -> None:
    left = list(made.items)
    while left:
        block = _fitting(left)
        left = left[len(block) :]
        done = len(made.items) - len(left)
        part = f" ({done} of {len(made.items)})" if len(block) < len(made.items) else ""
        show.out(f"Hypotheses against items, those that tell most apart first{part}")
        show.out()
        rows = [
            [
                show.cut(f"{row.name} {neutral(row.hypothesis.title)}", _NAME),
                *(cell(item.cells[row.name]) for item in block),
            ]
            for row in made.hypotheses
        ]
        show.table(rows, head=["", *(item.name for item in block)])
        show.out()


def _print_by_item(made: Table) -> None:
    show.out("Items against hypotheses, those that tell most apart first")
    show.out()
    names = [row.name for row in made.hypotheses]
    show.table(
        [[item.name, *(cell(item.cells[name]) for name in names)] for item in made.items],
        head=["", *names],
    )
    show.out()


def _wrapped(line: str) -> None:
    """A line of talk in the hundred columns, what runs over set in."""
    indent = " " * (len(line) - len(line.lstrip()))
    show.out(textwrap.fill(line, COLUMNS, subsequent_indent=indent + "  ", break_on_hyphens=False))


def _fitting(items: Sequence[ItemRow]) -> list[ItemRow]:
    """As many items as fit beside the names; always one."""
    used = _NAME
    block: list[ItemRow] = []
    for item in items:
        wide = max([len(item.name), *(len(cell(c)) for c in item.cells.values())])
        if block and used + 2 + wide > COLUMNS:
            break
        used += 2 + wide
        block.append(item)
    return block


def cell(rated: Sequence[tuple[str, Rating]]) -> str:
    """The ratings of a cell: one sign where all agree, both with a stroke where they do not."""
    return "/".join(dict.fromkeys(rating.value for _, rating in rated)) or "·"


def _print_items(items: Sequence[ItemRow]) -> None:
    rows = [
        [
            item.name,
            f"{item.steps:g}",
            f"{item.weight:.2f}",
            item.grades,
            "" if item.root == item.name else show.cut(neutral(item.root), _ROOT),
            show.cut(neutral(item.item.title), _TITLE),
        ]
        for item in items
    ]
    show.table(rows, head=["item", "steps", "weight", "grade", "root", "what"], right={1, 2})
    show.out("steps: how far apart · weight: credibility, relevance · grade: source, said/true")
    show.out()


def _print_order(made: Table) -> None:
    titles = {row.name: row.hypothesis.title for row in made.hypotheses}
    ranks = [one.rank for one in made.standings]
    rows = [
        [
            "apart" if not one.rank else f"{one.rank}{'=' if ranks.count(one.rank) > 1 else ''}",
            f"{one.against:.2f}",
            str(one.inconsistent),
            str(one.very_inconsistent),
            f"{one.hypothesis} {show.cut(neutral(titles[one.hypothesis]), _TITLE)}",
        ]
        for one in made.standings
    ]
    show.table(rows, head=["rank", "against", "I", "II", "hypothesis"], right={1, 2, 3})
    _wrapped(_SAYS_NOTHING)


def remarks(made: Table) -> list[str]:
    """All that qualifies the order, a line each."""
    said = []
    if any(not one.rank for one in made.standings):
        said.append(
            "None of these stands apart: it forbids nothing, so nothing can speak against it."
        )
    if made.every_one_refuted:
        said.append(
            "Something very inconsistent stands against every other: it may be none of these."
        )
    if len(made.raters) < 2:  # noqa: PLR2004 - two rate blind
        who = "one rater's ratings alone" if made.raters else "no rating that you may see"
        said.append(f"This stands on {who}: two rate blind, each under their own --person.")
    hidden = [item for item in made.items if item.hidden_count]
    if hidden:
        many = count(sum(item.hidden_count for item in hidden), "rating")
        said.append(
            f"{many} of others hidden until two have rated the item against every hypothesis: "
            f"{', '.join(item.name for item in hidden)}."
        )
    if made.unrated_count:
        said.append(
            f"{count(made.unrated_count, 'cell')} not rated: what is not rated counts nothing."
        )
    said += _agreement(made)
    said += _of_items(made)
    if made.withheld_count:
        said.append(
            f"{count(made.withheld_count, 'item')} not shown nor counted: of a record judged protected."
        )
    later = [row.name for row in made.hypotheses if row.written == "later"]
    if later:
        said.append(f"Later than the first opening: {', '.join(later)}.")
    said += [
        f"Dissent of {neutral(d.who)} from {d.about}: {neutral(d.says)}" for d in made.dissents
    ]
    return said


def _of_items(made: Table) -> list[str]:
    """What a finding of nothing is worth, what no longer stands, and roots that may be one."""
    said = []
    for item in made.items:
        if item.worth:
            chance = "" if item.found_p is None else f" (would have been found: {item.found_p:.2f})"
            name = item.name if item.diagnostic else f"{item.name} is not diagnostic"
            said.append(f"{name}: {neutral(item.worth)}{chance}.")
        if item.stale:
            said.append(f"{item.name} rests on {', '.join(item.stale)}: no longer standing.")
    said += [
        f"{one} and {other} cite one record and count as two roots: give them one --root if they are."
        for one, other in made.one_record
    ]
    return said


def _agreement(made: Table) -> list[str]:
    found = made.agreement
    if not found.cells:
        return []
    opposed = sum(one.opposed for one in found.differing)
    cells, not_alike = count(found.cells, "cell"), len(found.differing)
    said = [
        f"Rated blind by two: {cells}, {found.alike:,} alike, {not_alike:,} not ({opposed:,} opposed)."
    ]
    for one in found.differing:
        each = "; ".join(f"{who} {rating} ({neutral(why)})" for who, rating, why in one.said)
        said.append(f"  {one.item} {one.hypothesis}: {each}")
    if found.changed_since:
        said.append(f"  {count(found.changed_since, 'rating')} given after seeing the other's.")
    return said


def json_table(made: Table) -> None:
    """A line for each hypothesis, item and place in the order, then what qualifies it."""
    for row in made.hypotheses:
        show.json_line(row, kind="hypothesis")
    for item in made.items:
        show.json_line(item, kind="item")
    for standing in made.standings:
        show.json_line(standing, kind="standing")
    show.json_line(
        None,
        kind="remarks",
        raters=made.raters,
        agreement=made.agreement,
        dissents=made.dissents,
        withheld_count=made.withheld_count,
        unrated_count=made.unrated_count,
        one_record=made.one_record,
        every_one_refuted=made.every_one_refuted,
    )


def order_line(order: Ranks) -> str:
    """An order on a line: ranks apart by ›, ties by =."""
    return " › ".join(" = ".join(rank) for rank in order) or "nothing is ranked"


def print_trials(order: Ranks, trials: Sequence[Trial]) -> None:
    """The order under each switch, beside the order as it stands."""
    rows = [["as it stands", "", order_line(order), ""]]
    for trial in trials:
        told = "same" if trial.same_order else "same first" if trial.same_top else "ANOTHER FIRST"
        left = show.cut(", ".join(trial.left_out), _NAME) or "no item"
        rows.append([trial.switch, left, order_line(trial.order), told])
    show.table(rows, head=["switch", "left out", "order", ""])
    show.out(
        "F and 6 mean that it cannot be judged, not that it is worst; an item not graded stays."
    )


def print_resting(found: Resting) -> None:
    """What flips the top, what it rests on, and which rating would turn it."""
    show.out(f"As it stands: {order_line(found.order)}")
    for flip in found.flips:
        show.out(f"Without {flip.item} alone the first is {' = '.join(flip.top) or 'nobody'}.")
    if not found.flips:
        show.out("No single item flips the first rank by being left out.")
    if found.dependence is None:
        show.out("All hypotheses are one rank: there is no first to rest on anything.")
    else:
        _print_dependence(found.dependence)
    alike: dict[tuple[str, str], list[str]] = {}
    for one in found.turned:
        alike.setdefault((one.hypothesis, " or ".join(one.instead)), []).append(one.item)
    for (hypothesis, instead), items in sorted(alike.items()):
        which = "each of these alone" if len(items) > 1 else "this"
        _wrapped(
            f"Rated {instead} against {hypothesis}, {which} makes another first: "
            f"{', '.join(items)}."
        )


def _print_dependence(rests: Dependence) -> None:
    show.out(f"{rests.lead:.2f} between {rests.last} and the next, {rests.runner}, made up of:")
    rows = [
        [f"{lean.lead:+.2f}", ", ".join(lean.items), _root(lean.root, lean.items)]
        for lean in rests.leans
    ]
    show.table(rows, right={0})
    if not rests.fewest:
        show.out(f"No {count(rests.tried, 'root')} together flip it by being left out.")
        return
    if len(rests.fewest[0]) == 1:
        each = ", ".join(neutral(root) for (root,) in rests.fewest)
        _wrapped(f"The first rank rests on each root of these alone: {each}.")
        return
    sets = "; ".join(" with ".join(map(neutral, own)) for own in rests.fewest)
    _wrapped(f"The first rank rests on {len(rests.fewest[0])} roots together: {sets}.")


def _root(root: str, items: Sequence[str]) -> str:
    return "" if (root,) == tuple(items) else f"root {neutral(root)}"


def print_changes(steps: Sequence[Moment], *, offset_s: int) -> None:
    """The order at each date, and the items that changed it."""
    for step in steps:
        why = ""
        if step.changed:
            by = " or ".join(step.by) or " with ".join(step.together) or "several together"
            why = f"   changed by {by}"
        show.out(f"{_moment(step.as_of_us, offset_s, seconds=True)}  {order_line(step.order)}{why}")
