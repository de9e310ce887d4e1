"""The reach command prints three states apart, says "no" and "not known", and shows no words."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from pastwatch.cli.main import tree
from pastwatch.cli.reach import print_states
from pastwatch.cli.session import Session
from pastwatch.desk.scratch import open_self_authorised, scratch_archive
from pastwatch.model.reach import Findable, Held, Known, States

WORDS = "the crane at the north quay is to be stopped at six and nobody is to be told of it"
ROWS = [
    ("1", "10:00", "+79991234567", "ben@port.example", WORDS),
    ("2", "10:05", "ben@port.example", "eve@town.example", f"> {WORDS}"),
]


@pytest.fixture
def place(tmp_path: Path) -> list[str]:
    """Global options of an archive with a case of two records, both found."""
    rows = [
        {"id": i, "date": f"2031-05-06T{at}:00Z", "from": by, "to": to, "text": text}
        for i, at, by, to, text in ROWS
    ]
    path = tmp_path / "rows.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    with scratch_archive(tmp_path, person="kim") as archive:
        archive.collect(path, source="rows", basis="own", connector="jsonl", medium="mail")
        archive.add_event("fire", "Fire", at="2031-05-06T13:00:00+02:00")
        work, _, _ = open_self_authorised(
            archive, "fire", tmp_path / "grant.toml", ground="own", span_hours=24
        )
        first, *_ = list(work.look("crane"))
        work.finding("The crane was to be stopped.", cites=[first.hit_id])
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


def test_accounts_and_states_are_printed_and_no_words(place: list[str]) -> None:
    text = said(place, "reach", "h1")
    assert "number +79991234567 (mail)" in text
    assert "blind copies leave no trace" in text
    assert "could have seen is not has read" in text
    assert "crane at" not in text
    assert "held                   yes, since" in text
    assert "could have been found  by kim, since" in text
    assert "known to a person" in text
    assert text.count("[at the event: ") == 3
    assert "+02:00 (20" in text


def test_a_person_is_null_in_json_unless_cited(place: list[str]) -> None:
    said(place, "actors", "merge", "+79991234567", "--label", "the caller", "--reason", "x")
    rows = [json.loads(line) for line in said(place, "reach", "h1", "--json").splitlines()]
    assert {row["kind"] for row in rows} == {"reach", "reached", "states"}
    assert all(row["person"] is None for row in rows if row["kind"] == "reached")
    assert 'person "' not in said(place, "reach", "h1")
    said(place, "actors", "attribute", "a1", "--to", "Ana", "--reason", "list", "--cites", "h1")
    rows = [json.loads(line) for line in said(place, "reach", "h1", "--json").splitlines()]
    people = {row["account"]: row["person"] for row in rows if row["kind"] == "reached"}
    assert people["mail:+79991234567"] == "Ana"
    assert people["mail:ben@port.example"] is None


def test_what_is_cut_is_said(place: list[str]) -> None:
    assert "showing 1 of " in said(place, "reach", "h1", "--limit", "1")


def test_a_finding_is_told_by_its_records(place: list[str]) -> None:
    text = said(place, "reach", "f1")
    assert "f1 rests on 1 record" in text
    assert "all of it since" in text
    (fact, *states) = [
        json.loads(line) for line in said(place, "reach", "f1", "--json").splitlines()
    ]
    assert fact["kind"] == "fact"
    assert len(states) == 1


def test_an_earlier_moment_is_told_as_it_was(place: list[str]) -> None:
    text = said(place, "reach", "h1", "--as-of", "2031-05-06T10:00+00:00")
    assert "as of 2031-05-06 12:00 +02:00" in text
    early = said(place, "reach", "h1", "--as-of", "1999-01-01")
    assert "held                   no" in early
    assert "not known" in early
    assert "not by then" in early


def test_no_and_not_known_are_two_words(capsys: pytest.CaptureFixture[str]) -> None:
    stood = States(
        record_id=bytes(16), as_of_us=0, held=None, findable=(), known=(),
        not_findable="no authority over it stood", not_known="no reading by any person is on file",
    )  # fmt: skip
    print_states(stood, event_us=0)
    text = capsys.readouterr().out
    assert "could have been found  no   [at the event: no]" in text
    assert "known to a person      not known   [at the event: no]" in text
    assert "no authority over it stood" in text
    assert "nothing on file is no proof" in text


def test_of_several_readings_the_first_of_each_person_stands(
    capsys: pytest.CaptureFixture[str],
) -> None:
    stood = States(
        record_id=bytes(16),
        as_of_us=9,
        held=Held(since_us=1, source="s", basis="sealed"),
        findable=(
            Findable(by="kim", since_us=3, until_us=None, query_id="q1", query="x",
                     authority_id="a", basis="b"),
            Findable(by="kim", since_us=4, until_us=9, query_id="q2", query="y",
                     authority_id="a", basis="b"),
        ),
        known=(
            Known(by="kim", at_us=8, as_context=False, basis="papers"),
            Known(by="lou", at_us=7, as_context=True, basis="papers"),
        ),
    )  # fmt: skip
    print_states(stood, event_us=2)
    text = capsys.readouterr().out
    assert "q2" not in text
    assert text.count("to kim") == text.count("to lou") == 1
    assert "as context" in text
    assert text.count("[at the event: yes]") == 1
