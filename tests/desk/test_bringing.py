"""Files brought to an open case are sealed, opened under an authority of their own, and cited."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from pastwatch.config import Settings
from pastwatch.desk.bringing import bring, original_of, records_of_medium
from pastwatch.desk.holding import Archive, OpenCase
from pastwatch.desk.overseeing import verify_path
from pastwatch.desk.scratch import open_self_authorised, scratch_archive
from pastwatch.errors import AuthorityExpired, NoSuchRecord, SourceError, UsageError
from pastwatch.model.assessment import Finding, FindingKind
from pastwatch.model.record import Citation

ARTICLE = """HARBOUR COURIER
Fire at the quay

2031-05-06

The port said on Tuesday that nobody was hurt.
"""
MAIL = (
    b"From ana@port.example Tue May  6 08:00:00 2031\n"
    b"From: ana@port.example\nTo: ben@port.example\nDate: Tue, 06 May 2031 08:00:00 +0000\n"
    b"Message-ID: <1@port.example>\nSubject: quay\n\nThe crane is down.\n\n"
)


@pytest.fixture
def case(tmp_path: Path) -> OpenCase:
    """A case over one mail, with nothing brought to it yet."""
    archive = _archive(tmp_path)
    work, _, _ = open_self_authorised(
        archive, "fire", tmp_path / "grant.toml", ground="own material", span_hours=24
    )
    return work


def _archive(folder: Path) -> Archive:
    archive = scratch_archive(folder, settings=Settings(isolate=False))
    box = folder / "box.mbox"
    box.write_bytes(MAIL)
    archive.collect(box, source="mail", basis="own", connector="mbox")
    archive.add_event("fire", "Fire at the quay", at="2031-05-06T10:00:00+00:00")
    return archive


def _report(folder: Path, name: str = "courier.txt", text: str = ARTICLE) -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def _bring(case: OpenCase, *paths: Path) -> list[bytes]:
    brought = bring(
        case,
        paths,
        source="reports",
        basis="published",
        connector="report",
        medium="report",
        ground="published",
    )
    return [record_id for _, record_id in brought.records]


def test_a_report_brought_to_a_case_is_read_and_proved(case: OpenCase, tmp_path: Path) -> None:
    path = _report(tmp_path)
    (record_id,) = _bring(case, path)
    (record,) = case.records([record_id])
    assert "nobody was hurt" in record.text
    assert original_of(case, record_id) == path.read_bytes()
    ref = case.ref_anywhere(record_id)
    assert case.gate_of(ref).prove(ref).pack_id == ref.pack_id
    assert records_of_medium(case, "report") == [record_id]
    assert case.papers.count_shown() >= 1


def test_the_slice_itself_stays_as_it_was_granted(case: OpenCase, tmp_path: Path) -> None:
    before = len(case.gate.index())
    (record_id,) = _bring(case, _report(tmp_path))
    assert len(case.gate.index()) == before
    assert case.ref_in_slice(record_id) is None


def test_what_is_brought_twice_is_sealed_once(case: OpenCase, tmp_path: Path) -> None:
    first = _bring(case, _report(tmp_path))
    size = case.office.ledger.size
    assert _bring(case, _report(tmp_path)) == first
    assert all(e.act != "grant" for e in case.office.ledger.entries(size))


def test_a_second_report_comes_beside_the_first(case: OpenCase, tmp_path: Path) -> None:
    (first,) = _bring(case, _report(tmp_path))
    (second,) = _bring(case, _report(tmp_path, "wire.txt", ARTICLE.replace("nobody", "a man")))
    texts = [r.text for r in case.records([first, second])]
    assert "nobody" in texts[0]
    assert "a man" in texts[1]


def test_another_case_does_not_see_what_was_brought_to_this_one(
    case: OpenCase, tmp_path: Path
) -> None:
    (record_id,) = _bring(case, _report(tmp_path))
    other, _, _ = open_self_authorised(
        Archive(case.office),
        "fire",
        tmp_path / "other.toml",
        ground="own material",
        span_hours=12,
        sources=["mail"],
    )
    with pytest.raises(NoSuchRecord, match="no such record"):
        other.records([record_id])


def test_an_annex_ends_with_its_case_authority(case: OpenCase, tmp_path: Path) -> None:
    (record_id,) = _bring(case, _report(tmp_path))
    Archive(case.office).revoke(case.authority.authority_id, reason="over")
    with pytest.raises(AuthorityExpired, match="revoked"):
        case.records([record_id])
    with pytest.raises(AuthorityExpired, match="revoked"):
        _bring(case, _report(tmp_path, "late.txt", ARTICLE + "More.\n"))


def test_a_closed_case_leaves_no_key_of_what_was_brought(case: OpenCase, tmp_path: Path) -> None:
    _bring(case, _report(tmp_path))
    folder = Path(case.case.folder)
    assert list(folder.glob("annex-*.age"))
    archive = Archive(case.office)
    case.close()
    archive.close_case()
    assert not list(folder.glob("annex-*.age"))


def test_a_file_that_is_not_there_or_empty_is_named(case: OpenCase, tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="gone"):
        _bring(case, tmp_path / "gone.txt")
    with pytest.raises(UsageError, match="no file"):
        _bring(case)
    with pytest.raises(SourceError, match="empty"):
        _bring(case, _report(tmp_path, "empty.txt", ""))


def test_a_brief_cites_what_was_brought_and_verifies(case: OpenCase, tmp_path: Path) -> None:
    path = _report(tmp_path)
    (record_id,) = _bring(case, path)
    (record,) = case.records([record_id])
    at = record.text.encode().index(b"nobody")
    citation = Citation(
        record_id=record_id,
        part=0,
        start_byte=at,
        end_byte=at + 15,
        text_sha256=hashlib.sha256(b"nobody was hurt").digest(),
    )
    case.papers.add_finding(
        Finding(
            finding_id="f0",
            kind=FindingKind.REPORTED_CLAIM,
            statement="The port is reported to have said that nobody was hurt.",
            citations=(citation,),
            made_by="you",
            made_us=case.office.clock(),
        )
    )
    made = case.brief(tmp_path / "brief")
    assert made.cited == 1
    assert not verify_path(tmp_path / "brief").problems
    page = (tmp_path / "brief" / "brief.html").read_text(encoding="utf-8")
    assert "nobody was hurt" in page
    assert "reports" in page
