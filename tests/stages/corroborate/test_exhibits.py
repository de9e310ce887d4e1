"""An exhibit keeps what is stated, prints what is not, and never makes a maker into a user."""

from __future__ import annotations

import dataclasses
import tomllib
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pastwatch.errors import BadValue, UsageError
from pastwatch.model.exhibit import CustodyStep, Exhibit, OperatedBy, Place
from pastwatch.model.plain import from_plain, to_plain
from pastwatch.model.record import Citation
from pastwatch.stages.corroborate.exhibits import draft, exhibit_of, mark_of, says_maker_only

HOUR_US = 3600 * 10**6
CITED = Citation(record_id=bytes(16), part=0, start_byte=0, end_byte=4, text_sha256=bytes(32))
PLAIN = {"kind": "wreckage", "title": "A wing"}


def exhibit(table: Mapping[str, Any], *, words: str = "the night crew flew it") -> Exhibit:
    return exhibit_of(
        {**PLAIN, **table},
        record_id=bytes(16),
        file_name="wing.jpg",
        sha256=bytes(32),
        size_bytes=4,
        zone_offset_s=7200,
        cited=lambda _: (CITED, words),
    )


def test_the_draft_reads_and_is_empty_where_nothing_is_stated() -> None:
    table = tomllib.loads(draft())
    made = exhibit({k: v for k, v in table.items() if k not in PLAIN})
    for name in ("found", "found_by", "method", "result", "limits", "maker_type"):
        assert getattr(made, name) == ""
    assert not made.is_dated
    assert made.custody_gaps() == ("no step of custody is stated",)
    assert made.grade is None


def test_an_exhibit_goes_through_json_and_back() -> None:
    made = exhibit(
        {
            "taken": "2031-05-06T12:10+02:00",
            "grade": "b2",
            "place": {"name": "quay", "lat": 55.7, "lon": 12, "radius_m": 30},
            "custody": [{"from": "a", "to": "b", "at": "2031-05-06", "seal": "7"}],
            "operated_by": [{"statement": "the night crew", "cites": "h1"}],
        }
    )
    assert from_plain(Exhibit, to_plain(made)) == made
    assert made.grade is not None
    assert made.grade.credibility == 2


def test_there_is_no_operator_to_fill_in() -> None:
    names = {f.name for f in dataclasses.fields(Exhibit)}
    assert "operator" not in names
    assert "maker_type" in names
    made = exhibit({"maker_type": "Volkov VK-2"})
    assert made.operated_by == ()
    with pytest.raises(BadValue, match='no line "operator"') as wrong:
        exhibit({"maker_type": "Volkov VK-2", "operator": "Volkov"})
    assert "citation" in str(wrong.value.hint)


def test_who_operated_a_thing_needs_a_citation() -> None:
    with pytest.raises(BadValue, match="needs a citation"):
        exhibit({"operated_by": [{"statement": "the night crew"}]})
    with pytest.raises(BadValue, match="needs a citation"):
        OperatedBy(statement="the night crew", citation=None)  # type: ignore[arg-type]
    with pytest.raises(BadValue, match="statement"):
        OperatedBy(statement=" ", citation=CITED)


@pytest.mark.parametrize(
    "words",
    [
        "an Ardenian-made drone",
        "jets purchased from Ardenia",
        "the missile was manufactured in Ardenia",
        "a Volkov VK-2, built by Volkov Works",
        "a drone of Ardenian design",
        "sold to the coast guard in 2029",
    ],
)
def test_words_of_a_maker_or_seller_are_no_words_of_a_user(words: str) -> None:
    assert says_maker_only(words)
    with pytest.raises(BadValue, match="who made, bought or sold"):
        exhibit({"operated_by": [{"statement": "Ardenia", "cites": "h1"}]}, words=words)


@pytest.mark.parametrize(
    "words",
    [
        "the Ardenian-made drone was flown by the night crew",
        "fired by the second battery",
        "the coast guard operates four of them, purchased from Ardenia",
    ],
)
def test_words_of_a_user_stand(words: str) -> None:
    assert not says_maker_only(words)
    made = exhibit({"operated_by": [{"statement": "as cited", "cites": "h1"}]}, words=words)
    assert made.operated_by[0].citation == CITED


