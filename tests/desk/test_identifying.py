"""Accounts become actors by a person's word alone, with what it rests on, and every step is undone."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from pastwatch.config import Settings
from pastwatch.desk.holding import OpenCase
from pastwatch.desk.identifying import (
    Level,
    actor,
    actors,
    as_account,
    attribute,
    attributions,
    conflicts,
    history,
    merge,
    undo,
)
from pastwatch.desk.identifying_suggesting import known_account, suggest
from pastwatch.desk.scratch import open_self_authorised, scratch_archive
from pastwatch.desk.talking import talk_of_case
from pastwatch.errors import BadValue, UsageError
from pastwatch.ledger.entry import Act

ROWS = [
    ("1", "10:00", "ana.petrova@port.example", "ben@port.example", "The crane is down."),
    (
        "2",
        "10:05",
        "ben@port.example",
        "ana.petrova@port.example",
        "Call me.\n— Ben, +7 999 123-45-67",
    ),
    ("3", "10:10", "ana.petrova@home.example", "ben@port.example", "From home now."),
    ("4", "10:20", "+79991234567", "kim", "on my way"),
]


@pytest.fixture
def case(tmp_path: Path) -> OpenCase:
    """A case over four records on one medium."""
    archive = scratch_archive(tmp_path, settings=Settings(isolate=False), person="kim")
    rows = [
        {"id": i, "date": f"2031-05-06T{at}:00Z", "from": by, "to": to, "text": text}
        for i, at, by, to, text in ROWS
    ]
    path = tmp_path / "rows.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    archive.collect(path, source="rows", basis="own", connector="jsonl", medium="mail")
    archive.add_event("fire", "Fire at the quay", at="2031-05-06T11:00:00+00:00")
    work, _, _ = open_self_authorised(
        archive, "fire", tmp_path / "grant.toml", ground="own", span_hours=24
    )
    list(work.look("crane"))
    return work


ANA, HOME = "mail:ana.petrova@port.example", "mail:ana.petrova@home.example"
NUMBER, BEN = "mail:+79991234567", "mail:ben@port.example"


def test_suggestions_merge_nothing(case: OpenCase) -> None:
    found = suggest(case)
    pairs = {frozenset((one.one, one.two)) for one in found}
    assert frozenset((ANA, HOME)) in pairs
    assert frozenset((NUMBER, BEN)) in pairs
    (signed,) = [one for one in found if {one.one, one.two} == {NUMBER, BEN}]
    assert signed.reasons[0].record_ids
    assert actors(case) == []
    assert case.papers.relations() == []


def test_suggestions_of_one_account_are_its_own(case: OpenCase) -> None:
    assert {frozenset((one.one, one.two)) for one in suggest(case, account=ANA)} == {
        frozenset((ANA, HOME))
    }


def test_a_merge_says_who_made_it_from_what_and_leaves_every_record_alone(case: OpenCase) -> None:
    before = [r.text for r in case.records([h.citation.record_id for h in case.hits()])]
    made = merge(case, [ANA, HOME], label="Ana of the port", reason="same local part", cites=["h1"])
    assert made.name == "a1"
    assert [one.account for one in made.accounts] == [ANA, HOME]
    assert all(one.maker == "kim" and one.reason == "same local part" for one in made.accounts)
    assert all(one.citations for one in made.accounts)
    assert made.person is None
    after = [r.text for r in case.records([h.citation.record_id for h in case.hits()])]
    assert before == after
    entries = [e for e in case.office.ledger.entries() if e.act == Act.ASSESS]
    assert entries[-1].outcome["what"] == "merge"
    assert "ana" not in str(entries[-1].outcome)


def test_what_is_merged_is_not_put_forward_again(case: OpenCase) -> None:
    merge(case, [ANA, HOME], reason="same local part")
    assert all({one.one, one.two} != {ANA, HOME} for one in suggest(case))


def test_undoing_restores_everything_and_stays_on_file(case: OpenCase) -> None:
    made = merge(case, [ANA, HOME], reason="same local part")
    attribute(case, "a1", person="Ana Petrova", cites=["h1"], reason="says so")
    first, second = (one.relation_id for one in made.accounts)
    undo(case, first, reason="another Ana")
    assert [one.account for one in actor(case, "a1").accounts] == [HOME]
    assert undo(case, second, reason="another Ana") == "a1"
    assert actors(case) == []
    assert attributions(case) == []
    assert case.papers.relations() == []
    with pytest.raises(UsageError, match="no actor"):
        actor(case, "a1")
    with pytest.raises(UsageError, match="undone already"):
        undo(case, second, reason="again")
    kept = history(case, "a1")
    assert len(kept) == 3
    assert {k.undoing.reason for k in kept if k.undoing} == {
        "another Ana",
        "no account of it is left",
    }
    assert merge(case, [ANA, HOME], reason="after all").name == "a2"


def test_a_brief_comes_out_alike_after_a_merge_is_undone(case: OpenCase, tmp_path: Path) -> None:
    case.finding("The crane was down.", cites=["h1"])
    case.brief(tmp_path / "before")
    made = merge(case, [ANA, HOME], reason="same local part")
    for one in made.accounts:
        undo(case, one.relation_id, reason="no")
    case.brief(tmp_path / "after")
    before, after = (
        json.loads((tmp_path / name / "brief.json").read_text(encoding="utf-8"))
        for name in ("before", "after")
    )
    assert before["records"]
    assert before["records"] == after["records"]


def test_an_account_in_two_actors_is_shown_as_a_conflict_of_both(case: OpenCase) -> None:
    merge(case, [ANA, HOME], reason="same local part")
    merge(case, [HOME, BEN], reason="same house")
    assert conflicts(case) == [(HOME, ("a1", "a2"))]
    assert actor(case, "a1").in_conflict
    assert actor(case, "a2").accounts[0].also_in == ("a1",)
    undo(case, actor(case, "a2").accounts[0].relation_id, reason="one of them")
    assert conflicts(case) == []
    assert not actor(case, "a1").in_conflict


def test_accounts_are_added_to_an_actor_that_stands_once_each(case: OpenCase) -> None:
    merge(case, [ANA], reason="hers")
    assert len(merge(case, [ANA, HOME], into="a1", reason="hers too").accounts) == 2
    with pytest.raises(UsageError, match="not in the actor already"):
        merge(case, [HOME], into="a1", reason="again")
    with pytest.raises(UsageError, match="no actor"):
        merge(case, [BEN], into="a9", reason="x")
    with pytest.raises(UsageError, match="says why"):
        merge(case, [BEN], reason=" ")


def test_a_person_or_a_title_is_never_named_without_a_citation(case: OpenCase) -> None:
    merge(case, [ANA], reason="hers")
    with pytest.raises(UsageError, match="needs a citation"):
        attribute(case, "a1", person="Ana Petrova", cites=[], reason="known")
    with pytest.raises(UsageError, match="needs a citation"):
        attribute(case, "a1", title="chemist", cites=[], reason="known")
    with pytest.raises(UsageError, match="either a person or a title"):
        attribute(case, "a1", cites=["h1"], reason="x")
    with pytest.raises(UsageError, match="cites nothing"):
        attribute(case, "a1", person="Ana", cites=["rumour"], reason="x")
    assert attributions(case) == []


def test_account_device_and_speaker_are_three_attributions(case: OpenCase) -> None:
    merge(case, [ANA], reason="hers")
    for level in (Level.DEVICE, Level.SPEAKER):
        attribute(case, "a1", person="Ana Petrova", cites=["h1"], reason="x", level=level)
        assert actor(case, "a1").person is None
    told = attribute(case, "a1", person="Ana Petrova", cites=["h1"], reason="subscribed to her")
    assert actor(case, "a1").person == "Ana Petrova"
    attribute(case, "a1", person="Olga", cites=["h1"], reason="her sister's")
    assert actor(case, "a1").person is None  # two people: neither is said
    undo(case, told.relation_id, reason="it was not")
    assert actor(case, "a1").person == "Olga"
    assert len(actor(case, "a1").attributions) == 3


def test_a_title_stands_with_its_citation_and_is_no_person(case: OpenCase) -> None:
    merge(case, [ANA], reason="hers")
    record = case.hits()[0].citation.record_id.hex()
    told = attribute(case, "a1", title="chemist", cites=[record], reason="signs so")
    assert told.level is None
    assert told.citations[0].record_id.hex() == record
    assert actor(case, "a1").person is None


def test_accounts_are_named_as_records_name_them(case: OpenCase) -> None:
    talk = talk_of_case(case, purpose="test")
    assert known_account(talk, "ANA.petrova@port.example") == ANA
    assert known_account(talk, ANA) == ANA
    with pytest.raises(UsageError, match="no record of this case"):
        known_account(talk, "nobody@port.example")
    with pytest.raises(UsageError, match="names no account"):
        as_account("nobody")


def test_a_relation_of_something_else_is_not_undone_as_an_actors(case: OpenCase) -> None:
    with pytest.raises(UsageError, match="no actor rests on"):
        undo(case, "r7", reason="x")
    with pytest.raises((UsageError, BadValue)):
        undo(case, "r1", reason="")
