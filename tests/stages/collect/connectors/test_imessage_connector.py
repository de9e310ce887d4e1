"""Apple's database: times since 2001, words in streams, tapbacks, events, unsent and edited."""

import json
import plistlib
import random
import sqlite3
import tempfile
from contextlib import closing
from pathlib import Path
from typing import Any

from pastwatch.model.batch import Batch
from pastwatch.model.record import Defect, Kind
from pastwatch.model.source import Gap
from pastwatch.stages.collect.connectors import imessage
from pastwatch.stages.collect.connectors.typedstream import earlier_texts, stream_text
from pastwatch.testing.connectors import ConnectorConformance, accounted

SCHEMA = """
CREATE TABLE message (ROWID INTEGER PRIMARY KEY AUTOINCREMENT, guid TEXT UNIQUE NOT NULL, text TEXT,
  handle_id INTEGER DEFAULT 0, subject TEXT, attributedBody BLOB, service TEXT, date INTEGER,
  is_from_me INTEGER DEFAULT 0, item_type INTEGER DEFAULT 0, other_handle INTEGER DEFAULT 0,
  group_title TEXT, group_action_type INTEGER DEFAULT 0, associated_message_guid TEXT,
  associated_message_type INTEGER DEFAULT 0, associated_message_emoji TEXT,
  thread_originator_guid TEXT, date_edited INTEGER, date_retracted INTEGER,
  message_summary_info BLOB, cache_has_attachments INTEGER DEFAULT 0);
CREATE TABLE handle (ROWID INTEGER PRIMARY KEY, id TEXT, service TEXT);
CREATE TABLE chat (ROWID INTEGER PRIMARY KEY, guid TEXT, display_name TEXT, chat_identifier TEXT);
CREATE TABLE chat_handle_join (chat_id INTEGER, handle_id INTEGER);
CREATE TABLE chat_message_join (chat_id INTEGER, message_id INTEGER, PRIMARY KEY (chat_id, message_id));
CREATE TABLE attachment (ROWID INTEGER PRIMARY KEY, filename TEXT, transfer_name TEXT, mime_type TEXT, total_bytes INTEGER);
CREATE TABLE message_attachment_join (message_id INTEGER, attachment_id INTEGER);
"""


def stream(text: str) -> bytes:
    raw = text.encode()
    size = bytes([len(raw)]) if len(raw) < 128 else b"\x81" + len(raw).to_bytes(2, "little")
    return (
        b"\x04\x0bstreamtyped\x81\xe8\x03\x84\x01@\x84\x84\x84\x12NSAttributedString\x00\x84\x84"
        b"\x08NSObject\x00\x85\x92\x84\x84\x84\x08NSString\x01\x94\x84\x01+" + size + raw + b"\x86"
    )


def apple_ns(minute: int) -> int:
    return (1491276600 + 60 * minute - 978307200) * 10**9


