"""Who could have seen a record, and its three states, are told without showing a word of it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from tests.desk import offices

from pastwatch.desk.bringing import bring
from pastwatch.desk.holding import OpenCase
from pastwatch.desk.reaching import cited_by, counts_line, reach
from pastwatch.desk.reaching_states import fact_states, states
from pastwatch.desk.scratch import open_self_authorised
from pastwatch.errors import NoSuchRecord, UsageError
from pastwatch.model.reach import Certainty, Way
from pastwatch.model.when import DAY_US

WORDS = "the crane at the north quay is to be stopped at six and nobody is to be told of it"
ROWS = [
    ("1", "10:00", "ana@port.example", "ben@port.example", WORDS),
    ("2", "11:00", "ben@port.example", "eve@town.example", f"see below\n> {WORDS}\n"),
    ("3", "11:30", "kim@town.example", "lou@town.example", "lunch at the tanker"),
]


@pytest.fixture
def case(desk: offices.Desk, tmp_path: Path) -> Iterator[OpenCase]:
    """A case over three mails, on a clock that stands still."""
    rows = [
        {"id": i, "date": f"2017-07-01T{at}:00Z", "from": by, "to": to, "text": text}
        for i, at, by, to, text in ROWS
    ]
    path = tmp_path / "rows.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    with desk.open() as archive:
        archive.collect(path, source="rows", basis="own", connector="jsonl", medium="mail")
        desk.clock.pass_days(1)
        archive.add_event("fire", "Fire at the quay", at="2017-07-01T12:00:00+00:00")
        work, _, _ = open_self_authorised(
            archive, "fire", tmp_path / "grant.toml", ground="own", span_hours=48
        )
        with closing(work):
            yield work


def hit(case: OpenCase, query: str) -> str:
    return next(iter(case.look(query))).hit_id


def id_of(case: OpenCase, hit_id: str) -> bytes:
    return case.papers.hit(hit_id).hit.record_id


def test_a_records_reach_follows_its_words_and_shows_none(case: OpenCase) -> None:
    one = hit(case, "north")
    shown = case.papers.count_shown()
    found = reach(case, one)
    assert case.papers.count_shown() == shown
    assert found.record_id == id_of(case, one)
    (eve,) = [r for r in found.rows if r.account == "mail:eve@town.example"]
    assert (eve.way, eve.certainty) == (Way.RECEIVED_ON, Certainty.CERTAIN)
    assert "mail:kim@town.example" not in found.accounts
    assert "3 accounts for certain" in counts_line(found)
    assert reach(case, found.record_id.hex()) == found


def test_a_record_out_of_reach_or_protected_is_refused(case: OpenCase) -> None:
    with pytest.raises(NoSuchRecord):
        reach(case, "0" * 32)
    with pytest.raises(UsageError, match="no such name"):
        reach(case, "x1")
    one = hit(case, "tanker")
    case.mark(one, "protected")
    for ask in (lambda: reach(case, one), lambda: states(case, id_of(case, one))):
        with pytest.raises(UsageError, match="judged protected"):
            ask()


def test_held_is_not_findable_and_findable_is_not_known(case: OpenCase, desk: offices.Desk) -> None:
    one = hit(case, "north")
    ids = [h.citation.record_id for h in case.look("tanker OR north")]
    (other,) = set(ids) - {id_of(case, one)} - _quoting(case)
    stood = states(case, other)
    assert stood.held is not None
    assert stood.held.since_us == offices.NOW_US
    assert [f.by for f in stood.findable] == ["ana"]
    assert stood.findable[0].since_us == offices.NOW_US + DAY_US
    assert stood.known == ()
    assert "opened its block, and showed it to nobody" in stood.not_known
    desk.clock.pass_days(2)
    case.records([other])
    again = states(case, other)
    assert [k.by for k in again.known] == ["ana"]
    assert again.known[0].at_us == desk.clock.now_us
    assert "ledger entry" in again.known[0].basis
    then = states(case, other, as_of_us=offices.NOW_US + DAY_US)
    assert then.known == ()
    assert then.not_known == "not by then"
    assert states(case, other, as_of_us=offices.NOW_US - 1).held is None


def _quoting(case: OpenCase) -> set[bytes]:
    return {h.citation.record_id for h in case.look("below")}


def test_a_record_that_no_query_finds_could_not_have_been_found(case: OpenCase) -> None:
    found = reach(case, hit(case, "north"))
    tanker = next(iter(set(case.gate.index().record_ids.tolist()) - {found.record_id}))
    for record_id in case.gate.index().record_ids.tolist():
        if states(case, record_id).findable == ():
            tanker = record_id
    stood = states(case, tanker)
    assert stood.findable == ()
    assert stood.not_findable == "an authority stood, and no query then known finds it"


def test_an_unread_record_stays_unread_by_being_asked_about(case: OpenCase) -> None:
    record_id = case.gate.index().record_ids[0].tobytes()
    for _ in range(2):
        assert states(case, record_id).known == ()
        reach(case, record_id.hex())


def test_another_case_sees_by_the_ledger_that_somebody_read_the_record_alone(
    case: OpenCase, desk: offices.Desk, tmp_path: Path
) -> None:
    record_id = id_of(case, hit(case, "tanker"))
    case.records([record_id])
    with desk.open() as archive:
        second, _, _ = open_self_authorised(
            archive, "fire", tmp_path / "second.toml", ground="own", span_hours=48
        )
        stood = states(second, record_id)
        assert [k.by for k in stood.known] == ["ana"]
        assert f"under authority {case.authority.authority_id}" in stood.known[0].basis
        assert stood.findable == ()
        second.close()


def test_a_report_brought_to_the_case_was_held_when_it_was_brought(
    case: OpenCase, desk: offices.Desk, tmp_path: Path
) -> None:
    hit(case, "quay")
    desk.clock.pass_days(1)
    path = tmp_path / "courier.txt"
    path.write_text(
        "COURIER\nFire\n\n2017-07-02\n\nNobody was hurt at the quay.\n", encoding="utf-8"
    )
    brought = bring(
        case, [path], source="reports", basis="published", connector="report", medium="report",
        ground="published",
    )  # fmt: skip
    record_id = brought.records[0][1]
    stood = states(case, record_id)
    assert stood.held is not None
    assert stood.held.since_us == desk.clock.now_us
    assert [f.since_us for f in stood.findable] == [desk.clock.now_us]
    assert "not run over it" in stood.findable[0].basis
    found = reach(case, record_id.hex())
    assert any("brought to the case" in note for note in found.notes)


def test_a_fact_is_held_and_known_where_all_its_records_are(
    case: OpenCase, desk: offices.Desk
) -> None:
    first, second = hit(case, "north"), hit(case, "tanker")
    case.finding("The crane was stopped.", cites=[first, second])
    cited = cited_by(case, "f1")
    assert cited == (id_of(case, first), id_of(case, second))
    for record_id in cited:
        case.records([record_id])
        desk.clock.pass_days(1)
    told = fact_states(case, "f1", cited)
    assert told.held_us == offices.NOW_US
    assert set(told.known_us) == set(told.findable_us) == {"ana"}
    times = [one.known for one in told.records]
    assert told.known_us["ana"] == max(k[0].at_us for k in times)
    assert cited_by(case, first) == ()
    with pytest.raises(UsageError, match="no claim"):
        cited_by(case, "c1")
