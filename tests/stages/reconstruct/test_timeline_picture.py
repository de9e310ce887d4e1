"""The picture of a timeline holds every mark, no label on another, and tells emptiness apart."""

from __future__ import annotations

import random
import xml.etree.ElementTree as ET
from collections.abc import Sequence
from itertools import combinations, pairwise
from typing import Any

import pytest

from pastwatch.drawing.axis import TimeAxis
from pastwatch.model.authority import Event
from pastwatch.model.source import Gap
from pastwatch.model.timeline import Mark, MarkSort, Timeline, Volume
from pastwatch.model.when import DAY_US, HOUR_US, SECOND_US, Span
from pastwatch.stages.reconstruct.timeline import chosen, span_of, split_of, times_of_marks
from pastwatch.stages.reconstruct.timelinedraw import LEFT, RIGHT, WIDTH, draw
from pastwatch.stages.reconstruct.timelinelanes import length_said
from pastwatch.stages.reconstruct.timelinelayout import (
    LaneLayout,
    clock_of,
    laid_out,
    lanes_in_order,
    stretch_of,
)

AT_US = 1_491_276_600 * SECOND_US  # 2017-04-04T06:30+03:00
MINUTE_US = 60 * SECOND_US


def mark(before_us: int | None, title: str = "title", *, until_us: int = 0, **given: Any) -> Mark:
    plain: dict[str, Any] = {"sort": MarkSort.RECORD, "lane": "mail", "name": "h1", **given}
    if before_us is None:
        return Mark(title=title, earliest_us=None, latest_us=None, **plain)
    at = AT_US - before_us
    return Mark(title=title, earliest_us=at, latest_us=at + until_us, **plain)


def timeline(marks: Sequence[Mark], *, volumes: tuple[Volume, ...] = (), **given: Any) -> Timeline:
    event = Span(start_us=AT_US, end_us=given.pop("end_us", AT_US))
    times = times_of_marks(marks)
    span = given.pop("span", None) or span_of(times, event=event, since_us=None, until_us=None)
    title = given.pop("title", "Market")
    plain: dict[str, Any] = {"opened": span, "found": len(marks), "outside": 0, **given}
    return Timeline(
        event=Event(event_id="e", title=title, when=event, zone_offset_s=10_800),
        span=span,
        marks=tuple(marks[n] for n in chosen(times, event=event, limit=10_000).tolist()),
        split=split_of(times, event),
        volumes=volumes,
        **plain,
    )


def volume(span: Span, **given: Any) -> Volume:
    plain: dict[str, Any] = {
        "source_id": "s",
        "name": "mail",
        "start_us": span.start_us,
        "width_us": span.length_us // 10,
        "counts": (1, 2, 3, 0, 0, 5, 8, 0, 1, 1),
        "split": split_of(times_of_marks([]), span),
        "held_from_us": span.start_us,
        "held_until_us": span.end_us,
        **given,
    }
    return Volume(**plain)


def texts(svg: str) -> list[str]:
    return [e.text or "" for e in ET.fromstring(svg).iter() if e.tag.endswith("}text")]  # noqa: S314 - our own


def styles(svg: str) -> set[str]:
    return {e.get("class", "") for e in ET.fromstring(svg).iter()}  # noqa: S314 - our own


def lane(marks: Sequence[Mark]) -> LaneLayout:
    made = timeline(marks)
    axis = TimeAxis(
        start_us=made.span.start_us, end_us=made.span.end_us, left_px=LEFT, right_px=RIGHT
    )
    return laid_out(
        "mail", made.marks, axis, offset_s=0, first_number=1, room_until_px=WIDTH - 14.0
    )


def crowd(count: int) -> list[Mark]:
    dice = random.Random(5)  # noqa: S311 - no secret
    return [
        mark(dice.randrange(600) * SECOND_US, f"words of record {n}", who=f"p{n}@a.example")
        for n in range(count)
    ]


@pytest.mark.parametrize("count", [1, 12, 60, 200])
def test_no_label_lies_on_another(count: int) -> None:
    made = lane(crowd(count))
    assert len(made.placed) == count
    for row in range(made.rows):
        reaches = [one.reach for one in made.placed if one.row == row]
        assert reaches
        for (start, end), (other, until) in combinations(reaches, 2):
            assert end < other or start > until
        assert all(end <= WIDTH for _, end in reaches)


