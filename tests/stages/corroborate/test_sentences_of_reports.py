"""A report is cut into sentences apart from its headline, captions and the page around it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pastwatch.stages.corroborate.sentences import Places, Sort, stretches_of

PAGE = """Fire at the quay

Updated

By Sana Holm

2031-05-06

The port said nobody was hurt. Mr. Holm of the U.S. office saw it.
The quay after the fire Photo Credit: Agency/Harbour News

“It was dark. We saw nothing,” a guard said.

RELATED: Ten fires at quays

More from the Courier:

Click here for more
"""


def cut(text: str) -> list[tuple[str, str]]:
    return [(s.sort.value, text[s.start : s.end]) for s in stretches_of(text)]


def test_what_is_no_text_of_a_report_is_told_apart() -> None:
    assert cut(PAGE) == [
        ("heading", "Fire at the quay"),
        ("update", "Updated"),
        ("byline", "By Sana Holm"),
        ("byline", "2031-05-06"),
        ("sentence", "The port said nobody was hurt."),
        ("sentence", "Mr. Holm of the U.S. office saw it."),
        ("caption", "The quay after the fire Photo Credit: Agency/Harbour News"),
        ("sentence", "“It was dark. We saw nothing,” a guard said."),
        ("navigation", "RELATED: Ten fires at quays"),
        ("navigation", "More from the Courier:"),
        ("navigation", "Click here for more"),
    ]


def test_wrapped_lines_are_one_paragraph_and_a_headline_is_none_of_it() -> None:
    line = "the valves of the lower dam were closed by hand that night and the"
    text = f"Dam shut\n\nThe keeper said that {line}\n{line}\nwater rose. He left."
    assert [sort for sort, _ in cut(text)] == ["heading", "sentence", "sentence"]


def test_an_open_quotation_mark_does_not_swallow_the_rest() -> None:
    text = "He said “yes. " + "The gate was shut. " * 200
    assert len(cut(text)) > 150


@pytest.mark.parametrize("text", ["", " \n\n \t", "\u200f", "“", '"""""', "...", "\n.\n", "؟؟؟"])
def test_what_is_hardly_a_text_breaks_nothing(text: str) -> None:
    assert all(a < b for a, b, _ in stretches_of(text))


@given(st.text(max_size=300))
def test_stretches_stand_in_order_and_inside_the_text(text: str) -> None:
    at = 0
    for start, end, sort in stretches_of(text):
        assert at <= start < end <= len(text)
        assert text[start:end].strip() == text[start:end]
        assert isinstance(sort, Sort)
        at = end


@given(st.text(max_size=100), st.integers(0, 100), st.integers(0, 100))
def test_places_are_bytes(text: str, one: int, two: int) -> None:
    start, end = sorted((min(one, len(text)), min(two, len(text))))
    raw = text.encode("utf-8", "surrogatepass")
    first, after = Places(text).span(start, end)
    assert raw[first:after] == text[start:end].encode("utf-8", "surrogatepass")
