"""A case indexes its slice by itself once it is looked over twice, and every look finds the same."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from tests.desk import offices

from pastwatch.desk import indexing
from pastwatch.desk.holding import Archive, OpenCase
from pastwatch.errors import NoAuthority
from pastwatch.ledger.entry import Act

QUERIES = ("text number", '"number 7"', "number NOT 7", "num* 12", "zeppelin")


def opened_case(desk: offices.Desk, archive: Archive, *, count: int = 700) -> OpenCase:
    rows = offices.write_lines(desk.folder / "input.jsonl", offices.lines(count))
    archive.collect(rows, source="mail", basis="own")
    archive.add_event("fire", "Fire", at="2017-07-01T12:00+00:00", references=("a",))
    draft = archive.draft_authority("fire", desk.folder / "grant.toml")
    text = draft.read_text().replace('ground = ""', 'ground = "order 17"')
    draft.write_text(re.sub(r"(?m)^undated = false", "undated = true", text))
    archive.sign_authority(draft)
    return archive.open_case("fire", draft)[0]


def purposes(archive: Archive, first: int) -> list[str]:
    entries = archive.office.ledger.entries(first)
    return [str(e.outcome["purpose"]) for e in entries if e.act == Act.OPEN]


def found(case: OpenCase, query: str) -> list[tuple[object, ...]]:
    return [(hit.ref, hit.citation, hit.spans) for hit in case.look(query)]


def test_the_third_look_is_answered_from_the_index_with_the_same_hits(
    desk: offices.Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(indexing, "DUE_FROM_RECORDS", 100)
    with desk.open() as archive:
        case = opened_case(desk, archive)
        assert len(case.gate.blocks) > 2
        before = {QUERIES[0]: found(case, QUERIES[0])}
        assert case.indexing.wait()
        assert case.indexing.progress.blocks == 0  # one look is not enough
        first = archive.office.ledger.size
        before[QUERIES[1]] = found(case, QUERIES[1])
        assert case.indexing.wait()
        assert case.indexing.progress.done
        assert purposes(archive, first) == ["plan", "look", "index"]
        case.close()
        case = archive.case()  # the index is in the papers: another process finds it there
        first = archive.office.ledger.size
        for query in QUERIES:
            hits = found(case, query)
            assert hits == before.get(query, hits)
        assert "plan" not in purposes(
            archive, first
        )  # the sealed word index is not opened any more
        narrow = case.look('"number 7"').plan
        assert narrow.records_at_most < narrow.slice_records / 2
        assert case.papers.count_opened().blocks == len(case.gate.blocks)
        case.close()


@pytest.mark.parametrize(("limit", "value"), [("DUE_FROM_RECORDS", 10**6), ("DUE_TO_RECORDS", 10)])
def test_a_slice_too_small_or_too_large_is_indexed_only_when_asked(
    desk: offices.Desk, monkeypatch: pytest.MonkeyPatch, limit: str, value: int
) -> None:
    monkeypatch.setattr(indexing, "DUE_FROM_RECORDS", 1)
    monkeypatch.setattr(indexing, limit, value)
    with desk.open() as archive:
        case = opened_case(desk, archive, count=40)
        assert all(found(case, "text") for _ in range(3))
        assert case.indexing.index() is None
        assert case.indexing.begin()
        assert case.indexing.wait()
        assert case.indexing.index() is not None
        assert not case.indexing.begin()  # nothing is left to do
        case.close()


def test_closing_a_case_stops_its_index_and_the_ledger_has_both_ends(desk: offices.Desk) -> None:
    with desk.open() as archive:
        case = opened_case(desk, archive)
        first = archive.office.ledger.size
        assert case.indexing.begin()
        case.close()
        acts = [entry.act for entry in archive.office.ledger.entries(first)]
        assert acts == [Act.OPEN, Act.OPENED]
        again = archive.case()
        hits = found(again, "text number")
        if again.indexing.begin():  # whatever was left
            assert again.indexing.wait()
        assert found(again, "text number") == hits
        again.close()


def test_closing_a_case_ends_a_look_half_way_and_says_what_it_opened(desk: offices.Desk) -> None:
    with desk.open() as archive:
        case = opened_case(desk, archive)
        look = case.look("text")
        hits = iter(look)
        next(hits)
        case.close()
        assert list(archive.office.ledger.entries())[-1].act == Act.OPENED
        again = archive.case()
        assert 0 < again.papers.count_opened().blocks <= len(again.gate.blocks)
        assert not again.papers.search(look.query_id).ended
        again.close()
        assert list(hits) == []


def test_an_index_of_an_earlier_grant_is_dropped(desk: offices.Desk) -> None:
    with desk.open() as archive:
        case = opened_case(desk, archive, count=40)
        case.papers.add_segment(b"\x01" * 32, head=b"[]", shards=[b""] * 32)
        assert case.indexing.begin()
        assert case.indexing.wait()
        assert case.papers.segment_heads(b"\x01" * 32) == []
        assert case.indexing.index() is not None
        case.close()


def test_an_authority_to_locate_alone_indexes_nothing(desk: offices.Desk, tmp_path: Path) -> None:
    with desk.open() as archive:
        case = opened_case(desk, archive, count=10)
        case.close()
        draft = archive.draft_authority("fire", tmp_path / "locate.toml")
        text = draft.read_text().replace('ground = ""', 'ground = "order 18"')
        draft.write_text(text.replace('acts = ["read"]', 'acts = ["locate"]'))
        archive.sign_authority(draft)
        located = archive.open_case("fire", draft)[0]
        with pytest.raises(NoAuthority):
            located.indexing.begin()
        located.close()


def test_a_look_leaves_its_pace_and_its_figures(desk: offices.Desk) -> None:
    with desk.open() as archive:
        case = opened_case(desk, archive, count=1500)
        look = case.look("*umber*")
        assert look.last_figures() is None
        assert look.pace().seconds(look.plan.sealed_bytes) > 0
        hits = list(look)
        again = case.look("*umber*")
        last = again.last_figures()
        assert last is not None
        assert last["blocks"] == len(case.gate.blocks) == again.figures.blocks + last["blocks"]
        assert last["decoded_bytes"] > last["sealed_bytes"] > 0
        assert len(hits) == 1500
        case.close()
