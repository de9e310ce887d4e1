"""The page on the query language: each row of its table is true."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from pastwatch.matching.matcher import Matcher
from pastwatch.matching.parse import parse

PAGE = Path(__file__).parents[2] / "docs" / "query.md"
ROWS = re.findall(r"^\| `(.+)` \| `(.+)` \| (yes|no) \|$", PAGE.read_text("utf-8"), re.MULTILINE)


@pytest.mark.parametrize(("query", "text", "answer"), ROWS)
def test_the_page_says_what_matches(query: str, text: str, answer: str) -> None:
    found = Matcher(parse(query)).spans({0: text})
    assert (found is not None) == (answer == "yes")


def test_the_page_has_its_table() -> None:
    assert len(ROWS) >= 40
