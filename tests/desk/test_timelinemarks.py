"""Times told by reports, exhibits and tracks stand on the timeline; far times are counted, not drawn."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from tests.desk.offices import Desk

from pastwatch.desk.claiming import read_reports
from pastwatch.desk.exhibiting import add_exhibit
from pastwatch.desk.holding import OpenCase
from pastwatch.desk.scratch import open_self_authorised
from pastwatch.desk.timelinemarks import marks_of_case
from pastwatch.desk.timelining import timeline_of
from pastwatch.model.note import Code, Judgement, Mode
from pastwatch.model.timeline import MarkSort

REPORT = """Harbour Courier
Fire at the quay

2031-05-07

The port said nobody was hurt in the fire on Tuesday. The mayor said the crane had failed in 2019.
The mayor said that a fire broke out there at some time.
"""


@pytest.fixture
def case(desk: Desk, tmp_path: Path) -> Iterator[OpenCase]:
    with desk.open() as archive:
        archive.add_event("fire", "Fire at the quay", at="2031-05-06T10:00:00+00:00")
        work, _, _ = open_self_authorised(
            archive,
            "fire",
            tmp_path / "grant.toml",
            ground="own material",
            span_hours=48,
            valid_until="2040-01-01T00:00:00Z",
        )
        with closing(work):
            path = tmp_path / "courier.txt"
            path.write_text(REPORT, encoding="utf-8")
            read_reports(work, [path])
            yield work


def test_a_time_told_stands_with_its_claim_and_a_far_one_is_counted(case: OpenCase) -> None:
    marks = marks_of_case(case)
    told = [m for m in marks if m.cites]
    assert [m.sort for m in told] == [MarkSort.CLAIM]
    assert "nobody was hurt" in told[0].title
    (beyond,) = [m for m in marks if not m.cites]
    assert beyond.title.startswith("1 time told lies beyond")
    assert beyond.earliest_us is None
    made = timeline_of(case, marks=marks)
    assert made.span.length_us < 5 * 86_400_000_000


def test_an_exhibit_stands_there_too(case: OpenCase, tmp_path: Path) -> None:
    note = tmp_path / "note.txt"
    note.write_text("two swabs", encoding="utf-8")
    kept = add_exhibit(case, note, basis="own", fields={"kind": "note", "title": "Two swabs"})
    (mark,) = [m for m in marks_of_case(case) if m.sort is MarkSort.EXHIBIT]
    assert mark.name == kept.name
    assert kept.value.sha256 == hashlib.sha256(b"two swabs").digest()


def test_what_a_protected_report_tells_is_nowhere(case: OpenCase) -> None:
    (cited,) = {c.record_id for m in marks_of_case(case) for c in m.cites}
    judgement = Judgement(record_id=cited, code=Code.PROTECTED, reviewer="ana", at_us=1)
    case.papers.judge(judgement, mode=Mode.CHOSEN)
    assert marks_of_case(case) == []
