"""Mattermost's bulk export: posts and their replies are records, each of its own bytes."""

import json
from pathlib import Path
from typing import Any

from pastwatch.model.batch import Batch
from pastwatch.model.record import Kind
from pastwatch.model.source import Gap
from pastwatch.model.when import parse_iso
from pastwatch.stages.collect.connectors import mattermost
from pastwatch.testing.connectors import ConnectorConformance, accounted

AT_MS = 1_491_276_600_000
POST = {
    "team": "t", "channel": "bridge", "user": "anna", "message": 'the "replies":[{ bridge',
    "create_at": AT_MS, "reactions": [{"user": "omar", "emoji_name": "eyes", "create_at": AT_MS}],
    "replies": [
        {"user": "omar", "message": "мост", "create_at": AT_MS + 1000},
        {"user": "lena", "message": "gone", "create_at": AT_MS + 2000, "edit_at": AT_MS + 9000},
    ],
    "attachments": [{"path": "20170404/x/road.jpg"}],
}  # fmt: skip
ROWS: list[dict[str, Any]] = [
    {"type": "version", "version": 1},
    {"type": "channel", "channel": {"team": "t", "name": "bridge", "display_name": "Bridge watch"}},
    {"type": "user", "user": {"username": "anna", "first_name": "Anna", "last_name": "Berg"}},
    {"type": "post", "post": POST},
    {"type": "post", "post": {"team": "t", "channel": "bridge", "user": "omar", "type": "system_join_channel",
                              "message": "omar joined", "create_at": AT_MS + 3000}},
    {"type": "direct_post", "direct_post": {"channel_members": ["anna", "omar"], "user": "anna",
                                            "message": "so", "create_at": AT_MS + 4000}},
]  # fmt: skip
EXPORT = b"".join(json.dumps(row, ensure_ascii=False).encode() + b"\n" for row in ROWS)


class TestMattermost(ConnectorConformance):
    connector = mattermost.CONNECTOR
    suffix = ".jsonl"

    def sample(self) -> bytes:
        return EXPORT


def rows(folder: Path, content: bytes) -> list[dict[str, Any]]:
    path = folder / "export.jsonl"
    path.write_bytes(content)
    found = list(mattermost.CONNECTOR.read(path, {}))
    assert accounted(found) == {path.name: len(content)}
    assert not any(isinstance(piece, Gap) for piece in found)
    return [row for piece in found if isinstance(piece, Batch) for row in piece.columns.to_pylist()]


def test_replies_are_records_that_answer_their_post(tmp_path: Path) -> None:
    found = rows(tmp_path, EXPORT)
    assert [Kind(row["kind"]).name for row in found] == [
        "NOTICE", "NOTICE", "NOTICE", "SAID", "SAID", "EDITED", "JOINED", "SAID",
    ]  # fmt: skip
    post, first, second = found[3:6]
    assert [row["reply_to"] for row in (first, second)] == [post["native_id"]] * 2
    assert [json.loads(row["original"]) for row in (first, second)] == POST["replies"]
    assert json.loads(post["original"])["post"] == {**POST, "replies": []}
    assert (first["text"], post["sender_name"]) == ("мост", "Anna Berg")
    assert first["earliest_us"] == parse_iso("2017-04-04T03:30:01Z")[0]


def test_a_post_tells_its_channel_reactions_and_files(tmp_path: Path) -> None:
    found = rows(tmp_path, EXPORT)
    assert {row["conversation"] for row in found[3:7]} == {"Bridge watch"}
    stated, file = found[3]["parts"]
    assert stated["text"] == "reaction: eyes omar"
    assert file["name"] == "road.jpg"


def test_a_direct_post_goes_to_the_other_members(tmp_path: Path) -> None:
    last = rows(tmp_path, EXPORT)[-1]
    assert last["recipients"] == [{"address": "omar", "name": "", "role": 3}]
    assert last["conversation"] == "anna, omar"
