"""Two rate blind: neither sees the other's before both are done, and where they differ is kept."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from pastwatch.errors import UsageError
from pastwatch.model.hypothesis import EvidenceItem, Rated, Rating
from pastwatch.stages.assess.hypotheses_file import read_sheet
from pastwatch.stages.assess.hypotheses_raters import blind, is_open, is_sighted, seen_by

YS = ("y1", "y2")


def rated(
    who: str, hypothesis: str, sign: str, *, item: str = "i1", sighted: bool = False
) -> Rated:
    return Rated(
        item=item,
        hypothesis=hypothesis,
        rating=Rating(sign),
        rater=who,
        reason="r",
        sighted=sighted,
    )


ANA = [rated("ana", "y1", "C"), rated("ana", "y2", "I")]
BEN = [rated("ben", "y1", "II"), rated("ben", "y2", "I")]


def test_a_rater_does_not_see_the_others_ratings_before_both_are_done() -> None:
    half = [*ANA, BEN[0]]
    assert not is_open(half, "i1", YS)
    assert seen_by(half, "ben", YS) == ([BEN[0]], {"i1": 2})
    assert seen_by(half, "cleo", YS) == ([], {"i1": 3})
    assert seen_by([*ANA, *BEN], "ben", YS) == ([*ANA, *BEN], {})


def test_a_hypothesis_added_later_closes_the_item_again() -> None:
    assert is_open([*ANA, *BEN], "i1", YS)
    assert not is_open([*ANA, *BEN], "i1", (*YS, "y3"))


def test_a_rating_given_after_seeing_says_so() -> None:
    assert not is_sighted(ANA, BEN[0], YS)
    assert is_sighted([*ANA, *BEN], rated("cleo", "y1", "C"), YS)
    assert is_sighted([*ANA, *BEN], rated("ben", "y1", "C"), YS)
    assert not is_sighted(ANA, rated("ana", "y1", "N"), YS)


def test_where_two_differ_is_kept_with_what_each_said_blind() -> None:
    later = rated("ben", "y1", "C", sighted=True)
    found = blind([*ANA, *BEN, later])
    assert (found.cells, found.alike, found.changed_since) == (2, 1, 1)
    (one,) = found.differing
    assert one.said == (("ana", Rating.C, "r"), ("ben", Rating.II, "r"))
    assert one.opposed


def test_two_shades_of_the_same_are_not_opposed() -> None:
    (one,) = blind([rated("ana", "y1", "I"), rated("ben", "y1", "II")]).differing
    assert not one.opposed


NOON = datetime(2017, 4, 4, 12, 40, tzinfo=UTC)
ITEMS = {"i1": EvidenceItem(title="t", rests_on=("c1",), at_us=int(NOON.timestamp()) * 1_000_000)}


def sheet(**more: Any) -> dict[str, Any]:
    return {"as_of": NOON, "rater": "ana", "i1": {"why": "w", "y1": "c", "y2": "II"}, **more}


def test_a_file_of_ratings_is_read_with_its_date() -> None:
    found = read_sheet(sheet(), items=ITEMS)
    assert found.as_of_us == ITEMS["i1"].at_us
    assert [(r.hypothesis, r.rating, r.reason) for r in found.ratings] == [
        ("y1", Rating.C, "w"), ("y2", Rating.II, "w"),
    ]  # fmt: skip
    assert {r.as_of_us for r in found.ratings} == {found.as_of_us}


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"as_of": None}, "are dated"),
        ({"as_of": NOON.replace(tzinfo=None)}, "are dated"),
        ({"as_of": NOON.replace(hour=11)}, "later than the date"),
        ({"i9": {"y1": "C"}}, "no item"),
        ({"i1": {"why": "w", "y1": "maybe"}}, "no rating"),
        ({"rater": ""}, "no rater"),
    ],
)
def test_a_file_that_is_not_dated_or_looks_ahead_is_refused(
    wrong: dict[str, Any], said: str
) -> None:
    with pytest.raises(UsageError, match=said):
        read_sheet(sheet(**wrong), items=ITEMS)


def test_nobody_hands_in_the_ratings_of_another() -> None:
    with pytest.raises(UsageError, match="somebody else"):
        read_sheet(sheet(), items=ITEMS, rater="ben")
