"""A passage cannot be built without what makes it one, and its clock reads back what it wrote."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pastwatch.errors import BadValue
from pastwatch.model.passage import Passage, PassageKind, clock, clock_ms, covered_ms

HEARD = Passage(
    record_id=bytes(16),
    part=1,
    start_ms=0,
    end_ms=1000,
    kind=PassageKind.TRANSCRIPT,
    language="ar",
    text="words",
    maker="ana",
    person=True,
    version="1",
    qualification="sworn interpreter",
)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"end_ms": 0}, "ends after it starts"),
        ({"start_ms": -1}, "ends after it starts"),
        ({"maker": ""}, "names its maker"),
        ({"version": ""}, "names its maker"),
        ({"text": "  "}, "has words, and nothing else has"),
        ({"kind": PassageKind.SILENT}, "has words, and nothing else has"),
        ({"kind": "transcript"}, "says what was heard"),
        ({"qualification": ""}, "states their qualification"),
        ({"kind": PassageKind.TRANSLATION}, "names the transcript it is of"),
    ],
)
def test_a_passage_that_breaks_a_rule_is_not_made(change: dict[str, object], words: str) -> None:
    with pytest.raises(BadValue, match=words):
        replace(HEARD, **change)  # type: ignore[arg-type]


def test_a_machines_words_are_never_printed_without_the_word_draft() -> None:
    assert HEARD.heard_by == "ana, sworn interpreter"
    assert replace(HEARD, person=False, qualification="").heard_by == "machine draft, ana"


@given(st.integers(0, 10**8))
def test_a_place_reads_back_as_it_was_written(ms: int) -> None:
    assert clock_ms(clock(ms)) == ms


@pytest.mark.parametrize(
    ("text", "ms"),
    [("12.5", 12_500), ("0:12", 12_000), (" 1:02:03.004 ", 3_723_004), ("90", 90_000)],
)
def test_a_place_is_read_as_people_write_it(text: str, ms: int) -> None:
    assert clock_ms(text) == ms


@pytest.mark.parametrize("text", ["", "soon", "-1", "1:2:3:4", "0:12.3456", "١٢"])
def test_what_is_no_place_is_refused(text: str) -> None:
    with pytest.raises(BadValue, match="no place in a recording"):
        clock_ms(text)


@given(st.lists(st.tuples(st.integers(0, 60), st.integers(0, 60)).map(sorted), max_size=8))
def test_what_is_covered_is_counted_once(spans: list[list[int]]) -> None:
    every = {at for start, end in spans for at in range(start, end)}
    assert covered_ms((start, end) for start, end in spans) == len(every)
