"""Times in a text become intervals that hold every reading, and none that is not there."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pastwatch.errors import UsageError
from pastwatch.model.when import EARLIEST_US, LATEST_US, Basis, When, iso, parse_iso
from pastwatch.stages.enrich.enrichers.times import ENRICHER, Times
from pastwatch.testing.enrichers import record_of

pytest.importorskip("dateparser")

MONDAY_US = parse_iso("2017-04-03T10:15Z")[0]


def made(**options: object) -> Times:
    return ENRICHER.setup({"zone_offset_s": 0, **options})


def times(text: str, at_us: int | None = MONDAY_US, **options: object) -> list[dict[str, object]]:
    claimed = When(earliest_us=at_us, latest_us=at_us, basis=Basis.HEADER) if at_us else None
    record = record_of(text, claimed=claimed)
    return [json.loads(a.value) for a in made(**options).enrich([record])]


def said(text: str, **options: str | int) -> list[tuple[str, str, str]]:
    """Surface, first and last moment of each."""
    return [
        (str(t["surface"]), iso(int(str(t["earliest_us"]))), iso(int(str(t["latest_us"]))))
        for t in times(text, MONDAY_US, **options)
    ]


DAY = ("2017-04-04T00:00:00Z", "2017-04-04T23:59:59Z")
SIX = ("2017-04-04T06:00:00Z", "2017-04-04T06:00:59Z")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("0600Z 4 APR", SIX),
        ("040600Z APR 17", SIX),
        ("4 April, 06:00 UTC", SIX),
        ("2017-04-04T09:00+03:00", SIX),
        ("tmrw", DAY),
        ("4 April", DAY),
        ("April 4th, 2017", DAY),
        ("Tuesday, April 4, 2017", DAY),
        ("4/4/17", DAY),
        ("завтра", DAY),
        ("4 апреля 2017", DAY),
        ("4 avril 2017", DAY),
        ("٤ نيسان 2017", DAY),
        ("2017年4月4日", DAY),
        ("4. April 2017", DAY),
        ("4 de abril de 2017", DAY),
        ("4 квітня 2017", DAY),
        ("tomorrow at 6pm", ("2017-04-04T18:00:00Z", "2017-04-04T18:59:59Z")),
        ("demain à 18h30", ("2017-04-04T18:30:00Z", "2017-04-04T18:30:59Z")),
        ("завтра в 6 утра", ("2017-04-04T06:00:00Z", "2017-04-04T06:59:59Z")),
        ("غداً الساعة 6 مساءً", ("2017-04-04T18:00:00Z", "2017-04-04T18:59:59Z")),
        ("tonight at 7", ("2017-04-03T19:00:00Z", "2017-04-03T19:59:59Z")),
        ("last night", ("2017-04-02T18:00:00Z", "2017-04-03T05:59:59Z")),
        ("2 hours ago", ("2017-04-03T07:15:00Z", "2017-04-03T09:15:00Z")),
        ("April 2017", ("2017-04-01T00:00:00Z", "2017-04-30T23:59:59Z")),
    ],
)
def test_a_time_is_read_against_the_records_own(text: str, expected: tuple[str, str]) -> None:
    assert said(f"so, {text}.") == [(text, *expected)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        # Morning or evening is not said.
        ("tomorrow at 6", ("2017-04-04T06:00:00Z", "2017-04-04T18:59:59Z")),
        # Day or month first is not said.
        ("04/05/2017", ("2017-04-05T00:00:00Z", "2017-05-04T23:59:59Z")),
        # Which Tuesday is not said.
        ("on Tuesday", ("2017-03-28T00:00:00Z", "2017-04-04T23:59:59Z")),
        # This week's or the one after: people differ.
        ("next Friday", ("2017-04-07T00:00:00Z", "2017-04-14T23:59:59Z")),
        # Half a year away on both sides.
        ("3 October", ("2016-10-03T00:00:00Z", "2017-10-03T23:59:59Z")),
        # The last such time, or the next.
        ("18:30", ("2017-04-02T18:30:00Z", "2017-04-03T18:30:59Z")),
        # Of Greenwich plus one in Britain, plus six in Bangladesh.
        ("4 April 06:00 BST", ("2017-04-04T00:00:00Z", "2017-04-04T05:00:59Z")),
    ],
)
def test_what_is_not_said_widens_the_interval(text: str, expected: tuple[str, str]) -> None:
    ((_, *interval),) = said(text)
    assert tuple(interval) == expected


def test_the_order_of_a_case_settles_numeric_dates() -> None:
    assert said("04/05/2017", order="dmy")[0][1] == "2017-05-04T00:00:00Z"
    assert said("04/05/2017", order="mdy")[0][1] == "2017-04-05T00:00:00Z"


def test_an_unknown_zone_holds_every_zone() -> None:
    assert said("4 April 2017", zone="unknown") == [
        ("4 April 2017", "2017-04-03T10:00:00Z", "2017-04-05T11:59:59Z")
    ]


def test_it_says_what_the_zone_rests_on() -> None:
    assert [t["zone"] for t in times("at 0600Z, then tomorrow")] == ["stated", "set"]
    assert times("tomorrow", zone="unknown")[0]["zone"] == "unknown"


def test_a_zone_set_for_the_case_moves_local_times() -> None:
    assert said("tomorrow at 6pm", zone_offset_s=10_800)[0][1] == "2017-04-04T15:00:00Z"


def test_without_a_date_of_the_record_only_whole_dates_are_placed() -> None:
    found = times("tomorrow, or 4 April 2017", None)
    assert [t["earliest_us"] is None for t in found] == [True, False]


@pytest.mark.parametrize(
    "text",
    ["version 1.2.3.4", "at 6 people", "I may go", "years ago", "in the morning", "room 1430"],
)
def test_what_only_looks_like_a_time_is_none(text: str) -> None:
    assert times(text) == []


def test_a_day_that_no_month_has_is_placed_nowhere() -> None:
    (only,) = times("31 June 2017")
    assert only["earliest_us"] is None


def test_an_unknown_order_is_refused() -> None:
    with pytest.raises(UsageError, match="order"):
        made(order="ymd")


WORDS = (
    "0600Z 4 APR tmrw at 6 pm 31.12.9999 01/01/0001 next Friday last week in 999 years ago noon "
    "24:00 23:59:60 1-1-1000 завтра غدا 2月30日 à 9h EST , +14:00 yesterday"
)


@given(
    st.lists(
        st.sampled_from(WORDS.split()),
        max_size=12,
    ),
    st.sampled_from([None, 0, MONDAY_US, EARLIEST_US, LATEST_US]),
)
def test_every_interval_can_be_printed_and_runs_forwards(
    words: list[str], at_us: int | None
) -> None:
    text = " ".join(words)
    claimed = (
        None if at_us is None else When(earliest_us=at_us, latest_us=at_us, basis=Basis.HEADER)
    )
    for zone in ("", "unknown"):
        for a in made(zone=zone).enrich([record_of(text, claimed=claimed)]):
            value = json.loads(a.value)
            assert text.encode()[a.start_byte : a.end_byte].decode() == value["surface"]
            if value["earliest_us"] is not None:
                assert EARLIEST_US <= value["earliest_us"] <= value["latest_us"] <= LATEST_US


@pytest.mark.parametrize("zone", ["MS\u212a", "\u0130ST", "e\u017ft"])
def test_a_zone_in_an_odd_case_breaks_nothing(zone: str) -> None:
    assert times(f"2017-04-04T06:30:00 {zone}, at 6:30 {zone}")