ROWS: list[dict[str, Any]] = [
    {"text": "мост at noon", "handle_id": 1},
    {"attributedBody": stream("yes 🙂 " + "long " * 40), "is_from_me": 1, "thread_originator_guid": "g1"},
    {"associated_message_guid": "p:0/g1", "associated_message_type": 2001, "handle_id": 2},
    {"associated_message_guid": "bp:g1", "associated_message_type": 3000, "is_from_me": 1},
    {"associated_message_guid": "p:0/g1", "associated_message_type": 2006, "associated_message_emoji": "🌉", "handle_id": 2},
    {"item_type": 1, "other_handle": 2, "handle_id": 1},
    {"item_type": 1, "group_action_type": 1, "other_handle": 2, "is_from_me": 1},
    {"item_type": 2, "group_title": "Plan C", "handle_id": 1},
    {"item_type": 3, "handle_id": 2},
    {"text": "newest", "handle_id": 1, "date_edited": apple_ns(30),
     "message_summary_info": plistlib.dumps({"ec": {"0": [{"t": stream("first")}, {"t": stream("newest")}]}}, fmt=plistlib.FMT_BINARY)},
    {"handle_id": 1, "date_edited": apple_ns(30)},
    {"text": "\ufffc", "handle_id": 1, "cache_has_attachments": 1},
    {"text": "in seconds", "handle_id": 1, "date": apple_ns(12) // 10**9},
]  # fmt: skip


def built(path: Path) -> Path:
    with closing(sqlite3.connect(path)) as database:
        database.executescript(SCHEMA)
        database.executemany("INSERT INTO handle VALUES (?, ?, 'iMessage')", [(1, "+15550001"), (2, "omar@example.org")])  # fmt: skip
        database.execute("INSERT INTO chat VALUES (1, 'any;+;chat1', 'Plan C', 'chat1')")
        database.executemany("INSERT INTO chat_handle_join VALUES (1, ?)", [(1,), (2,)])
        database.execute("INSERT INTO attachment VALUES (1, '~/x/one.heic', 'one.heic', 'image/heic', 7)")  # fmt: skip
        database.execute("INSERT INTO message_attachment_join VALUES (12, 1)")
        for number, row in enumerate(ROWS, 1):
            values = {"guid": f"g{number}", "date": apple_ns(number - 1), **row}
            marks = ", ".join("?" * len(values))
            names = ", ".join(values)
            database.execute(f"INSERT INTO message ({names}) VALUES ({marks})", [*values.values()])  # noqa: S608 - our own
            database.execute("INSERT INTO chat_message_join VALUES (1, ?)", (number,))
        database.commit()
    return path


def read(path: Path, **options: str) -> list[dict[str, Any]]:
    found = imessage.CONNECTOR.read(path, options)
    return [row for b in found if isinstance(b, Batch) for row in b.columns.to_pylist()]


class TestIMessage(ConnectorConformance):
    connector = imessage.CONNECTOR
    suffix = ".db"
    content: bytes = b""

    def sample(self) -> bytes:
        if not TestIMessage.content:
            with tempfile.TemporaryDirectory() as folder:
                TestIMessage.content = built(Path(folder) / "chat.db").read_bytes()
        return TestIMessage.content


def test_words_people_and_times(tmp_path: Path) -> None:
    found = read(built(tmp_path / "chat.db"), owner="Anna")
    assert found[0]["text"] == "мост at noon"
    assert found[1]["text"].startswith("yes 🙂 long")
    assert (found[0]["sender_address"], found[1]["sender_address"]) == ("+15550001", "Anna")
    assert [p["address"] for p in found[0]["recipients"]] == ["omar@example.org", "Anna"]
    assert {row["conversation"] for row in found} == {"Plan C"}
    assert [row["earliest_us"] for row in found] == [
        (1491276600 + 60 * minute) * 1_000_000 for minute in range(len(ROWS))
    ]
    assert found[1]["reply_to"] == found[0]["native_id"] == "g1"
    assert [p["name"] for p in found[11]["parts"]] == ["one.heic"]


def test_tapbacks_events_edits_and_unsent_are_kinds(tmp_path: Path) -> None:
    found = read(built(tmp_path / "chat.db"))
    assert [Kind(row["kind"]) for row in found] == [
        Kind.SAID,
        Kind.SAID,
        Kind.REACTED,
        Kind.REACTED,
        Kind.REACTED,
        Kind.ADDED,
        Kind.REMOVED,
        Kind.RENAMED,
        Kind.LEFT,
        Kind.EDITED,
        Kind.DELETED,
        Kind.SAID,
        Kind.SAID,
    ]
    assert [row["text"] for row in found[2:5]] == ["liked", "took back: loved", "reacted to 🌉"]
    assert {row["reply_to"] for row in found[2:5]} == {"g1"}
    assert found[5]["text"] == "added omar@example.org"
    assert found[7]["text"] == "named the conversation Plan C"
    assert found[9]["parts"][0]["text"] == "edited: 2017-04-04T04:00:00Z\nearlier: first"


def test_originals_are_rows_in_a_container_of_their_own(tmp_path: Path) -> None:
    path = built(tmp_path / "chat.db")
    before = sorted(p.name for p in tmp_path.iterdir())
    found = list(imessage.CONNECTOR.read(path, {}))
    assert sorted(p.name for p in tmp_path.iterdir()) == before
    sizes = accounted(found)
    assert sizes["chat.db"] == path.stat().st_size
    originals = [row["original"] for row in read(path)]
    assert sizes["chat.db/message"] == sum(map(len, originals))
    first = json.loads(originals[0])
    assert (first["text"], first["_chat"], first["ROWID"]) == ("мост at noon", "any;+;chat1", 1)


def test_a_view_or_another_database_gives_no_record(tmp_path: Path) -> None:
    for number, made in enumerate((
        "CREATE TABLE other (a)",
        "CREATE VIEW message AS WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x FROM n) SELECT x AS guid FROM n",
    )):  # fmt: skip
        path = tmp_path / f"{number}.db"
        with closing(sqlite3.connect(path)) as database:
            database.execute(made)
            database.commit()
        found = list(imessage.CONNECTOR.read(path, {}))
        assert [piece.bytes for piece in found if isinstance(piece, Gap)] == [path.stat().st_size]
        assert len(found) == 1


def test_odd_values_are_flagged_and_never_fail(tmp_path: Path) -> None:
    path = built(tmp_path / "chat.db")
    with closing(sqlite3.connect(path)) as database:
        database.execute("UPDATE message SET date = 9e999, handle_id = x'00', item_type = 'a' WHERE ROWID = 1")  # fmt: skip
        database.execute("UPDATE message SET text = CAST(x'ff41' AS TEXT), date = 'x' WHERE ROWID = 10")  # fmt: skip
        database.execute("UPDATE attachment SET total_bytes = x'01', transfer_name = 5")
        database.commit()
    found = read(path)
    assert len(found) == len(ROWS)
    assert Defect(found[0]["defects"]) & Defect.BAD_DATE
    assert Defect(found[9]["defects"]) & Defect.BAD_CHARSET
    assert json.loads(found[9]["original"].decode("utf-8", "replace"))["text"].endswith("A")


def test_broken_streams_and_histories_give_nothing_and_never_fail() -> None:
    whole = stream("the bridge " * 30)
    assert stream_text(whole) == "the bridge " * 30
    summary = plistlib.dumps({"ec": {"0": [{"t": whole}, {"t": whole}]}}, fmt=plistlib.FMT_BINARY)
    assert list(earlier_texts(summary)) == ["the bridge " * 30]
    draw = random.Random(5)  # noqa: S311 - places to damage, not secrets
    for _ in range(300):
        for content in (whole, summary):
            damaged = bytearray(content[: draw.randrange(len(content) + 1)])
            for _ in range(draw.randrange(4)):
                if damaged:
                    damaged[draw.randrange(len(damaged))] ^= 1 << draw.randrange(8)
            stream_text(bytes(damaged))
            list(earlier_texts(bytes(damaged)))
    assert stream_text(b"nothing") is None
