"""Two reports of one event stand nearer than two of like events, in English and in Russian."""

from __future__ import annotations

import hashlib

import pytest

from pastwatch.model.when import Basis, When
from pastwatch.stages.corroborate.copying import Article
from pastwatch.stages.corroborate.copying_words import Weights
from pastwatch.stages.corroborate.sameevent import FEATURES, features, fitted, same_event

FERRY = (
    "Ferry runs aground off Korso",
    (
        "The ferry Linnea ran aground off Korso island on Friday with 212 passengers. Captain Ove Brandt "
        "said the rudder had jammed. Everybody was taken off by boats from Tarnholm."
    ),
)
FERRY_TOLD_ELSEWHERE = (
    "Korso: 212 brought ashore from the Linnea",
    (
        "Islanders took in passengers of the Linnea on Friday after she struck rocks near Korso. Boats came "
        "from Tarnholm. Ove Brandt, her captain, blamed a jammed rudder."
    ),
)
OTHER_FERRY = (
    "Ferry hits pier at Lower Ness",
    (
        "The ferry Solveig hit the pier at Lower Ness on Monday; nobody was hurt. A wrong command on the "
        "bridge was to blame, the line Nordlink said. The pier is closed for repairs."
    ),
)
VOTE = ("Marbeck closes its pool", "The council of Marbeck voted to close the swimming hall.")
RUSSIAN = (
    "Паром «Линнея» сел на мель у острова Корсо",
    (
        "Паром «Линнея» с 212 пассажирами сел на мель у Корсо в пятницу. Капитан Уве Брандт сообщил, что "
        "заклинило руль. Людей сняли катера из Тарнхольма."
    ),
)
RUSSIAN_AGAIN = (
    "У Корсо с «Линнеи» сняли 212 человек",
    (
        "Пассажиров парома «Линнея», севшего на мель у Корсо, доставили в Тарнхольм. По словам капитана "
        "Уве Брандта, заклинило руль."
    ),
)
RUSSIAN_OTHER = (
    "Паром ударился о причал в Нессе",
    "Паром «Сольвейг» ударился о причал в понедельник, никто не пострадал. Причал закрыт на ремонт.",
)


def article(told: tuple[str, str], *, day: int | None = None) -> Article:
    when = None
    if day is not None:
        at = day * 86_400_000_000
        when = When(earliest_us=at, latest_us=at, basis=Basis.HEADER)
    key = hashlib.md5("".join(told).encode(), usedforsecurity=False).digest()
    return Article(key, "", told[1], told[0], when)


ALL = (FERRY, FERRY_TOLD_ELSEWHERE, OTHER_FERRY, VOTE, RUSSIAN, RUSSIAN_AGAIN, RUSSIAN_OTHER)


@pytest.fixture(scope="module")
def weights() -> Weights:
    return Weights(article(one).words.stems for one in ALL)


@pytest.mark.parametrize(
    ("one", "again", "other"),
    [(FERRY, FERRY_TOLD_ELSEWHERE, OTHER_FERRY), (RUSSIAN, RUSSIAN_AGAIN, RUSSIAN_OTHER)],
)
def test_one_event_is_surer_than_a_like_one(
    weights: Weights, one: tuple[str, str], again: tuple[str, str], other: tuple[str, str]
) -> None:
    same = same_event(article(one), article(again), weights)
    like = same_event(article(one), article(other), weights)
    assert like < 0.5 < same


def test_the_order_of_two_reports_makes_no_difference(weights: Weights) -> None:
    for one in ALL:
        for other in ALL:
            a, b = article(one), article(other)
            assert same_event(a, b, weights) == pytest.approx(same_event(b, a, weights))


def test_a_month_between_two_reports_makes_one_event_less_sure(weights: Weights) -> None:
    near = same_event(article(FERRY, day=3), article(FERRY_TOLD_ELSEWHERE, day=4), weights)
    far = same_event(article(FERRY, day=3), article(FERRY_TOLD_ELSEWHERE, day=60), weights)
    assert far < near


def test_every_feature_lies_from_0_to_1_even_for_nothing(weights: Weights) -> None:
    for told in (*ALL, ("", ""), ("!", "…")):
        found = features(article(told), article(FERRY), weights)
        assert len(found) == len(FEATURES)
        assert all(0 <= f <= 1 + 1e-9 for f in found)


def test_weights_are_fitted_from_judged_pairs() -> None:
    rows = [(1.0, 0.2), (0.9, 0.8), (0.1, 0.9), (0.0, 0.1)]
    fit, bias = fitted(rows, [True, True, False, False])
    assert fit[0] > abs(fit[1])
    assert bias < 0
