"""Telegram's export: people, events, edits, replies and what stands beside them."""

import json
from pathlib import Path
from typing import Any

import pytest

from pastwatch.model.batch import Batch
from pastwatch.model.record import Defect, Kind
from pastwatch.stages.collect.connectors import discord, facebook, jsonl, telegram
from pastwatch.testing.connectors import ConnectorConformance


def said(number: int, text: Any, **more: Any) -> dict[str, Any]:
    return {
        "id": number,
        "type": "message",
        "date": "2017-04-04T06:30:00",
        "date_unixtime": str(1491276600 + 60 * number),
        "from": "Анна Берг",
        "from_id": "user1",
        "text": text,
        "text_entities": [],
        **more,
    }


def event(number: int, action: str, **more: Any) -> dict[str, Any]:
    row = said(number, "", type="service", actor="Omar", actor_id="user2", action=action, **more)
    return {key: value for key, value in row.items() if key not in {"from", "from_id"}}


ROWS = [
    event(1, "create_group", title="Plan: B", members=["Omar", "Анна Берг"]),
    event(2, "invite_members", members=["Lena", None]),
    event(3, "invite_members", members=["Omar"]),
    event(4, "remove_members", members=["Lena"]),
    event(5, "remove_members", members=["Omar"]),
    event(6, "edit_group_title", title="Plan C"),
    event(7, "phone_call", duration_seconds=61, discard_reason="hangup"),
    event(8, "pin_message", message_id=1),
    event(9, "join_group_by_link", inviter="Anna"),
    said(10, ["see ", {"type": "text_link", "text": "here", "href": "https://example.org/x"}, "!"]),
    said(11, "мост", edited="2017-04-04T07:00:00", edited_unixtime="1491278400"),
    said(12, "yes", reply_to_message_id=11, forwarded_from="Lena"),
    said(
        13,
        "",
        photo="chats/chat_1/photos/one.jpg",
        reactions=[
            {"type": "emoji", "count": 2, "emoji": "👍", "recent": [{"from": "Omar"}]},
        ],
    ),
    said(14, "", file="(File not included.)", file_name="../plan.pdf", mime_type="application/pdf", file_size=12),
    said(15, "", poll={"question": "Which bridge?", "answers": [{"text": "north", "voters": 2}]}),
]  # fmt: skip
CHAT = {"name": "Plan C", "type": "private_group", "id": 9, "messages": ROWS}
PERSONAL = {"name": "Omar", "type": "personal_chat", "id": 2, "messages": [said(1, "hello")]}
ACCOUNT = {
    "about": "Here is the data you requested.",
    "personal_information": {"user_id": 1, "first_name": "Анна"},
    "contacts": {"about": "x", "list": [{"first_name": "Yusuf", "phone_number": "00 15 55"}]},
    "chats": {"about": "y", "list": [CHAT, PERSONAL, {**PERSONAL, "id": 3}]},
}


def rows(folder: Path, content: object, **options: str) -> list[dict[str, Any]]:
    path = folder / "result.json"
    path.write_text(json.dumps(content, ensure_ascii=False, indent=1), encoding="utf-8")
    found = telegram.CONNECTOR.read(path, options)
    return [row for b in found if isinstance(b, Batch) for row in b.columns.to_pylist()]


class TestOneChat(ConnectorConformance):
    connector = telegram.CONNECTOR
    suffix = ".json"

    def sample(self) -> bytes:
        return json.dumps(CHAT, ensure_ascii=False, indent=1).encode()


class TestAWholeAccount(ConnectorConformance):
    connector = telegram.CONNECTOR
    suffix = ".json"

    def sample(self) -> bytes:
        return json.dumps(ACCOUNT).encode()


