"""signal-export's lines and text give the same records; its local times are not trusted."""

import json
from pathlib import Path
from typing import Any

from pastwatch.model.batch import Batch
from pastwatch.model.record import Defect, Kind
from pastwatch.stages.collect.connectors import jsonl, signal, whatsapp
from pastwatch.testing.connectors import ConnectorConformance

TEXT = (
    "[2017-04-04 06:30:00] Анна: мост at noon  \n"
    "[2017-04-04 06:31:00] Me: \n\n> мост at noon\n\nyes\nand the road  \n(- Анна: 👍, Omar: ❤ -)\n"
    "[2017-04-04 06:32:00] Анна: look  ![one.jpg](./media/one%20x.jpg)  \n"
    "[2017-04-04 06:33:00] Анна: (This message was deleted)\n"
    "[2017-04-04 06:34:00] Me: Outgoing voice call (accepted, 1m 1s)  \n"
    "[2017-04-04 06:35:00] Анна:   \n(( 🌉 ))\n"
    "[2017-04-04 06:36:00] No-Sender:   \n"
)


def line(minute: int, sender: str, body: str, **more: Any) -> dict[str, Any]:
    return {
        "date": f"2017-04-04T06:{minute}:00",
        "sender": sender,
        "body": body,
        "quote": "",
        "sticker": None,
        "reactions": [],
        "attachments": [],
        **more,
    }


LINES = [
    line(30, "Анна", "мост at noon  "),
    line(
        31,
        "Me",
        "yes\nand the road  ",
        quote="\n\n> мост at noon\n\n",
        reactions=[["Анна", "👍"], ["Omar", "❤"]],
    ),
    line(32, "Анна", "look  ", attachments=[{"name": "one.jpg", "path": "media/one%20x.jpg"}]),
    line(33, "Анна", "", deleted=True),
    line(34, "Me", "Outgoing voice call (accepted, 1m 1s)  "),
    line(35, "Анна", "  ", sticker={"emoji": "🌉", "id": "", "packId": "", "packKey": ""}),
    line(36, "No-Sender", "  "),
]


def lines(rows: list[dict[str, Any]]) -> bytes:
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows).encode()


class TestLines(ConnectorConformance):
    connector = signal.CONNECTOR
    suffix = ".json"

    def sample(self) -> bytes:
        return lines(LINES)


class TestText(ConnectorConformance):
    connector = signal.CONNECTOR
    suffix = ".md"

    def sample(self) -> bytes:
        return TEXT.encode()


def rows(path: Path, **options: str) -> list[dict[str, Any]]:
    found = signal.CONNECTOR.read(path, options)
    return [row for b in found if isinstance(b, Batch) for row in b.columns.to_pylist()]


def test_lines_and_text_give_the_same_records(tmp_path: Path) -> None:
    folder = tmp_path / "Plan"
    folder.mkdir()
    (folder / "data.json").write_bytes(lines(LINES))
    (folder / "chat.md").write_text(TEXT, encoding="utf-8")
    of_lines, of_text = (rows(folder / name, owner="Omar") for name in ("data.json", "chat.md"))
    for row in of_lines + of_text:
        del row["original"]
    assert of_lines == of_text
    assert [Kind(row["kind"]) for row in of_lines] == [
        Kind.SAID,
        Kind.SAID,
        Kind.SAID,
        Kind.DELETED,
        Kind.CALLED,
        Kind.SAID,
        Kind.NOTICE,
    ]
    assert {row["conversation"] for row in of_lines} == {"Plan"}
    assert of_lines[1]["sender_name"] == "Omar"
    assert of_lines[1]["text"] == "yes\nand the road"
    told = "quote: мост at noon\nreaction: Анна: 👍\nreaction: Omar: ❤"
    assert of_lines[1]["parts"][0]["text"] == told
    assert [part["name"] for part in of_lines[2]["parts"]] == ["one.jpg"]
    assert of_lines[6]["sender_name"] is None


def test_local_times_are_wide_until_the_zone_is_named(tmp_path: Path) -> None:
    path = tmp_path / "data.json"
    path.write_bytes(lines(LINES))
    assert all(Defect(row["defects"]) & Defect.AMBIGUOUS_DATE for row in rows(path))
    exact = rows(path, zone="Europe/Kyiv")[0]
    assert exact["earliest_us"] == exact["latest_us"] == 1491276600_000_000
    assert not exact["defects"]


def test_earlier_wordings_are_kept_beside_an_edit(tmp_path: Path) -> None:
    path = tmp_path / "data.json"
    edits = [{"date": "2017-04-04T06:29:00", "body": "most"}]
    path.write_bytes(lines([line(30, "Анна", "мост", edits=edits)]))
    (row,) = rows(path)
    assert Kind(row["kind"]) is Kind.EDITED
    assert row["parts"][0]["text"] == "earlier: 2017-04-04T06:29:00 most"


def test_it_knows_its_own_text_from_whatsapps() -> None:
    assert signal.CONNECTOR.recognises(Path("x"), TEXT.encode()) > 85
    assert signal.CONNECTOR.recognises(Path("x"), lines(LINES)) > 90
    assert jsonl.CONNECTOR.recognises(Path("data.json"), lines(LINES)) < 90
    for theirs in (
        "[2017-04-04, 06:30:00] Anna: \u200eimage omitted\n",
        "[2017-04-04 06:30:00] Anna: the bridge\n[2017-04-04 06:31:00] Omar: yes\n",
        "04/04/2017, 06:30 - Anna: hi\n",
    ):
        head = theirs.encode()
        own = signal.CONNECTOR.recognises(Path("chat.txt.bak"), head)
        assert own < whatsapp.CONNECTOR.recognises(Path("x.txt"), head)


def test_another_projects_sample_reads_as_it_reads_it(data_set: Any) -> None:
    folder = data_set("chat-exports") / "chat_exports/chat-miner/test/signal"
    path = folder / "test_export.txt"
    assert signal.CONNECTOR.recognises(path, path.read_bytes()) > 85
    read = rows(path, zone="UTC")
    target = sorted(json.loads((folder / "target.json").read_text()), key=lambda r: r["timestamp"])
    assert [(row["sender_name"], row["text"].replace("\n", " ")) for row in read] == [
        (one["author"], one["message"]) for one in target
    ]
    assert [row["earliest_us"] for row in read] == [1577190180_000_000, 1579297740_000_000]
    assert {row["latest_us"] - row["earliest_us"] for row in read} == {59_999_999}
