"""Google Chat from a Takeout: dates in words of many languages, threads, members from the group file."""

import json
from pathlib import Path
from typing import Any

import pytest

from pastwatch.model.batch import Batch
from pastwatch.model.record import Defect, Kind
from pastwatch.model.source import Gap
from pastwatch.model.when import HOUR_US, parse_iso
from pastwatch.stages.collect.connectors import googlechat
from pastwatch.testing.connectors import ConnectorConformance, accounted

ANNA = {"name": "Anna Berg", "email": "anna@example.org", "user_type": "Human"}
OMAR = {"name": "Omar Weir", "email": "omar@example.org", "user_type": "Human"}
DATE = "Tuesday, April 4, 2017 at 3:30:00\u202fAM UTC"
GROUP = {"name": "Bridge watch", "members": [ANNA, OMAR]}


def said(number: int, **more: Any) -> dict[str, Any]:
    return {"creator": ANNA, "created_date": DATE, "topic_id": "t", "message_id": f"s/t/{number}", **more}  # fmt: skip


ROWS = [
    {**said(1, text="the bridge мост"), "message_id": "s/t/t"},
    said(2, text="yes", updated_date=DATE, reactions=[{"emoji": {"unicode": "👍"}, "reactor_emails": ["omar@example.org"]}]),
    said(3, message_state="DELETED", deletion_metadata={"deletion_type": "CREATOR"}),
    said(4, text="", annotations=[{"video_call_metadata": {"meeting_space": {"meeting_code": "abc"}}}]),
    said(5, text="see", attached_files=[{"original_name": "road.jpg", "export_name": "File-road.jpg"}],
         quoted_message_metadata={"creator": OMAR, "text": "which", "message_id": "s/t/2"}),
]  # fmt: skip
EXPORT = json.dumps({"messages": ROWS}, ensure_ascii=False, indent=2).encode()


class TestGoogleChat(ConnectorConformance):
    connector = googlechat.CONNECTOR
    suffix = ".json"

    def sample(self) -> bytes:
        return EXPORT


def rows(folder: Path, content: bytes, **options: str) -> list[dict[str, Any]]:
    path = folder / "messages.json"
    path.write_bytes(content)
    found = list(googlechat.CONNECTOR.read(path, options))
    assert accounted(found) == {path.name: len(content)}
    assert not any(isinstance(piece, Gap) for piece in found)
    return [row for piece in found if isinstance(piece, Batch) for row in piece.columns.to_pylist()]


def test_the_group_beside_names_the_chat_and_its_members(tmp_path: Path) -> None:
    (tmp_path / "group_info.json").write_text(json.dumps(GROUP))
    found = rows(tmp_path, EXPORT)
    assert {row["conversation"] for row in found} == {"Bridge watch"}
    assert [party["name"] for party in found[0]["recipients"]] == ["Omar Weir"]
    assert [Kind(row["kind"]).name for row in found] == ["SAID", "EDITED", "DELETED", "CALLED", "SAID"]  # fmt: skip
    assert [row["reply_to"] for row in found] == [None, "s/t/t", "s/t/t", "s/t/t", "s/t/2"]
    assert "reaction: 👍 omar@example.org" in found[1]["parts"][0]["text"]
    assert found[4]["parts"][-1]["name"] == "road.jpg"
    assert not any(row["defects"] for row in found)


@pytest.mark.parametrize(
    "date",
    [
        "Tuesday, April 4, 2017 at 3:30:00 AM UTC",
        "Tuesday, 4 April 2017 at 03:30:00 UTC",
        "mardi 4 avril 2017 à 03:30:00 UTC",
        "Dienstag, 4. April 2017 um 03:30:00 UTC",
        "martes, 4 de abril de 2017, 3:30:00 UTC",
        "martedì 4 aprile 2017 alle ore 03:30:00 UTC",
        "вторник, 4 апреля 2017 г. в 03:30:00 UTC",
        "4 Nisan 2017 Salı 03:30:00 UTC",
        "terça-feira, 4 de abril de 2017 às 05:30:00 UTC+2",
    ],
)
def test_dates_in_words_are_read_in_many_languages(tmp_path: Path, date: str) -> None:
    content = json.dumps({"messages": [said(1, text="x") | {"created_date": date}]}).encode()
    (row,) = rows(tmp_path, content)
    assert row["earliest_us"] == row["latest_us"] == parse_iso("2017-04-04T03:30:00Z")[0]
    assert not row["defects"]


def test_a_date_without_a_zone_is_wide_and_one_not_read_is_none(tmp_path: Path) -> None:
    for date, width_us, defect in (
        ("4 April 2017 at 03:30:00", 26 * HOUR_US, Defect.AMBIGUOUS_DATE),
        ("once upon a time", None, Defect.BAD_DATE),
    ):
        content = json.dumps({"messages": [said(1, text="x") | {"created_date": date}]}).encode()
        (row,) = rows(tmp_path, content)
        is_dated = row["earliest_us"] is not None
        assert (row["latest_us"] - row["earliest_us"] if is_dated else None) == width_us
        assert Defect(row["defects"]) == defect