def test_events_have_their_kind_and_the_account_that_acted(tmp_path: Path) -> None:
    found = rows(tmp_path, CHAT)
    assert [Kind(row["kind"]) for row in found[:9]] == [
        Kind.CREATED,
        Kind.ADDED,
        Kind.JOINED,
        Kind.REMOVED,
        Kind.LEFT,
        Kind.RENAMED,
        Kind.CALLED,
        Kind.NOTICE,
        Kind.JOINED,
    ]
    assert {(row["sender_address"], row["sender_name"]) for row in found[:9]} == {("user2", "Omar")}
    assert found[0]["text"] == "create group Plan: B Omar, Анна Берг"
    assert "61" in found[6]["parts"][0]["text"]


def test_words_links_reactions_and_files_are_all_found(tmp_path: Path) -> None:
    found = rows(tmp_path, CHAT)
    assert found[9]["text"] == "see here!"
    assert found[9]["parts"][0]["text"] == "link: https://example.org/x"
    assert found[12]["parts"][0]["text"] == "reaction: 👍 x2 Omar"
    assert found[12]["parts"][1]["name"] == "one.jpg"
    names = [(p["name"], p["media_type"], p["size_bytes"]) for p in found[13]["parts"]]
    assert names == [("plan.pdf", "application/pdf", 12)]
    assert found[14]["parts"][0]["text"] == "poll: Which bridge? north 2"


def test_edits_replies_and_forwards_are_kept(tmp_path: Path) -> None:
    found = rows(tmp_path, CHAT)
    assert Kind(found[10]["kind"]) is Kind.EDITED
    assert found[10]["parts"][0]["text"] == "edited: 2017-04-04T04:00:00Z"
    assert found[11]["reply_to"] == found[10]["native_id"] == "11"
    assert found[11]["parts"][0]["text"] == "forwarded from: Lena"
    assert found[11]["earliest_us"] == found[11]["latest_us"] == 1491277320_000_000


def test_two_chats_of_one_name_are_two_conversations_and_contacts_are_notices(
    tmp_path: Path,
) -> None:
    found = rows(tmp_path, ACCOUNT)
    assert [row["conversation"] for row in found[-2:]] == ["Omar", "Omar (3)"]
    assert found[-1]["recipients"] == [{"address": "Omar", "name": "Omar", "role": 3}]
    assert (Kind(found[0]["kind"]), found[0]["text"]) == (Kind.NOTICE, "Yusuf\n00 15 55")


def test_a_local_time_is_wide_until_the_zone_is_named(tmp_path: Path) -> None:
    row = said(1, "x")
    del row["date_unixtime"]
    chat = {**CHAT, "messages": [row]}
    (wide,) = rows(tmp_path, chat)
    assert Defect(wide["defects"]) & Defect.AMBIGUOUS_DATE
    (exact,) = rows(tmp_path, chat, zone="Europe/Kyiv")
    assert exact["earliest_us"] == exact["latest_us"] == 1491276600_000_000


def test_it_claims_its_own_and_leaves_others_theirs() -> None:
    own = json.dumps(CHAT).encode()
    assert telegram.CONNECTOR.recognises(Path("x"), own) > 90
    for other in (jsonl, discord, facebook):
        assert other.CONNECTOR.recognises(Path("x.json"), own) < 90


@pytest.mark.parametrize("name", ["test_single_export", "test_batch_export"])
def test_another_projects_samples_read_as_it_reads_them(data_set: Any, name: str) -> None:
    folder = data_set("chat-exports") / "chat_exports/chat-miner/test/telegram"
    path = folder / f"{name}.json"
    assert telegram.CONNECTOR.recognises(path, path.read_bytes()) > 90
    found = telegram.CONNECTOR.read(path, {})
    read = [row for b in found if isinstance(b, Batch) for row in b.columns.to_pylist()]
    target = json.loads((folder / "target.json").read_text())
    assert [(row["sender_name"]) for row in read] == [one["author"] for one in target]
    # They join the pieces of a text with a blank that the app does not show.
    assert [row["text"] for row in read] == [one["message"].replace(": ", ":") for one in target]
    assert [row["earliest_us"] for row in read] == [1544006350_000_000, 1544006964_000_000]
