"""Exhibits and tracks are sealed, read again from their bytes, cited by them, struck with a reason."""

from __future__ import annotations

import hashlib
from dataclasses import fields
from pathlib import Path

import pytest

from pastwatch.config import Settings
from pastwatch.desk.bringing import original_of, records_of_medium
from pastwatch.desk.exhibiting import (
    add_exhibit,
    draft_exhibit,
    exhibit_named,
    exhibits_of,
    marks_for_timeline,
    picture_of_exhibits,
    strike,
)
from pastwatch.desk.exhibitingtracks import Told, add_tracks, open_tracks, tracks_in
from pastwatch.desk.holding import OpenCase
from pastwatch.desk.pictures import write_picture
from pastwatch.desk.scratch import open_self_authorised, scratch_archive
from pastwatch.errors import BadValue, SourceError, UsageError
from pastwatch.model.exhibit import LineMark
from pastwatch.model.track import Presence, TrackSilence

MAIL = (
    b"From ana@port.example Tue May  6 08:00:00 2031\n"
    b"From: ana@port.example\nTo: ben@port.example\nDate: Tue, 06 May 2031 08:00:00 +0000\n"
    b"Message-ID: <1@port.example>\nSubject: pump\n\n"
    b"The pump is a Volkov-made VK-2. The night crew operated the pump until ten.\n\n"
)
T0_S = 1_935_828_000  # 2031-05-06T10:00:00Z


@pytest.fixture
def case(tmp_path: Path) -> OpenCase:
    archive = scratch_archive(tmp_path / "s", settings=Settings(isolate=False))
    box = tmp_path / "box.mbox"
    box.write_bytes(MAIL)
    archive.collect(box, source="mail", basis="own", connector="mbox")
    archive.add_event("fire", "Fire at the quay", at="2031-05-06T12:30:00+02:00")
    work, _, _ = open_self_authorised(
        archive, "fire", tmp_path / "grant.toml", ground="own material", span_hours=24
    )
    return work


def lab(folder: Path, text: str = "Diesel range organics 4.1 mg/l\n") -> Path:
    path = folder / "lab.txt"
    path.write_text(text, encoding="utf-8")
    return path


def ais(folder: Path, *, bom: bool = False) -> Path:
    rows = ["time,lat,lon,mmsi,vesselname"]
    rows += [f"{T0_S + s},55.7000,{12.6 + s / 1e5:.5f},219000001,BERTA" for s in range(0, 3600, 20)]
    rows += [
        f"{T0_S + s},55.7100,{12.6 + s / 1e5:.5f},219000002,HAVLYS"
        for s in range(0, 3600, 20)
        if not 900 < s < 2400
    ]
    path = folder / "ais.csv"
    path.write_text(("\ufeff" if bom else "") + "\n".join(rows) + "\n", encoding="utf-8")
    return path


FIELDS = {"kind": "laboratory report", "title": "Water at the quay"}


def test_an_exhibit_is_sealed_first_and_its_account_kept_beside(
    case: OpenCase, tmp_path: Path
) -> None:
    path = lab(tmp_path)
    kept = add_exhibit(case, path, basis="order", fields={**FIELDS, "taken": "2031-05-06"})
    assert kept.name == "x1"
    assert original_of(case, kept.value.record_id) == path.read_bytes()
    assert kept.value.sha256 == hashlib.sha256(path.read_bytes()).digest()
    assert records_of_medium(case, "exhibit") == [kept.value.record_id]
    assert exhibit_named(case, "x1").value == kept.value
    acts = [e.act for e in case.office.ledger.entries(0)]
    assert "assess" in acts


def test_an_account_comes_from_a_file_and_the_line_given_wins(
    case: OpenCase, tmp_path: Path
) -> None:
    account = draft_exhibit(tmp_path / "exhibit.toml")
    text = account.read_text(encoding="utf-8")
    text = text.replace('kind = "" ', 'kind = "autopsy report" ').replace(
        'title = ""', 'title = "One"'
    )
    account.write_text(text, encoding="utf-8")
    kept = add_exhibit(case, lab(tmp_path), basis="own", account=account, fields={"title": "Two"})
    assert (kept.value.kind, kept.value.title) == ("autopsy report", "Two")
    assert (kept.value.method, kept.value.found_by) == ("", "")
    with pytest.raises(UsageError, match="exists already"):
        draft_exhibit(account)


