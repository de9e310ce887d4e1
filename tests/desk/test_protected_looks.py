"""What a reviewer judged protected is neither hit, shown, paged nor indexed any more."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.desk import offices
from tests.desk.searchcases import opened, rows

from pastwatch.desk.holding import OpenCase
from pastwatch.errors import UsageError
from pastwatch.model.note import Code, Judgement, Mode
from pastwatch.stages.lookback.index import SHARDS

TEXTS = ["the keyword alone", "privileged keyword here", "nothing of it", "keyword again"]


@pytest.fixture
def case(desk: offices.Desk) -> Iterator[OpenCase]:
    with desk.open() as archive:
        path = offices.write_lines(desk.folder / "input.jsonl", rows(TEXTS))
        archive.collect(path, source="mail", basis="own")
        yield opened(desk, archive)


def protect(case: OpenCase, record_id: bytes) -> int:
    judgement = Judgement(
        record_id=record_id,
        code=Code.PROTECTED,
        reviewer=case.office.person,
        at_us=case.office.clock(),
    )
    return case.papers.judge(judgement, mode=Mode.CHOSEN)


def test_a_look_drops_what_is_protected_and_says_how_much(case: OpenCase) -> None:
    before = list(case.look("keyword"))
    record_id = next(iter(case.look("privileged"))).citation.record_id
    number = protect(case, record_id)
    look = case.look("keyword")
    assert {h.citation.record_id for h in look} == {
        h.citation.record_id for h in before if h.citation.record_id != record_id
    }
    assert (look.withheld, look.matched) == (1, len(before) - 1)
    assert record_id not in {h.citation.record_id for h in case.hits()}
    case.papers.undo(number, by=case.office.person, at_us=case.office.clock())
    assert len(list(case.look("keyword"))) == len(before)


def test_a_hit_found_before_is_not_shown_any_more(case: OpenCase) -> None:
    hit = next(iter(case.look("privileged")))
    case.show(hit.hit_id)
    protect(case, hit.citation.record_id)
    with pytest.raises(UsageError, match="judged protected"):
        case.show(hit.hit_id)


def test_a_neighbour_that_is_protected_is_left_out_of_the_context(case: OpenCase) -> None:
    hit = next(iter(case.look('"keyword alone"')))
    around = case.show(hit.hit_id, around=9)
    assert around.after
    protect(case, around.after[0].record_id)
    again = case.show(hit.hit_id, around=9)
    assert [r.record_id for r in again.after] == [r.record_id for r in around.after[1:]]


def test_an_index_that_holds_its_words_is_dropped_and_the_next_one_holds_none(
    case: OpenCase,
) -> None:
    assert case.indexing.begin()
    case.indexing.wait()
    index = case.indexing.index()
    assert index is not None
    token = ("", frozenset({"privileged"}))
    assert index.candidates(case.gate.blocks, [token])
    protect(case, next(iter(case.look("privileged"))).citation.record_id)
    assert case.indexing.index() is None
    assert case.indexing.begin()
    case.indexing.wait()
    index = case.indexing.index()
    assert index is not None
    assert not index.candidates(case.gate.blocks, [token])
    assert index.candidates(case.gate.blocks, [("", frozenset({"keyword"}))])
    assert list(case.look("privileged")) == []


def test_an_index_of_the_first_form_which_held_no_people_is_dropped_and_made_anew(
    case: OpenCase,
) -> None:
    grant = hashlib.sha256((Path(case.case.folder) / "grant.age").read_bytes()).digest()
    blocks = json.dumps([[ref.pack_id, ref.block, ref.inside] for ref in case.gate.blocks])
    case.papers.add_segment(grant, head=blocks.encode(), shards=[b""] * SHARDS)
    assert case.indexing.index() is None
    assert case.indexing.begin()
    case.indexing.wait()
    assert case.indexing.index() is not None
    assert not case.papers.segment_heads(grant)


def test_a_brief_neither_cites_nor_holds_it(case: OpenCase, tmp_path: Path) -> None:
    hit = next(iter(case.look("privileged")))
    case.show(hit.hit_id)
    case.note(hit.hit_id, "a word with counsel")
    finding, _ = case.finding("Somebody wrote to counsel.", cites=[hit.hit_id])
    protect(case, hit.citation.record_id)
    with pytest.raises(UsageError, match="judged protected since"):
        case.brief(tmp_path / "refused")
    case.retract(finding, reason="protected")
    case.brief(tmp_path / "brief")
    written = b"".join(p.read_bytes() for p in (tmp_path / "brief").rglob("*") if p.is_file())
    assert b"privileged keyword here" not in written
    assert b"a word with counsel" not in written
