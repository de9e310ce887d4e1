"""A Zulip export: names from the realm beside it, topics in the conversation, reactions kept."""

import json
from pathlib import Path
from typing import Any

from pastwatch.model.batch import Batch
from pastwatch.model.record import Kind
from pastwatch.model.source import Gap
from pastwatch.model.when import parse_iso
from pastwatch.stages.collect.connectors import zulip
from pastwatch.testing.connectors import ConnectorConformance, accounted

AT = 1_491_276_600
REALM = {
    "zerver_realm": [{"id": 1, "name": "Example", "date_created": AT}],
    "zerver_userprofile": [
        {"id": 7, "full_name": "Anna Berg", "delivery_email": "anna@example.org"},
        {"id": 8, "full_name": "Omar Weir", "delivery_email": "omar@example.org"},
        {"id": 9, "full_name": "Lena", "delivery_email": "lena@example.org"},
    ],
    "zerver_stream": [{"id": 3, "name": "bridge", "date_created": AT}],
    "zerver_recipient": [
        {"id": 30, "type": 2, "type_id": 3},
        {"id": 31, "type": 1, "type_id": 8},
        {"id": 32, "type": 3, "type_id": 1},
    ],
    "zerver_subscription": [{"recipient": 32, "user_profile": n} for n in (7, 8, 9)],
    "zerver_reaction": [{"id": 1, "message": 101, "user_profile": 8, "emoji_name": "eyes"}],
}
ROWS = [
    {"id": 101, "sender": 7, "recipient": 30, "subject": "road", "content": "the bridge мост", "date_sent": AT + 0.5},
    {"id": 102, "sender": 7, "recipient": 31, "subject": "", "content": "so [a.pdf](/user_uploads/1/a.pdf)",
     "date_sent": AT + 1, "last_edit_time": AT + 9, "edit_history": '[{"prev_content": "no"}]'},
    {"id": 103, "sender": 8, "recipient": 32, "subject": "", "content": "(deleted)", "date_sent": AT + 2},
]  # fmt: skip
FLAGS = [{"id": n, "user_profile": 7, "message": 101, "flags_mask": 1} for n in range(3)]
EXPORT = json.dumps({"zerver_message": ROWS, "zerver_usermessage": FLAGS}, ensure_ascii=False).encode()  # fmt: skip


class TestZulip(ConnectorConformance):
    connector = zulip.CONNECTOR
    suffix = ".json"

    def sample(self) -> bytes:
        return EXPORT


class TestZulipRealm(TestZulip):
    def sample(self) -> bytes:
        return json.dumps(REALM, indent=1).encode()


def rows(folder: Path, content: bytes, name: str = "messages-000001.json") -> list[dict[str, Any]]:
    path = folder / name
    path.write_bytes(content)
    found = list(zulip.CONNECTOR.read(path, {}))
    assert accounted(found) == {path.name: len(content)}
    assert not any(isinstance(piece, Gap) for piece in found)
    return [row for piece in found if isinstance(piece, Batch) for row in piece.columns.to_pylist()]


def test_the_realm_beside_names_people_channels_and_reactions(tmp_path: Path) -> None:
    (tmp_path / "realm.json").write_text(json.dumps(REALM))
    first, second, third = rows(tmp_path, EXPORT)
    assert (first["sender_address"], first["sender_name"]) == ("anna@example.org", "Anna Berg")
    assert (first["conversation"], first["subject"]) == ("bridge > road", "road")
    assert first["earliest_us"] == parse_iso("2017-04-04T03:30:00.5Z")[0]
    assert first["parts"][0]["text"] == "reaction: eyes Omar Weir"
    assert [party["address"] for party in second["recipients"]] == ["omar@example.org"]
    assert [party["name"] for party in third["recipients"]] == ["Anna Berg", "Lena"]
    assert [Kind(row["kind"]) for row in (first, second, third)] == [
        Kind.SAID,
        Kind.EDITED,
        Kind.DELETED,
    ]
    assert "before: no" in second["parts"][0]["text"]
    assert second["parts"][1]["name"] == "a.pdf"


def test_without_the_realm_numbers_stand_for_names(tmp_path: Path) -> None:
    first = rows(tmp_path, EXPORT)[0]
    assert (first["sender_address"], first["conversation"]) == ("7", "30 > road")
    assert json.loads(first["original"]) == ROWS[0]


def test_reactions_of_the_realm_are_records_of_their_own(tmp_path: Path) -> None:
    found = rows(tmp_path, json.dumps(REALM).encode(), "realm.json")
    reaction = next(row for row in found if row["kind"] == Kind.REACTED)
    assert (reaction["text"], reaction["reply_to"]) == ("eyes", "101")
    assert reaction["sender_name"] == "Omar Weir"
    assert Kind.CREATED in {row["kind"] for row in found}