def test_a_crowded_lane_is_numbered_and_every_number_is_in_the_key() -> None:
    assert not lane(crowd(12)).numbered
    assert lane(crowd(200)).numbered
    said = texts(draw(timeline(crowd(200))))
    assert any(text.startswith("Key to the numbers") for text in said)
    for number in range(1, 201):
        assert said.count(str(number)) == 2, number
        assert any(f"record {number - 1}" in text for text in said)


def test_the_same_timeline_gives_the_same_bytes() -> None:
    assert draw(timeline(crowd(50))) == draw(timeline(crowd(50)))


def test_hostile_names_of_any_script_stay_text() -> None:
    names = ("<script>alert(1)</script>", "a\u202egnp.exe", "سمير", "דוד", "田中", "\x00\ud800", "")
    marks = [
        mark(n * HOUR_US, f"{name} says", lane=name or "mail", who=name)
        for n, name in enumerate(names)
    ]
    marks.append(mark(None, "<b>undated"))
    svg = draw(timeline(marks, title="<img src=x>\u202e"))
    tree = ET.fromstring(svg)  # noqa: S314 - our own
    assert not [e for e in tree.iter() if e.tag.rpartition("}")[2] in ("script", "img", "b")]
    assert "\u202e" not in svg
    assert any("سمير" in text for text in texts(svg))


def test_the_clock_and_the_words_are_set_apart_so_that_no_direction_mixes_them() -> None:
    said = texts(draw(timeline([mark(HOUR_US, "الطريق مفتوح", who="سمير"), mark(0)])))
    assert "05:30" in said
    assert "سمير: الطريق مفتوح" in said


def test_what_has_no_usable_date_stands_in_a_lane_of_its_own() -> None:
    marks = [mark(HOUR_US), mark(None, "no date here"), mark(40 * 365 * DAY_US, doubtful=True)]
    made = timeline(marks)
    said = texts(draw(made))
    assert made.span.length_us < 2 * HOUR_US
    assert {"no usable date", "mail", "no date here", "claims 1977-04-14"} <= set(said)
    assert "no usable date" not in texts(draw(timeline(marks[:1])))


