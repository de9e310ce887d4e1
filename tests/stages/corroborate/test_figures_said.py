"""Figures as reports say them have two ends; what counts nothing is none."""

from __future__ import annotations

import pytest

from pastwatch.stages.corroborate.figures import figures_of


def ends(text: str, language: str = "en") -> list[tuple[float | None, float | None]]:
    return [(one.low, one.high) for one in figures_of(text, language=language)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("at least 83 people", [(83, None)]),
        ("dozens of people", [(24, None)]),
        ("several men", [(3, None)]),
        ("between 12 and 15 shells", [(12, 15)]),
        ("12 to 15 shells", [(12, 15)]),
        ("more than 1,200 houses", [(1200, None)]),
        ("fewer than twenty-one cars", [(None, 21)]),
        ("up to 30 were hurt", [(None, 30)]),
        ("about a dozen drivers", [(12, 12)]),
        ("two hundred and fifty sheep", [(250, 250)]),
        ("it cost 2.5 million thalers", [(2_500_000, 2_500_000)]),
        ("hundreds of thousands fled", [(200_000, None)]),
        ("the alarm rang twice", [(2, 2)]),
        ("40 percent of them", [(40, 40)]),
        ("at 6 in the morning", []),
        ("the 2nd gate", []),
        ("11 were hurt, not 14", [(11, 11)]),
        ("at kilometre 77", []),
        ("twice the price", []),
    ],
)
def test_a_figure_lies_between_two_ends(
    text: str, expected: list[tuple[float | None, float | None]]
) -> None:
    assert ends(text) == expected


@pytest.mark.parametrize(
    ("language", "text", "expected"),
    [
        ("fr", "au moins douze soldats", [(12, None)]),
        ("fr", "une quarantaine de blessés", [(40, 40)]),
        ("ru", "не менее 12 человек", [(12, None)]),
        ("ru", "около сорока человек", [(40, 40)]),
        ("ar", "ما لا يقل عن 12 شخصا", [(12, None)]),
    ],
)
def test_other_languages_count_too(
    language: str, text: str, expected: list[tuple[float | None, float | None]]
) -> None:
    assert ends(text, language) == expected


def test_a_figure_says_what_it_counts() -> None:
    assert [one.of for one in figures_of("at least 14 people and dozens of cars")] == [
        "people",
        "cars",
    ]
