"""The commands for recall and stopping, as a tired reader meets them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import CliRunner

from pastwatch.cli import stopping
from pastwatch.cli.session import Session
from pastwatch.desk.scratch import draft_filled, scratch_archive
from pastwatch.desk.stoppingcalls import calls_of
from pastwatch.errors import UsageError
from pastwatch.model.note import Code, Judgement, Mode

COUNT = 60


@pytest.fixture
def session(tmp_path: Path) -> Session:
    box = tmp_path / "mail.jsonl"
    rows = [
        {"id": f"m{n}", "from": "a@x.example", "to": "b@x.example", "text": f"words of {n}",
         "date": f"2017-04-04T{n // 10:02d}:{n % 10:02d}:00Z"}
        for n in range(COUNT)
    ]  # fmt: skip
    box.write_text("".join(json.dumps(row) + "\n" for row in rows))
    with scratch_archive(tmp_path, person="ana") as held:
        held.collect(box, source="mail", basis="own")
        held.add_event("e", "Event", at="2017-04-05T00:00+00:00", references=("report",))
        draft = draft_filled(held, "e", tmp_path / "a.toml", span_hours=72, ground="own data")
        case, _, _ = held.open_case("e", draft)
        for place, record_id in enumerate(calls_of(case).record_ids[:50]):
            code = Code.RELEVANT if place < 40 else Code.NOT_RELEVANT
            judgement = Judgement(record_id=record_id, code=code, reviewer="ana", at_us=1)
            case.papers.judge(judgement, mode=Mode.RANKED)
        case.close()
    folders = {"archive": str(tmp_path / "archive"), "keys": str(tmp_path / "keys")}
    return Session(given={**folders, "person": "ana"})


def told(session: Session, command: click.Command, *args: str) -> str:
    result = CliRunner().invoke(command, list(args), obj=session, catch_exceptions=True)
    if isinstance(result.exception, UsageError):
        raise result.exception
    assert not result.exception or isinstance(result.exception, SystemExit)
    return result.stdout


def objects(session: Session, command: click.Command, *args: str) -> list[dict[str, Any]]:
    session.given["json"] = True
    return [json.loads(line) for line in told(session, command, *args).splitlines()]


def test_the_price_is_told_for_more_and_for_less_recall(session: Session) -> None:
    text = told(session, stopping.price, "--relevant", "10", "40")
    assert "to say 95 % you will read about" in text
    assert "to say 80 % you will read about" in text
    assert "10 to 40 relevant ones" in text
    assert "estimate" in text
    one, *none = objects(session, stopping.price, "--relevant", "10", "40", "--recall", "90")
    assert not none
    assert one["target"] == 0.9
    assert one["least"] <= one["about"] <= one["most"] <= COUNT


def test_a_price_without_any_notion_of_how_many_is_refused(session: Session) -> None:
    with pytest.raises(UsageError, match="nothing says how many"):
        told(session, stopping.price)
    with pytest.raises(UsageError, match="percentage"):
        told(session, stopping.price, "--relevant", "1", "2", "--recall", "most")


def test_the_bound_and_the_rules_of_thumb_are_told_apart(session: Session) -> None:
    text = told(session, stopping.recall)
    assert text.startswith("40 relevant records found; recall of what this reader calls relevant")
    assert "(heuristic, no guarantee)" in text
    assert "the one look" in text
    bound, *thumbs = objects(session, stopping.recall)
    assert bound["may_stop"] is False
    assert all(one["guarantee"] is False for one in thumbs)


def test_look_read_stop(session: Session) -> None:
    with pytest.raises(UsageError, match="may not stop yet"):
        told(session, stopping.stop)
    text = told(session, stopping.look)
    assert "drawn records to be read next" in text
    with pytest.raises(UsageError, match="would void both"):
        told(session, stopping.look)
    with session.case(None) as case:
        for record_id in calls_of(case).record_ids[50:]:
            judgement = Judgement(
                record_id=record_id, code=Code.NOT_RELEVANT, reviewer="ana", at_us=2
            )
            case.papers.judge(judgement, mode=Mode.REST)
    assert "the review may stop" in told(session, stopping.recall)
    assert "decision 1: the review has stopped" in told(session, stopping.stop)
    (again,) = objects(session, stopping.stop)
    assert again["rule"] == "look"


def test_a_control_sample_is_refused_once_ranking_has_begun(session: Session) -> None:
    with pytest.raises(UsageError, match="drawn before it"):
        told(session, stopping.control, "20")


def test_every_command_shows_its_examples(session: Session) -> None:
    for command in stopping.COMMANDS:
        shown = told(session, command, "--help")
        assert f"pastwatch review {command.name}" in shown