@pytest.mark.parametrize(
    ("taken", "earliest", "latest"),
    [
        ("2031-05-06T12:00+02:00", "10:00:00", "10:00:59"),
        ("2031-05-06T10:00:00Z", "10:00:00", "10:00:00"),
        ("2031-05-06T12:00:00", "10:00:00", "10:00:00"),
    ],
)
def test_times_are_as_wide_as_they_are_written(taken: str, earliest: str, latest: str) -> None:
    made = exhibit({"taken": taken})
    day_us = 1_935_792_000_000_000
    assert made.earliest_us is not None
    assert made.latest_us is not None
    for moment_us, wanted in ((made.earliest_us, earliest), (made.latest_us, latest)):
        hours, minutes, seconds = map(int, wanted.split(":"))
        into_s = (moment_us - day_us) // 10**6
        assert into_s == hours * 3600 + minutes * 60 + seconds


def test_a_day_and_a_pair_are_intervals() -> None:
    day = exhibit({"taken": "2031-05-06"})
    assert (day.latest_us or 0) - (day.earliest_us or 0) == 24 * HOUR_US - 1
    pair = exhibit({"taken": ["2031-05-06T12:00:00+02:00", "2031-05-06T14:00:00+02:00"]})
    assert (pair.latest_us or 0) - (pair.earliest_us or 0) == 2 * HOUR_US
    for bad in (["2031-05-06"], ["2031-05-07", "2031-05-06"], "last week"):
        with pytest.raises(UsageError):
            exhibit({"taken": bad})


def test_gaps_in_custody_are_listed() -> None:
    steps = [
        {"from": "watch", "to": "courier", "at": "2031-05-06T12:00:00Z", "seal": "1"},
        {"from": "office", "to": "laboratory", "at": "2031-05-05T12:00:00Z"},
        {"to": "archive"},
    ]
    gaps = " | ".join(exhibit({"custody": steps}).custody_gaps())
    assert "step 2: a seal or hash not stated" in gaps
    assert "between steps 1 and 2: taken by courier, given on by office" in gaps
    assert "step 2 is earlier than step 1" in gaps
    assert "step 3: who gave it, when, a seal or hash not stated" in gaps
    whole = [{**steps[0]}, {**steps[1], "from": "courier", "at": "2031-05-07", "seal": "2"}]
    assert exhibit({"custody": whole}).custody_gaps() == ()


@pytest.mark.parametrize(
    "bad",
    [
        {"kind": ""},
        {"title": 5},
        {"grade": "G1"},
        {"grade": "A7"},
        {"place": {"lat": 1.0}},
        {"place": {"lat": 91.0, "lon": 0.0}},
        {"place": {"lat": float("nan"), "lon": 0.0}},
        {"place": {"lat": "north", "lon": 0.0}},
        {"place": {"radius_m": -1}},
        {"place": {"radius_m": float("nan")}},
        {"place": 7},
        {"custody": "mine"},
        {"custody": [{}]},
        {"custody": [{"holder": "a"}]},
        {"weather": "fair"},
    ],
)
def test_what_breaks_a_rule_is_refused(bad: dict[str, Any]) -> None:
    with pytest.raises(BadValue):
        exhibit(bad)


def test_an_exhibit_stands_on_the_timeline_or_in_the_undated_lane() -> None:
    dated = mark_of("x1", exhibit({"taken": "2031-05-06", "found_by": "the port"}))
    assert dated.lane == "exhibits"
    assert dated.earliest_us is not None
    assert dated.cites[0] == "x1"
    assert "the port" in dated.title
    undated = mark_of("x2", exhibit({}))
    assert (undated.earliest_us, undated.latest_us) == (None, None)


@given(st.text(max_size=80))
def test_no_words_break_the_reading_of_makers(words: str) -> None:
    assert says_maker_only(words) in (True, False)


def test_a_place_and_a_step_hold_their_rules() -> None:
    assert Place(name="quay").lat is None
    with pytest.raises(BadValue, match="both ends"):
        CustodyStep(given_by="a", earliest_us=1)
