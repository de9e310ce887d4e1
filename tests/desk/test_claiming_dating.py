"""A person dates a report that states no date: its times are told by it, and the dating can be undone."""

from __future__ import annotations

from pathlib import Path

import pytest

from pastwatch.config import Settings
from pastwatch.desk.claiming import READ_ANEW, claims_of, read_reports
from pastwatch.desk.claiming_dating import date_report
from pastwatch.desk.holding import OpenCase
from pastwatch.desk.rooting import (
    relate_claims,
    relations_of_case,
    roots_of_case,
    say_apart,
    undo,
)
from pastwatch.desk.scratch import open_self_authorised, scratch_archive
from pastwatch.errors import BadValue, UsageError
from pastwatch.ledger.entry import Act
from pastwatch.model.claim import TimeSaid
from pastwatch.model.when import parse_iso

UNDATED = (
    "Quay burns\n\nThe port said on Tuesday that the crane fell. The harbour master said the rope "
    "was old. A watchman told the wire that naïve guards had left last week.\n"
)
TIME = "differs in time or scope"
OTHER = "SOURCE: Evening Post\nTITLE: Quay\nPUBLISHED: 2031-05-08\n\nThe port said on Monday that the crane fell.\n"
MAIL = (
    b"From ana@port.example Tue May  6 08:00:00 2031\n"
    b"From: ana@port.example\nTo: ben@port.example\nDate: Tue, 06 May 2031 08:00:00 +0000\n"
    b"Message-ID: <1@port.example>\nSubject: quay\n\nThe crane is down.\n\n"
)


@pytest.fixture
def case(tmp_path: Path) -> OpenCase:
    archive = scratch_archive(tmp_path, settings=Settings(isolate=False))
    (tmp_path / "box.mbox").write_bytes(MAIL)
    archive.collect(tmp_path / "box.mbox", source="mail", basis="own", connector="mbox")
    archive.add_event("fire", "Fire at the quay", at="2031-05-06T10:00:00+03:00")
    work, _, _ = open_self_authorised(
        archive, "fire", tmp_path / "grant.toml", ground="own material", span_hours=24
    )
    (tmp_path / "quay.txt").write_text(UNDATED, encoding="utf-8")
    (tmp_path / "other.txt").write_text(OTHER, encoding="utf-8")
    read_reports(work, [tmp_path / "quay.txt", tmp_path / "other.txt"])
    return work


def times(case: OpenCase) -> dict[str, tuple[TimeSaid, ...]]:
    return {c.value.statement: c.value.times for c in claims_of(case, report="Quay burns")}


def test_a_date_given_by_a_person_tells_the_days_of_a_report(case: OpenCase) -> None:
    assert [t.earliest_us for ts in times(case).values() for t in ts] == [None, None]
    size = case.office.ledger.size
    dated = date_report(case, "Quay burns", "2031-05-08", reason="the issue of 8 May")
    assert len(dated.claims) == 2
    (tuesday,) = times(case)["the crane fell"]
    assert tuesday.earliest_us == parse_iso("2031-05-06T00:00:00+03:00")[0]
    (entry,) = [e for e in case.office.ledger.entries(size) if e.act == Act.ASSESS]
    assert (entry.outcome["dated"], entry.outcome["claims"]) == (1, 2)
    assert "8 May" not in str(entry)


def test_only_claims_whose_times_change_are_kept_anew_and_the_old_say_why(case: OpenCase) -> None:
    dated = date_report(case, "Quay burns", "2031-05-08", reason="the issue of 8 May")
    struck = {c.name: c.struck.reason for c in claims_of(case, struck=True) if c.struck}
    assert set(struck) == {old for old, _ in dated.claims}
    assert all(r.startswith(READ_ANEW) and "the issue of 8 May" in r for r in struck.values())


def test_undoing_the_date_leaves_the_times_open_again(case: OpenCase) -> None:
    before = times(case)
    dated = date_report(case, "Quay burns", "2031-05-08", reason="the issue of 8 May")
    assert times(case) != before
    undo(case, dated.relation_id, reason="the issue of another year")
    assert times(case) == before
    again = date_report(case, "Quay burns", "2031-05-15", reason="the next issue")
    assert again.published is not None
    assert again.published.day.isoformat() == "2031-05-15"


def test_reading_again_after_a_date_adds_nothing(case: OpenCase) -> None:
    date_report(case, "Quay burns", "2031-05-08", reason="the issue of 8 May")
    held = times(case)
    assert read_reports(case).new == 0
    assert times(case) == held


def test_relations_of_claims_kept_anew_are_found_anew(case: OpenCase) -> None:
    relate_claims(case)
    assert [r.from_id for r in relations_of_case(case) if r.kind == TIME] == ["c1"]
    dated = date_report(case, "Quay burns", "2031-05-08", reason="the issue of 8 May")
    assert not [r for r in relations_of_case(case) if r.kind == TIME]
    relate_claims(case)
    (differs,) = [r for r in relations_of_case(case) if r.kind == TIME]
    assert set(dict(dated.claims).values()) & {differs.from_id, differs.to_id}


def test_what_a_person_decided_on_a_claim_holds_for_the_claim_kept_anew(case: OpenCase) -> None:
    one, other = (c.name for c in claims_of(case) if c.value.statement == "the crane fell")
    say_apart(case, one, other, reason="two cranes")
    date_report(case, "Quay burns", "2031-05-08", reason="the issue of 8 May")
    fell = [r for r in roots_of_case(case) if "the crane fell" in r.lineage.statement]
    assert [len(r.lineage.claims) for r in fell] == [1, 1]


def test_a_date_needs_a_reason_an_iso_date_and_a_report_without_one(case: OpenCase) -> None:
    with pytest.raises(UsageError, match="for a reason"):
        date_report(case, "Quay burns", "2031-05-08", reason=" ")
    with pytest.raises(BadValue, match="not a date"):
        date_report(case, "Quay burns", "8 May", reason="seen")
    evening = list(claims_of(case))[-1].value.report_id
    with pytest.raises(UsageError, match="states its date itself"):
        date_report(case, evening.hex(), "2031-05-08", reason="seen")
    date_report(case, "Quay burns", "2031-05-08", reason="seen")
    with pytest.raises(UsageError, match="already"):
        date_report(case, "Quay burns", "2031-05-09", reason="seen")
