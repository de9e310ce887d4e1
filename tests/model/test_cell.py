"""What a spreadsheet might obey begins with an apostrophe, and nothing else is touched."""

from __future__ import annotations

import pytest

from pastwatch.model.cell import inert


@pytest.mark.parametrize(
    "cell", ["=1+1", "+1", "-1", "@SUM(A1)", "\tx", "\rx", "\nx", "|calc", "＝1", " =1", "\u00a0@x"]
)
def test_what_may_be_a_formula_begins_with_an_apostrophe(cell: str) -> None:
    assert inert(cell) == "'" + cell


@pytest.mark.parametrize("cell", ["", " ", "plain", "a=b", "1-2", " x@y.example"])
def test_what_is_none_stays(cell: str) -> None:
    assert inert(cell) == cell
