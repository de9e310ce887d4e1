"""What stands on a timeline is chosen and counted from columns, without a step for each record."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from pastwatch.archive.sliceindex import SliceIndex
from pastwatch.errors import BadValue
from pastwatch.model.plain import from_plain, to_plain
from pastwatch.model.record import Defect
from pastwatch.model.source import Gap
from pastwatch.model.timeline import Entry, Mark, MarkSort, Split
from pastwatch.model.when import DAY_US, HOUR_US, SECOND_US, Span
from pastwatch.stages.reconstruct.timeline import (
    chosen,
    inside_of,
    rows_of,
    span_of,
    split_of,
    times_of_marks,
    times_of_rows,
    volumes_of,
    width_of,
)

EVENT = Span(start_us=100 * HOUR_US, end_us=101 * HOUR_US)
MOMENT = Span(start_us=100 * HOUR_US, end_us=100 * HOUR_US)


def mark(first_h: float | None, last_h: float | None = None, **given: Any) -> Mark:
    first = None if first_h is None else int(first_h * HOUR_US)
    last = first if last_h is None else int(last_h * HOUR_US)
    plain: dict[str, Any] = {"sort": MarkSort.RECORD, "lane": "mail", "title": "t", **given}
    return Mark(earliest_us=first, latest_us=last, **plain)


def slice_of(rows: int, *, sources: int = 2) -> SliceIndex:
    """A slice of records a minute apart, the sources taking turns."""
    at = np.arange(rows, dtype=np.int64)
    ids = b"".join((7_000_000 + n).to_bytes(16, "big") for n in range(rows))
    zero = np.zeros(rows, dtype=np.int64)
    return SliceIndex(
        packs=tuple(f"p{n}" for n in range(sources)),
        source=tuple(f"s{n}" for n in range(sources)),
        pack=at % sources,
        block=zero,
        row=at,
        earliest_us=at * 60 * SECOND_US,
        latest_us=at * 60 * SECOND_US,
        dated=np.ones(rows, dtype=np.bool_),
        conversation=zero,
        defects=zero,
        size_bytes=zero,
        record_ids=np.frombuffer(ids, dtype="V16"),
    )


def test_each_mark_lies_before_in_or_after_the_event_or_it_is_said_why_not() -> None:
    marks = [
        mark(99), mark(100), mark(100.5), mark(101), mark(200),
        mark(99, 100.5), mark(99, 101, lasts=True), mark(5, doubtful=True), mark(None),
    ]  # fmt: skip
    split = split_of(times_of_marks(marks), EVENT)
    assert split == Split(before=1, during=3, after=2, either=1, doubtful=1, undated=1)
    assert split.total == len(marks)


def test_what_happens_at_the_moment_of_the_event_is_after_it() -> None:
    split = split_of(times_of_marks([mark(99), mark(100), mark(99, 100)]), MOMENT)
    assert (split.before, split.during, split.after, split.either) == (1, 0, 1, 1)


def test_a_time_wider_than_400_days_places_nothing_unless_it_lasts() -> None:
    wide = 500 * 24
    times = times_of_marks([mark(0, wide), mark(0, wide, lasts=True)])
    assert split_of(times, MOMENT).undated == 1


def test_of_too_many_the_first_by_rank_are_shown_and_then_the_nearest() -> None:
    near = times_of_marks([mark(h) for h in (10, 99, 103, 300)], rank=3)
    both = times_of_marks([mark(1)], rank=1).joined(near)
    assert chosen(both, event=EVENT, limit=3).tolist() == [0, 2, 3]
    assert chosen(both, event=EVENT, limit=0).tolist() == []
    assert len(chosen(both, event=EVENT, limit=99)) == 5


def test_marks_come_in_order_of_time_and_undated_ones_last() -> None:
    times = times_of_marks([mark(None), mark(7), mark(3, 9), mark(3)])
    assert chosen(times, event=EVENT, limit=9).tolist() == [3, 2, 1, 0]


def test_the_stretch_holds_the_event_and_all_dated_marks_but_no_doubtful_one() -> None:
    times = times_of_marks([mark(50), mark(2, doubtful=True), mark(None)])
    span = span_of(times, event=EVENT, since_us=None, until_us=None)
    assert 47 * HOUR_US < span.start_us < 50 * HOUR_US
    assert 101 * HOUR_US < span.end_us < 104 * HOUR_US
    asked = span_of(times, event=EVENT, since_us=5, until_us=10**12)
    assert (asked.start_us, asked.end_us) == (5, 10**12)


def test_a_stretch_is_never_shorter_than_a_minute() -> None:
    none = times_of_marks([])
    for since, until in ((None, None), (5, None), (None, 5), (5, 6)):
        span = span_of(none, event=MOMENT, since_us=since, until_us=until)
        assert span.length_us >= 60 * SECOND_US


def test_an_uncertain_time_is_inside_where_it_may_be_and_an_undated_one_everywhere() -> None:
    times = times_of_marks([mark(1, 6), mark(9), mark(None)])
    assert inside_of(times, Span(start_us=5 * HOUR_US, end_us=7 * HOUR_US)).tolist() == [
        True,
        False,
        True,
    ]


def test_a_doubtful_or_missing_date_of_a_record_is_known_from_its_envelope() -> None:
    index = slice_of(3)
    index.dated[1:] = False
    index.defects[1] = int(Defect.DOUBTFUL)
    index.earliest_us[2] = index.latest_us[2] = np.iinfo(np.int64).min
    times = times_of_rows(index, np.arange(3), np.zeros(3, np.int8))
    split = split_of(times, MOMENT)
    assert (split.before, split.doubtful, split.undated) == (1, 1, 1)


def test_records_are_found_by_their_ids_in_order_of_time() -> None:
    index = slice_of(50)
    wanted = [index.record_ids[n].tobytes() for n in (40, 3, 17)]
    assert rows_of(index, [*wanted, b"\xff" * 16]).tolist() == [3, 17, 40]
    assert rows_of(index, []).tolist() == []


def test_volumes_count_every_record_once_and_the_event_is_an_edge() -> None:
    index = slice_of(6000)
    span = Span(start_us=0, end_us=6000 * 60 * SECOND_US)
    gap = Gap(source_id="s1", reason="cut", bytes=1)
    volumes = volumes_of(
        index,
        span=span,
        event=Span(start_us=span.end_us // 3 + 7, end_us=span.end_us // 3 + 7),
        names=[("s0", "a"), ("s1", "b"), ("s9", "c")],
        held={"s0": (3, 9)},
        gaps=[gap],
        withheld=[index.record_ids[0].tobytes()],
    )
    assert [sum(v.counts) for v in volumes] == [2999, 3000, 0]
    assert [v.split.total for v in volumes] == [2999, 3000, 0]
    first = volumes[0]
    assert (span.end_us // 3 + 7 - first.start_us) % first.width_us == 0
    assert sum(first.counts[: (span.end_us // 3 + 7 - first.start_us) // first.width_us]) == (
        first.split.before
    )
    assert (first.held_from_us, first.held_until_us) == (3, 9)
    assert [v.gaps for v in volumes] == [(), (gap,), ()]


def test_stretches_of_volume_are_of_round_length() -> None:
    for length_us, width_us in (
        (60 * SECOND_US, SECOND_US),
        (44 * HOUR_US, HOUR_US / 2),
        (3 * 365 * DAY_US, 14 * DAY_US),
        (9000 * 365 * DAY_US, None),
    ):
        found = width_of(Span(start_us=0, end_us=length_us), 96)
        assert found * 96 >= length_us
        assert width_us is None or found == width_us


def steps(act: Callable[[], object]) -> int:
    """How many functions, Python's and C's, a call calls."""
    counted = 0

    def count(frame: object, event: str, arg: object) -> None:  # noqa: ARG001 - as asked for
        nonlocal counted
        counted += event in ("call", "c_call")

    before = sys.getprofile()
    sys.setprofile(count)
    try:
        act()
    finally:
        sys.setprofile(before)
    return counted


@pytest.mark.parametrize("withheld", [0, 20])
def test_a_hundred_times_the_records_take_no_more_steps(withheld: int) -> None:
    def counted(rows: int) -> int:
        index = slice_of(rows)
        shut = [index.record_ids[n].tobytes() for n in range(withheld)]
        span = Span(start_us=0, end_us=rows * 60 * SECOND_US)
        names = [("s0", "a"), ("s1", "b")]
        return steps(
            lambda: volumes_of(
                index, span=span, event=MOMENT, names=names, held={}, withheld=shut, bins=50
            )
        )

    few, many = counted(1_000), counted(100_000)
    assert many <= few + 50


def test_an_entry_has_a_title_and_a_time_that_makes_sense() -> None:
    with pytest.raises(BadValue, match="has a title"):
        Entry(title=" ", earliest_us=None, latest_us=None)
    with pytest.raises(BadValue, match="both ends or none"):
        Entry(title="t", earliest_us=1, latest_us=None)
    with pytest.raises(BadValue, match="ends before it begins"):
        Entry(title="t", earliest_us=2, latest_us=1)
    with pytest.raises(BadValue, match="cannot last"):
        Entry(title="t", earliest_us=None, latest_us=None, lasts=True)
    with pytest.raises(BadValue, match="years 1 to 9999"):
        Entry(title="t", earliest_us=0, latest_us=2**62)
    with pytest.raises(BadValue, match="has a sort"):
        mark(1, sort="record")


def test_an_entry_comes_back_from_plain_data() -> None:
    entry = Entry(title="t", earliest_us=1, latest_us=5, lasts=True, reason="r", place="p")
    assert from_plain(Entry, to_plain(entry)) == entry
