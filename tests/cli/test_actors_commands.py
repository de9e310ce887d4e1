"""The actors commands write accounts and numbers; a person's name stands only where it is cited."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from pastwatch.cli.main import tree
from pastwatch.cli.session import Session
from pastwatch.desk.scratch import open_self_authorised, scratch_archive
from pastwatch.errors import UsageError

STAFF = (
    "Name,Post,Tel\nAna Petrova,chemist,+7 (999) 123-45-67\n=1+1,\x1b[31mcook,+7 999 000 00 00\n"
)
ROWS = [
    ("1", "10:00", "+79991234567", "ben@port.example", "the crane is down"),
    ("2", "10:05", "ben@port.example", "+7 999 123 45 67", "call me"),
    ("3", "10:10", "ben@home.example", "kim", "from home"),
]


@pytest.fixture
def place(tmp_path: Path) -> list[str]:
    """Global options of an archive with a case of three records, and a directory beside it."""
    rows = [
        {"id": i, "date": f"2031-05-06T{at}:00Z", "from": by, "to": to, "text": text}
        for i, at, by, to, text in ROWS
    ]
    path = tmp_path / "rows.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    (tmp_path / "staff.csv").write_text(STAFF, encoding="utf-8")
    with scratch_archive(tmp_path, person="kim") as archive:
        archive.collect(path, source="rows", basis="own", connector="jsonl", medium="sms")
        archive.add_event("fire", "Fire", at="2031-05-06T11:00:00+00:00")
        work, _, _ = open_self_authorised(
            archive, "fire", tmp_path / "grant.toml", ground="own", span_hours=24
        )
        list(work.look("crane"))
        work.close()
    return [
        *("--archive", str(tmp_path / "archive"), "--keys", str(tmp_path / "keys")),
        *("--person", "kim"),
    ]


def said(place: list[str], *words: str) -> str:
    found = CliRunner().invoke(tree, [*place, *words], obj=Session(), standalone_mode=False)
    if found.exception is not None:
        raise found.exception
    return found.stdout


def lines(place: list[str], *words: str) -> list[dict[str, object]]:
    return [json.loads(line) for line in said(place, *words, "--json").splitlines()]


def add(place: list[str], tmp_path: Path) -> str:
    return said(
        place, "actors", "directory", "add", str(tmp_path / "staff.csv"), "--source", "staff list",
        "--dated", "2031-03-01", "--grade", "B2", "--basis", "own",
        "--map", "name=Name,role=Post,phone=Tel",
    )  # fmt: skip


def test_a_case_without_actors_says_so(place: list[str]) -> None:
    assert "no actors yet" in said(place, "actors")
    assert "no actors yet" in said(place, "actors", "list")


def test_suggestions_write_accounts_and_numbers_and_no_person(place: list[str]) -> None:
    text = said(place, "actors", "suggest")
    assert "number +79991234567 (sms)" in text
    assert "the same phone number" in text
    assert "nothing is merged by itself" in text
    assert "person" not in text.split("pastwatch actors merge")[0]
    assert all(line["person"] is None for line in lines(place, "actors", "suggest"))
    assert "showing 1 of " in said(place, "actors", "suggest", "--limit", "1")


def test_a_person_is_null_until_cited_and_written_once_it_is(
    place: list[str], tmp_path: Path
) -> None:
    add(place, tmp_path)
    text = said(
        place, "actors", "merge", "+79991234567", "--label", "the caller", "--reason", "hers"
    )
    assert "number +79991234567 (sms)" in text
    assert "no person attributed" in text
    assert 'person "' not in text
    (before,) = lines(place, "actors")
    assert before["person"] is None
    assert 'person "' not in said(place, "actors", "show", "a1")
    with pytest.raises(UsageError, match="needs a citation"):
        said(place, "actors", "attribute", "a1", "--to", "Ana Petrova", "--reason", "known")
    told = said(
        place, "actors", "attribute", "a1", "--to", "Ana Petrova", "--reason", "the staff list",
        "--cites", "d1:1",
    )  # fmt: skip
    assert 'account of person "Ana Petrova"' in told
    (after,) = lines(place, "actors")
    assert after["person"] == "Ana Petrova"
    attributions = after["attributions"]
    assert isinstance(attributions, list)
    assert attributions[0]["citations"]
    assert 'account of person "Ana Petrova"' in said(place, "actors", "show", "a1")


def test_having_the_device_is_not_having_the_account(place: list[str]) -> None:
    said(place, "actors", "merge", "+79991234567", "--reason", "hers")
    said(
        place, "actors", "attribute", "a1", "--to", "Ana", "--level", "device", "--reason", "found on her",
        "--cites", "h1",
    )  # fmt: skip
    (one,) = lines(place, "actors")
    assert one["person"] is None
    assert 'device of person "Ana"' in said(place, "actors")


def test_a_title_comes_with_its_date_grade_and_row(place: list[str], tmp_path: Path) -> None:
    assert "2 rows, as of 2031-03-01, grade B2" in add(place, tmp_path)
    said(place, "actors", "merge", "+79991234567", "--reason", "hers")
    shown = said(place, "actors", "show", "a1")
    assert "d1:1" in shown
    assert "chemist" in shown
    assert "as of 2031-03-01, before the event" in shown
    assert "the same phone number" in shown
    said(
        place,
        "actors",
        "attribute",
        "a1",
        "--title",
        "chemist",
        "--reason",
        "post",
        "--cites",
        "d1:1",
    )
    (one,) = lines(place, "actors")
    assert one["titles"][0]["title"] == "chemist"  # type: ignore[index]
    assert one["titles"][0]["citations"]  # type: ignore[index]
    assert one["person"] is None


def test_rows_are_found_and_what_they_hold_is_printed_harmlessly(
    place: list[str], tmp_path: Path
) -> None:
    add(place, tmp_path)
    found = said(place, "actors", "directory", "find", "--name", "Анна Петрова")
    assert "d1:1" in found
    assert "not yet of this actor" in found
    other = said(place, "actors", "directory", "find", "--phone", "8 (999) 000-00-00")
    assert "=1+1" in other
    assert "\x1b" not in other
    assert "tells nothing" in said(place, "actors", "directory", "find", "--name", "Nobody Here")
    assert "as of 2031-03-01, before the event" in said(place, "actors", "directory", "list")
    (row,) = lines(place, "actors", "directory", "find", "--phone", "+79991234567")
    assert row["as_of"] == "as of 2031-03-01"


def test_undoing_takes_the_actor_away_again(place: list[str]) -> None:
    pair = ["ben@port.example", "ben@home.example"]
    text = said(place, "actors", "merge", *pair, "--reason", "alike", "--cites", "h1")
    assert "undo with 'pastwatch actors undo r2" in text
    said(place, "actors", "undo", "r1", "--reason", "no")
    assert "is gone" in said(place, "actors", "undo", "r2", "--reason", "no")
    assert "no actors yet" in said(place, "actors")


def test_a_suggestion_is_accepted_with_its_reason_and_score(place: list[str]) -> None:
    (one, *_) = lines(place, "actors", "suggest")
    said(place, "actors", "merge", str(one["one"]), str(one["two"]), "--as-suggested")
    (made,) = lines(place, "actors")
    accounts = made["accounts"]
    assert isinstance(accounts, list)
    assert accounts[0]["score"] == one["score"]
    assert "accepted by kim" in accounts[0]["maker"]
    with pytest.raises(UsageError, match="no suggestion joins"):
        said(place, "actors", "merge", "kim", "ben@port.example", "--as-suggested")


def test_an_account_in_two_actors_is_listed_as_a_conflict(place: list[str]) -> None:
    said(place, "actors", "merge", "ben@port.example", "--reason", "one")
    said(place, "actors", "merge", "ben@port.example", "kim", "--reason", "two")
    assert "conflict: account ben@port.example (sms) is in a1, a2" in said(place, "actors")
    conflict = lines(place, "actors")[-1]
    assert conflict == {
        "kind": "conflict",
        "account": "sms:ben@port.example",
        "actors": ["a1", "a2"],
    }
    assert "is also in a2" in said(place, "actors", "show", "a1")


def test_a_map_without_a_column_is_a_usage_error(place: list[str], tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="maps no column"):
        said(
            place, "actors", "directory", "add", str(tmp_path / "staff.csv"), "--source", "x",
            "--dated", "2031", "--grade", "B2", "--basis", "own", "--map", "name",
        )  # fmt: skip
    with pytest.raises(UsageError, match="nothing to find"):
        said(place, "actors", "directory", "find")
