"""Times as reports say them become days around the report's own date, or stay unresolved."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pastwatch.model.when import DAY_US, parse_iso
from pastwatch.stages.corroborate.timessaid import Published, bounds_us, times_of

FRIDAY = Published(parse_iso("2033-03-04T10:00:00+02:00")[0], 7200)


def days(text: str, published: Published | None = FRIDAY, language: str = "en") -> list[str]:
    return [
        "?" if one.days is None else "..".join(dict.fromkeys(d.isoformat() for d in one.days))
        for one in times_of(text, published, language=language)
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("it burnt on Thursday", "2033-03-03"),
        ("it burnt on Friday night", "2033-03-04"),
        ("it burnt on Sunday", "2033-02-27"),
        ("it will open on Sunday", "2033-03-06"),
        ("it burnt last week", "2033-02-21..2033-02-27"),
        ("it burnt last month", "2033-02-01..2033-02-28"),
        ("it burnt two days earlier", "2033-03-02"),
        ("it burnt three weeks ago", "2033-02-11"),
        ("it burnt on April 7", "2032-04-07"),
        ("it burnt on 2 March", "2033-03-02"),
        ("it burnt on 7 April 2013", "2013-04-07"),
        ("it burnt in 2013", "2013-01-01..2013-12-31"),
        ("it burnt in January", "2033-01-01..2033-01-31"),
        ("it burnt in the summer", "2032-06-01..2032-08-31"),
        ("it burnt overnight", "2033-03-03..2033-03-04"),
        ("shut since Monday", "2033-02-28..2033-03-04"),
        ("shut by tomorrow", "2033-03-04..2033-03-05"),
        ("on 2033-02-30 it burnt", "?"),
        ("after Monday", "?"),
    ],
)
def test_a_time_said_is_the_days_it_can_mean(text: str, expected: str) -> None:
    assert days(text) == [expected]


@pytest.mark.parametrize(
    "text", ["it may burn", "they march on", "2,013 men", "in 2013 houses", "a sunny day"]
)
def test_what_only_looks_like_a_time_is_none(text: str) -> None:
    assert days(text) == []


def test_without_a_date_of_the_report_only_full_dates_resolve() -> None:
    text = "on Thursday, last week, in 2013 and on 7 April 2013"
    assert days(text, None) == ["?", "?", "2013-01-01..2013-12-31", "2013-04-07"]


@pytest.mark.parametrize(
    ("language", "text", "expected"),
    [
        ("fr", "depuis dimanche", "2033-02-27..2033-03-04"),
        ("fr", "la semaine dernière", "2033-02-21..2033-02-27"),
        ("fr", "il y a trois jours", "2033-03-01"),
        ("ru", "в воскресенье", "2033-02-27"),
        ("ru", "на прошлой неделе", "2033-02-21..2033-02-27"),
        ("ru", "неделю назад", "2033-02-25"),
        ("ar", "يوم الأحد", "2033-02-27"),
        ("ar", "أمس", "2033-03-03"),
    ],
)
def test_other_languages_tell_time_too(language: str, text: str, expected: str) -> None:
    assert days(text, FRIDAY, language) == [expected]


def test_a_day_begins_where_the_report_came_out() -> None:
    day = date(2033, 3, 4)
    first, last = bounds_us((day, day), 7200)
    assert (first, last - first) == (parse_iso("2033-03-03T22:00:00Z")[0], DAY_US - 1)


@given(st.text(max_size=80), st.dates(date(1900, 1, 1), date(2200, 1, 1)))
def test_no_text_and_no_date_break_it(text: str, day: date) -> None:
    at = datetime(day.year, day.month, day.day, tzinfo=UTC) - datetime(1970, 1, 1, tzinfo=UTC)
    for one in times_of(text + " last Monday", Published(at // timedelta(microseconds=1))):
        assert 0 <= one.start < one.end <= len(text) + len(" last Monday")
        assert one.days is None or one.days[0] <= one.days[1]
