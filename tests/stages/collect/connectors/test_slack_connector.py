"""Slack's export: names from the list beside the day, threads, events, edits, deletions."""

import json
from pathlib import Path
from typing import Any

import pytest

from pastwatch.model.batch import Batch
from pastwatch.model.record import Defect, Kind
from pastwatch.stages.collect.connectors import jsonl, slack
from pastwatch.testing.connectors import ConnectorConformance

USERS = [
    {"id": "U1", "team_id": "T", "name": "anna", "profile": {"real_name": "Анна Берг"}},
    {"id": "U2", "team_id": "T", "name": "omar", "profile": {"display_name": "Omar"}},
    {"id": "U3", "name": "lena", "real_name": "Lena", "profile": None},
]


def said(minute: int, text: str, user: str = "U1", **more: Any) -> dict[str, Any]:
    ts = f"{1491276600 + 60 * minute}.000{minute:03d}"
    return {"type": "message", "user": user, "text": text, "ts": ts, **more}


FIRST = said(0, "мост, <@U2>: <https://example.org/a|the report> &amp; <#C1|plan> <!here>")
ROWS = [
    FIRST,
    said(1, "yes", "U2", thread_ts=FIRST["ts"], parent_user_id="U1"),
    said(2, "later", edited={"user": "U1", "ts": "1491276800.000000"}),
    said(3, "<@U3> has joined the channel", "U3", subtype="channel_join", inviter="U2"),
    said(4, "<@U3> has left the channel", "U3", subtype="channel_leave"),
    said(5, "renamed", subtype="channel_name", old_name="a", name="b"),
    said(6, "This message was deleted.", "USLACKBOT", subtype="tombstone"),
    said(7, "", subtype="huddle_thread", room={"name": "bridge call"}),
    {"type": "message", "subtype": "bot_message", "username": "Watch", "text": "ok", "ts": "1491277080.000001"},
    said(9, "", files=[{"name": "../plan.pdf", "mimetype": "application/pdf", "size": 9, "url_private": "https://x/p"}],
         reactions=[{"name": "thumbsup", "users": ["U2", "U9"], "count": 2}]),
    said(10, "", blocks=[{"type": "section", "text": {"type": "mrkdwn", "text": "from a block"}}]),
    {"type": "message", "subtype": "message_changed", "ts": "1491277260.000001",
     "message": {"user": "U2", "text": "new", "ts": "1491277200.000001"}, "previous_message": {"text": "old"}},
    {"type": "message", "subtype": "message_deleted", "ts": "1491277260.000002",
     "previous_message": {"user": "U2", "text": "gone", "ts": "1491277200.000002"}},
]  # fmt: skip


def placed(folder: Path, rows: object, users: object = USERS) -> Path:
    channel = folder / "plan"
    channel.mkdir(exist_ok=True)
    if users is not None:
        (folder / "users.json").write_text(json.dumps(users), encoding="utf-8")
    path = channel / "2017-04-04.json"
    path.write_text(json.dumps(rows, indent=4), encoding="utf-8")
    return path


def read(path: Path) -> list[dict[str, Any]]:
    found = slack.CONNECTOR.read(path, {})
    return [row for b in found if isinstance(b, Batch) for row in b.columns.to_pylist()]


class TestSlack(ConnectorConformance):
    connector = slack.CONNECTOR
    suffix = ".json"

    def sample(self) -> bytes:
        return json.dumps(ROWS, indent=4).encode()


def test_names_markup_threads_and_times(tmp_path: Path) -> None:
    found = read(placed(tmp_path, ROWS))
    assert found[0]["text"] == "мост, @Omar: the report (https://example.org/a) & #plan @here"
    assert (found[0]["sender_address"], found[0]["sender_name"]) == ("U1", "Анна Берг")
    assert found[1]["reply_to"] == found[0]["native_id"] == FIRST["ts"]
    assert found[0]["reply_to"] is None
    assert found[1]["earliest_us"] == found[1]["latest_us"] == 1491276660_000_001
    assert {row["conversation"] for row in found} == {"plan"}
    assert found[8]["sender_name"] == "Watch"
    assert found[10]["text"] == "from a block"


