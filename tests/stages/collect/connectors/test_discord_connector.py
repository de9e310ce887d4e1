"""DiscordChatExporter's JSON: people by id, events, edits, replies, reactions."""

import json
from pathlib import Path
from typing import Any

from pastwatch.model.batch import Batch
from pastwatch.model.record import Defect, Kind
from pastwatch.stages.collect.connectors import discord
from pastwatch.testing.connectors import ConnectorConformance

ANNA = {"id": "1", "name": "anna", "discriminator": "0000", "nickname": "Анна", "isBot": False}
OMAR = {"id": "2", "name": "omar", "discriminator": "0000", "nickname": "omar", "isBot": False}


def said(number: int, content: str, author: dict[str, Any] = ANNA, **more: Any) -> dict[str, Any]:
    return {
        "id": str(number),
        "type": "Default",
        "timestamp": f"2017-04-04T06:{number:02d}:00.5+03:00",
        "timestampEdited": None,
        "isPinned": False,
        "content": content,
        "author": author,
        "attachments": [],
        "embeds": [],
        "reactions": [],
        "mentions": [],
        **more,
    }


ROWS = [
    said(1, "мост at noon"),
    said(2, "yes", OMAR, type="Reply", reference={"messageId": "1", "channelId": "5"}),
    said(3, "later", timestampEdited="2017-04-04T07:00:00+03:00"),
    said(4, "Added Lena to the group.", type="RecipientAdd", mentions=[{"id": "3"}]),
    said(5, "Removed Lena.", type="RecipientRemove", mentions=[{"id": "3"}]),
    said(6, "Left the group.", OMAR, type="RecipientRemove", mentions=[{"id": "2"}]),
    said(7, "Started a call that lasted 3 minutes.", type="Call"),
    said(8, "Changed the channel name: plan b", type="ChannelNameChange"),
    said(9, "Joined the server.", type="GuildMemberJoin"),
    said(10, "Pinned a message.", type="ChannelPinnedMessage"),
    said(
        11,
        "",
        attachments=[
            {"url": "https://x/a?b", "fileName": "../plan.pdf", "fileSizeBytes": 7},
        ],
        embeds=[{"title": "Bridge report", "fields": [{"name": "n", "value": "closed"}]}],
        reactions=[{"emoji": {"name": "👍", "code": "+1"}, "count": 2, "users": [OMAR]}],
    ),
]
EXPORT = {
    "guild": {"id": "6", "name": "Harbour"},
    "channel": {"id": "5", "type": "GuildTextChat", "name": "plan"},
    "dateRange": {"after": None, "before": None},
    "exportedAt": "2017-05-01T00:00:00+00:00",
    "messages": ROWS,
    "messageCount": len(ROWS),
}


class TestDiscord(ConnectorConformance):
    connector = discord.CONNECTOR
    suffix = ".json"

    def sample(self) -> bytes:
        return json.dumps(EXPORT, ensure_ascii=False, indent=2).encode()


def rows(folder: Path, content: object) -> list[dict[str, Any]]:
    path = folder / "plan.json"
    path.write_text(json.dumps(content), encoding="utf-8")
    found = discord.CONNECTOR.read(path, {})
    return [row for b in found if isinstance(b, Batch) for row in b.columns.to_pylist()]


def test_kinds_and_people(tmp_path: Path) -> None:
    found = rows(tmp_path, EXPORT)
    assert [Kind(row["kind"]) for row in found] == [
        Kind.SAID,
        Kind.SAID,
        Kind.EDITED,
        Kind.ADDED,
        Kind.REMOVED,
        Kind.LEFT,
        Kind.CALLED,
        Kind.RENAMED,
        Kind.JOINED,
        Kind.NOTICE,
        Kind.SAID,
    ]
    assert (found[0]["sender_address"], found[0]["sender_name"]) == ("1", "Анна (anna)")
    assert found[1]["sender_name"] == "omar"
    assert {row["conversation"] for row in found} == {"Harbour / plan"}
    assert found[1]["reply_to"] == found[0]["native_id"]
    assert found[0]["earliest_us"] == found[0]["latest_us"] == 1491274860_500_000


def test_files_embeds_and_reactions_stand_beside_the_words(tmp_path: Path) -> None:
    row = rows(tmp_path, EXPORT)[10]
    assert row["parts"][0]["text"] == (
        "reaction: 👍 x2 Анна\nembed: Bridge report n closed\nfile: https://x/a?b"
    ).replace("Анна", "omar")
    assert (row["parts"][1]["name"], row["parts"][1]["size_bytes"]) == ("plan.pdf", 7)


def test_odd_values_are_flagged_and_never_fail(tmp_path: Path) -> None:
    odd = [
        {"id": 1, "timestamp": "never", "author": None, "content": ["x"], "reactions": {"a": 1}},
        {"id": None, "timestamp": 5, "attachments": [None, 7], "embeds": "x", "type": 3},
        {"id": True, "timestamp": "2017-04-04 06:30:00", "author": {"id": {}}, "reference": []},
        {"other": 1},
    ]
    found = rows(tmp_path, {**EXPORT, "messages": odd})
    assert len(found) == 3
    assert [bool(Defect(row["defects"]) & Defect.BAD_DATE) for row in found] == [True, True, False]
    assert Defect(found[2]["defects"]) & Defect.AMBIGUOUS_DATE
    assert all(Defect(row["defects"]) & Defect.NO_SENDER for row in found)
