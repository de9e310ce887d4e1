"""A directory is sealed, dated and graded; its rows are read from what was sealed, and cited."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest

from pastwatch.config import Settings
from pastwatch.desk import identifying_directories
from pastwatch.desk.holding import OpenCase
from pastwatch.desk.identifying import attribute, merge
from pastwatch.desk.identifying_directories import (
    add_directory,
    as_of,
    directories,
    find_rows,
    is_older,
    row_of,
)
from pastwatch.desk.identifying_rows import rows_of_actor
from pastwatch.desk.scratch import open_self_authorised, scratch_archive
from pastwatch.errors import BadValue, CaseDamaged, UsageError

STAFF = (
    "Name,Post,Mail,Tel\n"
    "Ана Петрова,chemist,ana@port.example,+7 (999) 123-45-67\n"
    "Omar Haddad,officer,omar@port.example,+999 55 100 00 02\n"
)


@pytest.fixture
def case(tmp_path: Path) -> OpenCase:
    """A case over two records."""
    archive = scratch_archive(tmp_path, settings=Settings(isolate=False), person="kim")
    rows = [
        {
            "id": "1",
            "date": "2031-05-06T10:00:00Z",
            "from": "ana@port.example",
            "to": "omar",
            "text": "hi",
        },
        {
            "id": "2",
            "date": "2031-05-06T10:01:00Z",
            "from": "89991234567",
            "to": "omar",
            "text": "ho",
        },
    ]
    path = tmp_path / "rows.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    archive.collect(path, source="rows", basis="own", connector="jsonl", medium="sms")
    archive.add_event("fire", "Fire at the quay", at="2031-05-06T11:00:00+00:00")
    work, _, _ = open_self_authorised(
        archive, "fire", tmp_path / "grant.toml", ground="own", span_hours=24
    )
    return work


def add(case: OpenCase, folder: Path, text: str = STAFF, name: str = "staff.csv") -> str:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return add_directory(
        case, path, source="the port's staff list", dated="2031-03", grade="B2", basis="own"
    ).name


def test_a_directory_keeps_its_source_date_grade_and_hash(case: OpenCase, tmp_path: Path) -> None:
    assert add(case, tmp_path) == "d1"
    (entered,) = directories(case)
    own = entered.value
    assert (own.rows, own.citable_rows, own.dated) == (2, 2, "2031-03")
    assert f"{own.grade.reliability}{own.grade.credibility}" == "B2"
    assert as_of(own) == "as of 2031-03"
    assert is_older(own, case.event.when.start_us)
    assert not is_older(own, own.dated_earliest_us)


def test_a_row_is_cited_by_its_exact_bytes_in_the_sealed_file(
    case: OpenCase, tmp_path: Path
) -> None:
    add(case, tmp_path)
    row = row_of(case, "d1", 2)
    assert row.name == "d1:2"
    assert row.values["role"] == "officer"
    citation = row.citation
    assert citation is not None
    (record,) = case.records([citation.record_id])
    cited = record.text.encode()[citation.start_byte : citation.end_byte]
    assert cited.decode() == STAFF.splitlines()[2]
    assert hashlib.sha256(cited).digest() == citation.text_sha256
    with pytest.raises(UsageError, match="none numbered 3"):
        row_of(case, "d1", 3)
    with pytest.raises(UsageError, match="no directory"):
        row_of(case, "d2", 1)


def test_rows_are_found_by_number_address_and_name_across_scripts(
    case: OpenCase, tmp_path: Path
) -> None:
    add(case, tmp_path)
    assert [r.name for r in find_rows(case, phone="8 999 1234567")] == ["d1:1"]
    assert [r.name for r in find_rows(case, account="OMAR@port.example")] == ["d1:2"]
    (row,) = find_rows(case, name="عمر حداد")
    assert row.name == "d1:2"
    assert row.found_by == "a name that sounds alike"
    assert row.score is not None
    assert row.score < 1
    assert find_rows(case, name="Nobody Else") == []


def test_a_row_of_an_actor_says_how_it_was_found_and_names_no_person(
    case: OpenCase, tmp_path: Path
) -> None:
    add(case, tmp_path)
    made = merge(case, ["sms:ana@port.example", "sms:89991234567"], label="Umar Hadad", reason="x")
    rows = {r.row.name: r for r in rows_of_actor(case, made)}
    assert rows["d1:1"].row.found_by == "the same address"
    assert rows["d1:2"].row.found_by == "a name that sounds alike"
    assert all(
        r.before_event and r.as_of == "as of 2031-03" and r.grade == "B2" for r in rows.values()
    )
    assert made.person is None
    told = attribute(case, "a1", title="chemist", cites=["d1:1"], reason="by her address")
    assert told.citations == (row_of(case, "d1", 1).citation,)


def test_a_file_changed_since_changes_nothing(case: OpenCase, tmp_path: Path) -> None:
    add(case, tmp_path)
    (tmp_path / "staff.csv").write_text(STAFF.replace("chemist", "director"), encoding="utf-8")
    identifying_directories.TABLES.clear()
    assert row_of(case, "d1", 1).values["role"] == "chemist"


def test_rows_that_are_not_those_entered_are_refused(
    case: OpenCase, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    add(case, tmp_path)
    identifying_directories.TABLES.clear()
    monkeypatch.setattr(
        identifying_directories, "_sealed_text", lambda *_: (STAFF.replace("chemist", "cook"), 99)
    )
    with pytest.raises(CaseDamaged, match="not those that were entered"):
        row_of(case, "d1", 1)


def test_more_than_a_records_text_can_be_read_and_not_cited(case: OpenCase, tmp_path: Path) -> None:
    rows = "".join(f"Ana P{n},clerk,{'x' * 40}{n}@port.example,1\n" for n in range(300_000))
    name = add(case, tmp_path, "Name,Post,Mail,Tel\n" + rows)
    (entered,) = directories(case)
    assert entered.value.rows == 300_000
    assert 200_000 < entered.value.citable_rows < 300_000
    assert row_of(case, name, 1).citation is not None
    last = row_of(case, name, 300_000)
    assert last.citation is None
    assert last.values["name"] == "Ana P299999"
    merge(case, ["sms:ana@port.example"], reason="x")
    with pytest.raises(UsageError, match="beyond what of the directory can be cited"):
        attribute(case, "a1", title="clerk", cites=[f"{name}:300000"], reason="x")


def test_entities_are_a_directory_too(case: OpenCase, tmp_path: Path) -> None:
    lines = [
        {"id": "p", "schema": "Person", "properties": {"name": ["Ana Petrova"]}},
        {"id": "o", "schema": "Organization", "properties": {"name": ["Port"]}},
        {
            "id": "e",
            "schema": "Employment",
            "properties": {"employee": ["p"], "employer": ["o"], "role": ["chemist"]},
        },
    ]
    text = "".join(json.dumps(line) + "\n" for line in lines)
    name = add(case, tmp_path, text, "port.ftm.json")
    (row,) = [r for r in find_rows(case, name="Анна Петрова") if r.values.get("role")]
    assert (row.values["organisation"], row.values["role"]) == ("Port", "chemist")
    assert row.citation is not None
    assert name == "d1"


@pytest.mark.parametrize(
    ("dated", "grade", "wrong"),
    [
        ("March", "B2", "no date"),
        ("2031-13", "B2", "no date"),
        ("2031-03", "G2", "no grade"),
        ("2031-03", "B7", "no grade"),
        ("2031-03", "", "no grade"),
    ],
)
def test_a_directory_needs_a_date_and_a_grade(
    case: OpenCase, tmp_path: Path, dated: str, grade: str, wrong: str
) -> None:
    path = tmp_path / "staff.csv"
    path.write_text(STAFF, encoding="utf-8")
    with pytest.raises(BadValue, match=wrong):
        add_directory(case, path, source="list", dated=dated, grade=grade, basis="own")
    assert directories(case) == []


def test_what_cannot_be_read_as_rows_is_refused_before_it_is_sealed(
    case: OpenCase, tmp_path: Path
) -> None:
    before = case.office.ledger.size
    with pytest.raises(BadValue, match="known name"):
        add(case, tmp_path, "a,b\n1,2\n")
    assert case.office.ledger.size == before
