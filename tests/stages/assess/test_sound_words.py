"""What a coverage says of recorded sound: a machine's hearing never stands for a person's."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pastwatch.model.assessment import Coverage
from pastwatch.stages.assess.coverage import coverage_of, lines, negative_statement, sound_lines

COUNTS = {"held": 9, "in_scope": 5, "scanned": 5, "matched": 0, "shown": 0}


def coverage(held: float, machine: float, human: float) -> Coverage:
    return coverage_of(
        {
            **COUNTS,
            "audio_minutes_held": held,
            "audio_minutes_machine": machine,
            "audio_minutes_human": human,
        },
        queries=["bread"],
    )


def test_a_slice_without_sound_says_nothing_of_it() -> None:
    assert sound_lines(coverage(0, 0, 0)) == ()
    assert "sound" not in negative_statement(coverage(0, 0, 0))


def test_minutes_no_person_has_heard_are_told_with_who_did() -> None:
    assert sound_lines(coverage(1512.53, 1400.2, 12.04)) == (
        "Recorded sound: 1,512.5 min held, 12.0 min heard by a person.",
        "No person has heard 1,500.5 min: a machine alone 1,400.2 min, nobody at all 100.3 min.",
    )
    assert set(sound_lines(coverage(2, 0, 1))) <= set(lines(coverage(2, 0, 1)))


def test_nothing_found_is_said_with_what_no_person_has_heard() -> None:
    said = negative_statement(coverage(2, 1, 0.5))
    assert "No person has heard 1.5 min of recorded sound in it." in said
    assert "No person has heard" not in negative_statement(coverage(2, 0, 2))


@pytest.mark.parametrize("left", [0.01, 0.04])
def test_a_rest_too_short_to_print_is_not_printed_as_none(left: float) -> None:
    (_, rest) = sound_lines(coverage(1.0, 0.0, 1.0 - left))
    assert "nobody at all less than 0.1 min" in rest


@given(*(st.integers(0, 100_000) for _ in range(3)))
def test_the_minutes_said_add_up_to_what_no_person_has_heard(a: int, b: int, c: int) -> None:
    made = coverage((a + b + c) / 10, b / 10, c / 10)
    said = " ".join(sound_lines(made)).replace(",", "")
    figures = [round(float(n) * 10) for n in re.findall(r"(\d+\.\d) min", said)]
    if a + b:
        assert figures == [a + b + c, c, a + b, b, a]
