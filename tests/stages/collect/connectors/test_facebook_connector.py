"""Facebook's and Instagram's export: mojibake undone, events told from words."""

import json
from pathlib import Path
from typing import Any

from pastwatch.model.batch import Batch
from pastwatch.model.record import Defect, Kind
from pastwatch.stages.collect.connectors import facebook
from pastwatch.testing.connectors import ConnectorConformance


def broken(text: str) -> str:
    """As the export writes it: each byte of UTF-8 a letter of its own."""
    return text.encode().decode("latin-1")


def said(number: int, content: str | None, sender: str = "Anna Berg", **more: Any) -> Any:
    row = {"sender_name": broken(sender), "timestamp_ms": 1491276600000 + number * 60_000, **more}
    return row if content is None else {**row, "content": broken(content)}


ROWS = [
    said(12, "Reacted ❤ to your message "),
    said(11, "Anna left the group. I saw it.", "Omar"),
    said(10, "Omar left the group.", "Omar"),
    said(9, "You removed Lena from the group."),
    said(8, "Anna added Lena to the group."),
    said(7, "Anna named the group Мост."),
    said(6, None, is_unsent=True),
    said(5, "Anna called you.", call_duration=61, type="Call"),
    said(4, None, photos=[{"uri": "messages/inbox/plan_1/photos/one.jpg"}]),
    said(3, "look", share={"link": "https://example.org/a", "share_text": broken("мост")}),
    said(2, "مرحبا 🙂", "Юсуф", reactions=[{"reaction": broken("👍"), "actor": broken("Юсуф")}]),
    said(1, "café"),
]
THREAD = {
    "participants": [{"name": "Anna Berg"}, {"name": broken("Юсуф")}, {"name": "Omar"}],
    "messages": ROWS,
    "title": broken("План"),
    "is_still_participant": True,
    "thread_path": "inbox/plan_1",
}


class TestFacebook(ConnectorConformance):
    connector = facebook.CONNECTOR
    suffix = ".json"

    def sample(self) -> bytes:
        return json.dumps(THREAD, indent=2).encode()


def rows(folder: Path, content: object) -> list[dict[str, Any]]:
    path = folder / "message_1.json"
    path.write_text(json.dumps(content), encoding="utf-8")
    found = facebook.CONNECTOR.read(path, {})
    return [row for b in found if isinstance(b, Batch) for row in b.columns.to_pylist()]


def test_mojibake_is_undone_and_right_text_left_alone(tmp_path: Path) -> None:
    found = rows(tmp_path, THREAD)
    assert (found[10]["text"], found[10]["sender_name"]) == ("مرحبا 🙂", "Юсуф")
    assert found[11]["text"] == "café"
    assert {row["conversation"] for row in found} == {"План"}
    assert [p["name"] for p in found[10]["recipients"]] == ["Anna Berg", "Omar"]
    right = {"sender_name": "Zoë", "timestamp_ms": 1491276600000, "content": "naïve мост"}
    (row,) = rows(tmp_path, {**THREAD, "messages": [right]})
    assert (row["text"], row["sender_name"]) == ("naïve мост", "Zoë")


def test_events_are_told_by_the_app_and_words_by_people(tmp_path: Path) -> None:
    found = rows(tmp_path, THREAD)
    assert [Kind(row["kind"]) for row in found] == [
        Kind.REACTED,
        Kind.SAID,
        Kind.LEFT,
        Kind.REMOVED,
        Kind.ADDED,
        Kind.RENAMED,
        Kind.DELETED,
        Kind.CALLED,
        Kind.SAID,
        Kind.SAID,
        Kind.SAID,
        Kind.SAID,
    ]
    assert found[7]["parts"][0]["text"] == "call duration: 61 s"
    assert found[8]["parts"][0]["name"] == "one.jpg"
    assert found[9]["parts"][0]["text"] == "share: https://example.org/a мост"
    assert found[10]["parts"][0]["text"] == "reaction: 👍 Юсуф"


def test_a_time_in_milliseconds_is_a_millisecond_wide(tmp_path: Path) -> None:
    row = rows(tmp_path, THREAD)[11]
    assert (row["earliest_us"], row["latest_us"]) == (1491276660_000_000, 1491276660_000_999)


def test_odd_values_are_flagged_and_never_fail(tmp_path: Path) -> None:
    odd = [
        {"sender_name": None, "timestamp_ms": "x", "content": 5, "photos": {"a": 1}},
        {"sender_name": ["a"], "reactions": [1, None], "users": 3, "sticker": "s"},
        {"something": 1},
    ]
    found = rows(tmp_path, {"participants": "x", "messages": odd, "title": 5})
    assert len(found) == 2
    assert {row["conversation"] for row in found} == {"message_1"}
    assert [bool(Defect(row["defects"]) & Defect.BAD_DATE) for row in found] == [True, False]


def test_another_projects_sample_reads_as_it_reads_it(data_set: Any) -> None:
    folder = data_set("chat-exports") / "chat_exports/chat-miner/test/instagram"
    path = folder / "test_export.json"
    assert facebook.CONNECTOR.recognises(path, path.read_bytes()) > 90
    found = facebook.CONNECTOR.read(path, {})
    read = [row for b in found if isinstance(b, Batch) for row in b.columns.to_pylist()]
    target = json.loads((folder / "target.json").read_text())
    assert [(row["sender_name"], row["text"]) for row in read] == [
        (one["author"], one["message"]) for one in target
    ]
    assert [row["earliest_us"] for row in read] == [1579294140_000_000, 1577186580_000_000]
