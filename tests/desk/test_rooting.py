"""The claims of a case are related once, undone by a person, and their roots follow."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from pastwatch.config import Settings
from pastwatch.desk.bringing import bring
from pastwatch.desk.holding import OpenCase
from pastwatch.desk.rooting import (
    relate_claims,
    relations_of_case,
    roots_of_case,
    say_apart,
    say_same,
    share_interest,
    undo,
)
from pastwatch.desk.rooting_copies import copies_of_case, outlets_of_case
from pastwatch.desk.scratch import open_self_authorised, scratch_archive
from pastwatch.errors import UsageError
from pastwatch.model.claim import Claim, Stance
from pastwatch.model.note import Code, Judgement
from pastwatch.model.record import Citation

MAIL = (
    b"From ana@port.example Tue May  6 08:00:00 2031\n"
    b"From: ana@port.example\nTo: ben@port.example\nDate: Tue, 06 May 2031 08:00:00 +0000\n"
    b"Message-ID: <1@port.example>\nSubject: quay\n\nThe crane is down.\n\n"
)
BODY = (
    "The valve at pier four had been shut by hand before the fire, the harbour master Lena Voss "
    "said. Crews from two towns fought the flames until the early hours, and nine people were "
    "taken to hospital with burns. The port will stay closed until Friday at the earliest."
)
OTHER = (
    "Nobody touched the valve at pier four before the fire, a port spokesman said on Wednesday. "
    "He denied that the harbour master had seen it. The company is to hold a meeting."
)


def write(folder: Path, outlet: str, day: int, text: str) -> Path:
    path = folder / f"{outlet.lower().replace(' ', '-')}.txt"
    path.write_text(
        f"SOURCE: {outlet}\nTITLE: Fire at the quay\nPUBLISHED: 2031-05-0{day}\n\n{text}\n",
        encoding="utf-8",
    )
    return path


@pytest.fixture
def case(tmp_path: Path) -> OpenCase:
    archive = scratch_archive(tmp_path, settings=Settings(isolate=False))
    box = tmp_path / "box.mbox"
    box.write_bytes(MAIL)
    archive.collect(box, source="mail", basis="own", connector="mbox")
    archive.add_event("fire", "Fire at the quay", at="2031-05-06T10:00:00+00:00")
    work, _, _ = open_self_authorised(
        archive, "fire", tmp_path / "grant.toml", ground="own material", span_hours=24
    )
    paths = [
        write(tmp_path, "Harbour Courier", 7, BODY),
        write(tmp_path, "All The News", 8, BODY),
        write(tmp_path, "Evening Post", 8, OTHER),
    ]
    brought = bring(
        work, paths, source="reports", basis="published", connector="report", medium="report",
        ground="published",
    )  # fmt: skip
    ids = [record_id for _, record_id in brought.records]
    valve = "The valve at pier four had been shut by hand before the fire"
    claims = [
        claim(work, ids[0], valve, "the harbour master Lena Voss"),
        claim(work, ids[1], valve, "the harbour master Lena Voss"),
        claim(work, ids[2], "Nobody touched the valve at pier four before the fire", "a port spokesman"),
        claim(work, ids[2], "the harbour master had seen it", "He", stance=Stance.DENIES),
    ]  # fmt: skip
    work.papers.enter("claim", claims, by="you", at_us=1)
    return work


def claim(
    case: OpenCase, report: bytes, statement: str, who: str, *, stance: Stance = Stance.ASSERTS
) -> Claim:
    (record,) = case.records([report])
    start = record.text.encode().index(statement.encode())
    raw = statement.encode()
    return Claim(
        claim_id="", report_id=report, who_says=who, statement=statement, stance=stance,
        maker="hand", version="1",
        citation=Citation(
            record_id=report, part=0, start_byte=start, end_byte=start + len(raw),
            text_sha256=hashlib.sha256(raw).digest(),
        ),
    )  # fmt: skip


def test_relating_twice_keeps_each_relation_once(case: OpenCase) -> None:
    first = relate_claims(case)
    assert {r.kind for r in first.new} >= {"copies", "contradicts"}
    size = case.office.ledger.size
    again = relate_claims(case)
    assert again.new == ()
    assert again.standing == len(first.new)
    acts = [e.act for e in case.office.ledger.entries(size)]
    assert "assess" not in acts


def test_relating_puts_one_act_of_counts_and_hashes_into_the_ledger(case: OpenCase) -> None:
    size = case.office.ledger.size
    relate_claims(case)
    (entry,) = [e for e in case.office.ledger.entries(size) if e.act == "assess"]
    assert "Voss" not in str(entry)
    assert "Courier" not in str(entry)


def test_one_speaker_in_a_report_and_its_copy_is_one_root_of_two_reports(case: OpenCase) -> None:
    first, *_ = roots_of_case(case)
    assert first.line == "2 reports · 1 root (the harbour master Lena Voss)"
    assert first.outlets == ("Harbour Courier", "All The News")


def test_what_a_person_undid_is_not_found_again(case: OpenCase) -> None:
    relate_claims(case)
    (opposed,) = [
        r for r in relations_of_case(case) if r.kind == "contradicts" and r.from_id == "c1"
    ]
    undo(case, opposed.relation_id, reason="two valves")
    again = relate_claims(case)
    assert again.new == ()
    assert again.undone == 1
    assert opposed.relation_id not in {r.relation_id for r in relations_of_case(case)}
    with pytest.raises(UsageError, match="undone already"):
        undo(case, opposed.relation_id, reason="again")


def test_undoing_a_copy_lets_both_narrations_count(case: OpenCase) -> None:
    shut = "nine people were taken to hospital with burns"
    ids = [e.value.report_id for e in case.papers.entered("claim", Claim)]
    told = [claim(case, i, shut, "") for i in ids[:2]]
    case.papers.enter("claim", told, by="you", at_us=2)
    (before,) = [r for r in roots_of_case(case) if r.lineage.claims == ("c5", "c6")]
    assert (before.lineage.roots_at_least, before.lineage.roots_at_most) == (1, 1)
    (copy,) = case.papers.relations("copies")
    undo(case, copy.relation.relation_id, reason="a press release, not each other")
    (after,) = [r for r in roots_of_case(case) if r.lineage.claims == ("c5", "c6")]
    assert (after.lineage.roots_at_least, after.lineage.roots_at_most) == (1, 2)


def test_a_person_parts_and_joins_claims_and_can_take_it_back(case: OpenCase) -> None:
    parted = say_apart(case, "c1", "c2", reason="another valve")
    assert not any(set(r.lineage.claims) >= {"c1", "c2"} for r in roots_of_case(case))
    with pytest.raises(UsageError, match="says the opposite"):
        say_same(case, "c2", "c1", reason="no, the same")
    undo(case, parted, reason="a slip")
    assert any(set(r.lineage.claims) >= {"c1", "c2"} for r in roots_of_case(case))
    say_same(case, "c1", "c3", reason="for the test")
    assert any(set(r.lineage.claims) >= {"c1", "c3"} for r in roots_of_case(case))


def test_an_interest_is_argued_by_a_person_and_undone(case: OpenCase) -> None:
    name = share_interest(case, "the harbour master Lena Voss", "the port", reason="paid by it")
    first, *_ = roots_of_case(case)
    assert first.interests == ("the port",)
    undo(case, name, reason="she left")
    assert roots_of_case(case)[0].interests == ()


def test_claims_struck_count_no_more(case: OpenCase) -> None:
    case.papers.strike("claim", "c2", by="you", reason="read wrongly", at_us=3)
    assert all("c2" not in r.lineage.claims for r in roots_of_case(case))


def test_nothing_is_told_of_a_report_judged_protected(case: OpenCase) -> None:
    relate_claims(case)
    (copy,) = copies_of_case(case)
    other = next(e.value.report_id for e in case.papers.entered("claim", Claim) if e.name == "c2")
    case.papers.add_judgement(
        Judgement(record_id=other, code=Code.PROTECTED, reviewer="you", at_us=5)
    )
    assert copies_of_case(case) == []
    assert copy.relation.relation_id
    assert all(other not in r.lineage.reports for r in roots_of_case(case))
    assert not any(c.record_id == other for r in relations_of_case(case) for c in r.citations)
    assert {o.outlet for o in outlets_of_case(case)} == {"Harbour Courier", "Evening Post"}


def test_outlets_show_what_is_taken(case: OpenCase) -> None:
    relate_claims(case)
    lines = {o.outlet: o for o in outlets_of_case(case)}
    assert lines["All The News"].taken == 1
    assert lines["All The News"].sources == (("Harbour Courier", 1),)


def test_decisions_need_claims_that_stand_and_a_reason(case: OpenCase) -> None:
    with pytest.raises(UsageError, match='no claim "c9"'):
        say_same(case, "c1", "c9", reason="x")
    with pytest.raises(UsageError, match="says why"):
        say_apart(case, "c1", "c3", reason=" ")
    with pytest.raises(UsageError, match="two claims"):
        say_same(case, "c1", "c1", reason="x")
    with pytest.raises(UsageError, match='called "r99"'):
        undo(case, "r99", reason="x")


def test_a_case_without_reports_has_no_statement(tmp_path: Path) -> None:
    archive = scratch_archive(tmp_path, settings=Settings(isolate=False))
    box = tmp_path / "box.mbox"
    box.write_bytes(MAIL)
    archive.collect(box, source="mail", basis="own", connector="mbox")
    archive.add_event("fire", "Fire at the quay", at="2031-05-06T10:00:00+00:00")
    work, _, _ = open_self_authorised(
        archive, "fire", tmp_path / "grant.toml", ground="own material", span_hours=24
    )
    assert roots_of_case(work) == []