def test_a_doubtful_date_is_marked_where_it_stands() -> None:
    svg = draw(timeline([mark(HOUR_US), mark(HOUR_US // 2, doubtful=True)]))
    assert "doubt" in styles(svg)
    assert {"?", "doubtful date"} <= set(texts(svg))


def test_an_uncertain_time_is_a_bar_as_wide_as_the_doubt_and_what_lasts_another() -> None:
    svg = draw(
        timeline(
            [
                mark(10 * HOUR_US, until_us=5 * HOUR_US, lane="entries", sort=MarkSort.ENTRY),
                mark(10 * HOUR_US, until_us=5 * HOUR_US, lasts=True),
            ]
        )
    )
    bars = [
        e for e in ET.fromstring(svg).iter()  # noqa: S314 - our own
        if e.get("class") in ("within", "lasting") and float(e.get("width", 0)) > 100
    ]  # fmt: skip
    assert sorted(e.get("class", "") for e in bars) == ["lasting", "within"]
    assert len({e.get("width") for e in bars}) == 1
    assert texts(svg).count("20:30 – 01:30") == 2
    assert {"at some moment within", "lasted so long"} <= set(texts(svg))


def test_nothing_held_nothing_opened_and_lost_are_hatched_apart_from_silence() -> None:
    span = Span(start_us=AT_US - 10 * HOUR_US, end_us=AT_US + 10 * HOUR_US)
    lost = Span(start_us=AT_US - HOUR_US, end_us=AT_US)
    plain = draw(timeline([mark(HOUR_US)], span=span, volumes=(volume(span),)))
    assert not styles(plain) & {"gap", "unheld", "unopened"}
    full = draw(
        timeline(
            [mark(HOUR_US)],
            span=span,
            opened=Span(start_us=span.start_us + HOUR_US, end_us=span.end_us),
            volumes=(
                volume(
                    span,
                    held_from_us=AT_US - 5 * HOUR_US,
                    gaps=(
                        Gap(source_id="s", reason="cut short", bytes=1, span=lost),
                        Gap(source_id="s", reason="cut short", bytes=1),
                    ),
                ),
            ),
        )
    )
    assert {"gap", "unheld", "unopened"} <= styles(full)
    assert {"lost in collecting", "nothing held", "not opened under this authority"} <= set(
        texts(full)
    )
    assert "1 gap, nobody knows when" in texts(full)


def test_a_source_of_which_nothing_dated_is_held_is_hatched_whole() -> None:
    span = Span(start_us=AT_US - HOUR_US, end_us=AT_US + HOUR_US)
    none = volume(span, counts=(0,) * 10, held_from_us=None, held_until_us=None)
    svg = draw(timeline([], span=span, volumes=(none,)))
    assert "unheld" in styles(svg)
    assert "no record" in texts(svg)


def test_before_and_after_are_counted_at_the_event_and_above() -> None:
    marks = [mark(HOUR_US), mark(2 * HOUR_US), mark(-HOUR_US)]
    said = texts(draw(timeline(marks)))
    assert {"2 before", "event", "1 after", "+03:00", "UTC"} <= set(said)
    assert any(text == "all marks: 2 before the event, 1 after it" for text in said)
    assert any("2017-04-04 06:30 +03:00 (2017-04-04 03:30 UTC)" in text for text in said)
    assert any("showing 3 of 3 marks" in text for text in said)


def test_an_event_outside_the_stretch_is_told_and_not_drawn() -> None:
    span = Span(start_us=AT_US + DAY_US, end_us=AT_US + 2 * DAY_US)
    said = texts(draw(timeline([mark(-DAY_US - HOUR_US)], span=span)))
    assert "the event lies before this stretch" in said
    assert "event" not in said


@pytest.mark.parametrize("length_us", [SECOND_US, HOUR_US, 3 * DAY_US, 3 * 365 * DAY_US])
def test_any_stretch_of_time_has_readable_ticks(length_us: int) -> None:
    span = Span(start_us=AT_US - length_us, end_us=AT_US + length_us)
    svg = draw(timeline([mark(0)], span=span))
    found = [
        (float(e.get("x", 0)), e.text or "")
        for e in ET.fromstring(svg).iter()  # noqa: S314 - our own
        if e.get("y") == "87" and e.get("text-anchor") == "middle"
    ]
    assert len(found) >= 2
    for (x, text), (after, other) in pairwise(found):
        assert after - x > 5.5 * (len(text) + len(other)) / 2


def test_lanes_stand_in_order_and_lengths_are_said_in_two_units() -> None:
    marks = [
        mark(1, lane="b"),
        mark(1, lane="a"),
        mark(1, lane="z", sort=MarkSort.ENTRY),
        mark(1, lane="y", sort=MarkSort.EXHIBIT),
    ]
    assert lanes_in_order(marks) == ["z", "y", "a", "b"]
    assert [length_said(n * SECOND_US) for n in (5, 90, 3600, 90_061)] == [
        "5 s", "1 min 30 s", "1 h", "1 d 1 h",
    ]  # fmt: skip


def test_a_time_is_written_as_exactly_as_the_axis_needs() -> None:
    def clock(length_us: int, one: Mark) -> str:
        axis = TimeAxis(start_us=AT_US - length_us, end_us=AT_US, left_px=0, right_px=900)
        return clock_of(one, axis, offset_s=10_800)

    assert clock(HOUR_US // 2, mark(0)) == "06:30:00"
    assert clock(5 * HOUR_US, mark(0, until_us=MINUTE_US)) == "~06:30"
    assert clock(5 * DAY_US, mark(HOUR_US)) == "04-04 05:30"
    assert clock(365 * DAY_US, mark(DAY_US)) == "2017-04-03"
    assert clock(5 * HOUR_US, mark(30 * HOUR_US, until_us=29 * HOUR_US)).startswith(
        "2017-04-03 00:30"
    )
    assert stretch_of(mark(0, doubtful=True), offset_s=0) == "2017-04-04 03:30:00 UTC, doubtful"
    assert stretch_of(mark(None), offset_s=0) == "no usable date"