def test_what_breaks_a_rule_is_refused_before_anything_is_sealed(
    case: OpenCase, tmp_path: Path
) -> None:
    before = case.office.ledger.size
    with pytest.raises(BadValue, match="no line"):
        add_exhibit(case, lab(tmp_path), basis="own", fields={**FIELDS, "operator": "Volkov"})
    with pytest.raises(BadValue):
        add_exhibit(case, lab(tmp_path), basis="own", fields={"kind": "wreckage"})
    with pytest.raises(UsageError, match="no file"):
        add_exhibit(case, tmp_path / "gone", basis="own", fields=FIELDS)
    assert case.office.ledger.size == before
    assert exhibits_of(case) == []


def test_who_operated_a_thing_cites_words_of_a_record_and_a_maker_is_refused(
    case: OpenCase, tmp_path: Path
) -> None:
    list(case.look("pump"))
    hit = case.hits()[0]
    record = hit.citation.record_id.hex()
    used = {"statement": "the night crew", "record": record,
            "words": "The night crew operated the pump"}  # fmt: skip
    kept = add_exhibit(
        case, lab(tmp_path), basis="own",
        fields={**FIELDS, "maker_type": "Volkov VK-2", "operated_by": [used]},
    )  # fmt: skip
    (operated,) = kept.value.operated_by
    (text,) = [r.text.encode() for r in case.records([operated.citation.record_id])]
    quoted = text[operated.citation.start_byte : operated.citation.end_byte]
    assert quoted.decode() == used["words"]
    assert operated.citation.text_sha256 == hashlib.sha256(quoted).digest()
    for wrong, said in (
        ({**used, "words": "a Volkov-made VK-2"}, "who made, bought or sold"),
        ({**used, "words": "Volkov used it"}, "do not stand"),
        ({**used, "record": "xyz"}, "hexadecimal"),
        ({"statement": "the night crew"}, "needs a citation"),
    ):
        with pytest.raises(BadValue, match=said):
            add_exhibit(case, lab(tmp_path), basis="own", fields={**FIELDS, "operated_by": [wrong]})


def test_what_is_struck_stays_on_file_with_its_reason(case: OpenCase, tmp_path: Path) -> None:
    add_exhibit(case, lab(tmp_path), basis="own", fields=FIELDS)
    strike(case, "x1", reason="another quay")
    assert exhibits_of(case) == []
    (one,) = exhibits_of(case, struck=True)
    assert one.struck is not None
    assert one.struck.reason == "another quay"
    with pytest.raises(UsageError, match="reason"):
        strike(case, "x1", reason=" ")
    with pytest.raises(UsageError, match="no exhibit"):
        exhibit_named(case, "x9")


def test_tracks_are_read_again_from_the_sealed_file_alone(case: OpenCase, tmp_path: Path) -> None:
    path = ais(tmp_path)
    kept = add_tracks(case, [path], Told(title="AIS"), basis="published")
    sealed = path.read_bytes()
    path.unlink()
    assert kept.name == "k1"
    assert kept.value.positions == 180 + 180 - 74
    held = open_tracks(case, "k1")
    assert len(held.positions) == kept.value.positions
    (gap,) = [g for g in held.gaps("219000002") if not g.is_last]
    assert gap.silence is TrackSilence.SUBJECT
    assert len(gap.alternatives) >= 3
    (cite,) = held.cites([held.positions.rows_of("219000001").start])
    quoted = sealed[cite.start_byte : cite.end_byte]
    assert quoted.startswith(f"{T0_S},55.7000".encode())
    assert cite.sha256 == hashlib.sha256(quoted).digest()
    assert cite.citation is not None
    (record,) = case.records([cite.record_id])
    text = record.text.encode()
    assert text[cite.citation.start_byte : cite.citation.end_byte] == quoted


def test_a_byte_order_mark_moves_the_text_and_not_the_original(
    case: OpenCase, tmp_path: Path
) -> None:
    path = ais(tmp_path, bom=True)
    add_tracks(case, [path], Told(), basis="published")
    held = open_tracks(case, "k1")
    (cite,) = held.cites([0])
    assert path.read_bytes()[cite.start_byte : cite.end_byte].startswith(str(T0_S).encode())
    assert cite.citation is not None
    (record,) = case.records([cite.record_id])
    cut = record.text.encode()[cite.citation.start_byte : cite.citation.end_byte]
    assert hashlib.sha256(cut).digest() == cite.citation.text_sha256


