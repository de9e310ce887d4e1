"""The order is shown as it stood at each minute, with the item that moved it, and no curve."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from pastwatch.model.hypothesis import (
    EvidenceItem,
    Hypothesis,
    HypothesisSort,
    Rated,
    Unfound,
    Weight,
)
from pastwatch.stages.assess.flips import dependence, flips
from pastwatch.stages.assess.hypotheses import Matrix, check_set, matrix_of, scores
from pastwatch.stages.assess.hypotheses_changes import Step, history
from pastwatch.stages.assess.hypotheses_file import moment_of, read_sheet

FOLDER = Path(__file__).parents[2] / "trials" / "apollo13"
MINUTES = ["055-56", "055-57", "056-00", "056-03", "056-09", "056-22", "056-27", "056-43"]


def read(name: str) -> dict[str, Any]:
    return tomllib.loads((FOLDER / f"{name}.toml").read_text(encoding="utf-8"))


def item(plain: dict[str, Any]) -> EvidenceItem:
    unfound = None
    if "covered_count" in plain:
        unfound = Unfound(
            covered_count=plain["covered_count"],
            of_count=plain["of_count"],
            elsewhere=tuple(plain["elsewhere"]),
        )
    return EvidenceItem(
        title=plain["title"],
        rests_on=tuple(plain["rests_on"]),
        root=plain.get("root", ""),
        relevance=Weight(plain.get("relevance", "medium")),
        at_us=moment_of(plain["at"]),
        unfound=unfound,
    )


@pytest.fixture(scope="module")
def case() -> tuple[dict[str, Hypothesis], dict[str, EvidenceItem]]:
    plain = read("case")
    hypotheses = {
        name: Hypothesis(**{**own, "sort": HypothesisSort(own["sort"])})
        for name, own in plain["hypothesis"].items()
    }
    check_set(hypotheses.values())
    return hypotheses, {name: item(own) for name, own in plain["item"].items()}


Case = tuple[dict[str, Hypothesis], dict[str, EvidenceItem]]


@pytest.fixture(scope="module")
def minutes(case: Case) -> list[tuple[str, Matrix]]:
    """The matrix at each minute: all ratings of the files up to it."""
    hypotheses, items = case
    given: list[Rated] = []
    found = []
    for name in MINUTES:
        sheet = read_sheet(read(name), items=items)
        given += sheet.ratings
        known = {n: i for n, i in items.items() if (i.at_us or 0) <= sheet.as_of_us}
        found.append((name, matrix_of(hypotheses, known, given)))
    return found


def test_the_order_of_each_minute_and_the_item_that_moved_it(
    minutes: list[tuple[str, Matrix]],
) -> None:
    told = [(s.label, s.order, s.by, s.together) for s in history(minutes)]
    assert told == [
        ("055-56", (("y1", "y3"), ("y2",)), (), ()),
        ("055-57", (("y3",), ("y1", "y2")), ("i5",), ()),
        ("056-00", (("y3",), ("y2",), ("y1",)), ("i6", "i11"), ()),
        ("056-03", (("y2",), ("y3",), ("y1",)), ("i12",), ()),
        ("056-09", (("y2",), ("y3",), ("y1",)), (), ()),
        ("056-22", (("y2",), ("y3",), ("y1",)), (), ()),
        ("056-27", (("y2",), ("y3",), ("y1",)), (), ()),
        ("056-43", (("y2",), ("y3",), ("y1",)), (), ()),
    ]


def test_an_order_holds_no_share_and_no_curve(minutes: list[tuple[str, Matrix]]) -> None:
    assert set(Step.__slots__) == {"label", "order", "changed", "by", "together"}
    assert max(scores(minutes[-1][1])) > 1


def test_what_was_never_held_speaks_against_nobody(minutes: list[tuple[str, Matrix]]) -> None:
    for _, matrix in minutes:
        (column,) = (c for c in matrix.columns if c.item == "i19")
        assert set(column.against) == {0.0}
        assert column.steps == 0


def test_by_the_end_no_single_item_flips_it(minutes: list[tuple[str, Matrix]]) -> None:
    assert [[f.item for f in flips(matrix)] for _, matrix in minutes] == [
        ["i4"], ["i5"], ["i4"], ["i12"], [], [], [], [],
    ]  # fmt: skip
    resting = [dependence(matrix) for _, matrix in minutes[-4:]]
    assert [len(one.fewest[0]) for one in resting[:2] if one is not None] == [2, 3]
    for late in resting[2:]:
        assert late is not None
        assert (late.last, late.runner) == ("y2", "y3")
        assert (late.fewest, late.tried) == ((), 3)


def test_no_rating_was_written_before_its_record(case: Case) -> None:
    for name in MINUTES:
        sheet = read_sheet(read(name), items=case[1])
        assert all((case[1][r.item].at_us or 0) <= sheet.as_of_us for r in sheet.ratings)


def test_each_item_stands_at_a_record_of_its_loop(
    case: Case, data_set: Callable[[str], Path]
) -> None:
    script = data_set("apollo13-loops") / "apollo" / "apollo13rt" / "script"
    for one in case[1].values():
        if one.unfound is not None:
            continue
        loop, _, elapsed = one.rests_on[0].split()
        hours, minutes, seconds = map(int, elapsed.split(":"))
        rows = json.loads((script / f"{loop}-loop.json").read_text(encoding="utf-8"))
        starts = {row.get("start") for row in rows}
        assert hours * 3600 + minutes * 60 + seconds in starts, elapsed
