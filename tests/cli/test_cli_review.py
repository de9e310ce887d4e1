"""The review without a screen: for scripts, and for readers who listen."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

pytest.importorskip("sklearn", reason="the extra 'review' is not installed")
sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from tests.desk import offices, reviews

from pastwatch.cli import reviewstate
from pastwatch.cli.review import review
from pastwatch.cli.session import Session
from pastwatch.desk.clock import now_us
from pastwatch.errors import AuthorityExpired, PastwatchError

assert reviewstate.status.name == "status"  # its commands stand in the group


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> offices.Desk:
    desk = offices.Desk.founded(tmp_path / "desk")
    desk.clock.now_us = now_us()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PASTWATCH_ARCHIVE", desk.settings.archive)
    monkeypatch.setenv("PASTWATCH_KEYS", desk.settings.keys)
    with desk.open() as archive:
        reviews.opened(desk, archive).close()
    return desk


def said(*words: str, person: str = "ana") -> str:
    done = CliRunner().invoke(review, [*words, "--person", person], obj=Session())
    if isinstance(done.exception, PastwatchError):
        raise done.exception
    assert done.exception is None, done.output
    return done.stdout


def rows(*words: str, person: str = "ana") -> list[dict[str, object]]:
    return [json.loads(line) for line in said(*words, "--json", person=person).splitlines()]


@pytest.mark.usefixtures("desk")
def test_a_record_is_read_judged_and_taken_back_by_its_id() -> None:
    (served,) = rows("next", "--around", "2")
    record_id = served["record"]["envelope"]["record_id"]  # type: ignore[index]
    assert served["mode"] == "ranked"
    assert served["before"] or served["after"]
    assert "is relevant; 1 of 60 records judged" in said("judge", record_id[:8], "relevant")
    with pytest.raises(PastwatchError, match="says why"):
        said("judge", record_id, "defer")
    said("codes", "--add", "valve", "Who opened it")
    said("judge", record_id, "defer", "--note", "why not", "--code", "valve", "--tag", "night")
    said("tag", record_id, "night", "--off")
    assert said("note", record_id, "see there") == "noted: n1\n"
    (status,) = rows("status")
    assert (status["deferred"], status["deferred_records"]) == (1, [record_id])
    assert "valve  Who opened it" in said("codes")
    shown = said("show", record_id[:10], "--around", "1")
    assert served["record"]["text"] in shown  # type: ignore[index]
    assert "taken back" in said("undo")
    (status,) = rows("status")
    assert (status["relevant"], status["deferred"]) == (1, 0)
    assert "bound" in said("status")


@pytest.mark.usefixtures("desk")
def test_two_coders_a_table_and_an_adjudicator() -> None:
    said("overlap", "12")
    for person, code in (("ana", "not-relevant"), ("bo", "relevant")):
        for number in range(12):
            (served,) = rows("next", "--only", "overlap", person=person)
            record_id = served["record"]["envelope"]["record_id"]  # type: ignore[index]
            call = code if number < 3 or person == "ana" else "not-relevant"
            said("judge", record_id, call, person=person)
        assert said("next", "--only", "overlap", person=person) == "nothing is left to read here\n"
    out = said("agree")
    assert out.index("first: relevant") < out.index("agreement on relevant") < out.index("κ")
    (told,) = rows("agree")
    assert told["counts"] == {"both": 0, "first_only": 0, "second_only": 3, "neither": 9}
    open_ones = rows("conflicts")
    assert len(open_ones) == 3
    first = str(open_ones[0]["record_id"])
    with pytest.raises(PastwatchError, match="neither"):
        said("conflicts", "--settle", first, "relevant", "--note", "mine")
    left = rows("conflicts", "--settle", first, "relevant", "--note", "named in it", person="cem")
    assert len(left) == 2


@pytest.mark.usefixtures("desk")
def test_a_family_is_shown_first_and_judged_where_asked() -> None:
    found = rows("next", "--seed", reviews.COPY)
    record_id = found[0]["record"]["envelope"]["record_id"]  # type: ignore[index]
    assert found[0]["record"]["text"] == reviews.COPY  # type: ignore[index]
    assert said("family", record_id).count("[same text]") == 5
    assert rows("status")[0]["mine"] == 0
    said("family", record_id, "--judge", "not-relevant")
    assert rows("status")[0]["not_relevant"] == 5


def test_an_authority_that_ended_says_so_and_what_was_judged_stands(desk: offices.Desk) -> None:
    (served,) = rows("next")
    record_id = served["record"]["envelope"]["record_id"]  # type: ignore[index]
    said("judge", record_id, "relevant")
    with desk.open() as archive:
        archive.revoke(archive.case().case_id, reason="over")
    with pytest.raises(AuthorityExpired, match="revoked"):
        said("next")
    with desk.open() as archive:
        case = archive.case()
        assert [j.judgement.record_id.hex() for j in case.papers.judged()] == [record_id]
        case.close()
