"""The timeline of a case shows what is cited, judged or asked for, counts the rest, and keeps secrets."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.desk import offices, searchcases

from pastwatch.desk.bringing import bring
from pastwatch.desk.holding import OpenCase
from pastwatch.desk.timelining import NO_CITES, picture_of, timeline_of
from pastwatch.desk.timelining_entries import (
    add_entry,
    entries_of,
    strike_entry,
    time_meant,
)
from pastwatch.errors import BadValue, NoSuchRecord, UsageError
from pastwatch.ledger.entry import Act
from pastwatch.model.record import Citation
from pastwatch.model.timeline import Mark, MarkSort
from pastwatch.model.when import DAY_US, HOUR_US, SECOND_US, parse_iso

TEXTS = [f"the {word} stood at the gate" for word in ("van", "cart", "bus", "boat", "van")]


@pytest.fixture
def case(desk: offices.Desk) -> Iterator[OpenCase]:
    with desk.open() as archive:
        opened = searchcases.case_of(desk, archive, TEXTS * 4)
        yield opened
        opened.close()


def hits(case: OpenCase, query: str) -> list[str]:
    return [hit.hit_id for hit in case.look(query)]


def shown(case: OpenCase, **given: Any) -> list[tuple[str, str]]:
    return [(m.name, m.title) for m in timeline_of(case, **given).marks]


def entries_in_ledger(case: OpenCase) -> list[dict[str, Any]]:
    return [dict(e.outcome) for e in case.office.ledger.entries() if e.act == Act.ASSESS]


def test_nothing_of_a_slice_is_shown_before_anything_is_cited(case: OpenCase) -> None:
    hits(case, "gate")
    made = timeline_of(case)
    assert (made.marks, made.found) == ((), 0)
    assert [sum(v.counts) for v in made.volumes] == [20]
    assert made.span == case.authority.scope.span
    assert picture_of(made).startswith("<svg")


def test_cited_and_relevant_records_and_hits_asked_for_stand_in_order(case: OpenCase) -> None:
    vans, (_, _, boat, *_) = hits(case, "van"), hits(case, "boat")
    case.finding("A van stood there.", cites=[vans[3]])
    case.mark(boat, "relevant")
    made = timeline_of(case)
    assert [m.name for m in made.marks] == [vans[3], boat]
    assert [m.rests_on for m in made.marks] == ["cited in f1", "judged relevant"]
    assert [m.lane for m in made.marks] == ["mail", "mail"]
    assert "van" in made.marks[0].title
    asked = timeline_of(case, queries=["q1"])
    assert len(asked.marks) == len(vans) + 1
    assert asked.marks[0].unjudged
    times = [m.earliest_us for m in asked.marks]
    assert times == sorted(times, key=lambda t: t or 0)
    assert len(timeline_of(case, hits=True).marks) == len(vans) + 4


def test_a_judgement_taken_back_or_changed_takes_the_record_off(case: OpenCase) -> None:
    first, second, *_ = hits(case, "van")
    case.mark(first, "relevant")
    case.mark(second, "relevant")
    case.mark(second, "not-relevant")
    assert [name for name, _ in shown(case)] == [first]


def test_of_too_many_the_cited_and_the_nearest_stay_and_it_is_counted(case: OpenCase) -> None:
    vans = hits(case, "van")
    case.finding("A van stood there.", cites=[vans[0]])
    made = timeline_of(case, queries=["q1"], limit=3)
    assert (len(made.marks), made.found) == (3, len(vans))
    assert made.marks[0].name == vans[0]
    assert made.split.total == len(vans)
    opened_us = case.event.when.start_us
    far = [abs((m.earliest_us or 0) - opened_us) for m in made.marks[1:]]
    assert max(far) <= 5 * HOUR_US


def test_only_what_is_shown_is_opened_and_logged_as_shown(case: OpenCase) -> None:
    hits(case, "gate")
    before = case.papers.count_shown()
    timeline_of(case, queries=["q1"], limit=4)
    assert case.papers.count_shown() == before + 4


def test_a_stretch_of_time_may_be_asked_for(case: OpenCase) -> None:
    hits(case, "gate")
    since, until = (parse_iso(f"2017-07-01T{h}:00Z")[0] for h in ("03", "06"))
    made = timeline_of(case, queries=["q1"], since_us=since, until_us=until)
    assert (made.span.start_us, made.span.end_us) == (since, until)
    assert (len(made.marks), made.outside, made.found) == (3, 17, 20)
    with pytest.raises(UsageError, match="ends before it begins"):
        timeline_of(case, since_us=until, until_us=since)
    with pytest.raises(UsageError, match="no search q9"):
        timeline_of(case, queries=["q9"])


def test_an_entry_is_kept_shown_and_told_to_the_ledger_without_its_words(case: OpenCase) -> None:
    (hit, *_) = hits(case, "boat")
    name, entry = add_entry(
        case, "The boat left", at="2017-07-01T09:30Z", cites=[hit], reason="a guess", place="quay"
    )
    add_entry(case, "A rumour", at=None)
    made = timeline_of(case)
    assert name == "e1"
    assert entry.latest_us == parse_iso("2017-07-01T09:31Z")[0] - 1
    assert [m.name for m in made.marks] == [hit, "e1", "e2"]
    assert [m.rests_on for m in made.marks[1:]] == ["cites 1: a guess", NO_CITES]
    assert made.marks[0].rests_on == "cited in e1"
    assert (made.split.before, made.split.undated) == (2, 1)
    assert entries_in_ledger(case) == [
        {"timeline_entries": 1, "citations": 1},
        {"timeline_entries": 1, "citations": 0},
    ]


def test_a_struck_entry_leaves_the_timeline_and_stays_on_file(case: OpenCase) -> None:
    (hit, *_) = hits(case, "boat")
    add_entry(case, "Wrong", at="2017-07-01", cites=[hit])
    strike_entry(case, "e1", reason="of another boat")
    assert timeline_of(case).found == 0
    assert entries_of(case) == []
    (kept,) = entries_of(case, struck=True)
    assert kept.struck is not None
    assert (kept.name, kept.struck.reason) == ("e1", "of another boat")
    with pytest.raises(UsageError, match="struck already"):
        strike_entry(case, "e1", reason="again")
    with pytest.raises(UsageError, match='no entry "e7"'):
        strike_entry(case, "e7", reason="x")
    with pytest.raises(UsageError, match="for a reason"):
        strike_entry(case, "e1", reason=" ")


def test_a_protected_record_is_nowhere_in_it_and_neither_is_what_cites_it(case: OpenCase) -> None:
    vans, (boat, *_) = hits(case, "van"), hits(case, "boat")
    add_entry(case, "The secret word of the boat", at="2017-07-01", cites=[boat])
    case.mark(boat, "relevant")
    citation = case.papers.hit(boat).hit.citation
    claim = Mark(
        sort=MarkSort.CLAIM, lane="claims", title="boat", earliest_us=1, latest_us=1,
        cites=(citation,),
    )  # fmt: skip
    case.mark(boat, "protected")
    made = timeline_of(case, queries=["q1", "q2"], marks=[claim])
    picture = picture_of(made)
    assert boat not in {m.name for m in made.marks}
    assert "secret word" not in picture
    assert {m.sort for m in made.marks} == {MarkSort.RECORD}
    assert made.found == len(vans) + 3
    assert sum(made.volumes[0].counts) == made.volumes[0].split.total == 19
    assert made.notes == (
        "1 entry cites a record that was judged protected since, and is left out",
    )
    with pytest.raises(UsageError, match="judged protected"):
        add_entry(case, "again", at=None, cites=[boat])


def test_marks_of_other_sorts_are_given_by_who_has_them(case: OpenCase) -> None:
    at = case.event.when.start_us
    marks = [
        Mark(sort=MarkSort.EXHIBIT, lane="exhibits", title="x", earliest_us=at, latest_us=at),
        Mark(sort=MarkSort.TRACK, lane="tracks", title="k", earliest_us=at - 9, latest_us=at,
             lasts=True, rests_on="k1"),
    ]  # fmt: skip
    made = timeline_of(case, marks=marks)
    assert [(m.sort, m.rests_on) for m in made.marks] == [
        (MarkSort.TRACK, "k1"),
        (MarkSort.EXHIBIT, "cites nothing"),
    ]
    assert "exhibits" in picture_of(made)


def test_a_record_may_be_cited_by_its_digits(case: OpenCase) -> None:
    (hit, *_) = hits(case, "boat")
    record_id = case.papers.hit(hit).hit.record_id
    _, entry = add_entry(case, "t", at=None, cites=[record_id.hex()])
    (citation,) = entry.citations
    assert isinstance(citation, Citation)
    assert (citation.record_id, citation.end_byte) == (record_id, len(TEXTS[3]))
    with pytest.raises(NoSuchRecord):
        add_entry(case, "t", at=None, cites=["ab" * 16])
    with pytest.raises(UsageError, match="no hit h99"):
        add_entry(case, "t", at=None, cites=["h99"])


def test_records_without_a_usable_date_stand_last(desk: offices.Desk) -> None:
    rows = searchcases.rows(TEXTS)
    del rows[0]["date"]
    rows[2]["date"] = "1971-01-01T00:00:00Z"
    with desk.open() as archive:
        file = offices.write_lines(desk.folder / "input.jsonl", rows)
        archive.collect(file, source="mail", basis="own")
        case = searchcases.opened(desk, archive)
        hits(case, "gate")
        made = timeline_of(case, hits=True)
        case.close()
    undated = [m for m in made.marks if m.earliest_us is None]
    assert len(undated) == 1
    assert made.marks[-1] == undated[0]
    assert made.split.undated == 1
    assert made.volumes[0].split.undated == 1


def test_a_gap_that_may_hide_records_is_named_with_its_source(desk: offices.Desk) -> None:
    with desk.open() as archive:
        file = offices.write_lines(desk.folder / "input.jsonl", searchcases.rows(TEXTS))
        with Path(file).open("a", encoding="utf-8") as more:
            more.write('{"id": "cut off\n')
        archive.collect(file, source="mail", basis="own")
        case = searchcases.opened(desk, archive)
        made = timeline_of(case)
        case.close()
    (volume,) = made.volumes
    assert [gap.span for gap in volume.gaps] == [None]
    assert re.search("1 gap, nobody knows when", picture_of(made))


@pytest.mark.parametrize(
    ("written", "first", "length_us"),
    [
        ("2017-04-04", "2017-04-03T21:00Z", DAY_US),
        ("20170404", "2017-04-03T21:00Z", DAY_US),
        ("2017-04-04T06+03:00", "2017-04-04T03:00Z", HOUR_US),
        ("2017-04-04T06:30+03:00", "2017-04-04T03:30Z", 60 * SECOND_US),
        ("2017-04-04 06:30", "2017-04-04T06:30Z", 60 * SECOND_US),
        ("2017-04-04T03:30:05Z", "2017-04-04T03:30:05Z", SECOND_US),
        ("2017-04-04T03:30:05.25Z", "2017-04-04T03:30:05.25Z", 1),
    ],
)
def test_a_time_is_known_as_exactly_as_it_is_written(
    written: str, first: str, length_us: int
) -> None:
    start = parse_iso(first)[0]
    found = time_meant(written, None, zone_offset_s=10_800)
    assert found == (start, start + length_us - 1)


def test_an_entry_between_two_times_ends_with_the_later(case: OpenCase) -> None:
    first, last = time_meant("2017-04-04", "2017-04-06", zone_offset_s=0)
    assert first is not None
    assert last == first + 3 * DAY_US - 1
    with pytest.raises(BadValue, match="ends before it begins"):
        add_entry(case, "t", at="2017-04-04", until="2017-04-03")
    with pytest.raises(UsageError, match="end without a beginning"):
        add_entry(case, "t", at=None, until="2017-04-03")
    with pytest.raises(BadValue, match="not a date"):
        add_entry(case, "t", at="soon")


def test_a_report_brought_to_the_case_stands_in_a_lane_of_its_own(
    case: OpenCase, tmp_path: Path
) -> None:
    report = tmp_path / "courier.txt"
    report.write_text("COURIER\nFire\n\n2017-07-02\n\nA van was seen.\n", encoding="utf-8")
    ((_, record_id),) = bring(
        case, [report], source="reports", basis="published", connector="report",
        medium="report", ground="published",
    ).records  # fmt: skip
    add_entry(case, "A paper says so", at="2017-07-02", cites=[record_id.hex()])
    made = timeline_of(case)
    (mark,) = [m for m in made.marks if m.record_id == record_id]
    assert (mark.lane, mark.rests_on) == ("reports", "cited in e1")
    assert mark.name == record_id.hex()[:8]
    assert [volume.name for volume in made.volumes] == ["mail"]
    assert "reports" in picture_of(made)
