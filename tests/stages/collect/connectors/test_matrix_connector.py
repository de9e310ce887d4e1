"""Matrix rooms: words, edits, reactions, redactions, calls and membership each as what they are."""

import json
from pathlib import Path
from typing import Any

import pytest

from pastwatch.model.batch import Batch
from pastwatch.model.record import Defect, Kind
from pastwatch.model.when import parse_iso
from pastwatch.stages.collect.connectors import matrix
from pastwatch.testing.connectors import ConnectorConformance, accounted

AT_MS = 1_491_276_600_000


def event(form: str, content: dict[str, Any], number: int = 0, **more: Any) -> dict[str, Any]:
    return {
        "type": form,
        "room_id": "!r:example.org",
        "sender": "@anna:example.org",
        "content": content,
        "origin_server_ts": AT_MS + number * 1000,
        "event_id": f"${number}",
        **more,
    }


def member(state: str, whom: str, number: int, name: str = "", was: str = "") -> dict[str, Any]:
    content = {"membership": state, **({"displayname": name} if name else {})}
    before = {"prev_content": {"membership": was, "displayname": "Anna"}} if was else {}
    return event("m.room.member", content, number, state_key=whom, unsigned=before)


REPLACE = {"rel_type": "m.replace", "event_id": "$4"}
EVENTS = [
    event("m.room.create", {"room_version": "9"}, 1),
    member("join", "@anna:example.org", 2, "Anna"),
    member("invite", "@omar:example.org", 3, "Omar"),
    event("m.room.message", {"msgtype": "m.text", "body": "the bridge"}, 4),
    event("m.room.message", {"body": "* the bridges", "m.new_content": {"body": "the bridges"}, "m.relates_to": REPLACE}, 5),
    event("m.reaction", {"m.relates_to": {"rel_type": "m.annotation", "event_id": "$4", "key": "👍"}}, 6),
    event("m.room.redaction", {"reason": "wrong"}, 7, redacts="$4"),
    event("m.room.message", {"body": "> <@anna> the bridge\n\nyes", "m.relates_to": {"m.in_reply_to": {"event_id": "$4"}}}, 8),
    event("m.room.message", {"msgtype": "m.image", "body": "road.jpg", "url": "mxc://x/1", "info": {"mimetype": "image/jpeg", "size": 9}}, 9),
    event("m.call.invite", {"call_id": "1"}, 10),
    event("m.room.name", {"name": "Bridge watch"}, 11),
    member("join", "@anna:example.org", 12, "Anna B", was="join"),
    event("m.room.message", {}, 13, unsigned={"redacted_because": {"sender": "@omar:example.org", "content": {"reason": "rude"}}}),
    member("leave", "@omar:example.org", 14),
    member("leave", "@anna:example.org", 15),
    event("m.room.encrypted", {"ciphertext": "x"}, 16),
    event("m.room.topic", {"topic": "roads"}, 17),
]  # fmt: skip
KINDS = [
    Kind.CREATED, Kind.JOINED, Kind.ADDED, Kind.SAID, Kind.EDITED, Kind.REACTED, Kind.DELETED, Kind.SAID,
    Kind.SAID, Kind.CALLED, Kind.RENAMED, Kind.RENAMED, Kind.DELETED, Kind.REMOVED, Kind.LEFT, Kind.SAID,
    Kind.NOTICE,
]  # fmt: skip
EXPORT = json.dumps({"room_name": "Bridge", "messages": EVENTS}, ensure_ascii=False, indent=4).encode()  # fmt: skip


class TestMatrix(ConnectorConformance):
    connector = matrix.CONNECTOR
    suffix = ".json"

    def sample(self) -> bytes:
        return EXPORT


class TestMatrixLines(TestMatrix):
    suffix = ".jsonl"

    def sample(self) -> bytes:
        return b"".join(json.dumps(one).encode() + b"\n" for one in EVENTS)


def rows(folder: Path, content: bytes) -> list[dict[str, Any]]:
    path = folder / "export.json"
    path.write_bytes(content)
    found = list(matrix.CONNECTOR.read(path, {}))
    assert accounted(found) == {path.name: len(content)}
    return [row for piece in found if isinstance(piece, Batch) for row in piece.columns.to_pylist()]


@pytest.mark.parametrize(
    "content",
    [
        EXPORT,
        json.dumps(EVENTS).encode(),
        json.dumps({"chunk": EVENTS}).encode(),
        TestMatrixLines().sample(),
    ],
)
def test_every_event_is_a_record_of_its_kind(tmp_path: Path, content: bytes) -> None:
    found = rows(tmp_path, content)
    assert [Kind(row["kind"]) for row in found] == KINDS
    assert found[3]["earliest_us"] == parse_iso("2017-04-04T03:30:04Z")[0]
    assert [json.loads(row["original"]) for row in found] == EVENTS


def test_an_edit_a_reaction_and_a_redaction_reply_to_what_they_change(tmp_path: Path) -> None:
    found = rows(tmp_path, EXPORT)
    assert [row["reply_to"] for row in found[4:8]] == ["$4"] * 4
    assert [row["text"] for row in found[3:8]] == [
        "the bridge",
        "the bridges",
        "👍",
        "wrong",
        "yes",
    ]


def test_names_are_those_the_room_showed_by_then(tmp_path: Path) -> None:
    found = rows(tmp_path, EXPORT)
    assert (found[3]["sender_name"], found[12]["sender_name"]) == ("Anna", "Anna B")
    assert found[13]["recipients"] == [{"address": "@omar:example.org", "name": "Omar", "role": 0}]
    assert {row["conversation"] for row in found} == {"Bridge"}


def test_what_is_encrypted_says_so_and_files_are_named(tmp_path: Path) -> None:
    found = rows(tmp_path, EXPORT)
    assert Defect(found[15]["defects"]) is Defect.OPAQUE
    assert next((p["name"], p["size_bytes"]) for p in found[8]["parts"]) == ("road.jpg", 9)
    assert "rude" in found[12]["parts"][0]["text"]
