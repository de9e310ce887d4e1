"""Teams through Microsoft Graph: HTML becomes text, events and replies are records."""

import json
from pathlib import Path
from typing import Any

import pytest

from pastwatch.model.batch import Batch
from pastwatch.model.record import Kind
from pastwatch.model.source import Gap
from pastwatch.model.when import parse_iso
from pastwatch.stages.collect.connectors import teams
from pastwatch.testing.connectors import ConnectorConformance, accounted


def user(name: str) -> dict[str, Any]:
    return {"user": {"id": f"id-{name}", "displayName": name.title()}}


def said(number: int, content: str, who: str = "anna", **more: Any) -> dict[str, Any]:
    return {
        "id": str(number), "replyToId": None, "messageType": "message",
        "createdDateTime": f"2017-04-04T03:30:{number:02d}.5Z", "chatId": "19:chat", "from": user(who),
        "body": {"contentType": "html", "content": content}, "attachments": [], **more,
    }  # fmt: skip


def event(
    number: int, form: str, members: list[str], who: str = "anna", **more: Any
) -> dict[str, Any]:
    detail = {
        "@odata.type": f"#microsoft.graph.{form}EventMessageDetail",
        "members": [user(one)["user"] for one in members], "initiator": user(who), **more,
    }  # fmt: skip
    row = said(number, "<systemEventMessage/>", who)
    return {**row, "messageType": "systemEventMessage", "from": None, "eventDetail": detail}


ROWS = [
    said(1, "<p>the&nbsp;bridge</p><p>мост</p>", replies=[said(2, "<div>yes</div>", "omar"), said(3, "no", "lena")]),
    event(4, "membersAdded", ["omar"]),
    event(5, "membersAdded", ["anna"]),
    event(6, "membersDeleted", ["omar"]),
    event(7, "chatRenamed", [], chatDisplayName="Watch"),
    event(8, "callEnded", [], callDuration="PT1M"),
    said(9, "<p>gone</p>", lastEditedDateTime="2017-04-04T03:40:00Z",
         reactions=[{"reactionType": "like", "createdDateTime": "x", "user": user("omar")}]),
    said(10, "", deletedDateTime="2017-04-04T03:40:00Z"),
    said(11, "see", attachments=[{"id": "1", "contentType": "messageReference", "content": '{"messageId": "1"}'},
                                 {"id": "f", "contentType": "reference", "contentUrl": "https://x/road.docx", "name": "road.docx"}]),
]  # fmt: skip
PAGE = json.dumps({"@odata.context": "x", "value": ROWS}, ensure_ascii=False, indent=2).encode()


class TestTeams(ConnectorConformance):
    connector = teams.CONNECTOR
    suffix = ".json"

    def sample(self) -> bytes:
        return PAGE


class TestTeamsLines(TestTeams):
    suffix = ".jsonl"

    def sample(self) -> bytes:
        return b"".join(json.dumps(row).encode() + b"\n" for row in ROWS)


def rows(folder: Path, content: bytes) -> list[dict[str, Any]]:
    path = folder / "export.json"
    path.write_bytes(content)
    found = list(teams.CONNECTOR.read(path, {}))
    assert accounted(found) == {path.name: len(content)}
    assert not any(isinstance(piece, Gap) for piece in found)
    return [row for piece in found if isinstance(piece, Batch) for row in piece.columns.to_pylist()]


@pytest.mark.parametrize("content", [PAGE, json.dumps(ROWS).encode(), TestTeamsLines().sample()])
def test_each_row_and_each_reply_is_a_record_of_its_kind(tmp_path: Path, content: bytes) -> None:
    found = rows(tmp_path, content)
    assert [Kind(row["kind"]).name for row in found] == [
        "SAID", "SAID", "SAID", "ADDED", "JOINED", "REMOVED", "RENAMED", "CALLED", "EDITED", "DELETED", "SAID",
    ]  # fmt: skip
    assert [row["reply_to"] for row in found[:3]] == [None, "1", "1"]
    assert found[0]["text"] == "the\xa0bridge\nмост"
    assert found[0]["earliest_us"] == parse_iso("2017-04-04T03:30:01.5Z")[0]
    assert json.loads(found[1]["original"]) == ROWS[0]["replies"][0]


def test_who_acted_and_on_whom_is_told(tmp_path: Path) -> None:
    found = rows(tmp_path, PAGE)
    assert found[3]["sender_address"] == "id-anna"
    assert [party["name"] for party in found[3]["recipients"]] == ["Omar"]
    assert not found[4]["recipients"]
    assert found[6]["text"] == "chatRenamed Watch"


def test_reactions_files_and_quotes_are_kept(tmp_path: Path) -> None:
    found = rows(tmp_path, PAGE)
    assert "reaction: like Omar id-omar" in found[8]["parts"][0]["text"]
    assert found[10]["reply_to"] == "1"
    assert found[10]["parts"][-1]["name"] == "road.docx"