def test_who_was_near_is_answered_with_the_rows_it_rests_on(case: OpenCase, tmp_path: Path) -> None:
    add_tracks(case, [ais(tmp_path)], Told(), basis="published")
    held = open_tracks(case, "k1")
    span = {"from_us": T0_S * 10**6, "until_us": (T0_S + 3600) * 10**6}
    found = held.near(lat=55.7, lon=12.615, radius_m=300, **span)
    (near,) = found.within
    assert near.subject == "219000001"
    assert near.cites
    for cite in near.cites:
        assert "219000001" in held.row_text(cite)
    unknown = held.near(lat=55.71, lon=12.615, radius_m=300, **span)
    assert [n.presence for n in unknown.not_known] == [Presence.NOT_KNOWN]
    assert unknown.not_known[0].unknown_s == pytest.approx(1520, abs=1)


def test_a_map_shows_ways_the_place_asked_and_exhibits(case: OpenCase, tmp_path: Path) -> None:
    add_tracks(case, [ais(tmp_path)], Told(title="AIS"), basis="published")
    place = {"place": {"lat": 55.705, "lon": 12.61, "radius_m": 40}}
    add_exhibit(case, lab(tmp_path), basis="own", fields={**FIELDS, **place})
    held = open_tracks(case, "k1")
    svg = held.picture(["219000001", "219000002"], asked=(55.7, 12.615, 300.0))
    for said in ("219000001 BERTA", "x1", "Water at the quay", "the place asked about", "+02:00"):
        assert said in svg
    assert 'class="gap1"' in svg
    assert "x1" in picture_of_exhibits(case)
    write_picture(svg, tmp_path / "map.svg")
    assert (tmp_path / "map.svg").read_text(encoding="utf-8") == svg
    with pytest.raises(UsageError, match="no picture file"):
        write_picture(svg, tmp_path / "map.pdf")
    with pytest.raises(BadValue, match="no positions"):
        held.picture(["nobody"])


def test_both_stand_on_the_timeline_with_what_they_cite(case: OpenCase, tmp_path: Path) -> None:
    add_exhibit(case, lab(tmp_path), basis="own", fields={**FIELDS, "taken": "2031-05-06"})
    add_exhibit(case, lab(tmp_path, "other\n"), basis="own", fields={"kind": "map", "title": "Old"})
    add_tracks(case, [ais(tmp_path)], Told(title="AIS"), basis="published")
    marks = marks_for_timeline(case)
    assert [m.sort for m in marks] == ["exhibit", "exhibit", "track", "track", "track gap"]
    assert {f.name for f in fields(LineMark)} == {"lane", "title", "earliest_us", "latest_us",
                                                  "cites", "sort"}  # fmt: skip
    assert marks[1].earliest_us is None
    assert marks[4].cites == ("k1",)
    assert "can mean 5 things" in marks[4].title
    strike(case, "k1", reason="wrong receiver")
    assert len(marks_for_timeline(case)) == 2
    with pytest.raises(UsageError, match="struck"):
        open_tracks(case, "k1")


def test_nothing_is_sealed_of_what_cannot_be_read(case: OpenCase, tmp_path: Path) -> None:
    bad = tmp_path / "bad.csv"
    bad.write_text("time,lat,lon\nnoon,1,2\n", encoding="utf-8")
    before = case.office.ledger.size
    for given, kinds, wrong in (
        ([bad], "", BadValue),
        ([tmp_path / "gone.csv"], "csv", SourceError),
        ([], "", BadValue),
        ([bad], "kml", BadValue),
    ):
        with pytest.raises(wrong):
            add_tracks(case, given, Told(kind=kinds), basis="own")
    assert case.office.ledger.size == before
    assert tracks_in(case) == []


def test_a_file_above_one_record_says_how_to_split_it(
    case: OpenCase, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pastwatch.desk.exhibitingtracks.FILE_LIMIT_BYTES", 10)
    with pytest.raises(SourceError, match="128 MiB") as wrong:
        add_tracks(case, [ais(tmp_path)], Told(), basis="own")
    assert "split" in str(wrong.value.hint)


def test_what_was_judged_protected_is_not_read_again(
    case: OpenCase, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = add_tracks(case, [ais(tmp_path)], Told(), basis="own")
    shut = {kept.value.files[0].record_id}
    monkeypatch.setattr(type(case.papers), "protected_ids", lambda _: shut)
    with pytest.raises(UsageError, match="has no tracks"):
        open_tracks(case, "k1")


def test_evidence_on_two_bases_stands_in_two_sources(case: OpenCase, tmp_path: Path) -> None:
    one = add_exhibit(case, lab(tmp_path), basis="own", fields=FIELDS)
    two = add_exhibit(case, lab(tmp_path, "other\n"), basis="order", fields=FIELDS)
    assert [one.name, two.name] == ["x1", "x2"]
    records = case.records([one.value.record_id, two.value.record_id])
    assert len({r.envelope.source_id for r in records}) == 2