def test_events_edits_and_deletions_have_their_kind(tmp_path: Path) -> None:
    found = read(placed(tmp_path, ROWS))
    assert [Kind(row["kind"]) for row in found] == [
        Kind.SAID,
        Kind.SAID,
        Kind.EDITED,
        Kind.JOINED,
        Kind.LEFT,
        Kind.RENAMED,
        Kind.DELETED,
        Kind.CALLED,
        Kind.SAID,
        Kind.SAID,
        Kind.SAID,
        Kind.EDITED,
        Kind.DELETED,
    ]
    assert found[3]["text"] == "@Lena has joined the channel"
    assert found[3]["parts"][0]["text"] == "inviter: Omar"
    assert found[7]["parts"][0]["text"] == "room: bridge call"
    assert (found[11]["text"], found[11]["sender_name"]) == ("new", "Omar")
    assert found[11]["parts"][0]["text"] == "before: old"
    assert (found[12]["text"], found[12]["native_id"]) == ("gone", "1491277200.000002")


def test_files_and_reactions_stand_beside_the_words(tmp_path: Path) -> None:
    row = read(placed(tmp_path, ROWS))[9]
    told = "reaction: :thumbsup: x2 Omar, U9\nfile: https://x/p"
    assert row["parts"][0]["text"] == told
    assert (row["parts"][1]["name"], row["parts"][1]["size_bytes"]) == ("plan.pdf", 9)


@pytest.mark.parametrize("users", [None, "none", [None, 5, {"id": []}], {"U1": 1}])
def test_without_a_usable_list_accounts_are_their_ids(tmp_path: Path, users: object) -> None:
    row = read(placed(tmp_path, [FIRST], users))[0]
    assert (row["sender_address"], row["sender_name"]) == ("U1", None)
    assert "@U2" in row["text"]


def test_the_list_is_never_looked_for_further_up_nor_through_a_link(tmp_path: Path) -> None:
    export = tmp_path / "a" / "b"
    export.mkdir(parents=True)
    (tmp_path / "a" / "users.json").write_text(json.dumps(USERS))
    path = placed(export, [FIRST], None)
    assert read(path)[0]["sender_name"] is None
    (export / "users.json").symlink_to(tmp_path / "a" / "users.json")
    assert read(path)[0]["sender_name"] is None


def test_lists_are_read_as_notices(tmp_path: Path) -> None:
    placed(tmp_path, ROWS)
    users = tmp_path / "users.json"
    channels = tmp_path / "channels.json"
    rows = [{"id": "C1", "name": "plan", "created": 1491276600, "members": ["U1", "U9"]}]
    channels.write_text(json.dumps(rows))
    for path in (users, channels):
        head = path.read_bytes()
        assert slack.CONNECTOR.recognises(path, head) > jsonl.CONNECTOR.recognises(path, head)
        assert {Kind(row["kind"]) for row in read(path)} == {Kind.NOTICE}
    (channel,) = read(channels)
    assert [p["name"] for p in channel["recipients"]] == ["Анна Берг", ""]
    assert channel["conversation"] == "plan"


def test_odd_values_are_flagged_and_never_fail(tmp_path: Path) -> None:
    odd = [
        {"ts": None, "user": {}, "text": 5, "files": {"a": 1}, "reactions": 7, "blocks": [[{}]]},
        {"ts": "x", "message": [], "edited": True, "subtype": ["a"], "thread_ts": 4},
        {"no": "ts"},
    ]
    found = read(placed(tmp_path, odd))
    assert len(found) == 2
    assert all(Defect(row["defects"]) & Defect.BAD_DATE for row in found)
